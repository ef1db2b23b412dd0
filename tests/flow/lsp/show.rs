//! Answers as people read them: JSON with ranges and long lists made short.

use dealflow::source::{Encoding, LineIndex};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::Write as _;

type Texts<'a> = BTreeMap<String, (&'a str, Encoding)>;

/// A message that the server sent.
pub(super) fn message(message: &Value, texts: &Texts<'_>) -> String {
    if let Some(error) = message.get("error") {
        return format!("error {}: {}", error["code"], error["message"].as_str().unwrap());
    }
    if let Some(result) = message.get("result") {
        return result_of(result, texts);
    }
    let (method, params) = (message["method"].as_str().unwrap(), &message["params"]);
    if method == "textDocument/publishDiagnostics" {
        let uri = params["uri"].as_str().unwrap();
        let version = params.get("version").map_or(String::new(), |version| format!(" version {version}"));
        let found = params["diagnostics"].as_array().unwrap();
        let mut out = format!("diagnostics of {}{version}: {}\n", short(uri), found.len());
        for one in found {
            write!(out, "  {}\n{}", title(one, uri, texts), details(one, texts)).unwrap();
        }
        return out;
    }
    format!("{method}\n{}", tree(params, "", texts))
}

fn result_of(result: &Value, texts: &Texts<'_>) -> String {
    if let Some(items) = result.get("items").and_then(Value::as_array).filter(|_| result.get("isIncomplete").is_some())
    {
        let mut out = format!("{} candidates\n", items.len());
        // Enough to see what comes first; a test that wants more types more letters.
        for item in items.iter().take(12) {
            out.push_str(&candidate(item));
        }
        if items.len() > 12 {
            out.push_str("  …\n");
        }
        return out;
    }
    tree(result, "", texts)
}

fn candidate(item: &Value) -> String {
    let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or("");
    let mut line = format!("  {}", text("label"));
    let new = item["textEdit"]["newText"].as_str().unwrap_or("");
    if new != text("label") {
        write!(line, " → {new:?}").unwrap();
    }
    if !text("detail").is_empty() {
        write!(line, " — {}", text("detail")).unwrap();
    }
    line + "\n"
}

/// `E0203 error 3:17-3:26 "Invioce"`
fn title(diagnostic: &Value, uri: &str, texts: &Texts<'_>) -> String {
    let severity = if diagnostic["severity"] == 1 { "error" } else { "warning" };
    let place = range(&diagnostic["range"], Some(uri), texts);
    format!("{} {severity} {place}", diagnostic["code"].as_str().unwrap())
}

fn details(diagnostic: &Value, texts: &Texts<'_>) -> String {
    let mut out = String::new();
    for line in diagnostic["message"].as_str().unwrap().lines() {
        writeln!(out, "    {line}").unwrap();
    }
    if let Some(page) = diagnostic.pointer("/codeDescription/href") {
        writeln!(out, "    see {}", page.as_str().unwrap()).unwrap();
    }
    for tag in diagnostic.get("tags").and_then(Value::as_array).into_iter().flatten() {
        writeln!(out, "    tag {}", if tag == 1 { "unnecessary" } else { "deprecated" }).unwrap();
    }
    for related in diagnostic.get("relatedInformation").and_then(Value::as_array).into_iter().flatten() {
        let uri = related["location"]["uri"].as_str().unwrap();
        let place = range(&related["location"]["range"], Some(uri), texts);
        writeln!(out, "    {} {place}: {}", short(uri), related["message"].as_str().unwrap()).unwrap();
    }
    out
}

fn short(uri: &str) -> &str {
    uri.strip_prefix("file:///w/").unwrap_or(uri)
}

/// `3:17-3:26 "Invioce"`, from 1; the text where it is known and on one line.
fn range(range: &Value, uri: Option<&str>, texts: &Texts<'_>) -> String {
    let place = |end: &str, part: &str| u32::try_from(range[end][part].as_u64().unwrap()).unwrap();
    let (l1, c1, l2, c2) =
        (place("start", "line"), place("start", "character"), place("end", "line"), place("end", "character"));
    let shown = format!("{}:{}-{}:{}", l1 + 1, c1 + 1, l2 + 1, c2 + 1);
    let Some((text, encoding)) = uri.and_then(|uri| texts.get(uri)) else { return shown };
    let lines = LineIndex::new(text);
    let offset = |line, column| lines.offset(text, line, column, *encoding) as usize;
    match text.get(offset(l1, c1)..offset(l2, c2)) {
        Some(part) if l1 == l2 && !part.is_empty() => format!("{shown} {part:?}"),
        _ => shown,
    }
}

fn is_range(value: &Value) -> bool {
    value.get("start").is_some_and(|start| start.get("line").is_some()) && value.get("end").is_some()
}

/// JSON as an outline.
fn tree(value: &Value, indent: &str, texts: &Texts<'_>) -> String {
    within(value, indent, None, texts)
}

fn within(value: &Value, indent: &str, uri: Option<&str>, texts: &Texts<'_>) -> String {
    match value {
        Value::Null => format!("{indent}nothing\n"),
        Value::String(text) if text.contains('\n') => {
            let lines: Vec<String> = text.lines().map(|line| format!("{indent}| {line}\n")).collect();
            lines.concat()
        }
        Value::String(text) => format!("{indent}{}\n", short(text)),
        Value::Bool(_) | Value::Number(_) => format!("{indent}{value}\n"),
        Value::Array(items) if items.is_empty() => format!("{indent}none\n"),
        Value::Array(items) if items.iter().all(Value::is_u64) => format!("{indent}{value}\n"),
        Value::Array(items) => {
            let inner = format!("{indent}  ");
            let shown: Vec<String> =
                items.iter().map(|item| format!("{indent}-\n{}", within(item, &inner, uri, texts))).collect();
            shown.concat()
        }
        Value::Object(_) if is_range(value) => format!("{indent}{}\n", range(value, uri, texts)),
        Value::Object(object) => members(object, indent, uri, texts),
    }
}

fn members(object: &Map<String, Value>, indent: &str, uri: Option<&str>, texts: &Texts<'_>) -> String {
    let own = ["uri", "targetUri"].iter().find_map(|key| object.get(*key)?.as_str());
    let document = object.get("textDocument").and_then(|document| document.get("uri")?.as_str());
    let uri = own.or(document).or(uri);
    let mut out = String::new();
    for (key, value) in object {
        let inner = if key.starts_with("file:") { Some(key.as_str()) } else { uri };
        let shown = within(value, &format!("{indent}  "), inner, texts);
        let one_line = shown.lines().count() == 1 && !value.is_array();
        if one_line {
            writeln!(out, "{indent}{}: {}", short(key), shown.trim()).unwrap();
        } else {
            write!(out, "{indent}{}:\n{shown}", short(key)).unwrap();
        }
    }
    out
}

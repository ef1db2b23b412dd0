//! Somebody types and deletes examples, and asks for everything at each step.

use super::session::{Disk, uri, usual};
use dealflow::ide::Workspace;
use dealflow::lsp::Server;
use dealflow::pipeline::Texts;
use dealflow::source::{Encoding, FileId, LineIndex};
use lsp_server::{Message, Notification, Request};
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../../examples/invoice/crm.toml");
const LINE: &str = include_str!("../../../examples/invoice/legal.flow");
const RULES: &str = include_str!("../../../examples/invoice/rules.flow");

struct Typist {
    server: Server<Disk>,
    version: i32,
    asked: i32,
}

impl Typist {
    fn new() -> Self {
        let disk = Disk::default();
        disk.put("crm.toml", SCHEMA);
        disk.put("a.flow", "");
        let mut typist = Self { server: Server::new(disk), version: 1, asked: 0 };
        typist.ask("initialize", usual());
        let document = json!({ "uri": uri("a.flow"), "languageId": "flow", "version": 1, "text": "" });
        typist.tell("textDocument/didOpen", json!({ "textDocument": document }));
        typist
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let request = Request { id: self.asked.into(), method: method.to_owned(), params };
        let answers = self.server.handle(Message::Request(request));
        assert_eq!(answers.len(), 1, "{method}");
        serde_json::to_value(&answers[0]).unwrap()
    }

    fn tell(&mut self, method: &str, params: Value) {
        let notification = Notification { method: method.to_owned(), params };
        let answers = self.server.handle(Message::Notification(notification));
        assert!(answers.is_empty(), "{method}: {answers:?}");
    }

    /// Replaces a part of the text and asks for everything at the place of the change.
    fn step(&mut self, before: &str, part: std::ops::Range<usize>, new: &str, after: &str) {
        self.version += 1;
        let change =
            json!({ "range": { "start": place(before, part.start), "end": place(before, part.end) }, "text": new });
        let document = json!({ "uri": uri("a.flow"), "version": self.version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
        self.everything(after, part.start + new.len());
        for message in self.server.settle() {
            let message = serde_json::to_value(message).unwrap();
            if message["params"]["uri"] == uri("a.flow").as_str() {
                assert_eq!(message["params"]["version"], self.version, "a wrong version");
                inside(&message["params"]["diagnostics"], after, "diagnostics");
            }
        }
    }

    fn everything(&mut self, text: &str, at: usize) {
        let here = place(text, at);
        let mut params = json!({
            "textDocument": { "uri": uri("a.flow") },
            "position": here,
            "positions": [here],
            "range": { "start": here, "end": here },
            "context": { "diagnostics": [], "includeDeclaration": true },
            "options": { "tabSize": 2, "insertSpaces": true },
            "newName": "other",
            "ch": ";",
            "query": "a",
        });
        for method in [
            "completion",
            "hover",
            "signatureHelp",
            "definition",
            "references",
            "documentHighlight",
            "prepareRename",
            "rename",
            "onTypeFormatting",
            "rangeFormatting",
            "documentSymbol",
            "foldingRange",
            "selectionRange",
            "semanticTokens/full",
            "codeLens",
            "codeAction",
            "diagnostic",
        ] {
            let answer = self.ask(&format!("textDocument/{method}"), params.clone());
            // A name that cannot be renamed is refused; nothing else is.
            let refused = answer["error"]["code"] == -32803 && method.to_lowercase().contains("rename");
            assert!(answer.get("error").is_none() || refused, "{method}: {answer}\n{text}");
            inside(&answer["result"], text, method);
        }
        params["range"] = json!({ "start": place(text, 0), "end": place(text, text.len()) });
        let answer = self.ask("textDocument/inlayHint", params);
        assert!(answer.get("error").is_none(), "{answer}");
    }
}

fn place(text: &str, offset: usize) -> Value {
    let (line, character) = LineIndex::new(text).position(text, u32::try_from(offset).unwrap(), Encoding::Utf16);
    json!({ "line": line, "character": character })
}

/// Every range of an answer about the text lies in it, and does not end before it begins.
fn inside(value: &Value, text: &str, what: &str) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| inside(item, text, what)),
        Value::Object(object) => {
            // Places in other files are not checked here.
            if object.get("uri").is_some_and(|other| *other != uri("a.flow").as_str()) {
                return;
            }
            let edited = object.get("textDocument").and_then(|d| d.get("version"));
            assert!(edited.is_none_or(|version| version.is_i64() || version.is_null()), "{what}");
            if let (Some(start), Some(end)) = (object.get("start"), object.get("end")) {
                let number = |at: &Value, key: &str| u32::try_from(at[key].as_u64().unwrap()).unwrap();
                let lines = LineIndex::new(text);
                let offset = |at: &Value| {
                    let (line, column) = (number(at, "line"), number(at, "character"));
                    let offset = lines.offset(text, line, column, Encoding::Utf16);
                    let back = lines.position(text, offset, Encoding::Utf16);
                    assert_eq!(back, (line, column), "{what}: a place that is not in the text\n{text}");
                    offset
                };
                assert!(offset(start) <= offset(end), "{what}");
            }
            object.values().for_each(|value| inside(value, text, what));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Types a text in pieces of so many letters, each piece at the end, and takes it back the same way.
fn type_and_delete(text: &str, letters: usize) {
    let mut typist = Typist::new();
    let mut now = String::new();
    let pieces: Vec<String> =
        text.chars().collect::<Vec<_>>().chunks(letters).map(|piece| piece.iter().collect()).collect();
    for piece in &pieces {
        let after = format!("{now}{piece}");
        typist.step(&now, now.len()..now.len(), piece, &after);
        now = after;
    }
    for piece in pieces.iter().rev() {
        let after = now[..now.len() - piece.len()].to_owned();
        typist.step(&now, after.len()..now.len(), "", &after);
        now = after;
    }
}

#[test]
fn everything_is_answered_while_the_users_line_is_typed() {
    type_and_delete(LINE.lines().next_back().unwrap(), 1);
}

#[test]
fn everything_is_answered_while_an_example_is_typed_by_words() {
    type_and_delete(&RULES.chars().take(900).collect::<String>(), 6);
}

/// A small stream of numbers, the same each time.
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap()
}

#[test]
fn what_is_kept_from_before_is_what_is_found_anew() {
    let files = [
        ("crm.toml", SCHEMA),
        (
            "a.flow",
            "use \"b.flow\";\nrule \"A\" on deal created { do f(deal); log \"{g(1)}\"; set deal.amount = $c; }\n",
        ),
        (
            "b.flow",
            "const $c = 5 PLN;\nfn f($d: deal) { set $d.priority = High; }\nfn g($x: int) -> int { return $x; }\n",
        ),
        ("c.flow", "rule \"C\" on deal changed amount { set deal.amount = deal.amount + 1 PLN; }\n"),
        (
            "d.flow",
            "use \"b.flow\";\nrule \"A\" on lead created { wait until lead.status in [Won]; let $x = g(lead.score); }\n",
        ),
    ];
    // Pieces that come and go; most leave something wrong.
    let pieces = [
        "$",
        "fn g($y: int) { stop; }\n",
        "\"",
        "}",
        "deal",
        "use \"c.flow\";\n",
        ";",
        "{",
        "// flow: allow(endless-wait) so\n",
    ];
    let mut texts: Vec<String> = files.iter().map(|(_, text)| (*text).to_owned()).collect();
    let fresh = |texts: &[String]| {
        let mut all = Texts::default();
        for ((name, _), text) in files.iter().zip(texts) {
            let file = all.sources.add(name, text);
            if *name == "crm.toml" { all.schema = Some(file) } else { all.scripts.push(file) }
        }
        all
    };
    let mut workspace = Workspace::new(fresh(&texts));
    let mut state = 7;
    for step in 0..160 {
        let at = random(&mut state) % texts.len();
        if step % 5 == 4 {
            files[at].1.clone_into(&mut texts[at]);
        } else {
            let mut place = random(&mut state) % (texts[at].len() + 1);
            while !texts[at].is_char_boundary(place) {
                place -= 1;
            }
            texts[at].insert_str(place, pieces[random(&mut state) % pieces.len()]);
        }
        workspace.set(FileId(u32::try_from(at).unwrap()), &texts[at]);
        workspace.refresh();
        let anew = fresh(&texts).parse().check();
        let kept: Vec<_> = anew.sources.iter().flat_map(|(file, _)| workspace.diagnostics(file).to_vec()).collect();
        assert_eq!(kept, anew.diagnostics, "step {step}, after a change of {}:\n{}", files[at].0, texts[at]);
    }
}

//! Functions over texts.

use super::spec::{Answer, FnType, FunctionSpec, OnMissing, example, optional, param, wrong};
use super::{Env, Func, formatted, human};
use crate::value::{MAX_WEIGHT, Value};

pub(super) const UPPER: FunctionSpec = FunctionSpec {
    name: "upper",
    func: Func::Upper,
    params: &[param("text", FnType::Text)],
    result: FnType::Text,
    missing: OnMissing::Missing,
    doc: "The text in capital letters.",
    examples: &[example(r#"upper("Łódź")"#, r#""ŁÓDŹ""#)],
    body: |args, _| match args {
        [Value::Text(text)] => Ok(Value::text(&text.to_uppercase())),
        _ => wrong("upper", args),
    },
};

pub(super) const LOWER: FunctionSpec = FunctionSpec {
    name: "lower",
    func: Func::Lower,
    params: &[param("text", FnType::Text)],
    result: FnType::Text,
    missing: OnMissing::Missing,
    doc: "The text in small letters.",
    examples: &[example(r#"lower("ACME")"#, r#""acme""#)],
    body: |args, _| match args {
        [Value::Text(text)] => Ok(Value::text(&text.to_lowercase())),
        _ => wrong("lower", args),
    },
};

pub(super) const TRIM: FunctionSpec = FunctionSpec {
    name: "trim",
    func: Func::Trim,
    params: &[param("text", FnType::Text)],
    result: FnType::Text,
    missing: OnMissing::Missing,
    doc: "The text without spaces and line ends around it.",
    examples: &[example(r#"trim("  ACME ")"#, r#""ACME""#)],
    body: |args, _| match args {
        [Value::Text(text)] => Ok(Value::text(text.trim())),
        _ => wrong("trim", args),
    },
};

pub(super) const LEN: FunctionSpec = FunctionSpec {
    name: "len",
    func: Func::Len,
    params: &[param("value", FnType::TextOrList)],
    result: FnType::Int,
    missing: OnMissing::Missing,
    doc: "How many characters a text has, or how many elements a list.",
    examples: &[example(r#"len("Łódź")"#, "4"), example("len([1, 2, 3])", "3")],
    body: |args, _| match args {
        [Value::Text(text)] => Ok(count(text.chars().count())),
        [Value::List(items)] => Ok(count(items.len())),
        _ => wrong("len", args),
    },
};

pub(super) const REPLACE: FunctionSpec = FunctionSpec {
    name: "replace",
    func: Func::Replace,
    params: &[param("text", FnType::Text), param("from", FnType::Text), param("to", FnType::Text)],
    result: FnType::Text,
    missing: OnMissing::Missing,
    doc: "The text with every `from` replaced by `to`; unchanged when `from` is empty.",
    examples: &[
        example(r#"replace("a-b-c", "-", "+")"#, r#""a+b+c""#),
        example(r#"replace("abc", "", "x")"#, r#""abc""#),
    ],
    body: replace,
};

pub(super) const SPLIT: FunctionSpec = FunctionSpec {
    name: "split",
    func: Func::Split,
    params: &[param("text", FnType::Text), param("separator", FnType::Text)],
    result: FnType::ListOf(&FnType::Text),
    missing: OnMissing::Missing,
    doc: "The parts of the text between the separators, without spaces around them; no parts for an empty text.",
    examples: &[example(r#"split("a, b,c", ",")"#, r#"["a", "b", "c"]"#), example(r#"split("", ",")"#, "[]")],
    body: |args, _| match args {
        [Value::Text(text), Value::Text(_)] if text.trim().is_empty() => Ok(Value::list(Vec::new())),
        [Value::Text(text), Value::Text(separator)] if separator.is_empty() => Ok(Value::list(vec![Value::text(text)])),
        [Value::Text(text), Value::Text(separator)] => {
            Ok(Value::list(text.split(&**separator).map(|part| Value::text(part.trim())).collect()))
        }
        _ => wrong("split", args),
    },
};

pub(super) const JOIN: FunctionSpec = FunctionSpec {
    name: "join",
    func: Func::Join,
    params: &[param("list", FnType::ListOf(&FnType::Any)), optional("separator", FnType::Text)],
    result: FnType::Text,
    missing: OnMissing::Missing,
    doc: "The elements as people read them in one text, with the separator (a comma and a space) between them; missing elements are left out.",
    examples: &[example("join([1, null, 2])", r#""1, 2""#), example(r#"join(["a", "b"], "/")"#, r#""a/b""#)],
    body: join,
};

pub(super) const PRINT: FunctionSpec = FunctionSpec {
    name: "print",
    func: Func::Print,
    params: &[param("value", FnType::Any)],
    result: FnType::Text,
    missing: OnMissing::Handled,
    doc: "Any value as people read it; a dash for a missing one.",
    examples: &[
        example("print(12500.5 PLN)", r#""12500.50 PLN""#),
        example("print(2026-03-02T09:00)", r#""2026-03-02 09:00""#),
        example(r#"print(user "anna")"#, r#""Anna Nowak""#),
        example("print(true)", r#""yes""#),
        example("print(2h30min)", r#""2 hours 30 minutes""#),
        example("print(null)", r#""—""#),
    ],
    body: |args, env| match args {
        [value] => Ok(Value::text(&human(value, env))),
        _ => wrong("print", args),
    },
};

pub(super) const FORMAT: FunctionSpec = FunctionSpec {
    name: "format",
    func: Func::Format,
    params: &[param("value", FnType::Any), param("format", FnType::Format)],
    result: FnType::Text,
    missing: OnMissing::Handled,
    doc: "The value in one of the formats that may stand after a colon in a text.",
    examples: &[
        example(r#"format(2026-03-02, "long")"#, r#""2 March 2026""#),
        example(r#"format(12 PLN, "0.00")"#, r#""12.00 PLN""#),
    ],
    body: |args, env| match args {
        [value, Value::Text(name)] => formatted(value, name, env).map(|text| Value::text(&text)),
        _ => wrong("format", args),
    },
};

fn count(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Counts before it builds: a few large texts must not make one that does not fit into memory.
fn replace(args: &[Value], _: &Env<'_>) -> Answer {
    let [Value::Text(text), Value::Text(from), Value::Text(to)] = args else { return wrong("replace", args) };
    if from.is_empty() {
        return Ok(Value::Text(text.clone()));
    }
    let added = text.matches(&**from).count().saturating_mul(to.len());
    if added > MAX_WEIGHT {
        return Err("the result of `replace` is too large".to_owned());
    }
    Ok(Value::text(&text.replace(&**from, to)))
}

fn join(args: &[Value], env: &Env<'_>) -> Answer {
    let (items, separator) = match args {
        [Value::List(items)] => (items, ", "),
        [Value::List(items), Value::Text(separator)] => (items, &**separator),
        _ => return wrong("join", args),
    };
    let mut out = String::new();
    for (i, item) in items.iter().filter(|item| **item != Value::Missing).enumerate() {
        out.push_str(if i == 0 { "" } else { separator });
        out.push_str(&human(item, env));
        if out.len() > MAX_WEIGHT {
            return Err("the result of `join` is too large".to_owned());
        }
    }
    Ok(Value::text(&out))
}

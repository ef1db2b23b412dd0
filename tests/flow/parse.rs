//! `dealflow parse`: trees as text and as JSON, also of broken scripts.

use crate::cli::{dealflow, stdout};
use dealflow::source::FileId;
use dealflow::syntax::{self, json};
use serde_json::Value as Json;
use std::fmt::Write as _;

/// The pretty form, with places on one line.
fn pretty(tree: &Json) -> String {
    let text = serde_json::to_string_pretty(tree).unwrap();
    let mut lines = text.lines();
    let mut out = String::new();
    while let Some(line) = lines.next() {
        out.push_str(line);
        if line.ends_with("\"span\": [") {
            let (from, to, end) = (lines.next().unwrap(), lines.next().unwrap(), lines.next().unwrap());
            write!(out, "{} {}{}", from.trim(), to.trim(), end.trim()).unwrap();
        }
        out.push('\n');
    }
    out
}

/// Every node of the tree, the root first.
fn walk<'t>(tree: &'t Json, visit: &mut impl FnMut(&'t serde_json::Map<String, Json>)) {
    match tree {
        Json::Object(node) => {
            visit(node);
            node.values().for_each(|part| walk(part, visit));
        }
        Json::Array(parts) => parts.iter().for_each(|part| walk(part, visit)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn place(node: &serde_json::Map<String, Json>) -> Option<(usize, usize)> {
    let span = node.get("span")?.as_array()?;
    let at = |i: usize| span.get(i).and_then(Json::as_u64).and_then(|n| usize::try_from(n).ok());
    Some((at(0)?, at(1)?))
}

#[test]
fn places_and_texts_agree_with_the_script() {
    insta::glob!("../data", "{syntax,errors,format,run}/*.flow", |path| {
        let source = std::fs::read_to_string(path).unwrap();
        let parse = syntax::parse(&source, FileId(0));
        let tree = json::tree(&parse.file, &source);
        let mut errors = 0;
        walk(&tree, &mut |node| {
            if let Some((start, end)) = place(node) {
                let text = source.get(start..end).unwrap_or_else(|| panic!("{start}..{end} is no place in {path:?}"));
                if let Some(said) = node.get("text") {
                    assert_eq!(said.as_str(), Some(text));
                }
            }
            if node.contains_key("kind") && !node.contains_key("span") {
                assert!(matches!(node["kind"].as_str(), Some("," | "or" | "and")), "{node:?} has no place");
            }
            errors += usize::from(node.get("kind").and_then(Json::as_str) == Some("error"));
        });
        assert!(errors == 0 || !parse.diagnostics.is_empty(), "an error node and no report in {path:?}");
    });
}

/// A part lies inside the node that it is a part of.
#[test]
fn parts_lie_inside_their_node() {
    fn inside(tree: &Json, outer: (usize, usize), path: &std::path::Path) {
        match tree {
            Json::Object(node) => {
                let own = place(node);
                if let Some((start, end)) = own {
                    assert!(outer.0 <= start && end <= outer.1, "{node:?} leaves {outer:?} in {path:?}");
                }
                node.values().for_each(|part| inside(part, own.unwrap_or(outer), path));
            }
            Json::Array(parts) => parts.iter().for_each(|part| inside(part, outer, path)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
    insta::glob!("../data", "{syntax,format,run}/*.flow", |path| {
        let source = std::fs::read_to_string(path).unwrap();
        let parse = syntax::parse(&source, FileId(0));
        inside(&json::tree(&parse.file, &source), (0, source.len()), path);
    });
}

#[test]
fn the_users_line_as_json() {
    let output = dealflow(&["parse", "tests/data/syntax/01_users_line.flow", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output).lines().count(), 1);
    insta::assert_snapshot!(pretty(&serde_json::from_str(&stdout(&output)).unwrap()));
}

#[test]
fn a_broken_script_has_a_tree_and_reports() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("broken.flow");
    std::fs::write(&file, "on deal created {\n  log \"one\"\n  log \"two\";\n  let 5 = x;\n  stop;\n}\n").unwrap();
    let file = file.to_str().unwrap();
    let tree = dealflow(&["parse", file]);
    let json = dealflow(&["parse", file, "--format", "json"]);
    for output in [&tree, &json] {
        assert_eq!(output.status.code(), Some(1));
    }
    let parsed: Json = serde_json::from_str(&stdout(&json)).unwrap();
    let mut kinds = Vec::new();
    walk(&parsed, &mut |node| kinds.extend(node.get("kind").and_then(Json::as_str)));
    assert!(kinds.contains(&"error"), "{kinds:?}");
    let reports = String::from_utf8_lossy(&tree.stderr).replace(&*dir.path().to_string_lossy(), "DIR");
    insta::assert_snapshot!(format!("{}--- stderr\n{reports}", stdout(&tree)));
}

#[test]
fn what_is_not_there_is_wrong_use() {
    assert_eq!(dealflow(&["parse", "no/such.flow"]).status.code(), Some(2));
    assert_eq!(dealflow(&["parse", "a.flow", "--format", "xml"]).status.code(), Some(2));
}

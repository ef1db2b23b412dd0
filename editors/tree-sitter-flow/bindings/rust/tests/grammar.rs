//! The corpus, the project's own scripts, and the queries.

use std::path::{Path, PathBuf};
use tree_sitter::{Node, Parser, Query};

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_flow::LANGUAGE.into()).unwrap();
    parser
}

fn files(dir: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
    found.sort();
}

fn wrong(node: Node<'_>, found: &mut Vec<String>) {
    if node.is_error() || node.is_missing() {
        let at = node.start_position();
        found.push(format!("{}:{} {}", at.row + 1, at.column + 1, node.to_sexp()));
    }
    for child in node.children(&mut node.walk()) {
        if child.has_error() {
            wrong(child, found);
        }
    }
}

fn mistakes(text: &str) -> Vec<String> {
    let tree = parser().parse(text, None).unwrap();
    let mut found = Vec::new();
    wrong(tree.root_node(), &mut found);
    found
}

/// An s-expression with one blank wherever there is any.
fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" )", ")")
}

/// The tests of a corpus file: name, script, tree.
fn corpus(text: &str) -> Vec<(String, String, String)> {
    let mut tests = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find("====\n") {
        let (_, after) = rest.split_at(begin + 5);
        let (name, after) = after.split_once("\n====").expect("a second line of `=`");
        let (_, after) = after.split_once('\n').unwrap();
        let (script, after) = after.split_once("\n---\n").expect("a line `---`");
        let end = after.find("\n====").map_or(after.len(), |at| at + 1);
        tests.push((name.to_owned(), script.to_owned(), normal(&after[..end])));
        rest = &after[end..];
    }
    tests
}

#[test]
fn the_corpus_is_read_as_written() {
    let mut found = Vec::new();
    files(&here().join("test/corpus"), "txt", &mut found);
    let mut count = 0;
    for path in found {
        for (name, script, wanted) in corpus(&std::fs::read_to_string(&path).unwrap()) {
            let tree = parser().parse(&script, None).unwrap();
            assert_eq!(tree.root_node().to_sexp(), wanted, "{name} in {}\n{script}", path.display());
            count += 1;
        }
    }
    assert!(count > 20, "only {count} tests in the corpus");
}

#[test]
fn the_scripts_of_the_project_are_read_without_a_mistake() {
    let project = here().join("../..");
    let mut found = Vec::new();
    for dir in
        ["examples", "src/cli/template", "tests/data/run", "tests/data/syntax", "tests/data/format", "tests/data/lints"]
    {
        files(&project.join(dir), "flow", &mut found);
    }
    assert!(found.len() > 40, "only {} scripts found", found.len());
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(mistakes(&text), Vec::<String>::new(), "{}", path.display());
    }
}

#[test]
fn the_scripts_of_the_manual_are_read_without_a_mistake() {
    let mut pages = Vec::new();
    files(&here().join("../../reference"), "md", &mut pages);
    let mut count = 0;
    for path in pages {
        let page = std::fs::read_to_string(&path).unwrap();
        for block in page.split("```flow\n").skip(1) {
            let script = block.split("```").next().unwrap();
            let item = ["rule", "on", "every", "flow", "fn", "const", "use", "test", "///"];
            let whole = script.lines().any(|line| item.iter().any(|word| line.starts_with(word)));
            let text = if whole { script.to_owned() } else { format!("on deal created {{\n{script}}}\n") };
            assert_eq!(mistakes(&text), Vec::<String>::new(), "{}\n{text}", path.display());
            count += 1;
        }
    }
    assert!(count > 50, "only {count} scripts in the manual");
}

#[test]
fn a_mistake_is_seen_and_the_rest_is_read() {
    let text = "on deal created { notify deal.owner; let = ; stop; }\non lead created { stop; }\n";
    let tree = parser().parse(text, None).unwrap();
    let root = tree.root_node();
    assert!(root.has_error());
    let last = root.child(root.child_count() as u32 - 1).unwrap();
    assert_eq!((last.kind(), last.has_error()), ("rule", false));
}

#[test]
fn the_queries_fit_the_grammar() {
    let mut found = Vec::new();
    for dir in ["queries", "../helix/queries", "../neovim/queries", "../zed/languages"] {
        files(&here().join(dir), "scm", &mut found);
    }
    assert!(found.len() > 8, "only {} queries found", found.len());
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        if let Err(error) = Query::new(&tree_sitter_flow::LANGUAGE.into(), &text) {
            panic!("{}: {error}", path.display());
        }
    }
}

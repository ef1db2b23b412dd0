//! The lists of words in the grammars for editors are those of the lexer and the catalogue.
//!
//! A line with `words: NAME` begins a list in a file of `editors/`, one with `end of words` ends it; in JSON the list is
//! the first group of words of the next line. `just bless` writes them again.

use dealflow::catalog;
use dealflow::syntax::token::{NOUNS, Token, VERBS, WORDS};
use std::path::{Path, PathBuf};

/// Where a line of a list ends.
const WIDTH: usize = 110;

/// Words that are only special in their place: in the head of a rule, in `find`, after `retry`.
const CLAUSES: &[&str] = &["once", "per", "each", "time", "one", "restart"];
const PARTS: &[&str] = &["order", "desc", "limit", "times", "pausing"];

/// Files with lists.
const FILES: &[&str] = &[
    "emacs/flow-mode.el",
    "tree-sitter-flow/queries/highlights.scm",
    "tree-sitter-flow/src/words.h",
    "vim/syntax/flow.vim",
    "vscode/syntaxes/flow.tmLanguage.json",
];

/// Queries of other editors that are made of the one in `tree-sitter-flow`, with what they call colours.
const COPIES: &[(&str, &[(&str, &str)])] = &[
    ("neovim/queries/flow/highlights.scm", &[]),
    ("zed/languages/flow/highlights.scm", &[]),
    (
        "helix/queries/flow/highlights.scm",
        &[
            ("number", "constant.numeric"),
            ("boolean", "constant.builtin.boolean"),
            ("property", "variable.other.member"),
            ("string.escape", "constant.character.escape"),
            ("comment.documentation", "comment.line.documentation"),
        ],
    ),
];

fn editors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("editors")
}

fn read(path: &str) -> String {
    let path = editors().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn between(first: Token, last: Token) -> Vec<&'static str> {
    WORDS.iter().filter(|(_, token)| (first..=last).contains(token)).map(|(word, _)| *word).collect()
}

/// The list of this name.
fn words(name: &str) -> Vec<&'static str> {
    let with = |kinds: &dyn Fn(Token) -> bool| {
        let words = WORDS.iter().filter(|(_, token)| kinds(*token)).map(|(word, _)| *word);
        words.collect::<Vec<_>>()
    };
    match name {
        "verbs" => VERBS.to_vec(),
        "items" => between(Token::Rule, Token::Test),
        "statements" => between(Token::Let, Token::Expect),
        "operators" => between(Token::Or, Token::Default),
        "values" => between(Token::True, Token::Null),
        "prepositions" => between(Token::To, Token::Of),
        "reserved" => with(&|_| true),
        "starters" => [VERBS.to_vec(), with(&|t| t.starts_item() || t.starts_statement())].concat(),
        "no events" => {
            let clauses = with(&|t| matches!(t, Token::If | Token::While | Token::For | Token::With));
            let joins = with(&|t| matches!(t, Token::Or | Token::And | Token::In));
            [clauses, joins, words("prepositions"), CLAUSES.to_vec()].concat()
        }
        "clauses" => CLAUSES.to_vec(),
        "parts" => PARTS.to_vec(),
        "nouns" => NOUNS.to_vec(),
        "functions" => catalog::functions().iter().map(|f| f.name).collect(),
        other => panic!("no list is called `{other}`"),
    }
}

/// A list as lines of a file of this kind; `rest` is what its marker says after the name.
fn lines(ending: &str, words: &[&str], rest: &str, indent: &str) -> Vec<String> {
    let (first, quote, after) = match ending {
        "vim" => (format!("syntax keyword {rest}"), "", ""),
        "h" => (String::new(), "\"", ","),
        _ => (String::new(), "\"", ""),
    };
    let begin = format!("{indent}{first}");
    let mut lines = Vec::new();
    let mut line = begin.clone();
    for word in words {
        let piece = format!("{quote}{word}{quote}{after}");
        if line.len() + piece.len() >= WIDTH {
            lines.push(std::mem::replace(&mut line, begin.clone()));
        }
        if !line.trim().is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
        line.push_str(&piece);
    }
    lines.push(line);
    lines
}

/// The first group of words, `(?:a|b)`, of a regular expression replaced.
fn regroup(line: &str, words: &[&str]) -> String {
    let mut from = 0;
    while let Some(at) = line[from..].find("(?:").map(|at| at + from + 3) {
        let length = line[at..].find(')').expect("a group ends");
        if line[at..at + length].chars().all(|c| c.is_ascii_lowercase() || matches!(c, '|' | '_')) {
            return format!("{}{}{}", &line[..at], words.join("|"), &line[at + length..]);
        }
        from = at;
    }
    panic!("no group of words in {line}")
}

/// The text with every list as it should be.
fn renewed(path: &str, text: &str) -> String {
    let ending = path.rsplit('.').next().unwrap();
    let mut out: Vec<String> = Vec::new();
    let mut all = text.lines();
    while let Some(line) = all.next() {
        out.push(line.to_owned());
        let Some((before, marker)) = line.split_once("words: ") else { continue };
        if before.ends_with(char::is_alphabetic) {
            continue;
        }
        let marker = marker.trim_end_matches(['"', ',', ' ', '*', '/']);
        let (name, rest) = marker.split_once(" as ").unwrap_or((marker, ""));
        let list = words(name);
        if ending == "json" {
            out.push(regroup(all.next().expect("a line after the marker"), &list));
            continue;
        }
        let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
        out.extend(lines(ending, &list, rest, &indent));
        let end = all.by_ref().find(|line| line.contains("end of words"));
        out.push(end.unwrap_or_else(|| panic!("{path}: the list of {name} does not end")).to_owned());
    }
    out.join("\n") + "\n"
}

/// Writes what is stale when snapshots are accepted; says whether it was stale and is so still.
fn is_stale(path: &str, text: &str, wanted: &str) -> bool {
    let bless = std::env::var("INSTA_UPDATE").is_ok_and(|v| v == "always");
    if text != wanted && bless {
        std::fs::write(editors().join(path), wanted).unwrap();
    }
    text != wanted && !bless
}

#[test]
fn the_words_of_the_grammars_are_those_of_the_language() {
    let stale = |path: &&str| {
        let text = read(path);
        is_stale(path, &text, &renewed(path, &text))
    };
    let stale: Vec<_> = FILES.iter().filter(|path| stale(path)).collect();
    assert!(stale.is_empty(), "stale lists of words in editors/: {stale:?}; `just bless` writes them again");
}

#[test]
fn the_queries_of_all_editors_are_one() {
    let source = "tree-sitter-flow/queries/highlights.scm";
    let text = renewed(source, &read(source));
    let head = format!("; Written by a test of the project, from {source}.\n");
    let stale = |(path, names): &&(&str, &[(&str, &str)])| {
        // A name of a colour ends with its line, or with a blank or a bracket.
        let mut wanted = format!("{head}{text}");
        for (ours, theirs) in *names {
            for after in ["\n", " ", ")"] {
                wanted = wanted.replace(&format!("@{ours}{after}"), &format!("@{theirs}{after}"));
            }
        }
        let old = std::fs::read_to_string(editors().join(path)).unwrap_or_default();
        is_stale(path, &old, &wanted)
    };
    let stale: Vec<_> = COPIES.iter().filter(stale).map(|(path, _)| path).collect();
    assert!(stale.is_empty(), "stale queries in editors/: {stale:?}; `just bless` writes them again");
}

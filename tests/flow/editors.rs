//! The lists of words in the grammars for editors are those of the lexer and the catalogue.
//!
//! A line with `words: NAME` begins a list in a file of `editors/`, one with `end of words` ends it; in JSON the list is
//! the first group of words of the next line. `just bless` writes them again.

use dealflow::catalog;
use dealflow::source::FileId;
use dealflow::syntax::parse;
use dealflow::syntax::token::{NOUNS, Token, VERBS, WORDS};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    // In Vim a keyword would beat the rules for names, so that it is a match.
    let (before, quote, between, after) = match ending {
        "vim" => (format!("syntax match {rest} \"\\v<("), "", "|", ")>\""),
        "h" => (String::new(), "\"", ", ", ","),
        _ => (String::new(), "\"", " ", ""),
    };
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in words {
        if indent.len() + before.len() + line.len() + word.len() + after.len() + 4 > WIDTH {
            lines.push(std::mem::take(&mut line));
        }
        let between = if line.is_empty() { "" } else { between };
        line.extend([between, quote, word, quote]);
    }
    lines.push(line);
    lines.iter().map(|line| format!("{indent}{before}{line}{after}")).collect()
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

/// A property list, the form of grammars that Sublime Text reads.
fn plist(value: &Json, indent: &str, out: &mut Vec<String>) {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let deeper = format!("{indent}  ");
    match value {
        Json::Object(members) => {
            out.push(format!("{indent}<dict>"));
            for (key, value) in members.iter().filter(|(key, _)| !matches!(key.as_str(), "$schema" | "comment")) {
                out.push(format!("{deeper}<key>{}</key>", escaped(key)));
                plist(value, &deeper, out);
            }
            out.push(format!("{indent}</dict>"));
        }
        Json::Array(elements) => {
            out.push(format!("{indent}<array>"));
            for element in elements {
                plist(element, &deeper, out);
            }
            out.push(format!("{indent}</array>"));
        }
        Json::String(text) => out.push(format!("{indent}<string>{}</string>", escaped(text))),
        Json::Null | Json::Bool(_) | Json::Number(_) => panic!("a grammar has only texts: {value}"),
    }
}

#[test]
fn the_grammar_of_sublime_text_is_that_of_vs_code() {
    let source = "vscode/syntaxes/flow.tmLanguage.json";
    let grammar: Json = serde_json::from_str(&renewed(source, &read(source))).unwrap();
    let mut lines = vec![
        r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned(),
        format!("<!-- Written by a test of the project, from {source}. -->"),
        r#"<plist version="1.0">"#.to_owned(),
    ];
    plist(&grammar, "", &mut lines);
    lines.push("</plist>\n".to_owned());
    let wanted = lines.join("\n");
    let path = "sublime/Flow.tmLanguage";
    let old = std::fs::read_to_string(editors().join(path)).unwrap_or_default();
    assert!(!is_stale(path, &old, &wanted), "editors/{path} is stale; `just bless` writes it again");
}

/// The text that a snippet gives when every place is left as it is.
fn expanded(body: &str) -> String {
    let mut out = String::new();
    let mut rest = body;
    while let Some(at) = rest.find(['$', '\\', '}']) {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        match rest.as_bytes()[at] {
            b'\\' => {
                out.push_str(&after[..1]);
                rest = &after[1..];
            }
            // `$0`, `${1:what stands there}`, `${1|one,another|}`; the text of a place may have places itself.
            b'$' if after.starts_with('{') => {
                let number = after[1..].find(|c: char| !c.is_ascii_digit()).unwrap() + 1;
                let (inside, end) = inside_of_place(&after[number..]);
                out.push_str(&inside);
                rest = &after[number + end..];
            }
            b'$' => rest = after.trim_start_matches(|c: char| c.is_ascii_digit()),
            _ => {
                out.push('}');
                rest = after;
            }
        }
    }
    out + rest
}

/// What stands in a place, after its number, and where it ends.
fn inside_of_place(text: &str) -> (String, usize) {
    if let Some(choices) = text.strip_prefix('|') {
        let end = choices.find("|}").expect("choices end");
        return (choices[..end].split(',').next().unwrap().to_owned(), end + 3);
    }
    let (mut depth, mut escaped) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' if depth == 0 => return (expanded(text[..at].trim_start_matches(':')), at + 1),
            '}' => depth -= 1,
            _ => {}
        }
    }
    panic!("a place does not end: {text}")
}

#[test]
fn the_snippets_are_right_as_they_come() {
    let snippets: Json = serde_json::from_str(&read("vscode/snippets/flow.json")).unwrap();
    let snippets = snippets.as_object().unwrap();
    assert!(snippets.len() > 10);
    for (name, snippet) in snippets {
        let lines: Vec<_> = snippet["body"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        let text = expanded(&lines.join("\n"));
        let item = ["rule", "on", "fn", "test", "///"].iter().any(|word| text.starts_with(word));
        let script = if item { text } else { format!("on deal created {{\n{text}\nstop;\n}}\n") };
        let parse = parse(&script, FileId::default());
        assert!(parse.diagnostics.is_empty(), "{name}: {:?}\n{script}", parse.diagnostics);
        assert!(!script.contains("${"), "{name}: {script}");
    }
}

/// The words of the commands `dealflow check` and `dealflow fmt` in a file.
fn commands(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with('#') && !line.starts_with("name:"));
    let found = lines.filter_map(|line| {
        line.split_once("dealflow check")
            .map(|(_, rest)| ("check", rest))
            .or_else(|| line.split_once("dealflow fmt").map(|(_, rest)| ("fmt", rest)))
    });
    let all = found.filter(|(_, rest)| rest.is_empty() || rest.starts_with(' '));
    all.map(|(verb, rest)| {
        let rest = rest.split('>').next().unwrap();
        let words = rest.split_whitespace().map(|word| word.replace("\"$WORKSPACE\"", "."));
        std::iter::once(verb.to_owned()).chain(words).collect()
    })
    .collect()
}

#[test]
fn the_commands_of_hooks_and_ci_pass_on_an_example() {
    let root = editors().join("..");
    let mut count = 0;
    for path in ["editors/ci/github.yml", "editors/ci/gitlab.yml", ".pre-commit-hooks.yaml"] {
        for command in commands(&std::fs::read_to_string(root.join(path)).unwrap()) {
            let mut run = Command::new(env!("CARGO_BIN_EXE_dealflow"));
            run.args(&command).current_dir(root.join("examples/invoice"));
            // The hook writes; here it only looks.
            let writes = command == ["fmt"];
            let output = if writes { run.arg("--check") } else { &mut run }.output().unwrap();
            assert!(output.status.success(), "{path}: {command:?}\n{output:?}");
            if command.iter().any(|word| word == "sarif") {
                let log: Json = serde_json::from_slice(&output.stdout).unwrap();
                assert_eq!(log["version"], "2.1.0", "{path}");
            }
            count += 1;
        }
    }
    assert_eq!(count, 6, "commands found");
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

//! Reading scripts: trees, mistakes, and what must hold for any text.

use dealflow::diagnostics::{Code, Diagnostic};
use dealflow::source::{FileId, LineIndex, Span};
use dealflow::syntax::{dump, parse};

#[test]
fn trees() {
    insta::glob!("../data/syntax", "*.flow", |path| {
        let text = std::fs::read_to_string(path).expect("the file can be read");
        let parse = parse(&text, FileId(0));
        assert_eq!(parse.diagnostics, Vec::new());
        insta::assert_snapshot!(dump::tree(&parse.file, &text));
    });
}

/// No text may take long, panic, or make a tree too deep to walk over.
#[test]
fn hostile_texts() {
    let many = 100_000;
    let texts = [
        format!("const $a = {}", "(".repeat(many)),
        format!("on deal created {}", "{".repeat(many)),
        format!("on deal created {}", "< if a ".repeat(many)),
        format!("const $a = {}", "[".repeat(many)),
        format!("const $a = {}", "{ a: ".repeat(many)),
        format!("const $a = {}b;", "not ".repeat(many)),
        format!("const $a = {}b;", "- ".repeat(many)),
        format!("const $a = {}b;", "a + ".repeat(many)),
        format!("const $a = {}b;", "a or ".repeat(many)),
        format!("const $a = {}b;", "a.".repeat(many)),
        format!("const $a = {}b;", "a < ".repeat(many)),
        format!("const $a = \"{}\";", "{".repeat(many)),
        format!("const $a = \"{}\";", "{\"".repeat(many)),
        format!("const $a = \"{}\";", "{a}".repeat(many)),
        format!("const $a = [{}];", "a, ".repeat(many)),
        format!("on deal created {{ {} }}", "if a { stop; } else ".repeat(many)),
        format!("on deal created {{ {} }}", "stop; ".repeat(many)),
        format!("on deal created {{ {} }}", "stop ".repeat(many)),
        format!("on deal created {{ {} }}", "x y z; ".repeat(many / 10)),
        ")".repeat(many),
        ">".repeat(many),
        "}".repeat(many),
        ";".repeat(many),
        "'".repeat(many),
        "\"".repeat(many),
        "on ".repeat(many),
        "\non deal".repeat(many / 10),
        "///\n".repeat(many),
        "/*".repeat(many),
        "§".repeat(many),
    ];
    for text in &texts {
        let started = std::time::Instant::now();
        let parse = parse(text, FileId(0));
        let _ = dump::tree(&parse.file, text);
        let took = started.elapsed();
        let shown: String = text.chars().take(40).collect();
        println!("{took:?} {} diagnostics: {shown}", parse.diagnostics.len());
    }
}

/// Every mistake of the text itself, as it is told.
#[test]
fn mistakes() {
    insta::glob!("../data/mistakes", "*.flow", |path| {
        let text = std::fs::read_to_string(path).expect("the file can be read");
        let parse = parse(&text, FileId(0));
        insta::assert_snapshot!(report(&text, &parse.diagnostics));
        let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or("").split('_').next().unwrap_or("");
        assert!(parse.diagnostics.iter().any(|d| d.code.name() == name), "{name} is not told");
    });
}

/// Diagnostics with the text they are about: code, places with their text and label, help, fixes.
fn report(text: &str, diagnostics: &[Diagnostic]) -> String {
    let lines = LineIndex::new(text);
    let mut out = String::new();
    let place = |span: Span| {
        let at = lines.line_col(text, span.start);
        format!("{}:{} `{}`", at.line, at.column, span.of(text).escape_debug())
    };
    for diagnostic in diagnostics {
        out.extend([diagnostic.code.name(), ": ", &diagnostic.message, "\n"]);
        for label in &diagnostic.labels {
            let line = ["  at ", &place(label.span), " ", &label.text].concat();
            out.extend([line.trim_end(), "\n"]);
        }
        if let Some(help) = &diagnostic.help {
            out.extend(["  help: ", help, "\n"]);
        }
        for fix in &diagnostic.fixes {
            let edits: Vec<String> = fix.edits.iter().map(|e| format!("{} -> `{}`", place(e.span), e.text)).collect();
            out.extend(["  fix: ", &fix.title, ": ", &edits.join(", "), "\n"]);
        }
    }
    out
}

/// The explain pages of these codes hold a script that is wrong in just this way, and one that is right.
#[test]
fn pages() {
    for code in Code::ALL.iter().filter(|code| code.name().starts_with("E01")) {
        let page = code.page();
        let (wrong, right) = (example(page, "## Wrong"), example(page, "## Right"));
        let codes: Vec<Code> = parse(wrong, FileId(0)).diagnostics.iter().map(|d| d.code).collect();
        assert!(!codes.is_empty() && codes.iter().all(|c| c == code), "{code}: {codes:?}");
        assert_ne!(right, "", "{code} has no right example");
        assert_eq!(report(right, &parse(right, FileId(0)).diagnostics), "", "{code}");
    }
}

fn example<'p>(page: &'p str, title: &str) -> &'p str {
    let after = page.split_once(title).map_or("", |(_, after)| after);
    after.split_once("```flow\n").and_then(|(_, rest)| rest.split_once("```")).map_or("", |(example, _)| example)
}

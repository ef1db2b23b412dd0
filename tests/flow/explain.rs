//! Explain pages: their wrong examples give exactly their code, their right examples give nothing.

use dealflow::cli::events::parse_line;
use dealflow::diagnostics::{Code, Diagnostic, render};
use dealflow::pipeline::Texts;
use dealflow::schema;
use dealflow::source::Sources;
use dealflow::testing::{self, World};
use std::path::Path;

/// The blocks of a page: the heading above each, its language, its text.
fn blocks(page: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut heading = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(text) = line.strip_prefix("## ") {
            text.clone_into(&mut heading);
        } else if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push((heading.clone(), language.to_owned(), text.join("\n") + "\n"));
        }
    }
    found
}

/// What the pages need beside the invoice example: a stage that only rules reach.
const MORE: &str = r#"
[entities.tour]
stages = ["Open", "Confirmed", "Over"]
success = ["Over"]
rules_only = ["Confirmed"]
fields.guests = "int"
"#;

fn workspace() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/invoice/crm.toml");
    std::fs::read_to_string(path).unwrap() + MORE
}

/// What a script gives in the workspace of the invoice example.
fn script(text: &str) -> (Vec<Diagnostic>, Sources) {
    let mut texts = Texts::default();
    texts.schema = Some(texts.sources.add("crm.toml", &workspace()));
    texts.scripts.push(texts.sources.add("page.flow", text));
    // Files for the pages about `use`.
    texts.scripts.extend(["lib/legal.flow", "shared.flow"].map(|name| texts.sources.add(name, "")));
    let compiled = texts.parse().compile();
    let mut found = compiled.diagnostics;
    // A page about tests shows what running them gives.
    let (schema, programs) = (compiled.schema, compiled.programs);
    let world = World { schema, programs, observe: false, cases: 5, seed: 0 };
    found.extend(compiled.tests.iter().filter_map(|plan| Some(testing::run(&world, plan).failure?.diagnostic)));
    (found, compiled.sources)
}

/// The codes that a block gives; `None` for a language that is not checked here.
fn codes(code: Code, language: &str, text: &str) -> Option<(Vec<Code>, String)> {
    let of = |found: &[Diagnostic], sources: &Sources| {
        (found.iter().map(|d| d.code).collect::<Vec<_>>(), render::plain(found, sources))
    };
    match language {
        "flow" => {
            let (found, sources) = script(text);
            Some(of(&found, &sources))
        }
        "toml" if code == Code::E0707 => {
            let mut sources = Sources::default();
            let file = sources.add("dealflow.toml", text);
            let (_, found) = dealflow::channel::load(file, text, &|_| Some("secret".to_owned()));
            Some(of(&found, &sources))
        }
        "toml" => {
            let mut sources = Sources::default();
            let file = sources.add("crm.toml", text);
            let (_, found) = schema::load(file, text);
            Some(of(&found, &sources))
        }
        "json" => {
            let mut sources = Sources::default();
            let (schema, _) = schema::load(sources.add("crm.toml", &workspace()), &workspace());
            let wrong = text.lines().filter(|line| parse_line(line, &schema).is_err()).count();
            Some((vec![Code::E0704; wrong], format!("{wrong} bad lines")))
        }
        _ => None,
    }
}

/// What is wrong with one block of a page, if anything.
fn fault(code: Code, heading: &str, language: &str, text: &str) -> Option<String> {
    let (found, report) = codes(code, language, text)?;
    let fine = match heading {
        "Wrong" => !found.is_empty() && found.iter().all(|c| *c == code),
        "Right" => found.is_empty(),
        _ => false,
    };
    (!fine).then(|| format!("{code}: the block under \"{heading}\" gives {found:?}\n{text}\n{report}"))
}

#[test]
fn every_page_shows_what_is_wrong_and_what_is_right() {
    let mut faults = Vec::new();
    for code in Code::ALL {
        let blocks = blocks(code.page());
        assert!(code.page().starts_with(&format!("# {code}: {}\n", code.title())), "{code}: heading and title differ");
        for heading in ["Wrong", "Right"] {
            assert!(blocks.iter().any(|(h, ..)| h == heading), "{code}: nothing under \"{heading}\"");
        }
        // An import map means something only with its CSV file; tests/data/import has both.
        if *code != Code::E0705 {
            faults.extend(blocks.iter().filter_map(|(h, language, text)| fault(*code, h, language, text)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A lint is found by the name that silences it as well.
#[test]
fn a_lint_is_explained_by_its_name() {
    let explained = |what| crate::cli::stdout(&crate::cli::dealflow(&["explain", what]));
    assert_eq!(explained("frozen-value"), Code::W0106.page());
    assert_eq!(explained("w0106"), Code::W0106.page());
}

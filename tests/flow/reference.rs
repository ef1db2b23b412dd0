//! The reference is what the program writes, and everything in it works.

use crate::cli::{dealflow, stdout};
use dealflow::catalog::{self, EVENTS, FORMATS, FnType};
use dealflow::cli::events::parse_line;
use dealflow::cli::import::import;
use dealflow::cli::reference::tell;
use dealflow::diagnostics::{Code, render};
use dealflow::fmt;
use dealflow::pipeline::Compiled;
use dealflow::reference::{self, Page};
use dealflow::schema::load;
use dealflow::source::FileId;
use dealflow::syntax::ast::BinaryOp;
use dealflow::testing::{self, World};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn pages() -> &'static [Page] {
    static PAGES: OnceLock<Vec<Page>> = OnceLock::new();
    PAGES.get_or_init(|| reference::pages(&tell).unwrap_or_else(|e| panic!("{e}")))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("reference")
}

/// The fences of a page: language line and text.
fn fences(text: &str) -> Vec<(&str, String)> {
    let mut found: Vec<(&str, String)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        match (line.strip_prefix("```"), open) {
            (Some(language), false) => {
                found.push((language, String::new()));
                open = true;
            }
            (Some(_), true) => open = false,
            (None, true) => {
                let (_, body) = found.last_mut().unwrap();
                body.push_str(line);
                body.push('\n');
            }
            (None, false) => {}
        }
    }
    assert!(!open, "a fence is not closed");
    found
}

fn all_fences(wanted: &str) -> Vec<(&'static str, String)> {
    let pages = pages().iter().filter(|page| page.is_prose());
    pages.flat_map(|page| fences(&page.text)).filter(|(language, _)| *language == wanted).collect()
}

fn sound(script: &str) -> Compiled {
    let compiled = reference::compile(script);
    let found = &compiled.diagnostics;
    assert!(found.is_empty(), "{script}\n{}", render::plain(found, &compiled.sources));
    compiled
}

#[test]
fn it_is_what_the_program_writes() {
    let renew = "renew it with `cargo run -- reference --output reference` and read the difference";
    for page in pages() {
        let written = std::fs::read_to_string(folder().join(&page.path)).unwrap_or_default();
        assert!(written == page.text, "reference/{} is stale: {renew}", page.path);
    }
    let known: BTreeSet<PathBuf> = pages().iter().map(|page| folder().join(&page.path)).collect();
    for dir in [folder(), folder().join("workspace"), folder().join("workspace/lib")] {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            assert!(path.is_dir() || known.contains(&path), "{} belongs to no page any more", path.display());
        }
    }
}

#[test]
fn every_script_is_sound_and_well_laid_out() {
    let scripts = all_fences("flow");
    assert!(scripts.len() > 60, "only {} scripts", scripts.len());
    for (_, script) in scripts {
        let compiled = sound(&script);
        assert!(!compiled.programs.is_empty() || !compiled.tests.is_empty(), "no rule in\n{script}");
        pass(&compiled);
        assert_eq!(fmt::format(&script).unwrap(), script);
    }
}

/// The tests of an example are met.
fn pass(compiled: &Compiled) {
    let (schema, programs) = (compiled.schema.clone(), compiled.programs.clone());
    let world = World { schema, programs, observe: false, cases: 20, seed: 0 };
    for plan in &compiled.tests {
        let report = testing::run(&world, plan);
        assert_eq!(report.failure, None, "{}", plan.test.name);
    }
}

#[test]
fn every_workspace_event_and_map_can_be_read() {
    let (schema, found) = load(FileId(0), reference::SCHEMA);
    assert!(found.is_empty(), "{found:?}");
    for (_, text) in all_fences("toml") {
        let (_, found) = load(FileId(0), &text);
        assert!(found.is_empty(), "{text}\n{found:?}");
    }
    let channels = all_fences("toml dealflow");
    assert!(!channels.is_empty());
    for (_, text) in channels {
        let (_, found) = dealflow::channel::load(FileId(0), &text, &|_| Some("secret".to_owned()));
        assert!(found.is_empty(), "{text}\n{found:?}");
    }
    for (_, lines) in all_fences("json") {
        for line in lines.lines() {
            parse_line(line, &schema).unwrap_or_else(|e| panic!("{line}: {e:?}"));
        }
    }
    let maps = all_fences("toml import");
    assert_eq!(maps.len(), 1);
    let rows = "number;agent;product;account;state;entered;first_call;offered;closed;value;labels\n\
        A1;anna;Mixer;Bochenek;Won;01/02/2026;;01/05/2026;02/01/2026;1.200,50;new,mixer\n\
        A2;piotr;Oven;;Offered;;;01/09/2026;;;\n";
    for (_, map) in maps {
        let (imported, found) = import(&schema, &map, &[("deals.csv", rows)]).unwrap();
        assert!(found.is_empty(), "{found:?}");
        assert!(imported.bad.is_empty(), "{:?}", imported.bad);
        assert_eq!(imported.events.len(), 4);
    }
}

#[test]
fn every_link_leads_somewhere() {
    let anchors: BTreeMap<&str, BTreeSet<String>> = pages()
        .iter()
        .map(|page| {
            let headings = page.text.lines().filter(|line| line.starts_with('#'));
            let anchors = headings.map(|line| reference::anchor(line.trim_start_matches('#').trim_start()));
            (page.path.as_str(), anchors.collect())
        })
        .collect();
    for page in pages().iter().filter(|page| page.is_prose()) {
        for link in page.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
            let path = if path.is_empty() { page.path.as_str() } else { path };
            let there = anchors.get(path).unwrap_or_else(|| panic!("{}: `{link}` has no page", page.path));
            assert!(anchor.is_none_or(|a| there.contains(a)), "{}: `{link}` has no heading", page.path);
        }
    }
}

/// The catalogue's own examples compile, run and do something, each in a rule of its own.
#[test]
fn every_example_of_an_action_runs() {
    for action in catalog::actions() {
        let page = reference::action_page(action, &tell).unwrap_or_else(|e| panic!("{e}"));
        let done: Vec<String> =
            fences(&page).into_iter().filter(|(l, _)| *l == "text").skip(1).map(|(_, text)| text).collect();
        assert_eq!(done.len(), action.examples.len(), "{page}");
        assert!(done.iter().all(|text| text.contains(action.id)), "`{}` is not done:\n{page}", action.id);
    }
}

#[test]
fn every_function_format_and_event_can_be_used_in_the_manuals_workspace() {
    for example in catalog::functions().iter().flat_map(|f| f.examples) {
        sound(&format!("on deal created {{ log \"{{{}}}\"; }}\n", example.source));
    }
    for format in FORMATS {
        let value = match format.takes {
            FnType::Moment => "now",
            _ => "deal.amount",
        };
        sound(&format!("on deal created {{ log \"{{{value}:{}}}\"; }}\n", format.name));
    }
    for event in EVENTS {
        let members: Vec<String> = event.payload.iter().map(|(name, _)| format!("{{event.{name}}}")).collect();
        let members = members.join(" ");
        sound(&format!("on {} {{ log \"{members} {{deal}} {{contact}}\"; }}\n", event.name));
        sound(&format!("on deal created {{ wait for {} from client or 2d; }}\n", event.name));
        if event.selector.is_some() {
            sound(&format!("on {} \"x\" {{ stop; }}\n", event.name));
        }
    }
}

/// The tables that are written by hand leave nothing out.
#[test]
fn every_operator_is_explained_and_shown() {
    let page = pages().iter().find(|page| page.path == "values.md").unwrap();
    let scripts: String = fences(&page.text).into_iter().filter(|(l, _)| *l == "flow").map(|(_, text)| text).collect();
    let (_, table) = page.text.split_once("## Operators").unwrap();
    for op in [
        BinaryOp::Or,
        BinaryOp::And,
        BinaryOp::Eq,
        BinaryOp::Ne,
        BinaryOp::Lt,
        BinaryOp::Le,
        BinaryOp::Gt,
        BinaryOp::Ge,
        BinaryOp::In,
        BinaryOp::NotIn,
        BinaryOp::Contains,
        BinaryOp::NotContains,
        BinaryOp::StartsWith,
        BinaryOp::EndsWith,
        BinaryOp::Default,
        BinaryOp::Add,
        BinaryOp::Sub,
        BinaryOp::Mul,
        BinaryOp::Div,
    ] {
        let op = op.spelling();
        assert!(table.contains(op), "`{op}` is not explained");
        // `>=` is shown where `>` is; the two that are no beginnings of others are enough.
        assert!(scripts.contains(&format!(" {op} ")) || matches!(op, "<=" | ">" | "=="), "`{op}` is not shown");
    }
    for word in ["reached", "final", "activity", "timeout"] {
        let waits = pages().iter().find(|page| page.path == "waits.md").unwrap();
        assert!(waits.text.contains(&format!("case {word}")), "`{word}` is not shown");
    }
}

#[test]
fn a_mistake_in_an_example_stops_the_writer() {
    let story = reference::Story {
        script: "on deal created { log \"5\" }\n",
        events: "",
        until: "2026-04-30",
        everything: false,
    };
    let told = tell(&story).unwrap_err();
    assert!(told.starts_with(Code::E0103.name()), "{told}");
    let story = reference::Story { script: "", events: "{}", ..story };
    assert!(tell(&story).is_err());
}

#[test]
fn actions_are_listed_and_explained() {
    let list = dealflow(&["actions"]);
    let page = dealflow(&["actions", "notify chat"]);
    let words = dealflow(&["actions", "notify", "chat"]);
    for output in [&list, &page, &words] {
        assert_eq!(output.status.code(), Some(0));
    }
    assert_eq!(stdout(&page), stdout(&words));
    assert!(pages().iter().any(|p| p.path == "actions.md" && p.text.contains(&stdout(&page))));
    let mut wrong = String::new();
    for name in ["notfy", "create char", "telephone", "audience"] {
        let output = dealflow(&["actions", name]);
        assert_eq!(output.status.code(), Some(2));
        wrong.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    insta::assert_snapshot!(format!("{}--- notify chat\n{}--- wrong\n{wrong}", stdout(&list), stdout(&page)));
}

#[test]
fn the_command_writes_the_pages() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("manual");
    let output = dealflow(&["reference", "--output", place.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    for page in pages() {
        assert_eq!(std::fs::read_to_string(place.join(&page.path)).unwrap(), page.text);
    }
    let together = dealflow(&["reference"]);
    assert!(stdout(&together).starts_with("# The Dealflow manual\n"));
    // A reader can do what the first page says.
    std::fs::write(place.join("workspace/rules.flow"), "on deal won { log \"won\"; }\n").unwrap();
    let workspace = place.join("workspace");
    let run = dealflow(&["run", workspace.to_str().unwrap(), "--until", reference::UNTIL]);
    assert_eq!(run.status.code(), Some(0));
    assert!(stdout(&run).contains("log \"won\""));
}

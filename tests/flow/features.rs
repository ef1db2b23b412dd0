//! Every feature that the language is measured by has something that shows it and that is run by the tests.

use dealflow::catalog::{self, ROWS, Shown};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The texts of all test files.
fn tests() -> String {
    fn collect(dir: &Path, into: &mut String) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs") {
                into.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut all = String::new();
    collect(&root().join("tests/flow"), &mut all);
    all
}

/// A script's words with single spaces, without comments and events.
fn words(text: &str) -> String {
    let code = text.lines().filter(|line| !line.starts_with("//>"));
    code.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// Whether a script is there and has all of this in it.
fn says(path: &Path, marks: &[&str]) -> bool {
    assert!(!marks.is_empty(), "{}: what shows it?", path.display());
    let Ok(text) = std::fs::read_to_string(path) else { return false };
    let text = words(&text);
    marks.iter().all(|mark| text.contains(mark))
}

#[test]
fn every_row_is_shown_by_something_that_runs() {
    let tests = tests();
    let mut missing = Vec::new();
    let mut wrong = Vec::new();
    for (row, number) in ROWS.iter().zip(1..) {
        assert_eq!(row.id, format!("F{number}"), "the rows stand in their order");
        // The examples of actions are run by `every_example_of_an_action_runs`.
        let actions = catalog::actions().filter(|action| action.rows.contains(&row.id));
        let mut shown = Vec::new();
        for action in actions {
            let example = &action.examples[0];
            if !action.id.split(' ').all(|word| words(example.source).contains(word)) {
                wrong.push(format!("{}: the example of `{}` does not show it", row.id, action.id));
            }
            shown.push(format!("{}: {}", action.id, example.title));
        }
        for by in row.shown {
            let there = match by {
                Shown::Run(name, marks) => says(&root().join(format!("tests/data/run/{name}.flow")), marks),
                Shown::Example(name, marks) => says(&root().join(format!("examples/{name}/rules.flow")), marks),
                Shown::Mistakes(name) => root().join(format!("tests/data/errors/{name}.flow")).is_file(),
                Shown::Test(name) => tests.contains(&format!("fn {name}(")),
            };
            if !there {
                wrong.push(format!("{}: {by:?} is not there, or does not show it", row.id));
            }
            shown.push(format!("{by:?}"));
        }
        println!("{:<4} {} — {}", row.id, row.what, shown.join("; "));
        if shown.is_empty() {
            missing.push(row.id);
        }
    }
    assert_eq!(ROWS.len(), 98);
    assert!(missing.is_empty(), "nothing shows {missing:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn actions_name_rows_that_are_there() {
    for action in catalog::actions() {
        for id in action.rows {
            assert!(ROWS.iter().any(|row| row.id == *id), "{}: {id}", action.id);
        }
    }
}

//! `dealflow graph` and `dealflow diff`: rules in pictures and in words.

use crate::cli::{dealflow, stdout};

/// The pictures that lie beside the examples: arguments, and the file.
const DRAWN: &[(&str, &str)] = &[
    ("examples/invoice/legal.flow", "examples/invoice/legal.svg"),
    ("examples/invoice/rules.flow", "examples/invoice/rules.svg"),
    ("examples/15_escalation/rules.flow", "examples/15_escalation/rules.svg"),
    ("examples/opportunities/rules.flow", "examples/opportunities/rules.svg"),
];

/// `just bless` draws them again.
#[test]
fn the_pictures_of_the_examples_are_fresh() {
    for (script, file) in DRAWN {
        let drawn = stdout(&dealflow(&["graph", script, "--format", "svg"]));
        if std::env::var("INSTA_UPDATE").as_deref() == Ok("always") {
            std::fs::write(file, &drawn).unwrap();
        }
        assert_eq!(drawn, std::fs::read_to_string(file).unwrap_or_default(), "{file} is stale: run `just bless`");
    }
}

#[test]
fn every_construct_is_drawn() {
    for format in ["mermaid", "dot", "svg"] {
        let output = dealflow(&["graph", "tests/data/picture", "--format", format]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        insta::assert_snapshot!(format, stdout(&output));
    }
}

#[test]
fn one_rule_is_drawn_by_its_name() {
    let one = stdout(&dealflow(&["graph", "tests/data/picture", "--rule", "A date"]));
    assert_eq!(one.matches("subgraph").count(), 1, "{one}");
    let none = dealflow(&["graph", "tests/data/picture", "--rule", "A dat"]);
    assert_eq!(none.status.code(), Some(2));
    insta::assert_snapshot!(String::from_utf8_lossy(&none.stderr));
}

#[test]
fn differences_are_told_in_words() {
    let output = dealflow(&["diff", "tests/data/diff/old", "tests/data/diff/new"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    insta::assert_snapshot!("diff", stdout(&output));
    let json = dealflow(&["diff", "tests/data/diff/old", "tests/data/diff/new", "--format", "json"]);
    insta::assert_snapshot!("diff_json", stdout(&json));
}

#[test]
fn the_same_is_no_difference() {
    let old = "tests/data/diff/old";
    let output = dealflow(&["diff", old, old]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), "no rule behaves differently\n"));
    let wrong = dealflow(&["diff", old, "tests/data/errors/E0101_unknown_character.flow"]);
    assert_eq!(wrong.status.code(), Some(2));
}

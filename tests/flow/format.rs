//! The formatter: what it makes of files, and that it stops there.

use dealflow::fmt::{FormatError, format};
use dealflow::source::FileId;
use dealflow::syntax::{dump, parse};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Formats, and makes sure that a second time changes nothing and that the tree is the same.
fn formatted(text: &str) -> String {
    let once = format(text);
    assert!(once.is_ok(), "{once:?}\n{text}");
    let once = once.unwrap_or_default();
    let twice = format(&once);
    assert!(twice.is_ok(), "{twice:?}\n{once}");
    let twice = twice.unwrap_or_default();
    assert!(once == twice, "formatting twice gives something else:\n{once}\n---\n{twice}\n--- for\n{text}");
    let (before, after) = (parse(text, FileId(0)), parse(&once, FileId(0)));
    assert_eq!(dump::tree(&before.file, text), dump::tree(&after.file, &once));
    assert_eq!(before.trivia.comments.len(), after.trivia.comments.len());
    once
}

#[test]
fn files() {
    insta::glob!("../data/format", "*.flow", |path| {
        let text = std::fs::read_to_string(path).expect("the file can be read");
        insta::assert_snapshot!(formatted(&text));
    });
}

#[test]
fn all_scripts_of_the_tests_and_examples() {
    let mut seen = 0;
    for folder in ["tests/data", "examples"] {
        seen += visit(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    }
    assert!(seen > 10, "{seen}");
}

/// Formats every script in a folder that can be read; says how many there were.
fn visit(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let mut seen = 0;
    for entry in entries {
        let Ok(path) = entry.map(|entry| entry.path()) else { continue };
        if path.is_dir() {
            seen += visit(&path);
        } else if path.extension().is_some_and(|extension| extension == "flow") {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            if parse(&text, FileId(0)).diagnostics.is_empty() {
                formatted(&text);
                seen += 1;
            }
        }
    }
    seen
}

#[test]
fn scripts_with_mistakes_are_left_alone() {
    assert!(matches!(format("on deal created { stop }"), Err(FormatError::Mistakes(_))));
    assert_eq!(format(""), Ok(String::new()));
    assert_eq!(format("\n\n// only\n\n\n// comments\n\n"), Ok("// only\n\n// comments\n".to_owned()));
}

/// Puts comments and line ends where the script allows them.
fn with_comments(text: &str, choices: &[u8]) -> String {
    let mut next = choices.iter().cycle();
    let mut out = String::new();
    for piece in text.split_inclusive(&[';', '⟦', '⟧', ','][..]) {
        out.push_str(piece);
        out.push_str(match next.next() {
            Some(0) => " // c\n",
            Some(1) => "\n\n\n  /* c */\n",
            Some(2) => " /* c */ ",
            Some(3) => "\n/* a\n b */ // c\n",
            Some(4..8) => "\n",
            _ => " ",
        });
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300, failure_persistence: None, rng_seed: RngSeed::Fixed(57), ..ProptestConfig::default()
    })]

    #[test]
    fn any_script(
        text in super::syntax_props::program(),
        blocks in prop::collection::vec(any::<bool>(), 1..9),
        comments in prop::collection::vec(0u8..20, 1..60)
    ) {
        let text = super::syntax_props::spell(&with_comments(&text, &comments), &blocks, false);
        formatted(&text);
    }
}

//! The house rules that no compiler checks: who uses whom, how long files are, and lists that must agree.

use dealflow::catalog;
use dealflow::syntax::token::VERBS;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folders of `src` from left to right: each uses only those before it.
const ORDER: [&str; 22] = [
    "source",
    "diagnostics",
    "syntax",
    "value",
    "schema",
    "catalog",
    "check",
    "ir",
    "vm",
    "engine",
    "fmt",
    "reference",
    "ide",
    "feed",
    "picture",
    "crm",
    "channel",
    "host",
    "testing",
    "repl",
    "lsp",
    "cli",
];

/// Files at the top of `src` that belong to a place in the order: they may use everything up to that folder.
const TOP: [(&str, &str); 3] = [("pipeline.rs", "engine"), ("lib.rs", "cli"), ("main.rs", "cli")];

/// The longest a source file may be.
const MOST_LINES: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(dir: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') && name != "snapshots" {
                files(&path, endings, found);
            }
        } else if endings.iter().any(|e| name.ends_with(e)) {
            found.push(path);
        }
    }
    found.sort();
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&root().join("src"), &[".rs"], &mut found);
    found
}

#[test]
fn every_folder_uses_only_those_before_it() {
    let mut wrong = Vec::new();
    for path in sources() {
        let relative = path.strip_prefix(root().join("src")).unwrap().to_string_lossy().replace('\\', "/");
        let folder = relative.split('/').next().unwrap();
        let own = TOP.iter().find(|(file, _)| *file == folder).map_or(folder, |(_, as_in)| as_in);
        let place = ORDER.iter().position(|f| *f == own);
        let place = place.unwrap_or_else(|| panic!("src/{folder} has no place in the order of dependency"));
        let text = std::fs::read_to_string(&path).unwrap();
        for (line, number) in text.lines().zip(1..) {
            let code = line.split("//").next().unwrap();
            for (used, at) in ORDER.iter().zip(0..) {
                let uses = [format!("crate::{used}::"), format!("crate::{used};"), format!("dealflow::{used}::")];
                if at > place && uses.iter().any(|u| code.contains(u.as_str())) {
                    wrong.push(format!("src/{relative}:{number} uses `{used}`, which comes after `{own}`"));
                }
            }
            // `use crate::{a, b}` would hide from this test what it uses.
            if code.contains("crate::{") {
                wrong.push(format!("src/{relative}:{number}: write `use crate::folder::…`, one line for each folder"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short() {
    let mut found = sources();
    files(&root().join("tests"), &[".rs"], &mut found);
    files(&root().join("benches"), &[".rs"], &mut found);
    let long: Vec<String> = found
        .iter()
        .map(|path| (path, std::fs::read_to_string(path).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "longer than {MOST_LINES} lines: {}", long.join(", "));
}

/// What stands between backticks and begins with a folder of ours, or of `src` as the tables of ARCHITECTURE.md have it.
#[test]
fn documents_name_files_that_are_there() {
    let mut wrong = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md", "editors/README.md", "fuzz/README.md", "benches/README.md"] {
        let text = std::fs::read_to_string(root().join(document)).unwrap();
        for name in text.split('`').skip(1).step_by(2).filter(|name| is_a_path(name)) {
            let beside = root().join(document).with_file_name(name);
            let there = [root().join(name), root().join("src").join(name), beside].iter().any(|path| path.exists());
            if !there {
                wrong.push(format!("{document}: {name}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "there is no such file");
}

/// Whether a word is the name of a source file or of one of our folders; names with a placeholder in capitals are not.
fn is_a_path(word: &str) -> bool {
    let plain = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "/._-".contains(c));
    let ours = ["src/", "tests/", "examples/", "benches/", "grammar/", "editors/", "fuzz/"];
    plain && (ours.iter().any(|folder| word.starts_with(folder)) || (word.contains('/') && is_rust(Path::new(word))))
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

#[test]
fn every_verb_of_the_catalogue_is_reserved() {
    let reserved: BTreeSet<&str> = VERBS.iter().copied().collect();
    // `set` is a statement word, as it also sets variables.
    let missing: Vec<&str> =
        catalog::actions().map(|a| a.verb).filter(|verb| *verb != "set" && !reserved.contains(verb)).collect();
    assert!(missing.is_empty(), "the lexer does not know the verbs {missing:?}");
}

#[test]
fn names_in_the_catalogue_are_unique_and_every_action_has_two_examples() {
    let mut ids = BTreeSet::new();
    for action in catalog::actions() {
        assert!(ids.insert(action.id), "two actions are called `{}`", action.id);
        assert!(action.examples.len() >= 2, "`{}` needs two examples", action.id);
        assert!(action.id.starts_with(action.verb), "`{}` begins with its verb", action.id);
        let mut params = BTreeSet::new();
        for param in action.params() {
            assert!(params.insert(param.name), "`{}` has two parameters `{}`", action.id, param.name);
        }
    }
}

//! What the fuzz targets look for, tried on every script there is, and on the inputs that once broke it.

#[expect(unreachable_pub, reason = "in the package of the fuzz targets it is the library")]
#[path = "../../fuzz/src/lib.rs"]
mod properties;

use std::path::{Path, PathBuf};

/// The files below a folder whose names end like this.
fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
}

fn all(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), ending, &mut found);
    found
}

#[test]
fn every_script_holds_what_the_fuzz_targets_look_for() {
    let scripts = all("tests/data", ".flow");
    assert!(scripts.len() > 100, "{}", scripts.len());
    for path in scripts {
        let text = std::fs::read_to_string(&path).unwrap();
        println!("{}", path.display());
        for property in [properties::lexer, properties::parser, properties::format, properties::check] {
            property(&text);
        }
    }
}

#[test]
fn every_stored_run_can_be_taken_up_by_any_program() {
    let runs = all("tests/data", ".bin");
    assert!(!runs.is_empty());
    for path in runs {
        println!("{}", path.display());
        properties::stored(&std::fs::read(&path).unwrap());
    }
}

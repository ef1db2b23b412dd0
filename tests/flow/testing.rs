//! `dealflow test`: each file of `tests/data/testing` with what its tests give.

use crate::cli::{dealflow, stdout};
use std::path::{Path, PathBuf};

fn data(name: &str) -> String {
    Path::new("tests/data/testing").join(name).to_string_lossy().into_owned()
}

/// How long it took is another each time.
fn timeless(text: &str) -> String {
    let line = |line: &str| match line.split_once(" (") {
        Some((head, tail)) if tail.ends_with("tests per second)") => format!("{head}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn tests_that_are_met_pass() {
    let output = dealflow(&["test", &data("passes")]);
    insta::assert_snapshot!(timeless(&stdout(&output)));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn schedules_come_and_what_they_make_is_found() {
    let output = dealflow(&["test", &data("schedules")]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[test]
fn tests_that_are_not_met_say_why() {
    for name in ["E0802_not_met", "E0803_cannot_go_on"] {
        let output = dealflow(&["test", &data(name)]);
        insta::assert_snapshot!(name, timeless(&stdout(&output)));
        assert_eq!(output.status.code(), Some(1));
        // Every test of these files fails.
        assert!(!stdout(&output).contains('✓'));
    }
}

#[test]
fn results_are_written_for_tools() {
    let (file, filter) = (data("E0802_not_met"), ["--filter", "condition"]);
    let json = dealflow(&["test", &file, filter[0], filter[1], "--format", "json"]);
    insta::assert_snapshot!("json", stdout(&json));
    let junit = stdout(&dealflow(&["test", &file, filter[0], filter[1], "--format", "junit"]));
    let without_times: Vec<&str> =
        junit.split("time=\"").map(|part| part.split_once('"').map_or(part, |(_, t)| t)).collect();
    insta::assert_snapshot!(
        "junit",
        format!("{}{}", junit.split("time=\"").next().unwrap(), without_times[1..].concat())
    );
}

#[test]
fn coverage_says_what_no_test_reached() {
    let dir = tempfile::tempdir().unwrap();
    let lcov = dir.path().join("lcov.info");
    let args = ["test", &data("passes"), "--coverage", "--filter", "order", "--lcov", lcov.to_str().unwrap()];
    let output = dealflow(&args);
    let told = timeless(&stdout(&output));
    insta::assert_snapshot!("coverage", format!("{told}--- lcov\n{}", std::fs::read_to_string(lcov).unwrap()));
}

#[test]
fn a_script_with_mistakes_is_not_tested() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("crm.toml"), "").unwrap();
    std::fs::write(dir.path().join("a.flow"), "test \"a\" { expect nothign; }").unwrap();
    let output = dealflow(&["test", dir.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).ends_with("nothing was tested: mend these first\n"));
    assert_eq!(dealflow(&["test", "no/such/folder"]).status.code(), Some(2));
}

/// The tests of the examples pass, and reach every statement and every outcome of a wait.
#[test]
fn the_examples_are_tested_in_full() {
    let examples: Vec<PathBuf> = std::fs::read_dir("examples").unwrap().map(|entry| entry.unwrap().path()).collect();
    for example in examples.iter().filter(|path| path.is_dir()) {
        let output = dealflow(&["test", example.to_str().unwrap(), "--coverage"]);
        let told = stdout(&output);
        assert_eq!(output.status.code(), Some(0), "{told}");
        let missed = told.lines().filter(|line| line.contains("never reached: `") || line.contains("never ended with"));
        assert_eq!(missed.collect::<Vec<_>>(), Vec::<&str>::new(), "{told}");
        assert!(!told.contains("nothing to run"), "{} has no tests", example.display());
    }
}

/// Each example with events tells the story that its README promises.
#[test]
fn the_examples_tell_their_stories() {
    let examples: Vec<PathBuf> = std::fs::read_dir("examples").unwrap().map(|entry| entry.unwrap().path()).collect();
    let mut told = 0;
    for example in examples.iter().filter(|path| path.join("events.jsonl").is_file()) {
        let output = dealflow(&["run", example.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let name = example.file_name().unwrap().to_string_lossy();
        insta::assert_snapshot!(format!("story_{name}"), stdout(&output));
        told += 1;
    }
    assert!(told > 5, "only {told} examples");
}

/// Reads what a process tells up to its next pause.
fn up_to_pause(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> String {
    let mut told = String::new();
    for line in lines {
        let line = line.unwrap();
        if line.starts_with("— waiting for changes") {
            return told;
        }
        told += &line;
        told.push('\n');
    }
    panic!("it ended:\n{told}");
}

#[test]
fn watching_runs_the_tests_again_when_a_script_changes() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("crm.toml", &std::fs::read_to_string("tests/data/testing/passes/crm.toml").unwrap());
    let rule = "on deal won { notify deal.owner \"well done\"; }\n";
    write("rules.flow", rule);
    let test = "test \"praise\" {\n  given $d = deal with title: \"ACME\";\n  set $d.stage = \"Won\";\n  expect notify contains \"well\";\n}\n";
    write("tests.flow", test);
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_dealflow"))
        .args(["test", "--watch", "--color", "never", dir.path().to_str().unwrap()])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    assert!(up_to_pause(&mut lines).contains("1 test, all passed"));
    write("rules.flow", &rule.replace("well done", "hurrah"));
    let told = up_to_pause(&mut lines);
    assert!(told.contains("1 test, 1 failed") && told.contains("hurrah"), "{told}");
    // A script that cannot be read says so, and the watch goes on.
    write("rules.flow", "on deal won {");
    assert!(up_to_pause(&mut lines).contains("mend these first"));
    write("rules.flow", rule);
    assert!(up_to_pause(&mut lines).contains("1 test, all passed"));
    child.kill().unwrap();
    child.wait().unwrap();
}

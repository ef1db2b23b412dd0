//! What holds for every command: help with an example, completions, manual pages, colours, quiet, exit status.

use crate::cli::{dealflow, stdout};
use std::collections::BTreeSet;
use std::process::Command;

/// The commands, as the help lists them.
fn commands(of: &[&str]) -> Vec<String> {
    let help = stdout(&dealflow(&[of, &["--help"]].concat()));
    let Some((_, list)) = help.split_once("Commands:\n") else { return Vec::new() };
    let names =
        list.lines().take_while(|line| line.starts_with("  ")).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_command_shows_an_example() {
    let mut without = Vec::new();
    for command in commands(&[]) {
        let below = commands(&[&command]);
        let all: Vec<Vec<&str>> = if below.is_empty() {
            vec![vec![command.as_str()]]
        } else {
            below.iter().map(|below| vec![command.as_str(), below.as_str()]).collect()
        };
        for path in all {
            let help = stdout(&dealflow(&[&path[..], &["--help"]].concat()));
            if !help.contains("Example") {
                without.push(path.join(" "));
            }
        }
    }
    assert_eq!(without, Vec::<String>::new(), "commands without an example in their help");
}

#[test]
fn the_readme_tells_of_every_command() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let without = commands(&[]).into_iter().filter(|command| !readme.contains(&format!("`dealflow {command}")));
    assert_eq!(without.collect::<Vec<_>>(), Vec::<String>::new(), "commands without a row in README.md");
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let commands = commands(&[]);
    assert!(commands.len() > 15, "{commands:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = stdout(&dealflow(&["completions", shell]));
        for command in &commands {
            assert!(text.contains(command.as_str()), "{shell} does not know `{command}`");
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let output = dealflow(&["man", "--output", dir.path().to_str().unwrap(), "--quiet"]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""));
    let pages: BTreeSet<String> =
        std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    for command in &commands {
        assert!(pages.contains(&format!("dealflow-{command}.1")), "no page for `{command}` in {pages:?}");
    }
    assert!(std::fs::read_to_string(dir.path().join("dealflow-test.1")).unwrap().contains("lcov"));
}

#[test]
fn colours_are_as_asked_for() {
    let wrong = "tests/data/errors/E0103_missing_semicolon.flow";
    let coloured = |args: &[&str], no_color: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dealflow"));
        command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).env("NO_COLOR", no_color);
        stdout(&command.output().unwrap()).contains('\x1b')
    };
    // No terminal: colours only when they are wanted.
    assert!(!coloured(&["check", wrong], ""));
    assert!(coloured(&["check", wrong, "--color", "always"], ""));
    assert!(coloured(&["check", wrong, "--color", "always"], "1"), "what is said counts more than the environment");
    assert!(!coloured(&["check", wrong, "--color", "never"], ""));
}

#[test]
fn quiet_shows_only_what_went_wrong() {
    for args in [&["check", "examples/invoice"][..], &["test", "examples/invoice"], &["run", "examples/invoice"]] {
        let output = dealflow(&[args, &["--quiet"]].concat());
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""), "{args:?}");
    }
    let output = dealflow(&["test", "tests/data/testing/E0802_not_met", "-q", "--filter", "never"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("E0802"));
    let output = dealflow(&["check", "-q", "tests/data/errors/E0103_missing_semicolon.flow"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("E0103"));
}

/// 0 all fine, 1 something was found, 2 wrong use.
#[test]
fn the_exit_status_means_the_same_everywhere() {
    let wrong = "tests/data/errors/E0103_missing_semicolon.flow";
    let table: &[(&[&str], i32)] = &[
        (&["check", "examples/invoice"], 0),
        (&["check", wrong], 1),
        (&["check", "no/such/file.flow"], 2),
        (&["test", "examples/invoice"], 0),
        (&["test", wrong], 1),
        (&["test", "no/such/file.flow"], 2),
        (&["graph", "examples/invoice"], 0),
        (&["graph", wrong], 1),
        (&["graph", "no/such/file.flow"], 2),
        (&["diff", "examples/invoice", "examples/invoice"], 0),
        (&["diff", "examples/invoice", "no/such/folder"], 2),
        (&["fmt", "--check", "examples/invoice"], 0),
        (&["explain", "E0103"], 0),
        (&["explain", "E9999"], 2),
        (&["nonsense"], 2),
        (&["--version"], 0),
    ];
    for (args, status) in table {
        assert_eq!(dealflow(args).status.code(), Some(*status), "{args:?}");
    }
}

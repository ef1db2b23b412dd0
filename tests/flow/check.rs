//! `dealflow check` and `dealflow graph` on whole workspaces.

use crate::cli::{dealflow, stdout};
use std::path::Path;

const CIRCLE: &str = "tests/data/circle";

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_hidden_circle_of_three_rules_is_told_with_its_way() {
    let output = dealflow(&["check", CIRCLE]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn the_graph_of_triggers_is_drawn() {
    let formats = ["mermaid", "dot", "svg"].map(|format| {
        let output = dealflow(&["graph", "--triggers", CIRCLE, "--format", format]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        stdout(&output)
    });
    insta::assert_snapshot!(formats.join("---\n"));
}

#[test]
fn several_paths_of_one_workspace_are_checked_together_once() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "crm.toml", "");
    write(
        dir.path(),
        "lib/all.flow",
        "fn twice($n: int) -> int { return $n * 2; }\nrule \"Same\" on deal won { stop; }\n",
    );
    write(dir.path(), "a.flow", "use \"lib/all.flow\";\non deal created { log \"{twice(1)}\"; }\n");
    write(dir.path(), "b.flow", "rule \"Same\" on deal created { log deal.titel; }\n");
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let short = |paths: &[&str]| {
        let paths: Vec<String> = paths.iter().map(|p| path(p)).collect();
        let mut args = vec!["check", "--format", "short"];
        args.extend(paths.iter().map(String::as_str));
        let text = stdout(&dealflow(&args)).replace(&*dir.path().to_string_lossy(), "DIR");
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let twice = "DIR/lib/all.flow:2:6: E0209: there are two rules named `Same`";
    let unknown = "DIR/b.flow:1:40: E0202: a deal has no field `titel`";
    let all = short(&[""]);
    assert_eq!(all, [unknown, twice]);
    assert_eq!(short(&["a.flow"]), Vec::<String>::new(), "what is used is found, what is wrong elsewhere is not told");
    assert_eq!(short(&["b.flow"]), [unknown]);
    assert_eq!(short(&["b.flow", "lib/all.flow"]), all);
    assert_eq!(short(&["lib/all.flow", "", "b.flow"]), all, "each file once");
}

#[test]
fn lints_fail_the_check_only_when_denied() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "crm.toml", "");
    write(dir.path(), "a.flow", "on deal created { let $a = 5; wait until deal.amount > 5 EUR; }\n");
    let place = dir.path().to_str().unwrap();
    let table: &[(&[&str], i32, usize)] = &[
        (&[], 0, 2),
        (&["--deny", "endless-wait"], 1, 2),
        (&["--deny", "frozen-value"], 0, 2),
        (&["--deny", "all"], 1, 2),
        (&["--allow", "endless-wait"], 0, 1),
        (&["--deny", "all", "--allow", "all"], 0, 0),
        (&["--deny", "endles-wait"], 2, 0),
    ];
    for (more, status, lines) in table {
        let output = dealflow(&[&["check", place, "--format", "short"], *more].concat());
        assert_eq!(output.status.code(), Some(*status), "{more:?}");
        assert_eq!(stdout(&output).lines().count(), *lines, "{more:?}");
    }
    let human = stdout(&dealflow(&["check", place, "--deny", "endless-wait"]));
    assert!(human.ends_with("2 lints (1 denied) found\n"), "{human}");
}

#[test]
fn what_rules_can_do_is_counted() {
    let both = ["human", "json"].map(|format| {
        let output = dealflow(&["check", "--effects", "tests/data/manifest", "--format", format]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        stdout(&output)
    });
    insta::assert_snapshot!(both.join("---\n"));
    assert_eq!(dealflow(&["check", "--effects", "tests/data/manifest", "--format", "sarif"]).status.code(), Some(2));
}

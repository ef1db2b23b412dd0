//! The binary itself, as a user calls it.

use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Calls `dealflow` in the crate's own folder.
pub(crate) fn dealflow(args: &[&str]) -> Output {
    dealflow_in(Path::new(env!("CARGO_MANIFEST_DIR")), args)
}

/// Calls `dealflow` in a folder.
pub(crate) fn dealflow_in(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dealflow"));
    command.args(args).current_dir(dir).env("NO_COLOR", "1").env("COLUMNS", "100");
    command.output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The last line of a run's JSON output.
pub(crate) fn summary(output: &Output) -> Json {
    let text = stdout(output);
    let last = text.lines().last().unwrap_or_else(|| panic!("no output; {}", String::from_utf8_lossy(&output.stderr)));
    serde_json::from_str(last).unwrap()
}

/// Digests of programs, whole or the first digits of them, by the order in which they come: they change with every change
/// of the compiler.
pub(crate) fn without_digests(text: &str) -> String {
    let mut seen: Vec<String> = Vec::new();
    let mut out = String::new();
    for piece in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let hex = word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if hex && matches!(word.len(), 8 | 32) {
            let short = word[..8].to_owned();
            let at = seen.iter().position(|known| *known == short).unwrap_or_else(|| {
                seen.push(short);
                seen.len() - 1
            });
            out.extend(["PROGRAM", &(at + 1).to_string(), &piece[word.len()..]]);
        } else {
            out += piece;
        }
    }
    out
}

fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Paths of a temporary folder do not belong into a snapshot.
fn without(text: &str, dir: &Path) -> String {
    text.replace(&*dir.to_string_lossy(), "DIR")
}

#[test]
fn the_invoice_example_runs() {
    let output = dealflow(&["run", "examples/invoice"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn every_example_is_sound_and_formatted() {
    for args in [&["check", "examples"][..], &["fmt", "--check", "examples", "src/cli/template"]] {
        let output = dealflow(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", stdout(&output));
    }
}

const LEGAL: &str = r#"
[users.leo]
name = "Leo"
[users.lena]
name = "Lena"
[chats.Legal]
members = ["leo", "lena"]
binding = "legal"
"#;

/// The line that the language is for, verbatim.
const LINE: &str = r#"on deal stage "Invoice" < notify chat $legal "..."; wait until lead.status in [Won] or 3d; >"#;

#[test]
fn the_users_line_alone_is_checked_runs_and_is_seen_asleep() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "crm.toml", LEGAL);
    write(dir.path(), "line.flow", LINE);
    let events = [
        r#"{"at":"2026-03-02T08:00:00Z","do":"create","entity":"lead","id":"9","fields":{"title":"ACME"},"by":"leo"}"#,
        r#"{"at":"2026-03-02T09:00:00Z","do":"create","entity":"deal","id":"57","fields":{"title":"ACME","lead":"9","stage":"Invoice"},"by":"leo"}"#,
    ];
    write(dir.path(), "events.jsonl", &events.join("\n"));
    let store = dir.path().join("s.db");
    let (place, store) = (dir.path().to_str().unwrap(), store.to_str().unwrap());
    assert_eq!(dealflow(&["check", place]).status.code(), Some(0));
    let ran = dealflow(&["run", place, "--store", store, "--until", "2026-03-03"]);
    assert_eq!(ran.status.code(), Some(0));
    let listed = stdout(&dealflow(&["runs", "list", "--store", store]));
    let shown = stdout(&dealflow(&["runs", "show", "--store", store, "1"]));
    insta::assert_snapshot!(without_digests(&format!("{listed}--- show\n{shown}")));
    // The same command goes on: nothing of the file is taken twice, and the limit passes.
    let went_on = dealflow(&["run", place, "--store", store, "--format", "json"]);
    let summary = summary(&went_on);
    assert_eq!(summary["events"], 2);
    assert_eq!(summary["runs"]["ended"], 1);
    assert_eq!(summary["effects"]["notify chat"], 1);
    assert!(stdout(&dealflow(&["runs", "list", "--store", store])).contains("no run sleeps"));
    assert_eq!(dealflow(&["runs", "show", "--store", store, "2"]).status.code(), Some(2));
    // What is over can still be told.
    let ended = stdout(&dealflow(&["runs", "list", "--ended", "--store", store]));
    let failed = stdout(&dealflow(&["runs", "list", "--failed", "--store", store]));
    let told = stdout(&dealflow(&["runs", "show", "--store", store, "1"]));
    insta::assert_snapshot!(without_digests(&format!("{ended}--- failed\n{failed}--- show\n{told}")));
}

#[test]
fn four_mistakes_give_four_reports() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "crm.toml", LEGAL);
    let script = r#"rule "Four" on deal stage "Invoize" {
  comment deal "{deal.titel}";
  log "now"
  set deal.amount = "much";
}
"#;
    write(dir.path(), "wrong.flow", script);
    let place = dir.path().to_str().unwrap();
    let human = dealflow(&["check", place]);
    let short = dealflow(&["check", place, "--format", "short"]);
    let json = dealflow(&["check", place, "--format", "json"]);
    for output in [&human, &short, &json] {
        assert_eq!(output.status.code(), Some(1));
    }
    assert_eq!(stdout(&json).lines().count(), 4, "{}", stdout(&json));
    for line in stdout(&json).lines() {
        let report: Json = serde_json::from_str(line).unwrap();
        assert!(report["help"].is_string() || report["fixes"][0].is_object(), "{line}");
    }
    insta::assert_snapshot!(without(&format!("{}--- short\n{}", stdout(&human), stdout(&short)), dir.path()));
}

#[test]
fn a_new_workspace_checks_runs_and_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("mine");
    let place = place.to_str().unwrap();
    for (args, status) in [
        (&["new", place][..], 0),
        (&["check", place], 0),
        (&["fmt", "--check", place], 0),
        (&["run", place], 0),
        (&["new", place], 2),
    ] {
        let output = dealflow(args);
        assert_eq!(output.status.code(), Some(status), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A store in which nothing has happened yet has no clock. Live it has that of the machine, and schedules come from then on.
#[test]
fn schedules_need_no_event() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [("crm.toml", ""), ("dealflow.toml", ""), ("a.flow", "every \"0 9 * * *\" { log \"nine\"; }")] {
        write(dir.path(), name, text);
    }
    let path = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
    let (folder, store) = (path("."), path("s.db"));
    let told = stdout(&dealflow(&["run", &folder, "--until", "2026-03-05"]));
    assert!(told.contains("time begins with the first event"), "{told}");
    stdout(&dealflow(&["run", &folder, "--store", &store, "--live"]));
    let soon = std::time::SystemTime::now() + std::time::Duration::from_hours(3 * 24);
    let soon = soon.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let day = chrono::DateTime::from_timestamp(i64::try_from(soon).unwrap(), 0).unwrap();
    let until = day.format("%Y-%m-%d").to_string();
    let told = stdout(&dealflow(&["run", &folder, "--store", &store, "--until", &until, "--offline"]));
    assert!((3..=4).contains(&told.matches("log \"nine\"").count()), "{told}");
}

#[test]
fn wrong_use_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().to_str().unwrap();
    let mut text = String::new();
    for args in [
        &["run", place][..],
        &["check", "no/such/file.flow"],
        &["runs", "list", "--store", "no.db"],
        &["explain", "E9999"],
        &["run", "examples/invoice", "--until", "tomorrow"],
        &["import", "--map", "no.toml", "no.csv", "-o", "no.jsonl"],
    ] {
        let output = dealflow(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        text.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    insta::assert_snapshot!(without(&text, dir.path()));
}

#[test]
fn a_bad_event_stops_the_run_unless_told_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "crm.toml", LEGAL);
    write(dir.path(), "rules.flow", "on deal created { log \"new\"; }\n");
    let good = |id: u32| {
        format!(
            r#"{{"at":"2026-03-02T09:00:00Z","do":"create","entity":"deal","id":"{id}","fields":{{"title":"D"}},"by":"leo"}}"#
        )
    };
    let bad = r#"{"at":"2026-03-02T09:00:00Z","do":"create","entity":"deel","id":"2"}"#;
    write(dir.path(), "events.jsonl", &format!("{}\n{bad}\n{}\n", good(1), good(3)));
    let place = dir.path().to_str().unwrap();
    let stopped = dealflow(&["run", place, "--format", "json"]);
    assert_eq!(stopped.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&stopped.stderr).contains("events.jsonl:2"), "{stopped:?}");
    let went_on = dealflow(&["run", place, "--format", "json", "--keep-going"]);
    assert_eq!(went_on.status.code(), Some(1));
    assert_eq!(summary(&went_on)["effects"]["log"], 2);
    // A store has taken what is before the line, and goes on there when it is mended.
    let store = dir.path().join("s.db");
    let args = ["run", place, "--format", "json", "--store", store.to_str().unwrap()];
    assert_eq!(dealflow(&args).status.code(), Some(2));
    assert_eq!(dealflow(&args).status.code(), Some(2));
    write(dir.path(), "events.jsonl", &format!("{}\n{}\n{}\n", good(1), good(2), good(3)));
    let mended = dealflow(&args);
    assert_eq!(mended.status.code(), Some(0), "{mended:?}");
    assert_eq!(summary(&mended)["events"], 3);
    assert_eq!(summary(&mended)["effects"]["log"], 3);
}

#[test]
fn formatting_a_broken_script_leaves_it_alone() {
    let dir = tempfile::tempdir().unwrap();
    let broken = "on deal created { log \"a\" }\n";
    let path = write(dir.path(), "broken.flow", broken);
    let untidy = write(dir.path(), "untidy.flow", "on   deal created{log \"a\";}");
    let output = dealflow(&["fmt", dir.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(path).unwrap(), broken);
    assert_ne!(std::fs::read_to_string(&untidy).unwrap(), "on   deal created{log \"a\";}");
    assert_eq!(dealflow(&["fmt", "--check", untidy.to_str().unwrap()]).status.code(), Some(0));
}

#[test]
fn slips_are_mended_and_names_are_not() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "crm.toml", LEGAL);
    let text =
        "on deal created {\n  if deal.amount = 5 EUR && deal.title contains 'x' { log \"a\" }\n  log deal.titel\n}\n";
    let path = write(dir.path(), "slips.flow", text);
    let output = dealflow(&["check", "--fix", dir.path().to_str().unwrap(), "--format", "short"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("E0202"), "{}", stdout(&output));
    assert_eq!(stdout(&output).lines().count(), 1, "{}", stdout(&output));
    insta::assert_snapshot!(std::fs::read_to_string(path).unwrap());
}

#[test]
fn a_sarif_log_has_rules_results_places_and_fixes() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "crm.toml", LEGAL);
    write(dir.path(), "a b.flow", "on deal stage \"Invoize\" { stop; }\n");
    let output = dealflow(&["check", dir.path().to_str().unwrap(), "--format", "sarif"]);
    assert_eq!(output.status.code(), Some(1));
    let log: Json = serde_json::from_str(&stdout(&output)).unwrap();
    let run = &log["runs"][0];
    let result = &run["results"][0];
    let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
    let place = &result["locations"][0]["physicalLocation"];
    assert!(place["artifactLocation"]["uri"].as_str().unwrap().ends_with("a%20b.flow"));
    assert_eq!(place["region"]["startColumn"], 15);
    let replacement = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], "\"Invoice\"");
}

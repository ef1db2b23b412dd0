//! `dealflow crm`: looking at records, and changing one by hand.

use crate::cli::dealflow_in;

const SCRIPT: &str = r#"
rule "Start" on deal stage "Invoice" {
  let $task = create task "Send the papers" with due: now + 1d;
  comment deal "task {$task.subject}";
  record "went to invoice" in history of deal;
  if contact is not empty { send email to contact "Invoice" "Text"; }
  send email to deal.owner "Look" "not for the customer";
}
rule "Done" on task completed if deal is not empty { comment deal "done: {task.subject}"; }
"#;

const SCHEMA: &str = r#"
[users.anna]
name = "Anna Nowak"
email = "anna@example.com"

[entities.deal.fields]
fee = { type = "money", currency = "USD" }
"#;

const EVENTS: &str = r#"{"at":"2026-03-02T09:00","do":"create","entity":"contact","id":"1","fields":{"name":"Barbara","emails":"b@example.com"},"by":"anna"}
{"at":"2026-03-02T09:10","do":"create","entity":"deal","id":"57","fields":{"title":"Mixer","contact":"1","stage":"Invoice","amount":"500 EUR"},"by":"anna"}
"#;

/// Runs the command in the folder; its output, its mistakes and how it ended.
fn tell(dir: &std::path::Path, args: &[&str]) -> String {
    let output = dealflow_in(dir, args);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap();
    format!("$ dealflow {}\n{}{}= {code}\n\n", args.join(" "), text(&output.stdout), text(&output.stderr))
}

#[test]
fn records_are_listed_shown_and_changed_by_hand() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [("crm.toml", SCHEMA), ("rules.flow", SCRIPT), ("events.jsonl", EVENTS)] {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let run = tell(dir.path(), &["run", ".", "--store", "s.db", "--until", "2026-03-02T10:00"]);
    assert!(run.contains("= 0"), "{run}");
    let mut told = String::new();
    for args in [
        &["crm", "list", "--store", "s.db"][..],
        &["crm", "list", "deal", "--store", "s.db"],
        &["crm", "show", "deal", "57", "--store", "s.db"],
        &["crm", "set", "task", "flow-1", "status=Done", "--by", "anna", "--at", "2026-03-03T09:00", "--store", "s.db"],
        &["crm", "set", "deal", "57", "amount=700 EUR", "comments=null", "--at", "2026-03-03T09:05", "--store", "s.db"],
        &["crm", "show", "task", "flow-1", "--store", "s.db"],
        &["crm", "set", "deal", "57", "amout=5", "--store", "s.db"],
        &["crm", "set", "deal", "57", "stage=Invoic", "--store", "s.db"],
        &["crm", "set", "deal", "57", "id=5", "--store", "s.db"],
        &["crm", "set", "deal", "57", "fee=12", "--at", "2026-03-03T09:10", "--store", "s.db"],
        &["crm", "set", "deal", "57", "fee=12 EUR", "--store", "s.db"],
        &["crm", "set", "deal", "58", "amount=5", "--store", "s.db"],
        &["crm", "set", "deal", "57", "contact=2", "--store", "s.db"],
        &["crm", "set", "deal", "57", "amount=5", "amount=6", "--store", "s.db"],
        &["crm", "list", "dael", "--store", "s.db"],
    ] {
        told.push_str(&tell(dir.path(), args));
    }
    // Mails to employees are not shown on a record's timeline.
    assert!(told.contains("\"Invoice\"") && !told.contains("\"Look\""), "{told}");
    insta::assert_snapshot!(told);
}

/// What a link leads to may come in a later line, in a later file, or never.
#[test]
fn links_that_lead_nowhere_are_told_at_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let mut told = String::new();
    let mut run = |events: &str, args: &[&str]| {
        std::fs::write(dir.path().join("events.jsonl"), events).unwrap();
        let said = tell(dir.path(), &[&["run", ".", "--store", "s.db"], args].concat());
        told += &[events, &said].concat();
    };
    std::fs::write(dir.path().join("crm.toml"), SCHEMA).unwrap();
    let first = r#"{"at":"2026-03-02T09:00","do":"create","entity":"deal","id":"57","fields":{"title":"A","company":"99","lead":9},"by":"anna"}
{"at":"2026-03-02T09:01","do":"event","event":"call missed","entity":"deal","id":"58","fields":{"contact":"12"}}
{"at":"2026-03-02T09:02","do":"create","entity":"lead","id":"9","fields":{"title":"A"},"by":"anna"}
"#;
    run(first, &[]);
    let later = r#"{"at":"2026-03-02T10:00","do":"create","entity":"company","id":"99","fields":{"name":"A"},"by":"anna"}
"#;
    run(&format!("{first}{later}"), &[]);
    let many: String = (1..=7)
        .map(|id| format!(r#"{{"at":"2026-03-03","do":"create","entity":"contact","id":"{id}","fields":{{"name":"A","company":"1"}},"by":"anna"}}"#) + "\n")
        .collect();
    run(&many.replace("03-03", "03-04"), &["--quiet"]);
    run(&many, &[]);
    insta::assert_snapshot!(told);
}

/// Time passes up to the moment of a change by hand: what was due before comes first.
#[test]
fn what_was_due_comes_before_a_change_by_hand() {
    let dir = tempfile::tempdir().unwrap();
    let rule = "on deal stage \"Invoice\" { wait 1d; log \"a day later: {deal.stage}\"; }\n";
    for (name, text) in [("crm.toml", SCHEMA), ("rules.flow", rule), ("events.jsonl", EVENTS)] {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let run = tell(dir.path(), &["run", ".", "--store", "s.db", "--until", "2026-03-02T10:00"]);
    assert!(run.contains("= 0"), "{run}");
    let told = tell(dir.path(), &["crm", "set", "deal", "57", "stage=Lost", "--at", "2026-03-05", "--store", "s.db"]);
    insta::assert_snapshot!(told);
}

//! `dealflow backtest`: how often rules would have been used over events of the past; and files of audiences.

use std::path::Path;
use std::process::Command;

const CRM: &str = "[workspace]\ntimezone = \"Europe/Warsaw\"\ncurrency = \"PLN\"\n[users.anna]\nname = \"Anna Nowak\"\n\
                   [audiences.VIP]\nnetworks = [\"google\"]\n";

const RULES: &str = r#"/// Large invoices.
rule "Large" on deal stage "Invoice" if deal.amount > 10000 PLN and deal.title is not empty once per deal {
  notify deal.owner "large: {deal.title}";
  wait until deal.stage == "Won" or 3d;
  comment deal "over";
}

rule "Audience" on deal won if contact is not empty {
  add contact to audience "VIP" of google;
  send email to contact "Welcome" "to the club";
  message deal.owner.manager "nobody";
}

rule "Never" on lead created { log "a lead"; }

rule "Divides" on deal created { log "{100 / (deal.reminder default 0)}"; }
"#;

const EVENTS: &str = r#"{"at":"2026-03-02T09:00","do":"create","entity":"contact","id":"1","fields":{"name":"Ann","emails":["Ann@Example.com"],"phones":["+48 600 100 200"]},"by":"anna"}
{"at":"2026-03-02T10:00","do":"create","entity":"deal","id":"1","fields":{"title":"A","amount":"20000 PLN","contact":"1","reminder":1},"by":"anna"}
{"at":"2026-03-02T10:01","do":"create","entity":"deal","id":"2","fields":{"title":"B","amount":"200 PLN","reminder":1},"by":"anna"}
{"at":"2026-03-02T10:02","do":"create","entity":"deal","id":"3","fields":{"title":"C"},"by":"anna"}
{"at":"2026-03-03T10:00","do":"update","entity":"deal","id":"1","fields":{"stage":"Invoice"},"by":"anna"}
{"at":"2026-03-03T11:00","do":"update","entity":"deal","id":"2","fields":{"stage":"Invoice"},"by":"anna"}
{"at":"2026-03-03T12:00","do":"update","entity":"deal","id":"3","fields":{"stage":"Invoice"},"by":"anna"}
{"at":"2026-03-04T10:00","do":"update","entity":"deal","id":"1","fields":{"stage":"New"},"by":"anna"}
{"at":"2026-03-04T11:00","do":"update","entity":"deal","id":"1","fields":{"stage":"Invoice"},"by":"anna"}
{"at":"2026-03-20T11:00","do":"update","entity":"deal","id":"1","fields":{"stage":"Won"},"by":"anna"}
"#;

fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "crm.toml",
        &format!(
            "{CRM}[entities.deal.fields]\nreminder = \"int\"\n[[entities.deal.pipelines]]\nname = \"Sales\"\n\
             stages = [\"New\", \"Invoice\", \"Won\", \"Lost\"]\nsuccess = [\"Won\"]\nfailure = [\"Lost\"]\n"
        ),
    );
    write("rules.flow", RULES);
    write("events.jsonl", EVENTS);
    folder
}

fn call(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dealflow"));
    let output = command.args(args).current_dir(folder).env("NO_COLOR", "1").output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_past_is_told_rule_by_rule() {
    let folder = workspace();
    let told = call(folder.path(), &["backtest", "."]);
    let json = call(folder.path(), &["backtest", ".", "--until", "2026-03-03", "--json"]);
    insta::assert_snapshot!(format!("{told}\n{json}"));
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 3, "nothing is kept");
}

#[test]
fn what_runs_did_is_counted_rule_by_rule() {
    let folder = workspace();
    call(folder.path(), &["run", ".", "--store", "s.db"]);
    let all = call(folder.path(), &["runs", "report", "--store", "s.db"]);
    let late = call(folder.path(), &["runs", "report", "--since", "2026-03-10", "--store", "s.db"]);
    let wrong = call(folder.path(), &["runs", "report", "--since", "march", "--store", "s.db"]);
    insta::assert_snapshot!(format!("{all}\n{late}\n{wrong}"));
}

#[test]
fn an_audience_is_a_file_of_hashes() {
    let folder = workspace();
    call(folder.path(), &["run", ".", "--store", "s.db"]);
    let file = call(folder.path(), &["crm", "audience", "VIP", "--network", "google", "--store", "s.db"]);
    let other = call(folder.path(), &["crm", "audience", "VIP", "--network", "facebook", "--store", "s.db"]);
    let none = call(folder.path(), &["crm", "audience", "VIPs", "--network", "google", "--store", "s.db"]);
    insta::assert_snapshot!(format!("{file}{other}{none}"));
}

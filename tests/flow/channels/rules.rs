//! From a rule to the customer: `send email` leaves with `run --live`, waits for a server that is down, and is caught when it
//! is refused.

use super::server::{Server, wait_until};
use serde_json::json;
use std::path::Path;
use std::process::Command;

const RULE: &str = r#"rule "Offer" on deal stage "Invoice" {
  if client is not empty {
    try { send email to client "Offer {deal.title}" "Dear customer"; comment deal "sent"; } else $error { comment deal "not sent: {$error}"; }
  }
}
"#;

fn call(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dealflow"));
    let output = command.args(args).current_dir(folder).env("NO_COLOR", "1").output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn events(addresses: &[&str]) -> String {
    let mut lines = Vec::new();
    for (address, id) in addresses.iter().zip(1..) {
        let head = |entity: &str, fields: serde_json::Value| json!({ "at": "2026-03-02T09:00:00Z", "do": "create", "entity": entity, "id": id.to_string(), "by": "anna", "fields": fields });
        lines.push(head("contact", json!({ "name": "Ann", "emails": [address] })).to_string());
        let deal = json!({ "title": format!("D{id}"), "stage": "Invoice", "contact": id.to_string() });
        lines.push(head("deal", deal).to_string());
    }
    lines.join("\n") + "\n"
}

#[test]
fn mails_of_rules_arrive_though_the_server_was_down() {
    let Some(server) = Server::script("smtp") else { return };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("crm.toml", &std::fs::read_to_string("tests/data/engine/crm.toml").unwrap());
    write("rules.flow", RULE);
    write("events.jsonl", &events(&["ann@example.com", "nobody@example.com", "bob@example.com"]));
    let config = format!(
        "[retry]\nfirst = \"1s\"\nlongest = \"1s\"\nattempts = 100\n[email]\nserver = \"127.0.0.1\"\nport = {}\n\
         security = \"none\"\nfrom = \"sales@acme.example\"\n",
        server.port
    );
    write("dealflow.toml", &config);
    let (port, kept) = server.kill();
    let first = call(folder.path(), &["run", ".", "--store", "s.db", "--live"]);
    assert!(first.contains("handed over: send email") && first.contains("is tried again"), "{first}");
    assert!(first.contains("0 sent, ") && first.contains("the next is due"), "{first}");
    let server = Server::script_at("smtp", port, kept).unwrap();
    wait_until("all mails are sent", || {
        call(folder.path(), &["effects", "send", ".", "--store", "s.db"]);
        call(folder.path(), &["effects", "waiting", "--store", "s.db"]).is_empty()
    });
    let mut taken: Vec<String> =
        server.read("log").lines().filter_map(|l| Some(l.split_once(' ')?.1.to_owned())).collect();
    taken.sort();
    assert_eq!(taken, ["ann@example.com", "bob@example.com"]);
    let told = call(folder.path(), &["effects", "list", "--store", "s.db"]);
    assert_eq!(told.matches("text \"sent\"").count(), 2, "{told}");
    assert!(told.contains("not sent: 127.0.0.1: ") && told.contains("550"), "{told}");
}

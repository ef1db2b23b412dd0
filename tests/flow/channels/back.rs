//! What comes back for mails: reports of mail servers and clicks become events about the mail that was sent, each once.

use super::server::Server;
use std::path::Path;
use std::process::Command;

const RULES: &str = r#"rule "Offer" on deal stage "Invoice" {
  if contact is not empty {
    send email to contact "Offer {deal.title}" "<p>See <a href=\"https://acme.example/offer\">our offer</a></p>" with format: html, track_clicks: true;
  }
}

rule "Bounced" on email bounced { log "{event.subject default "?"} did not reach {event.to default "?"}: {event.text default "?"}, of {deal.title default "?"}"; }

rule "Clicked" on email clicked "https://acme.example/offer" { log "{contact.name default "?"} has clicked {event.link default "?"}"; }
"#;

const EVENTS: &str = r#"{"at":"2026-03-02T09:00:00Z","do":"create","entity":"contact","id":"1","by":"anna","fields":{"name":"Ann","emails":["ann@example.com"]}}
{"at":"2026-03-02T09:01:00Z","do":"create","entity":"deal","id":"1","by":"anna","fields":{"title":"D1","stage":"Invoice","contact":"1"}}
"#;

fn call(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dealflow"));
    let output = command.args(args).current_dir(folder).env("NO_COLOR", "1").env("LINKS", "s3cret").output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

/// Lines of the timeline without their times, as these are of the clock.
fn lines(text: &str) -> Vec<String> {
    text.lines().filter_map(|line| Some(line.split_once("  ")?.1.trim().get(5..)?.trim().to_owned())).collect()
}

#[test]
fn bounces_and_clicks_are_events_of_the_mail_that_was_sent() {
    let Some(server) = Server::script("smtp") else { return };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("crm.toml", &std::fs::read_to_string("tests/data/engine/crm.toml").unwrap());
    write("rules.flow", RULES);
    write("events.jsonl", EVENTS);
    write(
        "dealflow.toml",
        &format!(
            "[email]\nserver = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nfrom = \"sales@acme.example\"\n\
             [email.tracking]\nurl = \"https://links.acme.example/c\"\nsecret = {{ env = \"LINKS\" }}\n",
            server.port
        ),
    );
    let sent = call(folder.path(), &["run", ".", "--store", "s.db", "--live"]);
    assert!(sent.contains("1 sent"), "{sent}");
    let mail = sent_mail(&server);
    let id = between(&mail, "Message-ID: <", ">");
    let token =
        between(&mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "="), "links.acme.example/c?t=", "\"");
    // The report of the server, and one about a mail of somebody else.
    let report = std::fs::read_to_string("tests/data/channels/bounce.eml").unwrap();
    std::fs::create_dir(folder.path().join("new")).unwrap();
    write("new/1", &report.replace("7-2-0-19cad8fac00@acme.example", &id));
    write("new/2", &report.replace("E1abc-0001", "E1abc-0002"));
    write("log", &format!("127.0.0.1 \"GET /c?t={token} HTTP/1.1\" 302\n127.0.0.1 \"GET /c?t=x.y HTTP/1.1\" 404\n"));
    let bounced = call(folder.path(), &["effects", "bounces", ".", "new", "--store", "s.db"]);
    let clicked = call(folder.path(), &["effects", "clicks", ".", "log", "--store", "s.db"]);
    let again = call(folder.path(), &["effects", "bounces", ".", "new", "--store", "s.db"])
        + &call(folder.path(), &["effects", "clicks", ".", "log", "--store", "s.db"]);
    assert!(!again.contains("starts for"), "{again}");
    let shown = lines(&bounced).into_iter().chain(lines(&clicked)).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(shown.replace(&id, "ID"));
}

fn sent_mail(server: &Server) -> String {
    let mut names = std::fs::read_dir(server.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let mail = names.find(|path| path.extension().is_some_and(|e| e == "eml")).unwrap();
    std::fs::read_to_string(mail).unwrap()
}

fn between(text: &str, from: &str, to: &str) -> String {
    text.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned()
}

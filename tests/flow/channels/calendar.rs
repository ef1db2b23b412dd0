//! Entries of a calendar: as they are written, and in a real CalDAV server.

use super::server::{Server, channels, errand, free_port, program, text};
use dealflow::channel::Channels;
use dealflow::engine::Attempt;
use dealflow::value::{Moment, Value};
use std::path::Path;
use std::process::Command;

const START: i64 = 1_772_438_400_000;

fn meeting(minutes: i64) -> Vec<(&'static str, Value)> {
    vec![
        ("start", Value::DateTime(Moment(START))),
        ("end", Value::DateTime(Moment(START + minutes * 60_000))),
        ("title", text("Offer; with ACME, Zürich")),
        ("description", text("bring\nthe papers")),
        ("attendees", Value::list(vec![text("ann@example.com")])),
        ("organizer", text("anna@acme.example")),
        ("remind", Value::Int(15)),
    ]
}

fn calendar(url: &str) -> Channels {
    let config = format!(
        "[network]\nprivate = [\"127.0.0.1\"]\n[calendar]\nurl = \"{url}\"\nuser = \"flow\"\npassword = {{ env = \"SECRET\" }}\n"
    );
    channels(&config, Path::new("."))
}

#[test]
fn an_entry_is_what_calendars_read() {
    let channels = calendar("http://127.0.0.1:1/flow/deals");
    let (key, row) = errand("calendar", &meeting(30));
    let (_, shown) = channels.dry_run(key, &row).unwrap();
    insta::assert_snapshot!(String::from_utf8(shown).unwrap().replace('\r', ""));
    let refused = |args: &[(&str, Value)]| channels.send(key, &errand("calendar", args).1);
    assert!(matches!(refused(&meeting(-1)), Attempt::Permanent { .. }));
    assert!(matches!(refused(&meeting(30)[1..]), Attempt::Permanent { .. }));
    let mut evil = meeting(30);
    evil[4].1 = text("ann@example.com\r\nATTENDEE:mailto:evil@example.com");
    assert!(matches!(refused(&evil), Attempt::Permanent { .. }));
}

#[test]
fn a_mail_with_a_time_is_an_invitation() {
    let config = "[email]\nserver = \"127.0.0.1\"\nfrom = \"sales@acme.example\"\n";
    let mut args = meeting(30);
    args.extend([("to", text("ann@example.com")), ("subject", text("Offer")), ("text", text("please come"))]);
    let (key, row) = errand("email", &args);
    let (_, mail) = channels(config, Path::new(".")).dry_run(key, &row).unwrap();
    let mail = mail_parser::MessageParser::default().parse(&mail).unwrap().into_owned();
    let part =
        mail.parts.iter().find(|part| mail_parser::MimeHeaders::is_content_type(*part, "text", "calendar")).unwrap();
    let entry = String::from_utf8_lossy(part.contents()).into_owned();
    assert!(entry.contains("METHOD:REQUEST\r\n") && entry.contains("UID:7-2-0-19cad8fac00@dealflow\r\n"), "{entry}");
}

#[test]
fn a_calendar_server_has_it_once() {
    let Some(python) = program("python") else { return };
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    std::fs::write(folder.path().join("users"), "flow:s3cret\n").unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut command = Command::new(python);
    command.args(["-m", "radicale", "--config", ""]).args(["--server-hosts", &format!("127.0.0.1:{port}")]);
    command.args(["--storage-filesystem-folder", &path("data"), "--auth-type", "htpasswd"]);
    command.args(["--auth-htpasswd-filename", &path("users"), "--auth-htpasswd-encryption", "plain"]);
    let _server = Server::command(&mut command, port, folder);
    let url = format!("http://127.0.0.1:{port}/flow/deals");
    let login = "Basic ZmxvdzpzM2NyZXQ=";
    let agent: ureq::Agent = ureq::Agent::config_builder().allow_non_standard_methods(true).build().into();
    let ask = |method: &str, url: &str| {
        let request = ureq::http::Request::builder().method(method).uri(url).header("Authorization", login);
        let mut answer = agent.run(request.body(String::new()).unwrap()).unwrap();
        answer.body_mut().read_to_string().unwrap()
    };
    ask("MKCALENDAR", &url);
    let channels = calendar(&url);
    let (key, row) = errand("calendar", &meeting(30));
    let done = Attempt::Done { value: None, fields: vec![("calendar_id".into(), text("7-2-0-19cad8fac00"))] };
    // The second time the server says that it is there (412), which is as good.
    assert_eq!([channels.send(key, &row), channels.send(key, &row)], [done.clone(), done]);
    let kept = ask("GET", &url);
    assert_eq!(kept.matches("BEGIN:VEVENT").count(), 1, "{kept}");
    assert!(kept.contains("SUMMARY:Offer\\; with ACME\\, Zürich"), "{kept}");
    // What is called off goes away, also when it is gone already.
    let (other, remove) = errand("calendar", &[("remove", text("7-2-0-19cad8fac00"))]);
    let gone = Attempt::Done { value: None, fields: Vec::new() };
    assert_eq!([channels.send(other, &remove), channels.send(other, &remove)], [gone.clone(), gone]);
    assert_eq!(ask("GET", &url).matches("BEGIN:VEVENT").count(), 0);
    let (other, outside) = errand("calendar", &[("remove", text("../x"))]);
    assert!(matches!(channels.send(other, &outside), Attempt::Permanent { .. }));
}

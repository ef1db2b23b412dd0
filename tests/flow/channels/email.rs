//! Mails over a real SMTP server: what arrives, what is refused, and what nobody can slip in.

use super::server::{Server, channels, errand, free_port, text};
use dealflow::channel::{Channels, Secret, read_bounces, read_link};
use dealflow::engine::Attempt;
use dealflow::value::Value;
use mail_parser::{MessageParser, MimeHeaders};

fn config(port: u16) -> String {
    format!(
        "[email]\nserver = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nfrom = \"Zażółć Sales <sales@acme.example>\"\n\
         timeout = \"5s\"\n[email.tracking]\nurl = \"https://t.acme.example/c\"\nsecret = {{ env = \"SECRET\" }}\n"
    )
}

fn send(channels: &Channels, args: &[(&str, Value)]) -> Attempt {
    let (key, row) = errand("email", args);
    channels.send(key, &row)
}

const ID: &str = "7-2-0-19cad8fac00@acme.example";

#[test]
fn a_mail_arrives_with_both_its_parts_and_its_files() {
    let Some(server) = Server::script("smtp") else { return };
    let workspace = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(workspace.path().join("files/offers")).unwrap();
    std::fs::write(workspace.path().join("files/offers/Zürich.pdf"), b"%PDF-1.7 not really").unwrap();
    let channels = channels(&config(server.port), workspace.path());
    let args = [
        ("to", text("Ann Ö <ann@example.com>")),
        ("subject", text("Angebot für Ö\r\nBcc: evil@example.com")),
        ("text", text("[b]Dear Ann[/b],\nplease [url=https://acme.example/pay?a=1&b=2]pay[/url] <now>")),
        ("format", text("bbcode")),
        ("attachments", Value::list(vec![text("offers/Zürich.pdf")])),
        ("track_clicks", Value::Bool(true)),
    ];
    let done = Attempt::Done { value: None, fields: vec![("message_id".into(), text(ID))] };
    assert_eq!(send(&channels, &args), done);
    // The very same once more: the server knows it by its id.
    assert_eq!(send(&channels, &args), done);
    assert_eq!(server.read("log"), format!("{ID} ann@example.com\n").repeat(2));
    let raw = std::fs::read(server.folder.path().join(format!("{ID}.eml"))).unwrap();
    let mail = MessageParser::default().parse(&raw).unwrap();
    assert_eq!(mail.message_id(), Some(ID));
    assert_eq!(mail.subject(), Some("Angebot für Ö Bcc: evil@example.com"));
    assert_eq!(mail.bcc(), None);
    let from = mail.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("Zażółć Sales"), Some("sales@acme.example")));
    let plain = mail.body_text(0).unwrap().replace("\r\n", "\n");
    assert_eq!(plain.trim(), "Dear Ann,\nplease pay (https://acme.example/pay?a=1&b=2) <now>");
    let html = mail.body_html(0).unwrap().into_owned();
    let (before, rest) = html.split_once("https://t.acme.example/c?t=").unwrap();
    let (token, after) = rest.split_once('"').unwrap();
    assert_eq!(
        before,
        "<strong>Dear Ann</strong>,<br>\nplease <a href=\""
            .replace('\n', if html.contains("\r\n") { "\r\n" } else { "\n" })
    );
    assert_eq!(after.trim(), ">pay</a> &lt;now&gt;");
    let link = read_link(&Secret::new("s3cret"), token).unwrap();
    assert_eq!(link, ("7-2-0-19cad8fac00".to_owned(), "https://acme.example/pay?a=1&b=2".to_owned()));
    let file = mail.attachment(0).unwrap();
    assert_eq!((file.attachment_name(), file.contents()), (Some("Zürich.pdf"), &b"%PDF-1.7 not really"[..]));
}

#[test]
fn refusals_for_good_and_for_now_are_told_apart() {
    let Some(server) = Server::script("smtp") else { return };
    let mails = channels(&config(server.port), server.folder.path());
    let to = |to: &str| send(&mails, &[("to", text(to)), ("subject", text("s")), ("text", text("t"))]);
    let Attempt::Permanent { why } = to("nobody@example.com") else { panic!() };
    assert!(why.contains("550") && why.contains("nobody of that name"), "{why}");
    let Attempt::Passing { why, after: None } = to("later@example.com") else { panic!() };
    assert!(why.contains("451") && why.contains("come back later"), "{why}");
    std::fs::write(server.folder.path().join("open"), "").unwrap();
    assert!(matches!(to("later@example.com"), Attempt::Done { .. }));
    // Nobody listens there; there is no such section.
    let nobody = channels(&config(free_port()), server.folder.path());
    let (key, row) = errand("email", &[("to", text("ann@example.com")), ("text", text("t"))]);
    assert!(matches!(nobody.send(key, &row), Attempt::Passing { .. }));
    let none = channels("", server.folder.path());
    let why = "`dealflow.toml` has no section `[email]`".into();
    assert_eq!(none.send(key, &row), Attempt::Permanent { why });
}

#[test]
fn nothing_gets_into_the_headers_or_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let channels = channels(&config(1), folder.path());
    let dry = |args: &[(&str, Value)]| {
        let (key, row) = errand("email", args);
        channels.dry_run(key, &row).map(|(ending, bytes)| (ending, String::from_utf8(bytes).unwrap()))
    };
    for to in ["ann@example.com\r\nBcc: evil@example.com", "Ann\n <ann@example.com>", "ann", "", "<>", "a@b\0.example"]
    {
        let refused = dry(&[("to", text(to)), ("text", text("t"))]).unwrap_err();
        assert!(refused.contains("is no e-mail address") || refused.contains("no recipient"), "{to:?}: {refused}");
    }
    for (name, value) in [("from", "x\r\nX-Evil: 1 <a@b.example>"), ("reply_to", "a@b.example\r\nX-Evil: 1")] {
        assert!(dry(&[("to", text("ann@example.com")), (name, text(value))]).is_err(), "{name}");
    }
    for file in ["../dealflow.toml", "/etc/passwd", "a/../../b", "nothing.pdf", ""] {
        let attach = Value::list(vec![text(file)]);
        assert!(dry(&[("to", text("ann@example.com")), ("attachments", attach)]).is_err(), "{file}");
    }
    let (ending, mail) =
        dry(&[("to", text("ann@example.com")), ("subject", text("a\0b\u{b}c")), ("text", text(".\r\n.x"))]).unwrap();
    assert_eq!(ending, "eml");
    assert!(mail.contains("Subject: a b c\r\n"), "{mail}");
}

#[test]
fn bounces_say_which_mail_did_not_reach_whom() {
    let report = include_bytes!("../../data/channels/bounce.eml");
    let bounces = read_bounces(report);
    insta::assert_debug_snapshot!(bounces);
    assert_eq!(read_bounces(b"Subject: hello\r\n\r\nno report"), vec![]);
    assert_eq!(read_bounces(b""), vec![]);
}

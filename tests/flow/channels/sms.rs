//! SMS through a real gateway: Kannel takes the message over HTTP and hands it to its centre, which is our HTTP server.

use super::server::{Server, channels, errand, free_port, text, wait_until};
use dealflow::engine::Attempt;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Kannel's two processes, with a centre that is reached by HTTP.
fn kannel(centre: u16) -> Option<(Server, Server, u16)> {
    let boxes = ["/usr/sbin/bearerbox", "/usr/sbin/smsbox"];
    if !boxes.iter().all(|path| Path::new(path).is_file()) {
        println!("left out: Kannel is not there; `./test` installs it");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let [admin, inner, http, receive] = [(); 4].map(|()| free_port());
    let mut config = String::new();
    let _ = write!(
        config,
        "group = core\nadmin-port = {admin}\nadmin-password = x\nsmsbox-port = {inner}\nadmin-interface = 127.0.0.1\n\
         box-allow-ip = 127.0.0.1\nsms-outgoing-queue-limit = 1000\n\n\
         group = smsc\nsmsc = http\nsmsc-id = centre\nsystem-type = kannel\nport = {receive}\nsmsc-username = u\n\
         smsc-password = p\nsend-url = \"http://127.0.0.1:{centre}/centre\"\n\n\
         group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {http}\nsendsms-interface = 127.0.0.1\n\n\
         group = sendsms-user\nusername = flow\npassword = s3cret\nmax-messages = 3\nconcatenation = true\n"
    );
    let path = folder.path().join("kannel.conf");
    std::fs::write(&path, config).unwrap();
    let start = |program: &str, port: u16| {
        let mut command = Command::new(program);
        Server::command(command.args(["-v", "1"]).arg(&path), port, tempfile::tempdir().unwrap())
    };
    let (bearer, sms) = (start(boxes[0], inner), start(boxes[1], http));
    let path = path.clone();
    drop(path);
    // The folder with the configuration has been read by both.
    drop(folder);
    Some((bearer, sms, http))
}

const PROVIDER: &str = r#"
[network]
private = ["127.0.0.1"]
[sms.gateway]
url = "http://127.0.0.1:PORT/cgi-bin/sendsms?username=flow&password={password}&to={to}&from={from}&text={text}&charset=UTF-8&coding=2"
from = "ACME"
success = [200, 202]
success_text = "Accepted"
[sms.gateway.secrets]
password = { env = "SECRET" }
"#;

#[test]
fn an_sms_goes_through_a_gateway() {
    let Some(centre) = Server::script("web") else { return };
    let Some((_bearer, _sms, port)) = kannel(centre.port) else { return };
    let provider = PROVIDER.replace("PORT", &port.to_string());
    let channels = channels(&provider, Path::new("."));
    let args = [("provider", text("gateway")), ("to", text("+48 600-100 200")), ("text", text("Zażółć & go {to}"))];
    let (key, row) = errand("sms", &args);
    let done = Attempt::Done { value: None, fields: vec![] };
    wait_until("Kannel's boxes know one another", || channels.send(key, &row) == done);
    wait_until("the message arrives", || !centre.read("requests").is_empty());
    let line = centre.read("requests");
    let request: serde_json::Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    let path = request["path"].as_str().unwrap();
    assert!(path.contains("to=%2B48600100200") && path.contains("from=ACME"), "{path}");
    let shown = channels.dry_run(key, &row).unwrap();
    let shown = String::from_utf8(shown.1).unwrap();
    assert!(shown.contains("password=(secret)") && !shown.contains("s3cret"), "{shown}");
}

/// A provider with JSON, whose own number of the message is kept.
#[test]
fn a_provider_is_described_as_data() {
    let Some(server) = Server::script("web") else { return };
    let config = format!(
        "[network]\nprivate = [\"127.0.0.1\"]\n[sms.api]\nurl = \"http://127.0.0.1:{}/send\"\nid = \"/messages/0/id\"\n\
         body = '{{\"to\":\"{{to}}\",\"text\":\"{{text}}\",\"ref\":\"{{key}}\"}}'\n\
         headers = {{ Authorization = \"Bearer {{token}}\", Idempotency-Key = \"{{key}}\" }}\n\
         secrets = {{ token = {{ env = \"SECRET\" }} }}\n",
        server.port
    );
    let channels = channels(&config, Path::new("."));
    let (key, row) =
        errand("sms", &[("provider", text("api")), ("to", text("+1 212 555 0100")), ("text", text("say \"hi\"\n"))]);
    let id = ("provider_id".into(), text("m-7-2-0-19cad8fac00"));
    assert_eq!(channels.send(key, &row), Attempt::Done { value: None, fields: vec![id] });
    let request: serde_json::Value = serde_json::from_str(server.read("requests").trim()).unwrap();
    assert_eq!(request["headers"]["authorization"], "Bearer s3cret");
    assert_eq!(request["body"], r#"{"to":"+12125550100","text":"say \"hi\"\n","ref":"7-2-0-19cad8fac00"}"#);
    for to in ["", "12", "call me", "+48600100200\r\nX: 1"] {
        let (key, row) = errand("sms", &[("provider", text("api")), ("to", text(to)), ("text", text("t"))]);
        assert!(matches!(channels.send(key, &row), Attempt::Permanent { .. }), "{to}");
    }
    let (key, row) = errand("sms", &[("provider", text("other")), ("to", text("+48600100200")), ("text", text("t"))]);
    let why = "`dealflow.toml` has no section `[sms.other]`".into();
    assert_eq!(channels.send(key, &row), Attempt::Permanent { why });
}

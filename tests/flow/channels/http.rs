//! Webhooks and the rules of the network, against a server that keeps what it gets.

use super::server::{Server, channels, errand, free_port, text};
use dealflow::engine::Attempt;
use dealflow::value::{Money, Name, Value};
use serde_json::Value as Json;
use std::path::Path;
use std::sync::Arc;

fn payload() -> Value {
    let money = Value::Money(Money { amount: "12.50".parse().unwrap(), currency: "PLN".parse().unwrap() });
    let members = [("deal", text("57 \"ACME\"")), ("total", money)];
    Value::Record(Arc::new(members.into_iter().map(|(n, v)| (Name::from(n), v)).collect()))
}

/// What comes of a webhook to that path, with these lines in `[network]`.
fn call(port: u16, path: &str, network: &str) -> Attempt {
    let config = format!(
        "[network]\n{network}\n[webhooks.erp]\nurl = \"http://127.0.0.1:{port}/{path}\"\nsecret = {{ env = \"SECRET\" }}\n\
         timeout = \"1s\"\n"
    );
    let (key, row) = errand("webhook", &[("name", text("erp")), ("payload", payload())]);
    channels(&config, Path::new(".")).send(key, &row)
}

const PRIVATE: &str = "private = [\"127.0.0.1\"]";

#[test]
fn a_webhook_is_signed_and_has_its_key() {
    let Some(server) = Server::script("web") else { return };
    let Attempt::Done { value: Some(Value::Record(answer)), .. } = call(server.port, "ok", PRIVATE) else { panic!() };
    assert_eq!(
        (answer.get("ok"), answer.get("total")),
        (Some(&Value::Bool(true)), Some(&Value::Decimal("12.5".parse().unwrap())))
    );
    assert!(matches!(call(server.port, "ok", PRIVATE), Attempt::Done { .. }));
    let requests: Vec<Json> = server.read("requests").lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let [first, second] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((&first["again"], &second["again"]), (&Json::Bool(false), &Json::Bool(true)));
    assert_eq!(first["headers"], second["headers"]);
    let header = |name: &str| first["headers"][name].as_str().unwrap().to_owned();
    assert_eq!(header("idempotency-key"), "7-2-0-19cad8fac00");
    assert_eq!(header("dealflow-timestamp"), "1772438400");
    // Worked out with `openssl dgst -sha256 -hmac s3cret` over the timestamp, a full stop and the body.
    insta::assert_snapshot!(format!("{}\n{}", first["body"].as_str().unwrap(), header("dealflow-signature")));
}

#[test]
fn failures_are_told_apart() {
    let Some(server) = Server::script("web") else { return };
    let call = |path: &str| call(server.port, path, PRIVATE);
    for path in ["503", "429"] {
        assert!(matches!(call(path), Attempt::Passing { after: Some(120_000), .. }), "{path}");
    }
    for path in ["500", "408", "slow"] {
        assert!(matches!(call(path), Attempt::Passing { after: None, .. }), "{path}");
    }
    for path in ["400", "401", "404", "410", "redirect"] {
        assert!(matches!(call(path), Attempt::Permanent { .. }), "{path}: {:?}", call(path));
    }
    assert!(matches!(super::http::call(free_port(), "ok", PRIVATE), Attempt::Passing { .. }));
}

#[test]
fn only_what_is_allowed_is_reached() {
    let Some(server) = Server::script("web") else { return };
    let say = |network: &str| match call(server.port, "ok", network) {
        Attempt::Permanent { why } => why.to_string(),
        other => format!("{other:?}"),
    };
    assert!(
        say("").ends_with("127.0.0.1 is a private address; list `127.0.0.1` in `private` of `[network]` to allow it")
    );
    let other = say("private = [\"127.0.0.1\"]\nallow = [\"*.example.com\"]");
    assert_eq!(other, "`127.0.0.1` is not among the hosts in `allow` of `[network]`");
    assert_eq!(server.read("requests"), "");
    // A name that leads inside is no way around it.
    let config = format!("[webhooks.erp]\nurl = \"http://localhost:{}/ok\"\n", server.port);
    let (key, row) = errand("webhook", &[("name", text("erp"))]);
    let outcome = channels(&config, Path::new(".")).send(key, &row);
    assert!(matches!(&outcome, Attempt::Permanent { why } if why.contains("is a private address")), "{outcome:?}");
    assert_eq!(server.read("requests"), "");
}

//! Messages in chat services: the shapes of Slack and Mattermost, and Matrix against a real Synapse.

use super::server::{Server, errand, free_port, program, text, wait_until};
use dealflow::engine::Attempt;
use dealflow::value::Value;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::process::Command;

fn message(chat: &str) -> Vec<(&'static str, Value)> {
    vec![("chat", text(chat)), ("from", text("Anna Nowak")), ("text", text("a <b> & c")), ("type", text("important"))]
}

#[test]
fn incoming_webhooks_get_what_they_understand() {
    let Some(server) = Server::script("web") else { return };
    let config = |kind: &str| {
        format!(
            "[network]\nprivate = [\"127.0.0.1\"]\n[chat.team]\nkind = \"{kind}\"\nurl = {{ env = \"HOOK\" }}\n\
             chats = [\"Legal\"]\n"
        )
    };
    let url = format!("http://127.0.0.1:{}/hooks/s3cret", server.port);
    for kind in ["slack", "mattermost"] {
        let env = |name: &str| (name == "HOOK").then(|| url.clone());
        let (config, found) = dealflow::channel::load(dealflow::source::FileId(0), &config(kind), &env);
        assert!(found.is_empty(), "{found:?}");
        let channels = dealflow::channel::Channels::new(config, Path::new("."));
        assert_eq!(channels.live().mirrors.into_iter().collect::<Vec<_>>(), ["chat/team".into()]);
        let (key, row) = errand("chat/team", &message("Legal"));
        let done = Attempt::Done { value: None, fields: vec![] };
        assert_eq!(channels.send(key, &row), done);
        let shown = String::from_utf8(channels.dry_run(key, &row).unwrap().1).unwrap();
        assert!(shown.starts_with("POST (secret)\n"), "{shown}");
        // What is written in other chats is not shown there.
        let (key, row) = errand("chat/team", &message("Board"));
        assert_eq!(channels.send(key, &row), done);
    }
    let requests = server.read("requests");
    let texts: Vec<Json> = requests.lines().map(|l| serde_json::from_str::<Json>(l).unwrap()["body"].clone()).collect();
    let said = "Legal · Anna Nowak (important): a <b> & c";
    let slack = json!({ "text": said.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;") });
    assert_eq!(texts, [Json::from(slack.to_string()), Json::from(json!({ "text": said }).to_string())]);
}

/// A request to Synapse, as a client of it would make it.
fn ask(method: &str, url: &str, token: &str, body: &Json) -> Json {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = ureq::http::Request::builder().method(method).uri(url).header("Content-Type", "application/json");
    if !token.is_empty() {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let sent = if method == "GET" { String::new() } else { body.to_string() };
    let mut answer = agent.run(request.body(sent).unwrap()).unwrap();
    serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
}

fn synapse() -> Option<Server> {
    let python = program("python")?;
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let path = folder.path().join("homeserver.yaml");
    let generate =
        ["-m", "synapse.app.homeserver", "--server-name", "localhost", "--report-stats=no", "--generate-config"];
    let mut command = Command::new(&python);
    let made = command.args(generate).arg("-c").arg(&path).current_dir(folder.path()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let config = std::fs::read_to_string(&path).unwrap().replace("port: 8008", &format!("port: {port}"));
    let open = "\nenable_registration: true\nenable_registration_without_verification: true\n";
    std::fs::write(&path, config + open).unwrap();
    let mut command = Command::new(&python);
    let command = command.args(["-m", "synapse.app.homeserver", "-c"]).arg(&path).current_dir(folder.path());
    Some(Server::command(command, port, folder))
}

#[test]
fn matrix_shows_a_message_once_however_often_it_is_sent() {
    let Some(server) = synapse() else { return };
    let base = format!("http://127.0.0.1:{}", server.port);
    let up = || ureq::get(format!("{base}/_matrix/client/versions")).call().is_ok();
    wait_until("Synapse answers", up);
    let account = json!({ "username": "flow", "password": "s3cret-s3cret", "auth": { "type": "m.login.dummy" } });
    let account = ask("POST", &format!("{base}/_matrix/client/v3/register"), "", &account);
    let token = account["access_token"].as_str().unwrap_or_else(|| panic!("{account}"));
    let room = ask("POST", &format!("{base}/_matrix/client/v3/createRoom"), token, &json!({ "name": "Legal" }));
    let room = room["room_id"].as_str().unwrap();
    let text = format!(
        "[network]\nprivate = [\"127.0.0.1\"]\n[chat.team]\nkind = \"matrix\"\nserver = \"{base}\"\nroom = \"{room}\"\n\
         token = {{ env = \"TOKEN\" }}\n"
    );
    let with = |token: &str| {
        let (config, found) = dealflow::channel::load(dealflow::source::FileId(0), &text, &|_| Some(token.to_owned()));
        assert!(found.is_empty(), "{found:?}");
        dealflow::channel::Channels::new(config, Path::new("."))
    };
    let (key, row) = errand("chat/team", &message("Legal"));
    for _ in 0..3 {
        assert_eq!(with(token).send(key, &row), Attempt::Done { value: None, fields: vec![] });
    }
    let wrong = with("wrong").send(key, &row);
    assert!(matches!(&wrong, Attempt::Permanent { why } if why.contains("401")), "{wrong:?}");
    let shown = ask(
        "GET",
        &format!("{base}/_matrix/client/v3/rooms/{}/messages?dir=b", room.replace('!', "%21").replace(':', "%3A")),
        token,
        &Json::Null,
    );
    let events = shown["chunk"].as_array().unwrap_or_else(|| panic!("{shown}"));
    let bodies: Vec<&str> = events.iter().filter_map(|event| event["content"]["body"].as_str()).collect();
    assert_eq!(bodies, ["Legal · Anna Nowak (important): a <b> & c"]);
}

/// From a rule to the chat service: messages of chats leave with `run --live`, none is lost when the service fails.
#[test]
fn what_rules_write_in_chats_is_shown_in_services() {
    let Some(server) = Server::script("web") else { return };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("crm.toml", &std::fs::read_to_string("tests/data/engine/crm.toml").unwrap());
    write(
        "rules.flow",
        "rule \"Tell\" on deal stage \"Invoice\" {\n  notify chat \"Legal\" \"{deal.title}\" from user \"mona\" as important;\n  \
         post \"Won\" \"{deal.title}\" to everybody;\n}\n",
    );
    let deal = json!({ "title": "ACME", "stage": "Invoice" });
    let event = json!({ "at": "2026-03-02T09:00:00Z", "do": "create", "entity": "deal", "id": "1", "by": "anna", "fields": deal });
    write("events.jsonl", &event.to_string());
    let config = |path: &str| {
        format!(
            "[network]\nprivate = [\"127.0.0.1\"]\n[chat.team]\nkind = \"mattermost\"\nurl = {{ env = \"HOOK\" }}\n# {path}\n"
        )
    };
    let call = |args: &[&str], path: &str| {
        write("dealflow.toml", &config(path));
        let mut command = Command::new(env!("CARGO_BIN_EXE_dealflow"));
        command.args(args).current_dir(folder.path()).env("NO_COLOR", "1");
        let output = command.env("HOOK", format!("http://127.0.0.1:{}/{path}", server.port)).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        (output.status.code(), text.replace(&*folder.path().to_string_lossy(), "DIR"))
    };
    // Without --live nothing leaves.
    call(&["run", "."], "ok");
    assert_eq!(server.read("requests"), "");
    let (code, text) = call(&["run", ".", "--store", "s.db", "--live"], "404");
    assert!(text.contains("0 sent, 0 failed for now, 2 failed for good"), "{text}");
    assert_eq!(code, Some(0), "{text}");
    let (_, waiting) = call(&["effects", "waiting", "--store", "s.db"], "ok");
    assert_eq!(
        waiting.lines().filter(|line| line.contains("failed for good: 127.0.0.1 answered 404")).count(),
        2,
        "{waiting}"
    );
    call(&["effects", "retry", "1/1", "--store", "s.db"], "ok");
    let (code, dry) = call(&["effects", "send", ".", "--store", "s.db", "--dry-run", "out"], "ok");
    assert_eq!((code, dry.trim()), (Some(0), "1/1  notify chat  out/1-1.http"));
    let (_, sent) = call(&["effects", "send", ".", "--store", "s.db"], "ok");
    assert!(sent.contains("1 sent, 0 failed for now, 0 failed for good"), "{sent}");
    let requests = server.read("requests");
    let last: Json = serde_json::from_str(requests.lines().last().unwrap()).unwrap();
    assert_eq!(last["body"], json!({ "text": "Legal · Mona Lis (important): ACME" }).to_string());
    assert_eq!(requests.lines().count(), 3);
}

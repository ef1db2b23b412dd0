//! SMS, webhooks and invitations of rules, through the real outbox: a receiver that is killed in the middle of a request, a
//! sender that is killed as well, and in the end nothing lost and nothing twice where the receiver knows keys.

use super::server::{Server, wait_until};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const RULES: &str = r#"rule "Tell" on deal stage "Invoice" {
  if contact is not empty {
    send sms to contact "Your offer {deal.title} is ready" via "api";
    let $answer = invoke webhook "erp" with number: 5, title: deal.title;
    comment deal "the ERP says {$answer.total default 0}";
    schedule meeting "Talk about {deal.title}" from 2026-03-10T10:00 to 2026-03-10T11:00 with remind: 15min, location: "Office";
  }
}
"#;

const CRM: &str = "\n[providers.api]\n[webhooks.erp]\npayload = { number = \"int\", title = \"text\" }\nanswer = { total = \"decimal\" }\n";

/// How many deals there are.
const DEALS: usize = 3;

fn workspace(port: u16) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("crm.toml", &(std::fs::read_to_string("tests/data/engine/crm.toml").unwrap() + CRM));
    write("rules.flow", RULES);
    let event = |entity: &str, id: usize, fields: Json| {
        let at = "2026-03-02T09:00:00Z";
        json!({ "at": at, "do": "create", "entity": entity, "id": id.to_string(), "by": "anna", "fields": fields })
            .to_string()
    };
    let lines = (1..=DEALS).flat_map(|id| {
        let contact = json!({ "name": "Ann", "emails": ["ann@example.com"], "phones": [format!("+4860010020{id}")] });
        let deal = json!({ "title": format!("D{id}"), "stage": "Invoice", "contact": id.to_string(), "owner": "anna" });
        [event("contact", id, contact), event("deal", id, deal)]
    });
    write("events.jsonl", &(lines.collect::<Vec<_>>().join("\n") + "\n"));
    let body = r#"{"to":"{to}","text":"{text}","key":"{key}"}"#;
    let config = format!(
        "[retry]\nfirst = \"100ms\"\nlongest = \"100ms\"\nattempts = 1000\n[network]\nprivate = [\"127.0.0.1\"]\n\
         [sms.api]\nurl = \"http://127.0.0.1:{port}/sms/slow\"\nbody = '{body}'\nheaders = {{ Idempotency-Key = \"{{key}}\" }}\n\
         [webhooks.erp]\nurl = \"http://127.0.0.1:{port}/erp\"\n\
         [calendar]\nurl = \"http://127.0.0.1:{port}/calendar\"\n"
    );
    write("dealflow.toml", &config);
    folder
}

fn start(folder: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dealflow"));
    command.args(args).current_dir(folder).env("NO_COLOR", "1").stdout(Stdio::piped()).spawn().unwrap()
}

fn call(folder: &Path, args: &[&str]) -> String {
    String::from_utf8(start(folder, args).wait_with_output().unwrap().stdout).unwrap()
}

fn requests(server: &Server) -> Vec<Json> {
    server.read("requests").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn nothing_is_lost_and_nothing_is_there_twice() {
    let Some(server) = Server::script("web") else { return };
    let folder = workspace(server.port);
    let mut first = start(folder.path(), &["run", ".", "--store", "s.db", "--live"]);
    // The receiver has taken a message and dies before it says so.
    wait_until("the first request arrives", || !requests(&server).is_empty());
    let (port, kept) = server.kill();
    assert!(first.wait().unwrap().success());
    // The sender dies while it waits for an answer.
    let server = Server::script_at("web", port, kept).unwrap();
    let before = requests(&server).len();
    // One that comes before anything is due again has nothing to do, and the next one is taken.
    let mut second = start(folder.path(), &["effects", "send", ".", "--store", "s.db"]);
    let begin = Instant::now();
    while requests(&server).len() == before {
        assert!(begin.elapsed() < Duration::from_mins(4), "no request for four minutes");
        if second.try_wait().unwrap().is_some() {
            second = start(folder.path(), &["effects", "send", ".", "--store", "s.db"]);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    second.kill().unwrap();
    second.wait().unwrap();
    wait_until("all is done", || {
        call(folder.path(), &["effects", "send", ".", "--store", "s.db"]);
        call(folder.path(), &["effects", "waiting", "--store", "s.db"]).is_empty()
    });
    // What came twice has the key of what came before: the receiver can tell, and says the same again.
    let mut keys: BTreeMap<String, BTreeMap<String, Json>> = BTreeMap::new();
    let mut came = 0;
    for request in requests(&server) {
        came += 1;
        let kind = request["path"].as_str().unwrap().split('/').nth(1).unwrap().to_owned();
        let key = match kind.as_str() {
            "calendar" => request["path"].as_str().unwrap().to_owned(),
            _ => request["headers"]["idempotency-key"].as_str().unwrap().to_owned(),
        };
        let other = keys.entry(kind).or_default().insert(key, request["body"].clone());
        assert!(other.is_none_or(|body| body == request["body"]), "the same key with another message");
    }
    let counts: Vec<(&str, usize)> = keys.iter().map(|(kind, keys)| (kind.as_str(), keys.len())).collect();
    assert_eq!(counts, [("calendar", DEALS), ("erp", DEALS), ("sms", DEALS)]);
    assert!(came > 3 * DEALS, "something was to come twice");
    let told = call(folder.path(), &["effects", "list", "--store", "s.db"]);
    assert_eq!(told.matches("the ERP says 12.5").count(), DEALS, "{told}");
    let entry = keys["calendar"].values().next().unwrap().as_str().unwrap().to_owned();
    for line in
        ["SUMMARY:Talk about D", "LOCATION:Office", "ATTENDEE;RSVP=TRUE:mailto:ann@example.com", "TRIGGER:-PT15M"]
    {
        assert!(entry.contains(line), "{entry}");
    }
    assert!(
        entry.contains("DTSTART:20260310T090000Z") && entry.contains("ORGANIZER:mailto:anna@example.com"),
        "{entry}"
    );
}

/// With `invite = true` those who take part get a mail that calendars understand.
#[test]
fn those_who_take_part_are_invited_by_mail() {
    let Some(server) = Server::script("smtp") else { return };
    let folder = workspace(1);
    let config = format!(
        "[email]\nserver = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nfrom = \"sales@acme.example\"\n[calendar]\ninvite = true\n",
        server.port
    );
    std::fs::write(folder.path().join("dealflow.toml"), config).unwrap();
    let rule =
        RULES.lines().filter(|line| !line.contains("sms") && !line.contains("answer")).collect::<Vec<_>>().join("\n");
    std::fs::write(folder.path().join("rules.flow"), rule).unwrap();
    let told = call(folder.path(), &["run", ".", "--store", "s.db", "--live"]);
    assert!(told.contains(&format!("{DEALS} sent, 0 failed for now")), "{told}");
    let waiting = call(folder.path(), &["effects", "waiting", "--store", "s.db"]);
    assert_eq!(waiting, "", "{waiting}");
    assert_eq!(server.read("log").lines().count(), DEALS, "{}", server.read("log"));
}

/// A booking that is cancelled is taken off the calendar again. It lies far ahead: what is over by the clock of this machine
/// is left where it is.
#[test]
fn a_cancelled_booking_leaves_the_calendar() {
    let Some(server) = Server::script("web") else { return };
    let folder = workspace(server.port);
    let rules = "on deal stage \"Invoice\" { book user \"anna\" for deal in deal.visit from 2096-03-10T10:00 for 2h; }\n\
                 on deal lost { cancel booking in deal.visit; }\n";
    std::fs::write(folder.path().join("rules.flow"), rules).unwrap();
    let crm = std::fs::read_to_string(folder.path().join("crm.toml")).unwrap();
    std::fs::write(folder.path().join("crm.toml"), crm + "[entities.deal.fields]\nvisit = \"booking\"\n").unwrap();
    let events = std::fs::read_to_string(folder.path().join("events.jsonl")).unwrap();
    std::fs::write(folder.path().join("events.jsonl"), events.lines().take(2).collect::<Vec<_>>().join("\n")).unwrap();
    call(folder.path(), &["run", ".", "--store", "s.db", "--live"]);
    let lost = json!({ "at": "2026-03-03T09:00:00Z", "do": "update", "entity": "deal", "id": "1", "fields": { "stage": "Lost" } });
    std::fs::write(folder.path().join("more.jsonl"), lost.to_string()).unwrap();
    call(folder.path(), &["run", ".", "--events", "more.jsonl", "--store", "s.db", "--live"]);
    let done: Vec<(String, String)> = requests(&server)
        .iter()
        .map(|r| (r["method"].as_str().unwrap().to_owned(), r["path"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(done.len(), 2, "{done:?}");
    assert_eq!((done[0].0.as_str(), done[1].0.as_str()), ("PUT", "DELETE"));
    assert_eq!(done[0].1, done[1].1);
}

/// A calendar that could not be reached hears the last news of an entry, and nothing that came before it: an entry that was
/// called off meanwhile would be there again.
#[test]
fn a_calendar_hears_the_last_news_only() {
    let port = super::server::free_port();
    let folder = workspace(port);
    let book = |(deal, day)| {
        format!(
            "on deal stage \"Invoice\" if deal.title == \"{deal}\" {{ book user \"anna\" for deal in deal.visit from 2096-03-{day}T10:00 for 2h; }}\n"
        )
    };
    let rules = [("D1", 10), ("D2", 11), ("D3", 12)].map(book).concat()
        + "on deal changed amount { let $b = deal.visit; if $b is not empty { set $b.start = $b.start + 30min; } }\n\
                 on deal lost { cancel booking in deal.visit; }\n";
    std::fs::write(folder.path().join("rules.flow"), rules).unwrap();
    let crm = std::fs::read_to_string(folder.path().join("crm.toml")).unwrap();
    std::fs::write(folder.path().join("crm.toml"), crm + "[entities.deal.fields]\nvisit = \"booking\"\n").unwrap();
    let mut events = std::fs::read_to_string(folder.path().join("events.jsonl")).unwrap();
    let update = |id: &str, day: u32, fields: Json| {
        let at = format!("2026-03-0{day}T09:00:00Z");
        json!({ "at": at, "do": "update", "entity": "deal", "id": id, "fields": fields }).to_string() + "\n"
    };
    events += &update("2", 3, json!({ "amount": 5 }));
    events += &update("3", 3, json!({ "amount": 5 }));
    events += &update("1", 4, json!({ "stage": "Lost" }));
    events += &update("3", 4, json!({ "stage": "Lost" }));
    std::fs::write(folder.path().join("events.jsonl"), events).unwrap();
    // Nobody listens there yet.
    let told = call(folder.path(), &["run", ".", "--store", "s.db", "--live"]);
    assert!(told.contains("0 sent, 3 failed for now"), "{told}");
    let Some(server) = Server::script_at("web", port, tempfile::tempdir().unwrap()) else { return };
    wait_until("all is done", || {
        call(folder.path(), &["effects", "send", ".", "--store", "s.db"]);
        call(folder.path(), &["effects", "waiting", "--store", "s.db"]).is_empty()
    });
    let mut done: Vec<String> = requests(&server).iter().map(|r| r["method"].as_str().unwrap().to_owned()).collect();
    done.sort();
    assert_eq!(done, ["DELETE", "DELETE", "PUT"]);
    let moved =
        requests(&server).iter().find_map(|r| r["body"].as_str().filter(|b| b.contains("DTSTART")).map(str::to_owned));
    assert!(moved.is_some_and(|entry| entry.contains("DTSTART:20960311T093000Z")));
    // The booking knows its entry as if the first attempt had come through.
    let ids = call(folder.path(), &["crm", "list", "booking", "--store", "s.db"]);
    let entries = ids.lines().filter(|line| {
        let id = line.split_whitespace().next().unwrap();
        call(folder.path(), &["crm", "show", "booking", id, "--store", "s.db"]).contains("calendar_id")
    });
    assert_eq!(entries.count(), 1, "{ids}");
}

/// What was planned moves and is called off: calendars and guests know it by the same name, and by a larger number.
#[test]
fn those_who_were_invited_hear_of_changes() {
    // Nobody listens there: everything waits, and a dry run shows it.
    let folder = workspace(1);
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "dealflow.toml",
        "[email]\nserver = \"127.0.0.1\"\nport = 1\nsecurity = \"none\"\nfrom = \"sales@acme.example\"\n\
         [network]\nprivate = [\"127.0.0.1\"]\n[calendar]\nurl = \"http://127.0.0.1:1/calendar\"\ninvite = true\n",
    );
    write(
        "rules.flow",
        r#"rule "Plan" on deal stage "Invoice" {
             schedule meeting "Offer" from 2026-03-10T10:00 to 2026-03-10T11:00 with remind: 15min;
           }
           rule "Move" on deal changed amount {
             let $all = find appointment $a where $a.deal == deal;
             for $a in $all { set $a.start = 2026-03-11T10:00, $a.end = 2026-03-11T11:00; set $a.important = true; }
           }
           rule "Off" on deal lost {
             let $all = find appointment $a where $a.deal == deal;
             for $a in $all { set $a.status = Cancelled; }
           }
           rule "Afterwards" on deal deleted {
             let $all = find appointment $a where $a.deal == deal;
             for $a in $all { set $a.start = 2026-03-01T10:00, $a.end = 2026-03-01T11:00, $a.status = Booked; }
           }
           "#,
    );
    let events = std::fs::read_to_string(folder.path().join("events.jsonl")).unwrap();
    let more = [(3, json!({ "amount": 5 })), (4, json!({ "stage": "Lost" }))].map(|(day, fields)| {
        let at = format!("2026-03-0{day}T09:00:00Z");
        json!({ "at": at, "do": "update", "entity": "deal", "id": "1", "fields": fields }).to_string()
    });
    let gone = json!({ "at": "2026-03-12T09:00:00Z", "do": "delete", "entity": "deal", "id": "1" }).to_string();
    let lines: Vec<&str> = events.lines().take(2).chain(more.iter().map(String::as_str)).chain([&*gone]).collect();
    let mut shown = BTreeMap::new();
    // What is in the outbox after each event; the time of a live store goes on to today, so each begins anew.
    for taken in 2..=lines.len() {
        write("events.jsonl", &lines[..taken].join("\n"));
        for file in ["s.db", "s.db-wal", "s.db-shm"] {
            let _ = std::fs::remove_file(folder.path().join(file));
        }
        call(folder.path(), &["run", ".", "--store", "s.db", "--live"]);
        let out = format!("out{taken}");
        call(folder.path(), &["effects", "send", ".", "--store", "s.db", "--dry-run", &out]);
        for file in std::fs::read_dir(folder.path().join(out)).unwrap().map(|file| file.unwrap().path()) {
            let text = std::fs::read_to_string(&file).unwrap();
            // The parts of a mail are divided by something random.
            let told = text.lines().filter(|line| !line.contains("oundary=") && !line.starts_with("--"));
            let name = file.file_name().unwrap().display().to_string();
            let told = told.fold(format!("### {name}\n"), |all, line| all + line + "\n");
            shown.entry(name).or_insert(told);
        }
    }
    insta::assert_snapshot!(shown.into_values().collect::<Vec<_>>().join("\n"));
}

/// A store that is run live stays so: what follows from a person's word is handed over, not taken for sent.
#[test]
fn nothing_counts_as_sent_in_a_store_that_is_run_live() {
    let folder = workspace(1);
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "dealflow.toml",
        "[network]\nprivate = [\"127.0.0.1\"]\n[retry]\nattempts = 1\n[webhooks.erp]\nurl = \"http://127.0.0.1:1/erp\"\n",
    );
    write(
        "rules.flow",
        r#"rule "Ask" on deal stage "Invoice" {
             wait for approval of deal.title by user "mona" or 300d {
               case approved { invoke webhook "erp" with number: 1, title: deal.title; }
               case rejected, timeout { log "no"; }
             }
           }
           rule "Amount" on deal changed amount { invoke webhook "erp" with number: 2, title: deal.title; }
           "#,
    );
    let events = std::fs::read_to_string(folder.path().join("events.jsonl")).unwrap();
    let amount = r#"{"at": "2026-03-02T10:00", "do": "update", "entity": "deal", "id": "1", "fields": {"amount": 5}}"#;
    write("events.jsonl", &[events.lines().nth(1).unwrap(), amount].join("\n"));
    let call = |args: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_dealflow")).args(args).current_dir(folder.path()).output().unwrap();
        String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap()
    };
    let told = call(&["run", ".", "--store", "s.db", "--live", "--until", "2026-03-02"]);
    assert!(told.contains("handed over: invoke webhook erp"), "{told}");
    // The receiver is not there, and it is tried once: a person has it tried again.
    call(&["effects", "send", ".", "--store", "s.db"]);
    let told = call(&["runs", "retry", "2", "--store", "s.db"]);
    assert!(told.contains("handed over: invoke webhook erp with number: 2"), "{told}");
    let told = call(&["runs", "approve", "1.1", "--by", "mona", "--store", "s.db"]);
    assert!(told.contains("handed over: invoke webhook erp with number: 1"), "{told}");
    let told = call(&["crm", "set", "deal", "1", "amount=7", "--store", "s.db"]);
    assert!(told.contains("handed over: invoke webhook erp with number: 2"), "{told}");
    assert_eq!(call(&["effects", "waiting", "--store", "s.db"]).lines().count(), 3);
    assert!(call(&["store", "check", "--store", "s.db"]).contains("all is well"));
    for args in [&["run", ".", "--store", "s.db"][..], &["repl", ".", "--store", "s.db", "--write"]] {
        let told = call(args);
        assert!(told.contains("run live"), "{told}");
        assert!(!call(&[args, &["--offline", "--quiet"]].concat()).contains("run live"));
    }
}

const MIGRATE: &str = "migrate from wait until deal.amount > 10000 PLN or 300d;";

/// A new version may let a sleeping run go on at once: what it then sends goes where a live store sends it.
#[test]
fn what_a_deploy_sets_going_is_handed_over_in_a_live_store() {
    let folder = workspace(1);
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let rule = |migrate: &str, amount: u32| {
        format!(
            "rule \"Large\" on deal stage \"Invoice\" {{\n  {migrate}\n  wait until deal.amount > {amount} PLN or 300d;\n  invoke webhook \"erp\" with number: 1, title: deal.title;\n  comment deal \"told\";\n}}\n"
        )
    };
    write("rules.flow", &rule("", 10_000));
    let events = std::fs::read_to_string(folder.path().join("events.jsonl")).unwrap();
    let amount =
        r#"{"at": "2026-03-02T10:00", "do": "update", "entity": "deal", "id": "1", "fields": {"amount": "500 PLN"}}"#;
    write("events.jsonl", &events.lines().take(2).chain([amount]).collect::<Vec<_>>().join("\n"));
    let call = |args: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_dealflow")).args(args).current_dir(folder.path()).output().unwrap();
        String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap()
    };
    let mut told = String::new();
    for (store, args) in [("tried.db", &[][..]), ("live.db", &["--live"])] {
        write("rules.flow", &rule("", 10_000));
        call(&[&["run", ".", "--store", store, "--until", "2026-03-02"], args].concat());
        write("rules.flow", &rule(MIGRATE, 100));
        told += &[store, "\n", &call(&["deploy", ".", "--store", store])].concat();
        told += &call(&["effects", "list", "--store", store]);
        told += &call(&["effects", "waiting", "--store", store]);
    }
    // Without its channels a live store is left alone.
    write("rules.flow", &rule(MIGRATE, 50));
    std::fs::remove_file(folder.path().join("dealflow.toml")).unwrap();
    told += &call(&["deploy", ".", "--store", "live.db"]);
    told += &call(&["deploy", ".", "--store", "live.db", "--dry-run"]);
    insta::assert_snapshot!(crate::cli::without_digests(&told));
}

//! A run that is killed again and again comes to the same end, on data like that of a real sales team.

use crate::cli::{dealflow, summary};
use dealflow::engine::Store;
use dealflow::host::sqlite::SqliteStore;
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const WORKSPACE: &str = "examples/opportunities";

/// How often the process must have been killed while it worked.
const KILLS: usize = 20;

/// A small generator of numbers, the same for everybody.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// Deals that are engaged and most of them closed, some within thirty days and some later, sorted by time.
fn events(deals: u64) -> String {
    let mut numbers = Numbers(0x5eed);
    let day = |n: u64| chrono_day(n);
    let mut lines: Vec<(u64, u64, String)> = Vec::new();
    for id in 0..deals {
        let start = numbers.below(200);
        let open = 1 + numbers.below(90);
        let amount = 100 + numbers.below(9_000);
        let line = json!({
            "at": day(start), "do": "create", "entity": "deal", "id": format!("D{id}"), "by": "anna_snelling",
            "fields": { "title": format!("Deal {id}"), "stage": "Engaging", "engage_date": &day(start)[..10] },
        });
        lines.push((start, id, line.to_string()));
        if numbers.below(10) > 0 {
            let stage = if numbers.below(3) > 0 { "Won" } else { "Lost" };
            let line = json!({
                "at": day(start + open), "do": "update", "entity": "deal", "id": format!("D{id}"), "by": "anna_snelling",
                "fields": { "stage": stage, "amount": amount, "close_date": &day(start + open)[..10] },
            });
            lines.push((start + open, id, line.to_string()));
        }
    }
    lines.sort();
    lines.into_iter().fold(String::new(), |mut text, (.., line)| {
        writeln!(text, "{line}").unwrap();
        text
    })
}

/// Midnight of the day `n` days after 2017-01-01, by a calendar of thirty-day months: any order of days will do.
fn chrono_day(n: u64) -> String {
    format!("2017-{:02}-{:02}T00:00:00Z", 1 + n / 28, 1 + n % 28)
}

/// All records of a store, as text.
fn records(path: &Path) -> String {
    let store = SqliteStore::open_to_look(path).unwrap();
    let mut text = String::new();
    for kind in store.kinds().unwrap() {
        let mut after: Option<String> = None;
        loop {
            let page = store.records(&kind, after.as_deref(), 1000).unwrap();
            let Some((last, _)) = page.last() else { break };
            after = Some(last.to_string());
            for (id, record) in &page {
                writeln!(text, "{kind} {id} {record:?}").unwrap();
            }
        }
    }
    text
}

fn run_args<'a>(events: &'a str, store: &'a str) -> [&'a str; 8] {
    ["run", WORKSPACE, "--events", events, "--format", "json", "--store", store]
}

/// Starts the command and kills it after a while; whether it was still at work.
fn start_and_kill(args: &[&str], after: Duration) -> bool {
    let mut child = Command::new(env!("CARGO_BIN_EXE_dealflow"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    let at_work = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    at_work
}

/// Runs the events undisturbed, and again killed at random moments; says both ends.
fn undisturbed_and_killed(events: &Path, dir: &Path, longest_ms: u64) -> usize {
    let path = |name: &str| -> PathBuf { dir.join(name) };
    let (calm, hurt) = (path("calm.db"), path("hurt.db"));
    let events = events.to_str().unwrap();
    let first = dealflow(&run_args(events, calm.to_str().unwrap()));
    assert_eq!(first.status.code(), Some(0), "{}", String::from_utf8_lossy(&first.stderr));
    let mut numbers = Numbers(0xdead);
    let args = run_args(events, hurt.to_str().unwrap());
    let mut kills = 0;
    while kills < KILLS {
        let after = Duration::from_millis(5 + numbers.below(longest_ms));
        if start_and_kill(&args, after) {
            kills += 1;
        } else {
            break;
        }
    }
    let last = dealflow(&args);
    assert_eq!(last.status.code(), Some(0), "{}", String::from_utf8_lossy(&last.stderr));
    assert_eq!(summary(&last), summary(&first));
    assert_eq!(records(&hurt), records(&calm), "the records differ after {kills} kills");
    kills
}

#[test]
fn a_run_that_is_killed_twenty_times_loses_and_repeats_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("events.jsonl");
    std::fs::write(&file, events(6_000)).unwrap();
    let kills = undisturbed_and_killed(&file, dir.path(), 150);
    assert_eq!(kills, KILLS, "the work was done before it could be killed often enough: give it more");
}

/// The real data, where it lies beside the project or where `SALES_OPPORTUNITIES` says.
#[test]
fn the_real_opportunities_give_the_counts_of_the_csv() {
    let folder = std::env::var("SALES_OPPORTUNITIES").unwrap_or("../shared/data/sales-opportunities".to_owned());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let csv = root.join(folder).join("sales_pipeline.csv");
    if !csv.is_file() {
        println!("left out: the data set is not there ({})", csv.display());
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ev.jsonl");
    let map = format!("{WORKSPACE}/map.toml");
    let imported = dealflow(&["import", "--map", &map, csv.to_str().unwrap(), "-o", file.to_str().unwrap()]);
    assert_eq!(imported.status.code(), Some(0), "{}", String::from_utf8_lossy(&imported.stderr));
    let in_memory = dealflow(&["run", WORKSPACE, "--events", file.to_str().unwrap(), "--format", "json"]);
    let effects = &summary(&in_memory)["effects"];
    assert_eq!((&effects["post"], &effects["message"], &effects["comment"]), (&json!(656), &json!(5137), &json!(2473)));
    undisturbed_and_killed(&file, dir.path(), 400);
}

//! A million sleeping runs in one file: a process that knows nothing but the file takes one event and says what came of
//! it. Only measured when it is asked for (`cargo bench --bench lifecycle -- million`): making the file takes minutes.

use super::runner::{Outcome, Show};
use super::session::{Session, folder};
use super::table::{Figure, Row};
use super::workspace::SCHEMA;
use dealflow::host::sqlite::Durability;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The user's own line.
const LINE: &str = include_str!("line.flow");

const MANY: u32 = 1_000_000;
const FEW: u32 = 100;

/// What a process took.
struct Took {
    seconds: f64,
    /// The most memory that it had, in bytes.
    memory: f64,
}

pub(crate) fn measure(show: Show<'_>) -> Outcome {
    let folder = folder()?;
    let (many, few) = (sleeping(folder.path(), MANY)?, sleeping(folder.path(), FEW)?);
    let row =
        |what: &str, many: f64, few: f64| Row::new(what, Figure::new(many, "ns"), "with 100", Figure::new(few, "ns"));
    show(row("process, one event, 1,000,000 sleeping runs", many.seconds * 1e9, few.seconds * 1e9).goal("≤ 1 s"))?;
    show(
        Row::new("its memory", Figure::new(many.memory, "B"), "with 100", Figure::new(few.memory, "B"))
            .goal("≤ 150 MB"),
    )
}

/// Makes a file with so many sleeping runs, and lets a process take one event.
fn sleeping(folder: &Path, count: u32) -> Outcome<Took> {
    let dir = folder.join(count.to_string());
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("crm.toml"), SCHEMA)?;
    std::fs::write(dir.join("bench.flow"), LINE)?;
    let store = dir.join("s.db");
    let mut session = Session::in_file(LINE, &store, Durability::Process, 10_000)?;
    session.populate(count)?;
    session.stage(&(0..count).collect::<Vec<_>>(), "Invoice")?;
    if session.counters().waiting != u64::from(count) {
        return Err("not all runs sleep".into());
    }
    drop(session);
    let id = count / 2;
    let event = format!(
        r#"{{"at":"2026-03-02T12:00","do":"update","entity":"lead","id":"{id}","fields":{{"status":"Won"}},"by":"anna"}}"#
    );
    std::fs::write(dir.join("events.jsonl"), event)?;
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_dealflow"))
        .args(["run", "--format", "json", "--until", "2026-03-02T12:00", "--store"])
        .args([&store, &dir])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut memory = 0.0_f64;
    let seconds = loop {
        memory = memory.max(peak(child.id()).unwrap_or(0.0));
        if child.try_wait()?.is_some() {
            break began.elapsed().as_secs_f64();
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    };
    let said = String::from_utf8(child.wait_with_output()?.stdout)?;
    let woken = said.lines().filter(|line| line.contains(r#""ended""#) && !line.contains("effects")).count();
    if woken != 1 || !said.contains(&format!(r#""waiting":{}"#, count - 1)) {
        return Err(format!("the event did not wake exactly its run:\n{said}").into());
    }
    Ok(Took { seconds, memory })
}

/// The most memory that a process had so far (Linux only).
fn peak(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? * 1024.0)
}

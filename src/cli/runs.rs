//! `dealflow runs`: looking at what sleeps in a store.

use super::args::{RunFormat, RunsCommand};
use super::exit::Exit;
use super::jsonl;
use super::out::Out;
use super::timeline::first_line;
use crate::engine::inspect::{self, Opened, RunInfo};
use crate::engine::{RunId, Store};
use crate::host::sqlite::SqliteStore;
use crate::ir::Program;
use crate::value::{Moment, Ref, Value};
use crate::vm::{Machine, WaitState, Watch};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// How many runs are read at once.
const PAGE: usize = 500;

pub(super) fn runs(command: &RunsCommand, out: &mut Out) -> Result<Exit, String> {
    match command {
        RunsCommand::List { store, format } => list(&open(store)?, *format, out),
        RunsCommand::Show { store, id } => show(&open(store)?, RunId(*id), out),
    }
}

fn open(path: &Path) -> Result<SqliteStore, String> {
    if !path.is_file() {
        return Err(format!("there is no store `{}`: `dealflow run DIR --store FILE` makes one", path.display()));
    }
    SqliteStore::open_to_look(path).map_err(|e| format!("`{}`: {e}", path.display()))
}

fn list(store: &dyn Store, format: RunFormat, out: &mut Out) -> Result<Exit, String> {
    let mut after = None;
    let mut shown = 0usize;
    loop {
        let page = inspect::runs(store, after, PAGE).map_err(|e| e.to_string())?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for info in &page {
            shown += 1;
            let opened = inspect::open(store, info.id).map_err(|e| e.to_string())?;
            match format {
                RunFormat::Human => out.text(&entry(info, opened.as_ref()))?,
                RunFormat::Json => out.line(&object(info, opened.as_ref()).to_string())?,
            }
        }
        if out.is_closed() {
            break;
        }
    }
    if format == RunFormat::Human {
        out.line(&match shown {
            0 => "no run sleeps in this store".to_owned(),
            1 => "1 run sleeps".to_owned(),
            n => format!("{n} runs sleep"),
        })?;
    }
    Ok(Exit::Fine)
}

/// Two or three lines about one run.
fn entry(info: &RunInfo, opened: Option<&Opened>) -> String {
    let mut text = String::new();
    let record = info.record.as_ref().map_or_else(String::new, |r| format!(" for {r}"));
    let _ = writeln!(text, "run {}  {}{record}", info.id, info.rule);
    if let Some(why) = &info.stuck {
        let _ = writeln!(text, "    stuck: {why}");
    }
    if let Some((machine, program)) = opened.and_then(|o| o.machine.as_ref().ok()) {
        let _ = writeln!(text, "    at {}", place(machine, program));
    }
    if let Some(wait) = &info.wait {
        let _ = writeln!(text, "    {}", waits(wait));
    }
    let _ = writeln!(text, "    {} bytes stored", info.machine_bytes);
    text
}

/// `rules.flow:12  wait until lead.status in [Won] or 3d`
fn place(machine: &Machine, program: &Program) -> String {
    let Some(span) = machine.place(program) else { return "an unknown place".to_owned() };
    let (file, line) = program.debug.locate(span.start);
    format!("{file}:{line}  {}", first_line(span.of(&program.debug.text)))
}

fn waits(wait: &WaitState) -> String {
    let what: Vec<String> = wait.watches.iter().map(watch).collect();
    let what = if what.is_empty() { "for the time".to_owned() } else { format!("for {}", what.join(", ")) };
    let until = wait.deadline.map_or_else(|| "without a limit".to_owned(), |at| format!("until {at}"));
    format!("waits {what}, since {}, {until}", wait.since)
}

fn watch(watch: &Watch) -> String {
    match watch {
        Watch::Field { of, field } => format!("a change of {of} {field}"),
        Watch::Event { name, about: Some(about) } => format!("{name} about {about}"),
        Watch::Event { name, about: None } => name.to_string(),
    }
}

fn object(info: &RunInfo, opened: Option<&Opened>) -> serde_json::Value {
    let at = |moment: Moment| moment.to_string();
    let record = info.record.as_ref().map(|r: &Ref| json!({ "entity": &*r.kind, "id": &*r.id }));
    let place = opened.and_then(|o| o.machine.as_ref().ok()).map(|(machine, program)| place(machine, program));
    json!({
        "run": info.id.0,
        "rule": &*info.rule,
        "record": record,
        "started": at(info.started),
        "since": info.wait.as_ref().map(|w| at(w.since)),
        "until": info.wait.as_ref().and_then(|w| w.deadline).map(at),
        "for": info.wait.as_ref().map(|w| w.watches.iter().map(jsonl::watch).collect::<Vec<_>>()),
        "at": place,
        "program": info.digest.map(|d| d.to_string()),
        "bytes": info.machine_bytes,
        "stuck": info.stuck.as_deref(),
    })
}

fn show(store: &dyn Store, id: RunId, out: &mut Out) -> Result<Exit, String> {
    let opened = inspect::open(store, id).map_err(|e| e.to_string())?;
    let Some(opened) = opened else {
        return Err(format!("no run {id} sleeps in this store; `dealflow runs list` shows those that do"));
    };
    out.text(&entry(&opened.info, Some(&opened)))?;
    out.line(&format!("    started {}", opened.info.started))?;
    match &opened.machine {
        Err(why) => out.line(&format!("    cannot be read: {why}"))?,
        Ok((machine, program)) => {
            out.line(&format!("    program {}", program.digest()))?;
            for (name, value) in machine.locals(program) {
                out.line(&format!("    {name} = {}", value_text(&value)))?;
            }
            source(machine, program, out)?;
        }
    }
    if !opened.journal.is_empty() {
        out.line("    has done:")?;
    }
    for row in &opened.journal {
        let args: Vec<String> = row.args.iter().map(|(n, v)| format!("{n} {}", value_text(v))).collect();
        out.line(&format!("      {}  {}.{}  {} ({})", row.at, id, row.seq, row.action, args.join(", ")))?;
    }
    Ok(Exit::Fine)
}

/// The text of the rule, or of the function it is in, with a mark at the line on which the run sleeps.
fn source(machine: &Machine, program: &Program, out: &mut Out) -> Result<(), String> {
    let here = machine.place(program).map_or(0, |span| span.start);
    let (text, _, first) = program.debug.part(here);
    let (_, marked) = program.debug.locate(here);
    for (text, line) in text.lines().zip(first..) {
        let mark = if marked == line { ">" } else { " " };
        out.line(&format!("  {mark} {line:>4} | {text}"))?;
    }
    Ok(())
}

fn value_text(value: &Value) -> String {
    crate::schema::value_to_json(value).to_string()
}

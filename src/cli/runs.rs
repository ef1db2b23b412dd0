//! `dealflow runs list|show`: looking at what sleeps in a store, and at what is over.

mod report;

use super::args::{RunFormat, RunsCommand, Which};
use super::exit::Exit;
use super::jsonl;
use super::orders::{order, reply};
use super::out::Out;
use super::story::{self, value_text};
use super::timeline::first_line;
use super::zone;
use crate::engine::inspect::{self, Opened, RunInfo, Told};
use crate::engine::request::{self, Pending};
use crate::engine::{Ending, Held, Mark, Order, ReplyKind, RunId, Store, Stored};
use crate::host::sqlite::SqliteStore;
use crate::ir::{Digest, Program};
use crate::schema::Calendar;
use crate::value::{Moment, Ref};
use crate::vm::{Machine, WaitState};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// How many runs are read at once.
const PAGE: usize = 500;

pub(super) fn runs(command: &RunsCommand, out: &mut Out) -> Result<Exit, String> {
    match command {
        RunsCommand::List { store, which, format } => {
            let store = open(store)?;
            List { store: &store, calendar: zone::calendar(&store)?, format: *format, out }.list(*which)
        }
        RunsCommand::Report { store, since } => {
            let store = open(store)?;
            report::report(&store, &zone::calendar(&store)?, since.as_deref(), out)
        }
        RunsCommand::Show { store, id } => {
            let store = open(store)?;
            Show { store: &store, calendar: zone::calendar(&store)?, out }.show(RunId(*id))
        }
        RunsCommand::Cancel(args) => order(args, Order::Cancel, out),
        RunsCommand::Pause(args) => order(args, Order::Pause, out),
        RunsCommand::Resume(args) => order(args, Order::Resume, out),
        RunsCommand::Retry(args) => order(args, Order::Retry, out),
        RunsCommand::Skip(args) => order(args, Order::Skip, out),
        RunsCommand::Approve(args) => reply(args, ReplyKind::Approve, out),
        RunsCommand::Reject(args) => reply(args, ReplyKind::Reject, out),
        RunsCommand::Answer(args) => reply(args, ReplyKind::Answer, out),
        RunsCommand::Delegate { args, to } => reply(args, ReplyKind::Delegate(to.as_str().into()), out),
    }
}

/// Opens a store to look at it.
pub(super) fn open(path: &Path) -> Result<SqliteStore, String> {
    if !path.is_file() {
        return Err(format!("there is no store `{}`: `dealflow run DIR --store FILE` makes one", path.display()));
    }
    SqliteStore::open_to_look(path).map_err(|e| format!("`{}`: {e}", path.display()))
}

/// One call of `runs list`.
struct List<'a> {
    store: &'a dyn Store,
    calendar: Calendar,
    format: RunFormat,
    out: &'a mut Out,
}

impl List<'_> {
    fn list(&mut self, which: Which) -> Result<Exit, String> {
        let store = self.store;
        let (shown, what) = if which.all {
            (self.pages(|after| store.runs_ever(after, PAGE))?, "ever ran")
        } else if which.failed {
            let failed = self.pages(|after| store.runs_marked(Mark::Failed, after, PAGE))?;
            (failed + self.parked()?, "failed or parked")
        } else if which.ended {
            let ended = self.pages(|after| store.runs_marked(Mark::Ended, after, PAGE))?;
            (ended + self.pages(|after| store.runs_marked(Mark::Cancelled, after, PAGE))?, "ended")
        } else {
            let ids = |after| Ok(store.runs(after, PAGE)?.into_iter().map(|(id, _)| id).collect());
            let shown = self.pages(ids)?;
            (shown, if shown == 1 { "sleeps" } else { "sleep" })
        };
        if self.format == RunFormat::Human {
            self.out.line(&match shown {
                0 if what == "sleep" => "no run sleeps in this store".to_owned(),
                0 => format!("no run of this store {what}"),
                1 => format!("1 run {what}"),
                n => format!("{n} runs {what}"),
            })?;
        }
        Ok(Exit::Fine)
    }

    /// Shows the runs that `page` gives, page by page, and says how many they were.
    fn pages(&mut self, page: impl Fn(Option<RunId>) -> Stored<Vec<RunId>>) -> Result<usize, String> {
        let mut after = None;
        let mut shown = 0;
        loop {
            let ids = page(after).map_err(|e| e.to_string())?;
            let Some(last) = ids.last() else { return Ok(shown) };
            after = Some(*last);
            for id in &ids {
                self.run(*id)?;
            }
            shown += ids.len();
            if self.out.is_closed() {
                return Ok(shown);
            }
        }
    }

    /// Those that are parked now; they are found by the refused effects.
    fn parked(&mut self) -> Result<usize, String> {
        let store = self.store;
        let is_parked =
            |id: &RunId| store.run(*id).ok().flatten().is_some_and(|r| matches!(r.held, Some(Held::Parked(_))));
        let mut after = None;
        let mut shown = 0;
        loop {
            let ids = store.runs_marked(Mark::Refused, after, PAGE).map_err(|e| e.to_string())?;
            let Some(last) = ids.last() else { return Ok(shown) };
            after = Some(*last);
            for id in ids.iter().filter(|id| is_parked(id)) {
                self.run(*id)?;
                shown += 1;
            }
        }
    }

    /// Shows a run, whether it is over or not.
    fn run(&mut self, id: RunId) -> Result<(), String> {
        let opened = inspect::open(self.store, id).map_err(|e| e.to_string())?;
        if let Some(opened) = opened {
            return match self.format {
                RunFormat::Human => {
                    self.out.text(&entry(&opened, &self.calendar))?;
                    requests(self.store, id, self.out)
                }
                RunFormat::Json => {
                    let asked = request::pending(self.store, id).map_err(|e| e.to_string())?;
                    self.out.line(&object(&opened.info, Some(&opened), &asked).to_string())
                }
            };
        }
        let Some(told) = inspect::told(self.store, id).map_err(|e| e.to_string())? else { return Ok(()) };
        match self.format {
            RunFormat::Human => self.out.text(&over(&told, &self.calendar)),
            RunFormat::Json => self.out.line(&over_object(&told).to_string()),
        }
    }
}

/// Two lines about a run that is over.
fn over(told: &Told, calendar: &Calendar) -> String {
    let record = told.start.as_ref().and_then(|start| start.record.as_ref());
    let record = record.map_or_else(String::new, |r| format!(" for {r}"));
    let mut text = format!("run {}  {}{record}\n", told.id, told.rule);
    if let Some((at, end)) = told.last() {
        let _ = write!(text, "    {} {}", story::state(end), calendar.say(at));
        if let Ending::Failed(failure) = end {
            let _ = write!(text, " in {} line {}: {}", failure.file, failure.line, failure.message);
        }
        text.push('\n');
    }
    text
}

fn over_object(told: &Told) -> serde_json::Value {
    let record = told.start.as_ref().and_then(|start| start.record.as_ref());
    json!({
        "run": told.id.0,
        "rule": &*told.rule,
        "record": record.map(|r| json!({ "entity": &*r.kind, "id": &*r.id })),
        "started": told.history.first().map(|(_, row)| row.at.to_string()),
        "program": told.start.as_ref().map(|start| start.program.to_string()),
        "state": told.last().map(|(_, end)| story::state(end)),
        "ended": told.last().map(|(at, _)| at.to_string()),
    })
}

/// Two or three lines about one run.
fn entry(opened: &Opened, calendar: &Calendar) -> String {
    let info = &opened.info;
    let mut text = String::new();
    let record = info.record.as_ref().map_or_else(String::new, |r| format!(" for {r}"));
    let _ = writeln!(text, "run {}  {}{record}", info.id, info.rule);
    match &info.held {
        Some(Held::Stuck(why)) => {
            let _ = writeln!(text, "    stuck: {why}");
        }
        Some(Held::Paused) => {
            let _ = writeln!(text, "    paused: `dealflow runs resume {}` lets it go on", info.id);
        }
        Some(Held::Parked(why)) => {
            let _ = writeln!(text, "    parked: {why}");
            let _ = writeln!(text, "    `dealflow runs retry|skip|cancel {}` decides", info.id);
        }
        None => {}
    }
    if let Ok((machine, program)) = opened.machine.as_ref() {
        let _ = writeln!(text, "    at {}", place(machine, program, info.digest));
    }
    if let Some(wait) = &info.wait {
        let _ = writeln!(text, "    {}", waits(wait, calendar));
    }
    let _ = writeln!(text, "    {} bytes stored", info.machine_bytes);
    text
}

/// `rules.flow:12@1a2b3c4d  wait until lead.status in [Won] or 3d`: the line as it was in that version of the program.
fn place(machine: &Machine, program: &Program, version: Option<Digest>) -> String {
    let Some(span) = machine.place(program) else { return "an unknown place".to_owned() };
    let (file, line) = program.debug.locate(span.start);
    let version = version.map_or_else(String::new, |version| format!("@{}", version.short()));
    format!("{file}:{line}{version}  {}", first_line(span.of(&program.debug.text)))
}

fn waits(wait: &WaitState, calendar: &Calendar) -> String {
    let what: Vec<String> = wait.watches.iter().map(story::watched).collect();
    let what = if what.is_empty() { "for the time".to_owned() } else { format!("for {}", what.join(", ")) };
    let until = wait.deadline.map_or_else(|| "without a limit".to_owned(), |at| format!("until {}", calendar.say(at)));
    format!("waits {what}, since {}, {until}", calendar.say(wait.since))
}

/// What the run asks people, with the number by which they answer.
fn requests(store: &dyn Store, id: RunId, out: &mut Out) -> Result<(), String> {
    for pending in request::pending(store, id).map_err(|e| e.to_string())? {
        out.line(&format!("    {}", story::asked(&pending)))?;
        let verbs = if pending.approval { "approve|reject|delegate" } else { "answer|delegate" };
        out.line(&format!("    `dealflow runs {verbs} {} --by …` replies", pending.id))?;
    }
    Ok(())
}

fn object(info: &RunInfo, opened: Option<&Opened>, asked: &[Pending]) -> serde_json::Value {
    let asked: Vec<serde_json::Value> = asked
        .iter()
        .map(|asked| {
            json!({
                "request": &*asked.id,
                "kind": if asked.approval { "approval" } else { "answer" },
                "question": &*asked.question,
                "people": asked.people.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "all": asked.all,
            })
        })
        .collect();
    let at = |moment: Moment| moment.to_string();
    let record = info.record.as_ref().map(|r: &Ref| json!({ "entity": &*r.kind, "id": &*r.id }));
    let place = opened.and_then(|o| o.machine.as_ref().ok()).map(|(machine, program)| place(machine, program, None));
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
        "asks": asked,
        "bytes": info.machine_bytes,
        "state": match &info.held {
            None => "sleeps",
            Some(Held::Stuck(_)) => "stuck",
            Some(Held::Paused) => "paused",
            Some(Held::Parked(_)) => "parked",
        },
        "why": match &info.held {
            None | Some(Held::Paused) => None,
            Some(Held::Stuck(why) | Held::Parked(why)) => Some(&**why),
        },
    })
}

/// One call of `runs show`.
struct Show<'a> {
    store: &'a dyn Store,
    calendar: Calendar,
    out: &'a mut Out,
}

impl Show<'_> {
    fn show(&mut self, id: RunId) -> Result<Exit, String> {
        let opened = inspect::open(self.store, id).map_err(|e| e.to_string())?;
        let told = inspect::told(self.store, id).map_err(|e| e.to_string())?;
        let Some(opened) = opened else {
            let Some(told) = told else {
                return Err(format!("there never was a run {id} in this store; `dealflow runs list --all` shows all"));
            };
            self.out.text(&over(&told, &self.calendar))?;
            return self.history(Some(&told));
        };
        self.out.text(&entry(&opened, &self.calendar))?;
        requests(self.store, id, self.out)?;
        self.out.line(&format!("    started {}", self.calendar.say(opened.info.started)))?;
        match &opened.machine {
            Err(why) => self.out.line(&format!("    cannot be read: {why}"))?,
            Ok((machine, program)) => {
                self.out.line(&format!("    program {}", version(self.store, &opened)?))?;
                for (name, value) in machine.locals(program) {
                    self.out.line(&format!("    {name} = {}", value_text(&value, &self.calendar)))?;
                }
                source(machine, program, self.out)?;
            }
        }
        self.history(told.as_ref())
    }

    fn history(&mut self, told: Option<&Told>) -> Result<Exit, String> {
        let Some(told) = told else { return Ok(Exit::Fine) };
        if let Some(start) = &told.start {
            self.out.line(&format!("    started with the program {}", start.program.short()))?;
        }
        self.out.text(&story::story(told, &self.calendar))?;
        Ok(Exit::Fine)
    }
}

/// Which version of its rule a run goes on with.
fn version(store: &dyn Store, opened: &Opened) -> Result<String, String> {
    let own = opened.info.digest.unwrap_or_default();
    let now = store.rule(&opened.info.rule).map_err(|e| e.to_string())?.map(|row| row.digest).unwrap_or_default();
    Ok(match now {
        now if now == own => format!("{}, the present version of its rule", own.short()),
        now if now == Digest::default() => format!("{}: its rule is not there any more", own.short()),
        now => format!("{}, an earlier version: the rule has {} now", own.short(), now.short()),
    })
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

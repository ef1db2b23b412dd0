//! `dealflow run`: events from a file, in virtual time, over a store in memory or in a file.
//!
//! Activations are committed in groups, together with how far the event file was taken. Whatever was not committed never
//! happened, so a killed run goes on where the last commit was, and nothing is taken twice.

mod links;
pub(super) mod send;

use self::links::Links;
use super::args::{RunArgs, RunFormat};
use super::check;
use super::deploy;
use super::event_file::{EventFile, Next};
use super::exit::Exit;
use super::jsonl;
use super::out::Out;
use super::progress::Progress;
use super::summary;
use super::timeline::Timeline;
use super::{workspace, zone};
use crate::crm::Embedded;
use crate::engine::{Counters, Engine, Event, Store, Trace, TraceKind};
use crate::host::{
    memory::MemoryStore,
    sqlite::{Durability, SqliteStore},
};
use crate::ir::Trigger;
use crate::pipeline::Compiled;
use crate::schema::{self, Schema};
use crate::value::{Moment, Period};
use std::path::PathBuf;
use std::sync::Arc;

/// How many activations share one commit while there is more to do.
const GROUP: u32 = 512;

/// How far time runs without `--until` after the last event: yearly triggers would never end.
const HORIZON: Period = Period { months: 120, ..Period::ZERO };

/// The same where there are schedules, which may come every minute.
const SCHEDULED: Period = Period { months: 1, ..Period::ZERO };

pub(super) fn run(args: &RunArgs, out: &mut Out) -> Result<Exit, String> {
    let compiled = workspace::read_dir(&args.dir)?.parse().compile();
    if !compiled.is_sound() {
        check::show(&compiled.diagnostics, &compiled.sources, super::args::CheckFormat::Human, out)?;
        out.line("nothing was run: mend these first")?;
        return Ok(Exit::Findings);
    }
    let until = args.until.as_deref().map(|text| parse_until(text, &compiled.schema)).transpose()?;
    let events = match &args.events {
        Some(path) => Some(path.clone()),
        None => Some(args.dir.join("events.jsonl")).filter(|path| path.is_file()),
    };
    let mut store: Box<dyn Store> = match &args.store {
        None => Box::new(MemoryStore::default()),
        Some(path) => {
            Box::new(SqliteStore::open(path, Durability::Full).map_err(|e| format!("`{}`: {e}", path.display()))?)
        }
    };
    let before = store.meta().counters.clone();
    let channels = args.live.then(|| send::channels(&args.dir)).transpose()?;
    if args.live {
        send::mark_live(&mut *store)?;
    } else if !args.offline && send::is_live(&*store)? {
        return Err("this store is run live, and without --live what rules send would count as sent: add --live, \
                    or --offline if that is meant"
            .to_owned());
    }
    // What has not happened yet cannot be answered by the outside.
    let until = if args.live { Some(until.map_or_else(send::now, |at| at.min(send::now()))) } else { until };
    let mut session = Session::new(&compiled, args.format, args.keep_going, until);
    if let Some(channels) = &channels {
        session.engine.go_live(channels.live());
        session.begins = until;
    }
    let bad = session.deploy(&mut *store, out).and_then(|()| session.run(&mut *store, events, out));
    let bad = bad.map_err(|e| match &args.store {
        Some(path) => format!("{e} (store `{}`)", path.display()),
        None => e,
    })?;
    if let Some(channels) = &channels {
        let tally = session.send_due(&mut *store, channels, out)?;
        session.tell_tally(&*store, tally, out)?;
    }
    session.finish(&*store, &before, out)?;
    session.tell_links(&*store, out)?;
    let after = &store.meta().counters;
    let failed = after.failed > before.failed || after.parked > before.parked;
    Ok(if bad > 0 || failed { Exit::Findings } else { Exit::Fine })
}

/// One run of the command.
struct Session<'c> {
    engine: Engine,
    schema: &'c Schema,
    timeline: Timeline<'c>,
    format: RunFormat,
    keep_going: bool,
    until: Option<Moment>,
    horizon: Period,
    /// Where time begins for a store in which nothing has happened yet; `None` leaves it to the first event.
    begins: Option<Moment>,
    /// Whether there are schedules.
    scheduled: bool,
    /// Activations since the last commit.
    open: u32,
    /// What the last activation did.
    traces: Vec<Trace>,
    text: String,
    progress: Progress,
    /// Timers were left because they lie beyond the horizon.
    cut_off: Option<Moment>,
    links: Links,
}

impl<'c> Session<'c> {
    fn new(compiled: &'c Compiled, format: RunFormat, keep_going: bool, until: Option<Moment>) -> Self {
        let schema = Arc::clone(&compiled.schema);
        let scheduled = compiled.programs.iter().any(|program| matches!(program.trigger, Trigger::Every(_)));
        Self {
            engine: Engine::new(schema, compiled.programs.clone(), Arc::new(Embedded)),
            schema: &compiled.schema,
            timeline: Timeline::new(&compiled.schema),
            format,
            keep_going,
            until,
            horizon: if scheduled { SCHEDULED } else { HORIZON },
            begins: None,
            scheduled,
            open: 0,
            traces: Vec::new(),
            text: String::new(),
            progress: Progress::default(),
            cut_off: None,
            links: Links::default(),
        }
    }

    /// Gives the store these rules; says what becomes of sleeping runs when it had others.
    fn deploy(&mut self, store: &mut dyn Store, out: &mut Out) -> Result<(), String> {
        zone::note(store, self.schema).map_err(|e| e.to_string())?;
        let Self { engine, traces, .. } = self;
        let deployed = engine.deploy(store, &mut |trace| traces.push(trace)).map_err(|e| e.to_string())?;
        if !deployed.is_news() {
            return Ok(());
        }
        if self.format == RunFormat::Human {
            out.line("the rules are not those that this store last ran with:")?;
        }
        deploy::tell(&deployed, self.format, out)?;
        self.commit(store, None)?;
        self.show(store, out)
    }

    /// Takes the events and then the timers; says how many lines of the file were bad.
    fn run(&mut self, store: &mut dyn Store, events: Option<PathBuf>, out: &mut Out) -> Result<usize, String> {
        let mut bad = 0;
        if let Some(path) = events {
            let mut file = EventFile::open(&path, self.schema, store)?;
            self.progress.start(file.size());
            while let Some(next) = file.next()? {
                match next {
                    Next::Event(event) => {
                        if self.until.is_some_and(|until| event.at > until) {
                            file.put_back();
                            break;
                        }
                        self.links.look(&event, file.line(), store, self.schema).map_err(|e| e.to_string())?;
                        self.event(store, &event, out)?;
                    }
                    Next::Bad(message) => {
                        bad += 1;
                        eprint_line(&message);
                        if !self.keep_going {
                            // It comes again when it is mended.
                            file.put_back();
                            self.commit(store, Some(&file))?;
                            return Err("stopped at a bad line; mend it, or take only the good ones with --keep-going"
                                .to_owned());
                        }
                    }
                }
                self.progress.at(file.position());
                if self.open >= GROUP {
                    self.commit(store, Some(&file))?;
                }
                if out.is_closed() {
                    break;
                }
            }
            self.commit(store, Some(&file))?;
        }
        if let Some(at) = self.begins.filter(|_| has_no_clock(store)) {
            store.meta_mut().now = at;
            self.engine.adopt(store).map_err(|e| e.to_string())?;
        }
        self.timers(store, out)?;
        self.progress.finish();
        Ok(bad)
    }

    /// One event, after all timers that lie before it.
    fn event(&mut self, store: &mut dyn Store, event: &Event, out: &mut Out) -> Result<(), String> {
        while let Some(at) = self.engine.next_timer(store).map_err(|e| e.to_string())? {
            if at >= event.at {
                break;
            }
            self.timer(store, out)?;
        }
        let Self { engine, traces, .. } = self;
        engine.deliver(store, event, &mut |trace| traces.push(trace)).map_err(|e| e.to_string())?;
        self.show(store, out)
    }

    fn timer(&mut self, store: &mut dyn Store, out: &mut Out) -> Result<(), String> {
        let Self { engine, traces, .. } = self;
        engine.fire_next(store, &mut |trace| traces.push(trace)).map_err(|e| e.to_string())?;
        self.show(store, out)
    }

    /// The timers that are left, up to `--until` or the horizon.
    fn timers(&mut self, store: &mut dyn Store, out: &mut Out) -> Result<(), String> {
        let now = store.meta().now;
        let end = self.until.unwrap_or_else(|| self.schema.calendar.add(now, self.horizon));
        while let Some(at) = self.engine.next_timer(store).map_err(|e| e.to_string())? {
            if at > end || out.is_closed() {
                self.cut_off = self.until.is_none().then_some(at);
                break;
            }
            self.timer(store, out)?;
            if self.open >= GROUP {
                self.commit(store, None)?;
            }
        }
        self.commit(store, None)
    }

    fn commit(&mut self, store: &mut dyn Store, file: Option<&EventFile<'_>>) -> Result<(), String> {
        if let Some(file) = file {
            file.note(store)?;
        }
        self.open = 0;
        store.commit().map_err(|e| e.to_string())
    }

    /// Writes what the last activation did.
    fn show(&mut self, store: &dyn Store, out: &mut Out) -> Result<(), String> {
        self.open += 1;
        self.text.clear();
        for trace in self.traces.iter().filter(|trace| !out.is_quiet() || went_wrong(&trace.what)) {
            match self.format {
                RunFormat::Human => self.timeline.lines(trace, store, &mut self.text),
                RunFormat::Json => jsonl::trace(trace, self.schema, &mut self.text),
            }
        }
        self.traces.clear();
        out.text(&self.text)
    }

    fn finish(&self, store: &dyn Store, before: &Counters, out: &mut Out) -> Result<(), String> {
        if out.is_quiet() {
            return Ok(());
        }
        let counters = self.engine.summary(store);
        match self.format {
            RunFormat::Json => out.line(&jsonl::summary(counters).to_string()),
            RunFormat::Human => {
                let left = self.cut_off.map(|at| self.timeline.moment(at));
                out.text(&summary::human(counters, before, left.as_deref()))?;
                if self.scheduled && has_no_clock(store) {
                    out.line("no schedule has come: time begins with the first event, and there was none")?;
                }
                Ok(())
            }
        }
    }
}

/// Whether nothing has happened in a store yet.
fn has_no_clock(store: &dyn Store) -> bool {
    store.meta().now == Moment(i64::MIN)
}

/// What is shown with `--quiet` too.
fn went_wrong(what: &TraceKind) -> bool {
    matches!(
        what,
        TraceKind::Failed(_)
            | TraceKind::UndoFailed(_)
            | TraceKind::Stuck { .. }
            | TraceKind::Refused { .. }
            | TraceKind::Parked { .. }
    )
}

/// `--until`: a day (its end is meant) or a moment.
pub(super) fn parse_until(text: &str, schema: &Schema) -> Result<Moment, String> {
    let wrong = || format!("`--until {text}`: write a day such as 2026-04-01 or a moment such as 2026-04-01T09:00");
    if let Ok(day) = text.parse::<chrono::NaiveDate>() {
        let next = day.succ_opt().ok_or_else(wrong)?;
        return Ok(Moment(schema.calendar.midnight(next).0 - 1));
    }
    schema::moment(schema, text).map_err(|_| wrong())
}

/// A message that is not part of the output.
#[expect(clippy::print_stderr, reason = "the command line's own channel for mistakes")]
pub(super) fn eprint_line(text: &str) {
    eprintln!("{text}");
}

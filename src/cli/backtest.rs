//! `dealflow backtest`: events of the past with the rules of now, in memory, and how often each rule would have been used.

use super::event_file::{EventFile, Next};
use super::exit::Exit;
use super::out::Out;
use super::run::{eprint_line, parse_until};
use super::{check, workspace};
use crate::crm::Embedded;
use crate::engine::{Engine, Store, Trace};
use crate::feed::usage::Usage;
use crate::feed::why::Rules;
use crate::host::memory::MemoryStore;
use crate::value::Moment;
use std::path::PathBuf;
use std::sync::Arc;

/// `dealflow backtest`
#[derive(Debug, clap::Args)]
pub(super) struct BacktestArgs {
    /// The workspace: a folder with crm.toml and scripts.
    dir: PathBuf,
    /// The events of the past; DIR/events.jsonl without.
    #[arg(long)]
    events: Option<PathBuf>,
    /// Let time run to this day or moment; without it, to the last event.
    #[arg(long)]
    until: Option<String>,
    /// One JSON object for each rule.
    #[arg(long)]
    json: bool,
}

pub(super) fn backtest(args: &BacktestArgs, out: &mut Out) -> Result<Exit, String> {
    let parsed = workspace::read_dir(&args.dir)?.parse();
    let compiled = workspace::read_dir(&args.dir)?.parse().compile();
    if !compiled.is_sound() {
        check::show(&compiled.diagnostics, &compiled.sources, super::args::CheckFormat::Human, out)?;
        out.line("nothing was tried: mend these first")?;
        return Ok(Exit::Findings);
    }
    let until = args.until.as_deref().map(|text| parse_until(text, &compiled.schema)).transpose()?;
    let path = args.events.clone().unwrap_or_else(|| args.dir.join("events.jsonl"));
    let mut store = MemoryStore::default();
    let mut past = Past {
        engine: Engine::new(Arc::clone(&compiled.schema), compiled.programs.clone(), Arc::new(Embedded)),
        usage: Usage::of(Rules::of(&parsed)),
        traces: Vec::new(),
    };
    let (mut events, mut bad) = (0_u64, 0_u64);
    let mut file = EventFile::open(&path, &compiled.schema, &store)?;
    while let Some(next) = file.next()? {
        match next {
            Next::Event(event) if until.is_some_and(|until| event.at > until) => break,
            Next::Event(event) => {
                past.timers(&mut store, &|at| at < event.at)?;
                let Past { engine, traces, .. } = &mut past;
                engine.deliver(&mut store, &event, &mut |trace| traces.push(trace)).map_err(|e| e.to_string())?;
                past.note(&store)?;
                events += 1;
            }
            Next::Bad(message) => {
                eprint_line(&message);
                bad += 1;
            }
        }
    }
    if let Some(until) = until {
        past.timers(&mut store, &|at| at <= until)?;
    }
    if args.json {
        past.usage.json().iter().try_for_each(|rule| out.line(&rule.to_string()))?;
    } else {
        out.text(&past.usage.tell(&compiled.schema.calendar))?;
        let skipped = if bad == 0 { String::new() } else { format!(", {bad} bad lines left out") };
        out.note(&format!("{events} events of the past{skipped}; nothing has left this machine"))?;
    }
    Ok(if bad == 0 { Exit::Fine } else { Exit::Findings })
}

/// The past, and what the rules make of it.
struct Past<'p> {
    engine: Engine,
    usage: Usage<'p>,
    traces: Vec<Trace>,
}

impl Past<'_> {
    /// Fires the timers that are due.
    fn timers(&mut self, store: &mut dyn Store, due: &dyn Fn(Moment) -> bool) -> Result<(), String> {
        while self.engine.next_timer(store).map_err(|e| e.to_string())?.is_some_and(due) {
            let Self { engine, traces, .. } = self;
            engine.fire_next(store, &mut |trace| traces.push(trace)).map_err(|e| e.to_string())?;
            self.note(store)?;
        }
        Ok(())
    }

    fn note(&mut self, store: &dyn Store) -> Result<(), String> {
        for trace in self.traces.drain(..) {
            self.usage.note(&trace, store).map_err(|e| e.to_string())?;
        }
        Ok(())
    }
}

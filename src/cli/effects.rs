//! `dealflow effects`: what runs did, one effect a line, and what is still to happen outside.

use super::args::{EffectsCommand, RunFormat};
use super::exit::Exit;
use super::out::Out;
use super::runs::open;
use super::story::effect_line;
use super::zone;
use crate::engine::inspect::{self, Told};
use crate::engine::{EffectRow, Engine, ErrandKey, Mark, Outbox, RunId, Store, Stored};
use crate::schema::{Calendar, value_to_json};
use crate::value::Moment;
use serde_json::{Map, json};
use std::path::Path;

/// How many runs are read at once.
const PAGE: usize = 500;

pub(super) fn effects(command: &EffectsCommand, out: &mut Out) -> Result<Exit, String> {
    match command {
        EffectsCommand::List { store, failed, format } => list(store, *failed, *format, out),
        EffectsCommand::Send(args) => super::run::send::send(args, out),
        EffectsCommand::Bounces(args) => super::back::bounces(args, out),
        EffectsCommand::Clicks(args) => super::back::clicks(args, out),
        EffectsCommand::Waiting { store } => waiting(store, out),
        EffectsCommand::Retry { key, store } => retry(key, store, out),
    }
}

/// What is in the outbox.
fn waiting(store: &Path, out: &mut Out) -> Result<Exit, String> {
    let store = open(store)?;
    let calendar = zone::calendar(&store)?;
    let mut after = None;
    loop {
        let page = store.errands(after, PAGE).map_err(|e| e.to_string())?;
        let Some((last, _)) = page.last() else { return Ok(Exit::Fine) };
        after = Some(*last);
        for (key, row) in page {
            let state = match (row.next, &row.arrived) {
                (Some(at), _) if row.attempts == 0 => format!("due {}", calendar.say(at)),
                (Some(at), _) => format!("tried {} times, again {}", row.attempts, calendar.say(at)),
                (None, Some(_)) => "done; its run is held".to_owned(),
                (None, None) => "failed for good".to_owned(),
            };
            let last = row.last.map_or_else(String::new, |why| format!(": {why}"));
            out.line(&format!("{key}  {} ({})  {state}{last}", row.action, row.errand.channel))?;
        }
        if out.is_closed() {
            return Ok(Exit::Fine);
        }
    }
}

fn retry(key: &str, path: &Path, out: &mut Out) -> Result<Exit, String> {
    let parsed = key.parse::<ErrandKey>().map_err(|()| format!("`{key}` is no key: they look like 17/2 or 17/2/1"))?;
    let mut store = super::orders::open(path)?;
    let schema = crate::schema::load(crate::source::FileId::default(), "").0;
    let mut engine = Engine::new(schema.into(), Vec::new(), std::sync::Arc::new(crate::crm::Embedded));
    let now = store.meta().now;
    if !engine.try_again(&mut store, parsed, now).map_err(|e| e.to_string())? {
        return Err(format!("nothing with the key {key} waits: `dealflow effects waiting` lists what does"));
    }
    store.commit().map_err(|e| e.to_string())?;
    out.line(&format!("{key} is due now: `dealflow effects send` sends it"))?;
    Ok(Exit::Fine)
}

fn list(store: &Path, failed: bool, format: RunFormat, out: &mut Out) -> Result<Exit, String> {
    let store = open(store)?;
    let calendar = zone::calendar(&store)?;
    let mut list = List { store: &store, calendar, format, failed, shown: 0, out };
    if failed {
        list.pages(|after| store.runs_marked(Mark::Refused, after, PAGE))?;
        // An effect that was refused in the very step in which the run then failed.
        list.pages(|after| store.runs_marked(Mark::Failed, after, PAGE))?;
    } else {
        list.pages(|after| store.runs_ever(after, PAGE))?;
    }
    let shown = list.shown;
    if format == RunFormat::Human {
        let what = if failed { "refused" } else { "in all" };
        out.line(&format!("{shown} {}, {what}", if shown == 1 { "effect" } else { "effects" }))?;
    }
    Ok(Exit::Fine)
}

struct List<'a> {
    store: &'a dyn Store,
    calendar: Calendar,
    format: RunFormat,
    failed: bool,
    shown: usize,
    out: &'a mut Out,
}

impl List<'_> {
    fn pages(&mut self, page: impl Fn(Option<RunId>) -> Stored<Vec<RunId>>) -> Result<(), String> {
        let mut after = None;
        loop {
            let ids = page(after).map_err(|e| e.to_string())?;
            let Some(last) = ids.last() else { return Ok(()) };
            after = Some(*last);
            for id in ids {
                self.run(id)?;
            }
            if self.out.is_closed() {
                return Ok(());
            }
        }
    }

    fn run(&mut self, id: RunId) -> Result<(), String> {
        let Some(told) = inspect::told(self.store, id).map_err(|e| e.to_string())? else { return Ok(()) };
        for (_, row) in &told.history {
            for effect in row.effects().filter(|effect| !self.failed || effect.result.is_err()) {
                self.shown += 1;
                match self.format {
                    RunFormat::Human => {
                        let line = effect_line(told.file(), id, effect, &self.calendar);
                        self.out.line(&format!("{}  {line}", self.calendar.say(row.at)))?;
                    }
                    RunFormat::Json => self.out.line(&object(&told, row.at, effect).to_string())?,
                }
            }
        }
        Ok(())
    }
}

fn object(told: &Told, at: Moment, effect: &EffectRow) -> serde_json::Value {
    let args: Map<String, serde_json::Value> =
        effect.args.iter().map(|(name, value)| (name.to_string(), value_to_json(value))).collect();
    json!({
        "at": at.to_string(),
        "run": told.id.0,
        "seq": effect.seq,
        "rule": &*told.rule,
        "file": effect.place.file.as_deref().unwrap_or(told.file()),
        "line": effect.place.line,
        "action": &*effect.action,
        "args": args,
        "result": effect.result.as_ref().ok().map(value_to_json),
        "refused": effect.result.as_ref().err().map(|why| &**why),
    })
}

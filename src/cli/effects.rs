//! `dealflow effects list`: what runs did, one effect a line.

use super::args::{EffectsCommand, RunFormat};
use super::exit::Exit;
use super::out::Out;
use super::runs::open;
use super::story::effect_line;
use crate::engine::inspect::{self, Told};
use crate::engine::{EffectRow, Mark, RunId, Store, Stored};
use crate::schema::value_to_json;
use crate::value::Moment;
use serde_json::{Map, json};

/// How many runs are read at once.
const PAGE: usize = 500;

pub(super) fn effects(command: &EffectsCommand, out: &mut Out) -> Result<Exit, String> {
    let EffectsCommand::List { store, failed, format } = command;
    let store = open(store)?;
    let mut list = List { store: &store, format: *format, failed: *failed, shown: 0, out };
    if *failed {
        list.pages(|after| store.runs_marked(Mark::Refused, after, PAGE))?;
        // An effect that was refused in the very step in which the run then failed.
        list.pages(|after| store.runs_marked(Mark::Failed, after, PAGE))?;
    } else {
        list.pages(|after| store.runs_ever(after, PAGE))?;
    }
    let shown = list.shown;
    if *format == RunFormat::Human {
        let what = if *failed { "refused" } else { "in all" };
        out.line(&format!("{shown} {}, {what}", if shown == 1 { "effect" } else { "effects" }))?;
    }
    Ok(Exit::Fine)
}

struct List<'a> {
    store: &'a dyn Store,
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
                        self.out.line(&format!("{}  {}", row.at, effect_line(told.file(), id, effect)))?;
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

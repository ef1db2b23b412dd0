//! `dealflow reference` and `dealflow actions`: the texts come from [`crate::reference`], what the examples do from
//! running them here, over the store in memory and through the timeline of `dealflow run`.

use super::exit::Exit;
use super::out::Out;
use super::run::parse_until;
use super::workspace::cannot;
use crate::crm::Embedded;
use crate::diagnostics::render;
use crate::engine::{Engine, NotMatched, Store, Trace, TraceKind};
use crate::feed::events::parse_line;
use crate::feed::timeline::Timeline;
use crate::host::memory::MemoryStore;
use crate::reference::{self, Page, Story, Told};
use crate::schema::Schema;
use std::path::Path;
use std::sync::Arc;

/// `dealflow reference`
pub(super) fn write(dir: &Path, out: &mut Out) -> Result<Exit, String> {
    let pages = reference::pages(&tell)?;
    if dir == Path::new("-") {
        for page in pages.iter().filter(|page| page.is_prose()) {
            out.text(&page.text)?;
            out.line("")?;
        }
        return Ok(Exit::Fine);
    }
    for Page { path, text } in &pages {
        let path = dir.join(path);
        let folder = path.parent().unwrap_or(dir);
        std::fs::create_dir_all(folder).map_err(|e| cannot("make the folder", folder, &e))?;
        std::fs::write(&path, text).map_err(|e| cannot("write", &path, &e))?;
    }
    out.note(&format!("wrote {} files to {}", pages.len(), dir.display()))?;
    Ok(Exit::Fine)
}

/// `dealflow actions`
pub(super) fn actions(name: &str, out: &mut Out) -> Result<Exit, String> {
    if name.is_empty() {
        out.text(&reference::action_table())?;
    } else {
        let action = reference::find_action(name)?;
        out.text(&reference::action_page(action, &tell)?)?;
    }
    Ok(Exit::Fine)
}

/// Runs an example of the manual in the manual's workspace.
///
/// # Errors
/// What is wrong with the script or its events.
pub fn tell(story: &Story<'_>) -> Result<Told, String> {
    let compiled = reference::compile(story.script);
    if !compiled.is_sound() {
        return Err(render::plain(&compiled.diagnostics, &compiled.sources));
    }
    let schema = &compiled.schema;
    let until = parse_until(story.until, schema)?;
    let mut events = Vec::new();
    for line in story.events.lines() {
        events.push(parse_line(line, schema).map_err(|e| format!("{line}: {e:?}"))?);
    }
    let mut events = events.iter().peekable();
    let mut engine = Engine::new(Arc::clone(schema), compiled.programs.clone(), Arc::new(Embedded));
    let mut store = MemoryStore::new();
    let mut telling = Telling { schema, timeline: Timeline::new(schema), story: *story, told: Told::default() };
    loop {
        let mut traces = Vec::new();
        let timer = engine.next_timer(&store).map_err(|e| e.to_string())?;
        let timer = timer.filter(|at| *at <= until);
        match (events.peek(), timer) {
            (None, None) => return Ok(telling.told),
            (Some(event), timer) if timer.is_none_or(|at| at >= event.at) => {
                engine.deliver(&mut store, event, &mut |t| traces.push(t)).map_err(|e| e.to_string())?;
                events.next();
            }
            (_, _) => {
                engine.fire_next(&mut store, &mut |t| traces.push(t)).map_err(|e| e.to_string())?;
            }
        }
        telling.activation(&traces, &store);
        store.commit().map_err(|e| e.to_string())?;
    }
}

/// A story while it is told.
struct Telling<'a> {
    schema: &'a Schema,
    timeline: Timeline<'a>,
    story: Story<'a>,
    told: Told,
}

impl Telling<'_> {
    /// What one event or timer led to.
    fn activation(&mut self, traces: &[Trace], store: &dyn Store) {
        if self.story.everything || traces.iter().any(|trace| concerns_a_rule(&trace.what)) {
            for trace in traces {
                self.timeline.lines(trace, store, &mut self.told.timeline);
            }
        }
        for trace in traces {
            if let TraceKind::Effect { .. } = trace.what {
                let mut alone = String::new();
                Timeline::new(self.schema).lines(trace, store, &mut alone);
                // A day, then a time and a run before the effect itself.
                let line = alone.lines().last().unwrap_or("");
                let effect = line.split_once(": ").map_or(line, |(_, effect)| effect);
                self.told.effects.push(effect.to_owned());
            }
            self.told.failed += usize::from(went_wrong(&trace.what));
        }
    }
}

/// Whether an example does not do what it shows.
fn went_wrong(what: &TraceKind) -> bool {
    matches!(
        what,
        TraceKind::Failed(_) | TraceKind::Stuck { .. } | TraceKind::Refused { .. } | TraceKind::Parked { .. }
    )
}

/// Whether a reader of an example cares: more than an event, or a rule whose clauses do not hold.
fn concerns_a_rule(what: &TraceKind) -> bool {
    !matches!(
        what,
        TraceKind::EventTaken { .. }
            | TraceKind::EventIgnored { .. }
            | TraceKind::DateCame
            | TraceKind::NotMatched { why: NotMatched::Condition | NotMatched::Lifetime }
    )
}

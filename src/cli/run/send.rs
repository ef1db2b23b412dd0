//! `dealflow run --live` and `dealflow effects send`: what runs want done outside is done.
//!
//! An attempt is committed before it is made and its outcome after, each on its own: killed in between, the next call tries
//! again with the same key. Timers that are due by the clock fire first, so that things happen in their order.

use super::super::args::{RunFormat, SendArgs};
use super::super::{exit::Exit, orders, out::Out, workspace};
use super::{Session, eprint_line};
use crate::channel::{self, Channels};
use crate::crm::kind;
use crate::diagnostics::render;
use crate::engine::{Attempt, Engine, ErrandKey, Outbox, Record, Store};
use crate::source::Sources;
use crate::value::{Moment, Ref};
use std::path::Path;
use std::sync::Arc;

/// How many errands are taken from the store at once.
const BATCH: usize = 100;

/// What came of the attempts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    done: u32,
    passing: u32,
    permanent: u32,
}

/// The clock of this machine.
pub(in super::super) fn now() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The channels of a workspace; mistakes in its `dealflow.toml` are shown.
pub(in super::super) fn channels(dir: &Path) -> Result<Channels, String> {
    let path = dir.join(channel::FILE);
    if !path.is_file() {
        return Err(format!("`{}` is not there: it says how things leave the machine", path.display()));
    }
    let text = std::fs::read_to_string(&path).map_err(|e| format!("cannot read `{}`: {e}", path.display()))?;
    let mut sources = Sources::default();
    let file = sources.add(channel::FILE, &text);
    let (config, found) = channel::load(file, &text, &|name| std::env::var(name).ok());
    if !found.is_empty() {
        eprint_line(&render::plain(&found, &sources));
        return Err(format!("nothing is sent before `{}` is mended", path.display()));
    }
    Ok(Channels::new(config, dir))
}

/// Where a store keeps that it is run live.
fn mark() -> Ref {
    Ref::new(kind::LIVE, kind::STORE_ID)
}

/// Notes in a store that it is run live: from then on every command hands over what is to leave, and none takes it for done.
pub(super) fn mark_live(store: &mut dyn Store) -> Result<(), String> {
    if is_live(store)? {
        return Ok(());
    }
    store.put_record(&mark(), Arc::new(Record::default())).map_err(|e| e.to_string())
}

/// Whether a store was run live.
pub(in super::super) fn is_live(store: &dyn Store) -> Result<bool, String> {
    Ok(store.record(&mark()).map_err(|e| e.to_string())?.is_some())
}

/// Has an engine hand over what is to leave, if the store is run live: `dealflow effects send` sends it.
pub(in super::super) fn as_store(engine: &mut Engine, store: &dyn Store, dir: &Path) -> Result<(), String> {
    if is_live(store)? {
        let channels = channels(dir).map_err(|why| format!("the store is run live, and {why}"))?;
        engine.go_live(channels.live());
    }
    Ok(())
}

/// `dealflow effects send`
pub(in super::super) fn send(args: &SendArgs, out: &mut Out) -> Result<Exit, String> {
    let compiled = workspace::read_dir(&args.dir)?.parse().compile();
    if !compiled.is_sound() {
        return Err(format!("the workspace has mistakes: `dealflow check {}` shows them", args.dir.display()));
    }
    let channels = channels(&args.dir)?;
    if let Some(folder) = &args.dry_run {
        return dry_run(args, &channels, folder, out);
    }
    let mut store = orders::open(&args.store)?;
    let mut session = Session::new(&compiled, args.format, false, None);
    if !session.engine.knows(&store).map_err(|e| e.to_string())? {
        return Err(
            "the rules are not those that the store last ran with: `dealflow run` or `dealflow deploy` them first"
                .to_owned(),
        );
    }
    session.engine.go_live(channels.live());
    let before = store.meta().counters.parked;
    let tally = session.send_due(&mut store, &channels, out)?;
    session.tell_tally(&store, tally, out)?;
    Ok(if tally.permanent > 0 || store.meta().counters.parked > before { Exit::Findings } else { Exit::Fine })
}

impl Session<'_> {
    /// Tries everything that is due by the clock, with all that follows from it.
    pub(super) fn send_due(
        &mut self,
        store: &mut dyn Store,
        channels: &Channels,
        out: &mut Out,
    ) -> Result<Tally, String> {
        let mut tally = Tally::default();
        loop {
            let at = now();
            while self.engine.next_timer(store).map_err(|e| e.to_string())?.is_some_and(|due| due <= at) {
                self.timer(store, out)?;
                self.commit(store, None)?;
            }
            let due = store.due_errands(at, BATCH).map_err(|e| e.to_string())?;
            if due.is_empty() || out.is_closed() {
                return Ok(tally);
            }
            for (key, _) in due {
                self.try_once(store, channels, key, &mut tally, out)?;
            }
        }
    }

    fn try_once(
        &mut self,
        store: &mut dyn Store,
        channels: &Channels,
        key: ErrandKey,
        tally: &mut Tally,
        out: &mut Out,
    ) -> Result<(), String> {
        let said = |e: crate::engine::StoreError| e.to_string();
        let Some(row) = self.engine.attempt(store, key).map_err(said)? else { return Ok(()) };
        store.commit().map_err(said)?;
        let attempt = channels.send(key, &row);
        match &attempt {
            Attempt::Done { .. } => tally.done += 1,
            Attempt::Passing { .. } => tally.passing += 1,
            Attempt::Permanent { .. } => tally.permanent += 1,
        }
        let Self { engine, traces, .. } = self;
        engine.settle(store, key, now(), &attempt, &mut |trace| traces.push(trace)).map_err(said)?;
        self.show(store, out)?;
        self.commit(store, None)
    }

    /// `2 sent, 1 failed for now, 0 failed for good; the next is due …`
    pub(super) fn tell_tally(&self, store: &dyn Store, tally: Tally, out: &mut Out) -> Result<(), String> {
        if self.format == RunFormat::Json {
            let Tally { done, passing, permanent } = tally;
            let next = store.next_errand().map_err(|e| e.to_string())?.map(|at| at.to_string());
            let line = serde_json::json!({
                "kind": "sent", "done": done, "failed_for_now": passing, "failed_for_good": permanent, "next": next
            });
            return out.line(&line.to_string());
        }
        let next = store.next_errand().map_err(|e| e.to_string())?;
        let next = next.map_or_else(String::new, |at| format!("; the next is due {}", self.timeline.moment(at)));
        let Tally { done, passing, permanent } = tally;
        out.line(&format!("{done} sent, {passing} failed for now, {permanent} failed for good{next}"))
    }
}

/// Writes what is due into files, and changes nothing.
fn dry_run(args: &SendArgs, channels: &Channels, folder: &Path, out: &mut Out) -> Result<Exit, String> {
    let store = super::super::runs::open(&args.store)?;
    std::fs::create_dir_all(folder).map_err(|e| format!("cannot make the folder `{}`: {e}", folder.display()))?;
    let (mut after, mut bad) = (None, false);
    loop {
        let page = store.errands(after, BATCH).map_err(|e| e.to_string())?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        for (key, row) in page.into_iter().filter(|(_, row)| row.next.is_some()) {
            match channels.dry_run(key, &row) {
                Ok((ending, bytes)) => {
                    let path = folder.join(format!("{}.{ending}", key.to_string().replace('/', "-")));
                    std::fs::write(&path, bytes).map_err(|e| format!("cannot write `{}`: {e}", path.display()))?;
                    out.line(&format!("{key}  {}  {}", row.action, path.display()))?;
                }
                Err(why) => {
                    bad = true;
                    out.line(&format!("{key}  {}  cannot be sent: {why}", row.action))?;
                }
            }
        }
    }
    Ok(if bad { Exit::Findings } else { Exit::Fine })
}

//! One event among many sleeping runs: it must not matter how many sleep that it does not concern. So the events of both
//! sides are about as many records, and only the number of the others differs.

use super::clock::{Spent, better, once};
use super::runner::{Outcome, Show};
use super::session::{Session, folder, shuffled};
use super::table::{Figure, Row};
use dealflow::host::sqlite::Durability;
use std::path::Path;

const SCRIPT: &str = "on deal stage \"Invoice\" < wait until lead.status in [Won] or 1y; log \"done\"; >";

const FEW: u32 = 1_000;
const MANY: u32 = 100_000;
const EVENTS: u32 = 1_000;
const ROUNDS: u32 = 8;

/// In memory and on disk, for an event that wakes a run and for one that concerns none.
pub(crate) fn measure(show: Show<'_>) -> Outcome {
    let folder = folder()?;
    let file = |name: &str| folder.path().join(name);
    rows("in memory", sleeping(FEW, None)?, sleeping(MANY, None)?, show)?;
    rows("sqlite", sleeping(FEW, Some(&file("few.db")))?, sleeping(MANY, Some(&file("many.db")))?, show)
}

/// A session in which so many runs sleep.
fn sleeping(count: u32, file: Option<&Path>) -> Outcome<Session> {
    let mut session = match file {
        Some(path) => Session::in_file(SCRIPT, path, Durability::Process, 512)?,
        None => Session::in_memory(SCRIPT)?,
    };
    session.populate(count)?;
    session.stage(&(0..count).collect::<Vec<_>>(), "Invoice")?;
    if session.counters().waiting == u64::from(count) { Ok(session) } else { Err("not all runs sleep".into()) }
}

fn rows(place: &str, mut few: Session, mut many: Session, show: Show<'_>) -> Outcome {
    let mut best = None;
    let some = |of| shuffled(of, 5).into_iter().take(EVENTS as usize).collect::<Vec<_>>();
    let (a, b) = (some(FEW), some(MANY));
    for round in 0..ROUNDS {
        let status = if round % 2 == 0 { "In progress" } else { "Interested" };
        let name = format!("name {round}");
        let new = [
            timed(|| few.status(&a, status))?,
            timed(|| many.status(&b, status))?,
            timed(|| few.update(&a, "lead", "title", &name))?,
            timed(|| many.update(&b, "lead", "title", &name))?,
        ];
        best = Some(better(best, new));
    }
    let [wake_few, wake_many, other_few, other_many] = best.ok_or("no round")?;
    let each = |spent: Spent| Figure::new(spent.cpu.as_secs_f64() * 1e9 / f64::from(EVENTS), "ns");
    let what = format!("event for 1 of 100,000 sleeping runs, {place}");
    show(Row::new(what, each(wake_many), "of 1,000", each(wake_few)).goal("≤ 3 ×"))?;
    let what = format!("event for none of 100,000 sleeping runs, {place}");
    show(Row::new(what, each(other_many), "of 1,000", each(other_few)).goal("≤ 3 ×"))
}

fn timed(work: impl FnOnce() -> Outcome) -> Outcome<Spent> {
    let (done, spent) = once(work);
    done.map(|()| spent)
}

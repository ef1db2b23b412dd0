//! The life of a run on the sqlite host: an event starts it, it does something, it sleeps until an event or three days,
//! the event comes, it does something else, it ends. Beside it the floor: the same rows by hand.

use super::clock::{Spent, better, once};
use super::floor::{Floor, Sizes, pages};
use super::runner::{Outcome, Show};
use super::session::{Session, copy, folder, shuffled};
use super::table::{Figure, Row};
use dealflow::host::sqlite::Durability;
use std::path::{Path, PathBuf};

const SCRIPT: &str = "on deal stage \"Invoice\" <
  notify chat $legal \"please read\";
  wait until lead.status in [Won] or 3d;
  comment deal \"done\";
>";

/// The tables that a sleeping run has rows in.
const OF_RUNS: &str = "'run', 'watch', 'timer', 'active'";

/// One way to do it.
struct Mode {
    name: &'static str,
    durability: Durability,
    group: u32,
    runs: u32,
    rounds: u32,
}

/// Many activations share a commit, as under load.
pub(crate) fn grouped(show: Show<'_>) -> Outcome {
    let durability = Durability::Full;
    compare(&Mode { name: "fsync, commits of 512", durability, group: 512, runs: 10_000, rounds: 4 }, show)
}

/// Every activation is committed by itself.
pub(crate) fn single(show: Show<'_>) -> Outcome {
    let durability = Durability::Full;
    compare(&Mode { name: "fsync, single commits", durability, group: 1, runs: 2_000, rounds: 3 }, show)
}

/// Nothing waits for the disk.
pub(crate) fn unsynced(show: Show<'_>) -> Outcome {
    let durability = Durability::Process;
    compare(&Mode { name: "no fsync, commits of 512", durability, group: 512, runs: 10_000, rounds: 4 }, show)
}

/// What rounds begin with copies of: records, and no runs yet.
struct Files {
    ours: PathBuf,
    floor: PathBuf,
    sizes: Sizes,
    /// Holds the files.
    _folder: tempfile::TempDir,
}

impl Files {
    fn make(count: u32) -> Outcome<Self> {
        let folder = folder()?;
        let (ours, floor) = (folder.path().join("ours.db"), folder.path().join("floor.db"));
        let sizes = sizes(&folder.path().join("sample.db"))?;
        Session::in_file(SCRIPT, &ours, Durability::Process, 512)?.populate(count)?;
        Floor::open(&floor, Durability::Process, 512, sizes, true)?.populate(count)?;
        Ok(Self { ours, floor, sizes, _folder: folder })
    }
}

/// What the engine's rows hold, from a store where half of the runs still sleep.
fn sizes(path: &Path) -> Outcome<Sizes> {
    let mut session = Session::in_file(SCRIPT, path, Durability::Process, 512)?;
    session.populate(1000)?;
    let ids = (0..1000).collect::<Vec<_>>();
    session.stage(&ids, "Invoice")?;
    session.status(ids.get(..500).unwrap_or_default(), "Won")?;
    drop(session);
    Sizes::of(path)
}

fn compare(mode: &Mode, show: Show<'_>) -> Outcome {
    let files = &Files::make(mode.runs)?;
    let (first, second) = (shuffled(mode.runs, 7), shuffled(mode.runs, 8));
    let mut best = None;
    for _ in 0..mode.rounds {
        let all = [
            ours(files, mode, &first, &second)?,
            floor(files, mode, &first, &second, true)?,
            floor(files, mode, &first, &second, false)?,
        ];
        best = Some(better(best, all));
    }
    let [ours, whole, narrow] = best.ok_or("no round")?;
    let runs = f64::from(mode.runs);
    let cpu = |spent: Spent| Figure::new(spent.cpu.as_secs_f64() * 1e9 / runs, "ns");
    let speed = |spent: Spent| Figure::new(runs / spent.wall.as_secs_f64(), "/s");
    let name = mode.name;
    let what = format!("life of a run, {name}: CPU");
    show(Row::new(&what, cpu(ours), "the same rows by hand in SQLite", cpu(whole)).goal("≤ 2 ×"))?;
    show(Row::new(what, cpu(ours), "only the run's own rows by hand, no CRM", cpu(narrow)))?;
    let what = format!("life of a run, {name}: runs a second");
    show(Row::new(what, speed(ours), "the same rows by hand in SQLite", speed(whole)).goal("≥ 0.33 ×"))
}

fn ours(files: &Files, mode: &Mode, first: &[u32], second: &[u32]) -> Outcome<Spent> {
    let mut session = Session::in_file(SCRIPT, &copy(&files.ours)?, mode.durability, mode.group)?;
    let (done, spent) = once(|| {
        session.stage(first, "Invoice")?;
        session.status(second, "Won")
    });
    done?;
    let counters = session.counters();
    if counters.ended != u64::from(mode.runs) || counters.waiting != 0 {
        return Err(format!("not all runs ended: {counters:?}").into());
    }
    Ok(spent)
}

fn floor(files: &Files, mode: &Mode, first: &[u32], second: &[u32], records: bool) -> Outcome<Spent> {
    let mut floor = Floor::open(&copy(&files.floor)?, mode.durability, mode.group, files.sizes, records)?;
    let (done, spent) = once(|| {
        floor.start(first)?;
        floor.end(second)
    });
    done?;
    Ok(spent)
}

/// What sleeping runs take in the file.
pub(crate) fn size(show: Show<'_>) -> Outcome {
    let count = 10_000;
    let files = Files::make(count)?;
    let ids = shuffled(count, 7);
    let path = copy(&files.ours)?;
    Session::in_file(SCRIPT, &path, Durability::Process, 512)?.stage(&ids, "Invoice")?;
    let ours = pages(&path, OF_RUNS)? / f64::from(count);
    let path = copy(&files.floor)?;
    Floor::open(&path, Durability::Process, 512, files.sizes, true)?.start(&ids)?;
    let floor = pages(&path, OF_RUNS)? / f64::from(count);
    let row = Row::new(
        "a sleeping run in the file, rows and indexes",
        Figure::new(ours, "B"),
        "the same by hand",
        Figure::new(floor, "B"),
    );
    show(row.goal("≤ 600 B"))
}

//! A simulation: thousands of random worlds with random rules, late and repeated events, jumps of the clock, refused
//! effects, orders of people, and deaths of the process at every write.
//!
//! In each world three stories must be one: what the model says, what happens without faults, and what happens with
//! them. No run is lost, no effect is done twice, and the order is the same. In some worlds each process comes with the
//! rules in another form, and in some effects leave for an outside that fails and is late.
//!
//! `SIM_SEED=17 cargo test --test flow sim` lives through one world alone and prints its rules; `SIM_SEEDS=100000` through
//! more than usual.

mod drive;
mod faults;
mod model;
mod outside;
mod random;
mod rules;
mod schedule;

use crate::deploy::renumbered;
use dealflow::diagnostics::render;
use dealflow::engine::Store;
use dealflow::host::memory::MemoryStore;
use dealflow::host::sqlite::{Durability, SqliteStore};
use dealflow::ir::Program;
use dealflow::pipeline::{Compiled, Texts};
use drive::{Outcome, Treatment, World, live};
use model::Model;
use outside::{Mood, Receiver};
use random::Random;
use rules::Rule;
use schedule::Schedule;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Worlds, unless `SIM_SEEDS` says otherwise.
const SEEDS: u64 = 10_000;
/// Rules from which each world takes a few.
const RULES: usize = 120;
/// Every so many worlds also live on the real store, which is slower.
const ON_DISK: u64 = 100;

/// All rules that there are, compiled once.
struct Pool {
    rules: Vec<Rule>,
    compiled: Compiled,
    /// The same programs in another form.
    others: Vec<Arc<Program>>,
}

impl Pool {
    fn new() -> Self {
        let mut random = Random(2026);
        let rules = (0..RULES).map(|n| Rule::any(format!("rule {n}"), &mut random)).collect::<Vec<_>>();
        let mut texts = Texts::default();
        let schema = std::fs::read_to_string("tests/data/sim/crm.toml").unwrap();
        texts.schema = Some(texts.sources.add("crm.toml", &schema));
        for (n, rule) in rules.iter().enumerate() {
            texts.scripts.push(texts.sources.add(&format!("{n}.flow"), &rule.text()));
        }
        let compiled = texts.parse().compile();
        assert!(compiled.is_sound(), "{}", render::plain(&compiled.diagnostics, &compiled.sources));
        assert_eq!(compiled.programs.len(), RULES);
        let others = compiled.programs.iter().map(|program| Arc::new(renumbered(program))).collect();
        Self { rules, compiled, others }
    }

    /// The rules that are at work in a world, and what happens in it.
    fn world(&self, seed: u64) -> (Random, BTreeSet<usize>, Schedule) {
        let mut random = Random(seed);
        let count = 1 + random.below(4);
        let chosen = (0..count).map(|_| random.below(self.rules.len())).collect();
        let schedule = Schedule::any(&mut random);
        (random, chosen, schedule)
    }
}

/// What was lived through, added up.
#[derive(Default)]
struct Sum {
    activations: AtomicU64,
    deaths: AtomicU64,
    lines: AtomicU64,
}

fn one(pool: &Pool, seed: u64, sum: &Sum) -> Result<(), String> {
    let (mut random, chosen, schedule) = pool.world(seed);
    let rules = chosen.iter().map(|&at| pool.rules[at].clone()).collect::<Vec<_>>();
    let of = |all: &[Arc<Program>]| chosen.iter().map(|&at| all[at].clone()).collect::<Vec<_>>();
    let (programs, others) = (of(&pool.compiled.programs), of(&pool.others));
    let schema = &pool.compiled.schema;
    let world = World { schema, programs: &programs, others: &others, schedule: &schedule, receiver: None };
    let expected = Model::tell(&rules, &schedule);
    let calm = in_peace(&world, &mut random);
    same("the model", &expected, "the engine", &calm.lines)?;
    let wild = with_deaths(&world, false, &mut random);
    same("without faults", &calm.lines, "with deaths", &wild.lines)?;
    if calm.store != wild.store {
        return Err("the stores differ with and without deaths".to_owned());
    }
    match seed % 8 {
        0 | 4 => deployed(&world, &calm, &mut random, sum)?,
        1 => outside(&world, seed, &mut random, sum)?,
        _ => {}
    }
    if seed.is_multiple_of(ON_DISK) {
        let disk = on_disk(&world, &mut random)?;
        same("in memory", &calm.lines, "on disk", &disk.lines)?;
        let mut disk_contents = contents(&disk.store);
        disk_contents.sort();
        let mut memory = contents(&calm.store);
        memory.sort();
        same("records in memory", &memory, "records on disk", &disk_contents)?;
        count(sum, &disk);
    }
    count(sum, &calm);
    count(sum, &wild);
    Ok(())
}

fn in_peace(world: &World<'_>, random: &mut Random) -> Outcome<MemoryStore> {
    let calm = Treatment { group: 1, deaths: 0, reload: false, deploys: false, random };
    live(world, calm, MemoryStore::new(), |s| s, |_| ())
}

fn with_deaths(world: &World<'_>, deploys: bool, random: &mut Random) -> Outcome<MemoryStore> {
    let deaths = 1 + u32::try_from(random.below(8)).unwrap();
    let reload = random.once_in(10);
    let wild = Treatment { group: 6, deaths, reload, deploys, random };
    let mut safe = MemoryStore::new();
    let cell = std::cell::RefCell::new(&mut safe);
    live(world, wild, MemoryStore::new(), |_| cell.borrow().clone(), |s| **cell.borrow_mut() = s.clone())
}

/// Each process may come with the rules in another form, to which the sleeping runs are carried over.
fn deployed(world: &World<'_>, calm: &Outcome<MemoryStore>, random: &mut Random, sum: &Sum) -> Result<(), String> {
    let wild = with_deaths(world, true, random);
    same("without faults", &calm.lines, "with deploys", &wild.lines)?;
    same("records without faults", &records(&calm.store), "records with deploys", &records(&wild.store))?;
    count(sum, &wild);
    Ok(())
}

/// Comments leave: nothing is lost, and nothing is done twice for one who knows a repetition by its key.
fn outside(world: &World<'_>, seed: u64, random: &mut Random, sum: &Sum) -> Result<(), String> {
    // One who answers at once and for good tells one story with and without deaths and deploys.
    let [one, two] = [Receiver::new(seed, Mood::Decided), Receiver::new(seed, Mood::Decided)];
    let calm = in_peace(&World { receiver: Some(&one), ..*world }, random);
    one.fits(&calm.lines, calm.died)?;
    let wild = with_deaths(&World { receiver: Some(&two), ..*world }, true, random);
    two.fits(&wild.lines, wild.died)?;
    same("sent without faults", &calm.lines, "sent with deaths and deploys", &wild.lines)?;
    same("received without faults", &one.accepted(), "received with deaths and deploys", &two.accepted())?;
    same("records without faults", &records(&calm.store), "records with deploys", &records(&wild.store))?;
    count(sum, &wild);
    if seed % ON_DISK == 1 {
        let receiver = Receiver::new(seed, Mood::Decided);
        let disk = on_disk(&World { receiver: Some(&receiver), ..*world }, random)?;
        receiver.fits(&disk.lines, disk.died)?;
        same("sent in memory", &calm.lines, "sent from a disk", &disk.lines)?;
    }
    // One who is late and fails has other stories, in which nothing is lost either.
    for deploys in [false, true] {
        let moody = Receiver::new(seed, Mood::Moody);
        let wild = with_deaths(&World { receiver: Some(&moody), ..*world }, deploys, random);
        moody.fits(&wild.lines, wild.died)?;
        count(sum, &wild);
    }
    Ok(())
}

fn records(store: &dyn Store) -> Vec<String> {
    let mut lines = Vec::new();
    for kind in store.kinds().unwrap() {
        for (id, record) in store.records(&kind, None, 10_000).unwrap() {
            lines.push(format!("{kind} {id} {record:?}"));
        }
    }
    lines
}

fn on_disk(world: &World<'_>, random: &mut Random) -> Result<Outcome<SqliteStore>, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.db");
    let open = || SqliteStore::open(&file, Durability::Process).unwrap();
    let treatment = Treatment { group: 6, deaths: 6, reload: false, deploys: false, random };
    let reopen = |store: SqliteStore| {
        drop(store);
        open()
    };
    let lived = live(world, treatment, open(), reopen, |_| ());
    let wrong = lived.store.check(&mut |_| ()).unwrap();
    if wrong.is_empty() { Ok(lived) } else { Err(format!("the store is not whole: {wrong:?}")) }
}

fn contents(store: &dyn Store) -> Vec<String> {
    let mut lines = records(store);
    for run in store.runs_ever(None, 10_000).unwrap() {
        lines.push(format!("{run} {:?}", store.history(run).unwrap()));
    }
    lines
}

fn count<S>(sum: &Sum, outcome: &Outcome<S>) {
    sum.activations.fetch_add(outcome.activations, Ordering::Relaxed);
    sum.deaths.fetch_add(u64::from(outcome.died), Ordering::Relaxed);
    sum.lines.fetch_add(outcome.lines.len() as u64, Ordering::Relaxed);
}

/// Compares two stories; shows where they part.
fn same(left: &str, a: &[String], right: &str, b: &[String]) -> Result<(), String> {
    if a == b {
        return Ok(());
    }
    let at = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let mut text = String::new();
    for line in &a[at.saturating_sub(12)..at] {
        writeln!(text, "    {line}").unwrap();
    }
    for (who, lines) in [(left, a), (right, b)] {
        for line in lines.iter().skip(at).take(4) {
            writeln!(text, "{who}: {line}").unwrap();
        }
    }
    Err(text)
}

fn told(pool: &Pool, seed: u64, why: &str) -> String {
    let (_, chosen, schedule) = pool.world(seed);
    let rules = chosen.iter().map(|&at| pool.rules[at].text()).collect::<String>();
    let items = schedule.items.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join("\n");
    format!("{rules}\n{items}\n{why}\nlive through it alone: SIM_SEED={seed} cargo test --test flow sim -- --nocapture")
}

#[test]
fn worlds_with_and_without_faults_tell_one_story() {
    let pool = Pool::new();
    let sum = Sum::default();
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    if let Some(seed) = number("SIM_SEED") {
        println!("{}", told(&pool, seed, ""));
        one(&pool, seed, &sum).unwrap_or_else(|why| panic!("{why}"));
        return;
    }
    let seeds = number("SIM_SEEDS").unwrap_or(SEEDS);
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let seed = next.fetch_add(1, Ordering::Relaxed)
                    && seed < seeds
                {
                    one(&pool, seed, &sum).unwrap_or_else(|why| panic!("{}", told(&pool, seed, &why)));
                }
            });
        }
    });
    let [activations, deaths, lines] =
        [&sum.activations, &sum.deaths, &sum.lines].map(|number| number.load(Ordering::Relaxed));
    println!("{seeds} worlds: {activations} activations, {deaths} deaths, {lines} things that happened");
    // The worlds are worth living in.
    assert!(activations > seeds * 40 && deaths > seeds && lines > seeds * 20, "{activations} {deaths} {lines}");
}

//! The world outside: a receiver of comments that fails now and then, answers late, and knows a repetition by its key.

use super::random::Random;
use dealflow::engine::{Attempt, Errand, ErrandKey, ErrandRow, Live, Pauses};
use dealflow::value::{Name, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Attempts before nobody tries any more.
const ATTEMPTS: u32 = 3;
const MINUTE: i64 = 60_000;

/// A comment that leaves.
pub(super) fn errand(args: Vec<(Name, Value)>) -> Errand {
    Errand { channel: "post".into(), args, about: None, awaited: true, not_before: None }
}

/// What leaves, and how often it is tried.
pub(super) fn live_pauses() -> Live {
    Live { mirrors: BTreeSet::new(), pauses: Pauses { first: 10 * MINUTE, longest: 180 * MINUTE, attempts: ATTEMPTS } }
}

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mood {
    /// At once, and for good: yes or no.
    Decided,
    /// Late, and with failures that pass.
    Moody,
}

/// What is known of a key.
#[derive(Clone, Debug, Default)]
struct Known {
    given: Vec<(Name, Value)>,
    deliveries: u32,
    accepted: bool,
    /// Whether the last answer was a no for good: a person may have it tried again with other words.
    refused: bool,
}

/// Somebody outside, who outlives the process.
pub(super) struct Receiver {
    seed: u64,
    mood: Mood,
    known: RefCell<BTreeMap<ErrandKey, Known>>,
}

impl Receiver {
    pub(super) fn new(seed: u64, mood: Mood) -> Self {
        Self { seed, mood, known: RefCell::new(BTreeMap::new()) }
    }

    /// Takes a delivery; says after how many milliseconds the answer comes, and which.
    pub(super) fn take(&self, key: ErrandKey, row: &ErrandRow) -> (i64, Attempt) {
        let mut all = self.known.borrow_mut();
        let known = all.entry(key).or_default();
        if known.deliveries > 0 && !known.refused {
            assert_eq!(known.given, row.errand.args, "the same key with other words: {key}");
        }
        known.given.clone_from(&row.errand.args);
        known.deliveries += 1;
        known.refused = false;
        let mut random = Random(self.seed ^ (key.run.0 << 20) ^ u64::from(key.seq));
        let kind = random.below(10);
        let passes_after = u32::try_from(random.below(5)).unwrap();
        let yes = Attempt::Done { value: None, fields: Vec::new() };
        let no = Attempt::Permanent { why: "550 nobody here".into() };
        let later = Attempt::Passing { why: "451 later".into(), after: None };
        let answer = match self.mood {
            Mood::Decided if kind < 8 => yes,
            Mood::Decided => no,
            Mood::Moody if kind < 4 => yes,
            Mood::Moody if kind < 5 => no,
            Mood::Moody if known.deliveries > passes_after => yes,
            Mood::Moody => later,
        };
        known.accepted |= matches!(answer, Attempt::Done { .. });
        known.refused = matches!(answer, Attempt::Permanent { .. })
            || matches!(answer, Attempt::Passing { .. }) && row.attempts >= ATTEMPTS;
        let late = i64::try_from(random.below(400)).unwrap() * MINUTE;
        (if self.mood == Mood::Moody { late } else { 0 }, answer)
    }

    /// Whether what the engine tells fits what arrived here: nothing is lost, and nothing is told that did not arrive.
    pub(super) fn fits(&self, lines: &[String], deaths: u32) -> Result<(), String> {
        let known = self.known.borrow();
        let mut open: BTreeSet<(&str, &str)> = BTreeSet::new();
        for line in lines {
            let Some((run, what)) = line.split_once(" run ").and_then(|(_, rest)| rest.split_once(": #")) else {
                continue;
            };
            let (seq, what) = what.split_once(' ').unwrap();
            let key: ErrandKey = format!("{run}/{seq}").parse().map_err(|()| line.clone())?;
            let fits = match what {
                "handed over" => open.insert((run, seq)),
                "tried again" => open.contains(&(run, seq)),
                "withdrawn" | "refused" => open.remove(&(run, seq)),
                _ if what.starts_with("comment") => {
                    open.remove(&(run, seq)) && known.get(&key).is_some_and(|known| known.accepted)
                }
                _ => true,
            };
            if !fits {
                return Err(format!("it does not fit what arrived outside: {line}"));
            }
        }
        if let Some((run, seq)) = open.first() {
            return Err(format!("run {run} #{seq} was handed over and is lost"));
        }
        // A repetition is only made after a failure, an order of a person, or a death.
        let most = ATTEMPTS * 6 + deaths;
        match known.iter().find(|(_, known)| known.deliveries > most) {
            Some((key, known)) => Err(format!("{key} was delivered {} times", known.deliveries)),
            None => Ok(()),
        }
    }

    /// What arrived and was taken, each key once.
    pub(super) fn accepted(&self) -> Vec<String> {
        let known = self.known.borrow();
        known
            .iter()
            .filter(|(_, known)| known.accepted)
            .map(|(key, known)| format!("{key} {:?}", known.given))
            .collect()
    }
}

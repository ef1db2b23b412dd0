//! What is to happen outside: errands that runs hand over, kept in the store until they are done.
//!
//! An errand is written down in the transaction of the activation that asks for it. Somebody who can reach the outside
//! takes the due ones, notes the attempt, does it with the errand's key, and hands the outcome back as a transaction of
//! its own ([`Engine::settle`](super::Engine::settle)). Killed in between, it is done again with the same key.

use super::history::Place;
use super::limits;
use super::store::{RuleNo, RunId, Stored};
use crate::value::{Moment, Name, Ref, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// What an action wants done outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Errand {
    /// Who does it: `email`, `sms`, `webhook`, `chat` …
    pub channel: Name,
    /// What the channel needs to know.
    pub args: Vec<(Name, Value)>,
    /// The record that tells people what became of it.
    pub about: Option<Ref>,
    /// Whether the run waits for the outcome. Else it goes on at once, and never hears of a failure.
    pub awaited: bool,
    /// Not to be done before.
    pub not_before: Option<Moment>,
}

impl Errand {
    /// The argument of this name, if it is not missing.
    pub fn arg(&self, name: &str) -> Option<&Value> {
        self.args.iter().find(|(n, _)| &**n == name).map(|(_, v)| v).filter(|v| **v != Value::Missing)
    }
}

/// The key of an errand: the receiver can tell a repetition by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ErrandKey {
    /// The run.
    pub run: RunId,
    /// The number of the effect within the run.
    pub seq: u32,
    /// Which of the effect's errands; 0 for the first.
    pub part: u16,
}

impl fmt::Display for ErrandKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.run, self.seq)?;
        if self.part > 0 { write!(f, "/{}", self.part) } else { Ok(()) }
    }
}

impl std::str::FromStr for ErrandKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('/');
        let mut number = || parts.next().map(str::parse::<u64>);
        let (Some(Ok(run)), Some(Ok(seq))) = (number(), number()) else { return Err(()) };
        let part = number().unwrap_or(Ok(0)).map_err(|_| ())?;
        let (seq, part) = (u32::try_from(seq).map_err(|_| ())?, u16::try_from(part).map_err(|_| ())?);
        if parts.next().is_some() { Err(()) } else { Ok(Self { run: RunId(run), seq, part }) }
    }
}

/// An errand as the store keeps it. The order of its fields is part of the stored form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrandRow {
    /// What is to be done.
    pub errand: Errand,
    /// The rule of the run.
    pub rule: RuleNo,
    /// The record that set the run off.
    pub record: Option<Ref>,
    /// The place of the action in the scripts.
    pub place: Place,
    /// The action's name in the catalogue.
    pub action: Name,
    /// Its arguments as people are told of them; long texts are cut.
    pub given: Vec<(Name, Value)>,
    /// What the run gets when it is done, unless the outside gives something itself.
    pub answer: Value,
    /// When it was asked for.
    pub asked: Moment,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next; `None` when nobody tries it any more by himself.
    pub next: Option<Moment>,
    /// What the last attempt said, if it failed.
    pub last: Option<Name>,
    /// The outcome, kept until a run that is held can take it.
    pub arrived: Option<Result<Value, Name>>,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Attempt {
    /// It is done.
    Done {
        /// What the outside gave, if it gave anything that the run should get.
        value: Option<Value>,
        /// What the errand's record says from now on, such as the number that the receiver gave it.
        fields: Vec<(Name, Value)>,
    },
    /// It failed, and may go well later.
    Passing {
        /// Why.
        why: Name,
        /// After how many milliseconds the receiver wants to be asked again, if it said so.
        after: Option<i64>,
    },
    /// It failed, and would fail again.
    Permanent {
        /// Why.
        why: Name,
    },
}

/// How long to wait between attempts, and how often to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pauses {
    /// Milliseconds after the first attempt; they double each time.
    pub first: i64,
    /// The longest pause, in milliseconds.
    pub longest: i64,
    /// Attempts in all.
    pub attempts: u32,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { first: limits::FIRST_PAUSE, longest: limits::LONGEST_PAUSE, attempts: limits::ATTEMPTS }
    }
}

impl Pauses {
    /// The pause after so many attempts, in milliseconds: up to a quarter shorter or longer, by the errand's key, so that
    /// many that failed together do not come back together.
    pub fn after(&self, key: ErrandKey, attempts: u32) -> i64 {
        let doubled = self.first.saturating_mul(1_i64.checked_shl(attempts.saturating_sub(1)).unwrap_or(i64::MAX));
        let pause = if doubled < 0 { self.longest } else { doubled.min(self.longest) };
        let mut seed = key.run.0 ^ (u64::from(key.seq) << 40) ^ (u64::from(key.part) << 24) ^ u64::from(attempts);
        seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        seed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        seed = (seed ^ (seed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let share = i64::try_from((seed ^ (seed >> 31)) % 501).unwrap_or(0) - 250;
        pause.saturating_add(pause / 1000 * share + pause % 1000 * share / 1000)
    }
}

/// What may leave. Without it nothing does: effects outside are noted as done and go nowhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Live {
    /// The channels for errands that no run waits for, such as mirrors of chats; others of that kind are dropped.
    pub mirrors: BTreeSet<Name>,
    /// The pauses between attempts.
    pub pauses: Pauses,
}

/// The part of a store that keeps errands. In a file, calls cost the same however many there are.
pub trait Outbox {
    /// An errand.
    fn errand(&self, key: ErrandKey) -> Stored<Option<ErrandRow>>;
    /// Writes an errand, new or not.
    fn put_errand(&mut self, key: ErrandKey, row: &ErrandRow) -> Stored<()>;
    /// Removes an errand; fine if there is none.
    fn remove_errand(&mut self, key: ErrandKey) -> Stored<()>;
    /// The errands that are due by then, in the order of their moments and keys, at most `limit`.
    fn due_errands(&self, by: Moment, limit: usize) -> Stored<Vec<(ErrandKey, ErrandRow)>>;
    /// When the first errand is due.
    fn next_errand(&self) -> Stored<Option<Moment>>;
    /// All errands in the order of their keys, at most `limit`, after the key `after`.
    fn errands(&self, after: Option<ErrandKey>, limit: usize) -> Stored<Vec<(ErrandKey, ErrandRow)>>;
    /// The errands of a run, in order.
    fn errands_of(&self, run: RunId) -> Stored<Vec<(ErrandKey, ErrandRow)>>;
}

#[cfg(test)]
mod tests {
    use super::{ErrandKey, Pauses};
    use crate::engine::RunId;

    #[test]
    fn pauses_grow_to_their_longest_and_differ_a_little() {
        let key = |run| ErrandKey { run: RunId(run), seq: 1, part: 0 };
        let pauses = Pauses { first: 1_000, longest: 60_000, attempts: 9 };
        for attempts in 1..200 {
            let plain = if attempts > 6 { 60_000 } else { 1_000 << (attempts - 1) };
            let all = (0..50).map(|run| pauses.after(key(run), attempts)).collect::<std::collections::BTreeSet<_>>();
            assert!(all.iter().all(|p| (plain * 3 / 4..=plain * 5 / 4).contains(p)), "{attempts}: {all:?}");
            assert!(all.len() > 20, "{attempts}: {all:?}");
        }
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        for (run, seq, part) in [(1, 2, 0), (u64::MAX, u32::MAX, 3)] {
            let key = ErrandKey { run: RunId(run), seq, part };
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        for wrong in ["", "1", "1/", "x/1", "1/2/3/4", "1/2/70000", "1/5000000000"] {
            assert_eq!(wrong.parse::<ErrandKey>(), Err(()), "{wrong}");
        }
    }
}

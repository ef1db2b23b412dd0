//! How much rules are used: how often each was set off, what kept it from starting, what its runs did and what became of them.
//!
//! Everything is counted from traces, so it can be told of events of the past before rules are deployed.

use super::why::Rules;
use crate::engine::{NotMatched, Store, Stored, Trace, TraceKind};
use crate::schema::Calendar;
use crate::value::{Moment, Name, Ref};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What is counted of one rule.
#[derive(Debug, Default)]
struct Tally {
    set_off: u64,
    started: u64,
    records: BTreeSet<Ref>,
    first: Option<Moment>,
    last: Option<Moment>,
    kept: BTreeMap<NotMatched, u64>,
    /// Parts of its conditions that were false, with their lines.
    parts: BTreeMap<(u32, String), u64>,
    ended: u64,
    cancelled: u64,
    failed: u64,
    parked: u64,
    actions: BTreeMap<Name, u64>,
}

/// The counts of all rules.
pub(crate) struct Usage<'p> {
    rules: Rules<'p>,
    tallies: BTreeMap<Name, Tally>,
}

impl<'p> Usage<'p> {
    /// Nothing is counted yet.
    pub(crate) fn of(rules: Rules<'p>) -> Self {
        Self { rules, tallies: BTreeMap::new() }
    }

    /// Counts what happened. Conditions that were not true are looked at part by part on the data right after it.
    pub(crate) fn note(&mut self, trace: &Trace, store: &dyn Store) -> Stored<()> {
        let Some(rule) = &trace.rule else { return Ok(()) };
        let tally = self.tallies.entry(rule.clone()).or_default();
        match &trace.what {
            TraceKind::RunStarted => {
                tally.started += 1;
                tally.was_set_off(trace);
            }
            TraceKind::NotMatched { why } => {
                *tally.kept.entry(*why).or_default() += 1;
                tally.was_set_off(trace);
                if let (NotMatched::Condition | NotMatched::Lifetime, Some(record)) = (why, &trace.record) {
                    let part = self.rules.first_false(rule, store, record)?;
                    if let Some(part) = part {
                        *tally.parts.entry(part).or_default() += 1;
                    }
                }
            }
            TraceKind::Effect { action, .. } | TraceKind::HandedOver { action, .. } => {
                *tally.actions.entry(action.clone()).or_default() += 1;
            }
            TraceKind::Ended => tally.ended += 1,
            TraceKind::Cancelled { .. } => tally.cancelled += 1,
            TraceKind::Failed(_) => tally.failed += 1,
            TraceKind::Parked { .. } => tally.parked += 1,
            TraceKind::EventTaken { .. }
            | TraceKind::EventIgnored { .. }
            | TraceKind::DateCame
            | TraceKind::TriedAgain { .. }
            | TraceKind::Withdrawn { .. }
            | TraceKind::Refused { .. }
            | TraceKind::Ordered { .. }
            | TraceKind::Waiting { .. }
            | TraceKind::Woken { .. }
            | TraceKind::UndoFailed(_)
            | TraceKind::Stuck { .. } => {}
        }
        Ok(())
    }

    /// The report: every rule of the workspace, in its order.
    pub(crate) fn tell(&self, calendar: &Calendar) -> String {
        let mut out = String::new();
        for (name, head) in self.rules.heads() {
            let _ = writeln!(out, "{head}");
            match self.tallies.get(&name) {
                Some(tally) if tally.set_off > 0 => tally.tell(calendar, &mut out),
                Some(_) | None => out.push_str("    never set off\n"),
            }
        }
        out
    }

    /// The same as JSON, one object for each rule.
    pub(crate) fn json(&self) -> Vec<serde_json::Value> {
        let none = Tally::default();
        let one = |(name, head): (Name, String)| {
            let tally = self.tallies.get(&name).unwrap_or(&none);
            let kept: BTreeMap<&str, u64> = tally.kept.iter().map(|(why, n)| (reason(*why), *n)).collect();
            let parts = tally
                .parts
                .iter()
                .map(|((line, text), n)| serde_json::json!({ "line": line, "condition": text, "false": n }));
            serde_json::json!({
                "rule": &*name, "head": head, "set_off": tally.set_off, "records": tally.records.len(),
                "started": tally.started, "did_not_start": kept, "conditions": parts.collect::<Vec<_>>(),
                "ended": tally.ended, "cancelled": tally.cancelled, "failed": tally.failed, "parked": tally.parked,
                "left": tally.left(), "actions": tally.actions
            })
        };
        self.rules.heads().into_iter().map(one).collect()
    }
}

impl Tally {
    fn was_set_off(&mut self, trace: &Trace) {
        self.set_off += 1;
        self.records.extend(trace.record.clone());
        self.first.get_or_insert(trace.at);
        self.last = Some(trace.at);
    }

    /// Runs that go on, or wait for a person.
    const fn left(&self) -> u64 {
        self.started.saturating_sub(self.ended + self.cancelled + self.failed)
    }

    fn tell(&self, calendar: &Calendar, out: &mut String) {
        let day = |at: Option<Moment>| at.map_or_else(String::new, |at| calendar.date_of(at).to_string());
        let (first, last) = (day(self.first), day(self.last));
        let when = if first == last { format!("on {first}") } else { format!("from {first} to {last}") };
        let by = match self.records.len() {
            0 => String::new(),
            n => format!(" by {}", count(n as u64, "record")),
        };
        let _ = writeln!(
            out,
            "    set off {}{by}, {when}; {} started",
            count(self.set_off, "time"),
            count(self.started, "run")
        );
        for (why, n) in &self.kept {
            let _ = writeln!(out, "    {n:>7}  did not start: {}", reason(*why));
        }
        for ((line, text), n) in &self.parts {
            let _ = writeln!(out, "             {n} because of line {line}: {text}");
        }
        let states =
            [(self.ended, "ended"), (self.cancelled, "cancelled"), (self.failed, "failed"), (self.left(), "left")];
        let states: Vec<String> =
            states.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if !states.is_empty() {
            let parked = if self.parked > 0 { format!(" ({} parked)", self.parked) } else { String::new() };
            let _ = writeln!(out, "    runs: {}{parked}", states.join(", "));
        }
        for (action, n) in &self.actions {
            let _ = writeln!(out, "    {n:>7}  {action}");
        }
    }
}

fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

const fn reason(why: NotMatched) -> &'static str {
    match why {
        NotMatched::Condition => "its `if` was not true",
        NotMatched::Lifetime => "its `while` was not true",
        NotMatched::Once => "it had its one run for this record",
        NotMatched::Busy => "a run for this record went on",
    }
}

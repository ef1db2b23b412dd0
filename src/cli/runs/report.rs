//! `dealflow runs report`: rule by rule what the runs of a store did and what became of them, and how mails and messages
//! arrived.

use super::super::exit::Exit;
use super::super::out::Out;
use super::PAGE;
use crate::engine::inspect;
use crate::engine::{Ending, Store, Stored};
use crate::feed::story;
use crate::schema::Calendar;
use crate::value::{Moment, Name, Value};
use std::collections::BTreeMap;

/// What is sent, and is told of by its `delivery`.
const SENT: [&str; 2] = ["email", "sms"];

/// What is counted of one rule.
#[derive(Default)]
struct Tally {
    runs: u64,
    first: Option<Moment>,
    last: Option<Moment>,
    /// `ended`, `failed` …
    states: BTreeMap<&'static str, u64>,
    /// Done and refused, by action.
    actions: BTreeMap<Name, (u64, u64)>,
}

pub(super) fn report(
    store: &dyn Store,
    calendar: &Calendar,
    since: Option<&str>,
    out: &mut Out,
) -> Result<Exit, String> {
    let since = since.map(|since| day(since, calendar)).transpose()?;
    let rules = rules(store, since).map_err(|e| e.to_string())?;
    if rules.is_empty() {
        out.line("no run of this store ever ran")?;
    }
    for (rule, tally) in &rules {
        out.line(if rule.is_empty() { "(a rule whose runs began before this was noted)" } else { rule })?;
        let states: Vec<String> = tally.states.iter().map(|(state, n)| format!("{n} {state}")).collect();
        let day = |at: Option<Moment>| at.map_or_else(String::new, |at| calendar.date_of(at).to_string());
        let when = match (day(tally.first), day(tally.last)) {
            (first, last) if first == last => format!("on {first}"),
            (first, last) => format!("from {first} to {last}"),
        };
        out.line(&format!(
            "    {} {}, {when}: {}",
            tally.runs,
            if tally.runs == 1 { "run" } else { "runs" },
            states.join(", ")
        ))?;
        for (action, (done, refused)) in &tally.actions {
            let refused = if *refused > 0 { format!("  ({refused} refused)") } else { String::new() };
            out.line(&format!("    {done:>7}  {action}{refused}"))?;
        }
    }
    for kind in SENT {
        let counts = deliveries(store, kind, since).map_err(|e| e.to_string())?;
        if !counts.is_empty() {
            let parts: Vec<String> = counts.iter().map(|(how, n)| format!("{n} {}", how.to_lowercase())).collect();
            out.line(&format!("{kind}: {}", parts.join(", ")))?;
        }
    }
    Ok(Exit::Fine)
}

/// `--since`
fn day(text: &str, calendar: &Calendar) -> Result<Moment, String> {
    let day = text.parse::<chrono::NaiveDate>();
    let day = day.map_err(|_| format!("`--since {text}`: write a day such as 2026-03-01"))?;
    Ok(calendar.midnight(day))
}

/// What the history says, by rule; only of runs that began at `since` or later.
fn rules(store: &dyn Store, since: Option<Moment>) -> Stored<BTreeMap<Name, Tally>> {
    let mut rules: BTreeMap<Name, Tally> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = store.runs_ever(after, PAGE)?;
        let Some(last) = page.last() else { return Ok(rules) };
        after = Some(*last);
        for id in page {
            let Some(told) = inspect::told(store, id)? else { continue };
            let Some(began) = told.history.first().map(|(_, row)| row.at) else { continue };
            if since.is_some_and(|since| began < since) {
                continue;
            }
            let tally = rules.entry(told.rule.clone()).or_default();
            tally.runs += 1;
            tally.first = Some(tally.first.map_or(began, |first| first.min(began)));
            tally.last = Some(tally.last.map_or(began, |last| last.max(began)));
            if let Some((_, end)) = told.last() {
                *tally.states.entry(state(end)).or_default() += 1;
            }
            for effect in told.history.iter().flat_map(|(_, row)| row.effects()) {
                let (done, refused) = tally.actions.entry(effect.action.clone()).or_default();
                *(if effect.result.is_ok() { done } else { refused }) += 1;
            }
        }
    }
}

/// What became of a run so far, in a word.
fn state(end: &Ending) -> &'static str {
    if matches!(end, Ending::Slept { .. } | Ending::Still) { "waiting" } else { story::state(end) }
}

/// How many of what is sent are in which state.
fn deliveries(store: &dyn Store, kind: &str, since: Option<Moment>) -> Stored<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    let mut after: Option<Name> = None;
    loop {
        let page = store.records(kind, after.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(counts) };
        after = Some(last.clone());
        for (_, record) in page {
            let old = matches!((record.get("created_at"), since), (Value::DateTime(at), Some(since)) if *at < since);
            if let (Value::Text(how), false) = (record.get("delivery"), old) {
                *counts.entry(how.to_string()).or_default() += 1;
            }
        }
    }
}

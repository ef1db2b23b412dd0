//! What happened, told: the timeline, without the machinery of the prompt itself.

use super::compile::{PROMPT, captured};
use super::look::lines;
use super::session::Session;
use crate::engine::{NotMatched, RunId, Trace, TraceKind};
use crate::feed::story;
use crate::feed::timeline::Timeline;
use crate::schema::Type;
use crate::value::{Moment, Name, Ref, Value};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

/// The most that is told at once, in lines, and how many of these stand at the end.
const MOST_LINES: usize = 100;
const LAST_LINES: usize = 10;

impl Session {
    /// Tells what happened, and takes over the variables that runs of the prompt hand out. `lets` are those of the run
    /// that was started by hand just now.
    pub(super) fn tell(&mut self, traces: &[Trace], lets: &[(Name, Type)]) -> String {
        let schema = Arc::clone(&self.schema);
        let mut timeline = Timeline::after(&schema, self.day);
        let mut out = String::new();
        // Runs of the prompt that did not sleep yet: that they start and end goes without saying.
        let mut fresh = BTreeSet::new();
        let by_hand = traces.iter().any(|t| t.what == TraceKind::RunStarted && t.rule.as_deref() == Some(PROMPT));
        for trace in traces {
            let own = trace.rule.as_deref() == Some(PROMPT);
            if own && self.is_machinery(trace, lets, &mut fresh, &mut out) {
                continue;
            }
            if matches!(&trace.what, TraceKind::EventTaken { what, .. } if &**what == PROMPT) {
                continue;
            }
            let trace = &Self::by_hand(trace, by_hand);
            let before = out.len();
            timeline.lines(trace, self.store(), &mut out);
            if matches!(trace.what, TraceKind::Parked { .. }) {
                // Here people decide by other words than in the shell.
                let line = out
                    .split_off(before)
                    .replace("`dealflow runs retry|skip|cancel ", "`:resume`, `:skip` or `:cancel ");
                out.push_str(&line);
            }
            if self.trace {
                out.push_str(&why(trace));
            }
        }
        self.day = timeline.day();
        shortened(out.trim_start_matches('\n'))
    }

    /// What statements at the prompt change is not changed by a rule.
    fn by_hand(trace: &Trace, typed: bool) -> Trace {
        let mut trace = trace.clone();
        if let TraceKind::EventTaken { depth: depth @ 1, by, .. } = &mut trace.what
            && typed
        {
            (*depth, *by) = (0, None);
        }
        trace
    }

    /// Deals with what only the session has to know.
    fn is_machinery(
        &mut self,
        trace: &Trace,
        lets: &[(Name, Type)],
        fresh: &mut BTreeSet<RunId>,
        out: &mut String,
    ) -> bool {
        let Some(run) = trace.run else { return false };
        match &trace.what {
            TraceKind::RunStarted => {
                fresh.insert(run);
                self.lets.insert(run, lets.to_vec());
                true
            }
            TraceKind::Effect { action, args, .. } => {
                let Some(values) = captured(action, args) else { return false };
                for (name, value) in values {
                    let known = self.lets.get(&run).and_then(|lets| lets.iter().find(|(n, _)| n == name));
                    let ty = known.map_or(Type::Error, |(_, ty)| ty.clone());
                    let line = self.keep(name.clone(), value.clone(), ty);
                    let _ = write!(out, "         {line}");
                }
                true
            }
            TraceKind::Waiting { .. } => {
                fresh.remove(&run);
                false
            }
            TraceKind::Ended | TraceKind::Cancelled { .. } | TraceKind::Failed(_) => {
                self.lets.remove(&run);
                fresh.contains(&run) && trace.what == TraceKind::Ended
            }
            _ => false,
        }
    }

    /// A value as people read it, but so that a text can be told from a number.
    pub(super) fn value_text(&self, value: &Value, ty: &Type) -> String {
        match (value, ty.present()) {
            (Value::Missing, _) => "null".to_owned(),
            (Value::Bool(yes), _) => yes.to_string(),
            (Value::Text(text), Type::Stage(_) | Type::Pipeline(_) | Type::Enum(..) | Type::Outcome) => {
                text.to_string()
            }
            (Value::Text(text), _) => format!("\"{text}\""),
            (Value::List(items), ty) => {
                let item = match ty {
                    Type::List(item) => (**item).clone(),
                    _ => Type::Error,
                };
                let items: Vec<String> = items.iter().map(|one| self.value_text(one, &item)).collect();
                format!("[{}]", items.join(", "))
            }
            (Value::Ref(of), _) => self.record_text(of),
            (other, _) => Timeline::new(&self.schema).human(other),
        }
    }

    /// `deal 1 "Deal 1"`, `user "anna"`
    pub(super) fn record_text(&self, of: &Ref) -> String {
        let timeline = Timeline::new(&self.schema);
        if self.schema.entity(&of.kind).is_some() {
            return timeline.record(of, self.store());
        }
        let name = self.store().record(of).ok().flatten().map(|record| record.get("name").clone());
        match name {
            Some(Value::Text(name)) => format!("{} \"{name}\"", of.kind),
            _ => format!("{} \"{}\"", of.kind, of.id),
        }
    }

    /// `Mon 2026-03-02 09:00`
    pub(super) fn moment(&self, at: Moment) -> String {
        Timeline::new(&self.schema).moment(at)
    }
}

/// Without the middle, where there is too much of it.
fn shortened(text: &str) -> String {
    let count = text.lines().count();
    if count <= MOST_LINES {
        return text.to_owned();
    }
    let lines = |from: usize, most: usize| text.lines().skip(from).take(most).map(|line| format!("{line}\n"));
    let first = lines(0, MOST_LINES - LAST_LINES);
    let gap = std::iter::once(format!("  …      {} more lines\n", count - MOST_LINES));
    first.chain(gap).chain(lines(count - LAST_LINES, LAST_LINES)).collect()
}

/// What the timeline leaves out.
fn why(trace: &Trace) -> String {
    let rule = trace.rule.as_deref().unwrap_or_default();
    match &trace.what {
        TraceKind::NotMatched { why: NotMatched::Condition } => {
            format!("         – `{rule}` does not start: its `if` does not hold\n")
        }
        TraceKind::NotMatched { why: NotMatched::Lifetime } => {
            format!("         – `{rule}` does not start: its `while` does not hold\n")
        }
        TraceKind::Waiting { watches, .. } => {
            lines(watches.iter().map(|watch| format!("         – woken by {}", story::watched(watch))))
        }
        _ => String::new(),
    }
}

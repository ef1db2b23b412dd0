//! The runs that a test sets off, and how they are.

use crate::check::testing::RunState;
use crate::engine::{RunId, Trace, TraceKind};
use crate::value::{Moment, Name};
use std::collections::BTreeMap;

/// One run.
#[derive(Clone, Debug)]
pub(super) struct RunSeen {
    pub(super) rule: Name,
    /// `None` while it acts.
    pub(super) state: Option<RunState>,
    /// Until when it waits at most.
    pub(super) deadline: Option<Moment>,
    /// Why it failed, was refused something or cancelled.
    pub(super) why: String,
    /// The test expects that it failed or was parked.
    pub(super) expected: bool,
}

/// All of them, in the order in which they started. One that failed before it began has no number.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    pub(super) all: Vec<(Option<RunId>, RunSeen)>,
    at: BTreeMap<RunId, usize>,
}

impl Runs {
    /// Takes in what happened.
    pub(super) fn note(&mut self, trace: &Trace) {
        let (state, deadline, why) = match &trace.what {
            TraceKind::RunStarted => (None, None, String::new()),
            TraceKind::Waiting { deadline, .. } => (Some(RunState::Waiting), *deadline, String::new()),
            TraceKind::Woken { .. } => (None, None, String::new()),
            TraceKind::Ended => (Some(RunState::Finished), None, String::new()),
            TraceKind::Cancelled { .. } => (Some(RunState::Cancelled), None, String::new()),
            TraceKind::Failed(failure) => {
                let why = format!("{} line {}: {}", failure.file, failure.line, failure.message);
                (Some(RunState::Failed), None, why)
            }
            TraceKind::Parked { why } => (Some(RunState::Parked), None, why.to_string()),
            TraceKind::EventTaken { .. }
            | TraceKind::EventIgnored { .. }
            | TraceKind::DateCame
            | TraceKind::NotMatched { .. }
            | TraceKind::Effect { .. }
            | TraceKind::HandedOver { .. }
            | TraceKind::TriedAgain { .. }
            | TraceKind::Withdrawn { .. }
            | TraceKind::Refused { .. }
            | TraceKind::Ordered { .. }
            | TraceKind::UndoFailed(_)
            | TraceKind::Stuck { .. } => return,
        };
        let known = trace.run.and_then(|id| self.at.get(&id)).and_then(|at| self.all.get_mut(*at));
        if let Some((_, run)) = known {
            (run.state, run.deadline, run.why) = (state, deadline, why);
            return;
        }
        if let Some(id) = trace.run {
            self.at.insert(id, self.all.len());
        }
        let rule = trace.rule.clone().unwrap_or_default();
        self.all.push((trace.run, RunSeen { rule, state, deadline, why, expected: false }));
    }
}

/// `rule "Name"`, or the trigger of a rule without a name.
pub(super) fn rule_words(name: &str) -> String {
    if name.starts_with("on ") { format!("`{name}`") } else { format!("\"{name}\"") }
}

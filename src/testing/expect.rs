//! Whether what is expected is so; and if not, what comes nearest.

use super::effects::{Difference, Effect, Pattern};
use super::runs::{RunSeen, rule_words};
use super::session::Session;
use super::{Function, Stop};
use crate::check::testing::{Expected, How, RunState};
use crate::diagnostics::one_of;
use crate::source::Span;
use crate::value::{Moment, Name, Value};

impl Session<'_> {
    pub(super) fn expect(&mut self, span: Span, what: &Expected<Function>) -> Result<(), Stop> {
        match what {
            Expected::Action { how, deed, contains } => {
                let args = self.named(&deed.args)?;
                let contains = match contains {
                    Some((name, part)) => Some((name.clone(), self.value(*part)?)),
                    None => None,
                };
                self.done(span, *how, &Pattern { action: deed.action.id, args, contains })
            }
            Expected::Nothing => match self.effects.iter().find(|effect| !effect.claimed) {
                None => Ok(()),
                Some(effect) => {
                    let message = format!("nothing was expected, but {}", self.effect_text(effect));
                    Err(Stop::unmet(span, message, "something was done"))
                }
            },
            Expected::Runs { state, rule, until } => {
                let until = match until.map(|at| self.moment(at)).transpose()? {
                    Some(Value::DateTime(at)) => Some(at),
                    _ => None,
                };
                self.run_is(span, *state, rule.as_ref(), until)
            }
            Expected::Holds { condition, sides } => {
                if self.value(*condition)? == Value::Bool(true) {
                    return Ok(());
                }
                let stop = Stop::unmet(span, "the condition does not hold", "not true here");
                let Some((left, right)) = sides else { return Err(stop) };
                let (left, right) = (self.value(*left)?, self.value(*right)?);
                Err(stop.help(format!("left is {}, right is {}", self.value_text(&left), self.value_text(&right))))
            }
        }
    }

    /// Looks for an action among those that no `expect` has found yet.
    fn done(&mut self, span: Span, how: How, pattern: &Pattern) -> Result<(), Stop> {
        let from = if how == How::Then { self.after } else { 0 };
        let fitting: Vec<usize> = self
            .effects
            .iter()
            .enumerate()
            .skip(from)
            .filter(|(_, effect)| !effect.claimed && pattern.fits(effect))
            .map(|(at, _)| at)
            .collect();
        let take = match (how, fitting.as_slice()) {
            (How::Some | How::Then, [first, ..]) => vec![*first],
            (How::Some | How::Then, []) => return Err(self.not_done(span, how, pattern)),
            (How::None, []) => return Ok(()),
            (How::None, [first, ..]) => {
                let told = self.effects.get(*first).map(|effect| self.effect_text(effect)).unwrap_or_default();
                return Err(Stop::unmet(span, format!("this was not expected, but {told}"), "it was done"));
            }
            (How::Times(n), all) if usize::try_from(n) == Ok(all.len()) => all.to_vec(),
            (How::Times(n), all) => {
                let message = format!("expected {}, found {}", times(n as usize), times(all.len()));
                let stop = Stop::unmet(span, message, format!("done {}", times(all.len())));
                let near = if all.is_empty() { self.nearest(pattern) } else { None };
                return Err(Stop { help: near, ..stop });
            }
        };
        for at in take {
            if let Some(effect) = self.effects.get_mut(at) {
                effect.claimed = true;
                self.after = self.after.max(at + 1);
            }
        }
        Ok(())
    }

    fn not_done(&self, span: Span, how: How, pattern: &Pattern) -> Stop {
        let before = self.effects.iter().take(self.after).any(|effect| !effect.claimed && pattern.fits(effect));
        if how == How::Then && before {
            let message = format!("`{}` was done before what was expected before it", pattern.name());
            return Stop::unmet(span, message, "too early");
        }
        let again = self.effects.iter().any(|effect| effect.claimed && pattern.fits(effect));
        let label = if again { "only as often as was expected already" } else { "no rule did this" };
        let stop = Stop::unmet(span, format!("expected `{}`, which was not done", pattern.name()), label);
        Stop { help: self.nearest(pattern), ..stop }
    }

    /// The action that comes nearest, in words.
    fn nearest(&self, pattern: &Pattern) -> Option<String> {
        let open = || self.effects.iter().filter(|effect| !effect.claimed);
        let Some(near) = open().filter(|e| pattern.is_of(e)).min_by_key(|e| pattern.differences(e).len()) else {
            let mut others: Vec<&str> = open().map(|effect| &*effect.action).collect();
            others.dedup();
            if others.is_empty() {
                return Some("no rule did anything that was not expected before".to_owned());
            }
            return Some(format!("what was done is {}", one_of(others, 6)));
        };
        let differences = pattern.differences(near);
        let told: Vec<String> = differences.iter().map(|difference| self.difference(difference)).collect();
        if told.is_empty() {
            return None;
        }
        Some(format!("nearest is {}: {}", self.effect_text(near), told.join(", ")))
    }

    fn difference(&self, difference: &Difference<'_>) -> String {
        let Difference { name, part, wanted, found } = difference;
        let how = if *part { "does not contain" } else { "is not" };
        format!("its `{name}` is {} and {how} {}", self.value_text(found), self.value_text(wanted))
    }

    fn value_text(&self, value: &Value) -> String {
        match value {
            Value::Missing => "nothing".to_owned(),
            Value::Text(text) => format!("{text:?}"),
            other => self.timeline().human(other),
        }
    }

    /// "`notify Anna "…"` at Mon 2026-03-02 09:00"
    fn effect_text(&self, effect: &Effect) -> String {
        let timeline = self.timeline();
        let text = timeline.effect(&effect.action, &effect.args, &self.store);
        format!("`{text}` at {}", timeline.moment(effect.at))
    }

    fn run_is(&mut self, span: Span, state: RunState, rule: Option<&Name>, until: Option<Moment>) -> Result<(), Stop> {
        let of_rule = |run: &RunSeen| rule.is_none_or(|rule| run.rule == *rule);
        let whose = rule.map_or_else(String::new, |rule| format!(" of {}", rule_words(rule)));
        let mut all = self.runs.all.iter().map(|(_, run)| run).filter(|run| of_rule(run)).peekable();
        if all.peek().is_none() {
            let stop = Stop::unmet(span, format!("no run{whose} has started"), "nothing was set off");
            return Err(stop.help("what a rule needs to start stands in its trigger and its `if`"));
        }
        let fits = |run: &&RunSeen| run.state == Some(state) && (until.is_none() || run.deadline == until);
        let found = all.clone().any(|run| fits(&run));
        // A run is over only when none goes on.
        let sleeper = all.clone().find(|run| state == RunState::Finished && run.state == Some(RunState::Waiting));
        if !found || sleeper.is_some() {
            let shown: Vec<String> = all.map(|run| self.run_text(run)).collect();
            let message = match until {
                Some(at) => format!("no run{whose} is waiting until {}", self.timeline().moment(at)),
                None if sleeper.is_some() => format!("not every run{whose} has finished"),
                None => format!("no run{whose} is {}", state.word()),
            };
            let stop = Stop::unmet(span, message, "not so");
            return Err(stop.help(shown.join("; ")));
        }
        for (_, run) in &mut self.runs.all {
            if of_rule(run) && run.state == Some(state) {
                run.expected = true;
            }
        }
        Ok(())
    }

    fn run_text(&self, run: &RunSeen) -> String {
        let rule = rule_words(&run.rule);
        match (run.state, run.deadline) {
            (Some(RunState::Waiting), Some(at)) => {
                format!("a run of {rule} is waiting until {} at most", self.timeline().moment(at))
            }
            (Some(RunState::Waiting), None) => format!("a run of {rule} is waiting"),
            (Some(RunState::Failed | RunState::Parked), _) => {
                format!("a run of {rule} {}: {}", run.state.map_or("", RunState::word), run.why)
            }
            (Some(state), _) => format!("a run of {rule} is {}", state.word()),
            (None, _) => format!("a run of {rule} acts"),
        }
    }
}

fn times(n: usize) -> String {
    match n {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    }
}

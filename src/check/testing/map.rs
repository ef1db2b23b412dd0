//! The same test with something else in the place of its expressions.

use super::{Deed, Expected, Reply, Said, Step, StepKind, Test};
use crate::value::Name;

impl<E> Test<E> {
    /// Puts what `f` makes of every expression in its place, in the order of the steps.
    pub fn map<F>(&self, f: &mut impl FnMut(&E) -> F) -> Test<F> {
        Test {
            file: self.file,
            span: self.span,
            name_span: self.name_span,
            name: self.name.clone(),
            steps: steps(&self.steps, f),
            locals: self.locals.clone(),
        }
    }
}

fn steps<E, F>(all: &[Step<E>], f: &mut impl FnMut(&E) -> F) -> Vec<Step<F>> {
    all.iter().map(|step| Step { span: step.span, kind: kind(&step.kind, f) }).collect()
}

fn kind<E, F>(kind: &StepKind<E>, f: &mut impl FnMut(&E) -> F) -> StepKind<F> {
    match kind {
        StepKind::Given { keep, entity, fields } => {
            StepKind::Given { keep: *keep, entity: entity.clone(), fields: named(fields, f) }
        }
        StepKind::At(at) => StepKind::At(f(at)),
        StepKind::Let(id, value) => StepKind::Let(*id, f(value)),
        StepKind::Act(done, keep) => StepKind::Act(deed(done, f), *keep),
        StepKind::When { event, about, by, payload } => StepKind::When {
            event: event.clone(),
            about: about.as_ref().map(&mut *f),
            by: by.as_ref().map(&mut *f),
            payload: named(payload, f),
        },
        StepKind::Reply(reply) => StepKind::Reply(said(reply, f)),
        StepKind::Advance(by) => StepKind::Advance(f(by)),
        StepKind::Expect(what) => StepKind::Expect(expected(what, f)),
        StepKind::ForAny { entity, fields, body } => {
            StepKind::ForAny { entity: entity.clone(), fields: named(fields, f), body: steps(body, f) }
        }
    }
}

fn said<E, F>(reply: &Reply<E>, f: &mut impl FnMut(&E) -> F) -> Reply<F> {
    let said = match &reply.said {
        Said::Approved => Said::Approved,
        Said::Rejected => Said::Rejected,
        Said::Answered => Said::Answered,
        Said::Delegated(to) => Said::Delegated(f(to)),
    };
    let by = f(&reply.by);
    Reply { said, by, about: reply.about.as_ref().map(&mut *f), text: reply.text.as_ref().map(&mut *f) }
}

fn expected<E, F>(what: &Expected<E>, f: &mut impl FnMut(&E) -> F) -> Expected<F> {
    match what {
        Expected::Action { how, deed: done, contains } => Expected::Action {
            how: *how,
            deed: deed(done, f),
            contains: contains.as_ref().map(|(name, part)| (name.clone(), f(part))),
        },
        Expected::Nothing => Expected::Nothing,
        Expected::Runs { state, rule, until } => {
            Expected::Runs { state: *state, rule: rule.clone(), until: until.as_ref().map(&mut *f) }
        }
        Expected::Holds { condition, sides } => {
            Expected::Holds { condition: f(condition), sides: sides.as_ref().map(|(left, right)| (f(left), f(right))) }
        }
    }
}

fn deed<E, F>(deed: &Deed<E>, f: &mut impl FnMut(&E) -> F) -> Deed<F> {
    Deed { action: deed.action, args: named(&deed.args, f) }
}

fn named<E, F>(all: &[(Name, E)], f: &mut impl FnMut(&E) -> F) -> Vec<(Name, F)> {
    all.iter().map(|(name, e)| (name.clone(), f(e))).collect()
}

//! What the rules did, and whether it is what was expected.

use crate::catalog::{self, Touch};
use crate::engine::request::TELL;
use crate::engine::{Trace, TraceKind};
use crate::ir;
use crate::value::{Moment, Name, Value};

/// One action that a run did.
#[derive(Clone, Debug)]
pub(super) struct Effect {
    pub(super) at: Moment,
    pub(super) action: Name,
    pub(super) args: Vec<(Name, Value)>,
    /// An `expect` has found it.
    pub(super) claimed: bool,
}

impl Effect {
    pub(super) fn of(trace: &Trace) -> Option<Self> {
        match &trace.what {
            // Nobody outside the run notices that it starts another.
            TraceKind::Effect { action, .. } if &**action == ir::START => None,
            TraceKind::Effect { action, args, .. } if &**action == ir::ASK => Some(Self::asked(trace.at, args)),
            TraceKind::Effect { action, args, .. } => {
                Some(Self { at: trace.at, action: action.clone(), args: args.clone(), claimed: false })
            }
            _ => None,
        }
    }

    /// People who are asked are notified of the question.
    fn asked(at: Moment, args: &[(Name, Value)]) -> Self {
        let arg = |wanted: &str| args.iter().find(|(name, _)| &**name == wanted).map(|(_, value)| value.clone());
        let told = [("to", "people"), ("text", "question")];
        let args = told.into_iter().filter_map(|(name, from)| Some((name.into(), arg(from)?))).collect();
        Self { at, action: TELL.into(), args, claimed: false }
    }

    fn arg(&self, name: &str) -> &Value {
        self.args.iter().find(|(n, _)| &**n == name).map_or(&Value::Missing, |(_, value)| value)
    }
}

/// What an action must be like.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) action: &'static str,
    pub(super) args: Vec<(Name, Value)>,
    pub(super) contains: Option<(Name, Value)>,
}

impl Pattern {
    pub(super) fn fits(&self, effect: &Effect) -> bool {
        self.is_of(effect) && self.differences(effect).is_empty()
    }

    /// Whether it is the same action at all. `create task` without more names the record that is made: an action of its
    /// own that makes one is meant as well.
    pub(super) fn is_of(&self, effect: &Effect) -> bool {
        &*effect.action == self.action || self.is_made_by(effect)
    }

    fn is_made_by(&self, effect: &Effect) -> bool {
        let (Some(own), Some(other)) = (catalog::action(self.action), catalog::action(&effect.action)) else {
            return false;
        };
        let made = self.entity().filter(|_| own.id != other.id && own.verb == other.verb);
        made.is_some_and(|made| other.touches.iter().any(|t| matches!(t, Touch::Makes(name) if **name == **made)))
    }

    /// The kind of record that is made.
    fn entity(&self) -> Option<&Name> {
        let named = catalog::action(self.action)?.touches.iter().find_map(|touch| match touch {
            Touch::MakesNamed(param) => Some(*param),
            _ => None,
        })?;
        match self.args.iter().find(|(name, _)| **name == *named) {
            Some((_, Value::Text(entity))) => Some(entity),
            _ => None,
        }
    }

    /// Its name: `notify chat`, `create task`.
    pub(super) fn name(&self) -> String {
        match self.entity() {
            Some(entity) => format!("{} {entity}", self.action),
            None => self.action.to_owned(),
        }
    }

    /// The arguments that are not as expected: name, what was expected, what it is.
    pub(super) fn differences<'a>(&'a self, effect: &'a Effect) -> Vec<Difference<'a>> {
        let entity = self.entity().filter(|_| *effect.action != *self.action);
        let said = move |(_, wanted): &&(Name, Value)| !matches!((wanted, entity), (Value::Text(text), Some(entity)) if std::ptr::eq(text, entity));
        let whole = self.args.iter().filter(said).filter_map(|(name, wanted)| {
            let found = effect.arg(name);
            (!same(wanted, found)).then_some(Difference { name, part: false, wanted, found })
        });
        let part = self.contains.iter().filter_map(|(name, wanted)| {
            let found = effect.arg(name);
            (!holds(found, wanted)).then_some(Difference { name, part: true, wanted, found })
        });
        whole.chain(part).collect()
    }
}

/// An argument that is not as expected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Difference<'a> {
    pub(super) name: &'a Name,
    /// Only a part of the text is expected.
    pub(super) part: bool,
    pub(super) wanted: &'a Value,
    pub(super) found: &'a Value,
}

/// The same, or one of several where one is expected.
fn same(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::List(wanted), Value::List(found)) => wanted.iter().all(|one| found.contains(one)),
        (wanted, Value::List(found)) => found.contains(wanted),
        (Value::Int(a), Value::Decimal(b)) | (Value::Decimal(b), Value::Int(a)) => *b == (*a).into(),
        (wanted, found) => wanted == found,
    }
}

fn holds(found: &Value, part: &Value) -> bool {
    match (found, part) {
        (Value::Text(found), Value::Text(part)) => found.contains(&**part),
        _ => false,
    }
}

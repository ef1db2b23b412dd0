//! Whether a wait can end with `final`: whether there is a final stage in which its condition can never become true.

use super::context::Checker;
use super::typed::{Expr, ExprKind, Op};
use crate::schema::{EntityId, Type};
use crate::value::{Name, Value};

impl Checker<'_> {
    /// Whether final stages of the records that `e` looks at can keep it from ever getting the value `truth`.
    pub(super) fn can_get_stuck(&self, e: &Expr, truth: bool) -> bool {
        let stuck = |e: &Expr, truth| self.can_get_stuck(e, truth);
        match (&e.kind, truth) {
            (ExprKind::Not(a), truth) => stuck(a, !truth),
            // Both sides are needed: one that is stuck is enough.
            (ExprKind::And(a, b), true) | (ExprKind::Or(a, b), false) => stuck(a, truth) || stuck(b, truth),
            (ExprKind::Or(a, b), true) | (ExprKind::And(a, b), false) => stuck(a, truth) && stuck(b, truth),
            (ExprKind::Binary(op, a, b), truth) => match (self.stage_of(a), self.stage_of(b)) {
                (Some(id), None) => self.final_stages(id).any(|stage| holds(*op, stage, b) != Some(truth)),
                (None, Some(id)) if *op == Op::Eq || *op == Op::Ne => {
                    self.final_stages(id).any(|stage| holds(*op, stage, a) != Some(truth))
                }
                (Some(_), Some(_)) => true,
                (None, _) => false,
            },
            _ => false,
        }
    }

    /// The entity whose stage `e` reads, if it reads just that.
    fn stage_of(&self, e: &Expr) -> Option<EntityId> {
        let ExprKind::Field(base, name) = &e.kind else { return None };
        let Type::Entity(id) = base.ty.present() else { return None };
        let stage = self.entity(*id)?.stage_name()?;
        (stage == name).then_some(*id)
    }

    fn final_stages(&self, id: EntityId) -> impl Iterator<Item = &Name> {
        let pipelines = self.entity(id).map_or(&[][..], |entity| &entity.pipelines);
        pipelines.iter().flat_map(|p| &p.stages).filter(|s| s.kind.is_final()).map(|s| &s.name)
    }
}

/// What a comparison with a constant gives for this stage; `None` when that is known only at run time.
fn holds(op: Op, stage: &str, other: &Expr) -> Option<bool> {
    let is = |e: &Expr| match &e.kind {
        ExprKind::Const(Value::Text(name)) => Some(**name == *stage),
        _ => None,
    };
    match (op, &other.kind) {
        (Op::Eq, _) => is(other),
        (Op::Ne, _) => is(other).map(|same| !same),
        (Op::In, ExprKind::List(items)) => {
            let each: Option<Vec<bool>> = items.iter().map(is).collect();
            each.map(|each| each.contains(&true))
        }
        (Op::In, ExprKind::Const(Value::List(items))) => {
            Some(items.iter().any(|item| matches!(item, Value::Text(name) if **name == *stage)))
        }
        _ => None,
    }
}

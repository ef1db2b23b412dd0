//! Stages that nobody can reach: `crm.toml` leaves them to rules alone, and no rule of the workspace moves there. Who waits
//! for one waits in vain, and a trigger that needs one never happens.

use super::deeds::Deed;
use super::{Node, World};
use crate::check::facts::path_key;
use crate::check::lint::domain::Domain;
use crate::check::lint::flow::{self, Observer, Of, Place};
use crate::check::lint::known::{Known, Reasoner};
use crate::check::typed::{Act, Change, Expr, ExprKind, Origin, Rule, Stmt, Trigger, Wait, WaitKind};
use crate::check::visit;
use crate::diagnostics::{Code, Diagnostic, one_of};
use crate::schema::{Entity, Place as Declared, Schema, Stage, StageKind, Type};
use crate::value::{Name, Value};
use std::collections::BTreeMap;

/// By entity the names of the stages that no record gets to, each with where it is declared.
type Closed<'s> = BTreeMap<&'s str, Vec<(&'s Name, Declared)>>;

const NO_RULE: &str = "left to rules alone, and no rule does it";
const MOVE_IT: &str =
    "write a rule that moves it there, or let people do it: take the stage out of `rules_only` in crm.toml";

/// The waits of all rules that can end only by their limit, and the triggers that never happen, as nobody moves the record
/// there.
pub(super) fn unreachable(world: World<'_>, nodes: &[Node], deeds: &[Deed<'_>]) -> Vec<Diagnostic> {
    let mut found = triggers(world, nodes, deeds);
    found.extend(waits(world, nodes, deeds));
    found
}

fn waits(world: World<'_>, nodes: &[Node], deeds: &[Deed<'_>]) -> Vec<Diagnostic> {
    let closed = closed(world.schema, deeds);
    if closed.is_empty() {
        return Vec::new();
    }
    let mut waits = Waits { schema: world.schema, closed, found: Vec::new() };
    for (rule, node) in world.rules.iter().zip(nodes) {
        flow::walk_into(world.schema, rule, node.trigger, world.functions, &mut waits);
    }
    // A function is gone through where it is called, which may be more than once.
    waits.found.sort_by_key(|d| (d.file(), d.span()));
    waits.found.dedup_by_key(|d| (d.file(), d.span()));
    waits.found
}

fn triggers(world: World<'_>, nodes: &[Node], deeds: &[Deed<'_>]) -> Vec<Diagnostic> {
    let (to_all, to_people) = (closed(world.schema, deeds), closed(world.schema, &[]));
    let mut found = Vec::new();
    for (rule, node) in world.rules.iter().zip(nodes) {
        let Trigger::Record { entity, what } = &rule.trigger else { continue };
        // What is imported may have been in any stage.
        if rule.origins.contains(&Origin::Import) {
            continue;
        }
        let closed = if rule.origins.contains(&Origin::Rule) { &to_all } else { &to_people };
        let (Some(closed), Some(entity)) = (closed.get(&**entity), world.schema.entity(entity)) else { continue };
        let missed = out_of_reach(entity, what, closed);
        if !missed.is_empty() {
            found.push(never_happens(rule, node, &missed));
        }
    }
    found
}

/// The stages for want of which the change never happens.
fn out_of_reach<'s>(entity: &Entity, what: &Change, closed: &[(&'s Name, Declared)]) -> Vec<(&'s Name, Declared)> {
    let of = |name: &Name| closed.iter().find(|(closed, _)| *closed == name).copied();
    // One that can be entered is enough.
    let all = |names: Vec<&Name>| names.into_iter().map(of).collect::<Option<Vec<_>>>().unwrap_or_default();
    match what {
        Change::Created | Change::Updated | Change::Saved | Change::Deleted => Vec::new(),
        Change::Stage { stages, .. } => all(stages.iter().collect()),
        Change::Closed { success, failure } => {
            let counts = |stage: &&Stage| match stage.kind {
                StageKind::Success => *success,
                StageKind::Failure => *failure,
                StageKind::Open => false,
            };
            all(entity.pipelines.iter().flat_map(|p| &p.stages).filter(counts).map(|stage| &stage.name).collect())
        }
        Change::Fields { fields, from, to } if fields.iter().all(|name| Some(name) == entity.stage_name()) => {
            let named = [from, to].into_iter().flatten();
            named.filter_map(|value| if let Value::Text(name) = value { of(name) } else { None }).collect()
        }
        Change::Fields { .. } => Vec::new(),
    }
}

fn never_happens(rule: &Rule, node: &Node, stages: &[(&Name, Declared)]) -> Diagnostic {
    let names = one_of(stages.iter().map(|(name, _)| &***name), 4);
    let (label, because, help) = if rule.origins.contains(&Origin::Rule) {
        (format!("nobody moves it to {names}"), NO_RULE, MOVE_IT)
    } else {
        let help = "add `rule` to the origins behind `from`, or take the stage out of `rules_only` in crm.toml";
        (format!("only rules move it to {names}"), "left to rules alone, to which this one does not listen", help)
    };
    let diagnostic = Diagnostic::new(Code::W0112, rule.file, node.trigger, "what sets this off can never happen");
    let places = stages.iter().filter_map(|(_, place)| *place);
    places.fold(diagnostic.label(label), |d, (file, span)| d.because(file, span, because)).help(help)
}

/// The stages that only rules put records into, and none does.
fn closed<'s>(schema: &'s Schema, deeds: &[Deed<'_>]) -> Closed<'s> {
    let mut all = Closed::new();
    for entity in &schema.entities {
        let stages = entity.pipelines.iter().flat_map(|p| &p.stages);
        let closed: Vec<(&Name, Declared)> = stages
            .filter(|stage| stage.rules_only && is_closed_everywhere(entity, stage))
            .filter(|stage| !deeds.iter().any(|deed| may_enter(entity, deed, &stage.name)))
            .map(|stage| (&stage.name, stage.place))
            .collect();
        if !closed.is_empty() {
            all.insert(&entity.name, closed);
        }
    }
    all
}

/// Whether no pipeline has a stage of this name for people.
fn is_closed_everywhere(entity: &Entity, stage: &Stage) -> bool {
    entity.pipelines.iter().flat_map(|p| &p.stages).filter(|s| s.name == stage.name).all(|s| s.rules_only)
}

/// Whether a record may be in this stage after a deed that says its stage.
fn may_enter(entity: &Entity, deed: &Deed<'_>, stage: &Name) -> bool {
    let Some(field) = entity.stage_name().filter(|_| deed.entity == entity.name) else { return false };
    let writes = deed.fields.iter().any(|(name, _)| name == field);
    let known = deed.after.get(&format!("@.{field}"));
    (writes || deed.creates)
        && known.is_none_or(|known| !known.meet(&Domain::of(vec![Value::Text(stage.clone())])).is_empty())
}

/// Looks at waits.
struct Waits<'s> {
    schema: &'s Schema,
    closed: Closed<'s>,
    found: Vec<Diagnostic>,
}

impl<'r> Observer<'r> for Waits<'_> {
    fn condition(&mut self, _: Of, _: &'r Expr, _: &Place<'r>) {}
    fn act(&mut self, _: &'r Stmt, _: &'r Act, _: &Place<'r>) {}

    fn wait(&mut self, _: &'r Stmt, wait: &'r Wait, at: &Place<'r>, lasting: &Known) {
        let WaitKind::Until { cond, .. } = &wait.kind else { return };
        let reason = Reasoner { schema: self.schema };
        let never = |known: &Known| reason.worth(known, cond).is_some_and(|verdict| !verdict.holds);
        let mut known = lasting.clone();
        let mut looked_at: Vec<(&Name, Declared)> = Vec::new();
        visit::each_expr(cond, &mut |e| {
            if let (Type::Stage(id), Some(key)) = (e.ty.present(), path_key(e).filter(|_| is_field(e)))
                && let Some(stages) = self.schema.get(*id).and_then(|entity| self.closed.get(&*entity.name))
            {
                known.narrow(
                    &key,
                    &Domain::but(stages.iter().map(|(name, _)| Value::Text((*name).clone())).collect()),
                    None,
                );
                looked_at.extend(stages.iter().filter(|(name, _)| names(cond, name)));
            }
        });
        // What is so by itself is told by the lint.
        if never(lasting) || !never(&known) {
            return;
        }
        looked_at.sort();
        looked_at.dedup();
        let stages = one_of(looked_at.iter().map(|(name, _)| &***name), 4);
        let mut diagnostic = Diagnostic::new(Code::W0104, at.file, cond.span, "what this waits for can never be")
            .label(format!("nobody moves it to {stages}"));
        for (_, place) in looked_at {
            if let Some((file, span)) = place {
                diagnostic = diagnostic.because(file, span, NO_RULE);
            }
        }
        self.found.push(diagnostic.help(MOVE_IT));
    }
}

fn is_field(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Field(..))
}

/// Whether the condition names the stage.
fn names(cond: &Expr, stage: &Name) -> bool {
    let is = |value: &Value| matches!(value, Value::Text(name) if name == stage);
    visit::any_expr(cond, &mut |e| match &e.kind {
        ExprKind::Const(Value::List(items)) => items.iter().any(is),
        ExprKind::Const(value) => is(value),
        _ => false,
    })
}

//! Which deeds can set off which rules (arcs).

use super::deeds::Deed;
use super::worth::Judge;
use super::{FieldOf, Link, World};
use crate::catalog::{ATTACHED, DEADLINES, Deadline, RAISED, Raise, Way};
use crate::check::facts::path_key;
use crate::check::lint::domain::Domain;
use crate::check::lint::known::Known;
use crate::check::typed::{Change, Expr, ExprKind, Origin, Reentry, Rule, Start, StmtKind, Trigger};
use crate::check::visit;
use crate::schema::{Entity, StageKind, Type};
use crate::value::{Name, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A deed that can set off the rule of another.
#[derive(Clone, Debug)]
pub(super) struct Arc {
    /// The deed.
    pub(super) from: usize,
    /// The rule that it sets off.
    pub(super) rule: usize,
    /// A deed of that rule; `None` for a rule that changes nothing.
    pub(super) to: Option<usize>,
    /// The fields whose change sets it off; none when a new record does.
    pub(super) by: Rc<[FieldOf]>,
}

/// Rules with the same trigger.
struct Alike {
    what: Vec<Change>,
    rules: Vec<usize>,
}

/// The rules that changes of an entity can set off, by what they are set off by.
fn by_trigger(world: World<'_>) -> BTreeMap<&str, Vec<Alike>> {
    let mut all: BTreeMap<&str, BTreeMap<String, Alike>> = BTreeMap::new();
    for (at, rule) in world.rules.iter().enumerate().filter(|(_, rule)| rule.origins.contains(&Origin::Rule)) {
        for entity in entities_of(&rule.trigger) {
            let alike = all.entry(entity).or_default().entry(format!("{:?}", rule.trigger));
            let new = || Alike { what: happenings(&rule.trigger, entity), rules: Vec::new() };
            alike.or_insert_with(new).rules.push(at);
        }
    }
    all.into_iter().map(|(entity, alike)| (entity, alike.into_values().collect())).collect()
}

/// Which deeds can set off which rules, as far as the pair of rules is of interest.
pub(super) fn arcs(
    world: World<'_>,
    deeds: &[Deed<'_>],
    judge: &Judge<'_>,
    wanted: &dyn Fn(usize, usize) -> bool,
) -> Vec<Arc> {
    let mut all = Vec::new();
    let of_entity = by_trigger(world);
    let late = late(world);
    let mut of_rule: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, deed) in deeds.iter().enumerate() {
        of_rule.entry(deed.rule).or_default().push(at);
    }
    for (from, deed) in deeds.iter().enumerate() {
        let mut reached: Vec<(usize, Rc<[FieldOf]>)> = Vec::new();
        let flow = deed.starts.and_then(|start| flow_of(world, start)).filter(|rule| wanted(deed.rule, *rule));
        reached.extend(flow.map(|rule| (rule, [].into())));
        let entity = world.schema.entity(&deed.entity);
        for alike in of_entity.get(&*deed.entity).into_iter().flatten() {
            let by = entity.and_then(|entity| alike.what.iter().find_map(|what| concerned(entity, deed, what)));
            let Some(by) = by else { continue };
            let by: Rc<[FieldOf]> = by.into_iter().map(|field| (deed.entity.clone(), field)).collect();
            let refused = |rule: usize| clauses_refuse(world, deeds, judge, from, rule);
            // Most pairs are of no interest, which is seen at once; what conditions are worth takes longer.
            let rules = alike.rules.iter().filter(|rule| wanted(deed.rule, **rule) && !refused(**rule));
            reached.extend(rules.map(|rule| (*rule, Rc::clone(&by))));
        }
        for (rule, deadline) in &late {
            if gives(deed, deadline) == Some(Given::Now)
                && wanted(deed.rule, *rule)
                && !clauses_refuse(world, deeds, judge, from, *rule)
            {
                let field = (!deed.creates).then(|| (deed.entity.clone(), Name::from(deadline.field)));
                reached.push((*rule, field.into_iter().collect()));
            }
        }
        reached.sort_by_key(|(rule, _)| *rule);
        for (rule, by) in reached {
            let own = of_rule.get(&rule).map_or(&[][..], Vec::as_slice);
            let before = all.len();
            for &to in own {
                if !refused(deeds, judge, from, to, own) {
                    all.push(Arc { from, rule, to: Some(to), by: Rc::clone(&by) });
                }
            }
            if all.len() == before {
                all.push(Arc { from, rule, to: None, by });
            }
        }
    }
    all
}

/// The flow that is started there.
pub(super) fn flow_of(world: World<'_>, start: &Start) -> Option<usize> {
    let is = |rule: &Rule| {
        rule.file == start.file && matches!(&rule.trigger, Trigger::Flow { name, .. } if *name == start.name)
    };
    world.rules.iter().position(is)
}

/// Whether a clause of a rule is certainly false after a deed.
fn clauses_refuse(world: World<'_>, deeds: &[Deed<'_>], judge: &Judge<'_>, from: usize, rule: usize) -> bool {
    world.rules.get(rule).is_none_or(|of| {
        let clauses = [&of.condition, &of.lifetime];
        clauses.into_iter().flatten().any(|cond| judge.worth(deeds, from, rule, of.file, cond) == Some(false))
    })
}

/// Whether a condition on the way to the second deed is certainly not what it has to be after the first.
fn refused(deeds: &[Deed<'_>], judge: &Judge<'_>, first: usize, second: usize, own: &[usize]) -> bool {
    let Some(second) = deeds.get(second) else { return true };
    // What the rule itself has changed before a condition may make it true again.
    let fresh = |guard: &Expr| {
        own.iter().filter_map(|at| deeds.get(*at)).all(|other| {
            other.file != second.file || other.at.start >= guard.span.start || !reads_one(guard, &other.fields)
        })
    };
    second.waited
        || second.guards.iter().any(|(guard, truth)| {
            *guard.ty.present() == Type::Bool
                && judge.worth(deeds, first, second.rule, second.file, guard) == Some(!truth)
                && fresh(guard)
        })
}

/// What is known after a deed, in the words of the rule that it sets off: for a rule about a named event the record is
/// one of those that the event is about.
pub(super) fn as_seen<'d>(deed: &'d Deed<'_>, rule: &Rule) -> Cow<'d, Known> {
    match rule.trigger {
        Trigger::Event { .. } => {
            let path = format!("event.{}", deed.entity);
            let mut known = deed.after.moved("@", &path);
            for link in ATTACHED {
                if deed.after.get(&format!("@.{link}")).is_some_and(|domain| !domain.missing) {
                    known.put(format!("event.{link}"), Domain::any(false));
                }
            }
            known.put(path, Domain::any(false));
            Cow::Owned(known)
        }
        Trigger::Record { .. }
        | Trigger::Date { .. }
        | Trigger::Unreplied { .. }
        | Trigger::Every(_)
        | Trigger::Flow { .. } => Cow::Borrowed(&deed.after),
    }
}

/// The kinds of records whose changes can set off a rule with this trigger.
pub(super) fn entities_of(trigger: &Trigger) -> Vec<&str> {
    let mut entities: Vec<&str> = match trigger {
        Trigger::Record { entity, .. } => vec![entity],
        Trigger::Event { name } => raised(name).map(|raise| raise.entity).collect(),
        Trigger::Date { .. } | Trigger::Unreplied { .. } | Trigger::Every(_) | Trigger::Flow { .. } => Vec::new(),
    };
    entities.dedup();
    entities
}

/// What raises the event of this name.
fn raised(name: &str) -> impl Iterator<Item = &'static Raise> {
    RAISED.iter().filter(move |raise| raise.event == name)
}

/// What happens to the records of an entity when a rule with this trigger is set off by them.
pub(super) fn happenings(trigger: &Trigger, of: &str) -> Vec<Change> {
    let named = |raise: &Raise| match raise.way {
        Way::Made => Change::Created,
        Way::Changed(field) => Change::Fields { fields: vec![field.into()], from: None, to: None },
        Way::Ends(kind) => Change::Closed { success: kind == StageKind::Success, failure: kind == StageKind::Failure },
        Way::Enters(stage) => Change::Stage { stages: vec![stage.into()], pipeline: None },
    };
    match trigger {
        Trigger::Record { entity, what } if **entity == *of => vec![what.clone()],
        Trigger::Event { name } => raised(name).filter(|raise| raise.entity == of).map(named).collect(),
        Trigger::Record { .. }
        | Trigger::Date { .. }
        | Trigger::Unreplied { .. }
        | Trigger::Every(_)
        | Trigger::Flow { .. } => Vec::new(),
    }
}

fn reads_one(e: &Expr, fields: &[(Name, Option<&Expr>)]) -> bool {
    visit::any_expr(e, &mut |e| match &e.kind {
        ExprKind::Field(_, name) => fields.iter().any(|(written, _)| written == name),
        _ => false,
    })
}

/// The written fields by which a trigger sees the change; none when it sees a new record.
fn concerned(entity: &Entity, deed: &Deed<'_>, what: &Change) -> Option<Vec<Name>> {
    let written = || deed.fields.iter().map(|(name, _)| name.clone());
    let may_be = |field: &Name, value: &Value, known: &Known| {
        let domain = known.get(&format!("@.{field}")).cloned().unwrap_or_else(|| Domain::any(true));
        !domain.meet(&Domain::of(vec![value.clone()])).is_empty()
    };
    let enters = |names: Vec<&Name>| {
        let field = entity.stage_name()?;
        let moved = entity.pipeline_field().is_some_and(|p| written().any(|name| name == p.name));
        let fits = names.into_iter().any(|name| may_be(field, &Value::Text(name.clone()), &deed.after));
        let by: Vec<Name> = written().filter(|n| n == field).collect();
        match (fits, deed.creates) {
            (true, true) => Some(Vec::new()),
            (true, false) if !by.is_empty() || moved => Some(by),
            (true | false, false) | (false, true) => None,
        }
    };
    match what {
        Change::Created | Change::Saved if deed.creates => Some(Vec::new()),
        Change::Updated | Change::Saved if !deed.creates => Some(written().collect()),
        Change::Created | Change::Updated | Change::Saved | Change::Deleted => None,
        Change::Fields { fields, from, to } => {
            let seen = |name: &Name| {
                fields.contains(name)
                    && to.as_ref().is_none_or(|to| may_be(name, to, &deed.after))
                    && from.as_ref().is_none_or(|from| may_be(name, from, &deed.before))
            };
            let by: Vec<Name> = written().filter(seen).collect();
            (!deed.creates && !by.is_empty()).then_some(by)
        }
        Change::Stage { stages, pipeline } => {
            let field = entity.pipeline_field().map(|f| &f.name);
            let other = pipeline
                .as_ref()
                .zip(field)
                .is_some_and(|(pipeline, field)| !may_be(field, &Value::Text(pipeline.clone()), &deed.after));
            if other { None } else { enters(stages.iter().collect()) }
        }
        Change::Closed { success, failure } => {
            let wanted = entity.pipelines.iter().flat_map(|p| &p.stages).filter(|s| match s.kind {
                StageKind::Success => *success,
                StageKind::Failure => *failure,
                StageKind::Open => false,
            });
            enters(wanted.map(|s| &s.name).collect())
        }
    }
}

/// The deadline that a rule with this trigger is about.
pub(super) fn deadline_of(trigger: &Trigger) -> Option<&'static Deadline> {
    match trigger {
        Trigger::Event { name } => DEADLINES.iter().find(|deadline| *deadline.event == **name),
        Trigger::Record { .. }
        | Trigger::Date { .. }
        | Trigger::Unreplied { .. }
        | Trigger::Every(_)
        | Trigger::Flow { .. } => None,
    }
}

/// The rules about records that were not done in time.
fn late(world: World<'_>) -> Vec<(usize, &'static Deadline)> {
    let rules = world.rules.iter().enumerate().filter(|(_, rule)| rule.origins.contains(&Origin::Rule));
    rules.filter_map(|(at, rule)| Some((at, deadline_of(&rule.trigger)?))).collect()
}

/// When a deadline comes that a deed gives a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    /// At once.
    Now,
    /// Time passes until then.
    Later,
}

/// The deadline that a deed gives a record, if it gives it one.
fn gives(deed: &Deed<'_>, deadline: &Deadline) -> Option<Given> {
    if *deed.entity != *deadline.entity {
        return None;
    }
    let (_, value) = deed.fields.iter().find(|(name, _)| **name == *deadline.field)?;
    match value.map(|value| &value.kind) {
        Some(ExprKind::Const(Value::Missing)) => None,
        Some(ExprKind::Now) => Some(Given::Now),
        Some(_) | None => Some(Given::Later),
    }
}

/// Links by dates: a rule that changes the date another rule counts from, or by which something is to be done.
pub(super) fn dates(world: World<'_>, deeds: &[Deed<'_>]) -> Vec<Link> {
    let mut links = Vec::new();
    let late = late(world);
    for deed in deeds {
        for (to, deadline) in late.iter().filter(|(_, deadline)| gives(deed, deadline) == Some(Given::Later)) {
            let what = format!("{}.{}", deadline.entity, deadline.field);
            links.push(Link { from: deed.rule, to: *to, what, file: deed.file, at: deed.at, later: true });
        }
        for (to, rule) in world.rules.iter().enumerate() {
            if let Trigger::Date { entity, field, .. } = &rule.trigger
                && *entity == deed.entity
                && deed.fields.iter().any(|(name, _)| name == field)
            {
                let what = format!("{entity}.{field}");
                links.push(Link { from: deed.rule, to, what, file: deed.file, at: deed.at, later: true });
            }
        }
    }
    links
}

/// Whether the rule's clauses keep it from being set off again and again by this deed.
pub(super) fn reentry_stops(rule: &Rule, deed: &Deed<'_>) -> bool {
    match &rule.reentry {
        Reentry::EachTime | Reentry::Restart => false,
        // Each new record is another one; anything else is the same record sooner or later.
        Reentry::Once { per, .. } => !(deed.creates && path_key(per).is_some_and(|key| key == "@")),
        // A run that sleeps is still there when the rule is set off again.
        Reentry::OneAtATime => {
            let mut sleeps = false;
            visit::each_stmt(&rule.body, &mut |stmt| sleeps |= matches!(stmt.kind, StmtKind::Wait(_)));
            sleeps
        }
    }
}

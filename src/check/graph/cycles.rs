//! Rules that set one another off without end.
//!
//! A circle of deeds ends by itself when, going round, a field gets the value that it has, a condition on the way reads a
//! field that the circle changes (it may become false), a rule starts only once for a record, or a rule sleeps. What is
//! left goes round until the engine stops it.

use super::build::{Arc, reentry_stops};
use super::deeds::Deed;
use super::groups::groups;
use super::settle::{differs, is_written, reads, same, settles};
use super::worth::Judge;
use super::{FieldOf, Link, Node, World};
use crate::check::typed::{Expr, ExprKind, Trigger};
use crate::check::visit;
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::{Schema, Type};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// An arc as a link between rules.
pub(super) fn link(deeds: &[Deed<'_>], arc: &Arc) -> Option<Link> {
    let deed = deeds.get(arc.from)?;
    let fields: Vec<String> = arc.by.iter().map(|(entity, field)| format!("{entity}.{field}")).collect();
    let what = match deed.starts {
        Some(start) => format!("start {}", start.name),
        None if deed.creates => format!("a new {}", deed.entity),
        None => fields.join(", "),
    };
    Some(Link { from: deed.rule, to: arc.rule, what, file: deed.file, at: deed.at, later: deed.waited })
}

/// The circles without an end, each as its links in order, sorted.
pub(super) fn circles(world: World<'_>, deeds: &[Deed<'_>], judge: &Judge<'_>, arcs: &[Arc]) -> Vec<Vec<Link>> {
    let at_once = |arc: &&Arc| deeds.get(arc.from).is_some_and(|d| !d.waited) && arc.to.is_some();
    let mut left: Vec<&Arc> = arcs.iter().filter(at_once).filter(|arc| !stopped_by_clause(world, deeds, arc)).collect();
    // Taking arcs away makes groups smaller, and smaller groups change fewer fields, so this comes to an end.
    loop {
        let groups = groups(deeds.len(), left.iter().filter_map(|arc| Some((arc.from, arc.to?))));
        let same = |arc: &&&Arc| arc.to.is_some_and(|to| groups.get(arc.from) == groups.get(to));
        let inner: Vec<&Arc> = left.iter().filter(same).copied().collect();
        let next = going_on(world, deeds, judge, &groups, &inner);
        if next.len() == left.len() {
            return groups_to_circles(world, deeds, judge, &groups, &next);
        }
        left = next;
    }
}

/// The arcs that are taken again and again.
fn going_on<'a>(
    world: World<'_>,
    deeds: &[Deed<'_>],
    judge: &Judge<'_>,
    groups: &[usize],
    inner: &[&'a Arc],
) -> Vec<&'a Arc> {
    let changes = changes_of(world, deeds, groups, inner);
    // What depends on one end alone is worked out once for it, not for each of its arcs.
    let mut changing: BTreeMap<(usize, *const FieldOf), bool> = BTreeMap::new();
    let mut stoppers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let goes_on = |arc: &&&'a Arc| {
        let Some(writes) = groups.get(arc.from).and_then(|group| changes.get(group)) else { return false };
        let (Some(deed), Some((to, next))) = (deeds.get(arc.from), arc.to.and_then(|to| Some((to, deeds.get(to)?))))
        else {
            return false;
        };
        let key = (arc.from, arc.by.as_ptr());
        let stoppers = stoppers.entry(to).or_insert_with(|| may_stop(world, next, writes));
        *changing.entry(key).or_insert_with(|| changes_again(world.schema, deeds, deed, arc, writes))
            && stoppers.iter().filter_map(|at| next.guards.get(*at)).all(|(guard, truth)| {
                *guard.ty.present() == Type::Bool
                    && judge.worth(deeds, arc.from, next.rule, next.file, guard) == Some(*truth)
            })
    };
    inner.iter().filter(goes_on).copied().collect()
}

fn stopped_by_clause(world: World<'_>, deeds: &[Deed<'_>], arc: &Arc) -> bool {
    match (world.rules.get(arc.rule), deeds.get(arc.from)) {
        (Some(rule), Some(deed)) => reentry_stops(rule, deed),
        (None, _) | (_, None) => true,
    }
}

/// What a group changes.
#[derive(Debug, Default)]
pub(super) struct Writes<'r> {
    /// The fields, with the values they get.
    pub(super) fields: BTreeMap<FieldOf, Vec<Option<&'r Expr>>>,
    /// The fields of the records it makes: the next one may be unlike the last.
    pub(super) made: BTreeSet<FieldOf>,
}

fn changes_of<'r>(
    world: World<'_>,
    deeds: &[Deed<'r>],
    groups: &[usize],
    inner: &[&Arc],
) -> BTreeMap<usize, Writes<'r>> {
    let mut all: BTreeMap<usize, Writes<'r>> = BTreeMap::new();
    let group_of = |arc: &&Arc| groups.get(arc.from).copied().unwrap_or_default();
    let mut of_rule: BTreeMap<usize, Vec<&Deed<'r>>> = BTreeMap::new();
    for deed in deeds {
        of_rule.entry(deed.rule).or_default().push(deed);
    }
    let acting: BTreeSet<(usize, usize)> = inner.iter().map(|arc| (group_of(arc), arc.from)).collect();
    for deed in acting.iter().filter_map(|(group, from)| Some((*group, deeds.get(*from)?))) {
        let (group, deed) = deed;
        let writes = all.entry(group).or_default();
        if let Some(entity) = world.schema.entity(&deed.entity).filter(|_| deed.creates) {
            writes.made.extend(entity.fields.iter().map(|f| (entity.name.clone(), f.name.clone())));
        }
    }
    // All that a rule changes at once belongs to it, not only what goes round.
    let rules: BTreeSet<(usize, usize)> =
        acting.iter().filter_map(|(group, from)| Some((*group, deeds.get(*from)?.rule))).collect();
    for (group, rule) in rules {
        let writes = all.entry(group).or_default();
        for deed in of_rule.get(&rule).into_iter().flatten().filter(|d| !d.waited && !d.creates) {
            for (field, value) in &deed.fields {
                let values = writes.fields.entry((deed.entity.clone(), field.clone())).or_default();
                if !values.iter().any(|v| same(*v, *value)) {
                    values.push(*value);
                }
            }
        }
    }
    all
}

/// Whether the deed changes what the arc is set off by each time.
fn changes_again(schema: &Schema, deeds: &[Deed<'_>], deed: &Deed<'_>, arc: &Arc, writes: &Writes<'_>) -> bool {
    let changes = |field: &FieldOf, value: &Expr| {
        differs(schema, deed.body, value, field, writes) && !settles(schema, deeds, deed, value, field, writes)
    };
    // A second booking is refused, unless the group releases the first one or makes other records.
    if let Some((field, kept)) = &deed.until_emptied {
        let released = writes.fields.keys().any(|(of, _)| of == kept);
        let others = writes.made.contains(field);
        if !released && !others {
            return false;
        }
    }
    match &deed.with {
        Some((field, value)) => changes(field, value),
        None => {
            deed.creates
                || deed.starts.is_some()
                || deed.is_fresh()
                || arc.by.iter().any(|field| {
                    let value = deed.fields.iter().find(|(name, _)| *name == field.1).and_then(|(_, e)| *e);
                    value.is_none_or(|value| changes(field, value))
                })
        }
    }
}

/// The conditions on the way to a deed that may become false while the circle goes round.
fn may_stop(world: World<'_>, next: &Deed<'_>, writes: &Writes<'_>) -> Vec<usize> {
    // A condition may stand in the rule or in the function that it calls.
    let rule = world.rules.get(next.rule).map_or(&[][..], |rule| &rule.body);
    let stops = |field: &FieldOf| is_written(writes, field) || writes.made.contains(field);
    // What a flow is given is another each time.
    let may = |guard: &Expr| {
        deed_of_flow(world, next) && is_of_values(guard)
            || reads(world.schema, &[rule, next.body], guard).iter().any(stops)
    };
    next.guards.iter().enumerate().filter(|(_, (guard, _))| may(guard)).map(|(at, _)| at).collect()
}

fn deed_of_flow(world: World<'_>, deed: &Deed<'_>) -> bool {
    world.rules.get(deed.rule).is_some_and(|rule| matches!(rule.trigger, Trigger::Flow { .. }))
}

/// Whether a condition looks at variables that are no records.
fn is_of_values(guard: &Expr) -> bool {
    let is_value = |ty: &Type| !matches!(ty.present(), Type::Entity(_));
    visit::any_expr(guard, &mut |e| matches!(e.kind, ExprKind::Local(_)) && is_value(&e.ty))
}

/// How many deeds of a group are tried as the beginning of a circle: large groups have many short ones.
const MOST_STARTS: usize = 64;

/// The shortest circle of each group, if possible one that goes round by itself, without what others of the group do.
fn groups_to_circles(
    world: World<'_>,
    deeds: &[Deed<'_>],
    judge: &Judge<'_>,
    groups: &[usize],
    arcs: &[&Arc],
) -> Vec<Vec<Link>> {
    let mut of_group: BTreeMap<usize, BTreeMap<usize, Vec<&Arc>>> = BTreeMap::new();
    for arc in arcs {
        let group = groups.get(arc.from).copied().unwrap_or_default();
        of_group.entry(group).or_default().entry(arc.from).or_default().push(arc);
    }
    let alone = |circle: &[&Arc]| going_on(world, deeds, judge, &vec![0; deeds.len()], circle).len() == circle.len();
    let mut circles: Vec<Vec<Link>> = of_group
        .values()
        .filter_map(|arcs| {
            let circles = arcs.keys().take(MOST_STARTS).filter_map(|start| round(*start, arcs));
            let shortest = circles.min_by_key(|circle| (!alone(circle), circle.len()))?;
            Some(shortest.into_iter().filter_map(|arc| link(deeds, arc)).collect())
        })
        .collect();
    circles.sort();
    circles
}

/// The shortest way from a deed back to it.
fn round<'a>(start: usize, arcs: &BTreeMap<usize, Vec<&'a Arc>>) -> Option<Vec<&'a Arc>> {
    let mut came: BTreeMap<usize, &'a Arc> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(at) = open.pop_front() {
        for arc in arcs.get(&at).into_iter().flatten() {
            let Some(to) = arc.to else { continue };
            if came.contains_key(&to) {
                continue;
            }
            came.insert(to, arc);
            if to == start {
                let mut way = vec![*arc];
                while let Some(last) = way.last().filter(|arc| arc.from != start) {
                    way.push(came.get(&last.from)?);
                }
                way.reverse();
                return Some(way);
            }
            open.push_back(to);
        }
    }
    None
}

/// A circle as an error.
pub(super) fn report(rules: &[Node], circle: &[Link]) -> Option<Diagnostic> {
    let title = |at: usize| rules.get(at).map_or("", |rule| rule.title.as_str());
    let first = circle.first()?;
    let message = if circle.len() == 1 {
        format!("`{}` sets itself off without end", title(first.from))
    } else {
        format!("{} rules set one another off without end", circle.len())
    };
    let says = |link: &Link, at: usize| {
        let again = if at + 1 == circle.len() { " again" } else { "" };
        // The places may lie in several files, so the numbers give the order.
        let whose = if circle.len() == 1 { String::new() } else { format!("{}. `{}`: ", at + 1, title(link.from)) };
        format!("{whose}{} sets off `{}`{again}", link.what, title(link.to))
    };
    let mut diagnostic = Diagnostic::new(Code::E0601, first.file, first.at, message);
    for (at, link) in circle.iter().enumerate() {
        let text = says(link, at);
        diagnostic = if at == 0 { diagnostic.label(text) } else { diagnostic.because(link.file, link.at, text) };
    }
    Some(diagnostic.help(
        "give one of them a condition that the change makes false, `once per …`, or a wait; \
         or leave out changes by rules with `from user, api`",
    ))
}

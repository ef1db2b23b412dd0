//! Rules that set one another off without end.
//!
//! A circle of deeds ends by itself when, going round, a field gets the value that it has, a condition on the way reads a
//! field that the circle changes (it may become false), a rule starts only once for a record, or a rule sleeps. What is
//! left goes round until the engine stops it.

use super::build::{Arc, as_seen, reentry_stops};
use super::deeds::Deed;
use super::{FieldOf, Link, Node, World};
use crate::catalog::Func;
use crate::check::facts::path_key;
use crate::check::lint::known::Reasoner;
use crate::check::typed::{Expr, ExprKind, Stmt, StmtKind, Trigger};
use crate::check::visit;
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::Type;
use crate::value::Name;
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
pub(super) fn circles(world: World<'_>, deeds: &[Deed<'_>], arcs: &[Arc]) -> Vec<Vec<Link>> {
    let at_once = |arc: &&Arc| deeds.get(arc.from).is_some_and(|d| !d.waited) && arc.to.is_some();
    let mut left: Vec<&Arc> = arcs.iter().filter(at_once).filter(|arc| !stopped_by_clause(world, deeds, arc)).collect();
    // Taking arcs away makes groups smaller, and smaller groups change fewer fields, so this comes to an end.
    loop {
        let groups = groups(deeds.len(), left.iter().filter_map(|arc| Some((arc.from, arc.to?))));
        let same = |arc: &&&Arc| arc.to.is_some_and(|to| groups.get(arc.from) == groups.get(to));
        let inner: Vec<&Arc> = left.iter().filter(same).copied().collect();
        let changes = changes_of(world, deeds, &groups, &inner);
        let goes_on = |arc: &&&Arc| {
            let group = groups.get(arc.from).copied().unwrap_or_default();
            changes.get(&group).is_some_and(|writes| repeats(world, deeds, arc, writes))
        };
        let next: Vec<&Arc> = inner.iter().filter(goes_on).copied().collect();
        if next.len() == left.len() {
            return groups_to_circles(world, deeds, &groups, &next);
        }
        left = next;
    }
}

fn stopped_by_clause(world: World<'_>, deeds: &[Deed<'_>], arc: &Arc) -> bool {
    match (world.rules.get(arc.rule), deeds.get(arc.from)) {
        (Some(rule), Some(deed)) => reentry_stops(rule, deed),
        (None, _) | (_, None) => true,
    }
}

/// What a group changes.
#[derive(Debug, Default)]
struct Writes<'r> {
    /// The fields, with the values they get.
    fields: BTreeMap<FieldOf, Vec<Option<&'r Expr>>>,
    /// The fields of the records it makes: the next one may be unlike the last.
    made: BTreeSet<Name>,
}

fn changes_of<'r>(
    world: World<'_>,
    deeds: &[Deed<'r>],
    groups: &[usize],
    inner: &[&Arc],
) -> BTreeMap<usize, Writes<'r>> {
    let mut all: BTreeMap<usize, Writes<'r>> = BTreeMap::new();
    for arc in inner {
        let group = groups.get(arc.from).copied().unwrap_or_default();
        let writes = all.entry(group).or_default();
        // All that the rule changes at once belongs to it, not only what goes round.
        let rule = deeds.get(arc.from).map(|d| d.rule);
        if let Some(entity) = deeds.get(arc.from).filter(|d| d.creates).and_then(|d| world.schema.entity(&d.entity)) {
            writes.made.extend(entity.fields.iter().map(|f| f.name.clone()));
        }
        for deed in deeds.iter().filter(|d| Some(d.rule) == rule && !d.waited && !d.creates) {
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

/// Whether the arc is taken again and again.
fn repeats(world: World<'_>, deeds: &[Deed<'_>], arc: &Arc, writes: &Writes<'_>) -> bool {
    let (Some(deed), Some(next)) = (deeds.get(arc.from), arc.to.and_then(|to| deeds.get(to))) else { return false };
    let changes = |field: &FieldOf, value: &Expr| {
        differs(deed.body, value, field, writes) && !settles(deeds, deed, value, field, writes)
    };
    let changes = match &deed.with {
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
    };
    let reason = Reasoner { schema: world.schema };
    let Some(rule) = world.rules.get(next.rule) else { return false };
    let after = as_seen(deed, rule);
    let may_stop = next.guards.iter().any(|guard| {
        let certain = *guard.ty.present() == Type::Bool && reason.worth(&after, guard).is_some_and(|v| v.holds);
        // A condition may stand in the rule or in the function that it calls.
        let stops = |name: &Name| is_written(writes, name) || writes.made.contains(name);
        // What a flow is given is another each time.
        !certain
            && (deed_of_flow(world, next) && is_of_values(guard)
                || reads(&[&rule.body, next.body], guard).iter().any(stops))
    });
    changes && !may_stop
}

/// Whether the value can differ from what the field has when the circle comes round again.
fn differs(body: &[Stmt], value: &Expr, field: &FieldOf, writes: &Writes<'_>) -> bool {
    let others = writes.fields.get(field).into_iter().flatten();
    let constant = |e: Option<&Expr>| match e.map(|e| &e.kind) {
        Some(ExprKind::Const(value)) => Some(value.clone()),
        Some(_) | None => None,
    };
    let own = constant(Some(value));
    let fresh = visit::any_expr(value, &mut |e| matches!(e.kind, ExprKind::Call(Func::Random, _)));
    fresh
        || reads(&[body], value).iter().any(|name| is_written(writes, name))
        || others.filter(|other| !same(**other, Some(value))).any(|other| own.is_none() || constant(*other) != own)
}

/// Whether it is the same place of a script.
fn same(a: Option<&Expr>, b: Option<&Expr>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => std::ptr::eq(a, b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Whether the value is sure to be the one that the field has, after a turn or two: no change then, and no event.
fn settles(deeds: &[Deed<'_>], deed: &Deed<'_>, value: &Expr, field: &FieldOf, writes: &Writes<'_>) -> bool {
    let (entity, name) = field;
    let only = |name: &Name| match writes.fields.get(&(entity.clone(), name.clone())).map(Vec::as_slice) {
        Some([Some(only)]) => Some(*only),
        _ => None,
    };
    if deed.record.is_empty() || only(name).is_none_or(|only| !std::ptr::eq(only, value)) {
        return false;
    }
    let own = |name: &Name| format!("{}.{name}", deed.record);
    // `set deal.title = trim(deal.title)`: done twice it is the same as done once.
    if unchanging(value, &own(name)) {
        return true;
    }
    // `set deal.a = deal.b` here, `set deal.b = deal.a` there: afterwards both are the same. In one `set` they would
    // change places.
    let ExprKind::Field(_, other) = &value.kind else { return false };
    let back = |back: &Expr| deeds.iter().any(|deed| deed.record == "@" && copies(deed, other, name, back));
    deed.record == "@" && copies(deed, name, other, value) && only(other).is_some_and(back)
}

/// Whether a deed sets a field of the rule's record to another one of it, and not that one as well.
fn copies(deed: &Deed<'_>, to: &Name, from: &Name, value: &Expr) -> bool {
    let here = deed.fields.iter().any(|(name, e)| name == to && same(*e, Some(value)));
    here && path_key(value).is_some_and(|key| key == format!("@.{from}"))
        && deed.fields.iter().all(|(name, _)| name != from)
}

/// Whether the value is made of what the path has by something that changes nothing when it is done again.
fn unchanging(value: &Expr, path: &str) -> bool {
    const FAMILIES: [&[Func]; 4] =
        [&[Func::Trim, Func::Upper, Func::Lower], &[Func::Min, Func::Max], &[Func::Round], &[Func::Abs]];
    fn made_of(e: &Expr, path: &str, family: &[Func]) -> bool {
        match &e.kind {
            ExprKind::Call(func, args) if family.contains(func) => {
                let (mut own, mut rest) = (0, true);
                for arg in args {
                    match made_of(arg, path, family) {
                        true => own += 1,
                        false => rest &= matches!(arg.kind, ExprKind::Const(_)),
                    }
                }
                own == 1 && rest
            }
            ExprKind::Default(first, second) => {
                matches!(second.kind, ExprKind::Const(_)) && made_of(first, path, family)
            }
            _ => path_key(e).is_some_and(|key| key == path),
        }
    }
    FAMILIES.iter().any(|family| made_of(value, path, family))
}

fn deed_of_flow(world: World<'_>, deed: &Deed<'_>) -> bool {
    world.rules.get(deed.rule).is_some_and(|rule| matches!(rule.trigger, Trigger::Flow { .. }))
}

/// Whether a condition looks at variables that are no records.
fn is_of_values(guard: &Expr) -> bool {
    let is_value = |ty: &Type| !matches!(ty.present(), Type::Entity(_));
    visit::any_expr(guard, &mut |e| matches!(e.kind, ExprKind::Local(_)) && is_value(&e.ty))
}

fn is_written(writes: &Writes<'_>, field: &Name) -> bool {
    writes.fields.keys().any(|(_, name)| name == field)
}

/// The names of the fields that a value is made of, also through the variables of these bodies.
fn reads(bodies: &[&[Stmt]], e: &Expr) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    let mut locals: VecDeque<u16> = VecDeque::new();
    let mut seen = BTreeSet::new();
    let mut note = |e: &Expr, locals: &mut VecDeque<u16>| {
        visit::each_expr(e, &mut |e| match &e.kind {
            ExprKind::Field(_, name) => {
                found.insert(name.clone());
            }
            ExprKind::Local(id) => locals.push_back(id.0),
            _ => {}
        });
    };
    note(e, &mut locals);
    while let Some(id) = locals.pop_front() {
        if seen.insert(id) {
            for body in bodies {
                visit::each_stmt(body, &mut |stmt| {
                    if let StmtKind::Assign(to, value) | StmtKind::For(to, value, _) = &stmt.kind
                        && to.0 == id
                    {
                        note(value, &mut locals);
                    }
                });
            }
        }
    }
    found
}

/// For each of `n` things the number of its group: those that can reach one another have the same (the lowest of them).
pub(super) fn groups(n: usize, arcs: impl Iterator<Item = (usize, usize)>) -> Vec<usize> {
    let (mut next, mut before) = (vec![Vec::new(); n], vec![Vec::new(); n]);
    for (from, to) in arcs {
        next.get_mut(from).into_iter().for_each(|list: &mut Vec<usize>| list.push(to));
        before.get_mut(to).into_iter().for_each(|list: &mut Vec<usize>| list.push(from));
    }
    // Kosaraju: in the reverse order of leaving, all that reach a deed and are not in a group yet are in its group.
    let order = leaving_order(&next);
    let mut group: Vec<Option<usize>> = vec![None; n];
    for &start in order.iter().rev() {
        let mut members = Vec::new();
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            if let Some(free) = group.get_mut(at).filter(|g| g.is_none()) {
                *free = Some(start);
                members.push(at);
                open.extend(before.get(at).into_iter().flatten());
            }
        }
        let lowest = members.iter().min().copied();
        for member in members {
            if let Some(of) = group.get_mut(member) {
                *of = lowest;
            }
        }
    }
    group.into_iter().enumerate().map(|(at, group)| group.unwrap_or(at)).collect()
}

/// The deeds in the order in which a walk into depth leaves them.
fn leaving_order(next: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![false; next.len()];
    let mut order = Vec::with_capacity(next.len());
    for start in 0..next.len() {
        let mut open = vec![(start, 0)];
        if std::mem::replace(seen.get_mut(start).unwrap_or(&mut true), true) {
            continue;
        }
        while let Some((at, child)) = open.pop() {
            match next.get(at).and_then(|list| list.get(child)) {
                Some(&to) => {
                    open.push((at, child + 1));
                    if !std::mem::replace(seen.get_mut(to).unwrap_or(&mut true), true) {
                        open.push((to, 0));
                    }
                }
                None => order.push(at),
            }
        }
    }
    order
}

/// How many deeds of a group are tried as the beginning of a circle: large groups have many short ones.
const MOST_STARTS: usize = 64;

/// The shortest circle of each group, if possible one that goes round by itself, without what others of the group do.
fn groups_to_circles(world: World<'_>, deeds: &[Deed<'_>], groups: &[usize], arcs: &[&Arc]) -> Vec<Vec<Link>> {
    let mut of_group: BTreeMap<usize, BTreeMap<usize, Vec<&Arc>>> = BTreeMap::new();
    for arc in arcs {
        let group = groups.get(arc.from).copied().unwrap_or_default();
        of_group.entry(group).or_default().entry(arc.from).or_default().push(arc);
    }
    let alone = |circle: &[&Arc]| {
        let writes = changes_of(world, deeds, &vec![0; deeds.len()], circle);
        writes.values().all(|writes| circle.iter().all(|arc| repeats(world, deeds, arc, writes)))
    };
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

//! Which values go on changing when rules set one another off, and which come to rest.

use super::FieldOf;
use super::cycles::Writes;
use super::deeds::Deed;
use crate::catalog::Func;
use crate::check::facts::path_key;
use crate::check::typed::{Expr, ExprKind, Stmt, StmtKind};
use crate::check::visit;
use crate::schema::{Schema, Type};
use crate::value::Name;
use std::collections::{BTreeSet, VecDeque};

/// Whether the value can differ from what the field has when the circle comes round again.
pub(super) fn differs(schema: &Schema, body: &[Stmt], value: &Expr, field: &FieldOf, writes: &Writes<'_>) -> bool {
    let others = writes.fields.get(field).into_iter().flatten();
    let constant = |e: Option<&Expr>| match e.map(|e| &e.kind) {
        Some(ExprKind::Const(value)) => Some(value.clone()),
        Some(_) | None => None,
    };
    let own = constant(Some(value));
    let fresh = visit::any_expr(value, &mut |e| matches!(e.kind, ExprKind::Call(Func::Random, _)) || is_of_event(e));
    fresh
        || reads(schema, &[body], value).iter().any(|field| is_written(writes, field))
        || others.filter(|other| !same(**other, Some(value))).any(|other| own.is_none() || constant(*other) != own)
}

/// Whether it is the same place of a script.
pub(super) fn same(a: Option<&Expr>, b: Option<&Expr>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => std::ptr::eq(a, b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Whether the value is sure to be the one that the field has, after a turn or two: no change then, and no event.
pub(super) fn settles(
    schema: &Schema,
    deeds: &[Deed<'_>],
    deed: &Deed<'_>,
    value: &Expr,
    field: &FieldOf,
    writes: &Writes<'_>,
) -> bool {
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
    // `set deal.title = lead?.title default deal.title`: always the one, or what it is.
    if let ExprKind::Default(first, second) = &value.kind
        && path_key(second).is_some_and(|key| key == own(name))
        && !reads(schema, &[deed.body], first).iter().any(|field| is_written(writes, field))
    {
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
                    if made_of(arg, path, family) {
                        own += 1;
                    } else {
                        rest &= matches!(arg.kind, ExprKind::Const(_));
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

pub(super) fn is_written(writes: &Writes<'_>, field: &FieldOf) -> bool {
    writes.fields.contains_key(field)
}

/// The fields that a value is made of, also through the variables of these bodies.
pub(super) fn reads(schema: &Schema, bodies: &[&[Stmt]], e: &Expr) -> BTreeSet<FieldOf> {
    let mut found = BTreeSet::new();
    let mut locals: VecDeque<u16> = VecDeque::new();
    let mut seen = BTreeSet::new();
    let mut note = |e: &Expr, locals: &mut VecDeque<u16>| {
        visit::each_expr(e, &mut |e| match &e.kind {
            ExprKind::Field(base, name) => {
                let mut entities = Vec::new();
                entities_of(schema, base, &mut entities);
                found.extend(entities.into_iter().map(|entity| (entity, name.clone())));
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

/// The kinds of record that it can be: `client` is one of two.
fn entities_of(schema: &Schema, e: &Expr, entities: &mut Vec<Name>) {
    match (&e.kind, e.ty.present()) {
        (ExprKind::Default(first, second), _) => {
            entities_of(schema, first, entities);
            entities_of(schema, second, entities);
        }
        (_, Type::Entity(id)) => entities.extend(schema.get(*id).map(|entity| entity.name.clone())),
        _ => {}
    }
}

/// Whether it is what the event says of a change, which is another each time.
fn is_of_event(e: &Expr) -> bool {
    let said = |name: &str| matches!(name, "before" | "after");
    matches!(&e.kind, ExprKind::Field(base, name) if matches!(base.kind, ExprKind::Event) && said(name))
}

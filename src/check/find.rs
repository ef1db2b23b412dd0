//! `find`: a question to the CRM for all records of a kind that meet a condition.

use super::context::{Checker, error_expr};
use super::typed::{Expr, ExprKind, Find, LocalId, Op};
use super::visit;
use crate::schema::Type;
use crate::syntax::ast;
use crate::value::Name;

/// By what records can be put into order.
const ORDER: &str = "order by a number, an amount, a date, a moment or a text, such as `order by $d.amount`";

impl Checker<'_> {
    /// `find deal $d where … order by … limit n`: a list of records.
    pub(super) fn find(&mut self, find: &ast::Find) -> Expr {
        let span = find.span;
        let entity = self.some_entity(find.entity);
        let ty = entity.map_or(Type::Error, Type::Entity);
        let (element, cond, order) = self.scoped(Vec::new(), |c| {
            let element = c.declare(find.name, ty.clone());
            let cond = find.cond.as_ref().map(|cond| c.condition(cond));
            let order = find.order.as_ref().map(|(by, down)| (c.key(by, ORDER), *down));
            (element, cond, order)
        });
        let limit = find.limit.as_ref().map(|limit| self.expect(limit, &Type::Int));
        let parts = [cond.as_ref(), order.as_ref().map(|(key, _)| key), limit.as_ref()];
        let broken = parts.into_iter().flatten().any(|part| part.ty == Type::Error);
        let Some(name) = entity.filter(|_| !broken).and_then(|id| self.entity(id)).map(|e| e.name.clone()) else {
            return error_expr(span);
        };
        let link = cond.as_ref().and_then(|cond| link(cond, element));
        let found = Find { entity: name, element, cond, link, order, limit };
        Expr { span, ty: ty.list(), kind: ExprKind::Find(Box::new(found)) }
    }
}

/// A part of the condition that must hold and says to what a field of the record refers: stores find such records without
/// looking at the others.
fn link(cond: &Expr, element: LocalId) -> Option<(Name, Expr)> {
    match &cond.kind {
        ExprKind::And(a, b) => link(a, element).or_else(|| link(b, element)),
        ExprKind::Binary(Op::Eq, a, b) => refers(a, b, element).or_else(|| refers(b, a, element)),
        _ => None,
    }
}

fn refers(field: &Expr, to: &Expr, element: LocalId) -> Option<(Name, Expr)> {
    let ExprKind::Field(base, name) = &field.kind else { return None };
    let own = |e: &Expr| matches!(&e.kind, ExprKind::Local(id) if *id == element);
    let kept = matches!(field.ty.present(), Type::Entity(_) | Type::User | Type::Chat);
    (own(base) && kept && !visit::any_expr(to, &mut |e| own(e))).then(|| (name.clone(), to.clone()))
}

//! `unreleased-booking` and `uncapped-sms`: what costs something outside when nobody thinks of its end.

use super::Sink;
use crate::catalog::ActionOp;
use crate::check::typed::{Act, Expr, ExprKind, Reentry, Rule, Stmt, StmtKind};
use crate::check::{Checked, visit};
use crate::diagnostics::Code;
use crate::schema::{Capped, Schema, Type};
use crate::value::{Name, Value};
use std::collections::BTreeSet;

/// Booking fields that something in the workspace releases: entity and field.
pub(super) type Released = BTreeSet<(Name, Name)>;

/// The booking fields that are released anywhere.
pub(super) fn released(schema: &Schema, checked: &Checked) -> Released {
    let mut found = Released::new();
    let bodies = checked.rules.iter().map(|rule| &rule.body);
    let bodies = bodies.chain(checked.functions.iter().flatten().map(|function| &function.body));
    for body in bodies {
        visit::each_stmt(body, &mut |stmt| {
            if let StmtKind::Act(act, _) = &stmt.kind
                && act.action.op == ActionOp::CancelBooking
            {
                found.extend(booking_field(schema, act));
            }
        });
    }
    found
}

/// Reports bookings whose field is never released.
pub(super) fn bookings(sink: &mut Sink<'_>, stmts: &[Stmt], released: &Released) {
    let mut found = Vec::new();
    visit::each_stmt(stmts, &mut |stmt| {
        if let StmtKind::Act(act, _) = &stmt.kind
            && act.action.op == ActionOp::Book
            && let Some((entity, field)) = booking_field(sink.schema, act)
            && !released.contains(&(entity.clone(), field.clone()))
        {
            found.push((stmt.span, entity, field));
        }
    });
    for (span, entity, field) in found {
        let diagnostic = sink
            .lint(Code::W0110, span, "nothing releases this booking")
            .label(format!("kept in `{entity}.{field}`"))
            .help(format!(
                "write `undo {{ cancel booking in {entity}.{field}; }}` behind it, or cancel it in a rule such as `on {entity} lost`"
            ));
        sink.report(diagnostic);
    }
}

fn booking_field(schema: &Schema, act: &Act) -> Option<(Name, Name)> {
    let Type::Entity(id) = argument(act, "record")?.ty.present() else { return None };
    let ExprKind::Const(Value::Text(field)) = &argument(act, "field")?.kind else { return None };
    Some((schema.get(*id)?.name.clone(), field.clone()))
}

/// Reports SMS to customers that nothing limits.
pub(super) fn sms(sink: &mut Sink<'_>, rule: &Rule) {
    let per_customer = |per: &Expr| match per.ty.present() {
        Type::Entity(id) => sink.schema.get(*id).is_some_and(|e| matches!(&*e.name, "contact" | "company" | "lead")),
        _ => false,
    };
    let once = matches!(&rule.reentry, Reentry::Once { per, .. } if per_customer(per));
    if once || sink.schema.caps.iter().any(|cap| cap.of == Capped::Sms) {
        return;
    }
    let mut found = Vec::new();
    visit::each_stmt(&rule.body, &mut |stmt| {
        if let StmtKind::Act(act, _) = &stmt.kind
            && act.action.op == ActionOp::Sms
            && argument(act, "to").is_some_and(|to| !matches!(to.ty.present(), Type::User))
        {
            found.push(stmt.span);
        }
    });
    for span in found {
        let diagnostic = sink
            .lint(Code::W0111, span, "nothing limits how many SMS a customer gets")
            .label("one each time the rule fires")
            .help("write `once per client in 7d` in the head of the rule, or `caps = [\"at most 1 sms per client per day\"]` in crm.toml");
        sink.report(diagnostic);
    }
}

fn argument<'a>(act: &'a Act, name: &str) -> Option<&'a Expr> {
    act.args.iter().find(|(known, _)| &**known == name).map(|(_, e)| e)
}

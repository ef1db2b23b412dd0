//! `migrate`: how runs of older versions come to the wait that follows.
//!
//! What stands behind `from`, and the variables on the right, belong to scripts that are not there any more: they are
//! compared by their words when a version is deployed. All the rest is checked here.

use super::context::{Checker, Root};
use super::expr::fits;
use super::index::Symbol;
use super::typed::{Carry, ExprKind, Migration, Stmt, StmtKind};
use super::visit;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::{Span, words};
use crate::syntax::ast::{self, ExprKind as AstExpr, Rhs, StmtKind as Ast};
use crate::value::Name;

impl Checker<'_> {
    /// Checks a `migrate`; the wait that follows takes it.
    pub(super) fn migrate(&mut self, span: Span, migrate: &ast::Migrate, next: Option<&ast::Stmt>) {
        let wrong = |c: &Self, message: &str| c.error(Code::E0509, span, message.to_owned());
        let waits = next.is_some_and(|stmt| match &stmt.kind {
            Ast::Wait(_) | Ast::Migrate(_) => true,
            Ast::Let(binding) => matches!(binding.value, Rhs::Wait(_)),
            _ => false,
        });
        let diagnostic: Option<Diagnostic> = if matches!(self.root, Root::Function) || !self.closed.is_empty() {
            let found = wrong(self, "runs cannot be brought to a wait in a function, a branch or an `undo`");
            Some(found.label("not in here").help("runs of older versions can go on at a wait of the rule itself"))
        } else if migrate.from.is_none() && migrate.values.is_empty() {
            let found = wrong(self, "`migrate` says nothing");
            let found = found.label("from where, and with what?");
            Some(found.help("write the old wait after `from`, or the values of new variables after `with`"))
        } else if !waits {
            let found = wrong(self, "`migrate` stands before no wait").label("nothing to go on with");
            Some(found.help("put it right before the wait at which runs of older versions go on"))
        } else {
            None
        };
        if let Some(diagnostic) = diagnostic {
            self.report(diagnostic);
            return;
        }
        let from = migrate.from.as_ref().map(|wait| (words(self.text_of(wait.span)).into(), wait.span));
        let values = migrate.values.iter().filter_map(|value| self.carried(value)).collect();
        self.migrations.push(Migration { span, from, values });
    }

    /// `$room: $chat`, `$tries: 0`
    fn carried(&mut self, carried: &ast::Carried) -> Option<(super::typed::LocalId, Carry)> {
        let name = self.text_of(carried.name);
        let Some(id) = self.find_local(name) else {
            self.variable(carried.name);
            return None;
        };
        if let Some((ty, at)) = self.local(id).map(|local| (local.ty.clone(), local.span)) {
            let file = self.file;
            self.note(carried.name, &ty, || Symbol::Variable(file, at));
        }
        if let AstExpr::Var = carried.value.kind
            && self.schema.binding(self.text_of(carried.value.span)).is_none()
        {
            return Some((id, Carry::Old(self.text_of(carried.value.span).into())));
        }
        let ty = self.local(id).map(|local| local.ty.clone())?;
        let value = self.expr(&carried.value, Some(&ty));
        match &value.kind {
            ExprKind::Error => None,
            ExprKind::Const(constant) if fits(&value.ty, &ty) => Some((id, Carry::Const(constant.clone()))),
            ExprKind::Const(_) => {
                let (found, wanted) = (self.type_name(&value.ty), self.type_name(&ty));
                let diagnostic = self
                    .error(Code::E0301, value.span, format!("`{name}` is {wanted}, not {found}"))
                    .label(format!("this is {found}"))
                    .help("give it a value of its type, or a variable of the old version");
                self.report(diagnostic);
                None
            }
            _ => {
                let diagnostic = self
                    .error(Code::E0509, value.span, "this would have to be worked out")
                    .label("neither a value nor a variable")
                    .help("write a value such as `0`, or the name of a variable of the old version");
                self.report(diagnostic);
                None
            }
        }
    }

    /// A wait that the rule still has keeps its runs.
    pub(super) fn check_migrations(&mut self, body: &[Stmt]) {
        let mut waits: Vec<(String, Span)> = Vec::new();
        let mut said: Vec<(Name, Span)> = Vec::new();
        visit::each_stmt(body, &mut |stmt| {
            if let StmtKind::Wait(wait) = &stmt.kind {
                waits.push((words(wait.span.of(self.text)), wait.span));
                said.extend(wait.migrations.iter().filter_map(|migration| migration.from.clone()));
            }
        });
        for (from, span) in said {
            if let Some((_, there)) = waits.iter().find(|(words, _)| **words == *from) {
                let diagnostic = self
                    .error(Code::E0509, span, "this rule still has this wait")
                    .label("runs that sleep in it stay there")
                    .because(self.file, *there, "here")
                    .help("`migrate from` is for waits that were taken out or written differently");
                self.report(diagnostic);
            }
        }
    }
}

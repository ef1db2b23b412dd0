//! `match` and the cases of waits: every value handled, and none that cannot come.

use super::context::Checker;
use super::typed::{ExprKind, Stmt, StmtKind};
use crate::diagnostics::{Code, one_of};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, StmtKind as Ast};
use crate::value::Value;

/// The cases of a block, and the statements of `case else`.
type Cases<V, E> = (Vec<(Vec<V>, Vec<Stmt>)>, E);

impl Checker<'_> {
    /// `match subject { case … }`
    pub(super) fn match_(&mut self, span: Span, subject: &ast::Expr, body: &ast::Block) -> StmtKind {
        let subject = self.leniently(|c| c.expr(subject, None));
        let ty = subject.ty.present().clone();
        let facts = super::facts::path_key(&subject).into_iter().collect::<Vec<_>>();
        let (cases, otherwise) = self.cases(body, &facts, |c, e| c.expect(e, &ty.clone().optional()));
        let mut seen: Vec<(Value, Span)> = Vec::new();
        for value in cases.iter().flat_map(|(values, _)| values) {
            if let ExprKind::Const(constant) = &value.kind {
                match seen.iter().find(|(v, _)| v == constant) {
                    Some((_, first)) => self.twice(value.span, *first),
                    None => seen.push((constant.clone(), value.span)),
                }
            }
        }
        if otherwise.is_none() && ty != Type::Error && !body.stmts.is_empty() {
            let named = |name: &str| seen.iter().any(|(v, _)| matches!(v, Value::Text(t) if **t == *name));
            let missing: Vec<String> = match &ty {
                Type::Bool => [true, false]
                    .iter()
                    .filter(|b| seen.iter().all(|(v, _)| *v != Value::Bool(**b)))
                    .map(ToString::to_string)
                    .collect(),
                ty if self.has_members(ty) => {
                    let members = self.members(ty).into_iter().map(|(n, ..)| n.to_string());
                    members.filter(|n| !named(n)).collect()
                }
                _ => vec!["every other value".to_owned()],
            };
            self.not_all(span, subject.span, &missing);
        }
        StmtKind::Match { subject, cases, otherwise: otherwise.unwrap_or_default() }
    }

    /// The cases of a wait that can end like `possible`.
    pub(super) fn outcomes(
        &mut self,
        wait: &ast::Wait,
        body: &ast::Block,
        possible: &[&'static str],
    ) -> Cases<&'static str, Vec<Stmt>> {
        let mut places: Vec<(&'static str, Span)> = Vec::new();
        let (cases, otherwise) = self.cases(body, &[], |c, e| {
            let typed = c.expect(e, &Type::Outcome);
            let ExprKind::Const(Value::Text(name)) = &typed.kind else { return "" };
            let Some(&outcome) = possible.iter().find(|p| ***p == **name) else {
                c.cannot_happen(e.span, name, possible);
                return "";
            };
            match places.iter().find(|(n, _)| *n == outcome) {
                Some((_, first)) => c.twice(e.span, *first),
                None => places.push((outcome, e.span)),
            }
            outcome
        });
        let handled = |name: &str| cases.iter().flat_map(|(names, _)| names).any(|n| *n == name);
        if otherwise.is_none() {
            let missing: Vec<String> = possible.iter().filter(|name| !handled(name)).map(|n| (*n).to_owned()).collect();
            let broken = cases.iter().flat_map(|(names, _)| names).any(|n| n.is_empty());
            if !broken {
                self.not_all(wait.span, wait.span, &missing);
            }
        }
        (cases, otherwise.unwrap_or_default())
    }

    fn cases<V>(
        &mut self,
        body: &ast::Block,
        facts: &[String],
        mut value: impl FnMut(&mut Self, &ast::Expr) -> V,
    ) -> Cases<V, Option<Vec<Stmt>>> {
        let mut cases = Vec::new();
        let mut otherwise: Option<(Vec<Stmt>, Span)> = None;
        for stmt in &body.stmts {
            match &stmt.kind {
                Ast::Case(case) => {
                    if let Some((_, place)) = &otherwise {
                        let diagnostic = self
                            .error(Code::E0503, stmt.span, "nothing is left for this case")
                            .label("never chosen")
                            .because(self.file, *place, "`case else` takes everything")
                            .help("put `case else` last");
                        self.report(diagnostic);
                    }
                    if case.otherwise {
                        otherwise = Some((self.block(&case.body, Vec::new()), stmt.span));
                    } else {
                        let values = case.values.iter().map(|e| value(self, e)).collect();
                        cases.push((values, self.block(&case.body, facts.to_vec())));
                    }
                }
                Ast::Error => {}
                _ => {
                    let diagnostic = self
                        .error(Code::E0115, stmt.span, "only `case` can stand here")
                        .label("not a case")
                        .help("put it into the block of a `case … { }`, or before this block");
                    self.report(diagnostic);
                }
            }
        }
        (cases, otherwise.map(|(body, _)| body))
    }

    fn not_all(&mut self, span: Span, place: Span, missing: &[String]) {
        if missing.is_empty() {
            return;
        }
        let names = one_of(missing.iter().map(String::as_str), 8);
        let head = Span::new(span.start, place.end.max(span.start));
        let diagnostic = self
            .error(Code::E0502, head, format!("not handled: {}", names.replace(" or ", " and ")))
            .label("what happens then is not said")
            .help(format!("add `case {} {{ … }}` or `case else {{ … }}`", missing.join(", ")));
        self.report(diagnostic);
    }

    fn cannot_happen(&mut self, span: Span, name: &str, possible: &[&str]) {
        let why = match name {
            "timeout" => "it has no limit; add one with `or 3d`",
            "final" => "no final stage can keep its condition from coming true",
            "activity" => "only `wait for activity` ends like this",
            "approved" | "rejected" => "only `wait for approval` ends like this",
            _ => "it ends in other ways",
        };
        let diagnostic = self
            .error(Code::E0503, span, format!("this wait never ends with `{name}`"))
            .label(why)
            .help(format!("it ends with {}", one_of(possible.iter().copied(), 6)));
        self.report(diagnostic);
    }

    fn twice(&mut self, span: Span, first: Span) {
        let diagnostic = self
            .error(Code::E0503, span, "this case is there twice")
            .label("never chosen")
            .because(self.file, first, "the first one is taken")
            .help("remove one of them");
        self.report(diagnostic);
    }
}

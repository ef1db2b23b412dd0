//! `match` and the cases of waits: every value handled, and none that cannot come.

use super::context::Checker;
use super::typed::{Expr, ExprKind, Stmt, StmtKind};
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
        // A case for `null` is the one that says nothing about the subject being there.
        let key = super::facts::path_key(&subject);
        let facts = |values: &[Expr]| {
            let null = values.iter().any(|v| matches!(v.kind, ExprKind::Const(Value::Missing)));
            key.iter().filter(|_| !null).cloned().collect()
        };
        // Behind one for `null` the subject is there.
        let rest = |cases: &[(Vec<Expr>, Vec<Stmt>)]| {
            let null = |value: &Expr| matches!(value.kind, ExprKind::Const(Value::Missing));
            key.iter().filter(|_| cases.iter().any(|(values, _)| values.iter().any(null))).cloned().collect()
        };
        let (cases, otherwise) = self.cases(body, facts, rest, |c, e| c.expect(e, &ty.clone().optional()));
        let mut seen: Vec<(Value, Span)> = Vec::new();
        for value in cases.iter().flat_map(|(values, _)| values) {
            if let ExprKind::Const(constant) = &value.kind {
                match seen.iter().find(|(v, _)| v == constant) {
                    Some((_, first)) => self.twice(value.span, *first),
                    None => seen.push((constant.clone(), value.span)),
                }
            }
        }
        let possible = self.possible(&subject);
        for (value, place) in &seen {
            if let (Value::Text(name), Some(possible)) = (value, &possible)
                && !possible.contains(&&**name)
            {
                self.cannot_happen(*place, name, possible);
            }
        }
        let broken = cases.iter().flat_map(|(values, _)| values).any(|v| v.ty == Type::Error);
        if otherwise.is_none() && ty != Type::Error && !broken {
            self.all_handled(span, &subject, possible.as_deref(), &seen, body);
        }
        StmtKind::Match { subject, cases, otherwise: otherwise.unwrap_or_default() }
    }

    /// The outcomes that a variable can hold which keeps the one of a wait.
    fn possible(&self, subject: &Expr) -> Option<Vec<&'static str>> {
        let ExprKind::Local(id) = subject.kind else { return None };
        self.kept.iter().find(|(kept, _)| *kept == id).map(|(_, possible)| possible.clone())
    }

    /// Reports the values of the subject that no case handles.
    fn all_handled(
        &mut self,
        span: Span,
        subject: &Expr,
        possible: Option<&[&str]>,
        seen: &[(Value, Span)],
        body: &ast::Block,
    ) {
        let handled = |value: &Value| seen.iter().any(|(v, _)| v == value);
        let ty = subject.ty.present();
        let mut missing: Vec<String> = match (ty, possible) {
            (_, Some(possible)) => {
                possible.iter().filter(|n| !handled(&Value::text(n))).map(|n| (*n).to_owned()).collect()
            }
            (Type::Bool, None) => {
                [true, false].iter().filter(|b| !handled(&Value::Bool(**b))).map(ToString::to_string).collect()
            }
            (ty, None) if self.has_members(ty) => {
                let members = self.members(ty).into_iter().map(|(n, ..)| n);
                members.filter(|n| !handled(&Value::text(n))).map(|n| written(&n)).collect()
            }
            (_, None) => {
                let diagnostic = self
                    .error(Code::E0502, subject.span, "not every value is handled")
                    .label(format!("this can be any {}", self.type_name(ty)))
                    .help("add `case else { … }`");
                self.report(diagnostic);
                return;
            }
        };
        if subject.ty.is_optional() && !handled(&Value::Missing) {
            missing.push("null".to_owned());
        }
        self.not_all(Span::new(span.start, subject.span.end), &missing, body);
    }

    /// The cases of a wait that can end like `possible`; `reached` is known where it ended so.
    pub(super) fn outcomes(
        &mut self,
        wait: &ast::Wait,
        body: &ast::Block,
        possible: &[&'static str],
        reached: &[String],
    ) -> Cases<&'static str, Vec<Stmt>> {
        let mut places: Vec<(&'static str, Span)> = Vec::new();
        let known = |names: &[&'static str]| if names == ["reached"] { reached.to_vec() } else { Vec::new() };
        let (cases, otherwise) = self.cases(
            body,
            known,
            |_| Vec::new(),
            |c, e| {
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
            },
        );
        let handled = |name: &str| cases.iter().flat_map(|(names, _)| names).any(|n| *n == name);
        if otherwise.is_none() {
            let missing: Vec<String> = possible.iter().filter(|name| !handled(name)).map(|n| (*n).to_owned()).collect();
            let broken = cases.iter().flat_map(|(names, _)| names).any(|n| n.is_empty());
            if !broken {
                self.not_all(wait.span, &missing, body);
            }
        }
        (cases, otherwise.unwrap_or_default())
    }

    fn cases<V>(
        &mut self,
        body: &ast::Block,
        facts: impl Fn(&[V]) -> Vec<String>,
        rest: impl Fn(&[(Vec<V>, Vec<Stmt>)]) -> Vec<String>,
        mut value: impl FnMut(&mut Self, &ast::Expr) -> V,
    ) -> Cases<V, Option<Vec<Stmt>>> {
        let mut cases = Vec::new();
        let mut ways = self.ways();
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
                        let known = rest(&cases);
                        let body = self.way(&mut ways, known, |c| c.block(&case.body, Vec::new()));
                        otherwise = Some((body, stmt.span));
                    } else {
                        let values: Vec<V> = case.values.iter().map(|e| value(self, e)).collect();
                        let known = facts(&values);
                        let body = self.way(&mut ways, known, |c| c.block(&case.body, Vec::new()));
                        cases.push((values, body));
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
        self.join(ways);
        (cases, otherwise.map(|(body, _)| body))
    }

    /// What puts a case for each of these before the end of the block.
    fn cases_for(&self, missing: &[String], body: &ast::Block) -> (Span, String) {
        let written = self.text_of(body.span);
        let (open, close) = if written.starts_with('<') { ("<", ">") } else { ("{", "}") };
        let case = |name: &String| format!("case {name} {open} {close}");
        let cases: Vec<String> = missing.iter().map(case).collect();
        let end = Span::at(body.span.end.saturating_sub(1));
        let before = Span::new(body.span.start, end.start).of(self.text);
        match before.rsplit_once('\n') {
            // On lines of their own, one step further in than the closing mark.
            Some((_, indent)) if indent.trim().is_empty() => {
                let lines: Vec<String> = cases.iter().map(|case| format!("  {case}\n{indent}")).collect();
                (end, lines.concat())
            }
            Some(_) | None => (end, format!("{} ", cases.join(" "))),
        }
    }

    fn not_all(&mut self, span: Span, missing: &[String], body: &ast::Block) {
        if missing.is_empty() {
            return;
        }
        let names = one_of(missing.iter().map(String::as_str), 8);
        let label = if missing.iter().any(|name| name == "null") {
            "what happens then is not said (`null`: there is no value)"
        } else {
            "what happens then is not said"
        };
        let diagnostic = self
            .error(Code::E0502, span, format!("no case for {names}"))
            .label(label)
            .help(format!("add `case {} {{ … }}` or `case else {{ … }}`", missing.join(", ")));
        let (end, cases) = self.cases_for(missing, body);
        self.report(diagnostic.fix("add the missing cases", end, cases));
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

/// The name of a member as a script writes it: bare if it is one word with a capital letter, as others may be reserved.
fn written(name: &str) -> String {
    let bare = name.chars().all(char::is_alphanumeric) && name.starts_with(char::is_uppercase);
    if bare { name.to_owned() } else { format!("\"{name}\"") }
}

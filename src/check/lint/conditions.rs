//! `constant-condition`, `pointless-wait`, `impossible-wait`, `endless-wait`, `clock-wait`: conditions whose worth is known,
//! and waits that may never end.

use super::flow::{Observer, Of, Place, is_no_time, takes_no_time};
use super::known::{Known, Reasoner, Verdict};
use super::{Sink, stages};
use crate::catalog::Func;
use crate::check::typed::{Act, Expr, ExprKind, Op, Stmt, StmtKind, Wait, WaitKind};
use crate::check::visit;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::value::Value;

/// Looks at conditions and waits of one rule.
pub(super) struct Conditions<'s, 'a> {
    pub(super) sink: &'s mut Sink<'a>,
    /// Whether the rule has a `while` clause, which ends its runs.
    pub(super) lifetime: bool,
}

impl Conditions<'_, '_> {
    fn because(&self, diagnostic: Diagnostic, verdict: Verdict, at: Span, text: &str) -> Diagnostic {
        match verdict.why.filter(|why| *why != at) {
            Some(why) => diagnostic.because(self.sink.file, why, text),
            None => diagnostic,
        }
    }

    fn constant(&mut self, of: Of, cond: &Expr, verdict: Verdict) {
        let text = self.sink.text_of(cond.span);
        let (word, label) = if verdict.holds { ("true", "always true") } else { ("false", "always false") };
        let help = match (of, verdict.holds) {
            (Of::Rule, true) => "leave the condition out, or compare with something else",
            (Of::Rule | Of::Lifetime, false) => "the rule never does anything: change the condition or the trigger",
            (Of::Lifetime, true) => "leave the `while` clause out: it never ends a run",
            (Of::If, true) => "leave the `if` out and keep what is in its block",
            (Of::If | Of::Loop, false) => "the block is never done: change the condition or leave it out",
            (Of::Loop, true) => "write `while true` for a loop that only `break` or `stop` ends",
        };
        let diagnostic = self
            .sink
            .lint(Code::W0105, cond.span, format!("`{}` is {word} each time it is read here", short(text)))
            .label(label)
            .help(help);
        let diagnostic = self.because(diagnostic, verdict, cond.span, "because of this");
        self.sink.report(diagnostic);
    }

    fn pointless(&mut self, stmt: &Stmt, cond: &Expr, verdict: Verdict) {
        let diagnostic = self
            .sink
            .lint(Code::W0103, cond.span, "this wait is over as soon as it begins")
            .label("already true here")
            .help("leave the wait out, or wait for something that is still to come");
        let diagnostic = self.because(diagnostic, verdict, stmt.span, "because of this");
        self.sink.report(diagnostic);
    }

    fn impossible(&mut self, wait: &Wait, cond: &Expr, verdict: Verdict) {
        let help = match &wait.limit {
            Some(limit) => format!(
                "only the limit can end it: write `wait {}` if that is meant, else change the condition",
                self.sink.text_of(limit.span)
            ),
            None => "it never ends by itself: change the condition".to_owned(),
        };
        let diagnostic =
            self.sink.lint(Code::W0104, cond.span, "what this waits for can never be").label("never true").help(help);
        let diagnostic = self.because(diagnostic, verdict, cond.span, "because of this");
        self.sink.report(diagnostic);
    }

    fn clock(&mut self, part: &Expr) {
        let diagnostic = self
            .sink
            .lint(Code::W0113, part.span, "time alone does not end this wait")
            .label("looked at when a record changes, not when time passes")
            .help(
                "wait until the moment itself, as in `wait until deal.close_date default today`, or look again and again, \
                 as in `while not is_working_time(now) { wait 1h; }`",
            );
        self.sink.report(diagnostic);
    }

    fn endless(&mut self, stmt: &Stmt, wait: &Wait, body: &[Stmt]) {
        if wait.limit.is_some() || self.lifetime || given_up(body, stmt) {
            return;
        }
        let what = match &wait.kind {
            WaitKind::Time(_) => return,
            WaitKind::Until { cond, .. } => cond.span,
            WaitKind::Event { .. } | WaitKind::Ask(_) => head_of(stmt, wait),
        };
        let diagnostic = self
            .sink
            .lint(Code::W0102, what, "nothing says how long this waits")
            .label("may never come")
            .help("add a limit, such as `or 30d`, or end the rule's runs with a `while` clause");
        self.sink.report(diagnostic);
    }
}

/// The part of a condition that time alone makes true: nobody looks at it then.
fn comes_with_time(cond: &Expr, truth: bool) -> Option<&Expr> {
    match &cond.kind {
        ExprKind::Not(inner) => comes_with_time(inner, !truth),
        ExprKind::And(a, b) | ExprKind::Or(a, b) => comes_with_time(a, truth).or_else(|| comes_with_time(b, truth)),
        ExprKind::Binary(op, a, b) => {
            let (left, right) = (reads_clock(a), reads_clock(b));
            let comes = match (op, truth) {
                (Op::Gt | Op::Ge, true) | (Op::Lt | Op::Le, false) => left && !right,
                (Op::Lt | Op::Le, true) | (Op::Gt | Op::Ge, false) => right && !left,
                (Op::Eq, true) | (Op::Ne, false) => left != right,
                _ => false,
            };
            comes.then_some(cond)
        }
        ExprKind::Call(Func::IsWorkingDay | Func::IsWorkingTime, _) if reads_clock(cond) => Some(cond),
        _ => None,
    }
}

/// Whether a `wait` stands in a branch of a `race` that another branch is sure to win in the end.
fn given_up(body: &[Stmt], wait: &Stmt) -> bool {
    let mut found = false;
    visit::each_stmt(body, &mut |stmt| {
        if let StmtKind::Branches { race: true, branches } = &stmt.kind {
            let own = branches.iter().position(|branch| holds(&branch.body, wait));
            found |= own.is_some_and(|own| {
                branches.iter().zip(0..).any(|(branch, at)| at != own && ends_in_time(&branch.body))
            });
        }
    });
    found
}

fn holds(body: &[Stmt], wanted: &Stmt) -> bool {
    let mut found = false;
    visit::each_stmt(body, &mut |stmt| found |= std::ptr::eq(stmt, wanted));
    found
}

/// Whether statements come to their end whatever happens: every wait has a limit, and nothing repeats without end.
fn ends_in_time(body: &[Stmt]) -> bool {
    let mut ends = true;
    visit::each_stmt(body, &mut |stmt| match &stmt.kind {
        StmtKind::Wait(wait) => ends &= wait.limit.is_some() || matches!(wait.kind, WaitKind::Time(_)),
        StmtKind::While(..) | StmtKind::Do { .. } | StmtKind::Try(_) => ends = false,
        StmtKind::Assign(..)
        | StmtKind::Act(..)
        | StmtKind::Start(_)
        | StmtKind::If(..)
        | StmtKind::Match { .. }
        | StmtKind::For(..)
        | StmtKind::Branches { .. }
        | StmtKind::Undo { .. }
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Return(_)
        | StmtKind::Stop
        | StmtKind::Assert(..) => {}
    });
    ends
}

/// The wait without its cases.
fn head_of(stmt: &Stmt, wait: &Wait) -> Span {
    let inside = wait.cases.iter().flat_map(|(_, body)| body).chain(&wait.otherwise).map(|s| s.span.start).min();
    if wait.cases.is_empty() {
        stmt.span
    } else {
        Span::new(stmt.span.start, inside.unwrap_or(stmt.span.end).min(stmt.span.start + 8))
    }
}

fn reads_clock(cond: &Expr) -> bool {
    visit::any_expr(cond, &mut |e| matches!(e.kind, ExprKind::Now | ExprKind::Today))
}

/// A text that fits into a message.
fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= 60 { text } else { text.chars().take(57).collect::<String>() + "..." }
}

impl<'r> Observer<'r> for Conditions<'_, '_> {
    fn condition(&mut self, of: Of, cond: &'r Expr, at: &Place<'r>) {
        if of == Of::Loop && matches!(cond.kind, ExprKind::Const(Value::Bool(true))) {
            return;
        }
        let reason = Reasoner { schema: self.sink.schema };
        let alone = reason.worth(&Known::default(), cond);
        // A lifetime or a loop is to become false later; that it is true now says nothing.
        let now = reason.worth(&at.known, cond).filter(|v| !v.holds || matches!(of, Of::If | Of::Rule));
        if let Some(verdict) = alone.or(now) {
            self.constant(of, cond, verdict);
        }
    }

    fn wait(&mut self, stmt: &'r Stmt, wait: &'r Wait, at: &Place<'r>, lasting: &Known) {
        let reason = Reasoner { schema: self.sink.schema };
        if let Some(limit) = wait.limit.as_ref().filter(|limit| is_no_time(limit)) {
            return self.pointless(stmt, limit, Verdict { holds: true, why: None });
        }
        match &wait.kind {
            WaitKind::Until { cond, .. } => {
                let now = reason.worth(&at.known, cond).filter(|v| v.holds);
                let ever = reason.worth(lasting, cond).filter(|v| !v.holds);
                match (now, ever) {
                    (Some(verdict), _) => self.pointless(stmt, cond, verdict),
                    (None, Some(verdict)) => self.impossible(wait, cond, verdict),
                    (None, None) => match comes_with_time(cond, true) {
                        Some(part) => self.clock(part),
                        None => self.endless(stmt, wait, at.body),
                    },
                }
            }
            WaitKind::Time(e) if takes_no_time(wait) => {
                self.pointless(stmt, e, Verdict { holds: true, why: None });
            }
            WaitKind::Time(_) | WaitKind::Event { .. } | WaitKind::Ask(_) => self.endless(stmt, wait, at.body),
        }
    }

    fn act(&mut self, _: &'r Stmt, act: &'r Act, at: &Place<'r>) {
        stages::look(self.sink, act, at);
    }
}

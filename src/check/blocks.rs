//! Blocks that are executed apart from what stands around them: branches, `try`, `undo`.

use super::context::{Checker, Closed, is_fixed};
use super::effects::Found;
use super::typed::{Branch, LocalId, StmtKind, Try};
use crate::diagnostics::Code;
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, Rhs, StmtKind as Ast};

impl Checker<'_> {
    /// `parallel { branch { } branch { } }`, `race { … }`
    pub(super) fn branches(&mut self, race: bool, body: &ast::Block) -> StmtKind {
        let mut branches: Vec<Branch> = Vec::new();
        let found = Found::of(body);
        let (place, waits) = (Span::new(body.span.start, body.span.start.saturating_add(1)), self.waits(&found));
        let known = self.facts.clone();
        self.fields_change(&found);
        let before = self.facts.clone();
        if waits {
            let lost = known.into_iter().filter(|fact| !before.contains(fact));
            self.forgotten.extend(lost.map(|fact| (fact, place)));
        }
        let mut after = before.clone();
        for stmt in &body.stmts {
            // Anything but a branch was reported by the parser.
            let Ast::Branch(block) = &stmt.kind else { continue };
            // All begin at the same moment. What others change is not known, and what they wait for only matters to one
            // that sleeps itself.
            self.facts.clone_from(&before);
            let (stmts, closed) = self.closed("branch", block);
            after.retain(|fact| self.facts.contains(fact));
            let gives = closed.changed;
            let twice = gives.iter().find(|id| branches.iter().any(|other| other.gives.contains(id)));
            if let Some(name) = twice.filter(|_| !race).and_then(|id| self.local(*id)).map(|l| l.name.clone()) {
                let head = Span::new(stmt.span.start, block.span.start);
                let diagnostic = self
                    .error(Code::E0306, head, format!("a second branch sets `{name}`"))
                    .label("which of the values counts would depend on who is last")
                    .help("give each branch a variable of its own");
                self.report(diagnostic);
            }
            branches.push(Branch { body: stmts, gives });
        }
        self.facts = after;
        if waits {
            self.time_passes(place);
        }
        StmtKind::Branches { race, branches }
    }

    /// `try { } retry 5 times pausing 10min else $error { }`
    pub(super) fn try_(&mut self, span: Span, tried: &ast::Try) -> Try {
        if tried.times.is_none() && tried.otherwise.is_none() {
            let head = Span::new(span.start, tried.body.span.start);
            let diagnostic = self
                .error(Code::E0508, head, "nothing is said about what happens when this fails")
                .label("a mistake would end the run all the same")
                .help("add `retry 3 times pausing 10min`, or `else $error { … }`, or both");
            self.report(diagnostic);
        }
        // Tried again after a pause, or after what it did before it failed.
        self.before_again(&tried.body);
        if tried.pausing.is_some() {
            self.time_passes(Span::new(span.start, tried.body.span.start));
        }
        let body = self.block(&tried.body, Vec::new());
        let times = tried.times.as_ref().map(|e| self.expect(e, &Type::Int));
        let pausing = tried.pausing.as_ref().map(|e| self.expect(e, &Type::Duration));
        let mut error = None;
        let otherwise = tried.otherwise.as_ref().map(|(name, body)| {
            self.scoped(Vec::new(), |c| {
                error = name.map(|name| c.declare(name, Type::Text));
                c.statements(&body.stmts)
            })
        });
        Try { body, times, pausing, error, otherwise }
    }

    /// `undo { }` after a statement that `fits` or not.
    pub(super) fn undo(&mut self, span: Span, body: &ast::Block, fits: bool) -> Option<StmtKind> {
        if !fits {
            let head = Span::new(span.start, body.span.start);
            let diagnostic = self
                .error(Code::E0115, head, "there is nothing here that could be undone")
                .label("no action stands right before it")
                .help("put `undo { … }` right behind the `;` of the action that it takes back");
            self.report(diagnostic);
            return None;
        }
        let (body, closed) = self.closed("undo", body);
        Some(StmtKind::Undo { body, captured: closed.used })
    }

    /// A block that sees copies of the variables around it, and may be executed much later.
    pub(super) fn closed(&mut self, word: &'static str, body: &ast::Block) -> (Vec<super::typed::Stmt>, Closed) {
        let first = u16::try_from(self.locals.len()).unwrap_or(u16::MAX);
        self.closed.push(Closed { word, first, used: Vec::new(), changed: Vec::new() });
        // Fields may have changed until then; variables are what they were.
        let facts = self.facts.clone();
        if word == "undo" {
            self.facts.retain(|fact| is_fixed(fact));
        }
        let body = self.block(body, Vec::new());
        if word == "undo" {
            self.facts = facts;
        }
        let closed = self.closed.pop();
        (body, closed.unwrap_or_else(|| Closed { word, first, used: Vec::new(), changed: Vec::new() }))
    }

    /// `set $x = …`: in such a block only variables of its own can be changed, or in a branch those that it hands back.
    pub(super) fn note_change(&mut self, span: Span, id: LocalId) {
        self.note_use(id);
        let mut in_undo = false;
        for closed in self.closed.iter_mut().filter(|closed| id.0 < closed.first) {
            in_undo |= closed.word == "undo";
            if !closed.changed.contains(&id) {
                closed.changed.push(id);
            }
        }
        if in_undo {
            let name = self.text_of(span);
            let diagnostic = self
                .error(Code::E0306, span, format!("`{name}` cannot be changed in an `undo`"))
                .label("this is a copy, made when the `undo` was read")
                .help("take a variable of its own: `let $mine = …;`");
            self.report(diagnostic);
        }
    }

    /// Reports a statement that would leave such a block, or wait in an `undo`.
    pub(super) fn stays_inside(&mut self, stmt: &ast::Stmt) {
        let Some(word) = self.closed.last().map(|closed| closed.word) else { return };
        let in_undo = self.closed.iter().any(|closed| closed.word == "undo");
        let waits = match &stmt.kind {
            Ast::Wait(_) | Ast::Parallel(_) | Ast::Race(_) => true,
            Ast::Let(binding) => match &binding.value {
                Rhs::Wait(_) => true,
                Rhs::Expr(e) => self.may_wait(e),
                Rhs::Action(_) | Rhs::Find(_) | Rhs::Start(_) => false,
            },
            Ast::Do(e) => self.may_wait(e),
            Ast::Try(tried) => tried.pausing.is_some(),
            _ => false,
        };
        let (why, help) = match &stmt.kind {
            Ast::Return(_) => (
                format!("`return` cannot leave the `{word}`"),
                "leave it out, or put what follows into an `else { … }`",
            ),
            Ast::Stop if in_undo => (
                "an `undo` cannot end the run".to_owned(),
                "it is executed when the run has ended already: leave it out",
            ),
            Ast::Undo(_) if in_undo => ("an `undo` cannot be undone itself".to_owned(), "leave it out"),
            _ if in_undo && waits => {
                ("an `undo` cannot wait".to_owned(), "it is executed in one go when the run fails or is cancelled")
            }
            _ => return,
        };
        let head = Span::new(stmt.span.start, stmt.span.end.min(stmt.span.start.saturating_add(40)));
        let text = self.text_of(head);
        let end = text.find([' ', ';']).unwrap_or(text.len());
        let place = Span::new(head.start, head.start.saturating_add(u32::try_from(end).unwrap_or(0)));
        let diagnostic = self.error(Code::E0507, place, why).label("not possible here").help(help);
        self.report(diagnostic);
    }

    fn may_wait(&self, e: &ast::Expr) -> bool {
        let ast::ExprKind::Call(call) = &e.kind else { return false };
        self.call_waits(call.name)
    }
}

//! Going through the tree of a script: every part with its place, from the outside in.

use crate::source::Span;
use crate::syntax::ast::{
    Action, Arg, Block, Call, ClauseKind, Else, Expect, Expr, ExprKind, File, Find, Function, If, Item, ItemKind,
    Migrate, Named, PrepArg, Rhs, Rule, Stmt, StmtKind, Text, TextPart, Trigger, TriggerPart, Wait, WaitKind,
};

/// A part of a script.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'t> {
    /// An item.
    Item(&'t Item),
    /// A block with its marks.
    Block(&'t Block),
    /// A statement.
    Stmt(&'t Stmt),
    /// A wait, as a statement or as a value.
    Wait(&'t Wait),
    /// An action, as a statement or as a value.
    Action(&'t Action),
    /// An expression.
    Expr(&'t Expr),
    /// A text.
    Text(&'t Text),
    /// Something else that belongs together.
    Other(Span),
}

impl Part<'_> {
    /// Where it stands.
    pub(super) fn span(self) -> Span {
        match self {
            Self::Item(item) => item.span,
            Self::Block(block) => block.span,
            Self::Stmt(stmt) => stmt.span,
            Self::Wait(wait) => wait.cases.as_ref().map_or(wait.span, |cases| wait.span.to(cases.span)),
            Self::Action(action) => action.span,
            Self::Expr(expr) => expr.span,
            Self::Text(text) => text.span,
            Self::Other(span) => span,
        }
    }
}

/// Shows every part of a script.
pub(super) fn each<'t>(file: &'t File, look: &mut dyn FnMut(Part<'t>)) {
    Walk { look }.file(file);
}

/// The parts that hold an offset, from the outside in.
pub(super) fn around(file: &File, at: u32) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    each(file, &mut |part| {
        let span = part.span();
        if span.start <= at && at <= span.end {
            found.push(part);
        }
    });
    found
}

struct Walk<'t, 'l> {
    look: &'l mut dyn FnMut(Part<'t>),
}

impl<'t> Walk<'t, '_> {
    fn see(&mut self, part: Part<'t>) {
        (self.look)(part);
    }

    fn file(&mut self, file: &'t File) {
        for item in &file.items {
            self.see(Part::Item(item));
            match &item.kind {
                ItemKind::Rule(rule) | ItemKind::Every(rule) => self.rule(rule),
                ItemKind::Flow(function) | ItemKind::Fn(function) => self.function(function),
                ItemKind::Const(binding) => self.rhs(&binding.value),
                ItemKind::Use(text) => self.text(text),
                ItemKind::Test { name, body } => {
                    self.text(name);
                    self.block(body);
                }
                ItemKind::Error => {}
            }
        }
    }

    fn rule(&mut self, rule: &'t Rule) {
        if let Some(name) = &rule.name {
            self.text(name);
        }
        self.trigger(&rule.trigger);
        for clause in &rule.clauses {
            self.see(Part::Other(clause.span));
            match &clause.kind {
                ClauseKind::If(cond) | ClauseKind::While(cond) => self.expr(cond),
                ClauseKind::Once { per, within } => {
                    self.expr(per);
                    self.exprs(within.as_deref());
                }
                ClauseKind::From(names) => self.exprs(names),
                ClauseKind::EachTime | ClauseKind::OneAtATime | ClauseKind::Restart => {}
            }
        }
        self.block(&rule.body);
    }

    fn function(&mut self, function: &'t Function) {
        for param in &function.params {
            self.see(Part::Other(param.name.to(param.ty.span)));
        }
        self.block(&function.body);
    }

    fn trigger(&mut self, trigger: &'t Trigger) {
        self.see(Part::Other(trigger.span));
        for part in &trigger.parts {
            match part {
                TriggerPart::Atom(e) => self.expr(e),
                TriggerPart::Prep(arg) => self.prep(arg),
                TriggerPart::Comma | TriggerPart::Or | TriggerPart::And => {}
            }
        }
    }

    fn block(&mut self, block: &'t Block) {
        self.see(Part::Block(block));
        for stmt in &block.stmts {
            self.see(Part::Stmt(stmt));
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &'t Stmt) {
        match &stmt.kind {
            StmtKind::Let(binding) => self.rhs(&binding.value),
            StmtKind::Set(assigns) => {
                for assign in assigns {
                    self.see(Part::Other(assign.target.span.to(assign.value.span)));
                    self.expr(&assign.target);
                    self.expr(&assign.value);
                }
            }
            StmtKind::If(branch) => self.branch(branch),
            StmtKind::Match { subject, body } => {
                self.expr(subject);
                self.block(body);
            }
            StmtKind::Case(case) => {
                self.exprs(&case.values);
                self.block(&case.body);
            }
            StmtKind::For { name: _, list, body } => {
                self.expr(list);
                self.block(body);
            }
            StmtKind::While { cond, body } => {
                self.expr(cond);
                self.block(body);
            }
            StmtKind::Parallel(body) | StmtKind::Race(body) | StmtKind::Branch(body) | StmtKind::Undo(body) => {
                self.block(body);
            }
            StmtKind::Try(tried) => {
                self.block(&tried.body);
                self.exprs(&tried.times);
                self.exprs(&tried.pausing);
                if let Some((_, otherwise)) = &tried.otherwise {
                    self.block(otherwise);
                }
            }
            StmtKind::Do(e) | StmtKind::Start(e) | StmtKind::Assert(e) | StmtKind::Advance(e) => self.expr(e),
            StmtKind::Return(value) => self.exprs(value),
            StmtKind::Wait(wait) => self.wait(wait),
            StmtKind::Action(action) | StmtKind::Given { name: _, what: action } => self.action(action),
            StmtKind::Migrate(migrate) => self.migrate(migrate),
            StmtKind::GivenAt(e) => self.expr(e),
            StmtKind::When { what, with } => {
                self.trigger(what);
                self.named(with);
            }
            StmtKind::ForAny { entity: _, with, body } => {
                self.named(with);
                self.block(body);
            }
            StmtKind::Expect(expected) => self.expected(expected),
            StmtKind::Break | StmtKind::Continue | StmtKind::Stop | StmtKind::Error => {}
        }
    }

    fn expected(&mut self, expected: &'t Expect) {
        match expected {
            Expect::Action { how: _, action, contains } => {
                self.action(action);
                self.exprs(contains);
            }
            Expect::State { what, until } => {
                self.expr(what);
                self.exprs(until);
            }
        }
    }

    fn branch(&mut self, branch: &'t If) {
        self.expr(&branch.cond);
        self.block(&branch.then);
        match &branch.otherwise {
            Some(Else::Block(block)) => self.block(block),
            Some(Else::If(next)) => self.branch(next),
            None => {}
        }
    }

    fn rhs(&mut self, value: &'t Rhs) {
        match value {
            Rhs::Expr(e) | Rhs::Start(e) => self.expr(e),
            Rhs::Action(action) => self.action(action),
            Rhs::Find(find) => self.find(find),
            Rhs::Wait(wait) => self.wait(wait),
        }
    }

    fn find(&mut self, find: &'t Find) {
        self.see(Part::Other(find.span));
        self.exprs(&find.cond);
        if let Some((order, _)) = &find.order {
            self.expr(order);
        }
        self.exprs(&find.limit);
    }

    fn migrate(&mut self, migrate: &'t Migrate) {
        if let Some(from) = &migrate.from {
            self.wait(from);
        }
        for one in &migrate.values {
            self.see(Part::Other(one.name.to(one.value.span)));
            self.expr(&one.value);
        }
    }

    fn wait(&mut self, wait: &'t Wait) {
        self.see(Part::Wait(wait));
        match &wait.kind {
            WaitKind::Period(e) => self.expr(e),
            WaitKind::Until { cond, limit } => {
                self.expr(cond);
                self.exprs(limit);
            }
            WaitKind::For { what, limit, comment } => {
                self.trigger(what);
                self.exprs(limit);
                if let Some(text) = comment {
                    self.text(text);
                }
            }
        }
        if let Some(cases) = &wait.cases {
            self.block(cases);
        }
    }

    fn action(&mut self, action: &'t Action) {
        self.see(Part::Action(action));
        self.exprs(&action.head);
        for prep in &action.preps {
            self.prep(prep);
        }
        self.named(&action.with);
    }

    fn prep(&mut self, arg: &'t PrepArg) {
        let last = arg.values.iter().chain(&arg.atoms).last();
        self.see(Part::Other(last.map_or(arg.prep, |last| arg.prep.to(last.span))));
        self.exprs(&arg.values);
        self.exprs(&arg.atoms);
    }

    fn named(&mut self, named: &'t [Named]) {
        for one in named {
            self.see(Part::Other(one.name.to(one.value.span)));
            self.expr(&one.value);
        }
    }

    fn exprs(&mut self, all: impl IntoIterator<Item = &'t Expr>) {
        for e in all {
            self.expr(e);
        }
    }

    fn text(&mut self, text: &'t Text) {
        self.see(Part::Text(text));
        for part in &text.parts {
            if let TextPart::Value { expr, format: _ } = part {
                self.expr(expr);
            }
        }
    }

    fn expr(&mut self, e: &'t Expr) {
        self.see(Part::Expr(e));
        match &e.kind {
            ExprKind::Text(text) | ExprKind::Noun { noun: _, text } => self.text(text),
            ExprKind::Field { base, .. } => self.expr(base),
            ExprKind::Call(call) => {
                let Call { name: _, args } = &**call;
                for arg in args {
                    match arg {
                        Arg::Plain(e) => self.expr(e),
                        Arg::Where(a, b) | Arg::Each(a, b) => {
                            self.expr(a);
                            self.expr(b);
                        }
                    }
                }
            }
            ExprKind::List(items) => self.exprs(items),
            ExprKind::Record(named) => self.named(named),
            ExprKind::Unary(_, inner) | ExprKind::Paren(inner) => self.expr(inner),
            ExprKind::Binary(_, sides) => self.exprs(sides.iter()),
            ExprKind::Between(parts) => self.exprs(parts.iter()),
            ExprKind::IsEmpty { value, negated: _ } => self.expr(value),
            ExprKind::Lit(_) | ExprKind::Name | ExprKind::Var | ExprKind::Error => {}
        }
    }
}

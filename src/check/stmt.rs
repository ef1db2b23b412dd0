//! Statements.

use super::context::Checker;
use super::expr::fits;
use super::facts::facts_of;
use super::typed::{Expr, ExprKind, LocalId, Start, Stmt, StmtKind};
use crate::catalog::ActionOp;
use crate::diagnostics::Code;
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, Else, Rhs, StmtKind as Ast};
use crate::value::Value;

impl Checker<'_> {
    /// The statements of a block, in the current scope.
    pub(super) fn statements(&mut self, stmts: &[ast::Stmt]) -> Vec<Stmt> {
        let mut typed: Vec<Stmt> = Vec::with_capacity(stmts.len());
        let (mut reported, mut mistaken) = (false, false);
        for (at, stmt) in stmts.iter().enumerate() {
            if let Some(last) = typed.last().filter(|last| !reported && ends(last)).map(|last| last.span) {
                self.unreachable(stmt.span, last);
                reported = true;
            }
            if let Ast::Migrate(migrate) = &stmt.kind {
                self.migrate(stmt.span, migrate, stmts.get(at + 1));
            }
            let done = typed.len();
            self.statement(stmt, mistaken, &mut typed);
            // What is left out because of a mistake may have been an action. Where it comes from is none.
            mistaken = typed.len() == done && !matches!(stmt.kind, Ast::Migrate(_));
        }
        typed
    }

    fn unreachable(&mut self, span: Span, last: Span) {
        let why = self.text_of(last).split([' ', ';']).next().unwrap_or("this").to_owned();
        let diagnostic = self
            .error(Code::E0501, span, "this statement is never reached")
            .label("never done")
            .because(self.file, last, format!("`{why}` ends it here"))
            .help("`move`, `stop`, `return`, `break` and `continue` end what they stand in: put them last");
        self.report(diagnostic);
    }

    /// A block in a scope of its own, where `facts` hold.
    pub(super) fn block(&mut self, block: &ast::Block, facts: Vec<String>) -> Vec<Stmt> {
        self.scoped(facts, |c| c.statements(&block.stmts))
    }

    /// One statement; `before_undo` when an `undo` may stand behind what was left out before it.
    fn statement(&mut self, stmt: &ast::Stmt, before_undo: bool, out: &mut Vec<Stmt>) {
        let span = stmt.span;
        self.stays_inside(stmt);
        let put = |kind, out: &mut Vec<Stmt>| out.push(Stmt { span, kind });
        match &stmt.kind {
            Ast::Let(binding) => {
                if let Some(kind) = self.binding(binding) {
                    put(kind, out);
                }
            }
            Ast::Set(assigns) => self.set(span, assigns, out),
            Ast::If(branch) => put(self.branch(branch), out),
            Ast::Match { subject, body } => put(self.match_(span, subject, body), out),
            Ast::For { name, list, body } => put(self.for_(*name, list, body), out),
            Ast::While { cond, body } => put(self.while_(cond, body), out),
            Ast::Break => {
                let facts = self.facts.clone();
                self.breaks.last_mut().into_iter().for_each(|breaks| breaks.push(facts.clone()));
                put(StmtKind::Break, out);
            }
            Ast::Continue => put(StmtKind::Continue, out),
            Ast::Return(value) => {
                let value = self.return_(span, value.as_ref());
                put(StmtKind::Return(value), out);
            }
            Ast::Stop => put(StmtKind::Stop, out),
            Ast::Wait(wait) => {
                if let Some(wait) = self.wait(wait, None) {
                    put(StmtKind::Wait(wait), out);
                }
            }
            Ast::Action(action) => {
                if let Some((act, _)) = self.action(action) {
                    put(StmtKind::Act(act, None), out);
                }
            }
            // `case` and `branch` outside their statement were reported by the parser.
            Ast::Case(_) | Ast::Branch(_) => {}
            Ast::Error => self.declare_skipped(span),
            Ast::Parallel(body) => put(self.branches(false, body), out),
            Ast::Race(body) => put(self.branches(true, body), out),
            Ast::Try(tried) => put(StmtKind::Try(self.try_(span, tried)), out),
            Ast::Undo(body) => {
                let fits = before_undo || matches!(out.last(), Some(Stmt { kind: StmtKind::Act(..), .. }));
                if let Some(kind) = self.undo(span, body, fits) {
                    out.push(Stmt { span, kind });
                }
            }
            Ast::Do(call) => {
                if let Some((function, args)) = self.do_(call) {
                    put(StmtKind::Do { function, args, keep: None }, out);
                }
            }
            Ast::Start(call) => out.extend(self.start(call).map(|start| Stmt { span, kind: StmtKind::Start(start) })),
            // With what follows it, in `statements`.
            Ast::Migrate(_) => {}
            Ast::Assert(cond) => {
                let cond = self.condition(cond);
                let facts = facts_of(&cond, true);
                let message = self.assertion(&cond);
                put(StmtKind::Assert(cond, message), out);
                self.facts.extend(facts);
            }
            Ast::Given { .. } | Ast::GivenAt(_) => self.only_in_tests(span, "given"),
            Ast::When { .. } => self.only_in_tests(span, "when"),
            Ast::ForAny { .. } => self.only_in_tests(span, "for any"),
            Ast::Advance(_) => self.only_in_tests(span, "advance"),
            Ast::Expect(_) => self.only_in_tests(span, "expect"),
        }
    }

    /// A statement that could not be read may have been meant to declare a variable.
    fn declare_skipped(&mut self, span: Span) {
        let text = self.text_of(span);
        let Some(rest) = text.strip_prefix("let").map(str::trim_start).filter(|rest| rest.starts_with('$')) else {
            return;
        };
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len());
        let from = span.start.saturating_add(u32::try_from(text.len() - rest.len()).unwrap_or(0));
        let name = Span::new(from, from.saturating_add(u32::try_from(end).unwrap_or(0)));
        if self.find_local(self.text_of(name)).is_none() {
            self.declare(name, Type::Error);
        }
    }

    fn binding(&mut self, binding: &ast::Let) -> Option<StmtKind> {
        match &binding.value {
            Rhs::Expr(e) if self.calls_function(e) => self.keep_result(binding.name, e),
            Rhs::Expr(e) => {
                let value = self.expr(e, None);
                if value.ty == Type::Null {
                    let diagnostic = self
                        .error(Code::E0301, value.span, "`null` alone has no type")
                        .label("a variable needs a value of some kind")
                        .help("start with a value, such as `0`, `\"\"` or a field");
                    self.report(diagnostic);
                }
                let id = self.declare(binding.name, value.ty.clone());
                let currency = self.currency_of(&value);
                self.note_currency(id, currency);
                Some(StmtKind::Assign(id, value))
            }
            Rhs::Action(action) => {
                let Some((act, ty)) = self.action(action) else {
                    self.declare(binding.name, Type::Error);
                    return None;
                };
                let Some(ty) = ty else {
                    let diagnostic = self
                        .error(Code::E0301, action.span, format!("`{}` gives nothing back", act.action.id))
                        .label("no result to keep")
                        .help(format!("leave out `let {} =`", self.text_of(binding.name)));
                    self.report(diagnostic);
                    self.declare(binding.name, Type::Error);
                    return None;
                };
                let id = self.declare(binding.name, ty);
                Some(StmtKind::Act(act, Some(id)))
            }
            Rhs::Wait(wait) => {
                let typed = self.wait(wait, Some(binding.name));
                if typed.is_none() {
                    self.declare(binding.name, Type::Error);
                }
                typed.map(StmtKind::Wait)
            }
            Rhs::Find(find) => {
                let found = self.find(find);
                let id = self.declare(binding.name, found.ty.clone());
                Some(StmtKind::Assign(id, found))
            }
            Rhs::Start(call) => {
                let start = self.start(call);
                let ty = if start.is_some() { Type::Run } else { Type::Error };
                let keep = self.declare(binding.name, ty);
                start.map(|start| StmtKind::Start(Start { keep: Some(keep), ..start }))
            }
        }
    }

    fn branch(&mut self, branch: &ast::If) -> StmtKind {
        let cond = self.condition(&branch.cond);
        self.setting.conditions = self.setting.conditions.saturating_add(1);
        // After `if x is empty { stop; }` only the other way is left, so the rest of the block knows that `x` is there.
        let mut ways = self.ways();
        let then = self.way(&mut ways, facts_of(&cond, true), |c| c.block(&branch.then, Vec::new()));
        let otherwise = self.way(&mut ways, facts_of(&cond, false), |c| match &branch.otherwise {
            None => Vec::new(),
            Some(Else::Block(block)) => c.block(block, Vec::new()),
            Some(Else::If(next)) => vec![Stmt { span: next.cond.span, kind: c.branch(next) }],
        });
        self.join(ways);
        self.setting.conditions = self.setting.conditions.saturating_sub(1);
        StmtKind::If(cond, then, otherwise)
    }

    fn for_(&mut self, name: Span, list: &ast::Expr, body: &ast::Block) -> StmtKind {
        let list = self.expr(list, None);
        if list.ty.is_optional() {
            self.may_be_missing(&list);
        }
        let element = match list.ty.present() {
            Type::List(element) => (**element).clone(),
            Type::Error => Type::Error,
            other => {
                let ty = self.type_name(other);
                let diagnostic = self
                    .error(Code::E0301, list.span, format!("expected a list, found {ty}"))
                    .label(format!("this is {ty}"))
                    .help("`for` goes through a list, such as `[deal.owner, deal.owner.manager]`");
                self.report(diagnostic);
                Type::Error
            }
        };
        self.before_again(body);
        self.breaks.push(Vec::new());
        let (id, body) = self.scoped(Vec::new(), |c| {
            let id = c.declare(name, element);
            let currency = c.currency_of(&list);
            c.note_currency(id, currency);
            (id, c.statements(&body.stmts))
        });
        self.breaks.pop();
        StmtKind::For(id, list, body)
    }

    /// `while cond { }`. Behind it is known what is so where the condition does not hold, and at every `break`.
    fn while_(&mut self, cond: &ast::Expr, body: &ast::Block) -> StmtKind {
        self.before_again(body);
        let cond = self.condition(cond);
        self.breaks.push(Vec::new());
        let body = self.block(body, facts_of(&cond, true));
        let mut ways = self.breaks.pop().unwrap_or_default();
        if !matches!(cond.kind, ExprKind::Const(Value::Bool(true))) {
            let over = self.facts.iter().cloned().chain(facts_of(&cond, false));
            ways.push(over.collect());
        }
        if let Some((first, others)) = ways.split_first() {
            let known = |fact: &&String| others.iter().all(|way| way.contains(fact));
            self.facts = first.iter().filter(known).cloned().collect();
        }
        StmtKind::While(cond, body)
    }

    /// `set $x = value`; fields of records are actions, see `record.rs`.
    pub(super) fn set_variable(&mut self, target: &ast::Expr, value: &ast::Expr) -> Option<StmtKind> {
        let name = self.text_of(target.span);
        let Some(id) = self.find_local(name) else {
            if self.consts.contains_key(name) || self.schema.binding(name).is_some() {
                let diagnostic = self
                    .error(Code::E0306, target.span, format!("`{name}` cannot be changed"))
                    .label("not a variable of this rule")
                    .help("take a variable of your own: `let $mine = …;`");
                self.report(diagnostic);
            } else {
                self.variable(target.span);
            }
            self.expr(value, None);
            return None;
        };
        self.note_change(target.span, id);
        let ty = self.local_type(id);
        let value = if ty.is_open() { self.first_list(id, &ty, value) } else { self.expect(value, &ty) };
        // What was known of the old value says nothing about the new one.
        self.kept.retain(|(kept, _)| *kept != id);
        let currency = self.currency_of(&value);
        let same = self.local(id).is_some_and(|local| local.currency == currency);
        self.note_currency(id, currency.filter(|_| same));
        let key = format!("${}", id.0);
        self.facts.retain(|fact| *fact != key && !fact.starts_with(&format!("{key}.")));
        Some(StmtKind::Assign(id, value))
    }

    /// A value for a variable that was an empty list so far: it says what the list holds.
    fn first_list(&mut self, id: LocalId, known: &Type, value: &ast::Expr) -> Expr {
        let typed = self.expr(value, Some(known));
        if typed.ty != Type::Error && fits(known, &typed.ty) && typed.ty != *known {
            // Whether it may be missing is said where the variable is declared.
            let ty = if known.is_optional() { typed.ty.clone() } else { typed.ty.present().clone() };
            self.learn_list(id, &ty);
            return self.must_fit(typed, &ty);
        }
        self.must_fit(typed, known)
    }

    fn local_type(&self, id: LocalId) -> Type {
        self.local(id).map_or(Type::Error, |l| l.ty.clone())
    }
}

/// Whether nothing after the statement is reached.
pub(super) fn ends(stmt: &Stmt) -> bool {
    // Also where something stands after the end: that is reported, and changes nothing.
    let last = |body: &[Stmt]| body.iter().any(ends);
    match &stmt.kind {
        StmtKind::Act(act, _) => act.action.op == ActionOp::Move,
        StmtKind::Stop | StmtKind::Return(_) | StmtKind::Break | StmtKind::Continue => true,
        StmtKind::If(_, then, otherwise) => last(then) && last(otherwise),
        StmtKind::Match { cases, otherwise, .. } => {
            !cases.is_empty() && cases.iter().all(|(_, body)| last(body)) && (otherwise.is_empty() || last(otherwise))
        }
        StmtKind::Wait(wait) => {
            !wait.cases.is_empty()
                && wait.cases.iter().all(|(_, body)| last(body))
                && (wait.otherwise.is_empty() || last(&wait.otherwise))
        }
        StmtKind::While(cond, body) => matches!(cond.kind, ExprKind::Const(Value::Bool(true))) && !breaks(body),
        StmtKind::Branches { race: true, branches } => !branches.is_empty() && branches.iter().all(|b| last(&b.body)),
        StmtKind::Branches { race: false, branches } => branches.iter().any(|b| last(&b.body)),
        StmtKind::Try(tried) => last(&tried.body) && tried.otherwise.as_deref().is_none_or(last),
        StmtKind::Assign(..)
        | StmtKind::For(..)
        | StmtKind::Do { .. }
        | StmtKind::Start(_)
        | StmtKind::Undo { .. }
        | StmtKind::Assert(..) => false,
    }
}

/// Whether a `break` of this very loop stands in `body`.
fn breaks(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break => true,
        StmtKind::If(_, a, b) => breaks(a) || breaks(b),
        StmtKind::Try(tried) => breaks(&tried.body) || tried.otherwise.as_deref().is_some_and(breaks),
        StmtKind::Match { cases, otherwise, .. } => cases.iter().any(|(_, body)| breaks(body)) || breaks(otherwise),
        StmtKind::Wait(wait) => wait.cases.iter().any(|(_, body)| breaks(body)) || breaks(&wait.otherwise),
        StmtKind::Assign(..)
        | StmtKind::Act(..)
        | StmtKind::For(..)
        | StmtKind::While(..)
        | StmtKind::Do { .. }
        | StmtKind::Start(_)
        | StmtKind::Undo { .. }
        | StmtKind::Branches { .. }
        | StmtKind::Continue
        | StmtKind::Return(_)
        | StmtKind::Assert(..)
        | StmtKind::Stop => false,
    })
}

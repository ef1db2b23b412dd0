//! A tree as indented text, without places: two scripts with the same dump mean the same.
//!
//! Names and literals are shown as written, blocks without their spelling, a text as its quotes and pieces. Tests and
//! the formatter's check use it.

use super::ast::{
    Action, Arg, Block, Call, Carried, Case, Clause, ClauseKind, Else, Expect, ExpectHow, Expr, ExprKind, File, Find,
    Function, If, Item, ItemKind, Let, Migrate, Named, PrepArg, Rhs, Rule, Stmt, StmtKind, Text, Trigger, TriggerPart,
    Try, TypeName, UnaryOp, Wait, WaitKind,
};
use super::text::{self, Piece};
use crate::source::{Span, words};

/// The tree of a script as text. `source` is the text that was read.
pub fn tree(file: &File, source: &str) -> String {
    items(file, source).collect()
}

/// The trees of a script's items as texts, one after the other: put together they are [`tree`].
pub fn items(file: &File, source: &str) -> impl Iterator<Item = String> {
    file.items.iter().map(move |item| {
        let mut dump = Dump { source, out: String::new(), depth: 0 };
        dump.item(item);
        dump.out
    })
}

/// An expression on one line.
pub fn expr(expr: &Expr, source: &str) -> String {
    let mut out = String::new();
    write_expr(&mut out, source, expr);
    out
}

struct Dump<'s> {
    source: &'s str,
    out: String,
    depth: usize,
}

impl Dump<'_> {
    fn line(&mut self, text: &str) {
        for _ in 0..self.depth {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn deeper(&mut self, inner: impl FnOnce(&mut Self)) {
        self.depth += 1;
        inner(self);
        self.depth -= 1;
    }

    fn of(&self, span: Span) -> String {
        span.of(self.source).to_owned()
    }

    fn expr(&self, expr: &Expr) -> String {
        self::expr(expr, self.source)
    }

    fn exprs(&self, exprs: &[Expr]) -> String {
        exprs.iter().map(|e| self.expr(e)).collect::<Vec<_>>().join(", ")
    }

    fn text(&self, text: &Text) -> String {
        let mut out = String::new();
        write_text(&mut out, self.source, text);
        out
    }

    fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Rule(rule) => self.rule("rule", rule),
            ItemKind::Every(rule) => self.rule("every", rule),
            ItemKind::Flow(function) => self.function("flow", function),
            ItemKind::Fn(function) => self.function("fn", function),
            ItemKind::Const(binding) => self.binding("const", binding),
            ItemKind::Use(path) => {
                let path = self.text(path);
                self.line(&format!("use {path}"));
            }
            ItemKind::Test { name, body } => {
                let name = self.text(name);
                self.line(&format!("test {name}"));
                self.block(body);
            }
            ItemKind::Error => self.line("error"),
        }
    }

    fn rule(&mut self, word: &str, rule: &Rule) {
        let name = rule.name.as_ref().map(|name| format!(" {}", self.text(name))).unwrap_or_default();
        self.line(&format!("{word}{name}"));
        self.deeper(|d| {
            d.trigger("trigger", &rule.trigger);
            for clause in &rule.clauses {
                d.clause(clause);
            }
            d.line("do");
            d.block(&rule.body);
        });
    }

    fn trigger(&mut self, word: &str, trigger: &Trigger) {
        self.line(word);
        self.deeper(|d| {
            for part in &trigger.parts {
                match part {
                    TriggerPart::Atom(value) => d.line(&d.expr(value)),
                    TriggerPart::Comma => d.line(","),
                    TriggerPart::Or => d.line("or"),
                    TriggerPart::And => d.line("and"),
                    TriggerPart::Prep(arg) => d.prep(arg),
                }
            }
        });
    }

    fn prep(&mut self, arg: &PrepArg) {
        let mut line = format!("{}: {}", self.of(arg.prep), self.exprs(&arg.values));
        if !arg.atoms.is_empty() {
            line = format!("{line} | {}", self.exprs(&arg.atoms));
        }
        self.line(&line);
    }

    fn clause(&mut self, clause: &Clause) {
        let line = match &clause.kind {
            ClauseKind::If(cond) => format!("if {}", self.expr(cond)),
            ClauseKind::While(cond) => format!("while {}", self.expr(cond)),
            ClauseKind::Once { per, within } => {
                let within = within.as_ref().map(|w| format!(" in {}", self.expr(w))).unwrap_or_default();
                format!("once per {}{within}", self.expr(per))
            }
            ClauseKind::EachTime => "each time".to_owned(),
            ClauseKind::OneAtATime => "one at a time".to_owned(),
            ClauseKind::Restart => "restart".to_owned(),
            ClauseKind::From(origins) => format!("from {}", self.exprs(origins)),
        };
        self.line(&line);
    }

    fn function(&mut self, word: &str, function: &Function) {
        let params: Vec<String> =
            function.params.iter().map(|p| format!("{}: {}", self.of(p.name), self.ty(&p.ty))).collect();
        let result = function.result.as_ref().map(|ty| format!(" -> {}", self.ty(ty))).unwrap_or_default();
        let name = self.of(function.name);
        self.line(&format!("{word} {name}({}){result}", params.join(", ")));
        self.block(&function.body);
    }

    fn ty(&self, ty: &TypeName) -> String {
        let lists = "list of ".repeat(ty.lists as usize);
        format!("{lists}{}{}", ty.name.of(self.source), if ty.optional { "?" } else { "" })
    }

    fn block(&mut self, block: &Block) {
        self.deeper(|d| {
            for stmt in &block.stmts {
                d.stmt(stmt);
            }
        });
    }

    fn headed(&mut self, head: &str, body: &Block) {
        self.line(head);
        self.block(body);
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let(binding) => self.binding("let", binding),
            StmtKind::Set(changes) => {
                let all: Vec<String> =
                    changes.iter().map(|c| format!("{} = {}", self.expr(&c.target), self.expr(&c.value))).collect();
                self.line(&format!("set {}", all.join(", ")));
            }
            StmtKind::If(statement) => self.if_("if", statement),
            StmtKind::Match { subject, body } => self.headed(&format!("match {}", self.expr(subject)), body),
            StmtKind::Case(case) => {
                let Case { values, otherwise, body } = &**case;
                let values = if *otherwise { "else".to_owned() } else { self.exprs(values) };
                self.headed(&format!("case {values}"), body);
            }
            StmtKind::For { name, list, body } => {
                self.headed(&format!("for {} in {}", self.of(*name), self.expr(list)), body);
            }
            StmtKind::While { cond, body } => self.headed(&format!("while {}", self.expr(cond)), body),
            StmtKind::Break => self.line("break"),
            StmtKind::Continue => self.line("continue"),
            StmtKind::Parallel(body) => self.headed("parallel", body),
            StmtKind::Race(body) => self.headed("race", body),
            StmtKind::Branch(body) => self.headed("branch", body),
            StmtKind::Try(statement) => self.try_(statement),
            StmtKind::Undo(body) => self.headed("undo", body),
            StmtKind::Do(call) => self.line(&format!("do {}", self.expr(call))),
            StmtKind::Start(call) => self.line(&format!("start {}", self.expr(call))),
            StmtKind::Return(value) => {
                self.line(&value.as_ref().map_or("return".to_owned(), |v| format!("return {}", self.expr(v))));
            }
            StmtKind::Stop => self.line("stop"),
            StmtKind::Wait(wait) => self.wait("", wait),
            StmtKind::Action(action) => self.action("", action),
            StmtKind::Migrate(migrate) => self.migrate(migrate),
            StmtKind::Assert(cond) => self.line(&format!("assert {}", self.expr(cond))),
            StmtKind::Given { name, what } => self.action(&format!("given {} = ", self.of(*name)), what),
            StmtKind::GivenAt(at) => self.line(&format!("given at {}", self.expr(at))),
            StmtKind::When { what, with } => {
                self.trigger("when", what);
                self.deeper(|d| d.with(with));
            }
            StmtKind::ForAny { entity, with, body } => {
                self.line(&format!("for any {}", self.of(*entity)));
                self.deeper(|d| d.with(with));
                self.block(body);
            }
            StmtKind::Advance(by) => self.line(&format!("advance {}", self.expr(by))),
            StmtKind::Expect(expect) => self.expect(expect),
            StmtKind::Error => self.line("error"),
        }
    }

    fn migrate(&mut self, migrate: &Migrate) {
        let from =
            migrate.from.as_ref().map_or_else(String::new, |wait| format!(" from {}", words(&self.of(wait.span))));
        let carried = |c: &Carried| format!("{}: {}", self.of(c.name), self.expr(&c.value));
        let values: Vec<_> = migrate.values.iter().map(carried).collect();
        let with = if values.is_empty() { String::new() } else { format!(" with {}", values.join(", ")) };
        self.line(&format!("migrate{from}{with}"));
    }

    fn binding(&mut self, word: &str, binding: &Let) {
        let head = format!("{word} {} = ", self.of(binding.name));
        match &binding.value {
            Rhs::Expr(value) => self.line(&format!("{head}{}", self.expr(value))),
            Rhs::Action(action) => self.action(&head, action),
            Rhs::Find(find) => self.find(&head, find),
            Rhs::Wait(wait) => self.wait(&head, wait),
            Rhs::Start(call) => self.line(&format!("{head}start {}", self.expr(call))),
        }
    }

    fn if_(&mut self, word: &str, statement: &If) {
        self.headed(&format!("{word} {}", self.expr(&statement.cond)), &statement.then);
        match &statement.otherwise {
            None => {}
            Some(Else::Block(body)) => self.headed("else", body),
            Some(Else::If(next)) => self.if_("else if", next),
        }
    }

    fn try_(&mut self, statement: &Try) {
        self.headed("try", &statement.body);
        if let Some(times) = &statement.times {
            self.line(&format!("retry {}", self.expr(times)));
        }
        if let Some(pausing) = &statement.pausing {
            self.line(&format!("pausing {}", self.expr(pausing)));
        }
        if let Some((name, body)) = &statement.otherwise {
            let name = name.map(|name| format!(" {}", self.of(name))).unwrap_or_default();
            self.headed(&format!("else{name}"), body);
        }
    }

    fn wait(&mut self, head: &str, wait: &Wait) {
        let limited =
            |limit: &Option<Expr>| limit.as_ref().map(|l| format!(" or {}", self.expr(l))).unwrap_or_default();
        match &wait.kind {
            WaitKind::Period(period) => self.line(&format!("{head}wait {}", self.expr(period))),
            WaitKind::Until { cond, limit } => {
                let limit = limited(limit);
                self.line(&format!("{head}wait until {}{limit}", self.expr(cond)));
            }
            WaitKind::For { what, limit, comment } => {
                let limit = limited(limit);
                let comment = comment.as_ref().map(|c| format!(" {}", self.text(c))).unwrap_or_default();
                self.trigger(&format!("{head}wait{limit}{comment} for"), what);
            }
        }
        if let Some(cases) = &wait.cases {
            self.headed("then", cases);
        }
    }

    fn action(&mut self, head: &str, action: &Action) {
        let mut line = format!("{head}{}", self.of(action.verb));
        for value in &action.head {
            line = format!("{line} | {}", self.expr(value));
        }
        self.line(&line);
        self.deeper(|d| {
            for arg in &action.preps {
                d.prep(arg);
            }
            d.with(&action.with);
        });
    }

    fn find(&mut self, head: &str, find: &Find) {
        self.line(&format!("{head}find {} {}", self.of(find.entity), self.of(find.name)));
        self.deeper(|d| {
            if let Some(cond) = &find.cond {
                d.line(&format!("where {}", d.expr(cond)));
            }
            if let Some((by, down)) = &find.order {
                d.line(&format!("order by {}{}", d.expr(by), if *down { " desc" } else { "" }));
            }
            if let Some(limit) = &find.limit {
                d.line(&format!("limit {}", d.expr(limit)));
            }
        });
    }

    fn with(&mut self, named: &[Named]) {
        if !named.is_empty() {
            let mut with = String::new();
            write_named(&mut with, self.source, named);
            self.line(&format!("with {with}"));
        }
    }

    fn expect(&mut self, expect: &Expect) {
        match expect {
            Expect::Action { how, action, contains } => {
                let head = match how {
                    ExpectHow::Some => "expect ".to_owned(),
                    ExpectHow::None => "expect no ".to_owned(),
                    ExpectHow::Then => "expect then ".to_owned(),
                    ExpectHow::Times(n) => format!("expect {} times ", self.of(*n)),
                };
                self.action(&head, action);
                if let Some(part) = contains {
                    self.deeper(|d| d.line(&format!("contains {}", d.expr(part))));
                }
            }
            Expect::State { what, until } => {
                let until = until.as_ref().map(|u| format!(" until {}", self.expr(u))).unwrap_or_default();
                self.line(&format!("expect {}{until}", self.expr(what)));
            }
        }
    }
}

fn write_exprs(out: &mut String, source: &str, exprs: &[Expr]) {
    for (index, value) in exprs.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_expr(out, source, value);
    }
}

fn write_named(out: &mut String, source: &str, all: &[Named]) {
    for (index, Named { name, value }) in all.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        out.push_str(name.of(source));
        out.push_str(": ");
        write_expr(out, source, value);
    }
}

fn write_text(out: &mut String, source: &str, text: &Text) {
    out.push('"');
    for piece in text::cook(text, source) {
        match piece {
            Piece::Text(raw) => out.push_str(&raw.escape_debug().to_string().replace('{', "\\{")),
            Piece::Value { expr, format } => {
                out.push('{');
                write_expr(out, source, expr);
                if let Some(format) = format {
                    out.push(':');
                    out.push_str(format.of(source));
                }
                out.push('}');
            }
        }
    }
    out.push('"');
}

fn write_expr(out: &mut String, source: &str, expr: &Expr) {
    match &expr.kind {
        ExprKind::Lit(_) => {
            let words: Vec<&str> = expr.span.of(source).split_whitespace().collect();
            out.push_str(&words.join(" "));
        }
        ExprKind::Name | ExprKind::Var => out.push_str(expr.span.of(source)),
        ExprKind::Text(text) => write_text(out, source, text),
        ExprKind::Noun { noun, text } => {
            out.push_str(noun.of(source));
            out.push(' ');
            write_text(out, source, text);
        }
        ExprKind::Field { base, name, safe } => {
            write_expr(out, source, base);
            out.push_str(if *safe { "?." } else { "." });
            out.push_str(name.of(source));
        }
        ExprKind::Call(call) => {
            let Call { name, args } = &**call;
            out.push_str(name.of(source));
            write_args(out, source, args);
        }
        ExprKind::List(values) => {
            out.push('[');
            write_exprs(out, source, values);
            out.push(']');
        }
        ExprKind::Record(all) => {
            out.push('{');
            write_named(out, source, all);
            out.push('}');
        }
        ExprKind::Unary(op, value) => {
            out.push_str(match op {
                UnaryOp::Not => "(not ",
                UnaryOp::Neg => "(- ",
            });
            write_expr(out, source, value);
            out.push(')');
        }
        ExprKind::Binary(op, sides) => {
            let [a, b] = &**sides;
            out.push('(');
            write_expr(out, source, a);
            out.push(' ');
            out.push_str(op.spelling());
            out.push(' ');
            write_expr(out, source, b);
            out.push(')');
        }
        ExprKind::Between(parts) => {
            let [value, low, high] = parts.as_ref();
            out.push('(');
            write_expr(out, source, value);
            out.push_str(" between ");
            write_expr(out, source, low);
            out.push_str(" and ");
            write_expr(out, source, high);
            out.push(')');
        }
        ExprKind::IsEmpty { value, negated } => {
            out.push('(');
            write_expr(out, source, value);
            out.push_str(if *negated { " is not empty)" } else { " is empty)" });
        }
        ExprKind::Paren(inner) => write_expr(out, source, inner),
        ExprKind::Error => out.push_str("<error>"),
    }
}

fn write_args(out: &mut String, source: &str, args: &[Arg]) {
    out.push('(');
    for (index, arg) in args.iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        write_arg(out, source, arg);
    }
    out.push(')');
}

fn write_arg(out: &mut String, source: &str, arg: &Arg) {
    match arg {
        Arg::Plain(value) => write_expr(out, source, value),
        Arg::Where(of, cond) => {
            write_expr(out, source, of);
            out.push_str(" where ");
            write_expr(out, source, cond);
        }
        Arg::Each(of, value) => {
            write_expr(out, source, of);
            out.push_str(": ");
            write_expr(out, source, value);
        }
    }
}

//! A tree as JSON, for tools that read scripts and cannot link this crate.
//!
//! **Unstable**: kinds and keys follow [`super::ast`] and change with it from version to version. What stays:
//!
//! - a node is an object with `kind` and `span`, the byte offsets `[start, end]` in the text that was read;
//! - what the tree keeps as a place only (a name, a literal, a piece of a text) has its letters in `text`;
//! - a part that a node may lack is `null`, a part that it may have several times is a list;
//! - where the parser had to skip something there is a node of the kind `error`.

use super::ast::{
    Action, Arg, Assign, Block, Call, Carried, Case, Clause, ClauseKind, Else, Expect, ExpectHow, Expr, ExprKind, File,
    Find, Function, If, Item, ItemKind, Let, Lit, Named, PrepArg, Rhs, Rule, Stmt, StmtKind, Text, TextPart, Trigger,
    TriggerPart, Try, TypeName, UnaryOp, Wait, WaitKind,
};
use crate::source::Span;
use serde_json::{Value as Json, json};

/// The tree of a script as JSON. `source` is the text that was read.
pub fn tree(file: &File, source: &str) -> Json {
    let whole = Span::new(0, u32::try_from(source.len()).unwrap_or(u32::MAX));
    let tree = Tree { source };
    node("file", whole, json!({ "items": file.items.iter().map(|item| tree.item(item)).collect::<Json>() }))
}

/// Puts kind and place before the parts of a node.
fn node(kind: &str, span: Span, parts: Json) -> Json {
    let mut all = serde_json::Map::new();
    all.insert("kind".to_owned(), kind.into());
    all.insert("span".to_owned(), json!([span.start, span.end]));
    if let Json::Object(parts) = parts {
        all.extend(parts);
    }
    Json::Object(all)
}

/// A node without parts.
fn leaf(kind: &str, span: Span) -> Json {
    node(kind, span, Json::Null)
}

struct Tree<'s> {
    source: &'s str,
}

impl Tree<'_> {
    /// A name, a literal or another piece of text.
    fn word(&self, kind: &str, span: Span) -> Json {
        node(kind, span, json!({ "text": span.of(self.source) }))
    }

    fn name(&self, span: Span) -> Json {
        self.word("name", span)
    }

    fn exprs(&self, exprs: &[Expr]) -> Json {
        exprs.iter().map(|e| self.expr(e)).collect()
    }

    fn maybe(&self, expr: Option<&Expr>) -> Json {
        expr.map_or(Json::Null, |e| self.expr(e))
    }

    fn item(&self, item: &Item) -> Json {
        let span = item.span;
        match &item.kind {
            ItemKind::Rule(rule) => node("rule", span, self.rule(rule)),
            ItemKind::Every(rule) => node("every", span, self.rule(rule)),
            ItemKind::Flow(function) => node("flow", span, self.function(function)),
            ItemKind::Fn(function) => node("fn", span, self.function(function)),
            ItemKind::Const(binding) => node("const", span, self.binding(binding)),
            ItemKind::Use(path) => node("use", span, json!({ "path": self.text(path) })),
            ItemKind::Test { name, body } => {
                node("test", span, json!({ "name": self.text(name), "body": self.block(body) }))
            }
            ItemKind::Error => leaf("error", span),
        }
    }

    fn rule(&self, rule: &Rule) -> Json {
        let Rule { name, trigger, clauses, body } = rule;
        json!({
            "name": name.as_ref().map(|name| self.text(name)),
            "trigger": self.trigger(trigger),
            "clauses": clauses.iter().map(|clause| self.clause(clause)).collect::<Json>(),
            "body": self.block(body),
        })
    }

    fn trigger(&self, trigger: &Trigger) -> Json {
        let part = |part: &TriggerPart| match part {
            TriggerPart::Atom(value) => self.expr(value),
            TriggerPart::Comma => json!({ "kind": "," }),
            TriggerPart::Or => json!({ "kind": "or" }),
            TriggerPart::And => json!({ "kind": "and" }),
            TriggerPart::Prep(arg) => self.prep(arg),
        };
        node("trigger", trigger.span, json!({ "parts": trigger.parts.iter().map(part).collect::<Json>() }))
    }

    fn prep(&self, arg: &PrepArg) -> Json {
        let PrepArg { prep, values, atoms } = arg;
        let parts = json!({
            "word": prep.of(self.source),
            "values": self.exprs(values),
            "atoms": self.exprs(atoms),
        });
        let last = values.iter().chain(atoms).map(|value| value.span.end).max();
        node("preposition", Span::new(prep.start, last.unwrap_or(prep.end)), parts)
    }

    fn clause(&self, clause: &Clause) -> Json {
        let span = clause.span;
        match &clause.kind {
            ClauseKind::If(cond) => node("if", span, json!({ "condition": self.expr(cond) })),
            ClauseKind::While(cond) => node("while", span, json!({ "condition": self.expr(cond) })),
            ClauseKind::Once { per, within } => {
                node("once per", span, json!({ "record": self.expr(per), "in": self.maybe(within.as_deref()) }))
            }
            ClauseKind::EachTime => leaf("each time", span),
            ClauseKind::OneAtATime => leaf("one at a time", span),
            ClauseKind::Restart => leaf("restart", span),
            ClauseKind::From(origins) => node("from", span, json!({ "origins": self.exprs(origins) })),
        }
    }

    fn function(&self, function: &Function) -> Json {
        let Function { name, params, result, body } = function;
        let param = |p: &super::ast::Param| json!({ "name": self.name(p.name), "type": self.ty(&p.ty) });
        json!({
            "name": self.name(*name),
            "params": params.iter().map(param).collect::<Json>(),
            "result": result.as_ref().map(|ty| self.ty(ty)),
            "body": self.block(body),
        })
    }

    fn ty(&self, ty: &TypeName) -> Json {
        let TypeName { span, name, lists, optional } = ty;
        node("type", *span, json!({ "name": name.of(self.source), "lists": lists, "optional": optional }))
    }

    fn block(&self, block: &Block) -> Json {
        node("block", block.span, json!({ "statements": block.stmts.iter().map(|s| self.stmt(s)).collect::<Json>() }))
    }

    fn stmt(&self, stmt: &Stmt) -> Json {
        let span = stmt.span;
        let with_body = |kind: &str, body: &Block| node(kind, span, json!({ "body": self.block(body) }));
        match &stmt.kind {
            StmtKind::Let(binding) => node("let", span, self.binding(binding)),
            StmtKind::Set(changes) => {
                let change = |a: &Assign| json!({ "target": self.expr(&a.target), "value": self.expr(&a.value) });
                node("set", span, json!({ "changes": changes.iter().map(change).collect::<Json>() }))
            }
            StmtKind::If(statement) => node("if", span, self.if_(statement)),
            StmtKind::Match { subject, body } => {
                node("match", span, json!({ "subject": self.expr(subject), "body": self.block(body) }))
            }
            StmtKind::Case(case) => {
                let Case { values, otherwise, body } = &**case;
                let parts = json!({ "values": self.exprs(values), "else": otherwise, "body": self.block(body) });
                node("case", span, parts)
            }
            StmtKind::For { name, list, body } => {
                let parts = json!({ "name": self.name(*name), "list": self.expr(list), "body": self.block(body) });
                node("for", span, parts)
            }
            StmtKind::While { cond, body } => {
                node("while", span, json!({ "condition": self.expr(cond), "body": self.block(body) }))
            }
            StmtKind::Break => leaf("break", span),
            StmtKind::Continue => leaf("continue", span),
            StmtKind::Parallel(body) => with_body("parallel", body),
            StmtKind::Race(body) => with_body("race", body),
            StmtKind::Branch(body) => with_body("branch", body),
            StmtKind::Try(statement) => node("try", span, self.try_(statement)),
            StmtKind::Undo(body) => with_body("undo", body),
            StmtKind::Do(call) => node("do", span, json!({ "call": self.expr(call) })),
            StmtKind::Start(call) => node("start", span, json!({ "call": self.expr(call) })),
            StmtKind::Return(value) => node("return", span, json!({ "value": self.maybe(value.as_ref()) })),
            StmtKind::Stop => leaf("stop", span),
            StmtKind::Wait(wait) => self.wait(wait),
            StmtKind::Action(action) => self.action(action),
            StmtKind::Migrate(migrate) => {
                let carried = |c: &Carried| json!({ "name": self.name(c.name), "value": self.expr(&c.value) });
                let values: Vec<Json> = migrate.values.iter().map(carried).collect();
                let from = migrate.from.as_ref().map(|wait| self.wait(wait));
                node("migrate", span, json!({ "from": from, "values": values }))
            }
            StmtKind::Assert(cond) => node("assert", span, json!({ "condition": self.expr(cond) })),
            StmtKind::Given { name, what } => {
                node("given", span, json!({ "name": self.name(*name), "what": self.action(what) }))
            }
            StmtKind::GivenAt(at) => node("given", span, json!({ "at": self.expr(at) })),
            StmtKind::When { what, with } => {
                node("when", span, json!({ "what": self.trigger(what), "with": self.named(with) }))
            }
            StmtKind::ForAny { entity, with, body } => {
                let parts = json!({ "entity": self.name(*entity), "with": self.named(with), "body": self.block(body) });
                node("for any", span, parts)
            }
            StmtKind::Advance(by) => node("advance", span, json!({ "by": self.expr(by) })),
            StmtKind::Expect(expect) => node("expect", span, self.expect(expect)),
            StmtKind::Error => leaf("error", span),
        }
    }

    fn binding(&self, binding: &Let) -> Json {
        let value = match &binding.value {
            Rhs::Expr(value) => self.expr(value),
            Rhs::Action(action) => self.action(action),
            Rhs::Find(find) => self.find(find),
            Rhs::Wait(wait) => self.wait(wait),
            Rhs::Start(call) => node("start", call.span, json!({ "call": self.expr(call) })),
        };
        json!({ "name": self.name(binding.name), "value": value })
    }

    fn if_(&self, statement: &If) -> Json {
        let If { cond, then, otherwise } = statement;
        let otherwise = match otherwise {
            None => Json::Null,
            Some(Else::Block(body)) => self.block(body),
            Some(Else::If(next)) => {
                let end = next.otherwise.as_ref().map_or(next.then.span, else_end).end;
                node("if", Span::new(next.cond.span.start, end), self.if_(next))
            }
        };
        json!({ "condition": self.expr(cond), "then": self.block(then), "else": otherwise })
    }

    fn try_(&self, statement: &Try) -> Json {
        let Try { body, times, pausing, otherwise } = statement;
        let (error, handler) = otherwise.as_ref().map_or((None, None), |(name, body)| (*name, Some(body)));
        json!({
            "body": self.block(body),
            "times": self.maybe(times.as_ref()),
            "pausing": self.maybe(pausing.as_ref()),
            "error": error.map(|name| self.name(name)),
            "else": handler.map(|body| self.block(body)),
        })
    }

    fn wait(&self, wait: &Wait) -> Json {
        let Wait { span, kind, cases } = wait;
        let span = &cases.as_ref().map_or(*span, |cases| span.to(cases.span));
        let cases = cases.as_ref().map(|cases| self.block(cases));
        match kind {
            WaitKind::Period(period) => node("wait", *span, json!({ "period": self.expr(period), "cases": cases })),
            WaitKind::Until { cond, limit } => {
                let limit = self.maybe(limit.as_ref());
                node("wait until", *span, json!({ "condition": self.expr(cond), "limit": limit, "cases": cases }))
            }
            WaitKind::For { what, limit, comment } => {
                let parts = json!({
                    "what": self.trigger(what),
                    "limit": self.maybe(limit.as_ref()),
                    "comment": comment.as_ref().map(|comment| self.text(comment)),
                    "cases": cases,
                });
                node("wait for", *span, parts)
            }
        }
    }

    fn action(&self, action: &Action) -> Json {
        let Action { span, verb, head, preps, with } = action;
        let parts = json!({
            "verb": verb.of(self.source),
            "head": self.exprs(head),
            "prepositions": preps.iter().map(|arg| self.prep(arg)).collect::<Json>(),
            "with": self.named(with),
        });
        node("action", *span, parts)
    }

    fn named(&self, all: &[Named]) -> Json {
        all.iter().map(|Named { name, value }| json!({ "name": self.name(*name), "value": self.expr(value) })).collect()
    }

    fn find(&self, find: &Find) -> Json {
        let Find { span, entity, name, cond, order, limit } = find;
        let (by, down) = order.as_ref().map_or((None, false), |(by, down)| (Some(by), *down));
        let parts = json!({
            "entity": self.name(*entity),
            "name": self.name(*name),
            "where": self.maybe(cond.as_ref()),
            "order_by": self.maybe(by),
            "desc": down,
            "limit": self.maybe(limit.as_ref()),
        });
        node("find", *span, parts)
    }

    fn expect(&self, expect: &Expect) -> Json {
        match expect {
            Expect::Action { how, action, contains } => {
                let (word, times) = match how {
                    ExpectHow::Some => (None, None),
                    ExpectHow::None => (Some("no"), None),
                    ExpectHow::Then => (Some("then"), None),
                    ExpectHow::Times(n) => (None, Some(self.word("times", *n))),
                };
                let contains = self.maybe(contains.as_ref());
                json!({ "word": word, "times": times, "action": self.action(action), "contains": contains })
            }
            Expect::State { what, until } => {
                json!({ "state": self.expr(what), "until": self.maybe(until.as_ref()) })
            }
        }
    }

    fn text(&self, text: &Text) -> Json {
        let part = |part: &TextPart| match part {
            TextPart::Raw(span) => self.word("letters", *span),
            TextPart::Value { expr, format } => {
                let parts = json!({ "value": self.expr(expr), "format": format.map(|format| self.name(format)) });
                node("placeholder", format.map_or(expr.span, |format| expr.span.to(format)), parts)
            }
        };
        let parts = json!({ "block": text.block, "parts": text.parts.iter().map(part).collect::<Json>() });
        node("text", text.span, parts)
    }

    fn expr(&self, expr: &Expr) -> Json {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Lit(lit) => self.word(literal(*lit), span),
            ExprKind::Text(text) => self.text(text),
            ExprKind::Name => self.name(span),
            ExprKind::Var => self.word("variable", span),
            ExprKind::Noun { noun, text } => {
                node("noun", span, json!({ "noun": noun.of(self.source), "name": self.text(text) }))
            }
            ExprKind::Field { base, name, safe } => {
                node("field", span, json!({ "of": self.expr(base), "name": self.name(*name), "safe": safe }))
            }
            ExprKind::Call(call) => {
                let Call { name, args } = &**call;
                let args: Json = args.iter().map(|arg| self.arg(arg)).collect();
                node("call", span, json!({ "name": self.name(*name), "args": args }))
            }
            ExprKind::List(values) => node("list", span, json!({ "values": self.exprs(values) })),
            ExprKind::Record(fields) => node("record", span, json!({ "fields": self.named(fields) })),
            ExprKind::Unary(op, value) => {
                let op = match op {
                    UnaryOp::Not => "not",
                    UnaryOp::Neg => "-",
                };
                node("unary", span, json!({ "op": op, "value": self.expr(value) }))
            }
            ExprKind::Binary(op, sides) => {
                let [a, b] = sides.as_ref();
                node("binary", span, json!({ "op": op.spelling(), "left": self.expr(a), "right": self.expr(b) }))
            }
            ExprKind::Between(parts) => {
                let [value, low, high] = parts.as_ref();
                let parts = json!({ "value": self.expr(value), "low": self.expr(low), "high": self.expr(high) });
                node("between", span, parts)
            }
            ExprKind::IsEmpty { value, negated } => {
                node("is empty", span, json!({ "value": self.expr(value), "not": negated }))
            }
            ExprKind::Paren(inner) => node("parentheses", span, json!({ "value": self.expr(inner) })),
            ExprKind::Error => leaf("error", span),
        }
    }

    fn arg(&self, arg: &Arg) -> Json {
        match arg {
            Arg::Plain(value) => self.expr(value),
            Arg::Where(of, cond) => {
                node("where", of.span.to(cond.span), json!({ "of": self.expr(of), "condition": self.expr(cond) }))
            }
            Arg::Each(of, value) => {
                node("each", of.span.to(value.span), json!({ "of": self.expr(of), "value": self.expr(value) }))
            }
        }
    }
}

/// The last block of an `else`.
fn else_end(otherwise: &Else) -> Span {
    match otherwise {
        Else::Block(body) => body.span,
        Else::If(next) => next.otherwise.as_ref().map_or(next.then.span, else_end),
    }
}

fn literal(lit: Lit) -> &'static str {
    match lit {
        Lit::Null => "null",
        Lit::True => "true",
        Lit::False => "false",
        Lit::Int => "integer",
        Lit::Decimal => "decimal",
        Lit::Percent => "percent",
        Lit::Money => "money",
        Lit::Duration => "duration",
        Lit::Date => "date",
        Lit::DateTime => "datetime",
        Lit::Time => "time",
    }
}

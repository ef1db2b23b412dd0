//! Waits for people: `wait for approval of … by …`, `wait for answer "…" from …`.

use super::context::Checker;
use super::typed::{Ask, Expr, ExprKind, Local, LocalId};
use crate::diagnostics::Code;
use crate::schema::{EntityId, Type};
use crate::source::Span;
use crate::syntax::ast::{self, PrepArg, TriggerPart};
use crate::value::{Name, Value};

/// The members of the variable that keeps what people said, beside the outcome itself.
const TEXT: &str = "text";
const BY: &str = "by";
const OUTCOME: &str = "outcome";

impl Checker<'_> {
    /// What is asked, of whom; `keep` is the variable that gets what they say. `word` is the first of the trigger.
    pub(super) fn ask(&mut self, what: &ast::Trigger, word: &str, keep: Option<Span>) -> Option<Ask> {
        let approval = word == "approval";
        let parts = what.parts.get(1..).unwrap_or(&[]);
        let (question, rest) = if approval { self.approved(parts) } else { self.question(parts) }
            .or_else(|| self.wrong_ask(what.span, approval))?;
        let [TriggerPart::Prep(first), more @ ..] = rest else { return self.wrong_ask(what.span, approval) };
        let wanted = if approval { "by" } else { "from" };
        if self.text_of(first.prep) != wanted || !first.atoms.is_empty() {
            return self.wrong_ask(what.span, approval);
        }
        let mut people: Vec<Expr> = Vec::new();
        for e in &first.values {
            people.push(self.person(e)?);
        }
        let all = !more.is_empty();
        for pair in more.chunks(2) {
            let [TriggerPart::And, TriggerPart::Atom(e)] = pair else { return self.wrong_ask(what.span, approval) };
            people.push(self.person(e)?);
        }
        if all && (!approval || first.values.len() > 1) {
            let (why, help) = if approval {
                ("`,` and `and` do not go together here", "`,` means any of them, `and` all of them: keep to one")
            } else {
                ("one answer is enough", "put a `,` between them: the first answer counts")
            };
            let diagnostic = self.error(Code::E0504, what.span, why).label("who is to say it?").help(help);
            self.report(diagnostic);
            return None;
        }
        if !self.somebody(&people) {
            return None;
        }
        let [text, by] = match keep {
            Some(name) => {
                [(TEXT, Type::Text), (BY, Type::User)].map(|(member, ty)| Some(self.beside(name, member, ty)))
            }
            None => [None, None],
        };
        Some(Ask { approval, question, people, all, text, by })
    }

    /// `of deal.discount`, told as `Discount of ACME: 15`.
    fn approved<'p>(&mut self, parts: &'p [TriggerPart]) -> Option<(Expr, &'p [TriggerPart])> {
        let [TriggerPart::Prep(PrepArg { prep, values, atoms }), rest @ ..] = parts else { return None };
        let ([value], []) = (values.as_slice(), atoms.as_slice()) else { return None };
        if self.text_of(*prep) != "of" {
            return None;
        }
        let typed = self.leniently(|c| c.expr(value, None));
        if *typed.ty.present() == Type::Text || typed.ty == Type::Error {
            return Some((typed, rest));
        }
        let span = typed.span;
        let text = |text: &str| Expr { span, ty: Type::Text, kind: ExprKind::Const(Value::text(text)) };
        let parts = if let Some((label, record)) = self.field_of(&typed) {
            vec![text(&format!("{label} of ")), record, text(": "), typed]
        } else {
            let head = format!("{}: ", self.text_of(span).split_whitespace().collect::<Vec<_>>().join(" "));
            let typed = match typed.ty.present() {
                Type::Entity(id) => self.titled(*id, typed),
                _ => typed,
            };
            vec![text(&head), typed]
        };
        Some((Expr { span, ty: Type::Text, kind: ExprKind::Text(parts) }, rest))
    }

    /// The label of a record's field, and the record as people know it.
    fn field_of(&self, typed: &Expr) -> Option<(Name, Expr)> {
        let ExprKind::Field(record, field) = &typed.kind else { return None };
        let Type::Entity(id) = record.ty.present() else { return None };
        let label = self.entity(*id)?.field(field)?.label.as_str().into();
        Some((label, self.titled(*id, (**record).clone())))
    }

    /// A record as people know it.
    fn titled(&self, id: EntityId, record: Expr) -> Expr {
        let entity = self.entity(id);
        let Some(title) = entity.and_then(|entity| entity.get(entity.title)) else { return record };
        let (span, ty) = (record.span, title.ty.clone().optional());
        Expr { span, ty, kind: ExprKind::Field(Box::new(record), title.name.clone()) }
    }

    /// `"Which discount?"`
    fn question<'p>(&mut self, parts: &'p [TriggerPart]) -> Option<(Expr, &'p [TriggerPart])> {
        let [TriggerPart::Atom(e), rest @ ..] = parts else { return None };
        let ast::ExprKind::Text(text) = &e.kind else { return None };
        Some((self.text(text, None), rest))
    }

    fn wrong_ask<T>(&mut self, span: Span, approval: bool) -> Option<T> {
        let (what, usage) = if approval {
            (
                "this does not say what is to be approved by whom",
                "wait for approval of deal.discount by deal.owner or 1d",
            )
        } else {
            ("this does not say what is asked of whom", "wait for answer \"Which discount?\" from deal.owner or 2d")
        };
        let diagnostic = self.error(Code::E0504, span, what).label("not in this form").help(format!("write `{usage}`"));
        self.report(diagnostic);
        None
    }

    /// Reports people who are asked and may all be missing: then there is nobody to answer.
    fn somebody(&mut self, people: &[Expr]) -> bool {
        match people {
            [first, others @ ..] if first.ty.is_optional() && others.iter().all(|e| e.ty.is_optional()) => {
                self.may_be_missing(first);
                false
            }
            _ => true,
        }
    }

    /// Somebody who can be asked: a person, a department, a role, or a list of people.
    fn person(&mut self, e: &ast::Expr) -> Option<Expr> {
        let typed = self.leniently(|c| c.expr(e, None));
        let fine = match typed.ty.present() {
            Type::User | Type::Department | Type::Role => true,
            Type::List(element) => *element.present() == Type::User,
            Type::Error => return None,
            _ => false,
        };
        if !fine {
            let ty = self.type_name(typed.ty.present());
            let diagnostic = self
                .error(Code::E0301, e.span, format!("expected somebody who works here, found {ty}"))
                .label(format!("this is {ty}"))
                .help(
                    "ask a person, a department or a role, such as `deal.owner`, `user \"anna\"` or `role \"Manager\"`",
                );
            self.report(diagnostic);
            return None;
        }
        Some(typed)
    }

    /// A variable beside another, such as `$a.text`; it may be missing.
    fn beside(&mut self, name: Span, member: &str, ty: Type) -> LocalId {
        let id = LocalId(u16::try_from(self.locals.len()).unwrap_or(u16::MAX));
        let full = Name::from(format!("{}.{member}", self.text_of(name)));
        // No variable of the text begins and ends there.
        self.locals.push(Local { name: full, ty: ty.optional(), span: Span::at(name.start), currency: None });
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(id);
        }
        id
    }

    /// `$a.text` of a variable that keeps what people said.
    pub(super) fn said(&mut self, span: Span, base: &ast::Expr, member: &str) -> Option<Expr> {
        if base.kind != ast::ExprKind::Var {
            return None;
        }
        let name = self.text_of(base.span);
        let text = self.find_local(&format!("{name}.{TEXT}"))?;
        if member == OUTCOME {
            return Some(Expr { span, ..self.variable(base.span) });
        }
        let id = if member == TEXT { text } else { self.find_local(&format!("{name}.{member}"))? };
        self.note_use(id);
        let ty = self.local(id).map_or(Type::Error, |local| local.ty.clone());
        Some(self.narrowed(Expr { span, ty, kind: ExprKind::Local(id) }))
    }
}

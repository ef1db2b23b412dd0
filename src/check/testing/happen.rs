//! `when call missed about $d with from: "…" by user "anna";`: the words of triggers, and the payload after `with`.

use super::StepKind;
use super::reply::{first_word, is_reply};
use crate::catalog;
use crate::check::context::Checker;
use crate::check::typed::Expr;
use crate::diagnostics::{Code, did_you_mean, one_of};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind as Ast, TriggerPart};
use crate::value::Name;

impl Checker<'_> {
    pub(super) fn when(&mut self, what: &ast::Trigger, with: &[ast::Named]) -> Option<StepKind> {
        let first = first_word(what, self.text);
        if is_reply(first) {
            return self.reply(what, first, with);
        }
        let words = what.parts.iter().map_while(|part| match part {
            TriggerPart::Atom(e) if e.kind == Ast::Name => Some(self.text_of(e.span)),
            _ => None,
        });
        let words: Vec<&str> = words.collect();
        let mut name = words.join(" ");
        let mut rest = what.parts.get(words.len()..).unwrap_or(&[]);
        let source = catalog::named_source(&name);
        let Some(spec) = source.or_else(|| catalog::event_spec(&name)) else {
            self.no_such_happening(what, &name, words.len());
            return None;
        };
        let mut members = self.payload(spec);
        if let Some(source) = source {
            let [TriggerPart::Atom(ast::Expr { span, kind: Ast::Text(text) }), tail @ ..] = rest else {
                self.misplaced(what.span, &format!("{name} \"name\""));
                return None;
            };
            let which = self.constant_text(text)?;
            if !self.is_source(source, &which, *span) {
                return None;
            }
            members = self.source_payload(source, &which);
            name = catalog::named_event(source, &which);
            rest = tail;
        }
        let mut payload = Vec::new();
        if let (Some(member), [TriggerPart::Atom(e), tail @ ..]) = (spec.selector, rest) {
            payload.push((member.into(), self.expect(e, &Type::Text)));
            rest = tail;
        }
        let (mut about, mut by) = (None, None);
        for part in rest {
            match part {
                TriggerPart::Prep(arg) if arg.atoms.is_empty() && arg.values.len() == 1 => {
                    let value = arg.values.first()?;
                    match self.text_of(arg.prep) {
                        "about" if about.is_none() => about = Some(self.some_record(value)),
                        "by" if by.is_none() => by = Some(self.expect(value, &Type::User)),
                        _ => self.misplaced(arg.prep, &name),
                    }
                }
                TriggerPart::Prep(arg) => self.misplaced(arg.prep, &name),
                TriggerPart::Atom(e) => self.misplaced(e.span, &name),
                TriggerPart::Comma | TriggerPart::Or | TriggerPart::And => {
                    self.misplaced(what.span, &name);
                    break;
                }
            }
        }
        if name.starts_with("manual ") && by.is_none() {
            let diagnostic = self
                .error(Code::E0404, what.span, "who presses the button?")
                .label("nobody is named")
                .help(format!("write `when manual \"{}\" by user \"anna\"`", name.trim_start_matches("manual ")));
            self.report(diagnostic);
            return None;
        }
        self.payload_of(&name, &members, with, &mut payload);
        Some(StepKind::When { event: name.into(), about, by, payload })
    }

    pub(super) fn some_record(&mut self, e: &ast::Expr) -> Expr {
        let record = self.expr(e, None);
        match record.ty.present() {
            Type::Entity(_) | Type::Error => record,
            other => {
                let ty = self.type_name(other);
                let diagnostic = self
                    .error(Code::E0301, e.span, format!("expected a record, found {ty}"))
                    .label(format!("this is {ty}"))
                    .help("name a record that was given, such as `$d`");
                self.report(diagnostic);
                crate::check::context::error_expr(e.span)
            }
        }
    }

    /// The values after `with`; a record of any entity can be among them.
    fn payload_of(&mut self, event: &str, members: &Type, with: &[ast::Named], payload: &mut Vec<(Name, Expr)>) {
        let Type::Record(members) = members else { return };
        for named in with {
            let name = self.text_of(named.name);
            let Some((_, ty)) = members.iter().find(|(member, _)| &**member == name) else {
                let own =
                    |(member, ty): &'_ (Name, Type)| &**member != "by" && !matches!(ty.present(), Type::Entity(_));
                let names = || members.iter().filter(|member| own(member)).map(|(member, _)| &**member);
                let diagnostic = self.error(Code::E0405, named.name, format!("`{event}` brings no `{name}`"));
                let diagnostic = match did_you_mean(name, names()) {
                    Some(near) => diagnostic.label(format!("did you mean `{near}`?")).fix(
                        format!("write `{near}`"),
                        named.name,
                        near,
                    ),
                    None => diagnostic.label("unknown here"),
                };
                self.report(diagnostic.help(format!("it brings {}, and records by their entity", one_of(names(), 10))));
                continue;
            };
            let value = self.expect(&named.value, &ty.clone());
            payload.push((name.into(), value));
        }
    }

    fn misplaced(&mut self, span: Span, name: &str) {
        let diagnostic = self
            .error(Code::E0403, span, format!("this does not belong to `when {name}`"))
            .label("not understood here")
            .help(format!("write `when {name} about $deal with …`, or with `by user \"anna\"` before `with`"));
        self.report(diagnostic);
    }

    fn no_such_happening(&mut self, what: &ast::Trigger, name: &str, words: usize) {
        let span = match (what.parts.first(), what.parts.get(words.wrapping_sub(1))) {
            (Some(TriggerPart::Atom(first)), Some(TriggerPart::Atom(last))) => first.span.to(last.span),
            _ => what.span,
        };
        let first = name.split(' ').next().unwrap_or(name);
        if self.schema.entity_id(first).is_some()
            && !catalog::EVENTS.iter().any(|e| e.name.split(' ').next() == Some(first))
        {
            let diagnostic = self
                .error(Code::E0401, span, "a change of a record is written as it is made")
                .label("not something that happens by itself")
                .help("write `set $d.stage = \"Invoice\";`, or `let $d = create deal with …;`");
            self.report(diagnostic);
            return;
        }
        let near = did_you_mean(name, catalog::EVENTS.iter().map(|e| e.name));
        let diagnostic = self.error(Code::E0401, span, format!("there is no event `{name}`"));
        let diagnostic = match near {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
            }
            None => diagnostic.label("unknown event"),
        };
        let of_first = catalog::EVENTS.iter().map(|e| e.name).filter(|n| n.split(' ').next() == Some(first));
        let of_first = one_of(of_first, 8);
        let help = if of_first.is_empty() {
            "events are written like triggers, as in `when call missed about $d`".to_owned()
        } else {
            format!("there are {of_first}")
        };
        self.report(diagnostic.help(help));
    }
}

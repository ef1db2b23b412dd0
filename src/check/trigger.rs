//! Triggers: which of the forms of the language page the words after `on` are.

use super::context::{Checker, Root};
use super::index::Symbol;
use super::trigger_parts::Parts;
use super::typed::{Change, Trigger};
use crate::catalog;
use crate::diagnostics::{Code, did_you_mean, one_of};
use crate::schema::{Entity, EntityId, StageKind, Type};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Name, Period, Value};

/// A trigger and what it brings into scope.
pub(super) struct Found {
    pub(super) trigger: Trigger,
    pub(super) root: Root,
    pub(super) event: Type,
    /// What must hold beside what the rule says.
    pub(super) selector: Option<Selector>,
}

/// A condition that a trigger brings with it.
pub(super) enum Selector {
    /// This member of the event must equal the text: `on form submitted "Callback"`.
    Is(&'static str, String, Span),
    /// The value must have become larger or not: `on deal score increased`.
    Moved {
        /// Larger.
        up: bool,
        /// The word.
        span: Span,
    },
}

/// The words after the entity's name.
const RECORD_EVENTS: &[&str] =
    &["created", "updated", "deleted", "changed", "stage", "status", "won", "lost", "closed", "score"];

impl Checker<'_> {
    /// Checks a trigger; `None` after a report.
    pub(super) fn trigger(&mut self, trigger: &ast::Trigger) -> Option<Found> {
        let mut parts = Parts::new(self, trigger);
        if let Some((offset, span)) = parts.duration(self) {
            return self.date_trigger(&mut parts, offset, span);
        }
        if let Some(path) = parts.path() {
            return self.date_field(&mut parts, path, Period::ZERO, false);
        }
        let Some((first, span)) = parts.word(self) else {
            self.unknown_trigger(trigger.span, "this is not a trigger");
            return None;
        };
        if let Some(id) = self.schema.entity_id(first) {
            let two_words = parts.peek_word(self).map(|second| format!("{first} {second}"));
            let is_event = |name: String| name.ends_with(" unreplied") || catalog::event_spec(&name).is_some();
            if !two_words.is_some_and(is_event) {
                self.note(span, &Type::Entity(id), || Symbol::Entity(first.into()));
                return self.record_trigger(trigger, &mut parts, id);
            }
        }
        self.event_trigger(&mut parts, first, span)
    }

    fn event_trigger(&mut self, parts: &mut Parts<'_>, first: &str, span: Span) -> Option<Found> {
        if let Some(source) = catalog::named_source(first) {
            return self.named_trigger(parts, source, span);
        }
        let Some((second, second_span)) = parts.word(self) else {
            self.unknown_entity(span, first);
            return None;
        };
        let name = format!("{first} {second}");
        if name == "email unreplied" {
            return self.unreplied(parts, false);
        }
        let Some(spec) = catalog::event_spec(&name) else {
            if self.begins_an_event(first) {
                self.unknown_event(span.to(second_span), &name, first);
            } else {
                self.unknown_entity(span, first);
            }
            return None;
        };
        self.note(span.to(second_span), &Type::Error, || Symbol::Event(spec.name));
        let selector = spec.selector.and_then(|member| {
            let (text, place) = parts.text(self)?;
            Some(Selector::Is(member, text, place))
        });
        if name == "email opened" && parts.and_word(self, "unreplied") {
            return self.unreplied(parts, true);
        }
        parts.done(self)?;
        let root = Root::Event;
        let event = self.payload(spec);
        Some(Found { trigger: Trigger::Event { name: spec.name.into() }, root, event, selector })
    }

    /// `email unreplied for 2d`, `email opened and unreplied for 2d`
    fn unreplied(&mut self, parts: &mut Parts<'_>, opened: bool) -> Option<Found> {
        let place = parts.span();
        let Some(e) = parts.prep(self, "for") else {
            self.unknown_trigger(place, "for how long is not said: write `unreplied for 2d`");
            return None;
        };
        self.begin(Root::None, Type::Error);
        let after = self.period(e)?;
        parts.done(self)?;
        let event = self.payload(catalog::event_spec("email sent")?);
        Some(Found { trigger: Trigger::Unreplied { opened, after }, root: Root::Event, event, selector: None })
    }

    /// `deal score increased`, `decreased`, `updated`
    fn score(&mut self, parts: &mut Parts<'_>, id: EntityId, entity: &Entity, span: Span) -> Option<Found> {
        let Some(field) = entity.field("score") else {
            let diagnostic = self.no_field(entity, span, false);
            self.report(diagnostic);
            return Some(Self::broken(parts, id, entity));
        };
        let selector = match parts.word(self) {
            Some(("increased", span)) => Some(Selector::Moved { up: true, span }),
            Some(("decreased", span)) => Some(Selector::Moved { up: false, span }),
            Some(("updated", _)) => None,
            other => {
                let place = other.map_or(span, |(_, at)| at);
                self.unknown_trigger(place, "a score is `increased`, `decreased` or `updated`");
                return None;
            }
        };
        parts.done(self)?;
        let what = Change::Fields { fields: vec![field.name.clone()], from: None, to: None };
        let ty = field.ty.clone().optional();
        let members = [("by", Type::User.optional()), ("before", ty.clone()), ("after", ty)];
        let members = members.into_iter().map(|(name, ty)| (Name::from(name), ty)).collect();
        let trigger = Trigger::Record { entity: entity.name.clone(), what };
        Some(Found { trigger, root: Root::Record(id), event: Type::Record(std::sync::Arc::new(members)), selector })
    }

    fn record_trigger(&mut self, trigger: &ast::Trigger, parts: &mut Parts<'_>, id: EntityId) -> Option<Found> {
        let entity = self.entity(id)?;
        let Some((word, span)) = parts.word(self) else {
            self.unknown_trigger(trigger.span, &format!("what happens to the {} is not said", entity.name));
            return None;
        };
        let mut changed = Type::Error;
        let what = match word {
            "created" if parts.or_word(self, "updated") => Change::Saved,
            "updated" if parts.or_word(self, "created") => Change::Saved,
            "created" => Change::Created,
            "updated" => Change::Updated,
            "deleted" => Change::Deleted,
            // A mistake behind these words was reported; the body can be checked all the same.
            "changed" => match self.changed(parts, id, entity, &mut changed) {
                Some(change) => change,
                None => return Some(Self::broken(parts, id, entity)),
            },
            "stage" | "status" => {
                changed = Type::Stage(id);
                match self.entered(parts, id, entity, word, span) {
                    Some(change) => change,
                    None => return Some(Self::broken(parts, id, entity)),
                }
            }
            "won" => Change::Closed { success: true, failure: false },
            "lost" => Change::Closed { success: false, failure: true },
            "closed" => Change::Closed { success: true, failure: true },
            // A lead is converted when it gets to a stage of success.
            "converted" if &*entity.name == "lead" => Change::Closed { success: true, failure: false },
            "score" => return self.score(parts, id, entity, span),
            _ => {
                self.unknown_event(span, &format!("{} {word}", entity.name), &entity.name);
                return None;
            }
        };
        if matches!(what, Change::Closed { .. }) {
            if entity.stage.is_none() {
                self.no_stages(span, entity);
                return None;
            }
            if let Change::Closed { success, failure } = what
                && !entity.pipelines.iter().flat_map(|p| &p.stages).any(|s| match s.kind {
                    StageKind::Success => success,
                    StageKind::Failure => failure,
                    StageKind::Open => false,
                })
            {
                self.no_such_end(span, entity, success);
                return None;
            }
            changed = Type::Stage(id);
        }
        parts.done(self)?;
        let mut members: Vec<(Name, Type)> = vec![("by".into(), Type::User.optional())];
        if changed != Type::Error {
            members.push(("before".into(), changed.clone().optional()));
            members.push(("after".into(), changed.optional()));
        }
        let event = Type::Record(std::sync::Arc::new(members));
        let trigger = Trigger::Record { entity: entity.name.clone(), what };
        Some(Found { trigger, root: Root::Record(id), event, selector: None })
    }

    /// What a trigger with a reported mistake brings into scope; its rule is never compiled.
    fn broken(parts: &mut Parts<'_>, id: EntityId, entity: &Entity) -> Found {
        parts.skip();
        Found {
            trigger: Trigger::Record { entity: entity.name.clone(), what: Change::Created },
            root: Root::Record(id),
            event: Type::Error,
            selector: None,
        }
    }

    /// `changed amount, close_date`, `changed amount from 5 to 9`
    fn changed(&mut self, parts: &mut Parts<'_>, id: EntityId, entity: &Entity, changed: &mut Type) -> Option<Change> {
        let mut fields: Vec<Name> = Vec::new();
        while let Some((word, span)) = parts.word(self) {
            let Some(field) = entity.field(word) else {
                let diagnostic = self.no_field(entity, span, false);
                self.report(diagnostic);
                return None;
            };
            self.note_field(span, id, &field.ty);
            *changed = if fields.is_empty() { field.ty.clone() } else { Type::Error };
            fields.push(field.name.clone());
            if !parts.comma() {
                break;
            }
        }
        if fields.is_empty() {
            self.unknown_trigger(parts.span(), "the field that changes is not named");
            return None;
        }
        let ty = changed.clone();
        self.begin(Root::Record(id), Type::Error);
        // `from user` is about who made the change.
        let from = if parts.is_origins(self) { None } else { parts.prep(self, "from") };
        let to = parts.prep(self, "to");
        if fields.len() > 1 && (from.is_some() || to.is_some()) {
            self.unknown_trigger(parts.whole(), "`from` and `to` need one field");
            return None;
        }
        let from = from.map(|e| self.constant(e, &ty));
        let to = to.map(|e| self.constant(e, &ty));
        if from == Some(None) || to == Some(None) {
            return None;
        }
        Some(Change::Fields { fields, from: from.flatten(), to: to.flatten() })
    }

    /// A value that is known before anything runs.
    pub(super) fn constant(&mut self, e: &ast::Expr, ty: &Type) -> Option<Value> {
        let expr = self.expect(e, &ty.clone().optional());
        match expr.kind {
            super::typed::ExprKind::Const(value) => Some(value),
            super::typed::ExprKind::Error => None,
            _ => {
                let diagnostic = self
                    .error(Code::E0402, e.span, "this must be a constant")
                    .label("worked out only when the rule runs")
                    .help("write the value itself, or use an `if` clause");
                self.report(diagnostic);
                None
            }
        }
    }

    /// `stage "Invoice" in pipeline "Sales"`, `status Won`
    fn entered(
        &mut self,
        parts: &mut Parts<'_>,
        id: EntityId,
        entity: &Entity,
        word: &str,
        span: Span,
    ) -> Option<Change> {
        let Some(own) = entity.stage_name() else {
            self.no_stages(span, entity);
            return None;
        };
        if **own != *word {
            let diagnostic = self
                .error(Code::E0401, span, format!("a {} has a {own}, not a {word}", entity.name))
                .label(format!("did you mean `{own}`?"))
                .help(format!("write `on {} {own} …`", entity.name))
                .fix(format!("write `{own}`"), span, &**own);
            self.report(diagnostic);
            return None;
        }
        self.begin(Root::Record(id), Type::Error);
        let Some(value) = parts.atom() else {
            self.unknown_trigger(parts.span(), &format!("the {word} that is entered is not named"));
            return None;
        };
        let pipeline = match parts.prep(self, "in") {
            Some(e) => Some(self.constant_name(e, &Type::Pipeline(id))?),
            None => None,
        };
        let items = match &value.kind {
            ast::ExprKind::List(items) => items,
            _ => std::slice::from_ref(value),
        };
        let mut stages = Vec::with_capacity(items.len());
        for item in items {
            let stage = self.constant_name(item, &Type::Stage(id))?;
            if let Some(pipeline) = pipeline.as_deref()
                && entity.find_stage(Some(pipeline), &stage).is_none()
            {
                self.wrong_pipeline(item.span, entity, pipeline, &stage);
                return None;
            }
            stages.push(stage);
        }
        Some(Change::Stage { stages, pipeline })
    }

    fn constant_name(&mut self, e: &ast::Expr, ty: &Type) -> Option<Name> {
        match self.constant(e, ty) {
            Some(Value::Text(name)) => Some(name),
            _ => None,
        }
    }

    /// `60d before deal.close_date at 09:00 monthly`
    fn date_trigger(&mut self, parts: &mut Parts<'_>, offset: Period, span: Span) -> Option<Found> {
        let before = match parts.word(self) {
            Some(("before", _)) => true,
            Some(("after", _)) => false,
            other => {
                let place = other.map_or(span, |(_, at)| at);
                self.unknown_trigger(place, "a duration is followed by `before` or `after` and a date field");
                return None;
            }
        };
        let Some(path) = parts.path() else {
            self.unknown_trigger(parts.span(), "the date field is not named, as in `deal.close_date`");
            return None;
        };
        self.date_field(parts, path, offset, before)
    }

    fn date_field(&mut self, parts: &mut Parts<'_>, path: &ast::Expr, offset: Period, before: bool) -> Option<Found> {
        let ast::ExprKind::Field { base, name, .. } = &path.kind else { return None };
        if base.kind != ast::ExprKind::Name {
            self.unknown_trigger(path.span, "the date must be a field of the record itself");
            return None;
        }
        let (root, field) = (self.text_of(base.span), self.text_of(*name));
        let Some(id) = self.schema.entity_id(root) else {
            self.unknown_entity(base.span, root);
            return None;
        };
        let entity = self.entity(id)?;
        let Some(found) = entity.field(field) else {
            let diagnostic = self.no_field(entity, *name, false);
            self.report(diagnostic);
            return Some(Self::broken(parts, id, entity));
        };
        self.note(base.span, &Type::Entity(id), || Symbol::Entity(root.into()));
        self.note_field(*name, id, &found.ty);
        if !matches!(found.ty, Type::Date | Type::DateTime) {
            let ty = self.type_name(&found.ty);
            let diagnostic = self
                .error(Code::E0301, path.span, format!("expected a date, found {ty}"))
                .label(format!("this field holds {ty}"))
                .help("only a date or datetime field can come up");
            self.report(diagnostic);
            return Some(Self::broken(parts, id, entity));
        }
        self.begin(Root::Record(id), Type::Error);
        let (at, repeat) = parts.timing(self);
        let at = match at {
            Some(e) => match self.constant(e, &Type::Time)? {
                Value::Time(time) => Some(time),
                _ => None,
            },
            None => None,
        };
        parts.done(self)?;
        let entity_name = entity.name.clone();
        let trigger_ = Trigger::Date { entity: entity_name, field: found.name.clone(), offset, before, at, repeat };
        let event = Type::Record(std::sync::Arc::new(Vec::new()));
        Some(Found { trigger: trigger_, root: Root::Record(id), event, selector: None })
    }

    fn no_stages(&mut self, span: Span, entity: &Entity) {
        let diagnostic = self
            .error(Code::E0401, span, format!("a {} has no stages", entity.name))
            .label("nothing to enter")
            .help(format!("give it some in crm.toml with `[[entities.{}.pipelines]]`", entity.name));
        self.report(diagnostic);
    }

    fn no_such_end(&mut self, span: Span, entity: &Entity, success: bool) {
        let kind = if success { "success" } else { "failure" };
        let diagnostic = self
            .error(Code::E0401, span, format!("no stage of a {} means {kind}", entity.name))
            .label("this never happens")
            .help(format!("say which one does in crm.toml: `{kind} = [\"…\"]` beside its stages"));
        self.report(diagnostic);
    }

    fn unknown_entity(&mut self, span: Span, word: &str) {
        let entities = || self.schema.entities.iter().map(|e| &*e.name);
        let firsts = catalog::EVENTS.iter().filter_map(|e| e.name.split(' ').next());
        let all: Vec<&str> = entities().chain(firsts).collect();
        let diagnostic = self.error(Code::E0401, span, format!("nothing called `{word}` can set off a rule"));
        let diagnostic = match did_you_mean(word, all.iter().copied()) {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
            }
            None => diagnostic.label("unknown trigger"),
        };
        let help = format!("entities are {}", one_of(entities(), 8));
        self.report(diagnostic.help(help));
    }

    /// Whether some event's name begins with this word.
    fn begins_an_event(&self, first: &str) -> bool {
        self.schema.entity_id(first).is_some()
            || catalog::EVENTS.iter().any(|e| e.name.split(' ').next() == Some(first))
    }

    fn unknown_event(&mut self, span: Span, name: &str, first: &str) {
        let of_first = catalog::EVENTS.iter().map(|e| e.name).filter(|n| n.split(' ').next() == Some(first));
        let mut all: Vec<String> = of_first.map(str::to_owned).collect();
        if self.schema.entity_id(first).is_some() {
            all.extend(RECORD_EVENTS.iter().map(|word| format!("{first} {word}")));
        }
        let diagnostic = self.error(Code::E0401, span, format!("there is no trigger `{name}`"));
        let diagnostic = match did_you_mean(name, all.iter().map(String::as_str)) {
            Some(near) => diagnostic.label(format!("did you mean `{near}`?")),
            None => diagnostic.label("unknown trigger"),
        };
        let field = name.split(' ').nth(1).and_then(|word| self.schema.entity(first)?.field(word));
        let help = match field.map(|field| (&field.name, field.ty.present())) {
            Some((field, Type::Date | Type::DateTime)) => {
                format!(
                    "when that date comes is `on {first}.{field}`, as in `on {first}.{field} yearly at 09:00`; a change of it is `on {first} changed {field}`"
                )
            }
            Some((field, _)) => format!("a change of it is `on {first} changed {field}`"),
            None => format!("there are {}", one_of(all.iter().map(String::as_str), 10)),
        };
        self.report(diagnostic.help(help));
    }

    pub(super) fn unknown_trigger(&mut self, span: Span, message: &str) {
        let diagnostic = self
            .error(Code::E0401, span, message)
            .label("cannot set off a rule")
            .help("write what happens, as in `on deal created`, `on deal stage \"Invoice\"` or `on 3d before deal.close_date`");
        self.report(diagnostic);
    }
}

//! One line → one event.

use super::json::{Once, TWICE};
use crate::catalog::{EVENTS, EventSpec, PayloadType, event_spec, named_source};
use crate::diagnostics::{did_you_mean, one_of};
use crate::engine::{Event, EventKind, Reply, ReplyKind};
use crate::ir::Origin;
use crate::schema::{Entity, KINDS_SUFFIX, Schema, Type, field_from_json, kinds_from_json, moment, value_from_json};
use crate::source::Span;
use crate::value::{Moment, Name, Ref, Value};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;

const CHANGE: &[&str] = &["at", "do", "entity", "id", "fields", "by", "origin", "key"];
const EVENT: &[&str] = &["at", "do", "event", "entity", "id", "fields", "by", "origin", "key"];
const REPLY: &[&str] = &["at", "do", "request", "by", "text", "to", "origin", "key"];
const ORIGINS: &[(&str, Origin)] =
    &[("user", Origin::User), ("api", Origin::Api), ("import", Origin::Import), ("rule", Origin::Rule)];

/// Fields with their values.
type Fields = Vec<(Name, Value)>;

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineError {
    /// Where in the line, in bytes; `None` for the line as a whole.
    pub span: Option<Span>,
    /// What is wrong, in the user's words.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// The longest message, in bytes.
const LONGEST_MESSAGE: usize = 400;

impl LineError {
    fn new(span: Option<Span>, message: impl Into<String>) -> Self {
        // A wrong value may have a megabyte.
        Self { span, message: cut(&message.into(), LONGEST_MESSAGE).into_owned(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The beginning of a text that may be long.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    let end = text.floor_char_boundary(most);
    match text.get(..end) {
        Some(begin) if end < text.len() => Cow::Owned(format!("{begin}…")),
        Some(_) | None => Cow::Borrowed(text),
    }
}

/// Reads one line of an event file against the schema. The names of events and the types of what belongs to them are
/// the catalogue's.
pub fn parse_line(line: &str, schema: &Schema) -> Result<Event, LineError> {
    let Once(json) = serde_json::from_str(line).map_err(|error| not_json(line, &error))?;
    let Json::Object(object) = json else {
        return Err(LineError::new(None, "the line is not a JSON object").help("write {\"at\": …, \"do\": …}"));
    };
    Line { line, object: &object, schema }.event()
}

fn not_json(line: &str, error: &serde_json::Error) -> LineError {
    let at = line.floor_char_boundary(error.column().saturating_sub(1));
    let text = error.to_string();
    // The position is told by the span; within one line serde's "at line 1 column 7" would only mislead.
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    if let Some(key) = reason.strip_prefix(TWICE) {
        let start = (at + 1).saturating_sub(key.len());
        let place = line.get(start..=at).filter(|found| *found == key).and(span(start, at + 1));
        let name = serde_json::from_str(key).unwrap_or_else(|_| key.to_owned());
        let error = LineError::new(place, format!("`{name}` stands here for the second time: which value is meant?"));
        return error.help("leave the wrong one out; a change that comes later is a line of its own");
    }
    LineError::new(span(at, at), format!("this is not JSON: {reason}")).help("every line is one JSON object")
}

fn span(start: usize, end: usize) -> Option<Span> {
    Some(Span::new(u32::try_from(start).ok()?, u32::try_from(end).ok()?))
}

/// A line with what it says.
struct Line<'a> {
    line: &'a str,
    object: &'a Map<String, Json>,
    schema: &'a Schema,
}

impl Line<'_> {
    fn event(&self) -> Result<Event, LineError> {
        let reply = |what| EventKind::Reply(Reply { request: Name::default(), what });
        let (what, keys) = match self.need("do", "\"create\", \"update\", \"delete\" or \"event\"")? {
            "create" => (EventKind::Create, CHANGE),
            "update" => (EventKind::Update, CHANGE),
            "delete" => (EventKind::Delete, CHANGE),
            "event" => (EventKind::Named(Name::default()), EVENT),
            "approve" => (reply(ReplyKind::Approve), REPLY),
            "reject" => (reply(ReplyKind::Reject), REPLY),
            "answer" => (reply(ReplyKind::Answer), REPLY),
            "delegate" => (reply(ReplyKind::Delegate(Name::default())), REPLY),
            other => {
                let names = [&["create", "update", "delete", "event"], ReplyKind::NAMES].concat();
                return Err(self.unknown("do", format!("nothing can be done by `{other}`"), other, &names));
            }
        };
        if let Some(key) = self.object.keys().find(|key| !keys.contains(&key.as_str())) {
            let error = LineError::new(self.place(0, key, None), format!("an event has no key `{key}`"));
            return Err(error.help(hint(key, keys)));
        }
        let at = self.at()?;
        let by = match self.text("by")? {
            Some(name) => Some(self.schema.find_user(name).map_err(|reason| self.error("by", reason))?),
            None => None,
        };
        let origin = self.origin()?;
        let id = self.text("key")?.map(Name::from);
        let (what, about, fields) = match what {
            EventKind::Named(_) => self.named()?,
            EventKind::Reply(Reply { request: _, what }) => {
                if by.is_none() {
                    let message = format!("who {}s it?", what.name());
                    return Err(self.error("do", message).help("add `by`: the employee's short name"));
                }
                let (reply, fields) = self.reply(what)?;
                (EventKind::Reply(reply), None, fields)
            }
            EventKind::Create | EventKind::Update | EventKind::Delete => {
                let (about, fields) = self.change(&what, by.is_some())?;
                (what, Some(about), fields)
            }
        };
        Ok(Event { at, what, about, fields, by, origin, id })
    }

    fn at(&self) -> Result<Moment, LineError> {
        let text = self.need("at", "the moment, such as \"2026-03-02T09:00:00+01:00\"")?;
        moment(self.schema, text).map_err(|reason| self.error("at", reason))
    }

    fn origin(&self) -> Result<Origin, LineError> {
        let Some(text) = self.text("origin")? else { return Ok(Origin::User) };
        let known = ORIGINS.iter().find(|(name, _)| *name == text).map(|(_, origin)| *origin);
        let names: Vec<&str> = ORIGINS.iter().map(|(name, _)| *name).collect();
        known.ok_or_else(|| self.unknown("origin", format!("there is no origin `{text}`"), text, &names))
    }

    /// A change of a record: which one, and its fields.
    fn change(&self, what: &EventKind, has_actor: bool) -> Result<(Ref, Fields), LineError> {
        let Some((entity, about)) = self.about()? else {
            return Err(self.error("do", "a change needs `entity` and `id`").help("say which record changes"));
        };
        let fields = self.fields()?;
        if *what == EventKind::Delete && !fields.is_empty() {
            return Err(self.error("fields", "a record that is removed has no fields").help("remove `fields`"));
        }
        let mut values = Vec::with_capacity(fields.len());
        for (name, json) in fields {
            let Some(field) = entity.field(name) else {
                let names: Vec<&str> = entity.fields.iter().map(|field| &*field.name).collect();
                let message = format!("{} has no field `{name}`", entity.name);
                return Err(self.unknown_field(name, message, &names));
            };
            if name == "id" {
                let help = "write it as `id` beside `entity`";
                return Err(self.field_error(name, "`id` is not among the fields").help(help));
            }
            let value = field_from_json(self.schema, field, json);
            let value = value.map_err(|reason| self.field_error(name, format!("{name}: {reason}")))?;
            if value == Value::Missing && field.required && *what != EventKind::Delete {
                return Err(self.field_error(name, format!("{name}: a {} cannot be without it", entity.name)));
            }
            values.push((field.name.clone(), value));
            let kinds = entity.field(&format!("{}{KINDS_SUFFIX}", field.name)).zip(kinds_from_json(json));
            if let Some((kinds, json)) = kinds.filter(|(kinds, _)| !fields.contains_key(&*kinds.name)) {
                let value = value_from_json(self.schema, &kinds.ty, &json);
                let value = value.map_err(|reason| self.field_error(name, format!("{name}: {reason}")))?;
                values.push((kinds.name.clone(), value));
            }
        }
        self.fits_pipeline(entity, &values)?;
        self.open_to_all(entity, &values)?;
        if *what == EventKind::Create {
            complete(entity, &values, has_actor)?;
        }
        Ok((about, values))
    }

    /// A stage belongs to the pipeline beside it.
    fn fits_pipeline(&self, entity: &Entity, values: &[(Name, Value)]) -> Result<(), LineError> {
        let value = |wanted: &Name| values.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
        let stage = entity.stage_name().and_then(value);
        let pipeline = entity.pipeline_field().and_then(|field| value(&field.name));
        if let (Some(Value::Text(stage)), Some(Value::Text(pipeline))) = (stage, pipeline)
            && entity.find_stage(Some(pipeline), stage).is_none()
        {
            let message = format!("pipeline `{pipeline}` has no stage `{stage}`");
            let stages = entity.pipeline(pipeline).into_iter().flat_map(|p| &p.stages).map(|s| &*s.name);
            let help = format!("its stages are {}", one_of(stages, 12));
            return Err(self.field_error(entity.stage_name().map_or("stage", |name| name), message).help(help));
        }
        Ok(())
    }

    /// Some stages are for rules alone; what comes from an import, or was done by a rule, may be in them.
    fn open_to_all(&self, entity: &Entity, values: &[(Name, Value)]) -> Result<(), LineError> {
        let free = matches!(self.origin()?, Origin::Import | Origin::Rule);
        let Some(stage) = entity.closed_to_people(values).filter(|_| !free) else { return Ok(()) };
        let message = format!("only rules put a {} into `{}`", entity.name, stage.name);
        let help = "crm.toml says so (`rules_only`); add `\"origin\": \"import\"` for records that were there before";
        Err(self.field_error(entity.stage_name().map_or("stage", |name| name), message).help(help))
    }

    /// An answer to what a run asked.
    fn reply(&self, what: ReplyKind) -> Result<(Reply, Fields), LineError> {
        let request = Name::from(self.need("request", "the request's number, such as \"17.3\"")?);
        let text = self.text("text")?;
        let what = match what {
            ReplyKind::Delegate(_) => {
                let to = self.need("to", "the employee who is to answer instead")?;
                ReplyKind::Delegate(self.schema.find_user(to).map_err(|reason| self.error("to", reason))?)
            }
            ReplyKind::Answer if text.is_none() => {
                return Err(self.error("do", "the answer is missing").help("add it as `text`"));
            }
            other @ (ReplyKind::Approve | ReplyKind::Reject | ReplyKind::Answer) => other,
        };
        if self.object.contains_key("to") && !matches!(what, ReplyKind::Delegate(_)) {
            return Err(self.error("to", "only `delegate` hands the request to somebody else").help("leave it out"));
        }
        let text = text.map(|text| (Name::from("text"), Value::text(text)));
        Ok((Reply { request, what }, text.into_iter().collect()))
    }

    /// Something that happened.
    fn named(&self) -> Result<(EventKind, Option<Ref>, Fields), LineError> {
        let name = self.need("event", "the event's name, such as \"call missed\"")?;
        // `manual Call me`: what stands behind the first word is a name of its own.
        let source = name.split_once(' ').and_then(|(first, rest)| Some((named_source(first)?, rest.trim())));
        let spec = source.filter(|(_, rest)| !rest.is_empty()).map(|(spec, _)| spec).or_else(|| event_spec(name));
        let Some(spec) = spec else {
            let names: Vec<&str> = EVENTS.iter().map(|event| event.name).collect();
            return Err(self.unknown("event", format!("there is no event `{name}`"), name, &names));
        };
        if source.is_some() && spec.name == "manual" && !self.object.contains_key("by") {
            let help = "add `by`: the employee's short name";
            return Err(self.error("event", "who presses the button?").help(help));
        }
        let about = self.about()?.map(|(_, about)| about);
        let own = self.brought(source.filter(|(spec, _)| spec.name == "webhook").map(|(_, name)| name))?;
        let mut values = Vec::new();
        for (name, json) in self.fields()? {
            let declared = own.iter().find(|(known, _)| **known == *name.as_str()).map(|(_, ty)| ty.clone());
            let Some(ty) = declared.or_else(|| self.payload_type(spec, name)) else {
                let own = own.iter().map(|(name, _)| &**name);
                let names: Vec<&str> = spec.payload.iter().map(|(name, _)| *name).chain(own).collect();
                return Err(self.unknown_field(name, format!("`{}` has no `{name}`", spec.name), &names));
            };
            let value = value_from_json(self.schema, &ty, json);
            let value = value.map_err(|reason| self.field_error(name, format!("{name}: {reason}")))?;
            values.push((Name::from(name.as_str()), value));
        }
        Ok((EventKind::Named(name.into()), about, values))
    }

    /// What the webhook of this name brings.
    fn brought(&self, webhook: Option<&str>) -> Result<&[(Name, Type)], LineError> {
        let Some(name) = webhook else { return Ok(&[]) };
        let Some(webhook) = self.schema.webhooks.get(name) else {
            let names: Vec<&str> = self.schema.webhooks.keys().map(|name| &**name).collect();
            return Err(self.unknown("event", format!("there is no webhook `{name}` in crm.toml"), name, &names));
        };
        Ok(&webhook.payload)
    }

    /// The type of a member of an event's payload: what the catalogue says, or a record under its entity's name.
    fn payload_type(&self, spec: &EventSpec, name: &str) -> Option<Type> {
        let declared = spec.payload.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty);
        let link = || self.schema.entity_id(name).map(Type::Entity);
        declared.map(PayloadType::ty).or_else(link)
    }

    /// The record that `entity` and `id` name: both or none.
    fn about(&self) -> Result<Option<(&Entity, Ref)>, LineError> {
        let name = match self.text("entity")? {
            Some(name) => name,
            None if self.object.contains_key("id") => {
                return Err(self.error("id", "`id` without `entity`").help("say of which entity the record is"));
            }
            None => return Ok(None),
        };
        let Some(entity) = self.schema.entity(name) else {
            let names: Vec<&str> = self.schema.entities.iter().map(|entity| &*entity.name).collect();
            return Err(self.unknown("entity", format!("there is no entity `{name}`"), name, &names));
        };
        let id = match self.object.get("id") {
            Some(Json::String(id)) if !id.trim().is_empty() && !id.chars().any(char::is_control) => {
                Name::from(id.as_str())
            }
            Some(Json::Number(id)) if id.is_u64() => id.to_string().into(),
            Some(other) => {
                let error = self.error("id", format!("`{other}` is not the number of a record"));
                return Err(error.help("it is a whole number, or a text without line breaks and control characters"));
            }
            None => return Err(self.error("entity", format!("which {name}?")).help("add its `id`")),
        };
        Ok(Some((entity, Ref { kind: entity.name.clone(), id })))
    }

    fn fields(&self) -> Result<&Map<String, Json>, LineError> {
        static NONE: std::sync::LazyLock<Map<String, Json>> = std::sync::LazyLock::new(Map::new);
        match self.object.get("fields") {
            None | Some(Json::Null) => Ok(&NONE),
            Some(Json::Object(fields)) => Ok(fields),
            Some(_) => Err(self.error("fields", "`fields` is not a JSON object").help("write {\"title\": \"ACME\"}")),
        }
    }

    fn text(&self, key: &str) -> Result<Option<&str>, LineError> {
        match self.object.get(key) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
            Some(_) => Err(self.error(key, format!("`{key}` must be a text that is not empty"))),
        }
    }

    fn need(&self, key: &str, example: &str) -> Result<&str, LineError> {
        self.text(key)?.ok_or_else(|| {
            LineError::new(None, format!("the event has no `{key}`")).help(format!("add `\"{key}\"`: {example}"))
        })
    }

    /// An error at the value of a key.
    fn error(&self, key: &str, message: impl Into<String>) -> LineError {
        LineError::new(self.place(0, key, self.object.get(key)), message)
    }

    /// An error at the value of a field.
    fn field_error(&self, field: &str, message: impl Into<String>) -> LineError {
        let from = self.line.find("\"fields\"").unwrap_or(0);
        let value = self.object.get("fields").and_then(|fields| fields.get(field));
        LineError::new(self.place(from, field, value), message)
    }

    fn unknown(&self, key: &str, message: String, wrong: &str, known: &[&str]) -> LineError {
        self.error(key, message).help(hint(wrong, known))
    }

    fn unknown_field(&self, field: &str, message: String, known: &[&str]) -> LineError {
        let from = self.line.find("\"fields\"").unwrap_or(0);
        LineError::new(self.place(from, field, None), message).help(hint(field, known))
    }

    /// The place of a key's value in the line; without a value, of the key. Looked for only when something is wrong, so that reading
    /// stays fast.
    fn place(&self, from: usize, key: &str, value: Option<&Json>) -> Option<Span> {
        let quoted = Json::from(key).to_string();
        let text = value.map(Json::to_string);
        let mut first = None;
        for (at, _) in self.line.match_indices(&quoted).filter(|(at, _)| *at >= from) {
            let end = at + quoted.len();
            let Some(rest) = self.line.get(end..).and_then(|rest| rest.trim_start().strip_prefix(':')) else {
                continue;
            };
            let rest = rest.trim_start();
            if let Some(text) = text.as_ref().filter(|text| rest.starts_with(text.as_str())) {
                let start = self.line.len() - rest.len();
                return span(start, start + text.len());
            }
            first = first.or(span(at, end));
        }
        first
    }
}

/// A new record has all that it must have.
fn complete(entity: &Entity, values: &[(Name, Value)], has_actor: bool) -> Result<(), LineError> {
    let given = |name: &str| values.iter().any(|(known, _)| &**known == name);
    let missing = entity.fields.iter().find(|field| entity.must_be_given(field) && !given(&field.name));
    if let Some(field) = missing {
        let message = format!("a new {} needs `{}`", entity.name, field.name);
        return Err(LineError::new(None, message).help("add it to `fields`"));
    }
    if entity.field("owner").is_some_and(|field| field.required) && !has_actor && !given("owner") {
        let message = format!("a new {} needs an `owner`", entity.name);
        return Err(LineError::new(None, message).help("add it to `fields`, or say `by` whom it is made"));
    }
    Ok(())
}

fn hint(wrong: &str, known: &[&str]) -> String {
    match did_you_mean(wrong, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known are {}", one_of(known.iter().copied(), 12)),
    }
}

//! `:event`: something happens, written shortly. It becomes a line of an event file, so that everything about it is
//! checked where lines of event files are.

use super::session::Session;
use crate::catalog;
use crate::diagnostics::did_you_mean;
use crate::engine::Event;
use crate::engine::ReplyKind;
use crate::feed::events::{LineError, parse_line};
use crate::schema::value_to_json;
use crate::source::{FileId, Span};
use crate::syntax::lexer::{self, Lexed};
use crate::syntax::token::Token;
use serde_json::{Map, Value as Json};

/// How events are written.
pub(super) const USAGE: &str = "write it like one of these:
  :event create deal title: \"ACME\", stage: Invoice, amount: 12000 PLN
  :event update deal 1 stage: \"Invoice\"
  :event delete deal 1
  :event call missed about deal 1 from: \"+48 22 123 45 67\"
  :event manual \"Call me\" about deal 1 by anna
  :event approve 17.3 by mona text: \"fine\"
  :event delegate 17.3 by mona to: leo
  :event update deal 1 by anna stage: Won
  :event {\"do\": \"update\", \"entity\": \"deal\", \"id\": \"1\", \"fields\": {\"stage\": \"Won\"}}";

const CHANGES: [&str; 3] = ["create", "update", "delete"];

impl Session {
    /// Reads what follows `:event`.
    pub(super) fn read_event(&self, text: &str) -> Result<Event, String> {
        let mut object = if text.trim_start().starts_with('{') {
            serde_json::from_str::<Map<String, Json>>(text).map_err(|e| format!("this is not a JSON object: {e}"))?
        } else {
            self.short_event(text)?
        };
        let now = || self.now().to_string().into();
        object.entry("at").or_insert_with(now);
        let line = Json::Object(object).to_string();
        parse_line(&line, &self.schema).map_err(|error| told(&error))
    }

    fn short_event(&self, text: &str) -> Result<Map<String, Json>, String> {
        let tokens = lexer::lex(text, 0, FileId::default(), &mut Vec::new()).tokens;
        let pairs =
            tokens.windows(2).position(|two| matches!(two, [a, b] if a.kind.is_word() && b.kind == Token::Colon));
        let fields_at = pairs.and_then(|at| tokens.get(at)).map_or(text.len(), |t| t.span.start as usize);
        let mut head: Vec<&str> = text.get(..fields_at).unwrap_or("").split_whitespace().collect();
        let mut object = Map::new();
        let mut by = None;
        if let Some(at) = head.iter().position(|word| *word == "by") {
            by = head.get(at + 1).map(|name| name.trim_matches('"').to_owned());
            head.truncate(at);
        }
        let add = |object: &mut Map<String, Json>, key: &str, value: &str| {
            object.insert(key.to_owned(), value.into());
        };
        match *head.as_slice() {
            [what, entity, ref id @ ..] if CHANGES.contains(&what) => {
                let id = match *id {
                    [id] => id.trim_matches('"').to_owned(),
                    [] if what == "create" => self.next_id(entity)?,
                    [] => return Err(format!("which {entity}? write `:event {what} {entity} 1 …`")),
                    _ => return Err(format!("`{}` is not understood here; {USAGE}", id.join(" "))),
                };
                add(&mut object, "do", what);
                add(&mut object, "entity", entity);
                add(&mut object, "id", &id);
                by = by.or_else(|| self.schema.users.keys().next().map(ToString::to_string));
            }
            [what, ref request @ ..] if ReplyKind::NAMES.contains(&what) => {
                let fields = self.fields(text, tokens.get(pairs.unwrap_or(tokens.len())..).unwrap_or(&[]))?;
                return reply(what, request, by, fields);
            }
            [source, ..] if catalog::named_source(source).is_some() => {
                let split = head.iter().position(|word| *word == "about").unwrap_or(head.len());
                let (name, about) = head.split_at(split);
                add(&mut object, "do", "event");
                add(&mut object, "event", &name.join(" ").replace('"', ""));
                about_record(about, &mut object)?;
            }
            [first, second, ref about @ ..] => {
                let name = format!("{first} {second}");
                if let (None, Some(near)) = (catalog::event_spec(&name), did_you_mean(first, CHANGES)) {
                    return Err(format!("there is no event `{name}`: did you mean `{near} {second}`?"));
                }
                add(&mut object, "do", "event");
                add(&mut object, "event", &name);
                about_record(about, &mut object)?;
            }
            _ => return Err(USAGE.to_owned()),
        }
        if let Some(by) = by {
            object.insert("by".to_owned(), by.into());
        }
        let fields = self.fields(text, tokens.get(pairs.unwrap_or(tokens.len())..).unwrap_or(&[]))?;
        if !fields.is_empty() {
            object.insert("fields".to_owned(), Json::Object(fields));
        }
        Ok(object)
    }

    /// `title: "ACME", amount: 12000 PLN`
    fn fields(&self, text: &str, tokens: &[Lexed]) -> Result<Map<String, Json>, String> {
        let mut fields = Map::new();
        for part in split(tokens, Token::Comma) {
            let [name, colon, value @ ..] = part else {
                return Err(format!("a field is written `name: value`; {USAGE}"));
            };
            if !name.kind.is_word() || colon.kind != Token::Colon || value.is_empty() {
                return Err(format!("a field is written `name: value`; {USAGE}"));
            }
            fields.insert(name.span.of(text).to_owned(), self.json(text, value)?);
        }
        Ok(fields)
    }

    /// What a value means in an event file.
    fn json(&self, text: &str, tokens: &[Lexed]) -> Result<Json, String> {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return Ok(Json::Null) };
        let whole = Span::new(first.span.start, last.span.end).of(text);
        Ok(match (first.kind, last.kind, tokens.len()) {
            (Token::LBracket, Token::RBracket, n) => {
                let inner = tokens.get(1..n - 1).unwrap_or(&[]);
                let items = split(inner, Token::Comma).into_iter().filter(|part| !part.is_empty());
                Json::Array(items.map(|part| self.json(text, part)).collect::<Result<_, _>>()?)
            }
            (Token::Text, _, 1) => serde_json::from_str(whole).unwrap_or_else(|_| whole.trim_matches('"').into()),
            (Token::Int | Token::Decimal, _, 1) => {
                let plain = whole.replace('_', "");
                serde_json::from_str(&plain).unwrap_or_else(|_| plain.into())
            }
            (Token::True, _, 1) => Json::Bool(true),
            (Token::False, _, 1) => Json::Bool(false),
            (Token::Null, _, 1) => Json::Null,
            (Token::Var, _, 1) => match self.variables.get(whole) {
                Some(known) => match value_to_json(&known.value) {
                    Json::Object(mut of) if of.contains_key("id") => of.remove("id").unwrap_or_default(),
                    other => other,
                },
                None => match self.schema.binding(whole) {
                    Some(binding) => Json::from(&*binding.target.id),
                    None => return Err(format!("there is no variable `{whole}`; `:vars` lists them")),
                },
            },
            // `user "anna"`, `lead 1`: the field knows what it links to.
            (kind, Token::Text | Token::Int, 2) if kind.is_word() => self.json(text, tokens.get(1..).unwrap_or(&[]))?,
            _ => whole.into(),
        })
    }

    /// A number that no record of the entity has.
    fn next_id(&self, entity: &str) -> Result<String, String> {
        let mut highest = 0u64;
        let mut after: Option<crate::value::Name> = None;
        loop {
            let page = self.store().records(entity, after.as_deref(), 1000).map_err(|e| e.to_string())?;
            let Some((last, _)) = page.last() else { return Ok((highest + 1).to_string()) };
            after = Some(last.clone());
            highest = page.iter().filter_map(|(id, _)| id.parse().ok()).fold(highest, u64::max);
        }
    }
}

/// The parts between separators that stand in no brackets.
fn split(tokens: &[Lexed], by: Token) -> Vec<&[Lexed]> {
    let mut depth = 0u32;
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Token::LBracket => depth += 1,
            Token::RBracket => depth = depth.saturating_sub(1),
            kind if kind == by && depth == 0 => {
                parts.extend(tokens.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(tokens.get(from..).filter(|part| !part.is_empty()));
    parts
}

fn told(error: &LineError) -> String {
    match &error.help {
        Some(help) => format!("{}: {help}", error.message),
        None => error.message.clone(),
    }
}

/// `about deal 57`, or nothing.
fn about_record(words: &[&str], object: &mut Map<String, Json>) -> Result<(), String> {
    match *words {
        [] => {}
        ["about", entity, id] => {
            object.insert("entity".to_owned(), entity.into());
            object.insert("id".to_owned(), id.into());
        }
        _ => return Err(format!("`{}` is not understood here; {USAGE}", words.join(" "))),
    }
    Ok(())
}

/// `approve 17.3 by anna text: "fine"`
fn reply(
    what: &str,
    request: &[&str],
    by: Option<String>,
    fields: Map<String, Json>,
) -> Result<Map<String, Json>, String> {
    let [request] = *request else {
        return Err(format!("which request? write `:event {what} 17.3 by anna …`; `:runs` shows the numbers"));
    };
    let mut object = fields;
    object.insert("do".to_owned(), what.into());
    object.insert("request".to_owned(), request.into());
    if let Some(by) = by {
        object.insert("by".to_owned(), by.into());
    }
    Ok(object)
}

//! A row → the life of its record, as events.

use super::map::{Column, Format, Input, Map, MappedField, Piece, Source, Step};
use crate::engine::Event;
use crate::feed::events::parse_line;
use crate::schema::{Schema, Type, moment};
use crate::value::Moment;
use chrono::{NaiveDate, NaiveDateTime, SecondsFormat};
use csv::StringRecord;
use serde_json::{Map as Object, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// Turns the rows of one file into events, by one source of the map.
pub(super) struct Rows<'a> {
    schema: &'a Schema,
    origin: Option<&'a str>,
    source: &'a Source,
    columns: BTreeMap<&'a str, usize>,
    seen: BTreeSet<String>,
}

/// A row with the columns that the map names.
struct Row<'a, 'r> {
    rows: &'a Rows<'a>,
    record: &'r StringRecord,
}

impl<'a> Rows<'a> {
    /// Rows under these headings; the error is the first column that the map names and the file lacks.
    pub(super) fn new(
        schema: &'a Schema,
        map: &'a Map,
        source: &'a Source,
        headings: &'a [String],
    ) -> Result<Self, &'a Column> {
        let columns: BTreeMap<&str, usize> = headings.iter().map(|name| name.trim()).zip(0..).collect();
        if let Some(column) = source.columns().find(|column| !columns.contains_key(column.name.as_str())) {
            return Err(column);
        }
        Ok(Self { schema, origin: map.origin.as_deref(), source, columns, seen: BTreeSet::new() })
    }

    /// The events of one row; the error says why the row does not fit.
    pub(super) fn events(&mut self, record: &StringRecord) -> Result<Vec<Event>, String> {
        let row = Row { rows: self, record };
        let id = row.text(&self.source.id).ok_or("the row has no identifier")?;
        if self.seen.contains(&id) {
            return Err(format!("`{id}` was there before"));
        }
        let events = row.life(&id)?;
        self.seen.insert(id);
        Ok(events)
    }
}

impl Row<'_, '_> {
    /// From the making of the record through all its steps.
    fn life(&self, id: &str) -> Result<Vec<Event>, String> {
        let source = self.rows.source;
        let mut steps = Vec::new();
        for step in &source.steps {
            if let Some(at) = self.step_moment(step)? {
                steps.push((at, step));
            }
        }
        let mut created = None;
        for column in &source.created {
            created = created.or(self.moment(column)?);
        }
        let mut rest = steps.as_slice();
        let (mut now, mut before) = (created, "the record was made".to_owned());
        let mut first = None;
        if created.is_none() {
            // Nobody noted when the record was made, so it is there from its first step on.
            now = match steps.split_first() {
                Some(((at, step), later)) => {
                    (first, rest) = (Some(*step), later);
                    before = format!("`{}`", step.at.name);
                    Some(*at)
                }
                None => source.undated,
            };
        }
        let Some(mut last) = now else {
            return Err("the row has no date: add `undated` to the map to say when such records were made".to_owned());
        };
        let mut stage =
            first.and_then(|step| step.stage.as_ref()).or(source.stage.as_ref()).and_then(|stage| self.text(stage));
        let later = |field: &MappedField| source.steps.iter().any(|step| step.set.contains(&field.name));
        let now_too = |field: &MappedField| first.is_some_and(|step| step.set.contains(&field.name));
        let fields = self.fields(|field| !later(field) || now_too(field))?;
        let mut events = vec![self.event(last, "create", id, fields, stage.as_deref())?];
        for (at, step) in rest {
            if *at < last {
                return Err(format!("`{}` is before {}", step.at.name, before));
            }
            let entered = step.stage.as_ref().and_then(|stage| self.text(stage));
            let fields = self.fields(|field| step.set.contains(&field.name))?;
            events.push(self.event(*at, "update", id, fields, entered.as_deref())?);
            (last, before, stage) = (*at, format!("`{}`", step.at.name), entered.or(stage));
        }
        self.check_end(stage.as_deref())?;
        Ok(events)
    }

    /// What the row says of its stage is what its dates lead to.
    fn check_end(&self, stage: Option<&str>) -> Result<(), String> {
        let Some(column) = &self.rows.source.ends_in else { return Ok(()) };
        let said = self.cell(column);
        if said.is_none() || said.as_deref() == stage {
            return Ok(());
        }
        let (said, stage) = (said.unwrap_or_default(), stage.unwrap_or("no stage"));
        Err(format!("`{}` says `{said}`, but the row's dates lead to `{stage}`", column.name))
    }

    /// When a step happened, if it did.
    fn step_moment(&self, step: &Step) -> Result<Option<Moment>, String> {
        let holds =
            step.when.iter().all(|(column, values)| self.cell(column).is_some_and(|cell| values.contains(&cell)));
        if holds { self.moment(&step.at) } else { Ok(None) }
    }

    fn moment(&self, column: &Column) -> Result<Option<Moment>, String> {
        let Some(cell) = self.cell(column) else { return Ok(None) };
        let text = match &self.rows.source.format {
            Some(format) => dated(&cell, format).ok_or_else(|| wrong_date(&column.name, &cell, format))?,
            None => cell,
        };
        moment(self.rows.schema, &text).map(Some).map_err(|reason| format!("{}: {reason}", column.name))
    }

    fn fields(&self, wanted: impl Fn(&MappedField) -> bool) -> Result<Object<String, Json>, String> {
        let mut fields = Object::new();
        for field in self.rows.source.fields.iter().filter(|field| wanted(field)) {
            if let Some(value) = self.value(&field.name, &field.ty, &field.input)? {
                fields.insert(field.name.to_string(), value);
            }
        }
        Ok(fields)
    }

    /// One event, by way of its line: so it is checked like any other.
    fn event(
        &self,
        at: Moment,
        verb: &str,
        id: &str,
        mut fields: Object<String, Json>,
        stage: Option<&str>,
    ) -> Result<Event, String> {
        let Rows { schema, origin, source, .. } = self.rows;
        let entity = schema.entity(&source.entity);
        if let (Some(stage), Some(field)) = (stage, entity.and_then(|entity| entity.stage_name())) {
            fields.insert(field.to_string(), stage.into());
        }
        let at = at.utc().to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let mut line = json!({ "at": at, "do": verb, "entity": &*source.entity, "id": id, "fields": fields });
        let by = source.by.as_ref().and_then(|by| self.text(by));
        if let Some(by) = &by {
            schema.find_user(by).map_err(|reason| format!("by: {reason}"))?;
        }
        if let Json::Object(line) = &mut line {
            line.extend(by.map(|by| ("by".to_owned(), by.into())));
            line.extend(origin.map(|origin| ("origin".to_owned(), origin.into())));
        }
        parse_line(&line.to_string(), schema).map_err(|error| match error.help {
            Some(help) => format!("{} ({help})", error.message),
            None => error.message,
        })
    }

    /// The value of a field as an event has it; nothing when the row has none.
    fn value(&self, name: &str, ty: &Type, input: &Input) -> Result<Option<Json>, String> {
        if let Some(constant) = &input.constant {
            return Ok(Some(constant.clone()));
        }
        let Some(text) = self.text(input) else { return Ok(input.default.clone()) };
        if let (Type::List(item), Some(separator)) = (ty, &input.split) {
            let parts = text.split(separator.as_str()).map(str::trim).filter(|part| !part.is_empty());
            let parts: Result<Vec<Json>, String> = parts.map(|part| self.one(name, item, input, part)).collect();
            return parts.map(|parts| Some(parts.into()));
        }
        self.one(name, ty, input, &text).map(Some)
    }

    fn one(&self, name: &str, ty: &Type, input: &Input, text: &str) -> Result<Json, String> {
        let source = self.rows.source;
        let format = input.format.as_ref().or(source.format.as_ref());
        Ok(match (ty, format) {
            (Type::Date | Type::DateTime, Some(format)) => {
                dated(text, format).ok_or_else(|| wrong_date(name, text, format))?.into()
            }
            (Type::Money, _) => {
                let number = plain_number(text, source.decimal);
                // A cell with letters names its own currency, or is no amount and is shown as it is.
                let bare = !number.contains(char::is_alphabetic);
                match input.currency.as_ref().filter(|_| bare) {
                    Some(currency) => format!("{number} {currency}").into(),
                    None => number.into(),
                }
            }
            (Type::Int | Type::Decimal, _) => plain_number(text, source.decimal).into(),
            _ => text.into(),
        })
    }

    /// The text of an input: its constant, or the first of its texts whose columns are all filled.
    fn text(&self, input: &Input) -> Option<String> {
        if let Some(constant) = &input.constant {
            return Some(constant.as_str().map_or_else(|| constant.to_string(), str::to_owned));
        }
        input.texts.iter().find_map(|pieces| {
            let parts = pieces.iter().map(|piece| match piece {
                Piece::Text(text) => Some(text.clone()),
                Piece::Column(column) => self.cell(column),
            });
            parts.collect::<Option<Vec<String>>>().map(|parts| parts.concat())
        })
    }

    /// What a column holds, translated; nothing when it is empty.
    fn cell(&self, column: &Column) -> Option<String> {
        let at = *self.rows.columns.get(column.name.as_str())?;
        let cell = self.record.get(at)?.trim();
        let values = self.rows.source.values.get(&column.name);
        let cell = values.and_then(|values| values.get(cell)).map_or(cell, String::as_str);
        (!cell.is_empty()).then(|| cell.to_owned())
    }
}

fn wrong_date(column: &str, text: &str, format: &Format) -> String {
    format!("{column}: `{text}` is not a date of the form `{}`", format.written)
}

/// A date, or a date and time, in the form that values have in events.
fn dated(text: &str, Format { written: _, code: format }: &Format) -> Option<String> {
    let local = NaiveDateTime::parse_from_str(text, format).map(|time| time.format("%Y-%m-%dT%H:%M:%S").to_string());
    local.or_else(|_| NaiveDate::parse_from_str(text, format).map(|day| day.to_string())).ok()
}

/// `1.234,50` as `1234.50`; what is no number stays as it is, to be shown.
fn plain_number(text: &str, decimal: char) -> String {
    if text.contains(char::is_alphabetic) {
        return text.to_owned();
    }
    let other = if decimal == ',' { '.' } else { ',' };
    let kept = text.chars().filter(|c| *c != other && !c.is_whitespace() && *c != '\'');
    kept.map(|c| if c == decimal { '.' } else { c }).collect()
}

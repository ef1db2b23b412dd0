//! Reading the import map.

use super::map::{Column, Format, Input, Map, MappedField, Piece, Source, Step};
use crate::diagnostics::{Code, Diagnostic, sort};
use crate::schema::document::{Codes, Entry, Kind, Node, Reader};
use crate::schema::{Entity, Schema, moment};
use crate::source::{FileId, Span};
use crate::value::{Moment, Name};
use std::collections::BTreeMap;

const CODES: Codes = Codes { syntax: Code::E0705, unknown: Code::E0705, value: Code::E0705, twice: Code::E0705 };
const TOP: &[&str] = &["origin", "source"];
const SOURCE: &[&str] = &[
    "file",
    "entity",
    "id",
    "by",
    "created",
    "undated",
    "stage",
    "ends_in",
    "format",
    "decimal",
    "separator",
    "fields",
    "values",
    "steps",
];
const STEP: &[&str] = &["at", "stage", "set", "when"];
const INPUT: &[&str] = &["column", "text", "value", "default", "currency", "format", "split"];
const ORIGINS: &[&str] = &["user", "api", "import", "rule"];

/// Reads a map against the schema; with mistakes it must not be used.
pub(super) fn read(file: FileId, text: &str, schema: &Schema) -> (Map, Vec<Diagnostic>) {
    let mut reading = Reading { reader: Reader::new(file, CODES), schema };
    let root = reading.reader.parse(text);
    let mut map = Map::default();
    for entry in reading.reader.table(&root, "the file") {
        match entry.key.as_str() {
            "origin" => map.origin = reading.origin(&entry.value),
            "source" => {
                for node in reading.reader.list(&entry.value, "`source`") {
                    map.sources.extend(reading.source(node));
                }
            }
            _ => reading.reader.unknown_key(entry, "the map", TOP),
        }
    }
    if map.sources.is_empty() && reading.reader.found.is_empty() {
        reading.reader.bad(Span::at(0), "the map has no source", "add `[[source]]` with `file`, `entity` and `id`");
    }
    let mut found = reading.reader.found;
    sort(&mut found);
    (map, found)
}

struct Reading<'s> {
    reader: Reader,
    schema: &'s Schema,
}

impl<'s> Reading<'s> {
    fn origin(&mut self, node: &Node) -> Option<String> {
        let name = self.reader.text(node, "`origin`")?;
        if !ORIGINS.contains(&name.text) {
            let message = format!("there is no origin `{}`", name.text);
            self.reader.unknown(name, message, ORIGINS.iter().copied());
        }
        Some(name.text.to_owned())
    }

    fn source(&mut self, node: &Node) -> Option<Source> {
        let entries = self.reader.table(node, "a source");
        for entry in entries.iter().filter(|entry| !SOURCE.contains(&entry.key.as_str())) {
            self.reader.unknown_key(entry, "a source", SOURCE);
        }
        let Some(entity) = node.get("entity") else {
            self.reader.bad(node.span, "a source without `entity`", "say what its rows are: `entity = \"deal\"`");
            return None;
        };
        let entity = self.entity(entity)?;
        let Some(id) = node.get("id") else {
            self.reader.bad(node.span, "a source without `id`", "name the column that tells the records apart");
            return None;
        };
        let fields = node.get("fields").map(|fields| self.fields(entity, fields)).unwrap_or_default();
        let steps = node.get("steps").map(|steps| self.steps(entity, &fields, steps)).unwrap_or_default();
        let undated = node.get("undated").and_then(|node| self.moment(node));
        Some(Source {
            file: node.get("file").and_then(|file| self.reader.text(file, "`file`")).map(|name| name.text.to_owned()),
            entity: entity.name.clone(),
            id: self.input(id, "`id`")?,
            by: node.get("by").and_then(|by| self.input(by, "`by`")),
            created: node.get("created").map(|columns| self.columns(columns, "`created`")).unwrap_or_default(),
            undated,
            stage: node.get("stage").and_then(|stage| self.stage(entity, stage)),
            ends_in: node.get("ends_in").and_then(|node| self.column(node, "`ends_in`")),
            format: node.get("format").and_then(|node| self.format(node)),
            decimal: node.get("decimal").and_then(|node| self.letter(node, "`decimal`", &[',', '.'])).unwrap_or('.'),
            separator: node
                .get("separator")
                .and_then(|node| self.letter(node, "`separator`", &[',', ';', '\t', '|']))
                .and_then(|letter| u8::try_from(letter).ok())
                .unwrap_or(b','),
            fields,
            values: node.get("values").map(|values| self.values(values)).unwrap_or_default(),
            steps,
        })
    }

    fn entity(&mut self, node: &Node) -> Option<&'s Entity> {
        let name = self.reader.text(node, "`entity`")?;
        let schema = self.schema;
        let entity = schema.entity(name.text);
        if entity.is_none() {
            let message = format!("there is no entity `{}`", name.text);
            self.reader.unknown(name, message, schema.entities.iter().map(|entity| &*entity.name));
        }
        entity
    }

    fn moment(&mut self, node: &Node) -> Option<Moment> {
        let (Kind::Text(text) | Kind::Time(text)) = &node.kind else {
            self.reader.bad(node.span, "`undated` must be a date", "write it as 2026-03-02");
            return None;
        };
        match moment(self.schema, text) {
            Ok(moment) => Some(moment),
            Err(reason) => {
                self.reader.bad(node.span, reason, "or write a date: 2026-03-02");
                None
            }
        }
    }

    fn letter(&mut self, node: &Node, what: &str, allowed: &[char]) -> Option<char> {
        let name = self.reader.text(node, what)?;
        let mut letters = name.text.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if allowed.contains(&letter) => Some(letter),
            _ => {
                let names: Vec<String> = allowed.iter().map(|letter| letter.escape_default().to_string()).collect();
                let message = format!("{what} cannot be `{}`", name.text);
                self.reader.unknown(name, message, names.iter().map(String::as_str));
                None
            }
        }
    }

    fn column(&mut self, node: &Node, what: &str) -> Option<Column> {
        let name = self.reader.text(node, what)?;
        Some(Column { name: name.text.to_owned(), span: name.span })
    }

    fn columns(&mut self, node: &Node, what: &str) -> Vec<Column> {
        let names = self.reader.texts(node, what);
        names.into_iter().map(|name| Column { name: name.text.to_owned(), span: name.span }).collect()
    }

    /// `"%d.%m.%Y"`, or in people's words `"DD.MM.YYYY HH:mm"`.
    fn format(&mut self, node: &Node) -> Option<Format> {
        let name = self.reader.text(node, "`format`")?;
        if name.text.contains('%') {
            return Some(Format { written: name.text.to_owned(), code: name.text.to_owned() });
        }
        let words =
            [("YYYY", "%Y"), ("YY", "%y"), ("MM", "%m"), ("DD", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S")];
        let code = words.iter().fold(name.text.to_owned(), |format, (word, code)| format.replace(word, code));
        if !["%d", "%m"].iter().all(|part| code.contains(part)) {
            let message = format!("`{}` is not a date format", name.text);
            self.reader.bad(name.span, message, "write it as \"DD.MM.YYYY\" or \"MM/DD/YYYY HH:mm\"");
            return None;
        }
        Some(Format { written: name.text.to_owned(), code })
    }

    fn fields(&mut self, entity: &Entity, node: &Node) -> Vec<MappedField> {
        let mut fields = Vec::new();
        for entry in self.reader.table(node, "`fields`") {
            let Some(field) = entity.field(&entry.key) else {
                let message = format!("{} has no field `{}`", entity.name, entry.key);
                self.reader.unknown(entry.name(), message, entity.fields.iter().map(|field| &*field.name));
                continue;
            };
            if ["id", "stage", "status"].contains(&entry.key.as_str()) {
                let help = format!("write `{}` in the source itself", if entry.key == "id" { "id" } else { "stage" });
                self.reader.bad(entry.span, format!("`{}` is not among the fields", entry.key), help);
                continue;
            }
            if let Some(input) = self.input(&entry.value, &format!("`{}`", entry.key)) {
                fields.push(MappedField { name: field.name.clone(), ty: field.ty.clone(), input });
            }
        }
        fields
    }

    /// A column, a text with `{columns}`, alternatives, or a table with more to say.
    fn input(&mut self, node: &Node, what: &str) -> Option<Input> {
        let mut input = Input::default();
        let Kind::Table(_) = node.kind else {
            input.texts = self.reader.texts(node, what).iter().map(|name| pieces(name.text, name.span)).collect();
            return (!input.texts.is_empty()).then_some(input);
        };
        for entry in self.reader.table(node, what) {
            match entry.key.as_str() {
                "column" => {
                    let column = self.column(&entry.value, "`column`");
                    input.texts.extend(column.map(|column| vec![Piece::Column(column)]));
                }
                "text" => {
                    let texts = self.reader.texts(&entry.value, "`text`");
                    input.texts.extend(texts.iter().map(|name| pieces(name.text, name.span)));
                }
                "value" => input.constant = Some(entry.value.to_json()),
                "default" => input.default = Some(entry.value.to_json()),
                "currency" => input.currency = self.currency(&entry.value),
                "format" => input.format = self.format(&entry.value),
                "split" => input.split = self.reader.text(&entry.value, "`split`").map(|name| name.text.to_owned()),
                _ => self.reader.unknown_key(entry, what, INPUT),
            }
        }
        if input.texts.is_empty() == input.constant.is_none() {
            let help = "write `column = \"name\"`, `text = \"{one} {other}\"` or `value = …`";
            self.reader.bad(node.span, format!("{what} must come from one place"), help);
            return None;
        }
        Some(input)
    }

    fn currency(&mut self, node: &Node) -> Option<String> {
        let name = self.reader.text(node, "`currency`")?;
        if !crate::schema::is_currency(name.text) {
            let message = format!("there is no currency `{}`", name.text);
            self.reader.bad(name.span, message, "write its three letters (ISO 4217), such as `EUR`");
        }
        Some(name.text.to_owned())
    }

    /// A stage by its name, or `{ column = "deal_stage" }`.
    fn stage(&mut self, entity: &Entity, node: &Node) -> Option<Input> {
        let Some(field) = entity.stage_name() else {
            let message = format!("{} has neither stages nor statuses", entity.name);
            self.reader.bad(node.span, message, "remove the line");
            return None;
        };
        let Kind::Text(_) = node.kind else { return self.input(node, "`stage`") };
        let name = self.reader.text(node, "`stage`")?;
        if entity.find_stage(None, name.text).is_none() {
            let message = format!("{} has no {field} `{}`", entity.name, name.text);
            let stages = entity.pipelines.iter().flat_map(|pipeline| &pipeline.stages);
            self.reader.unknown(name, message, stages.map(|stage| &*stage.name));
        }
        Some(Input { constant: Some(name.text.into()), ..Input::default() })
    }

    fn values(&mut self, node: &Node) -> BTreeMap<String, BTreeMap<String, String>> {
        let mut columns = BTreeMap::new();
        for column in self.reader.table(node, "`values`") {
            let mut values = BTreeMap::new();
            for entry in self.reader.table(&column.value, &format!("`values.{}`", column.key)) {
                // An empty text takes the value away, so `text` with its refusal of empty ones is not asked.
                match &entry.value.kind {
                    Kind::Text(text) => drop(values.insert(entry.key.clone(), text.clone())),
                    _ => self.reader.bad(entry.value.span, "a value must be a text in quotes", "put it in quotes"),
                }
            }
            columns.insert(column.key.clone(), values);
        }
        columns
    }

    fn steps(&mut self, entity: &Entity, fields: &[MappedField], node: &Node) -> Vec<Step> {
        let mut steps = Vec::new();
        for item in self.reader.list(node, "`steps`") {
            steps.extend(self.step(entity, fields, item));
        }
        steps
    }

    fn step(&mut self, entity: &Entity, fields: &[MappedField], node: &Node) -> Option<Step> {
        let entries = self.reader.table(node, "a step");
        for entry in entries.iter().filter(|entry| !STEP.contains(&entry.key.as_str())) {
            self.reader.unknown_key(entry, "a step", STEP);
        }
        let Some(at) = node.get("at") else {
            self.reader.bad(node.span, "a step without `at`", "name the column that says when: `at = \"close_date\"`");
            return None;
        };
        let at = self.column(at, "`at`")?;
        let stage = node.get("stage").and_then(|stage| self.stage(entity, stage));
        let mut set: Vec<Name> = Vec::new();
        if let Some(names) = node.get("set") {
            for name in self.reader.texts(names, "`set`") {
                if let Some(field) = fields.iter().find(|field| *field.name == *name.text) {
                    set.push(field.name.clone());
                } else {
                    let message = format!("`{}` is not one of this source's fields", name.text);
                    self.reader.unknown(name, message, fields.iter().map(|field| &*field.name));
                }
            }
        }
        if node.get("stage").is_none() && node.get("set").is_none() {
            self.reader.bad(node.span, "a step in which nothing changes", "add `stage` or `set`");
        }
        let when = node.get("when").map(|when| self.when(when)).unwrap_or_default();
        Some(Step { at, stage, set, when })
    }

    /// `when = { deal_stage = ["Won", "Lost"] }`.
    fn when(&mut self, node: &Node) -> Vec<(Column, Vec<String>)> {
        let mut conditions = Vec::new();
        for Entry { key, span, value } in self.reader.table(node, "`when`") {
            let values = self.reader.texts(value, &format!("`when.{key}`"));
            let values = values.iter().map(|name| name.text.to_owned()).collect();
            conditions.push((Column { name: key.clone(), span: *span }, values));
        }
        conditions
    }
}

/// `"{product} for {account}"` in pieces; a text without braces is one column.
fn pieces(text: &str, span: Span) -> Vec<Piece> {
    if !text.contains('{') {
        return vec![Piece::Column(Column { name: text.to_owned(), span })];
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (column, tail) = after.split_once('}').unwrap_or((after, ""));
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        pieces.push(Piece::Column(Column { name: column.trim().to_owned(), span }));
        rest = tail;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    pieces
}

//! `[entities.NAME.fields]`: new fields, and other labels, options and defaults for those that are there.

use super::Loader;
use crate::schema::document::{Entry, Kind, Named, Node};
use crate::schema::names::{parse_type, type_names};
use crate::schema::{Choice, EntityId, Field, FieldId, Type, builtin};
use crate::source::Span;
use crate::value::{Currency, Name, Value};

pub(super) const KEYS: &[&str] =
    &["type", "label", "required", "read_only", "multiple", "options", "default", "currency"];
const MOST_FIELDS: usize = 2000;

/// What a field's table says; `None` where it says nothing.
#[derive(Default)]
struct Said<'n> {
    ty: Option<Named<'n>>,
    label: Option<(String, Vec<String>)>,
    required: Option<bool>,
    read_only: Option<bool>,
    multiple: bool,
    options: Option<(Vec<Choice>, Span)>,
    default: Option<&'n Node>,
    currency: Option<(Currency, Span)>,
    /// Whether there was something that nobody knows, which may have been meant as what is missing.
    unclear: bool,
    /// Places of keys that the system's own fields do not take.
    fixed: Vec<Span>,
}

impl Loader {
    pub(super) fn fields(&mut self, id: EntityId, section: &Node) {
        for entry in self.reader.table(section, "`fields`") {
            let Some(said) = self.said(entry) else { continue };
            let known = self.schema.get(id).and_then(|entity| entity.field_id(&entry.key));
            let at = match known {
                Some(at) => self.change_field(id, at, entry, &said).then_some(at),
                None => self.add_field(id, entry, &said),
            };
            if let (Some(at), Some(default)) = (at, said.default) {
                self.defaults.push((id, at, default.clone()));
            }
        }
    }

    /// Reads the table of a field; a text alone is its type.
    fn said<'n>(&mut self, entry: &'n Entry) -> Option<Said<'n>> {
        let mut said = Said::default();
        if let Kind::Text(_) = entry.value.kind {
            said.ty = Some(self.reader.text(&entry.value, "a type")?);
            return Some(said);
        }
        said.unclear = !matches!(entry.value.kind, Kind::Table(_));
        for key in self.reader.table(&entry.value, &format!("field `{}`", entry.key)) {
            match key.key.as_str() {
                "type" => said.ty = self.reader.text(&key.value, "`type`"),
                "label" => said.label = self.labels(&key.value),
                "required" => {
                    said.required = self.reader.flag(&key.value, "`required`");
                    said.fixed.push(key.span);
                }
                "read_only" => {
                    said.read_only = self.reader.flag(&key.value, "`read_only`");
                    said.fixed.push(key.span);
                }
                "multiple" => said.multiple = self.reader.flag(&key.value, "`multiple`") == Some(true),
                "options" => said.options = Some((self.options(&key.value), key.span)),
                "default" => {
                    said.default = Some(&key.value);
                    said.fixed.push(key.span);
                }
                "currency" => {
                    let name = self.reader.text(&key.value, "`currency`");
                    said.currency = name.and_then(|name| self.currency(name)).map(|currency| (currency, key.span));
                }
                _ => {
                    said.unclear = true;
                    self.reader.unknown_key(key, "a field", KEYS);
                }
            }
        }
        Some(said)
    }

    /// `options = ["Low", { name = "High", label = "Hoch" }]`.
    fn options(&mut self, node: &Node) -> Vec<Choice> {
        let mut options: Vec<(Choice, Span)> = Vec::new();
        for item in self.reader.list(node, "`options`") {
            let (name, label) = match item.get("name") {
                Some(name) => {
                    for key in self.reader.table(item, "an option") {
                        if !["name", "label"].contains(&key.key.as_str()) {
                            self.reader.unknown_key(key, "an option", &["name", "label"]);
                        }
                    }
                    let name = self.reader.text(name, "`name`");
                    (name, item.get("label").and_then(|label| self.labels(label)))
                }
                None => (self.reader.text(item, "an option"), None),
            };
            let Some(name) = name else { continue };
            if let Some((_, first)) = options.iter().find(|(known, _)| *known.name == *name.text) {
                let message = format!("option `{}` is there twice", name.text);
                self.reader.twice(name.span, Some(*first), message, "remove one of them");
                continue;
            }
            let (label, labels) = label.unwrap_or_else(|| (name.text.to_owned(), Vec::new()));
            options.push((Choice { name: name.text.into(), label, labels }, name.span));
        }
        options.into_iter().map(|(choice, _)| choice).collect()
    }

    /// The type that a field's table names; options alone make an `enum`.
    fn field_type(&mut self, id: EntityId, at: FieldId, entry: &Entry, said: &Said<'_>) -> Option<Type> {
        let choice = Type::Enum(id, at);
        let Some(name) = said.ty else {
            if said.options.is_some() {
                return Some(if said.multiple { choice.list() } else { choice });
            }
            if !said.unclear {
                let message = format!("field `{}` has no type", entry.key);
                self.reader.bad(entry.span, message, "add `type = \"text\"`, or another type");
            }
            return None;
        };
        match parse_type(name.text, choice, &|name| self.schema.entity_id(name)) {
            Ok(ty @ Type::List(_)) => Some(ty),
            Ok(ty) => Some(if said.multiple { ty.list() } else { ty }),
            Err(part) => {
                let message = format!("there is no type `{part}`");
                let all = name.text.len() == part.len();
                let known: Vec<String> = type_names()
                    .map(str::to_owned)
                    .chain(self.schema.entities.iter().map(|e| e.name.to_string()))
                    .map(|known| if all { known } else { format!("list of {known}") })
                    .collect();
                self.reader.unknown(name, message, known.iter().map(String::as_str));
                None
            }
        }
    }

    fn add_field(&mut self, id: EntityId, entry: &Entry, said: &Said<'_>) -> Option<FieldId> {
        let name = self.identifier(entry.name(), "a field")?;
        let entity = self.schema.get(id)?;
        if let Some(like) = entity.fields.iter().find(|field| field.name.eq_ignore_ascii_case(&name)) {
            let first = like.place.map(|(_, span)| span);
            let message = format!("field `{name}` differs from `{}` only by capitals", like.name);
            self.reader.twice(entry.span, first, message, "give it another name");
            return None;
        }
        let count = entity.fields.len();
        let Some(at) = u16::try_from(count).ok().filter(|_| count < MOST_FIELDS).map(FieldId) else {
            self.reader.bad(entry.span, "there are too many fields", format!("{MOST_FIELDS} are the limit"));
            return None;
        };
        let ty = self.field_type(id, at, entry, said)?;
        let options = self.fitting_options(entry, &ty, said);
        let currency = self.fitting_currency(&ty, said);
        let (label, labels) = said.label.clone().unwrap_or_else(|| (builtin::label_of(&name), Vec::new()));
        let field = Field {
            label,
            labels,
            name,
            currency,
            ty,
            required: said.required.unwrap_or(false),
            read_only: said.read_only.unwrap_or(false),
            options,
            default: None,
            place: self.place(entry.span),
        };
        let fields = &mut self.schema.entities.get_mut(id.0 as usize)?.fields;
        fields.push(field.clone());
        let kinds = builtin::kinds_field(&field, id, builtin::next(fields));
        fields.extend(kinds.filter(|kinds| fields.iter().all(|known| known.name != kinds.name)));
        Some(at)
    }

    /// The options of an `enum`, which needs some; other types have none.
    fn fitting_options(&mut self, entry: &Entry, ty: &Type, said: &Said<'_>) -> Vec<Choice> {
        let is_enum = match ty {
            Type::List(item) => matches!(**item, Type::Enum(..)),
            other => matches!(other, Type::Enum(..)),
        };
        match &said.options {
            Some((options, span)) if is_enum && options.is_empty() => {
                self.reader.bad(*span, format!("field `{}` has no options", entry.key), "list at least one");
                Vec::new()
            }
            Some((options, _)) if is_enum => options.clone(),
            Some((_, span)) => {
                let message = format!("a field of type {} has no options", self.schema.type_name(ty));
                self.reader.bad(*span, message, "remove `options`, or write `type = \"enum\"`");
                Vec::new()
            }
            None if is_enum => {
                let message = format!("field `{}` has no options", entry.key);
                self.reader.bad(entry.span, message, "add `options = [\"One\", \"Two\"]`");
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// The currency of an amount; other types have none.
    fn fitting_currency(&mut self, ty: &Type, said: &Said<'_>) -> Option<Currency> {
        let (currency, span) = said.currency?;
        let amount = match ty {
            Type::List(item) => &**item,
            other => other,
        };
        if *amount == Type::Money {
            return Some(currency);
        }
        let message = format!("a field of type {} has no currency", self.schema.type_name(ty));
        self.reader.bad(span, message, "remove `currency`, or write `type = \"money\"`");
        None
    }

    /// Applies what is said of a field that is there already; whether its default may be read.
    fn change_field(&mut self, id: EntityId, at: FieldId, entry: &Entry, said: &Said<'_>) -> bool {
        let Some(entity) = self.schema.get(id) else { return false };
        let Some(field) = entity.get(at).cloned() else { return false };
        let system = entity.filled(&field).is_some() || field.read_only;
        if said.ty.is_some()
            && let Some(ty) = self.field_type(id, at, entry, said)
            && ty != field.ty
        {
            let span = said.ty.map_or(entry.span, |name| name.span);
            let known = self.schema.type_name(&field.ty);
            let message = format!("field `{}` is built in with the type {known}", entry.key);
            self.reader.bad(span, message, "remove `type`, or add a field of another name");
        }
        if system {
            for span in &said.fixed {
                let message = format!("field `{}` is kept by the system", entry.key);
                self.reader.bad(*span, message, "only its `label` can be changed");
            }
        }
        let options = match &said.options {
            Some(_) => Some(self.fitting_options(entry, &field.ty, said)),
            None => None,
        };
        let currency = self.fitting_currency(&field.ty, said);
        let place = self.place(entry.span);
        let Some(field) = self.schema.field_mut(id, at) else { return false };
        field.place = place;
        if let Some((label, labels)) = &said.label {
            field.label.clone_from(label);
            field.labels.clone_from(labels);
        }
        field.currency = currency.or(field.currency);
        if let Some(options) = options.filter(|options| !options.is_empty()) {
            field.options = options;
            // The built-in default may have gone with the built-in options; then nothing fills the field any more.
            let is_option = |name: &Name| field.options.iter().any(|option| option.name == *name);
            if matches!(&field.default, Some(Value::Text(name)) if !is_option(name)) {
                field.default = None;
                field.required &= said.default.is_some();
            }
        }
        if !system {
            field.required = said.required.unwrap_or(field.required);
            field.read_only = said.read_only.unwrap_or(field.read_only);
        }
        !system
    }
}

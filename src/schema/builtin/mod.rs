//! The entities that every workspace has, as data.
//!
//! `crm.toml` adds fields to them, gives other options and replaces the pipelines; it cannot take a field away, so that a
//! script from one workspace reads the same in another. Amounts carry their currency, so there is no field for it.

mod customers;
mod sales;
mod stages;
mod work;

pub(super) use stages::pipelines;

use super::names::parse_type;
use super::{Choice, Entity, EntityId, Field, FieldId, Type};
use crate::value::Value;

/// One field, in the words of `crm.toml`.
#[derive(Clone, Copy, Debug)]
struct Spec {
    name: &'static str,
    label: &'static str,
    ty: &'static str,
    required: bool,
    read_only: bool,
    options: &'static [&'static str],
    default: Option<&'static str>,
}

const fn field(name: &'static str, label: &'static str, ty: &'static str) -> Spec {
    Spec { name, label, ty, required: false, read_only: false, options: &[], default: None }
}

const fn choice(name: &'static str, label: &'static str, options: &'static [&'static str]) -> Spec {
    Spec { options, ..field(name, label, "enum") }
}

impl Spec {
    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    const fn default(self, value: &'static str) -> Self {
        Self { default: Some(value), ..self }
    }
}

/// What every entity has, also those of `crm.toml`.
const SYSTEM: &[Spec] = &[
    field("owner", "Responsible", "user").required(),
    field("id", "Number", "text").required().read_only(),
    field("created_at", "Created", "datetime").required().read_only(),
    field("created_by", "Created by", "user").read_only(),
    field("updated_at", "Changed", "datetime").required().read_only(),
];

/// The customer and the deal that a record of work or a paper belongs to.
const LINKS: &[Spec] = &[
    field("lead", "Lead", "lead"),
    field("deal", "Deal", "deal"),
    field("contact", "Contact", "contact"),
    field("company", "Company", "company"),
];

/// A built-in entity.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    label: &'static str,
    fields: &'static [Spec],
    /// Whether it belongs to a customer or a deal: then it has links to them, and stands in scope only where it is meant.
    secondary: bool,
}

const fn main(name: &'static str, label: &'static str, fields: &'static [Spec]) -> Kind {
    Kind { name, label, fields, secondary: false }
}

const fn secondary(name: &'static str, label: &'static str, fields: &'static [Spec]) -> Kind {
    Kind { name, label, fields, secondary: true }
}

/// In the order of their numbers.
const ENTITIES: &[Kind] = &[
    main("lead", "Lead", customers::LEAD),
    main("deal", "Deal", customers::DEAL),
    main("contact", "Contact", customers::CONTACT),
    main("company", "Company", customers::COMPANY),
    secondary("quote", "Quote", sales::QUOTE),
    secondary("order", "Order", sales::ORDER),
    secondary("invoice", "Invoice", sales::INVOICE),
    secondary("document", "Document", sales::DOCUMENT),
    secondary("activity", "Activity", work::ACTIVITY),
    secondary("task", "Task", work::TASK),
    secondary("call", "Call", work::CALL),
    secondary("email", "E-mail", work::EMAIL),
    secondary("sms", "SMS", work::SMS),
    secondary("message", "Message", work::MESSAGE),
    secondary("appointment", "Appointment", work::APPOINTMENT),
    secondary("booking", "Booking", work::BOOKING),
];

/// The built-in entities, without pipelines.
pub(super) fn entities() -> Vec<Entity> {
    let number = |name: &str| ENTITIES.iter().zip(0..).find(|(kind, _)| kind.name == name).map(|(_, i)| EntityId(i));
    let entity = |(kind, id): (&Kind, u16)| {
        let links: &[Spec] = if kind.secondary { LINKS } else { &[] };
        let specs = kind.fields.iter().chain(links).chain(SYSTEM).zip(0u16..);
        let mut fields: Vec<Field> = specs.map(|(spec, at)| build(spec, EntityId(id), FieldId(at), &number)).collect();
        for at in 0..fields.len() {
            let kinds = fields.get(at).and_then(|field| kinds_field(field, EntityId(id), next(&fields)));
            fields.extend(kinds);
        }
        let stage = fields.iter().zip(0u16..).find(|(f, _)| f.ty == Type::Stage(EntityId(id)));
        let stage = stage.map(|(_, at)| FieldId(at));
        Entity {
            name: kind.name.into(),
            label: kind.label.into(),
            fields,
            title: FieldId(0),
            stage,
            pipelines: vec![],
            secondary: kind.secondary,
            place: None,
        }
    };
    ENTITIES.iter().zip(0u16..).map(entity).collect()
}

/// The number of the next field.
pub(super) fn next(fields: &[Field]) -> FieldId {
    FieldId(u16::try_from(fields.len()).unwrap_or(u16::MAX))
}

/// The kinds that one of several phones, addresses or links can have.
const KINDS: &[&str] = &["work", "home", "mobile", "other"];

/// The field that says which of several phones, addresses or links is of which kind: `emails_kinds` of `emails`.
pub(super) fn kinds_field(of: &Field, entity: EntityId, at: FieldId) -> Option<Field> {
    let Type::List(item) = &of.ty else { return None };
    if !matches!(**item, Type::Phone | Type::Email | Type::Url) {
        return None;
    }
    let options = KINDS.iter().map(|kind| Choice { name: (*kind).into(), label: (*kind).into(), labels: vec![] });
    Some(Field {
        name: format!("{}{KINDS_SUFFIX}", of.name).into(),
        label: format!("Kinds of {}", of.label),
        labels: Vec::new(),
        ty: Type::Enum(entity, at).list(),
        required: false,
        read_only: false,
        options: options.collect(),
        default: None,
        currency: None,
        place: of.place,
    })
}

/// What the name of such a field ends with.
pub(crate) const KINDS_SUFFIX: &str = "_kinds";

/// The fields that a new entity of `crm.toml` starts with: its title and the system's.
pub(super) fn new_entity(id: EntityId, title: &str) -> Vec<Field> {
    let none = |_: &str| None;
    let mut fields = vec![build(&field("title", "Title", "text").required(), id, FieldId(0), &none)];
    if let Some(first) = fields.first_mut() {
        first.name = title.into();
        first.label = label_of(title);
    }
    fields.extend(SYSTEM.iter().zip(1u16..).map(|(spec, at)| build(spec, id, FieldId(at), &none)));
    fields
}

/// A field that holds the stage or the pipeline of an entity of `crm.toml`.
pub(super) fn stage_field(name: &'static str, ty: &'static str, id: EntityId, at: FieldId) -> Field {
    let mut spec = field(name, "", ty).required();
    spec.label = match name {
        "status" => "Status",
        "pipeline" => "Pipeline",
        _ => "Stage",
    };
    build(&spec, id, at, &|_| None)
}

/// What people call something of this name: `close_date` is "Close date".
pub(super) fn label_of(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str().replace('_', " "))
}

fn build(spec: &Spec, entity: EntityId, at: FieldId, number: &dyn Fn(&str) -> Option<EntityId>) -> Field {
    let ty = match spec.ty {
        "stage" => Type::Stage(entity),
        "pipeline" => Type::Pipeline(entity),
        text => parse_type(text, Type::Enum(entity, at), number).unwrap_or(Type::Error),
    };
    let default = spec.default.map(|text| match ty {
        Type::Bool => Value::Bool(text == "true"),
        Type::Int => Value::Int(text.parse().unwrap_or(0)),
        _ => Value::text(text),
    });
    Field {
        name: spec.name.into(),
        label: spec.label.into(),
        labels: Vec::new(),
        ty,
        required: spec.required,
        read_only: spec.read_only,
        options: spec
            .options
            .iter()
            .map(|o| Choice { name: (*o).into(), label: (*o).into(), labels: Vec::new() })
            .collect(),
        default,
        currency: None,
        place: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_in_the_table_is_one() {
        for entity in entities() {
            for field in &entity.fields {
                assert_ne!(field.ty, Type::Error, "{}.{}", entity.name, field.name);
                let twice = entity.fields.iter().filter(|f| f.name == field.name).count();
                assert_eq!(twice, 1, "{}.{}", entity.name, field.name);
            }
            assert!(entity.get(entity.title).is_some_and(|f| f.required && f.ty == Type::Text), "{}", entity.name);
        }
    }
}

//! The entities that every workspace has, as data.
//!
//! `crm.toml` adds fields to them, gives other options and replaces the pipelines; it cannot take a field away, so that a
//! script from one workspace reads the same in another. Amounts carry their currency, so there is no field for it.

use super::names::parse_type;
use super::{Choice, Entity, EntityId, Field, FieldId, Pipeline, Stage, StageKind, Type};
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

const SOURCES: &[&str] =
    &["Call", "Email", "Website", "Web form", "Advertising", "Partner", "Recommendation", "Event", "Other"];
const PRIORITIES: &[&str] = &["Low", "Normal", "High"];

const LEAD: &[Spec] = &[
    field("title", "Title", "text").required(),
    field("status", "Status", "stage").required(),
    field("first_name", "First name", "text"),
    field("last_name", "Last name", "text"),
    field("company_name", "Company name", "text"),
    field("position", "Position", "text"),
    field("phones", "Phones", "list of phone"),
    field("emails", "E-mails", "list of email"),
    field("website", "Website", "url"),
    field("address", "Address", "text"),
    field("amount", "Amount", "money"),
    choice("source", "Source", SOURCES),
    choice("priority", "Priority", PRIORITIES).required().default("Normal"),
    field("contact", "Contact", "contact"),
    field("company", "Company", "company"),
    field("repeat", "Repeat lead", "bool").required().default("false"),
    field("score", "Score", "int").required().default("0"),
    field("recommended", "Recommended date", "date"),
    field("comments", "Comments", "text"),
    field("chat", "Chat", "chat"),
    field("files", "Files", "list of file"),
];

const DEAL: &[Spec] = &[
    field("title", "Title", "text").required(),
    field("pipeline", "Pipeline", "pipeline").required(),
    field("stage", "Stage", "stage").required(),
    field("amount", "Amount", "money"),
    field("probability", "Probability", "decimal"),
    field("close_date", "Expected close date", "date"),
    choice("type", "Deal type", &["Sale", "Service", "Subscription", "Project", "Other"]),
    choice("source", "Source", SOURCES),
    choice("priority", "Priority", PRIORITIES).required().default("Normal"),
    field("lead", "Lead", "lead"),
    field("contact", "Contact", "contact"),
    field("company", "Company", "company"),
    field("discount", "Discount", "decimal"),
    field("payment_date", "Invoice payment date", "date"),
    field("delivery_date", "Delivery date", "date"),
    field("score", "Score", "int").required().default("0"),
    field("recommended", "Recommended date", "date"),
    field("comments", "Comments", "text"),
    field("chat", "Chat", "chat"),
    field("files", "Files", "list of file"),
];

const CONTACT: &[Spec] = &[
    field("name", "Name", "text").required(),
    field("first_name", "First name", "text"),
    field("last_name", "Last name", "text"),
    field("position", "Position", "text"),
    field("company", "Company", "company"),
    field("phones", "Phones", "list of phone"),
    field("emails", "E-mails", "list of email"),
    field("website", "Website", "url"),
    field("address", "Address", "text"),
    field("birthday", "Birthday", "date"),
    choice("type", "Contact type", &["Customer", "Supplier", "Partner", "Other"]),
    choice("source", "Source", SOURCES),
    field("score", "Score", "int").required().default("0"),
    field("recommended", "Recommended date", "date"),
    field("comments", "Comments", "text"),
    field("chat", "Chat", "chat"),
    field("files", "Files", "list of file"),
];

const COMPANY: &[Spec] = &[
    field("name", "Name", "text").required(),
    choice("type", "Company type", &["Customer", "Supplier", "Partner", "Competitor", "Other"]),
    field("industry", "Industry", "text"),
    field("parent", "Parent company", "company"),
    field("phones", "Phones", "list of phone"),
    field("emails", "E-mails", "list of email"),
    field("website", "Website", "url"),
    field("address", "Address", "text"),
    field("employees", "Employees", "int"),
    field("revenue", "Annual revenue", "money"),
    choice("source", "Source", SOURCES),
    field("score", "Score", "int").required().default("0"),
    field("comments", "Comments", "text"),
    field("chat", "Chat", "chat"),
    field("files", "Files", "list of file"),
];

/// What every entity has, also those of `crm.toml`.
const SYSTEM: &[Spec] = &[
    field("owner", "Responsible", "user").required(),
    field("id", "Number", "text").required().read_only(),
    field("created_at", "Created", "datetime").required().read_only(),
    field("created_by", "Created by", "user").read_only(),
    field("updated_at", "Changed", "datetime").required().read_only(),
];

/// In the order of their numbers.
const ENTITIES: &[(&str, &str, &[Spec])] =
    &[("lead", "Lead", LEAD), ("deal", "Deal", DEAL), ("contact", "Contact", CONTACT), ("company", "Company", COMPANY)];

/// The built-in entities, without pipelines.
pub(super) fn entities() -> Vec<Entity> {
    let number = |name: &str| ENTITIES.iter().zip(0..).find(|((n, ..), _)| *n == name).map(|(_, i)| EntityId(i));
    let entity = |(&(name, label, specs), id): (&(&str, &str, &[Spec]), u16)| {
        let fields = specs.iter().chain(SYSTEM).zip(0u16..);
        let fields: Vec<Field> = fields.map(|(spec, at)| build(spec, EntityId(id), FieldId(at), &number)).collect();
        let stage = fields.iter().zip(0u16..).find(|(f, _)| f.ty == Type::Stage(EntityId(id)));
        let stage = stage.map(|(_, at)| FieldId(at));
        Entity {
            name: name.into(),
            label: label.into(),
            fields,
            title: FieldId(0),
            stage,
            pipelines: vec![],
            place: None,
        }
    };
    ENTITIES.iter().zip(0u16..).map(entity).collect()
}

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
        ty,
        required: spec.required,
        read_only: spec.read_only,
        options: spec.options.iter().map(|o| Choice { name: (*o).into(), label: (*o).into() }).collect(),
        default,
        place: None,
    }
}

/// The pipelines of a built-in entity for which `crm.toml` declares none.
pub(super) fn pipelines(entity: &str) -> Vec<Pipeline> {
    use StageKind::{Failure, Open, Success};
    let (name, stages): (&str, &[(&str, StageKind)]) = match entity {
        "deal" => (
            "Sales",
            &[
                ("New", Open),
                ("Proposal", Open),
                ("Invoice", Open),
                ("Delivery", Open),
                ("Won", Success),
                ("Lost", Failure),
            ],
        ),
        "lead" => (
            "Leads",
            &[
                ("New", Open),
                ("In progress", Open),
                ("Interested", Open),
                ("Qualified", Open),
                ("Won", Success),
                ("Lost", Failure),
                ("Junk", Failure),
            ],
        ),
        _ => return Vec::new(),
    };
    let stages = stages.iter().map(|&(name, kind)| Stage { name: name.into(), kind, place: None }).collect();
    vec![Pipeline { name: name.into(), stages, place: None }]
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

//! The workspace as data: what scripts may name.

use super::calendar::{Calendar, WeekHours};
use super::things::{Audience, Cap, Provider, Resource, Sender, Template, Webhook};
use super::types::{EntityId, FieldId, Type};
use crate::source::{FileId, Span};
use crate::value::{Currency, Money, Name, Ref, Value};
use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Where in `crm.toml` something is declared; `None` for what is built in.
pub type Place = Option<(FileId, Span)>;

/// Everything a script may name, read from `crm.toml` over the built-in entities.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The workspace's name, for people.
    pub name: String,
    /// All entities; an [`EntityId`] is an index into it.
    pub entities: Vec<Entity>,
    /// Employees by their short name.
    pub users: BTreeMap<Name, User>,
    /// Departments by name.
    pub departments: BTreeMap<Name, Department>,
    /// Roles by name, with their members.
    pub roles: BTreeMap<Name, Role>,
    /// Chats by name.
    pub chats: BTreeMap<Name, Chat>,
    /// `$name` → what it stands for, from the `binding` keys of the workspace's things.
    pub bindings: BTreeMap<Name, Binding>,
    /// Currencies with how many units of `base_currency` one unit is worth.
    pub rates: BTreeMap<Currency, Decimal>,
    /// The currency of amounts written without one.
    pub base_currency: Currency,
    /// Time zone, working hours, holidays.
    pub calendar: Calendar,
    /// E-mail senders by name.
    pub senders: BTreeMap<Name, Sender>,
    /// SMS providers by name.
    pub providers: BTreeMap<Name, Provider>,
    /// Document templates by name.
    pub templates: BTreeMap<Name, Template>,
    /// What can be booked, by name.
    pub resources: BTreeMap<Name, Resource>,
    /// Advertising audiences by name.
    pub audiences: BTreeMap<Name, Audience>,
    /// Webhooks by name.
    pub webhooks: BTreeMap<Name, Webhook>,
    /// How much a customer may get.
    pub caps: Vec<Cap>,
    /// The time of day in which no SMS goes out: from, to; it may go over midnight.
    pub quiet_hours: Option<(NaiveTime, NaiveTime)>,
}

/// A `$name` of the workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// What it stands for.
    pub target: Ref,
    /// Where it is declared.
    pub place: Place,
}

/// An employee.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// The name people see.
    pub name: String,
    /// The address mail goes to.
    pub email: Option<String>,
    /// The phone messages go to.
    pub phone: Option<String>,
    /// The short name of the manager.
    pub manager: Option<Name>,
    /// The department's name.
    pub department: Option<Name>,
    /// The employee's own working hours; the workspace's without.
    pub hours: Option<WeekHours>,
    /// Days on which the employee does not work, beside the workspace's holidays.
    pub days_off: BTreeSet<NaiveDate>,
    /// Where it is declared.
    pub place: Place,
}

/// A department.
#[derive(Clone, Debug, Default)]
pub struct Department {
    /// Who leads it.
    pub head: Option<Name>,
    /// Where it is declared.
    pub place: Place,
}

/// A role and who has it.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// Short names of its members.
    pub members: Vec<Name>,
    /// Where it is declared.
    pub place: Place,
}

/// A chat that exists before any script runs.
#[derive(Clone, Debug, Default)]
pub struct Chat {
    /// Short names of its members.
    pub members: Vec<Name>,
    /// Where it is declared.
    pub place: Place,
}

/// A kind of record.
#[derive(Clone, Debug)]
pub struct Entity {
    /// Its name in scripts, such as `deal`.
    pub name: Name,
    /// What people call it.
    pub label: String,
    /// Its fields; a [`FieldId`] is an index into it.
    pub fields: Vec<Field>,
    /// The field that shows a record to people, such as `title`.
    pub title: FieldId,
    /// The field that holds the stage (`stage`, or `status` for leads), where records have stages.
    pub stage: Option<FieldId>,
    /// The pipelines, each with its own stages; one for entities that do not need several.
    pub pipelines: Vec<Pipeline>,
    /// Whether it belongs to a customer or a deal, such as a task or a mail. Events name such records only where they are
    /// about one.
    pub secondary: bool,
    /// Where it is declared.
    pub place: Place,
}

/// A field of an entity.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in scripts.
    pub name: Name,
    /// What people call it.
    pub label: String,
    /// What they call it in other languages.
    pub labels: Vec<String>,
    /// The type of a value that is there (`list of T` for fields with several values, never `T?`).
    pub ty: Type,
    /// Whether a record must have it.
    pub required: bool,
    /// Whether scripts may not set it.
    pub read_only: bool,
    /// The members of a select field; empty for all others.
    pub options: Vec<Choice>,
    /// What a new record gets when nothing is given.
    pub default: Option<Value>,
    /// The only currency that its amounts have; `None` for any, and for fields of other types.
    pub currency: Option<Currency>,
    /// Where it is declared.
    pub place: Place,
}

impl Field {
    /// What people call it, in all languages.
    pub fn all_labels(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.label).chain(&self.labels).map(String::as_str)
    }

    /// The type a read of it has: `T`, or `T?` when a record may lack it.
    pub fn read_type(&self) -> Type {
        if self.required { self.ty.clone() } else { self.ty.clone().optional() }
    }

    /// The first amount in a value that is not in the field's currency.
    pub fn wrong_currency<'v>(&self, value: &'v Value) -> Option<&'v Money> {
        let wanted = self.currency?;
        match value {
            Value::Money(money) => Some(money).filter(|money| money.currency != wanted),
            Value::List(items) => items.iter().find_map(|item| self.wrong_currency(item)),
            Value::Missing
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Decimal(_)
            | Value::Text(_)
            | Value::Date(_)
            | Value::DateTime(_)
            | Value::Time(_)
            | Value::Period(_)
            | Value::Ref(_)
            | Value::Record(_) => None,
        }
    }
}

/// A member of a select field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its name in scripts and in stored records.
    pub name: Name,
    /// What people see.
    pub label: String,
    /// What they see in other languages.
    pub labels: Vec<String>,
}

/// A pipeline of an entity.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Its name.
    pub name: Name,
    /// Its stages in order.
    pub stages: Vec<Stage>,
    /// Where it is declared.
    pub place: Place,
}

/// A stage (or status).
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its name, also what is stored.
    pub name: Name,
    /// Whether work goes on in it.
    pub kind: StageKind,
    /// Whether only rules put records into it.
    pub rules_only: bool,
    /// Where it is declared.
    pub place: Place,
}

/// What a stage means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum StageKind {
    /// Work goes on.
    Open,
    /// Final: won.
    Success,
    /// Final: lost.
    Failure,
}

impl StageKind {
    /// Whether the record's way ends here.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Open)
    }
}

impl Schema {
    /// The entity of this name.
    pub fn entity_id(&self, name: &str) -> Option<EntityId> {
        self.entities.iter().zip(0u16..).find(|(e, _)| &*e.name == name).map(|(_, i)| EntityId(i))
    }

    /// The entity of this name.
    pub fn entity(&self, name: &str) -> Option<&Entity> {
        self.entities.iter().find(|e| &*e.name == name)
    }

    /// The entity of this number.
    pub fn get(&self, id: EntityId) -> Option<&Entity> {
        self.entities.get(id.0 as usize)
    }

    /// The entity whose records a type stands for, also of one that may be missing.
    pub fn entity_of(&self, ty: &Type) -> Option<&Entity> {
        match ty.present() {
            Type::Entity(id) => self.get(*id),
            _ => None,
        }
    }
}

impl Entity {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| &*f.name == name)
    }

    /// The number of the field of this name.
    pub fn field_id(&self, name: &str) -> Option<FieldId> {
        self.fields.iter().zip(0u16..).find(|(f, _)| &*f.name == name).map(|(_, i)| FieldId(i))
    }

    /// The field of this number.
    pub fn get(&self, id: FieldId) -> Option<&Field> {
        self.fields.get(id.0 as usize)
    }

    /// The name of the field that holds the stage.
    pub fn stage_name(&self) -> Option<&Name> {
        self.stage.and_then(|id| self.get(id)).map(|f| &f.name)
    }

    /// The stage of this name, in the pipeline of that name or in any.
    pub fn find_stage(&self, pipeline: Option<&str>, stage: &str) -> Option<&Stage> {
        self.pipelines
            .iter()
            .filter(|p| pipeline.is_none_or(|wanted| &*p.name == wanted))
            .flat_map(|p| &p.stages)
            .find(|s| &*s.name == stage)
    }
}

//! Records made from others: conversions, contacts for leads, repeat leads.

use super::{Desk, activities, customers, link_of, owner, people, refuse, stage_of};
use crate::engine::change::{pipeline_of, stage_kind};
use crate::engine::{Done, EffectError, Record};
use crate::schema::{Entity, Field, StageKind, Type};
use crate::value::{Fields, Name, Ref, Value};
use std::sync::Arc;

/// Fields that are a record's own, even where the other entity has one of the same name.
const OWN: &[&str] = &["number", "repeat", "score", "recommended", "chat"];

impl Desk<'_> {
    /// Makes the targets, closes the source as won, and its open work unless it is kept.
    pub(super) fn convert(&mut self) -> Result<Done, EffectError> {
        let (of, source) = self.need_record("record")?;
        let targets: Vec<Name> = match self.need("targets")? {
            Value::List(items) => items.iter().filter_map(text).collect(),
            other => return refuse(format!("{other:?} are no entities")),
        };
        let by = self.responsible(&source)?;
        let mut after = (*source).clone();
        let mut done = Done { by: by.as_ref().map(|by| by.id.clone()), ..Done::default() };
        let mut made: Fields = Fields::new();
        // Customers come first, so that what is sold links to them.
        let customers = |name: &&Name| matches!(&***name, "contact" | "company");
        let order = ["company", "contact"].into_iter().map(Name::from).filter(|name| targets.contains(name));
        let order: Vec<Name> = order.chain(targets.iter().filter(|name| !customers(name)).cloned()).collect();
        for target in order {
            let record = self.target(&of, &after, &target, by.as_ref(), &mut done)?;
            if self.entity(&of.kind)?.field(&target).is_some_and(|field| matches!(field.ty, Type::Entity(_))) {
                after.set(&target, Value::Ref(record.clone()));
            }
            made.insert(target, Value::Ref(record));
        }
        self.win(&of, source, after, &mut done)?;
        if !self.flag("keep_activities") {
            let came = activities::close_all(self.store, self.call.schema, &of, self.call.now)?;
            done.changes.extend(came.changes);
            done.raised.extend(came.raised);
        }
        done.value = Value::Record(Arc::new(made));
        Ok(done)
    }

    /// A target: the customer that the source has already, or a new record with what the two have in common.
    fn target(
        &mut self,
        of: &Ref,
        source: &Record,
        target: &Name,
        by: Option<&Ref>,
        done: &mut Done,
    ) -> Result<Ref, EffectError> {
        if let Some(known) = link_of(source, target).filter(|known| known.kind == *target)
            && self.store.record(&known)?.is_some()
        {
            return Ok(known);
        }
        let mut record = Record::default();
        self.take_over(of, source, target, &mut record)?;
        record.set(&"owner".into(), by.map_or(Value::Missing, |by| Value::Ref(by.clone())));
        if &**target == "deal"
            && let Some(Value::Text(pipeline)) = self.arg("pipeline")
        {
            record.set(&"pipeline".into(), Value::Text(pipeline.clone()));
        }
        let came = self.make(target, record, Some(of), by)?;
        done.changes.extend(came.changes);
        done.raised.extend(came.raised);
        match came.value {
            Value::Ref(of) => Ok(of),
            _ => refuse(format!("no {target} was made")),
        }
    }

    /// The source is won, unless its way has ended already.
    fn win(&mut self, of: &Ref, before: Arc<Record>, mut after: Record, done: &mut Done) -> Result<(), EffectError> {
        let entity = self.entity(&of.kind)?;
        let ended = stage_kind(entity, &after).is_some_and(StageKind::is_final);
        let won = stage_of(entity, pipeline_of(entity, &after), StageKind::Success);
        if let (false, Some(field), Some(won)) = (ended, entity.stage_name(), won) {
            after.set(field, Value::Text(won));
        }
        self.write(of, Some(before), after, done)
    }

    /// Values of fields that both entities have under one name, and the new record's own name.
    fn take_over(&self, of: &Ref, source: &Record, target: &str, record: &mut Record) -> Result<(), EffectError> {
        let (from, to) = (self.entity(&of.kind)?, self.entity(target)?);
        for field in to.fields.iter().filter(|field| is_common(from, field)) {
            let value = source.get(&field.name);
            if takes(field, value) {
                record.set(&field.name, value.clone());
            }
        }
        let title = to.get(to.title).map(|field| field.name.clone()).unwrap_or_default();
        if *record.get(&title) == Value::Missing {
            record.set(&title, name_for(source, from, target));
        }
        Ok(())
    }

    /// Who is responsible for what is made: who is named, else the owner of the source.
    fn responsible(&self, source: &Record) -> Result<Option<Ref>, EffectError> {
        match self.arg("by") {
            Some(by) => people::one(self.call.schema, by).map(Some),
            None => Ok(owner(source)),
        }
    }

    /// A contact from a lead, which is marked as a repeat lead and not converted.
    pub(super) fn contact_for_lead(&mut self) -> Result<Done, EffectError> {
        let (of, source) = self.need_record("record")?;
        let by = self.responsible(&source)?;
        let mut record = Record::default();
        self.take_over(&of, &source, "contact", &mut record)?;
        record.set(&"owner".into(), by.as_ref().map_or(Value::Missing, |by| Value::Ref(by.clone())));
        let mut done = self.make("contact", record, Some(&of), by.as_ref())?;
        let mut after = (*source).clone();
        after.set(&"repeat".into(), Value::Bool(true));
        after.set(&"contact".into(), done.value.clone());
        self.write(&of, Some(source), after, &mut done)?;
        Ok(done)
    }

    /// A new lead with the data of a deal and its customer.
    pub(super) fn repeat_lead(&mut self) -> Result<Done, EffectError> {
        let (of, source) = self.need_record("record")?;
        let by = self.responsible(&source)?;
        let mut record = Record::default();
        self.take_over(&of, &source, "lead", &mut record)?;
        for (field, value) in self.customer_of(&source)? {
            if *record.get(&field) == Value::Missing {
                record.set(&field, value);
            }
        }
        record.set(&"repeat".into(), Value::Bool(true));
        record.set(&"owner".into(), by.as_ref().map_or(Value::Missing, |by| Value::Ref(by.clone())));
        self.make("lead", record, Some(&of), by.as_ref())
    }

    /// What a lead keeps of its customer by itself.
    fn customer_of(&self, deal: &Record) -> Result<Vec<(Name, Value)>, EffectError> {
        let mut found = Vec::new();
        if let Some(contact) = link_of(deal, "contact")
            && let Some(contact) = self.store.record(&contact)?
        {
            for field in ["first_name", "last_name", "position", "phones", "phones_kinds", "emails", "emails_kinds"] {
                found.push((field.into(), contact.get(field).clone()));
            }
        }
        if let Some(company) = link_of(deal, "company")
            && let Some(company) = self.store.record(&company)?
        {
            found.push(("company_name".into(), company.get("name").clone()));
        }
        Ok(found)
    }
}

fn text(value: &Value) -> Option<Name> {
    match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// Whether the source has a field of this name and kind that a new record may take over.
fn is_common(from: &Entity, field: &Field) -> bool {
    let kept = field.read_only || OWN.contains(&&*field.name) || matches!(field.ty, Type::Stage(_) | Type::Pipeline(_));
    let is_enum = |ty: &Type| match ty {
        Type::List(item) => matches!(**item, Type::Enum(..)),
        ty => matches!(ty, Type::Enum(..)),
    };
    let alike = |other: &Field| other.ty == field.ty || (is_enum(&other.ty) && is_enum(&field.ty));
    !kept && from.field(&field.name).is_some_and(alike)
}

/// Whether the field takes the value: of a list of options only those that it has too, of amounts
/// only those in its currency.
fn takes(field: &Field, value: &Value) -> bool {
    match value {
        Value::Missing => false,
        amount if field.wrong_currency(amount).is_some() => false,
        Value::Text(name) if !field.options.is_empty() => field.options.iter().any(|option| option.name == *name),
        Value::List(items) if !field.options.is_empty() => items.iter().all(|item| takes(field, item)),
        _ => true,
    }
}

/// What a new record is called: a person by the names, a company by the company's, all else like the source.
fn name_for(source: &Record, from: &Entity, target: &str) -> Value {
    let title = from.get(from.title).map(|field| source.get(&field.name).clone()).unwrap_or_default();
    let names = match target {
        "contact" => [&["first_name"][..], &["last_name"]].concat(),
        "company" => vec!["company_name"],
        _ => Vec::new(),
    };
    let names: Vec<Name> = names.iter().flat_map(|field| customers::texts(source, field)).collect();
    if names.is_empty() { title } else { Value::text(&names.join(" ")) }
}

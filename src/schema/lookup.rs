//! Questions to the schema that more than one stage asks.

use super::{Binding, Calendar, Entity, Field, Pipeline, Schema, Stage, Type};
use crate::diagnostics::{did_you_mean, one_of};
use crate::value::{Currency, Moment, Name, Value};
use std::collections::BTreeSet;

/// What the system puts into a field of a new record when nobody gives it a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled {
    /// The record's number.
    Id,
    /// Who makes the record; missing when nobody is known to (a person's absence is no mistake of the script).
    ActingUser,
    /// The moment of the change.
    Now,
    /// The first pipeline.
    FirstPipeline,
    /// The first stage of the record's pipeline.
    FirstStage,
}

impl Entity {
    /// What the system puts into a field of a new record.
    pub fn filled(&self, field: &Field) -> Option<Filled> {
        match (&*field.name, &field.ty) {
            ("id", _) => Some(Filled::Id),
            ("owner" | "created_by", Type::User) => Some(Filled::ActingUser),
            ("created_at" | "updated_at", Type::DateTime) => Some(Filled::Now),
            (_, Type::Pipeline(_)) => Some(Filled::FirstPipeline),
            (_, Type::Stage(_)) => Some(Filled::FirstStage),
            _ => None,
        }
    }

    /// Whether a new record must be given this field: required, with no default, and not filled by the system.
    pub fn must_be_given(&self, field: &Field) -> bool {
        field.required && !field.read_only && field.default.is_none() && self.filled(field).is_none()
    }

    /// The pipeline of this name.
    pub fn pipeline(&self, name: &str) -> Option<&Pipeline> {
        self.pipelines.iter().find(|pipeline| &*pipeline.name == name)
    }

    /// The stage that a new record gets: the first of its pipeline, or of the first pipeline.
    pub fn first_stage(&self, pipeline: Option<&str>) -> Option<&Stage> {
        match pipeline {
            Some(name) => self.pipeline(name)?.stages.first(),
            None => self.pipelines.first()?.stages.first(),
        }
    }

    /// The stage into which new values of fields would put a record, if only rules may do that.
    pub fn closed_to_people(&self, fields: &[(Name, Value)]) -> Option<&Stage> {
        let field = self.stage_name()?;
        let (_, value) = fields.iter().find(|(name, _)| name == field)?;
        let Value::Text(stage) = value else { return None };
        let pipeline = self.pipeline_field().and_then(|field| fields.iter().find(|(name, _)| *name == field.name));
        let pipeline = pipeline.and_then(|(_, value)| if let Value::Text(name) = value { Some(&**name) } else { None });
        // In several pipelines of which one lets people in nothing is known yet.
        let pipelines = self.pipelines.iter().filter(|p| pipeline.is_none_or(|wanted| *p.name == *wanted));
        let mut stages = pipelines.flat_map(|p| &p.stages).filter(|s| s.name == *stage);
        let first = stages.next()?;
        (first.rules_only && stages.all(|s| s.rules_only)).then_some(first)
    }

    /// The field that holds the pipeline, where there is one.
    pub fn pipeline_field(&self) -> Option<&Field> {
        self.fields.iter().find(|field| matches!(field.ty, Type::Pipeline(_)))
    }
}

impl Schema {
    /// The currencies that amounts can be in: those with a rate, and those that fields are kept in.
    pub fn currencies(&self) -> BTreeSet<Currency> {
        let kept = self.entities.iter().flat_map(|entity| &entity.fields).filter_map(|field| field.currency);
        self.rates.keys().copied().chain([self.base_currency]).chain(kept).collect()
    }

    /// Whether amounts of a currency can be turned into others.
    pub fn has_rate(&self, currency: Currency) -> bool {
        currency == self.base_currency || self.rates.contains_key(&currency)
    }

    /// What a `$name` stands for; the `$` may be left out.
    pub fn binding(&self, name: &str) -> Option<&Binding> {
        match name.strip_prefix('$') {
            Some(_) => self.bindings.get(name),
            None => self.bindings.get(format!("${name}").as_str()),
        }
    }

    /// Whether an employee works on the day of a moment: by the own hours or the workspace's, and not on a day off.
    pub fn works_on(&self, user: &str, at: Moment) -> bool {
        let Some(user) = self.users.get(user) else { return false };
        let day = self.calendar.date_of(at);
        let own = user.hours.map(|hours| Calendar { hours, ..self.calendar.clone() });
        !user.days_off.contains(&day) && own.as_ref().unwrap_or(&self.calendar).is_working_day(day)
    }

    /// The employee with this short name, or with this full name if only one has it. The error says what is wrong.
    pub fn find_user(&self, text: &str) -> Result<Name, String> {
        if let Some((id, _)) = self.users.get_key_value(text) {
            return Ok(id.clone());
        }
        let mut named = self.users.iter().filter(|(_, user)| user.name == text);
        match (named.next(), named.next()) {
            (Some((id, _)), None) => Ok(id.clone()),
            (Some((one, _)), Some((other, _))) => {
                Err(format!("more than one user is called `{text}`: write `{one}` or `{other}`"))
            }
            (None, _) => {
                let names = self.users.iter().flat_map(|(id, user)| [&**id, user.name.as_str()]);
                let meant = did_you_mean(text, names);
                let known: Vec<&str> = meant.map_or_else(|| self.users.keys().map(|id| &**id).collect(), |m| vec![m]);
                Err(unknown("user", text, known))
            }
        }
    }
}

/// "there is no user `ana`: did you mean `anna`?"
pub(crate) fn unknown<'n>(what: &str, name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match did_you_mean(name, known.iter().copied()) {
        Some(meant) => format!("there is no {what} `{name}`: did you mean `{meant}`?"),
        None if known.is_empty() => format!("there is no {what} `{name}`"),
        None => format!("there is no {what} `{name}`: known are {}", one_of(known, 9)),
    }
}

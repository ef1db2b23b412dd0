//! Which rules may lie on a circle at all: a rough look that takes time in proportion to the rules, not to their pairs.
//!
//! A rule writes fields, and other rules are set off by fields. Rules that cannot reach one another over these do not lie
//! on one circle, whatever their conditions say.

use super::World;
use super::build::{deadline_of, entities_of, flow_of, happenings};
use super::deeds::Deed;
use super::groups;
use crate::check::typed::{Change, Origin, Rule};
use crate::schema::Schema;
use crate::value::Name;
use std::collections::BTreeMap;

/// What sets a rule off.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause<'r> {
    /// A new record.
    Made(&'r str),
    /// Any change.
    Changed(&'r str),
    /// A change of this field.
    Field(&'r str, Name),
}

/// For each rule the number of its group: rules of different groups are on no circle together.
pub(super) fn groups<'r>(world: World<'r>, deeds: &'r [Deed<'r>]) -> Vec<usize> {
    let rules = world.rules.len();
    let mut numbers: BTreeMap<Cause<'r>, usize> = BTreeMap::new();
    let mut number = |cause| {
        let next = rules + numbers.len();
        *numbers.entry(cause).or_insert(next)
    };
    let mut arcs = Vec::new();
    for (at, rule) in world.rules.iter().enumerate() {
        arcs.extend(set_off_by(world.schema, rule).into_iter().map(|cause| (number(cause), at)));
    }
    for deed in deeds.iter().filter(|deed| !deed.waited) {
        if let Some(start) = deed.starts {
            arcs.extend(flow_of(world, start).map(|rule| (deed.rule, rule)));
        } else {
            let record = if deed.creates { Cause::Made(&deed.entity) } else { Cause::Changed(&deed.entity) };
            arcs.push((deed.rule, number(record)));
            let fields = deed.fields.iter().filter(|_| !deed.creates);
            arcs.extend(fields.map(|(field, _)| (deed.rule, number(Cause::Field(&deed.entity, field.clone())))));
        }
    }
    let all = rules + numbers.len();
    groups::groups(all, arcs.into_iter())
}

/// All that can set a rule off.
fn set_off_by<'r>(schema: &'r Schema, rule: &'r Rule) -> Vec<Cause<'r>> {
    if !rule.origins.contains(&Origin::Rule) {
        return Vec::new();
    }
    let mut all = Vec::new();
    for entity in entities_of(&rule.trigger) {
        for what in happenings(&rule.trigger, entity) {
            all.extend(causes(schema, entity, what));
        }
    }
    if let Some(deadline) = deadline_of(&rule.trigger) {
        all.extend([Cause::Made(deadline.entity), Cause::Field(deadline.entity, deadline.field.into())]);
    }
    all
}

/// What makes this happen to the records of an entity.
fn causes<'r>(schema: &'r Schema, entity: &'r str, what: Change) -> Vec<Cause<'r>> {
    match what {
        Change::Created => vec![Cause::Made(entity)],
        Change::Updated => vec![Cause::Changed(entity)],
        Change::Saved => vec![Cause::Made(entity), Cause::Changed(entity)],
        Change::Deleted => Vec::new(),
        Change::Fields { fields, .. } => fields.into_iter().map(|field| Cause::Field(entity, field)).collect(),
        Change::Stage { .. } | Change::Closed { .. } => {
            let kind = schema.entity(entity);
            let stage = kind.and_then(|e| e.stage_name());
            let pipeline = kind.and_then(|e| e.pipeline_field()).map(|field| &field.name);
            let fields = stage.into_iter().chain(pipeline).map(|field| Cause::Field(entity, field.clone()));
            [Cause::Made(entity)].into_iter().chain(fields).collect()
        }
    }
}

//! The rules of a workspace, found by what sets them off: an event looks only at rules that name its entity and field,
//! stage or event.

use super::change::{self, Change};
use super::store::RuleNo;
use crate::ir::{self, Digest, Program, Reentry, Trigger, flow_key};
use crate::schema::{Schema, StageKind};
use crate::value::{Name, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A compiled rule with its names.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its number in the store.
    pub no: RuleNo,
    /// What it is known by across versions of the script: file and name.
    pub key: Name,
    /// Its program.
    pub program: Arc<Program>,
    /// The program's digest.
    pub digest: Digest,
    /// Whether the program looks at the event's payload at all.
    pub uses_event: bool,
    /// Whether its runs may start others.
    pub starts: bool,
    /// Whether its runs may ask people.
    pub asks: bool,
}

impl Rule {
    /// A rule with its key and number, and the digest of its program, which costs more to work out than all else here.
    pub(super) fn new(no: RuleNo, key: Name, program: Arc<Program>, digest: Digest) -> Self {
        let uses_event = uses_payload(&program);
        let does = |action| program.calls.iter().any(|call| &*call.action == action);
        let (starts, asks) = (does(ir::START), does(ir::ASK));
        Self { no, key, program, digest, uses_event, starts, asks }
    }

    /// Whether other runs start it.
    pub(super) fn is_flow(&self) -> bool {
        matches!(self.program.trigger, Trigger::Flow(_))
    }

    /// The rule's name, for people.
    pub fn name(&self) -> &Name {
        &self.program.debug.rule
    }
}

/// Keys for programs in file and rule order: `file#name`, with a number where a name repeats.
pub fn keys(programs: &[Arc<Program>]) -> Vec<Name> {
    let mut seen = BTreeMap::<String, u32>::new();
    let key = |program: &Arc<Program>| {
        let base = format!("{}#{}", program.debug.file, program.debug.rule);
        let count = seen.entry(base.clone()).or_default();
        *count += 1;
        if *count == 1 { base.into() } else { format!("{base}#{count}").into() }
    };
    programs.iter().map(key).collect()
}

/// An index into the list of rules.
pub(super) type At = usize;

/// The rules of one entity.
#[derive(Clone, Debug, Default)]
struct OfEntity {
    created: Vec<At>,
    updated: Vec<At>,
    deleted: Vec<At>,
    closed: Vec<At>,
    fields: BTreeMap<Name, Vec<At>>,
    stages: BTreeMap<Name, Vec<At>>,
    dates: Vec<At>,
}

/// All rules by what sets them off.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    entities: BTreeMap<Name, OfEntity>,
    events: BTreeMap<Name, Vec<At>>,
    /// Flows by file and name.
    flows: BTreeMap<String, At>,
    /// Rules about e-mails without a reply.
    unreplied: Vec<At>,
}

impl Index {
    /// Sorts rules, given in file and rule order, by their triggers.
    pub(super) fn new(programs: &[Arc<Program>]) -> Self {
        let mut index = Self::default();
        for (at, program) in programs.iter().enumerate() {
            index.add(at, &program.trigger);
            if let Trigger::Flow(name) = &program.trigger {
                index.flows.insert(flow_key(&program.debug.file, name), at);
            }
        }
        index
    }

    fn add(&mut self, at: At, trigger: &Trigger) {
        match trigger {
            Trigger::Created(entity) => self.of(entity).created.push(at),
            Trigger::Updated(entity) => self.of(entity).updated.push(at),
            Trigger::Saved(entity) => {
                let rules = self.of(entity);
                rules.created.push(at);
                rules.updated.push(at);
            }
            Trigger::Deleted(entity) => self.of(entity).deleted.push(at),
            Trigger::Changed { entity, fields, from: _, to: _ } => {
                for field in fields {
                    self.of(entity).fields.entry(field.clone()).or_default().push(at);
                }
            }
            Trigger::Entered { entity, stages, pipeline: _ } => {
                for stage in stages {
                    self.of(entity).stages.entry(stage.clone()).or_default().push(at);
                }
            }
            Trigger::Closed { entity, success: _, failure: _ } => self.of(entity).closed.push(at),
            Trigger::Date { entity, .. } => self.of(entity).dates.push(at),
            Trigger::Event { name, entity: _ } => self.events.entry(name.clone()).or_default().push(at),
            Trigger::Unreplied { .. } => self.unreplied.push(at),
            Trigger::Flow(_) | Trigger::Every(_) => {}
        }
    }

    fn of(&mut self, entity: &Name) -> &mut OfEntity {
        self.entities.entry(entity.clone()).or_default()
    }

    /// The rules that this change may set off, in order; [`matches`] decides.
    pub(super) fn for_change(&self, schema: &Schema, change: &Change) -> Vec<At> {
        let Some(rules) = self.entities.get(&change.of.kind) else { return Vec::new() };
        let mut found = Vec::new();
        match (&change.before, &change.after) {
            (None, _) => found.extend(&rules.created),
            (Some(_), Some(_)) => found.extend(&rules.updated),
            (Some(_), None) => found.extend(&rules.deleted),
        }
        if change.after.is_some() {
            let fields = change.fields.iter().filter_map(|f| rules.fields.get(f)).flatten();
            found.extend(fields);
            let stage = schema.entity(&change.of.kind).and_then(|e| e.stage_name());
            if let Some(Value::Text(stage)) = stage.map(|name| change.new_value(name)) {
                found.extend(rules.stages.get(stage).into_iter().flatten());
                found.extend(&rules.closed);
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The rules that a named event may set off, in order.
    pub(super) fn for_event(&self, name: &str) -> &[At] {
        self.events.get(name).map_or(&[], Vec::as_slice)
    }

    /// The rules about e-mails without a reply, in order.
    pub(super) fn unreplied(&self) -> &[At] {
        &self.unreplied
    }

    /// The flow with this key (see `ir::flow_key`).
    pub(super) fn flow(&self, key: &str) -> Option<At> {
        self.flows.get(key).copied()
    }

    /// The date triggers of an entity, in order.
    pub(super) fn dates(&self, entity: &str) -> &[At] {
        self.entities.get(entity).map_or(&[], |rules| rules.dates.as_slice())
    }
}

/// Whether a change sets off a rule with this trigger.
pub(super) fn matches(schema: &Schema, trigger: &Trigger, change: &Change) -> bool {
    let made = change.before.is_none();
    let gone = change.after.is_none();
    match trigger {
        Trigger::Created(entity) => made && *entity == change.of.kind,
        Trigger::Updated(entity) => !made && !gone && *entity == change.of.kind,
        Trigger::Saved(entity) => !gone && *entity == change.of.kind,
        Trigger::Deleted(entity) => gone && *entity == change.of.kind,
        Trigger::Changed { entity, fields, from, to } => {
            let moved = |field: &Name| {
                change.touches(field)
                    && from.as_ref().is_none_or(|v| alike(v, change.old(field)))
                    && to.as_ref().is_none_or(|v| alike(v, change.new_value(field)))
            };
            !made && !gone && *entity == change.of.kind && fields.iter().any(moved)
        }
        Trigger::Entered { entity, stages, pipeline } => {
            *entity == change.of.kind && entered(schema, stages, pipeline.as_ref(), change)
        }
        Trigger::Closed { entity, success, failure } => {
            *entity == change.of.kind && !gone && closed(schema, *success, *failure, change)
        }
        Trigger::Date { .. }
        | Trigger::Event { .. }
        | Trigger::Flow(_)
        | Trigger::Every(_)
        | Trigger::Unreplied { .. } => false,
    }
}

/// Whether two values are the same, whole numbers and decimals alike.
fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(a), Value::Decimal(b)) | (Value::Decimal(b), Value::Int(a)) => *b == (*a).into(),
        _ => a == b,
    }
}

fn entered(schema: &Schema, stages: &[Name], pipeline: Option<&Name>, change: &Change) -> bool {
    let Some(entity) = schema.entity(&change.of.kind) else { return false };
    let (Some(field), Some(after)) = (entity.stage_name(), change.after.as_deref()) else { return false };
    let Value::Text(stage) = after.get(field) else { return false };
    let now_in = change::pipeline_of(entity, after);
    let was_in = change.before.as_deref().and_then(|r| change::pipeline_of(entity, r));
    let moved = change.touches(field) || (change.before.is_some() && was_in != now_in);
    moved && stages.contains(stage) && pipeline.is_none_or(|wanted| now_in == Some(wanted))
}

fn closed(schema: &Schema, success: bool, failure: bool, change: &Change) -> bool {
    let Some(entity) = schema.entity(&change.of.kind) else { return false };
    let kind = |record| change::stage_kind(entity, record);
    let was_final = change.before.as_deref().and_then(kind).is_some_and(StageKind::is_final);
    let wanted = match change.after.as_deref().and_then(kind) {
        Some(StageKind::Success) => success,
        Some(StageKind::Failure) => failure,
        Some(StageKind::Open) | None => false,
    };
    wanted && !was_final
}

/// The register of the event's payload.
const PAYLOAD: u16 = 1;

/// Whether a function of the rule itself looks at the payload. A run of a rule that never does is stored without it.
fn uses_payload(program: &Program) -> bool {
    let per = match program.reentry {
        Reentry::Once { per, within: _ } => Some(per),
        Reentry::EachTime | Reentry::OneAtATime | Reentry::Restart => None,
    };
    [Some(0), program.condition, program.lifetime, per]
        .into_iter()
        .flatten()
        .filter_map(|ix| program.functions.get(usize::from(ix)))
        .any(|function| function.params > PAYLOAD && function.code.iter().any(|op| op.reads(PAYLOAD, program)))
}

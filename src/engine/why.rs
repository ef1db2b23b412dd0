//! Why a rule did not start for a record: its clauses, looked at part by part on the data of now.
//!
//! What the data was when the rule was last set off is not known any more, so this says what is false now. The parts of
//! a clause are what stands between its `and`s; each is compiled as a clause of its own.

use super::drive::clause;
use super::read::Eyes;
use super::store::{Store, Stored};
use crate::catalog::Env;
use crate::check::typed::{self, Expr, ExprKind};
use crate::ir::{self, Around, Trigger};
use crate::value::{Name, Ref, Value};

/// The register of the event's payload.
const PAYLOAD: ir::Reg = 1;

/// A part of a clause that does not hold now.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// `if` or `while`.
    pub clause: &'static str,
    /// The part as written.
    pub text: String,
    /// Its line in the script.
    pub line: u32,
    /// What it read, in order.
    pub reads: Vec<(Ref, Name, Value)>,
    /// Why it is not true.
    pub why: Why,
}

/// Why a part is not true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is false, or nothing.
    False,
    /// It made this mistake.
    Failed(String),
    /// It looks at the event, which is not there now.
    NeedsEvent,
}

/// The first part of a rule's clauses that is not true for the record now, and before it those that cannot be looked at
/// because they need the event. Empty when all is true.
pub fn first_false(rule: &typed::Rule, around: Around<'_>, store: &dyn Store, record: &Ref) -> Stored<Vec<Part>> {
    let mut found = Vec::new();
    for (name, clause) in [("if", &rule.condition), ("while", &rule.lifetime)] {
        let mut parts = Vec::new();
        if let Some(e) = clause {
            split(e, &mut parts);
        }
        for e in parts {
            let Some(part) = look(rule, e, name, around, store, record)? else { continue };
            let last = part.why != Why::NeedsEvent;
            found.push(part);
            if last {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// What stands between the `and`s.
fn split<'e>(e: &'e Expr, parts: &mut Vec<&'e Expr>) {
    if let ExprKind::And(a, b) = &e.kind {
        split(a, parts);
        split(b, parts);
    } else {
        parts.push(e);
    }
}

/// The part, unless it is true now.
fn look(
    rule: &typed::Rule,
    e: &Expr,
    clause_name: &'static str,
    around: Around<'_>,
    store: &dyn Store,
    record: &Ref,
) -> Stored<Option<Part>> {
    let alone = typed::Rule { condition: Some(e.clone()), lifetime: None, body: Vec::new(), ..rule.clone() };
    let Some(program) = ir::lower_rule(&alone, around) else { return Ok(None) };
    let (Some(function), Some(file)) = (program.condition, around.sources.get(rule.file)) else { return Ok(None) };
    let schema = around.schema;
    let text = e.span.of(&file.text).split_whitespace().collect::<Vec<_>>().join(" ");
    let line = file.lines.line_col(&file.text, e.span.start).line;
    let mut reads: Vec<(Ref, Name, Value)> = Vec::new();
    let code = program.functions.get(usize::from(function)).map_or(&[][..], |f| &f.code);
    if code.iter().any(|op| op.reads(PAYLOAD, &program)) {
        return Ok(Some(Part { clause: clause_name, text, line, reads, why: Why::NeedsEvent }));
    }
    let env = Env { now: store.meta().now, schema, seed: 0 };
    let args = [Value::Ref(record.clone()), Value::Missing];
    let mut tell = |of: &Ref, field: &Name, value: &Value| {
        if !reads.iter().any(|(known, name, _)| known == of && name == field) {
            reads.push((of.clone(), field.clone(), value.clone()));
        }
    };
    let mut eyes = Eyes::new(schema, store, None).telling(&mut tell);
    let why = match clause(&program, function, &args, &env, &mut eyes)? {
        Ok(Value::Bool(true)) => return Ok(None),
        Ok(_) => Why::False,
        Err(error) => Why::Failed(error.message),
    };
    Ok(Some(Part { clause: clause_name, text, line, reads, why }))
}

/// The entity whose records set a rule off; `None` for events that need no record.
pub fn entity(trigger: &Trigger) -> Option<&Name> {
    match trigger {
        Trigger::Created(entity)
        | Trigger::Updated(entity)
        | Trigger::Saved(entity)
        | Trigger::Deleted(entity)
        | Trigger::Changed { entity, fields: _, from: _, to: _ }
        | Trigger::Entered { entity, stages: _, pipeline: _ }
        | Trigger::Closed { entity, success: _, failure: _ }
        | Trigger::Date { entity, field: _, offset: _, before: _, at: _, repeat: _ } => Some(entity),
        Trigger::Event { name: _, entity } => entity.as_ref(),
        Trigger::Flow(_) | Trigger::Every(_) | Trigger::Unreplied { .. } => None,
    }
}

//! A record that is known to be in one pipeline and is put into a stage of another: an error, as it would be in no stage
//! of its pipeline.

use super::Sink;
use super::domain::Domain;
use super::flow::{self, Changes, Place};
use crate::check::facts::path_key;
use crate::check::typed::{Act, ExprKind};
use crate::diagnostics::{Code, Diagnostic, one_of};
use crate::schema::{Entity, Pipeline};
use crate::value::Value;

/// Looks at one action.
pub(super) fn look(sink: &mut Sink<'_>, act: &Act, at: &Place<'_>) {
    let Some(Changes { entity, record, fields }) = flow::changes(sink.schema, act) else { return };
    let Some(entity) = sink.schema.entity(&entity) else { return };
    let (Some(pipeline), Some(stage), Some(base)) = (entity.pipeline_field(), entity.stage_name(), path_key(record))
    else {
        return;
    };
    // What sets both is compared where the names are.
    if fields.iter().any(|(name, _)| *name == pipeline.name) {
        return;
    }
    let Some((_, value)) = fields.iter().find(|(name, _)| name == stage) else { return };
    let ExprKind::Const(Value::Text(wanted)) = &value.kind else { return };
    let Some(known) = at.known.get(&format!("{base}.{}", pipeline.name)) else { return };
    let possible = pipelines(entity, known);
    if possible.is_empty() || possible.iter().any(|p| p.stages.iter().any(|s| s.name == *wanted)) {
        return;
    }
    let names = one_of(possible.iter().map(|p| &*p.name), 4);
    let stages = one_of(possible.iter().flat_map(|p| &p.stages).map(|s| &*s.name), 8);
    let message = format!("the pipeline {names} has no stage `{wanted}`");
    let diagnostic = Diagnostic::new(Code::E0203, sink.file, value.span, message).label("a stage of another pipeline");
    let diagnostic = match known.why {
        Some(why) => diagnostic.because(sink.file, why, "this says the pipeline"),
        None => diagnostic,
    };
    sink.report(diagnostic.help(format!("its stages are {stages}; or set the pipeline too, in the same `set`")));
}

/// The pipelines that the record can be in.
fn pipelines<'e>(entity: &'e Entity, known: &Domain) -> Vec<&'e Pipeline> {
    let possible = |p: &&Pipeline| {
        let name = Value::Text(p.name.clone());
        known.listed.as_ref().is_none_or(|listed| listed.contains(&name)) && known.may_be(&name)
    };
    entity.pipelines.iter().filter(possible).collect()
}

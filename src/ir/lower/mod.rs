//! From typed rules to programs.
//!
//! Variables get registers in the order of their scopes, temporaries lie above them, so at a statement's end everything
//! above the variables in scope is dead; a wait forgets it.

mod ask;
mod blocks;
mod code;
mod each;
mod expr;
mod find;
mod stmt;
mod test;
mod wait;

use super::{Debug, Function, Op, Origin, Part, Program, Reentry, Repeat, Trigger};
use crate::check::Checked;
use crate::check::typed;
use crate::schema::Schema;
use crate::source::{SourceFile, Sources, Span};
use code::{Code, Tables, Unit};
pub use test::{TestPlan, lower_test};

/// Registers that the body and the clauses of a rule start with: the record and the event.
const PARAMS: u16 = 2;

/// What stands around a rule that is compiled.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The functions of all scripts.
    pub functions: &'a [Option<typed::Function>],
    /// The texts.
    pub sources: &'a Sources,
    /// The workspace.
    pub schema: &'a Schema,
}

/// Compiles all rules of a workspace, in their order. A rule that uses a function with a mistake is left out.
pub fn lower(checked: &Checked, sources: &Sources, schema: &Schema) -> Vec<Program> {
    let around = Around { functions: &checked.functions, sources, schema };
    checked.rules.iter().filter_map(|rule| lower_rule(rule, around)).collect()
}

/// Compiles one rule with the functions that it uses; `None` when one of them has a mistake.
pub fn lower_rule(rule: &typed::Rule, around: Around<'_>) -> Option<Program> {
    let Around { functions: _, sources, schema } = around;
    let file = sources.get(rule.file)?;
    let mut tables = Tables::default();
    let (own, params) = match rule.trigger {
        typed::Trigger::Flow { name: _, params } => (0, params),
        typed::Trigger::Record { .. }
        | typed::Trigger::Date { .. }
        | typed::Trigger::Event { .. }
        | typed::Trigger::Unreplied { .. }
        | typed::Trigger::Every(_) => (PARAMS, PARAMS),
    };
    let to = tables.add_text(rule.span, file);
    let unit = Unit { locals: &rule.locals, name: "", sources, own, from: rule.span.start, to };
    let at = tables.reserve();
    let mut code = Code::new(&mut tables, schema, unit, params);
    if own == 0 {
        (0..params).for_each(|param| code.give(typed::LocalId(param), param));
    }
    code.statements(&rule.body);
    code.emit(Op::ReturnNone);
    let body = code.finish();
    tables.put(at, body);
    let mut clause = |e: &typed::Expr| {
        let at = tables.reserve();
        let mut code = Code::new(&mut tables, schema, unit, params);
        code.at(e.span);
        let a = code.value(e);
        code.emit(Op::Return { a });
        let function = code.finish();
        tables.put(at, function);
        at
    };
    let condition = rule.condition.as_ref().map(&mut clause);
    let lifetime = rule.lifetime.as_ref().map(&mut clause);
    let reentry = match &rule.reentry {
        typed::Reentry::EachTime => Reentry::EachTime,
        typed::Reentry::OneAtATime => Reentry::OneAtATime,
        typed::Reentry::Restart => Reentry::Restart,
        typed::Reentry::Once { per, within } => Reentry::Once { per: clause(per), within: *within },
    };
    compile_called(&mut tables, around)?;
    let Tables { consts, names, calls, functions, migrations, text, parts, called: _ } = tables;
    let debug = Debug {
        rule: rule.title.as_str().into(),
        file: file.name.clone(),
        line: line_of(file, rule.span),
        text: text.into(),
        parts,
    };
    Some(Program {
        trigger: trigger(&rule.trigger),
        condition,
        lifetime,
        reentry,
        origins: rule.origins.iter().map(|o| origin(*o)).collect(),
        functions: functions.into_iter().collect::<Option<_>>()?,
        consts,
        names,
        calls,
        migrations,
        debug,
    })
}

/// The functions of scripts that are called, and those that they call.
fn compile_called(tables: &mut Tables, around: Around<'_>) -> Option<()> {
    let mut next = 0;
    while let Some((id, at)) = tables.called.get(next).copied() {
        let function = around.functions.get(usize::from(id.0))?.as_ref()?;
        let compiled = compile_function(tables, function, around.sources, around.schema)?;
        tables.put(at, compiled);
        next += 1;
    }
    Some(())
}

/// A function of a script.
fn compile_function(
    tables: &mut Tables,
    function: &typed::Function,
    sources: &Sources,
    schema: &Schema,
) -> Option<Function> {
    let file = sources.get(function.file)?;
    let to = tables.add_text(function.span, file);
    tables.parts.push(Part { start: to, file: file.name.clone(), line: line_of(file, function.span) });
    let unit = Unit { locals: &function.locals, name: &function.name, sources, own: 0, from: function.span.start, to };
    let mut code = Code::new(tables, schema, unit, function.params);
    for param in 0..function.params {
        code.give(typed::LocalId(param), param);
    }
    code.statements(&function.body);
    code.emit(Op::ReturnNone);
    Some(code.finish())
}

fn line_of(file: &SourceFile, span: Span) -> u32 {
    file.lines.line_col(&file.text, span.start).line
}

fn origin(origin: typed::Origin) -> Origin {
    match origin {
        typed::Origin::User => Origin::User,
        typed::Origin::Api => Origin::Api,
        typed::Origin::Import => Origin::Import,
        typed::Origin::Rule => Origin::Rule,
    }
}

fn trigger(trigger: &typed::Trigger) -> Trigger {
    match trigger {
        typed::Trigger::Event { name } => Trigger::Event { name: name.clone(), entity: None },
        typed::Trigger::Unreplied { opened, after } => Trigger::Unreplied { opened: *opened, after: *after },
        typed::Trigger::Every(schedule) => Trigger::Every(schedule.clone()),
        typed::Trigger::Flow { name, params: _ } => Trigger::Flow(name.clone()),
        typed::Trigger::Date { entity, field, offset, before, at, repeat } => Trigger::Date {
            entity: entity.clone(),
            field: field.clone(),
            offset: *offset,
            before: *before,
            at: *at,
            repeat: match repeat {
                typed::Repeat::Once => Repeat::Once,
                typed::Repeat::Monthly => Repeat::Monthly,
                typed::Repeat::Yearly => Repeat::Yearly,
            },
        },
        typed::Trigger::Record { entity, what } => change(entity.clone(), what),
    }
}

fn change(entity: crate::value::Name, what: &typed::Change) -> Trigger {
    match what {
        typed::Change::Created => Trigger::Created(entity),
        typed::Change::Updated => Trigger::Updated(entity),
        typed::Change::Saved => Trigger::Saved(entity),
        typed::Change::Deleted => Trigger::Deleted(entity),
        typed::Change::Fields { fields, from, to } => {
            Trigger::Changed { entity, fields: fields.clone(), from: from.clone(), to: to.clone() }
        }
        typed::Change::Stage { stages, pipeline } => {
            Trigger::Entered { entity, stages: stages.clone(), pipeline: pipeline.clone() }
        }
        typed::Change::Closed { success, failure } => Trigger::Closed { entity, success: *success, failure: *failure },
    }
}

//! From typed rules to programs.
//!
//! Variables get registers in the order of their scopes, temporaries lie above them, so at a statement's end everything
//! above the variables in scope is dead; a wait forgets it.

mod code;
mod expr;
mod stmt;
mod wait;

use super::{Debug, Function, Ix, Op, Origin, Program, Reentry, Repeat, Trigger};
use crate::check::typed;
use crate::schema::Schema;
use crate::source::{SourceFile, Span};
use code::{Code, Tables};

/// Registers that every function of a rule starts with: the record and the event.
const PARAMS: u16 = 2;

/// Compiles a checked rule of `file`.
pub fn lower(rule: &typed::Rule, file: &SourceFile, schema: &Schema) -> Program {
    let mut tables = Tables::default();
    let body = {
        let mut code = Code::new(&mut tables, schema, rule);
        code.statements(&rule.body);
        code.emit(Op::ReturnNone);
        code.finish()
    };
    let mut functions = vec![body];
    let condition = rule.condition.as_ref().map(|e| value_function(&mut functions, &mut tables, schema, rule, e));
    let lifetime = rule.lifetime.as_ref().map(|e| value_function(&mut functions, &mut tables, schema, rule, e));
    let reentry = match &rule.reentry {
        typed::Reentry::EachTime => Reentry::EachTime,
        typed::Reentry::OneAtATime => Reentry::OneAtATime,
        typed::Reentry::Restart => Reentry::Restart,
        typed::Reentry::Once { per, within } => {
            let per = value_function(&mut functions, &mut tables, schema, rule, per);
            Reentry::Once { per, within: *within }
        }
    };
    let Tables { consts, names, calls } = tables;
    Program {
        trigger: trigger(&rule.trigger),
        condition,
        lifetime,
        reentry,
        origins: rule.origins.iter().map(|o| origin(*o)).collect(),
        functions,
        consts,
        names,
        calls,
        debug: debug(rule, file),
    }
}

/// Adds a function that gives the value of `e`.
fn value_function(
    functions: &mut Vec<Function>,
    tables: &mut Tables,
    schema: &Schema,
    rule: &typed::Rule,
    e: &typed::Expr,
) -> Ix {
    let mut code = Code::new(tables, schema, rule);
    code.at(e.span);
    let a = code.value(e);
    code.emit(Op::Return { a });
    functions.push(code.finish());
    u16::try_from(functions.len() - 1).unwrap_or(u16::MAX)
}

fn debug(rule: &typed::Rule, file: &SourceFile) -> Debug {
    Debug {
        rule: rule.title.as_str().into(),
        file: file.name.clone(),
        line: file.lines.line_col(&file.text, rule.span.start).line,
        text: rule.span.of(&file.text).into(),
    }
}

/// A place in the rule's own text.
fn relative(rule: &typed::Rule, span: Span) -> Span {
    Span::new(span.start.saturating_sub(rule.span.start), span.end.saturating_sub(rule.span.start))
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

//! Tests: each of their expressions becomes a function, which gets the record of `for any` and all variables.

use super::super::{Ix, Op, Program, Reentry, Trigger};
use super::code::{Code, Tables, Unit};
use super::{Around, Debug, PARAMS, compile_called, line_of};
use crate::check::testing::Test;
use crate::check::typed::{Expr, LocalId};
use std::sync::Arc;

/// A test that can be run.
#[derive(Clone, Debug)]
pub struct TestPlan {
    /// Its steps, with the numbers of functions for their expressions.
    pub test: Test<Ix>,
    /// The functions. Their parameters are the record, the event (there is none), and the variables in order.
    pub program: Arc<Program>,
}

/// Compiles a test with the functions that it uses; `None` when one of them has a mistake.
pub fn lower_test(test: &Test<Expr>, around: Around<'_>) -> Option<TestPlan> {
    let file = around.sources.get(test.file)?;
    let mut tables = Tables::default();
    let to = tables.add_text(test.span, file);
    let unit = Unit { locals: &test.locals, name: "", sources: around.sources, own: PARAMS, from: test.span.start, to };
    let locals = u16::try_from(test.locals.len()).ok()?;
    let mut compile = |e: &Expr| -> Ix {
        let at = tables.reserve();
        let mut code = Code::new(&mut tables, around.schema, unit, PARAMS.saturating_add(locals));
        for local in 0..locals {
            code.give(LocalId(local), PARAMS.saturating_add(local));
        }
        code.at(e.span);
        let a = code.value(e);
        code.emit(Op::Return { a });
        let function = code.finish();
        tables.put(at, function);
        at
    };
    let plan = test.map(&mut compile);
    compile_called(&mut tables, around)?;
    let Tables { consts, names, calls, functions, migrations, text, parts, called: _ } = tables;
    let debug = Debug {
        rule: test.name.clone(),
        file: file.name.clone(),
        line: line_of(file, test.span),
        text: text.into(),
        parts,
    };
    let program = Program {
        trigger: Trigger::Event { name: "test".into(), entity: None },
        condition: None,
        lifetime: None,
        reentry: Reentry::EachTime,
        origins: Vec::new(),
        functions: functions.into_iter().collect::<Option<_>>()?,
        consts,
        names,
        calls,
        migrations,
        debug,
    };
    Some(TestPlan { test: plan, program: Arc::new(program) })
}

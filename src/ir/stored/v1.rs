//! Programs of version 1: functions had no names, caught nothing, and called none.

use super::super::{
    CallShape, Debug, Digest, Function, Ix, Local, Op, Origin, Pc, Prepared, Program, Reentry, Reg, Trigger,
};
use super::{ProgramError, whole};
use crate::source::Span;
use crate::value::{Name, Value};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Program1 {
    trigger: Trigger,
    condition: Option<Ix>,
    lifetime: Option<Ix>,
    reentry: Reentry,
    origins: Vec<Origin>,
    functions: Vec<Function1>,
    consts: Vec<Value>,
    names: Vec<Name>,
    calls: Vec<CallShape>,
    debug: Debug1,
}

#[derive(Deserialize)]
struct Debug1 {
    rule: Name,
    file: Name,
    line: u32,
    text: Name,
}

#[derive(Deserialize)]
struct Function1 {
    params: u16,
    registers: u16,
    code: Vec<Op>,
    spans: Vec<Span>,
    locals: Vec<(Name, Reg)>,
}

/// What the name of a program of version 1 was made of.
#[derive(Serialize)]
struct Meaning1<'a> {
    trigger: &'a Trigger,
    condition: Option<Ix>,
    lifetime: Option<Ix>,
    reentry: &'a Reentry,
    origins: &'a [Origin],
    functions: Vec<(u16, u16, &'a [Op])>,
    consts: &'a [Value],
    names: &'a [Name],
    calls: &'a [CallShape],
}

/// Reads a program, and says under which name it was stored.
pub(super) fn read(bytes: &[u8]) -> Result<(Program, Digest), ProgramError> {
    let old: Program1 = whole(bytes)?;
    let digest = digest(&old)?;
    let Program1 { trigger, condition, lifetime, reentry, origins, functions, consts, names, calls, debug } = old;
    let Debug1 { rule, file, line, text } = debug;
    let functions = functions.into_iter().map(function).collect();
    let debug = Debug { rule, file, line, text, parts: Vec::new() };
    let migrations = Vec::new();
    let program =
        Program { trigger, condition, lifetime, reentry, origins, functions, consts, names, calls, migrations, debug };
    Ok((program, digest))
}

fn function(old: Function1) -> Function {
    let Function1 { params, registers, code, spans, locals } = old;
    // Where a variable was known was not written down, nor its type.
    let local = |(name, reg)| Local { name, reg, ty: "".into(), from: 0, to: Pc::MAX };
    let locals = locals.into_iter().map(local).collect();
    Function {
        name: "".into(),
        params,
        registers,
        code,
        spans,
        catches: Vec::new(),
        locals,
        quick: Prepared::default(),
    }
}

fn digest(program: &Program1) -> Result<Digest, ProgramError> {
    let Program1 { trigger, condition, lifetime, reentry, origins, functions, consts, names, calls, debug: _ } =
        program;
    let meaning = Meaning1 {
        trigger,
        condition: *condition,
        lifetime: *lifetime,
        reentry,
        origins,
        functions: functions.iter().map(|f| (f.params, f.registers, f.code.as_slice())).collect(),
        consts,
        names,
        calls,
    };
    let bytes = postcard::to_stdvec(&meaning).map_err(|error| ProgramError::Payload(error.to_string()))?;
    Ok(Digest::of(b"dealflow program 1\0", &bytes))
}

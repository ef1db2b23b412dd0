//! A program as text, for people and for snapshots.

use super::{BinOp, Catch, Function, Ix, Op, Pc, Program, Reentry, Reg, Repeat, Trigger};
use crate::value::Value;
use std::fmt::{self, Write};

/// A readable dump: what sets the program off, then every function with numbered instructions.
pub fn dump(program: &Program) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_program(&mut out, program);
    out
}

fn write_program(out: &mut String, program: &Program) -> fmt::Result {
    write_trigger(out, &program.trigger)?;
    match &program.reentry {
        Reentry::EachTime => {}
        Reentry::Once { per, within: None } => writeln!(out, "once per f{per}")?,
        Reentry::Once { per, within: Some(period) } => writeln!(out, "once per f{per} in {period}")?,
        Reentry::OneAtATime => writeln!(out, "one at a time")?,
        Reentry::Restart => writeln!(out, "restart")?,
    }
    let origins: Vec<String> = program.origins.iter().map(|o| format!("{o:?}").to_lowercase()).collect();
    writeln!(out, "from {}", origins.join(", "))?;
    for (index, function) in program.functions.iter().enumerate() {
        let is = |ix: Option<Ix>| ix.is_some_and(|ix| usize::from(ix) == index);
        let role = match (index, is(program.condition), is(program.lifetime)) {
            (0, _, _) => " body",
            (_, true, _) => " condition",
            (_, _, true) => " lifetime",
            (_, false, false) => "",
        };
        write!(out, "\nf{index}{role}: {} parameters, {} registers", function.params, function.registers)?;
        for local in &function.locals {
            write!(out, ", r{} = {}", local.reg, local.name)?;
        }
        out.push('\n');
        write_code(out, program, function)?;
    }
    Ok(())
}

fn write_trigger(out: &mut String, trigger: &Trigger) -> fmt::Result {
    match trigger {
        Trigger::Created(entity) => writeln!(out, "on {entity} created"),
        Trigger::Updated(entity) => writeln!(out, "on {entity} updated"),
        Trigger::Saved(entity) => writeln!(out, "on {entity} created or updated"),
        Trigger::Deleted(entity) => writeln!(out, "on {entity} deleted"),
        Trigger::Changed { entity, fields, from, to } => {
            write!(out, "on {entity} changed {}", fields.join(", "))?;
            from.iter().try_for_each(|value| write!(out, " from {value}"))?;
            to.iter().try_for_each(|value| write!(out, " to {value}"))?;
            out.write_char('\n')
        }
        Trigger::Entered { entity, stages, pipeline } => {
            write!(out, "on {entity} enters {stages:?}")?;
            pipeline.iter().try_for_each(|name| write!(out, " in pipeline {name:?}"))?;
            out.write_char('\n')
        }
        Trigger::Closed { entity, success, failure } => {
            writeln!(out, "on {entity} closed (success {success}, failure {failure})")
        }
        Trigger::Date { entity, field, offset, before, at, repeat } => {
            let side = if *before { "before" } else { "after" };
            write!(out, "on {offset} {side} {entity}.{field}")?;
            at.iter().try_for_each(|time| write!(out, " at {time}"))?;
            match repeat {
                Repeat::Once => writeln!(out),
                Repeat::Monthly => writeln!(out, " monthly"),
                Repeat::Yearly => writeln!(out, " yearly"),
            }
        }
        Trigger::Flow(name) => writeln!(out, "flow {name}"),
        Trigger::Unreplied { opened, after } => {
            writeln!(out, "on email {}unreplied for {after}", if *opened { "opened and " } else { "" })
        }
        Trigger::Every(schedule) => writeln!(out, "every {schedule:?}"),
        Trigger::Event { name, entity: None } => writeln!(out, "on event {name:?}"),
        Trigger::Event { name, entity: Some(entity) } => writeln!(out, "on event {name:?} about {entity}"),
    }
}

fn write_code(out: &mut String, program: &Program, function: &Function) -> fmt::Result {
    for Catch { from, to, handler, error } in &function.catches {
        writeln!(out, "       mistakes of {from} to {to} go on at {handler}, text in r{error}")?;
    }
    for (pc, op) in function.code.iter().enumerate() {
        write!(out, "{pc:5}  ")?;
        write_op(out, program, *op)?;
        let text = function.spans.get(pc).map_or("", |span| span.of(&program.debug.text));
        // One line of the source is enough to know the place.
        if let Some(line) = text.lines().next().map(str::trim).filter(|line| !line.is_empty()) {
            write!(out, "    // {line}")?;
        }
        out.push('\n');
    }
    Ok(())
}

fn write_const(out: &mut String, program: &Program, k: Ix) -> fmt::Result {
    match program.consts.get(usize::from(k)) {
        Some(value) => write!(out, "{value}"),
        None => write!(out, "const {k}?"),
    }
}

fn write_op(out: &mut String, program: &Program, op: Op) -> fmt::Result {
    let name = |ix| Named(program, ix);
    match op {
        Op::Const { dst, k } => {
            write!(out, "r{dst} = ")?;
            write_const(out, program, k)
        }
        Op::Copy { dst, src } => write!(out, "r{dst} = r{src}"),
        Op::Now { dst } => write!(out, "r{dst} = now"),
        Op::Today { dst } => write!(out, "r{dst} = today"),
        Op::Read { dst, obj, field } => write!(out, "r{dst} = read r{obj}.{}", name(field)),
        Op::Not { dst, a } => write!(out, "r{dst} = not r{a}"),
        Op::Neg { dst, a } => write!(out, "r{dst} = -r{a}"),
        Op::Bin { op, dst, a, b } => write!(out, "r{dst} = r{a} {} r{b}", op.sign()),
        Op::BinConst { op, dst, a, k } => {
            write!(out, "r{dst} = r{a} {} ", op.sign())?;
            write_const(out, program, k)
        }
        Op::IsEmpty { dst, a } => write!(out, "r{dst} = r{a} is empty"),
        Op::Call { func, dst, base, n } => {
            write!(out, "r{dst} = {}({})", func.name(), range(base, usize::from(n)))
        }
        Op::List { dst, base, n } => write!(out, "r{dst} = list [{}]", range(base, usize::from(n))),
        Op::Text { dst, base, n } => write!(out, "r{dst} = text {}", range(base, usize::from(n))),
        Op::Format { dst, a, format } => write!(out, "r{dst} = format r{a}:{}", name(format)),
        Op::Jump { to } => write!(out, "jump {to}"),
        Op::JumpIf { a, to } => write!(out, "if r{a} jump {to}"),
        Op::JumpUnless { a, to } => write!(out, "unless r{a} jump {to}"),
        Op::JumpSome { a, to } => write!(out, "if r{a} is there jump {to}"),
        Op::Next { dst, list, at, to } => write!(out, "r{dst} = next of r{list} at r{at}, at the end jump {to}"),
        Op::Act { call, dst, base } => act(out, program, call, dst, base),
        Op::Arm { limit } => write!(out, "arm until r{limit}"),
        Op::ArmNone => write!(out, "arm"),
        Op::Watch => write!(out, "watch"),
        Op::WatchEvent { event, about } => write!(out, "watch event {} about r{about}", name(event)),
        Op::Suspend { dst, retry, live } => suspend(out, dst, retry, live),
        Op::Disarm => write!(out, "disarm"),
        Op::Return { a } => write!(out, "return r{a}"),
        Op::ReturnNone => write!(out, "return"),
        Op::Stop => write!(out, "stop"),
        Op::Invoke { function, dst, base } => {
            write!(out, "r{dst} = f{function}({})", range(base, params(program, function)))
        }
        Op::Fork { race, n, live } => {
            write!(out, "{} {n} branches, variables below r{live}", if race { "race" } else { "parallel" })
        }
        Op::Give { reg } => write!(out, "give r{reg}"),
        Op::Join => write!(out, "join"),
        Op::Undo { function, base } => write!(out, "undo by f{function}({})", range(base, params(program, function))),
        Op::Mark { dst } => write!(out, "r{dst} = mark"),
        Op::Unwind { mark } => write!(out, "unwind to r{mark}"),
        Op::Settle => write!(out, "settle"),
        Op::Raise { a } => write!(out, "raise r{a}"),
        Op::Record { dst, names, base } => record(out, program, names, dst, base),
        Op::Push { list, item } => write!(out, "push r{item} to r{list}"),
        Op::Sort { list, keys } => write!(out, "sort r{list} by r{keys}"),
        Op::Find { dst, of, base } => find(out, program, dst, of, base),
        Op::Rank { list, keys, most, down } => {
            let way = if down { ", largest first" } else { "" };
            write!(out, "rank r{list} by r{keys}{way}, at most r{most}")
        }
    }
}

fn find(out: &mut String, program: &Program, dst: Reg, of: Ix, base: Reg) -> fmt::Result {
    match program.consts.get(usize::from(of)) {
        Some(Value::List(of)) => {
            let words: Vec<String> = of.iter().map(|word| word.to_string().replace('"', "")).collect();
            write!(out, "r{dst} = find {}", words.join(" whose "))?;
            if words.len() > 1 {
                write!(out, " is r{}", base.saturating_add(1))?;
            }
            write!(out, " behind r{base}")
        }
        Some(_) | None => write!(out, "r{dst} = find {of}?"),
    }
}

fn act(out: &mut String, program: &Program, call: Ix, dst: Reg, base: Reg) -> fmt::Result {
    let Some(shape) = program.calls.get(usize::from(call)) else { return write!(out, "r{dst} = act {call}?") };
    write!(out, "r{dst} = act {:?}", &*shape.action)?;
    for (i, param) in shape.params.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        write!(out, "{comma} {param}: r{}", usize::from(base) + i)?;
    }
    Ok(())
}

fn record(out: &mut String, program: &Program, names: Ix, dst: Reg, base: Reg) -> fmt::Result {
    write!(out, "r{dst} = record")?;
    let Some(Value::List(names)) = program.consts.get(usize::from(names)) else { return write!(out, " {names}?") };
    for (i, name) in names.iter().enumerate() {
        write!(out, "{} {name}: r{}", if i == 0 { "" } else { "," }, usize::from(base) + i)?;
    }
    Ok(())
}

/// A name of the program by its number.
struct Named<'a>(&'a Program, Ix);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.names.get(usize::from(self.1)) {
            Some(name) => f.write_str(name),
            None => write!(f, "name {}?", self.1),
        }
    }
}

/// How many parameters a function of the program takes.
fn params(program: &Program, function: Ix) -> usize {
    program.functions.get(usize::from(function)).map_or(0, |f| usize::from(f.params))
}

fn suspend(out: &mut String, dst: Reg, retry: Pc, live: Reg) -> fmt::Result {
    write!(out, "r{dst} = suspend, woken go to {retry}, forget from r{live}")
}

fn range(base: Reg, n: usize) -> String {
    let regs: Vec<String> = (usize::from(base)..usize::from(base) + n).map(|reg| format!("r{reg}")).collect();
    regs.join(", ")
}

impl BinOp {
    /// How scripts write it.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::In => "in",
            Self::Contains => "contains",
            Self::StartsWith => "starts with",
            Self::EndsWith => "ends with",
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
        }
    }
}

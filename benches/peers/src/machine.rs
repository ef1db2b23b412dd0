//! Executing: a condition over a record of twenty fields, a counting loop, a recursive function.

use crate::clock::nanos;
use crate::{Outcome, show};
use dealflow::catalog::Env;
use dealflow::ir::Program;
use dealflow::pipeline::Texts;
use dealflow::schema::Schema;
use dealflow::value::{Moment, Name, Ref, Value};
use dealflow::vm::{Input, Machine, Step};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

/// Turns of the loop.
const TURNS: u32 = 10_000;
/// What `fib` is asked for, what it answers, and how many calls that takes.
const FIB: (u32, i64, u32) = (20, 6765, 21_891);

const FLOW: &str = "
on deal updated if deal.stage == \"Invoice\" and deal.amount > 10000 and deal.score >= 50 { stop; }
on deal updated { let $i = 0; let $s = 0; while $i < 10000 { set $s = $s + $i; set $i = $i + 1; } log \"{$s}\"; }
fn fib($n: int) -> int { if $n < 2 { return $n; } return fib($n - 1) + fib($n - 2); }
on deal updated { log \"{fib(20)}\"; }
";
const LUA: &str = "
function cond(d) return d.stage == 'Invoice' and d.amount > 10000 and d.score >= 50 end
function count() local i, s = 0, 0 while i < 10000 do s = s + i i = i + 1 end return s end
function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
";
const STARLARK: &str = "
def cond(d): return d['stage'] == 'Invoice' and d['amount'] > 10000 and d['score'] >= 50
def count():
    s = 0
    for i in range(10000):
        s = s + i
    return s
def fib(n):
    if n < 2: return n
    return fib(n - 1) + fib(n - 2)
";
const RHAI: &str = "
fn cond(d) { d.stage == \"Invoice\" && d.amount > 10000 && d.score >= 50 }
fn count() { let i = 0; let s = 0; while i < 10000 { s += i; i += 1; } s }
fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }
";

/// The twenty fields of a deal, by name; all others are numbers.
fn fields() -> Vec<(String, Result<i64, &'static str>)> {
    let mut all: Vec<_> = (0..17).map(|number| (format!("field_{number}"), Ok(number))).collect();
    all.extend([("stage".into(), Err("Invoice")), ("amount".into(), Ok(25_000)), ("score".into(), Ok(70))]);
    all
}

/// Our three programs.
struct Flow {
    schema: Arc<Schema>,
    programs: Vec<Arc<Program>>,
    deal: BTreeMap<Name, Value>,
    record: Value,
}

impl Flow {
    fn new() -> Outcome<Self> {
        let mut texts = Texts::default();
        texts.schema = Some(texts.sources.add("crm.toml", "[entities.deal]\nfields.amount = \"int\"\n"));
        texts.scripts.push(texts.sources.add("bench.flow", FLOW));
        let compiled = texts.parse().compile();
        if !compiled.is_sound() {
            return Err(format!("{:?}", compiled.diagnostics).into());
        }
        let value = |value: Result<i64, &str>| value.map_or_else(Value::text, Value::Int);
        let deal = fields().into_iter().map(|(name, v)| (name.as_str().into(), value(v))).collect();
        let record = Value::Ref(Ref::new("deal", "57"));
        Ok(Self { schema: compiled.schema, programs: compiled.programs, deal, record })
    }

    fn env(&self) -> Env<'_> {
        Env { now: Moment(1_772_438_400_000), schema: &self.schema, seed: 1 }
    }

    fn condition(&self, program: &Program) -> bool {
        let function = program.condition.unwrap_or_default();
        let mut machine = Machine::start(function, [black_box(&self.record).clone(), Value::Missing], program);
        let reader = &mut |_: &Ref, field: &Name| Some(self.deal.get(field).cloned().unwrap_or_default());
        machine.step_reading(program, Input::Go, &self.env(), &mut 1000, reader) == Step::Done(Value::Bool(true))
    }

    /// Runs a rule up to its `log`, and gives what it says.
    fn logged(&self, program: &Program) -> Option<Value> {
        let mut machine = Machine::start(0, [Value::Missing, Value::Missing], program);
        match machine.step(program, Input::Go, &self.env(), &mut 100_000_000) {
            Step::Act(request) => request.args.into_iter().next().map(|(_, value)| value),
            _ => None,
        }
    }
}

/// Nanoseconds of one: by us, and by a peer, in turns.
fn against<A, B>(what: &str, peer: &str, parts: u32, ours: impl FnMut() -> A, theirs: impl FnMut() -> B) -> Outcome {
    let (ours, theirs) = nanos(ours, theirs);
    show(what, peer, ours / f64::from(parts), theirs / f64::from(parts))
}

/// What is compared, with how many parts one call has.
const CONDITION: (&str, u32) = ("condition over 20 fields", 1);
const LOOP: (&str, u32) = ("one turn of a loop", TURNS);
const CALL: (&str, u32) = ("one call of fib(20)", FIB.2);

const SUM: i64 = 49_995_000;

/// All peers in one run.
pub(crate) fn measure_all() -> Outcome {
    let flow = Flow::new()?;
    let [condition, count, fib] = flow.programs.as_slice() else { return Err("three programs are expected".into()) };
    assert!(flow.condition(condition));
    assert_eq!(flow.logged(count), Some(Value::text(&SUM.to_string())));
    assert_eq!(flow.logged(fib), Some(Value::text(&FIB.1.to_string())));
    let ours = (|| flow.condition(condition), || flow.logged(count), || flow.logged(fib));
    lua(&ours)?;
    starlark(&ours)?;
    vrl(&ours.0)?;
    cel(&ours.0)?;
    rhai(&ours)
}

type Ours<A, B, C> = (A, B, C);

fn lua<A: Fn() -> bool, B: Fn() -> Option<Value>, C: Fn() -> Option<Value>>(ours: &Ours<A, B, C>) -> Outcome {
    let lua = mlua::Lua::new();
    lua.load(LUA).exec()?;
    let deal = lua.create_table()?;
    for (name, value) in fields() {
        match value {
            Ok(number) => deal.set(name, number)?,
            Err(text) => deal.set(name, text)?,
        }
    }
    let function = |name: &str| lua.globals().get::<mlua::Function>(name);
    let (cond, count, fib) = (function("cond")?, function("count")?, function("fib")?);
    assert!(cond.call::<bool>(&deal)?);
    assert_eq!((count.call::<i64>(())?, fib.call::<i64>(FIB.0)?), (SUM, FIB.1));
    against(CONDITION.0, "Lua 5.4", CONDITION.1, &ours.0, || cond.call::<bool>(&deal).ok())?;
    against(LOOP.0, "Lua 5.4", LOOP.1, &ours.1, || count.call::<i64>(()).ok())?;
    against(CALL.0, "Lua 5.4", CALL.1, &ours.2, || fib.call::<i64>(FIB.0).ok())
}

fn starlark<A: Fn() -> bool, B: Fn() -> Option<Value>, C: Fn() -> Option<Value>>(ours: &Ours<A, B, C>) -> Outcome {
    use starlark::environment::{Globals, Module};
    use starlark::eval::Evaluator;
    use starlark::syntax::{AstModule, Dialect};
    let done = Module::with_temp_heap(|module| {
        let ast = AstModule::parse("bench", STARLARK.to_owned(), &Dialect::Standard)?;
        let mut eval = Evaluator::new(&module);
        eval.eval_module(ast, &Globals::standard())?;
        let function = |name: &str| module.get(name).ok_or_else(|| starlark::Error::new_other(std::fmt::Error));
        let (cond, count, fib) = (function("cond")?, function("count")?, function("fib")?);
        let heap = module.heap();
        let pairs = fields().into_iter().map(|(name, v)| (name, v.map_or_else(|text| heap.alloc(text), |n| heap.alloc(n))));
        let deal = heap.alloc(starlark::values::dict::AllocDict(pairs));
        let n = heap.alloc(FIB.0);
        assert_eq!(eval.eval_function(cond, &[deal], &[])?.unpack_bool(), Some(true));
        assert_eq!(eval.eval_function(fib, &[n], &[])?.unpack_i32().map(i64::from), Some(FIB.1));
        assert_eq!(eval.eval_function(count, &[], &[])?.unpack_i32().map(i64::from), Some(SUM));
        let told = [
            against(CONDITION.0, "starlark", CONDITION.1, &ours.0, || eval.eval_function(cond, &[deal], &[]).is_ok()),
            against(LOOP.0, "starlark", LOOP.1, &ours.1, || eval.eval_function(count, &[], &[]).is_ok()),
            against(CALL.0, "starlark", CALL.1, &ours.2, || eval.eval_function(fib, &[n], &[]).is_ok()),
        ];
        starlark::Result::Ok(told)
    });
    done.map_err(|error| error.to_string())?.into_iter().collect()
}

fn vrl(ours: &impl Fn() -> bool) -> Outcome {
    use vrl::compiler::{CompileConfig, TargetValue, TimeZone, compile_with_external, runtime::Runtime, state};
    use vrl::value::kind::Collection;
    use vrl::value::{Kind, Secrets, Value as Other};
    let kinds = fields().into_iter().map(|(name, v)| (name.into(), if v.is_ok() { Kind::integer() } else { Kind::bytes() }));
    let kind = Kind::object(Collection::from(kinds.collect::<BTreeMap<_, _>>()));
    let external = state::ExternalEnv::new_with_kind(kind, Kind::object(Collection::empty()));
    let text = ".stage == \"Invoice\" && .amount > 10000 && .score >= 50";
    let compiled = compile_with_external(text, &[], &external, CompileConfig::default()).map_err(|e| format!("{e:?}"))?;
    let object = fields().into_iter().map(|(name, v)| (name.into(), v.map_or_else(Other::from, Other::from)));
    let mut target = TargetValue {
        value: Other::Object(object.collect()),
        metadata: Other::Object(BTreeMap::new().into()),
        secrets: Secrets::default(),
    };
    let mut runtime = Runtime::default();
    let zone = TimeZone::Named(chrono_tz::UTC);
    assert_eq!(runtime.resolve(&mut target, &compiled.program, &zone), Ok(Other::Boolean(true)));
    against(CONDITION.0, "vrl", CONDITION.1, ours, || runtime.resolve(&mut target, &compiled.program, &zone).is_ok())
}

fn cel(ours: &impl Fn() -> bool) -> Outcome {
    let text = "deal.stage == 'Invoice' && deal.amount > 10000 && deal.score >= 50";
    let program = cel::Program::compile(text)?;
    let mut context = cel::Context::default();
    let value = |v: Result<i64, &str>| v.map_or_else(|text| cel::Value::from(text), cel::Value::from);
    let map: std::collections::HashMap<String, cel::Value> = fields().into_iter().map(|(n, v)| (n, value(v))).collect();
    context.add_variable_from_value("deal", map);
    assert_eq!(program.execute(&context)?, cel::Value::Bool(true));
    against(CONDITION.0, "cel", CONDITION.1, ours, || program.execute(&context).is_ok())
}

fn rhai<A: Fn() -> bool, B: Fn() -> Option<Value>, C: Fn() -> Option<Value>>(ours: &Ours<A, B, C>) -> Outcome {
    use rhai::{Dynamic, Engine, Map, Scope};
    let engine = Engine::new();
    let ast = engine.compile(RHAI)?;
    let value = |v: Result<i64, &'static str>| v.map_or_else(Dynamic::from, Dynamic::from);
    let deal: Map = fields().into_iter().map(|(name, v)| (name.into(), value(v))).collect();
    let deal = Dynamic::from(deal).into_shared();
    let cond = || engine.call_fn::<bool>(&mut Scope::new(), &ast, "cond", (deal.clone(),));
    let count = || engine.call_fn::<i64>(&mut Scope::new(), &ast, "count", ());
    let fib = || engine.call_fn::<i64>(&mut Scope::new(), &ast, "fib", (i64::from(FIB.0),));
    assert!(cond()?);
    assert_eq!((count()?, fib()?), (SUM, FIB.1));
    against(CONDITION.0, "rhai", CONDITION.1, &ours.0, cond)?;
    against(LOOP.0, "rhai", LOOP.1, &ours.1, count)?;
    against(CALL.0, "rhai", CALL.1, &ours.2, fib)
}

//! The flagship property: saving and loading a run at every instruction changes nothing, whatever the program.

use super::asm::{Between, Host};
use super::workspace::{monday, schema};
use dealflow::catalog;
use dealflow::ir::{BinOp, CallShape, Catch, Debug, Function, Op, Program, Reentry, Trigger};
use dealflow::source::Span;
use dealflow::value::{Moment, Ref, Value};
use dealflow::vm::{Input, Outcome};
use proptest::prelude::*;
use std::sync::Arc;

/// Few registers and names, so that instructions meet one another's results.
const REGISTERS: u16 = 6;
const NAMES: [&str; 4] = ["a", "b", "$closed", "long"];

fn consts() -> Vec<Value> {
    vec![
        Value::Missing,
        Value::Int(0),
        Value::Int(3),
        Value::Bool(true),
        Value::Decimal("2.50".parse().unwrap()),
        Value::text("long"),
        Value::Date("2026-03-31".parse().unwrap()),
        Value::Time("09:30:00".parse().unwrap()),
        Value::Period("1mo2d".parse().unwrap()),
        Value::Ref(Ref::new("deal", "1")),
        Value::list(vec![Value::Int(3), Value::text("x"), Value::Missing]),
        Value::Record(Arc::new([("a".into(), Value::Int(1)), ("b".into(), Value::list(Vec::new()))].into())),
        Value::DateTime(Moment(monday().0 + 1)),
    ]
}

/// A register; now and then one that does not exist.
fn reg() -> impl Strategy<Value = u16> {
    prop_oneof![40 => 0..REGISTERS, 1 => Just(REGISTERS)]
}

fn bin_op() -> impl Strategy<Value = BinOp> {
    use BinOp::{Add, Contains, Div, EndsWith, Eq, Ge, Gt, In, Le, Lt, Mul, Ne, StartsWith, Sub};
    prop::sample::select(vec![Eq, Ne, Lt, Le, Gt, Ge, In, Contains, StartsWith, EndsWith, Add, Sub, Mul, Div])
}

fn op() -> impl Strategy<Value = Op> {
    let k = 0..u16::try_from(consts().len()).unwrap();
    let to = || 0..24_u32;
    let name = || 0..4_u16;
    let func = prop::sample::select(catalog::functions().iter().map(|f| f.func).collect::<Vec<_>>());
    prop_oneof![
        6 => (reg(), k.clone()).prop_map(|(dst, k)| Op::Const { dst, k }),
        1 => (reg(), reg()).prop_map(|(dst, src)| Op::Copy { dst, src }),
        1 => reg().prop_map(|dst| Op::Now { dst }),
        1 => reg().prop_map(|dst| Op::Today { dst }),
        4 => (reg(), reg(), name()).prop_map(|(dst, obj, field)| Op::Read { dst, obj, field }),
        1 => (reg(), reg()).prop_map(|(dst, a)| Op::Not { dst, a }),
        1 => (reg(), reg()).prop_map(|(dst, a)| Op::Neg { dst, a }),
        4 => (bin_op(), reg(), reg(), reg()).prop_map(|(op, dst, a, b)| Op::Bin { op, dst, a, b }),
        4 => (bin_op(), reg(), reg(), k.clone()).prop_map(|(op, dst, a, k)| Op::BinConst { op, dst, a, k }),
        1 => (reg(), reg()).prop_map(|(dst, a)| Op::IsEmpty { dst, a }),
        2 => (func, reg(), 0..4_u16, 0..3_u8).prop_map(|(func, dst, base, n)| Op::Call { func, dst, base, n }),
        1 => (reg(), 0..4_u16, 0..4_u16).prop_map(|(dst, base, n)| Op::List { dst, base, n }),
        1 => (reg(), 0..4_u16, 0..4_u16).prop_map(|(dst, base, n)| Op::Text { dst, base, n }),
        1 => (reg(), reg(), name()).prop_map(|(dst, a, format)| Op::Format { dst, a, format }),
        1 => to().prop_map(|to| Op::Jump { to }),
        1 => (reg(), to()).prop_map(|(a, to)| Op::JumpIf { a, to }),
        1 => (reg(), to()).prop_map(|(a, to)| Op::JumpUnless { a, to }),
        1 => (reg(), to()).prop_map(|(a, to)| Op::JumpSome { a, to }),
        1 => (reg(), reg(), reg(), to()).prop_map(|(dst, list, at, to)| Op::Next { dst, list, at, to }),
        2 => (0..2_u16, reg(), 0..4_u16).prop_map(|(call, dst, base)| Op::Act { call, dst, base }),
        4 => Just(Op::ArmNone),
        2 => reg().prop_map(|limit| Op::Arm { limit }),
        2 => Just(Op::Watch),
        1 => (name(), reg()).prop_map(|(event, about)| Op::WatchEvent { event, about }),
        4 => (reg(), to(), 0..=REGISTERS).prop_map(|(dst, retry, live)| Op::Suspend { dst, retry, live }),
        1 => Just(Op::Disarm),
        1 => reg().prop_map(|a| Op::Return { a }),
        1 => (0..3_u16, reg(), 0..4_u16).prop_map(|(function, dst, base)| Op::Invoke { function, dst, base }),
        2 => (any::<bool>(), 0..4_u16, 0..REGISTERS).prop_map(|(race, n, live)| Op::Fork { race, n, live }),
        1 => reg().prop_map(|reg| Op::Give { reg }),
        3 => Just(Op::Join),
        2 => (0..3_u16, 0..4_u16).prop_map(|(function, base)| Op::Undo { function, base }),
        1 => reg().prop_map(|dst| Op::Mark { dst }),
        1 => reg().prop_map(|mark| Op::Unwind { mark }),
        1 => Just(Op::Settle),
        1 => reg().prop_map(|a| Op::Raise { a }),
    ]
}

/// Instructions that often follow one another, which the machine may execute at once.
fn idiom() -> impl Strategy<Value = Vec<Op>> {
    let k = || 0..u16::try_from(consts().len()).unwrap();
    let jump = |a: u16, to: u32, how: u8| match how {
        0 => Op::JumpIf { a, to },
        1 => Op::JumpUnless { a, to },
        2 => Op::Jump { to },
        _ => Op::Copy { dst: a, src: a },
    };
    let end = || (0..24_u32, 0..4_u8);
    prop_oneof![
        2 => (bin_op(), reg(), reg(), 0..4_u16, k(), end()).prop_map(move |(op, dst, obj, field, k, (to, how))| {
            vec![Op::Read { dst, obj, field }, Op::BinConst { op, dst, a: dst, k }, jump(dst, to, how)]
        }),
        1 => (bin_op(), reg(), reg(), k(), end())
            .prop_map(move |(op, dst, a, k, (to, how))| vec![Op::BinConst { op, dst, a, k }, jump(dst, to, how)]),
        1 => (bin_op(), reg(), reg(), reg(), end())
            .prop_map(move |(op, dst, a, b, (to, how))| vec![Op::Bin { op, dst, a, b }, jump(dst, to, how)]),
    ]
}

fn function(code: Vec<Op>, catches: Vec<Catch>) -> Function {
    let spans = (0..).map(|pc| Span::new(pc, pc + 1)).take(code.len()).collect();
    Function { params: 1, registers: REGISTERS, code, spans, catches, ..Function::default() }
}

/// A program of any instructions after a few that fill the registers.
pub(super) fn program() -> impl Strategy<Value = Program> {
    let catch = (0..24_u32, 0..24_u32, 0..24_u32, reg());
    let catch = catch.prop_map(|(from, n, handler, error)| Catch { from, to: from + n, handler, error });
    let catches = prop::collection::vec(catch, 0..3);
    let small = prop::collection::vec(op(), 1..6);
    let piece = prop_oneof![5 => op().prop_map(|op| vec![op]), 1 => idiom()];
    let code = prop::collection::vec(piece, 1..20).prop_map(|pieces| pieces.concat());
    (code, catches, small).prop_map(|(code, catches, small)| {
        let calls = [vec![], vec!["to".into(), "text".into()]];
        let fill = [(0, 9), (1, 1), (2, 10), (3, 8), (4, 11)].map(|(dst, k)| Op::Const { dst, k });
        let code: Vec<Op> = fill.into_iter().chain(code).collect();
        Program {
            trigger: Trigger::Created("deal".into()),
            condition: None,
            lifetime: None,
            reentry: Reentry::EachTime,
            origins: Vec::new(),
            functions: vec![function(code, catches), function(small, Vec::new())],
            consts: consts(),
            names: NAMES.map(Into::into).to_vec(),
            calls: calls.map(|params| CallShape { action: "log".into(), params }).to_vec(),
            migrations: Vec::new(),
            debug: Debug::default(),
        }
    })
}

/// A host with a few fields that wakes a sleeping run in all ways.
fn host() -> Host {
    let deal = || Value::Ref(Ref::new("deal", "2"));
    let mut host = Host::new(&[
        ("deal", "1", "a", deal()),
        ("deal", "1", "b", Value::Int(3)),
        ("deal", "2", "a", Value::Bool(true)),
    ]);
    let inputs = [Input::Wake, Input::End(Outcome::Final), Input::Go, Input::Wake, Input::End(Outcome::Reached)];
    host.wakes = (1..).map(|hour| Moment(monday().0 + hour * 3_600_000)).zip(inputs).collect();
    host.fuel = 300;
    host
}

/// Large values cost fuel that one instruction at a time does not have, so the end may come sooner or later.
fn without_fuel(mut trace: Vec<String>) -> Vec<String> {
    if trace.last().is_some_and(|line| line == "out of fuel") {
        trace.pop();
    }
    trace
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn a_run_does_not_notice_that_it_is_saved_and_loaded(program in program()) {
        let schema = schema();
        let plain = host().drive(&program, vec![Value::Missing], &schema, Between::Nothing);
        let saved = host().drive(&program, vec![Value::Missing], &schema, Between::SaveAndLoad);
        prop_assert_eq!(&plain, &saved);
        let plain = without_fuel(plain);
        let single = without_fuel(host().drive(&program, vec![Value::Missing], &schema, Between::EveryInstruction));
        let common = plain.len().min(single.len());
        prop_assert_eq!(&plain[..common], &single[..common]);
    }

    #[test]
    fn the_digest_is_of_the_meaning(program in program()) {
        let digest = program.digest();
        prop_assert_eq!(digest.to_string().parse(), Ok(digest));
        let mut other = program.clone();
        other.debug.text = "something else".into();
        other.functions[0].spans.clear();
        prop_assert_eq!(other.digest(), digest);
        other.functions[0].code.push(Op::Stop);
        prop_assert_ne!(other.digest(), digest);
    }

    #[test]
    fn every_program_can_be_shown(program in program()) {
        let lines = dealflow::ir::dump(&program).lines().count();
        prop_assert!(lines > program.functions[0].code.len());
    }
}

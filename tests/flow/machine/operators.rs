//! What the operators give, as a table.

use super::asm::{Asm, Between, Host};
use super::workspace::{schema, value};
use dealflow::ir::{BinOp, Op, Program};
use dealflow::schema::Schema;
use dealflow::value::{Name, Ref, Value};
use dealflow::vm::{Answers, Input, Machine, Step};

/// All operators with their signs.
const SIGNS: &[(&str, BinOp)] = &[
    (" starts with ", BinOp::StartsWith),
    (" ends with ", BinOp::EndsWith),
    (" contains ", BinOp::Contains),
    (" in ", BinOp::In),
    (" == ", BinOp::Eq),
    (" != ", BinOp::Ne),
    (" <= ", BinOp::Le),
    (" >= ", BinOp::Ge),
    (" < ", BinOp::Lt),
    (" > ", BinOp::Gt),
    (" + ", BinOp::Add),
    (" - ", BinOp::Sub),
    (" * ", BinOp::Mul),
    (" / ", BinOp::Div),
];

/// Runs `a op b` on the machine in all the ways there are, which must agree: the value as a literal, or the message.
fn eval(source: &str, schema: &Schema) -> String {
    let (sign, op) = SIGNS.iter().find(|(sign, _)| source.contains(sign)).unwrap();
    let (a, b) = source.split_once(sign).unwrap();
    let (a, b) = (value(a, schema), value(b, schema));
    let program = |op: Op| {
        let mut asm = Asm::new();
        asm.set(0, a.clone()).set(1, b.clone()).op(op).op(Op::Return { a: 2 }).done(0, 3, &[])
    };
    let registers = gives(&program(Op::Bin { op: *op, dst: 2, a: 0, b: 1 }), schema);
    let constant = gives(&program(Op::BinConst { op: *op, dst: 2, a: 0, k: 1 }), schema);
    assert_eq!(registers, constant, "{source}");
    let mut asm = Asm::new();
    let (deal, field) = (Value::Ref(Ref::new("deal", "1")), asm.name("a"));
    asm.set(0, b.clone()).set(0, deal);
    asm.op(Op::Read { dst: 2, obj: 0, field }).op(Op::BinConst { op: *op, dst: 2, a: 2, k: 0 }).op(Op::Return { a: 2 });
    let program = asm.done(0, 3, &[]);
    let field = &mut Answers::new(|_: &Ref, _: &Name| Some(a.clone()));
    let step = Machine::start(0, [], &program).step_reading(
        &program,
        Input::Go,
        &super::workspace::env(schema),
        &mut 10,
        field,
    );
    assert_eq!(shown(step, 3, schema), registers, "{source}");
    if matches!(&*registers, "true" | "false") {
        branches(*op, &a, &b, schema, &registers);
    }
    registers
}

/// The same with a jump that hangs on the answer, which the machine may do together with the operator.
fn branches(op: BinOp, a: &Value, b: &Value, schema: &Schema, gives: &str) {
    let read = [Op::Read { dst: 2, obj: 3, field: 0 }, Op::BinConst { op, dst: 2, a: 2, k: 1 }];
    let ways = [&[Op::Bin { op, dst: 2, a: 0, b: 1 }][..], &[Op::BinConst { op, dst: 2, a: 0, k: 1 }], &read];
    for (way, jump) in ways.into_iter().flat_map(|way| [(way, true), (way, false)]) {
        let mut asm = Asm::new();
        assert_eq!(asm.name("a"), 0);
        asm.set(0, a.clone()).set(1, b.clone()).set(3, Value::Ref(Ref::new("deal", "1"))).set(4, Value::Bool(jump));
        for op in way {
            asm.op(*op);
        }
        asm.to("jumped", if jump { Op::JumpIf { a: 2, to: 0 } } else { Op::JumpUnless { a: 2, to: 0 } });
        asm.set(4, Value::Bool(!jump)).label("jumped").op(Op::List { dst: 2, base: 2, n: 3 }).op(Op::Return { a: 2 });
        let (program, env) = (asm.done(0, 5, &[]), super::workspace::env(schema));
        let field = &mut Answers::new(|_: &Ref, _: &Name| Some(a.clone()));
        let step = Machine::start(0, [], &program).step_reading(&program, Input::Go, &env, &mut 50, field);
        let gone = format!("[{gives}, deal \"1\", {gives}]");
        assert_eq!(shown(step, 0, schema), gone, "{a} {op:?} {b} by {way:?}, jump if {jump}");
    }
}

fn gives(program: &Program, schema: &Schema) -> String {
    let env = super::workspace::env(schema);
    shown(Machine::start(0, [], program).step(program, Input::Go, &env, &mut 10), 2, schema)
}

/// What came out; mistakes must be at this instruction.
fn shown(step: Step, at: u32, schema: &Schema) -> String {
    match step {
        Step::Done(Value::DateTime(moment)) => moment.utc().with_timezone(&schema.calendar.zone).to_rfc3339(),
        Step::Done(value) => value.to_string(),
        Step::Failed(error) => {
            assert_eq!(error.span.start, at, "the operator's place");
            error.message
        }
        other => panic!("{other:?}"),
    }
}

fn check(cases: &[(&str, &str)]) {
    let schema = schema();
    for (source, gives) in cases {
        assert_eq!(eval(source, &schema), *gives, "{source}");
    }
}

#[test]
fn comparisons() {
    check(&[
        ("1 == 1.0", "true"),
        ("1 < 1.5", "true"),
        ("2.5 >= 3", "false"),
        ("null == null", "true"),
        ("null == 1", "false"),
        ("null != 1", "true"),
        ("1 != null", "true"),
        ("null != null", "false"),
        ("null < 1", "false"),
        ("null >= null", "false"),
        ("10 PLN < 3 EUR", "true"),
        ("12 PLN == 3 EUR", "true"),
        ("12 PLN >= 3 EUR", "true"),
        ("1 PLN < 1 USD", "false"),
        ("1 PLN > 1 USD", "false"),
        ("1 PLN == 1 USD", "false"),
        ("1 PLN != 1 USD", "false"),
        ("1 USD == 1.00 USD", "true"),
        ("2026-03-02 == 2026-03-02T00:00", "true"),
        ("2026-03-02 < 2026-03-02T00:01", "true"),
        ("2026-03-03 > 2026-03-02T23:59", "true"),
        ("09:00 < 10:00", "true"),
        ("1d == 24h", "true"),
        ("1mo > 30d", "true"),
        ("1y > 12mo", "false"),
        ("4320min >= 3d", "true"),
        ("5wd > 4wd", "true"),
        ("5wd == 5d", "false"),
        ("5wd > 4d", "`5wd` and `4d` cannot be compared"),
        ("\"a\" < \"b\"", "true"),
        ("\"a\" == 1", "false"),
        ("\"a\" < 1", "`\"a\"` and `1` cannot be compared"),
        ("true < false", "`true` and `false` cannot be compared"),
        ("[1, 2.0] == [1.0, 2]", "true"),
        ("[1] == [1, 2]", "false"),
        ("deal \"1\" == deal \"1\"", "true"),
        ("deal \"1\" == lead \"1\"", "false"),
    ]);
}

#[test]
fn whole_numbers_are_compared_like_whole_numbers() {
    let schema = schema();
    let numbers = [i64::MIN, i64::MIN + 1, -1, 0, 1, 2, i64::MAX - 1, i64::MAX];
    for (a, b) in numbers.into_iter().flat_map(|a| numbers.map(|b| (a, b))) {
        for (sign, holds) in
            [("==", a == b), ("!=", a != b), ("<", a < b), ("<=", a <= b), (">", a > b), (">=", a >= b)]
        {
            assert_eq!(eval(&format!("{a} {sign} {b}"), &schema), holds.to_string(), "{a} {sign} {b}");
        }
    }
}

#[test]
fn membership_and_texts() {
    check(&[
        ("\"Won\" in [\"Won\", \"Lost\"]", "true"),
        ("1 in [2.0, 1.0]", "true"),
        ("null in [null]", "false"),
        ("1 in null", "false"),
        ("1 in 1", "`1` is not a list"),
        ("[1, 2] contains 2", "true"),
        ("[1, 2] contains null", "false"),
        ("\"Acme Ltd\" contains \"Acme\"", "true"),
        ("\"Acme Ltd\" contains \"acme\"", "false"),
        ("\"Acme\" contains null", "false"),
        ("null contains \"a\"", "false"),
        ("5 contains 5", "`5` cannot contain `5`"),
        ("\"Acme\" starts with \"Ac\"", "true"),
        ("\"Acme\" ends with \"me\"", "true"),
        ("null starts with \"Ac\"", "false"),
        ("5 starts with \"Ac\"", "`5` cannot start with `\"Ac\"`"),
    ]);
}

#[test]
fn arithmetic() {
    check(&[
        ("1 + 2", "3"),
        ("1 + 0.5", "1.5"),
        ("null + 1", "null"),
        ("5 PLN - null", "null"),
        ("7 / 2", "3.5"),
        ("6 / 2", "3"),
        ("1 / 0", "`1` cannot be divided by zero"),
        ("1 PLN / 0", "`1 PLN` cannot be divided by zero"),
        ("null / 0", "null"),
        ("100 PLN * 0.15", "15.00 PLN"),
        ("2 * 3 PLN", "6 PLN"),
        ("10 PLN / 4", "2.5 PLN"),
        ("10 PLN / 4 PLN", "2.5"),
        ("10 PLN + 5 PLN", "15 PLN"),
        ("10 PLN + 5 EUR", "`10 PLN` and `5 EUR` cannot be added: use `exchange(…, PLN)` first"),
        ("10 PLN - 5 EUR", "`10 PLN` and `5 EUR` cannot be subtracted: use `exchange(…, PLN)` first"),
        ("10 PLN / 5 EUR", "`10 PLN` and `5 EUR` cannot be divided: use `exchange(…, PLN)` first"),
        ("10 PLN * 5 PLN", "`10 PLN` and `5 PLN` cannot be multiplied"),
        ("10 PLN + 5", "`10 PLN` and `5` cannot be added"),
        ("\"a\" + \"b\"", "\"ab\""),
        ("\"a\" + 1", "`\"a\"` and `1` cannot be added"),
        ("[1] + [2]", "[1, 2]"),
        ("9223372036854775807 + 1", "the result of `9223372036854775807 + 1` is too large"),
        ("-9223372036854775808 - 1", "the result of `-9223372036854775808 - 1` is too large"),
        ("9223372036854775807 * 2", "the result of `9223372036854775807 * 2` is too large"),
        ("79228162514264337593543950335 + 1", "the result of `79228162514264337593543950335 + 1` is too large"),
    ]);
}

#[test]
fn dates_and_periods() {
    check(&[
        ("2026-01-31 + 1mo", "2026-02-28"),
        ("2026-03-02 + 3d", "2026-03-05"),
        ("3d + 2026-03-02", "2026-03-05"),
        ("2026-03-02 - 1w", "2026-02-23"),
        ("2026-03-06 + 1wd", "2026-03-09"),
        ("2026-03-02 + 2h", "`2026-03-02` has no time of day: use `at(2026-03-02, 09:00)` before adding `2h`"),
        ("2026-03-05 - 2026-03-02", "3d"),
        ("2026-03-02T10:30 - 2026-03-02T09:00", "1h30min"),
        ("2026-03-03 - 2026-03-02T12:00", "12h"),
        ("2026-03-02T09:00 + 1d", "2026-03-03T09:00:00+01:00"),
        ("2026-03-28T09:00 + 1d", "2026-03-29T09:00:00+02:00"),
        ("2026-03-28T09:00 + 24h", "2026-03-29T10:00:00+02:00"),
        ("2026-03-28T02:30 + 1d", "2026-03-29T03:00:00+02:00"),
        ("2026-03-06T16:00 + 2wh", "2026-03-09T10:00:00+01:00"),
        ("2026-03-02T09:00 - 30min", "2026-03-02T08:30:00+01:00"),
        ("1d + 2h", "1d2h"),
        ("3d - 1d", "2d"),
        ("2d * 3", "6d"),
        ("3 * 2wd", "6wd"),
        ("2d * 1.5", "`2d` and `1.5` cannot be multiplied"),
        ("2000000000d * 2", "the result of `2000000000d * 2` is too large"),
        ("2026-03-02 + 2026-03-02", "`2026-03-02` and `2026-03-02` cannot be added"),
        ("3d - 2026-03-02", "`2026-03-02` cannot be subtracted from `3d`"),
    ]);
}

#[test]
fn texts_lists_and_loops() {
    let schema = schema();
    let mut asm = Asm::new();
    let long = asm.name("long");
    asm.set(0, value("[3, 4, 5]", &schema)).set(1, Value::Int(0)).set(2, Value::Int(0));
    asm.label("L").to("E", Op::Next { dst: 3, list: 0, at: 1, to: 0 });
    asm.op(Op::Bin { op: BinOp::Add, dst: 2, a: 2, b: 3 }).to("L", Op::Jump { to: 0 });
    asm.label("E").set(3, Value::text("sum ")).op(Op::Copy { dst: 4, src: 2 });
    asm.set(5, Value::text(", due ")).op(Op::Today { dst: 6 }).op(Op::Format { dst: 6, a: 6, format: long });
    asm.set(7, Value::text(", ")).op(Op::Now { dst: 8 }).op(Op::Neg { dst: 9, a: 2 });
    asm.op(Op::Text { dst: 0, base: 3, n: 6 }).op(Op::List { dst: 0, base: 0, n: 10 });
    asm.op(Op::IsEmpty { dst: 1, a: 0 }).op(Op::Not { dst: 1, a: 1 }).to("X", Op::JumpSome { a: 1, to: 0 });
    asm.op(Op::Stop).label("X").op(Op::Return { a: 0 });
    let program = asm.done(0, 10, &[]);
    let trace = Host::new(&[]).drive(&program, Vec::new(), &schema, Between::EveryInstruction);
    assert_eq!(
        trace,
        ["20: done [\"sum 12, due 2 March 2026, 2026-03-02 09:00\", 3, 12, \"sum \", 12, \", due \", \
          \"2 March 2026\", \", \", 2026-03-02T08:00:00Z, -12]"]
    );
}

#[test]
fn a_record_of_values_is_looked_into_without_the_host() {
    let schema = schema();
    let event = Value::Record(std::sync::Arc::new([("by".into(), value("user \"anna\"", &schema))].into()));
    let mut asm = Asm::new();
    asm.read(2, 1, "by").read(3, 1, "nothing").read(3, 3, "deeper").op(Op::List { dst: 2, base: 2, n: 2 });
    let program = asm.op(Op::Return { a: 2 }).done(2, 4, &[]);
    let trace = Host::new(&[]).drive(&program, vec![Value::Missing, event], &schema, Between::SaveAndLoad);
    assert_eq!(trace, ["4: done [user \"anna\", null]"]);
}

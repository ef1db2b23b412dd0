//! The stored form: what it takes, what it refuses, and that it never moves unnoticed.

use super::asm::{Asm, reload, user_line};
use super::workspace::{env, monday, schema};
use dealflow::catalog::{self, Env};
use dealflow::ir::{BinOp, Digest, Op, Origin, Program, Reentry, Repeat, Trigger, stored};
use dealflow::schema::Schedule;
use dealflow::value::{Moment, Ref, Value};
use dealflow::vm::stored::{LoadError, load, save};
use dealflow::vm::{Input, Machine, Outcome, Step, Watch};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use std::sync::Arc;

/// What a run starts with: a deal, and the payload of the event that set it off.
fn args() -> Vec<Value> {
    let payload = [("before", "Proposal"), ("after", "Invoice"), ("by", "anna")];
    let payload = payload.map(|(name, value)| (name.into(), Value::text(value)));
    vec![Value::Ref(Ref::new("deal", "57")), Value::Record(Arc::new(payload.into()))]
}

/// The user's line, asleep.
fn asleep(args: Vec<Value>) -> Machine {
    let (program, schema) = (user_line(), schema());
    let env = env(&schema);
    let mut machine = Machine::start(0, args, &program);
    let mut input = Input::Go;
    loop {
        input = match machine.step(&program, input, &env, &mut 100) {
            Step::Read { field, .. } if &*field == "lead" => Input::Value(Value::Ref(Ref::new("lead", "12"))),
            Step::Read { .. } | Step::Act(_) => Input::Value(Value::Missing),
            Step::Wait => return machine,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_users_line_is_small() {
    let without_payload = args().into_iter().take(1).collect();
    let sizes = [asleep(without_payload), asleep(args())].map(|m| save(&m, Digest::default()).len());
    assert_eq!(sizes, [91, 91], "the payload that nobody looks at is forgotten");
}

fn data(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "data", "stored", name].iter().collect()
}

/// A stored run and its program, as they are kept in the tests.
struct Golden {
    program: Program,
    machine: Machine,
}

impl Golden {
    /// Reads them; the run goes on with the program that it names.
    fn read(name: &str) -> Self {
        let (digest, machine) = load(&std::fs::read(data(&format!("{name}.bin"))).unwrap()).unwrap();
        let mut program = std::fs::read(data(&format!("{name}.program.bin"))).unwrap();
        if name.starts_with("v1") {
            program.insert(0, 1);
        }
        Self { program: stored::load(&program, digest).unwrap(), machine }
    }

    /// Writes those of the present version. They are never written again once the version is released.
    fn write(name: &str, machine: &Machine, program: &Program) {
        if !data(&format!("{name}.bin")).exists() {
            std::fs::write(data(&format!("{name}.program.bin")), stored::save(program)).unwrap();
            std::fs::write(data(&format!("{name}.bin")), save(machine, program.digest())).unwrap();
            panic!("the golden run {name} was missing and has been made anew: run the test again");
        }
    }
}

/// Runs like these sleep in people's stores.
#[test]
fn the_golden_runs_of_the_users_line_go_on() {
    Golden::write("v2_user_line", &asleep(args()), &user_line());
    for version in ["v1_user_line", "v2_user_line"] {
        let Golden { program, mut machine } = Golden::read(version);
        let wait = machine.waiting().unwrap();
        let watches = [("deal", "57", "lead"), ("lead", "12", "status")];
        let watches = watches.map(|(kind, id, field)| Watch::Field { of: Ref::new(kind, id), field: field.into() });
        assert_eq!((wait.since, wait.deadline), (monday(), Some(Moment(monday().0 + 3 * 86_400_000))));
        assert_eq!(wait.watches, watches);
        assert_eq!(machine.effects(), 1);
        let schema = schema();
        let late = Env { now: wait.deadline.unwrap(), ..env(&schema) };
        let step = machine.step(&program, Input::End(Outcome::Timeout), &late, &mut 100);
        assert_eq!(step, Step::Done(Value::Missing), "{version}");
    }
}

#[test]
fn the_golden_run_with_branches_goes_on() {
    let (program, machine) = with_branches();
    Golden::write("v2_branches", &machine, &program);
    let Golden { program, mut machine } = Golden::read("v2_branches");
    let schema = schema();
    // The second branch was inside a call: it fails there, and what the first effect has done is undone.
    let step = machine.step(&program, Input::Go, &env(&schema), &mut 1000);
    insta::assert_snapshot!(format!("{step:?}\n{machine:#?}"));
}

/// Layout: a change here makes stored runs unreadable. Raise `VERSION`, keep a reader for the old version with its golden
/// file, then write the new number down.
#[test]
fn the_layout_has_not_moved() {
    let mut hash = Sha256::new();
    let mut add = |name: &str, samples: &dyn erased::Samples| {
        for (tag, bytes) in samples.bytes().into_iter().enumerate() {
            assert_eq!(usize::from(bytes[0]), tag, "{name}: a variant moved, or has no sample here");
            hash.update(bytes);
        }
    };
    add("Value", &values());
    add("Op", &ops());
    add("BinOp", &bin_ops());
    add("Func", &catalog::functions().iter().map(|f| f.func).collect::<Vec<_>>());
    add("Outcome", &outcomes());
    add("Trigger", &triggers());
    let days = Schedule::Days { days: 1, working: true, at: vec!["09:00:00".parse().unwrap()] };
    add("Schedule", &vec![Schedule::Period("1h".parse().unwrap()), days, Schedule::Cron("0 9 * * *".into())]);
    add("Reentry", &reentries());
    add("Repeat", &vec![Repeat::Once, Repeat::Monthly, Repeat::Yearly]);
    add("Origin", &vec![Origin::User, Origin::Api, Origin::Import, Origin::Rule]);
    let field = Watch::Field { of: Ref::new("deal", "1"), field: "a".into() };
    add("Watch", &vec![field, Watch::Event { name: "activity".into(), about: Some(Ref::new("deal", "1")) }]);
    hash.update(save(&asleep(args()), Digest([7; 16])));
    hash.update(postcard::to_stdvec(&user_line()).unwrap());
    hash.update(user_line().digest().0);
    hash.update(save(&with_branches().1, Digest([7; 16])));
    let found = hash.finalize()[..8].try_into().map(u64::from_be_bytes).unwrap();
    assert_eq!(found, 0xd241_4665_7e14_e288, "the stored form moved: bump the stored version");
}

/// A run with everything that a stored run can hold: a call, branches, and something to undo.
fn with_branches() -> (Program, Machine) {
    let mut asm = Asm::new();
    asm.set(0, Value::Int(7)).act(1, 1, "log", &[]).op(Op::Undo { function: 0, base: 0 });
    asm.op(Op::Fork { race: true, n: 2, live: 1 }).to("A", Op::Jump { to: 0 }).to("B", Op::Jump { to: 0 });
    asm.op(Op::Stop).label("A").op(Op::ArmNone).label("W").to("W", Op::Suspend { dst: 1, retry: 0, live: 1 });
    asm.label("B").op(Op::Invoke { function: 0, dst: 1, base: 1 }).op(Op::Return { a: 0 });
    let program = asm.done(1, 3, &[]);
    let schema = schema();
    let mut machine = Machine::start(0, vec![Value::Int(1)], &program);
    assert!(matches!(machine.step(&program, Input::Go, &env(&schema), &mut 100), Step::Act(_)));
    assert_eq!(machine.step(&program, Input::Value(Value::Missing), &env(&schema), &mut 7), Step::OutOfFuel);
    (program, machine)
}

/// Samples of different types as bytes.
mod erased {
    pub(super) trait Samples {
        fn bytes(&self) -> Vec<Vec<u8>>;
    }

    impl<T: serde::Serialize> Samples for Vec<T> {
        fn bytes(&self) -> Vec<Vec<u8>> {
            self.iter().map(|sample| postcard::to_stdvec(sample).unwrap()).collect()
        }
    }
}

fn values() -> Vec<Value> {
    vec![
        Value::Missing,
        Value::Bool(true),
        Value::Int(-1),
        Value::Decimal("12.50".parse().unwrap()),
        Value::Money(dealflow::value::Money { amount: "3".parse().unwrap(), currency: "PLN".parse().unwrap() }),
        Value::text("text"),
        Value::Date("2026-03-02".parse().unwrap()),
        Value::DateTime(monday()),
        Value::Time("09:30:00".parse().unwrap()),
        Value::Period("1mo2d3min4wd5wh".parse().unwrap()),
        Value::Ref(Ref::new("deal", "57")),
        Value::list(vec![Value::Int(1), Value::Missing]),
        Value::Record(Arc::new([("a".into(), Value::Int(1))].into())),
    ]
}

fn ops() -> Vec<Op> {
    let (dst, a, b, base, to) = (1, 2, 3, 4, 300);
    vec![
        Op::Const { dst, k: 5 },
        Op::Copy { dst, src: a },
        Op::Now { dst },
        Op::Today { dst },
        Op::Read { dst, obj: a, field: 6 },
        Op::Not { dst, a },
        Op::Neg { dst, a },
        Op::Bin { op: BinOp::Add, dst, a, b },
        Op::IsEmpty { dst, a },
        Op::Call { func: catalog::Func::Len, dst, base, n: 2 },
        Op::List { dst, base, n: 2 },
        Op::Text { dst, base, n: 2 },
        Op::Format { dst, a, format: 6 },
        Op::Jump { to },
        Op::JumpIf { a, to },
        Op::JumpUnless { a, to },
        Op::JumpSome { a, to },
        Op::Next { dst, list: a, at: b, to },
        Op::Act { call: 7, dst, base },
        Op::Arm { limit: a },
        Op::ArmNone,
        Op::Watch,
        Op::WatchEvent { event: 6, about: a },
        Op::Suspend { dst, retry: to, live: b },
        Op::Disarm,
        Op::Return { a },
        Op::ReturnNone,
        Op::Stop,
        Op::Invoke { function: 1, dst, base },
        Op::Fork { race: true, n: 2, live: b },
        Op::Give { reg: a },
        Op::Join,
        Op::Undo { function: 1, base },
        Op::Mark { dst },
        Op::Unwind { mark: a },
        Op::Settle,
        Op::Raise { a },
        Op::Record { dst, names: 5, base },
        Op::Push { list: a, item: b },
        Op::Sort { list: a, keys: b },
        Op::Find { dst, of: 5, base },
        Op::Rank { list: a, keys: b, most: dst, down: true },
        Op::BinConst { op: BinOp::Add, dst, a, k: 5 },
    ]
}

fn bin_ops() -> Vec<BinOp> {
    use BinOp::{Add, Contains, Div, EndsWith, Eq, Ge, Gt, In, Le, Lt, Mul, Ne, StartsWith, Sub};
    vec![Eq, Ne, Lt, Le, Gt, Ge, In, Contains, StartsWith, EndsWith, Add, Sub, Mul, Div]
}

fn outcomes() -> Vec<Outcome> {
    use Outcome::{Activity, Approved, Final, Reached, Rejected, Timeout};
    vec![Reached, Final, Activity, Timeout, Approved, Rejected]
}

fn triggers() -> Vec<Trigger> {
    let entity = || "deal".into();
    let offset = "3d".parse().unwrap();
    let at = Some("09:00:00".parse().unwrap());
    vec![
        Trigger::Created(entity()),
        Trigger::Updated(entity()),
        Trigger::Saved(entity()),
        Trigger::Deleted(entity()),
        Trigger::Changed { entity: entity(), fields: vec!["a".into()], from: Some(Value::Int(1)), to: None },
        Trigger::Entered { entity: entity(), stages: vec!["Won".into()], pipeline: Some("Sales".into()) },
        Trigger::Closed { entity: entity(), success: true, failure: false },
        Trigger::Date { entity: entity(), field: "b".into(), offset, before: true, at, repeat: Repeat::Yearly },
        Trigger::Event { name: "call missed".into(), entity: Some(entity()) },
        Trigger::Flow("escalate".into()),
        Trigger::Every(Schedule::Cron("0 9 * * MON".into())),
        Trigger::Unreplied { opened: true, after: offset },
    ]
}

fn reentries() -> Vec<Reentry> {
    let within = Some("7d".parse().unwrap());
    vec![Reentry::EachTime, Reentry::Once { per: 1, within }, Reentry::OneAtATime, Reentry::Restart]
}

#[test]
fn every_value_comes_back() {
    for value in values() {
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        let bytes = postcard::to_stdvec(&value).unwrap();
        let back: Value = postcard::from_bytes(&bytes).unwrap();
        assert_eq!((&back, postcard::to_stdvec(&back).unwrap()), (&value, bytes));
    }
}

#[test]
fn what_is_no_run_is_refused() {
    let good = save(&asleep(args()), Digest([7; 16]));
    for bytes in [&b""[..], b"D", b"DFR", b"{\"a\":1}", b"SQLite format 3\0"] {
        assert_eq!(load(bytes), Err(LoadError::NotARun));
    }
    let mut newer = good.clone();
    newer[3] = 9;
    assert_eq!(load(&newer), Err(LoadError::Version { found: 9, newest: 2 }));
    for cut in 4..good.len() {
        assert_eq!(load(&good[..cut]), Err(LoadError::Damaged), "{cut}");
    }
    for (byte, bit) in (0..good.len()).flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
        let mut flipped = good.clone();
        flipped[byte] ^= 1 << bit;
        let error = load(&flipped).unwrap_err();
        let expected = match byte {
            0..3 => error == LoadError::NotARun,
            3 => matches!(error, LoadError::Version { newest: 2, .. }),
            _ => error == LoadError::Damaged,
        };
        assert!(expected, "{byte}.{bit}: {error}");
    }
}

/// A stored run with this payload and a checksum that fits.
fn forged(payload: &[u8]) -> Vec<u8> {
    forged_as(2, payload)
}

fn forged_as(version: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = [&b"DFR"[..], &[version], &[0; 16], payload].concat();
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

fn payload(machine: &Machine) -> Vec<u8> {
    let bytes = save(machine, Digest::default());
    bytes[20..bytes.len() - 4].to_vec()
}

#[test]
fn forged_runs_are_refused() {
    let mut trailing = payload(&asleep(args()));
    assert!(load(&forged(&trailing)).is_ok());
    trailing.push(0);
    assert_eq!(load(&forged(&trailing)), Err(LoadError::Payload("1 bytes too many".to_owned())));
    // One task: ready, function 0, instruction 0, one register: a list in a list in a list …
    let nested = [&[1, 0, 0, 0, 1][..], &[11, 1].repeat(1_000_000)].concat();
    assert!(matches!(load(&forged(&nested)), Err(LoadError::Payload(_))));
    // … or one that claims to have two to the 34 elements.
    let long = [1, 0, 0, 0, 1, 11, 255, 255, 255, 255, 63];
    assert!(matches!(load(&forged(&long)), Err(LoadError::Payload(_))));
    // More callers than there are bytes, no task at all, a task of nobody, and a task that does not exist as the current.
    let endless = [1, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 127, 0, 0, 0, 0, 0];
    assert!(matches!(load(&forged(&endless)), Err(LoadError::Payload(_))));
    let task = |parent| [0, 0, 0, 0, 0, 0, 0, parent];
    let machine = |tasks: &[u8], current| {
        let n = u8::try_from(tasks.len()).unwrap();
        [vec![n], tasks.iter().flat_map(|&parent| task(parent)).collect(), vec![current, 0, 0, 0, 0]].concat()
    };
    assert!(load(&forged(&machine(&[0], 0))).is_ok());
    assert!(load(&forged(&machine(&[0, 0, 1], 2))).is_ok());
    for wrong in [machine(&[], 0), machine(&[1], 0), machine(&[0, 1], 0), machine(&[0, 0], 2)] {
        assert!(matches!(load(&forged(&wrong)), Err(LoadError::Payload(_))), "{wrong:?}");
    }
}

#[test]
fn the_deepest_and_largest_values_come_back() {
    let deep = (0..dealflow::value::MAX_DEPTH).fold(Value::Int(1), |value, _| Value::list(vec![value]));
    assert!(deep.weight().is_some());
    assert_eq!(Value::list(vec![deep.clone()]).weight(), None);
    let program = user_line();
    let large = Value::list(vec![Value::text(&"x".repeat(1000)); 1000]);
    for value in [deep, large] {
        let machine = Machine::start(0, vec![value], &program);
        assert_eq!(reload(&machine, program.digest()).locals(&program), machine.locals(&program));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_never_a_run(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(load(&bytes).is_err());
    }

    /// Behind a right checksum anything may stand: it is refused, or it is a machine that steps without a panic.
    #[test]
    fn forged_payloads_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = payload(&asleep(args()));
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok((_, machine)) = load(&forged(&bytes)) {
            let (program, schema) = (user_line(), schema());
            for input in [Input::Go, Input::Wake, Input::End(Outcome::Final), Input::Value(Value::Missing)] {
                let mut machine = machine.clone();
                machine.step(&program, input, &env(&schema), &mut 100);
                save(&machine, Digest::default());
                machine.place(&program);
                machine.locals(&program);
            }
        }
    }

    #[test]
    fn random_payloads_never_panic(bytes in prop::collection::vec(0..20_u8, 0..60)) {
        let _ = load(&forged(&bytes));
        let _ = load(&forged_as(1, &bytes));
    }

    /// What a run of version 1 could hold is read; whatever else stands there is refused or steps without a panic.
    #[test]
    fn forged_runs_of_version_1_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4)) {
        let golden = std::fs::read(data("v1_user_line.bin")).unwrap();
        let mut bytes = golden[20..golden.len() - 4].to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok((_, mut machine)) = load(&forged_as(1, &bytes)) {
            let (program, schema) = (user_line(), schema());
            machine.step(&program, Input::Wake, &env(&schema), &mut 100);
            prop_assert!(load(&save(&machine, Digest::default())).is_ok());
        }
    }

    /// A stored program with other bytes is refused: it would have another name.
    #[test]
    fn a_changed_program_is_refused(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let program = user_line();
        for mut bytes in [stored::save(&program), [&[1][..], &std::fs::read(data("v1_user_line.program.bin")).unwrap()].concat()] {
            let name = if bytes[0] == 1 { Golden::read("v1_user_line").program.digest() } else { program.digest() };
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(read) = stored::load(&bytes, name) {
                prop_assert_eq!(read.digest(), program.digest(), "only what is not its meaning may differ");
            }
        }
    }

    #[test]
    fn random_bytes_are_never_a_program(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for version in 0..4 {
            prop_assert!(stored::load(&[&[version][..], &bytes].concat(), user_line().digest()).is_err());
        }
    }
}

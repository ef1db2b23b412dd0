//! What the machine does in fewer steps, or without a machine, is what it does step by step.

use super::property::program;
use super::workspace::{env, schema};
use dealflow::value::{Fields, Hint, Name, Ref, Value};
use dealflow::vm::{Answers, Input, Machine, Scratch, Step};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Answers all reads but one at once.
fn field(of: &Ref, field: &Name) -> Option<Value> {
    match (&*of.id, &**field) {
        ("1", "a") => Some(Value::Ref(Ref::new("deal", "2"))),
        ("1", "b") => Some(Value::Int(3)),
        ("2", "a") => Some(Value::Bool(true)),
        ("1", "long") => Some(Value::text("long")),
        ("2", "b") => None,
        _ => Some(Value::Missing),
    }
}

/// A name out of few, and now and then many.
fn name() -> impl Strategy<Value = Name> {
    prop_oneof![6 => 0..60_u8, 1 => Just(7)]
        .prop_map(|n| format!("{}{n}", "x".repeat(usize::from(n % 20))).as_str().into())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn reads_on_the_spot_are_like_single_instructions(program in program()) {
        let schema = schema();
        let (env, args) = (env(&schema), [Value::Missing, Value::Missing]);
        let mut whole = Machine::start(0, args.clone(), &program);
        let end = whole.step_reading(&program, Input::Go, &env, &mut 300, &mut Answers::new(field));
        let mut single = Machine::start(0, args.clone(), &program);
        let mut step = Step::OutOfFuel;
        for _ in 0..400 {
            if step != Step::OutOfFuel {
                break;
            }
            step = single.step_reading(&program, Input::Go, &env, &mut 1, &mut Answers::new(field));
        }
        if end != Step::OutOfFuel {
            prop_assert_eq!((&end, &whole), (&step, &single));
        }
        let mut scratch = Scratch::default();
        for _ in 0..2 {
            if let Some(value) = scratch.evaluate(&program, 0, &args, &env, 300, &mut Answers::new(field)) {
                prop_assert_eq!(&Step::Done(value.clone()), &end);
            }
        }
    }

    #[test]
    fn fields_are_a_map(
        given in prop::collection::vec((name(), 0..9_i64), 0..80),
        gone in prop::collection::vec(name(), 0..9),
        asked in name(),
    ) {
        let (mut fields, mut map) = (Fields::new(), BTreeMap::new());
        for (name, n) in given {
            prop_assert_eq!(fields.insert(name.clone(), Value::Int(n)), map.insert(name, Value::Int(n)));
        }
        for name in gone {
            prop_assert_eq!(fields.remove(&name), map.remove(&name));
        }
        prop_assert_eq!(fields.get(&asked), map.get(&asked));
        // Wherever names were found before.
        let hint = Hint::default();
        let mut few = fields.clone();
        for name in map.keys().chain([&asked]).flat_map(|name| [name, name, &asked]) {
            prop_assert_eq!(fields.get_near(name, &hint), map.get(name));
            few.remove(name);
            prop_assert_eq!(few.get_near(&asked, &hint), map.get(&asked).filter(|_| few.contains_key(&asked)));
        }
        prop_assert!(fields.iter().eq(map.iter()));
        let bytes = postcard::to_stdvec(&fields).unwrap();
        prop_assert_eq!(&bytes, &postcard::to_stdvec(&map).unwrap());
        prop_assert_eq!(postcard::from_bytes::<Fields>(&bytes).unwrap(), fields);
    }
}

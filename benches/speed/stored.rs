//! A sleeping run as bytes: the user's own line, asleep.

use super::nanos::{many, nanos};
use super::runner::{Outcome, Show};
use super::table::{Figure, Row};
use super::values::MONDAY;
use super::workspace::compile;
use dealflow::catalog::Env;
use dealflow::value::{Ref, Value};
use dealflow::vm::stored::{load, save};
use dealflow::vm::{Input, Machine, Step};
use std::hint::black_box;

/// The user's own line.
const LINE: &str = include_str!("line.flow");

#[expect(clippy::cast_precision_loss, reason = "sizes of runs are far below 2^52")]
fn bytes(bytes: &[u8]) -> Figure {
    Figure::new(bytes.len() as f64, "B")
}

/// Saving and loading against `serde_json` and against a copy in memory.
pub(crate) fn measure(show: Show<'_>) -> Outcome {
    let (schema, programs) = compile(LINE)?;
    let program = programs.first().ok_or("no program")?;
    let digest = program.digest();
    let env = Env { now: MONDAY, schema: &schema, seed: 1 };
    let mut machine = Machine::start(0, [Value::Ref(Ref::new("deal", "57")), Value::Missing], program);
    let (mut input, mut fuel) = (Input::Go, 1000);
    loop {
        input = match machine.step(program, input, &env, &mut fuel) {
            Step::Read { field, .. } if &*field == "lead" => Input::Value(Value::Ref(Ref::new("lead", "12"))),
            Step::Read { field, .. } if &*field == "status" => Input::Value(Value::text("New")),
            Step::Read { .. } | Step::Act(_) => Input::Value(Value::Missing),
            Step::Wait => break,
            other => return Err(format!("{other:?}").into()),
        };
    }
    let (stored, json) = (save(&machine, digest), serde_json::to_vec(&machine)?);
    load(&stored)?;
    serde_json::from_slice::<Machine>(&json)?;

    let row = |what: &str, ours: f64, baseline: &str, theirs: f64| {
        Row::new(what, Figure::new(ours, "ns"), baseline, Figure::new(theirs, "ns"))
    };
    let [ours, copy] =
        nanos([&mut many(|| save(black_box(&machine), digest)), &mut many(|| black_box(&machine).clone())]);
    show(row("save the sleeping run of the user's line", ours, "clone in memory", copy))?;
    let theirs = || serde_json::from_slice::<Machine>(black_box(&json));
    let [ours, theirs] = nanos([&mut many(|| load(black_box(&stored))), &mut many(theirs)]);
    show(row("load it", ours, "serde_json", theirs))?;
    let ours = || load(&save(black_box(&machine), digest));
    let theirs = || serde_json::to_vec(black_box(&machine)).map(|json| serde_json::from_slice::<Machine>(&json));
    let [ours, theirs] = nanos([&mut many(ours), &mut many(theirs)]);
    show(row("save and load it", ours, "serde_json", theirs).goal("≤ 1 µs"))?;
    show(Row::new("its stored form", bytes(&stored), "serde_json", bytes(&json)).goal("≤ 120 B"))
}

//! A sleeping run as bytes: the user's own line, asleep.

use super::clock::nanos;
use super::table::{Figure, Goal, Row};
use super::workspace::{MONDAY, compile};
use super::{Outcome, Show};
use dealflow::catalog::Env;
use dealflow::value::{Ref, Value};
use dealflow::vm::stored::{load, save};
use dealflow::vm::{Input, Machine, Step};
use std::hint::black_box;

/// The user's own line.
pub(crate) const LINE: &str =
    "on deal stage \"Invoice\" < notify chat $legal \"...\"; wait until lead.status in [Won] or 3d; >";

#[expect(clippy::cast_precision_loss, reason = "sizes of runs are far below 2^52")]
fn bytes(bytes: &[u8]) -> Figure {
    Figure::Bytes(bytes.len() as f64)
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
        Row::new(what, Figure::Nanos(ours), baseline, Figure::Nanos(theirs))
    };
    let (ours, copy) = nanos(|| save(black_box(&machine), digest), || black_box(&machine).clone());
    show(row("save the sleeping run of the user's line", ours, "clone in memory", copy))?;
    let (ours, theirs) = nanos(|| load(black_box(&stored)), || serde_json::from_slice::<Machine>(black_box(&json)));
    show(row("load it", ours, "serde_json", theirs))?;
    let ours = || load(&save(black_box(&machine), digest));
    let theirs = || serde_json::to_vec(black_box(&machine)).map(|json| serde_json::from_slice::<Machine>(&json));
    let (ours, theirs) = nanos(ours, theirs);
    let goal = Goal::AtMost(Figure::Nanos(1000.0));
    show(row("save and load it", ours, "serde_json", theirs).goal(goal))?;
    let goal = Goal::AtMost(Figure::Bytes(120.0));
    show(Row::new("its stored form", bytes(&stored), "serde_json", bytes(&json)).goal(goal))
}

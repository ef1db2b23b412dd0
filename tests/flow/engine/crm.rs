//! What the actions do to the embedded CRM.

use super::world::{World, rule};
use crate::machine::asm::Asm;
use dealflow::host::MemoryStore;
use dealflow::ir::{Op, Program, Trigger};
use dealflow::schema::value_to_json;
use dealflow::value::{Ref, Value};
use serde_json::json;

/// The register of the deal; `R` stands for it among arguments.
const RECORD: &str = "R";

fn user(id: &str) -> Value {
    Value::Ref(Ref::new("user", id))
}

/// A rule on new deals that does one action.
fn does(action: &str, args: &[(&str, Value)]) -> Program {
    let mut program = rule(action, Trigger::Created("deal".into()), |asm: &mut Asm| {
        let names = args.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        for ((_, value), reg) in args.iter().zip(2..) {
            if *value == Value::text(RECORD) {
                asm.op(Op::Copy { dst: reg, src: 0 });
            } else {
                asm.set(reg, value.clone());
            }
        }
        asm.act(2, 2, action, &names);
    });
    // What the action makes must not set it off again.
    program.origins = vec![dealflow::ir::Origin::User];
    program
}

/// Does one action in a workspace with one deal; the timeline after the deal was made, and all records but the deal.
fn perform(action: &str, args: &[(&str, Value)]) -> String {
    let mut world = World::new(Box::new(MemoryStore::new()), &[does(action, args)]);
    world.create("deal 1", json!({"title": "A", "lead": null, "score": 1}));
    let mut text = world.lines[2..].join("\n");
    for kind in world.store.kinds().unwrap() {
        for (id, record) in world.store.records(&kind, None, 100).unwrap() {
            let fields = record.fields.iter().map(|(name, value)| format!("{name}={}", value_to_json(value)));
            text = text + "\n" + &format!("{kind} {id}: {}", fields.collect::<Vec<_>>().join(" "));
        }
    }
    let run = world.store.history(dealflow::engine::RunId(1)).unwrap();
    let run = run.iter().flat_map(|(_, row)| row.effects()).collect::<Vec<_>>();
    text + &format!("\njournal: {:?}", run.iter().map(|row| (row.seq, &*row.action, &row.result)).collect::<Vec<_>>())
}

#[test]
fn what_people_get_to_see_is_kept() {
    let text = ("text", Value::text("hello"));
    let people = Value::list(vec![
        Value::Ref(Ref::new("department", "Sales")),
        Value::Ref(Ref::new("role", "Manager")),
        user("piotr"),
    ]);
    let everybody = Value::Ref(Ref::new("everybody", "everybody"));
    let done = [
        perform(
            "notify chat",
            &[("chat", Value::Ref(Ref::new("chat", "Legal"))), text.clone(), ("type", Value::text("alarm"))],
        ),
        perform("notify", &[("to", people.clone()), text.clone(), ("sender", user("mona"))]),
        perform("message", &[("to", user("mona")), text.clone()]),
        perform("post", &[("subject", Value::text("S")), text.clone(), ("to", everybody), ("tag", Value::text("t"))]),
        perform("comment", &[("record", Value::text(RECORD)), text.clone(), ("by", user("mona"))]),
        perform("create chat", &[("name", Value::text("Room")), ("members", people)]),
        perform("log", &[text]),
    ];
    insta::assert_snapshot!(done.join("\n\n"));
}

#[test]
fn records_are_made_and_changed() {
    let record = ("record", Value::text(RECORD));
    let done = [
        perform(
            "create",
            &[("entity", Value::text("deal")), ("title", Value::text("B")), ("pipeline", Value::text("Service"))],
        ),
        perform("create", &[("entity", Value::text("lead")), ("title", Value::text("L")), ("by", user("mona"))]),
        perform("set", &[record.clone(), ("title", Value::text("B")), ("score", Value::Missing)]),
        perform("set", &[record.clone(), ("title", Value::text("A"))]),
        perform("assign", &[record.clone(), ("to", user("mona"))]),
        perform("move", &[record, ("stage", Value::text("Won"))]),
    ];
    insta::assert_snapshot!(done.join("\n\n"));
}

#[test]
fn what_is_impossible_fails_the_run_and_says_why() {
    let record = ("record", Value::text(RECORD));
    let text = ("text", Value::text("hello"));
    let cases: &[(&str, Vec<(&str, Value)>)] = &[
        ("message", vec![("to", Value::Missing), text.clone()]),
        ("message", vec![("to", user("nobody")), text.clone()]),
        ("notify", vec![("to", Value::list(vec![])), text.clone()]),
        ("notify", vec![("to", Value::Ref(Ref::new("department", "Gone"))), text.clone()]),
        ("notify chat", vec![("chat", Value::Ref(Ref::new("chat", "Gone"))), text.clone()]),
        ("create chat", vec![("name", Value::text("Room")), ("members", user("anna"))]),
        ("comment", vec![("record", Value::Ref(Ref::new("deal", "9"))), text]),
        ("set", vec![record.clone(), ("gone", Value::Int(1))]),
        ("move", vec![record.clone(), ("stage", Value::text("Done"))]),
        ("assign", vec![record, ("to", Value::Ref(Ref::new("department", "Sales")))]),
        ("create", vec![("entity", Value::text("boat"))]),
        ("fly", vec![]),
    ];
    let mut told = Vec::new();
    for (action, args) in cases {
        let mut world = World::new(Box::new(MemoryStore::new()), &[does(action, args)]);
        world.create("deal 1", json!({"title": "A"}));
        assert_eq!(world.store.meta().counters.parked, 1, "{:?}", world.lines);
        let why = world.lines.iter().find_map(|line| line.split_once("Parked { why: ")).unwrap().1;
        told.push(format!("{action}: {why}"));
        let history = world.store.history(dealflow::engine::RunId(1)).unwrap();
        assert!(history.iter().flat_map(|(_, row)| row.effects()).all(|effect| effect.result.is_err()));
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn ids_of_new_records_do_not_meet_others() {
    let rule = does("create", &[("entity", Value::text("lead")), ("title", Value::text("L"))]);
    let mut world = World::new(Box::new(MemoryStore::new()), &[rule]);
    world.create("lead flow-1", json!({"title": "taken"})).create("deal 1", json!({"title": "A"}));
    let made = |trace: &&String| trace.contains("lead flow-2: create");
    assert!(world.lines.iter().any(|line| made(&line)), "{:?}", world.lines);
}

//! What is undone may fork, and fail in a branch; the next thing is undone all the same.

use super::asm::{Asm, Between, Host};
use super::workspace::schema;
use dealflow::ir::{Op, Program};
use dealflow::value::Value;

/// Does one thing, registers function 1 to undo it, and fails.
fn failing() -> Asm {
    let mut asm = Asm::new();
    asm.set(2, Value::text("done")).act(2, 2, "log", &["text"]);
    asm.op(Op::Undo { function: 2, base: 0 }).op(Op::Undo { function: 1, base: 0 });
    asm.set(2, Value::text("broken")).op(Op::Raise { a: 2 }).done(0, 3, &[]);
    asm
}

/// Function 1 has two branches, function 2 is plain.
fn with_branches(first: impl FnOnce(&mut Asm)) -> Program {
    let mut asm = failing();
    asm.op(Op::Fork { race: false, n: 2, live: 0 });
    asm.to("one", Op::Jump { to: 0 }).to("two", Op::Jump { to: 0 }).to("end", Op::Jump { to: 0 });
    asm.label("one");
    first(&mut asm);
    asm.op(Op::Join).label("two").set(1, Value::text("undone there")).act(1, 1, "log", &["text"]).op(Op::Join);
    asm.label("end").op(Op::ReturnNone).done(0, 3, &[]);
    asm.set(1, Value::text("undone last")).act(1, 1, "log", &["text"]).op(Op::ReturnNone).done(0, 3, &[])
}

fn trace(program: &Program) -> Vec<String> {
    let schema = schema();
    let mut traces = [Between::Nothing, Between::SaveAndLoad, Between::EveryInstruction]
        .map(|between| Host::new(&[]).drive(program, Vec::new(), &schema, between));
    assert_eq!(traces[0], traces[1]);
    assert_eq!(traces[0], traces[2]);
    std::mem::take(&mut traces[0])
}

#[test]
fn branches_of_an_undo_are_all_executed() {
    let program = with_branches(|asm| {
        asm.set(1, Value::text("undone here")).act(1, 1, "log", &["text"]);
    });
    insta::assert_snapshot!(trace(&program).join("\n"), @r#"
    1: act 1 log text: "done"
    5: act 2 log text: "undone here"
    8: act 3 log text: "undone there"
    1: act 4 log text: "undone last"
    2: failed at Span { start: 5, end: 6 }: broken
    "#);
}

#[test]
fn a_mistake_in_a_branch_of_an_undo_is_told_and_the_next_is_undone() {
    let program = with_branches(|asm| {
        asm.set(1, Value::text("cannot be undone")).op(Op::Raise { a: 1 });
    });
    insta::assert_snapshot!(trace(&program).join("\n"), @r#"
    1: act 1 log text: "done"
    -1: noted cannot be undone
    1: act 2 log text: "undone last"
    2: failed at Span { start: 5, end: 6 }: broken
    "#);
}

//! Runs that sleep: what wakes them, what ends them.

use super::world::{
    changed, clauses, entered, gives, happens, is, log, log_it, rule, set, sleep, tell, wait_for, wait_until,
};
use crate::machine::asm;
use dealflow::ir::{Op, Trigger};
use dealflow::value::Value;
use serde_json::json;

/// The user's own line, in the workspace of these tests.
fn user_line() -> dealflow::ir::Program {
    let mut program = asm::user_line();
    program.trigger = entered("Invoice");
    program.debug.rule = "line".into();
    for value in &mut program.consts {
        if let Value::Ref(chat) = value {
            chat.id = "Legal".into();
        }
    }
    program
}

#[test]
fn the_users_line_waits_for_the_lead_or_three_days() {
    let story = tell(&[user_line()], |world| {
        world.create("lead 1", json!({"title": "A"})).create("lead 2", json!({"title": "B"}));
        world.create("deal 1", json!({"title": "A", "lead": "1"})).create("deal 2", json!({"title": "B", "lead": "2"}));
        world.create("deal 3", json!({"title": "C", "lead": "2", "stage": "Invoice"}));
        world.at("10:00").update("deal 1", json!({"stage": "Invoice"})).update("deal 2", json!({"stage": "Invoice"}));
        world.at("11:00").update("lead 1", json!({"title": "still open", "amount": "5 PLN"}));
        world.at("2026-03-03T09:00").update("lead 1", json!({"status": "Won"}));
        world.at("2026-03-04T09:00").update("lead 1", json!({"status": "New"}));
        world.rest();
    });
    insta::assert_snapshot!(story);
}

#[test]
fn a_final_stage_and_a_link_that_changes_end_a_wait() {
    let story = tell(&[user_line()], |world| {
        world.create("lead 1", json!({"title": "A"})).create("lead 2", json!({"title": "B", "status": "Won"}));
        world.create("deal 1", json!({"title": "A", "lead": "1", "stage": "Invoice"}));
        world.create("deal 2", json!({"title": "B", "lead": "1", "stage": "Invoice"}));
        world.create("deal 3", json!({"title": "C", "stage": "Invoice"}));
        world.at("10:00").update("deal 2", json!({"lead": "2"}));
        world.at("11:00").update("lead 1", json!({"status": "Junk"}));
        world.at("12:00").delete("deal 3");
    });
    insta::assert_snapshot!(story);
}

#[test]
fn events_and_timers_at_one_instant() {
    let nap = rule("nap", entered("Invoice"), |asm| {
        sleep(asm, "1h");
        log(asm, "awake");
    });
    let race = rule("race", entered("Invoice"), |asm| {
        wait_until(asm, "stage", Value::text("Won"), Some("1h"));
        log_it(asm);
    });
    let story = tell(&[nap, race], |world| {
        world.create("deal 1", json!({"title": "A", "stage": "Invoice"}));
        world.at("10:00").update("deal 1", json!({"stage": "Won"}));
        world.create("deal 2", json!({"title": "B", "stage": "Invoice"}));
        world.at("11:00").update("deal 2", json!({"stage": "Lost"})).rest();
    });
    insta::assert_snapshot!(story);
}

#[test]
fn events_about_the_record_or_its_customer_end_a_wait() {
    let client = |asm: &mut asm::Asm| {
        asm.read(0, 0, "contact");
        wait_for(asm, "activity");
        log_it(asm);
    };
    let story = tell(
        &[
            rule("activity", entered("Invoice"), client),
            rule("mail", entered("Invoice"), |asm| {
                wait_for(asm, "email opened");
                log_it(asm);
            }),
            rule("call", happens("call missed"), |asm| log(asm, "call back")),
        ],
        |world| {
            world.create("contact 5", json!({"name": "Eva"})).create("contact 6", json!({"name": "Ola"}));
            world.create("deal 1", json!({"title": "A", "contact": "5", "stage": "Invoice"}));
            world.event("email opened", "contact 5").event("call missed", "contact 6");
            world.at("10:00").event("email opened", "deal 1");
            world.at("11:00").event("call missed", "deal 1");
        },
    );
    insta::assert_snapshot!(story);
}

#[test]
fn a_run_lives_while_its_clause_holds() {
    let mut living = clauses(
        "living",
        Trigger::Updated("deal".into()),
        |asm| {
            sleep(asm, "3d");
            log(asm, "not reached");
        },
        |asm| {
            is(asm, "stage", Value::text("Invoice"));
            gives(asm);
        },
    );
    living.lifetime = Some(1);
    let mut own = clauses(
        "ends itself",
        changed("title"),
        |asm| {
            set(asm, "stage", Value::text("Won"));
            sleep(asm, "1d");
        },
        |asm| {
            is(asm, "stage", Value::text("Invoice"));
            gives(asm);
        },
    );
    own.lifetime = Some(1);
    let story = tell(&[living, own], |world| {
        world.create("deal 1", json!({"title": "A"}));
        world.at("10:00").update("deal 1", json!({"amount": "5 PLN"}));
        world.at("11:00").update("deal 1", json!({"stage": "Invoice"}));
        world.at("12:00").update("deal 1", json!({"title": "B"})).rest();
    });
    insta::assert_snapshot!(story);
}

#[test]
fn a_run_wakes_only_for_what_it_watches() {
    let rules = [rule("w", Trigger::Created("deal".into()), |asm| {
        wait_until(asm, "stage", Value::text("Won"), None);
        set(asm, "title", Value::text("seen"));
        asm.op(Op::Stop);
    })];
    let story = tell(&rules, |world| {
        for id in 0..20 {
            world.create(&format!("deal {id}"), json!({"title": "A"}));
        }
        world.lines.clear();
        world.update("deal 7", json!({"amount": "5 PLN"})).update("deal 7", json!({"stage": "Invoice"}));
        world.update("deal 7", json!({"stage": "Won"}));
    });
    insta::assert_snapshot!(story);
}

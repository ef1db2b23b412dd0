//! The checker keeps its word: what it lets pass never fails at run time for its types, and every value has the type
//! that was checked.
//!
//! Expressions of all kinds are made, most of them well typed; what the checker refuses is left out. The rest runs over a
//! record whose fields have any value that the schema allows, also none where one may be missing.
//! `SOUNDNESS_RULES=100000 cargo test soundness` tries more.

mod program;
mod world;

use crate::recovery::random::Random;
use dealflow::catalog::Env;
use dealflow::check::typed::{Rule, StmtKind};
use dealflow::diagnostics::Code;
use dealflow::ir::{self, Program};
use dealflow::pipeline::{Texts, Understood};
use dealflow::schema::{Schema, Type};
use dealflow::value::{Moment, Ref, Value};
use dealflow::vm::{Input, Machine, Outcome, Step};
use world::World;

const CRM: &str = include_str!("soundness/crm.toml");
/// Rules in one script.
const TOGETHER: usize = 50;
/// Monday 2026-03-02, 09:00 in Warsaw.
const MONDAY: Moment = Moment(1_772_438_400_000);

/// Why a run of a well-typed program may fail: by its values, never by their kinds.
const BY_VALUE: [&str; 9] = [
    "is too large",
    "became too large",
    "divided by zero",
    "use `exchange(",
    "there is no rate",
    "cannot round to",
    "has nothing to choose from",
    "cannot count",
    "has no time of day",
];

#[test]
fn what_is_checked_runs_without_a_type_error() {
    let rules = std::env::var("SOUNDNESS_RULES").ok().and_then(|n| n.parse().ok()).unwrap_or(3000);
    let (mut passed, mut runs, mut values, mut failed) = (0, 0, 0, 0);
    let mut broken = Vec::new();
    for script in 0..rules / TOGETHER {
        let mut random = Random(5_000 + u64::try_from(script).unwrap());
        let text: String = (0..TOGETHER).map(|_| program::rule(&mut random)).collect();
        let text = format!("{}{text}", program::FUNCTIONS);
        let understood = understood(&text);
        passed += understood.checked.rules.len();
        let programs = ir::lower(&understood.checked, &understood.sources, &understood.schema);
        assert_eq!(programs.len(), understood.checked.rules.len());
        for (rule, program) in understood.checked.rules.iter().zip(&programs) {
            for _ in 0..4 {
                let mut run = Run { rule, program, schema: &understood.schema, values: 0, broken: Vec::new() };
                if let Err(why) = run.go(&mut random) {
                    failed += 1;
                    if !BY_VALUE.iter().any(|part| why.contains(part)) && !two_lengths(&why) {
                        broken.push(format!("{why}\n  in: {}", program.debug.text));
                    }
                }
                broken.append(&mut run.broken);
                runs += 1;
                values += run.values;
            }
        }
    }
    println!(
        "{rules} rules, {passed} passed the checker; {runs} runs, {failed} failed by their values; {values} values"
    );
    assert!(
        broken.is_empty(),
        "{} broken promises, such as\n{}",
        broken.len(),
        broken[..broken.len().min(8)].join("\n")
    );
    assert!(passed * 2 > rules, "too few rules are well typed: {passed} of {rules}");
    assert!(failed * 3 < runs && values > runs, "too few runs say something");
}

fn understood(text: &str) -> Understood {
    let mut texts = Texts::default();
    texts.schema = Some(texts.sources.add("crm.toml", CRM));
    texts.scripts.push(texts.sources.add("rules.flow", text));
    let parsed = texts.parse();
    // Texts in texts may be nested too deeply; nothing else is wrong with the words.
    let told: Vec<_> = parsed.diagnostics.iter().filter(|told| told.code != Code::E0116).collect();
    assert!(told.is_empty(), "{told:?}\n{text}");
    parsed.check()
}

/// Whether two lengths of time have no order, such as a month and 30 days.
fn two_lengths(why: &str) -> bool {
    let is_length = |text: &str| text.replace('-', "").parse::<dealflow::value::Period>().is_ok();
    why.ends_with("cannot be compared") && why.split('`').skip(1).step_by(2).all(is_length)
}

struct Run<'a> {
    rule: &'a Rule,
    program: &'a Program,
    schema: &'a Schema,
    values: usize,
    /// Values that are not of their types.
    broken: Vec<String>,
}

impl Run<'_> {
    /// Runs to the end; the message of a mistake at run time otherwise.
    fn go(&mut self, random: &mut Random) -> Result<(), String> {
        let env = Env { now: MONDAY, schema: self.schema, seed: 7 };
        let deal = Value::Ref(Ref::new("deal", "1"));
        let mut world = World::new(self.schema);
        if let Some(condition) = self.program.condition {
            let mut machine = Machine::start(condition, [deal.clone(), Value::Missing], self.program);
            match self.step(&mut machine, Input::Go, &env, &mut world, random) {
                Step::Done(Value::Bool(true)) => {}
                // What may be missing is not so.
                Step::Done(Value::Bool(false) | Value::Missing) => return Ok(()),
                Step::Failed(error) => return Err(error.message),
                other => panic!("a condition gave {other:?}\nin: {}", self.program.debug.text),
            }
        }
        let mut machine = Machine::start(0, [deal, Value::Missing], self.program);
        let mut input = Input::Go;
        loop {
            input = match self.step(&mut machine, input, &env, &mut world, random) {
                Step::Act(_) => Input::Value(Value::Missing),
                Step::Wait => {
                    self.look(&machine);
                    world.later(random);
                    Input::End(Outcome::Reached)
                }
                Step::Done(_) | Step::Stopped => return Ok(()),
                Step::Failed(error) => return Err(error.message),
                other => panic!("{other:?}\nin: {}", self.program.debug.text),
            };
        }
    }

    /// One step, with all reads answered.
    fn step(
        &self,
        machine: &mut Machine,
        mut input: Input,
        env: &Env<'_>,
        world: &mut World<'_>,
        random: &mut Random,
    ) -> Step {
        loop {
            match machine.step(self.program, input, env, &mut 100_000) {
                Step::Read { of, field } => input = Input::Value(world.read(&of, &field, random)),
                step => return step,
            }
        }
    }

    /// Compares the variables that are in scope with their types.
    fn look(&mut self, machine: &Machine) {
        let found = machine.locals(self.program);
        for local in self.declared(machine) {
            let value = found.iter().find(|(name, _)| *name == local.0).map_or(Value::Missing, |(_, v)| v.clone());
            if !world::has_type(&value, &local.1, self.schema) {
                let text = &self.program.debug.text;
                self.broken.push(format!("{} is {value:?}, not {:?}\n  in: {text}", local.0, local.1));
            }
            self.values += 1;
        }
    }

    /// The variables of the rule's own block that were given a value before the wait that it sleeps in.
    fn declared(&self, machine: &Machine) -> Vec<(dealflow::value::Name, Type)> {
        let at = machine.place(self.program).map_or(0, |span| span.start) + self.rule.span.start;
        let mut found = Vec::new();
        each(&self.rule.body, at, &mut |id| {
            found.extend(self.rule.locals.get(usize::from(id)).map(|local| (local.name.clone(), local.ty.clone())));
        });
        found
    }
}

/// The variables that are assigned before an offset, in this block and those around the offset.
fn each(body: &[dealflow::check::typed::Stmt], at: u32, found: &mut impl FnMut(u16)) {
    for stmt in body.iter().filter(|stmt| stmt.span.start < at) {
        match &stmt.kind {
            StmtKind::Assign(id, _) => found(id.0),
            StmtKind::If(_, then, otherwise) => {
                for block in [then, otherwise] {
                    let inside = block.first().zip(block.last());
                    if inside.is_some_and(|(first, last)| first.span.start <= at && at <= last.span.end) {
                        each(block, at, found);
                    }
                }
            }
            _ => {}
        }
    }
}

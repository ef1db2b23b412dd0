//! Steps a machine until it sleeps or ends, and answers what it asks on the way.

use super::act::Acted;
use super::activation::Activation;
use super::history::{Ending, Page};
use super::limits;
use super::read::{self, Eyes};
use super::rules::Rule;
use super::sleep::Slept;
use super::store::{Held, RunId, Stored};
use super::trace::{Failure, TraceKind};
use crate::catalog::Env;
use crate::ir::{Ix, Op, Program};
use crate::value::{Moment, Name, Ref, Value};
use crate::vm::{Input, Machine, Outcome, RunError, Step, Watch, stored};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A run that is being stepped.
pub(super) struct Running {
    pub(super) id: RunId,
    pub(super) rule: Arc<Rule>,
    /// The record that set it off.
    pub(super) record: Option<Ref>,
    /// The payload of the event that set it off; missing when no clause needs it any more.
    pub(super) event: Value,
    pub(super) started: Moment,
    pub(super) machine: Machine,
    /// How many rules stand between it and the outside, this time.
    pub(super) depth: u32,
    /// What the store holds of it from its last sleep.
    pub(super) slept: Option<Slept>,
    /// That it woke, as long as nothing came of it.
    pub(super) woken: Option<Woken>,
    /// What its history will say of this activation.
    pub(super) page: Page,
    /// The numbers of its effects outside that are awaited.
    pub(super) outside: Vec<u32>,
}

/// How a run woke. It is told late: a run that looks and sleeps on is not worth a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Woken {
    /// To look again at what it waits for.
    ToLook,
    /// Because its wait is over.
    For(Outcome),
}

impl Woken {
    /// The outcome, if the wait is over.
    const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::ToLook => None,
            Self::For(outcome) => Some(outcome),
        }
    }
}

/// The answer of a clause.
pub(super) enum Bool {
    True,
    False,
    Failed(RunError),
}

impl Activation<'_> {
    /// Goes on with a run until it sleeps or is over.
    pub(super) fn drive(&mut self, mut run: Running, first: Input) -> Stored<()> {
        let mut fuel = limits::INSTRUCTIONS;
        let mut effects = 0;
        let mut step = self.step(&mut run, first, effects, &mut fuel);
        loop {
            let input = match step {
                Step::Read { of, field } => Input::Value(self.read(&of, &field)?),
                Step::Find { kind, link, after } => {
                    Input::Value(read::page(self.store, &kind, link, after.as_deref())?)
                }
                Step::Act(request) => {
                    self.announce(&mut run);
                    effects += 1;
                    match self.act(&mut run, request)? {
                        Acted::Answered(input) => input,
                        // The script itself may know what to do; if it does not, a person is asked.
                        Acted::Refused(why) if run.machine.catches(&run.rule.program) => Input::Failed(why.to_string()),
                        Acted::Refused(why) => return self.park(run, why),
                        Acted::HandedOver => Input::Later,
                    }
                }
                Step::Wait => return self.sleep(run, None),
                Step::Done(_) | Step::Stopped | Step::Cancelled => return self.end(&mut run),
                Step::Note(error) => self.could_not_undo(&run, &error),
                Step::OutOfFuel => {
                    let span = run.machine.place(&run.rule.program).unwrap_or_default();
                    let message = out_of_fuel(&run.rule.program);
                    return self.fail(&mut run, &RunError { message, span });
                }
                Step::Failed(error) => return self.fail(&mut run, &error),
            };
            step = self.step(&mut run, input, effects, &mut fuel);
        }
    }

    /// A run that was carried over begins the wait in which it arrives. The limit of the wait counts from the moment at
    /// which the old one began.
    pub(super) fn begin_wait(&mut self, mut run: Running, since: Moment) -> Stored<()> {
        let schema = self.schema.clone();
        let mut input = Input::Go;
        for _ in 0..limits::INSTRUCTIONS {
            if run.machine.is_armed() {
                break;
            }
            let env = Env { now: since, schema: &schema, seed: seed(run.id, self.now, 0) };
            input = match run.machine.step(&run.rule.program, input, &env, &mut 1) {
                Step::OutOfFuel => Input::Go,
                Step::Read { of, field } => Input::Value(self.read(&of, &field)?),
                Step::Find { kind, link, after } => {
                    Input::Value(read::page(self.store, &kind, link, after.as_deref())?)
                }
                Step::Failed(error) => return self.fail(&mut run, &error),
                Step::Done(_) | Step::Stopped | Step::Cancelled => return self.end(&mut run),
                Step::Act(_) | Step::Wait | Step::Note(_) => break,
            };
        }
        self.drive(run, Input::Go)
    }

    fn step(&mut self, run: &mut Running, input: Input, effects: u64, fuel: &mut u64) -> Step {
        let schema = self.schema.clone();
        let env = Env { now: self.now, schema: &schema, seed: seed(run.id, self.now, effects) };
        if self.engine.reload {
            return step_reloading(run, input, &env, fuel);
        }
        // A read that fails comes back as `Step::Read`, which then says why.
        if let Some(mut seen) = self.engine.seen.take() {
            let eyes = &mut self.eyes();
            let step = seen.step(run.rule.digest, &run.rule.program, &mut run.machine, input, &env, fuel, eyes);
            self.engine.seen = Some(seen);
            return step;
        }
        run.machine.step_reading(&run.rule.program, input, &env, fuel, &mut self.eyes())
    }

    /// The run's last effect was refused, and it has no answer to that.
    pub(super) fn park(&mut self, run: Running, why: Name) -> Stored<()> {
        self.sleep(run, Some(Held::Parked(why)))
    }

    /// Says that the run woke, if that was not said.
    pub(super) fn announce(&mut self, run: &mut Running) {
        if let Some(outcome) = run.woken.take().map(Woken::outcome) {
            self.tell(Some(run.rule.name()), run.record.as_ref(), Some(run.id), TraceKind::Woken { outcome });
        }
    }

    /// The run came to its end.
    fn end(&mut self, run: &mut Running) -> Stored<()> {
        self.announce(run);
        self.forget(run)?;
        self.untie(run)?;
        self.note(run, Ending::Ended)?;
        self.store.meta_mut().counters.ended += 1;
        self.tell(Some(run.rule.name()), run.record.as_ref(), Some(run.id), TraceKind::Ended);
        Ok(())
    }

    /// Executes what the run has registered to be undone, until its machine is over.
    pub(super) fn undo(&mut self, run: &mut Running) -> Stored<()> {
        let (mut fuel, mut effects) = (limits::INSTRUCTIONS, 0);
        let mut input = Input::Go;
        loop {
            input = match self.step(run, input, effects, &mut fuel) {
                Step::Read { of, field } => Input::Value(self.read(&of, &field)?),
                Step::Find { kind, link, after } => {
                    Input::Value(read::page(self.store, &kind, link, after.as_deref())?)
                }
                Step::Act(request) => {
                    self.announce(run);
                    effects += 1;
                    match self.act(run, request)? {
                        Acted::Answered(input) => input,
                        Acted::Refused(why) => Input::Failed(why.to_string()),
                        Acted::HandedOver => Input::Later,
                    }
                }
                Step::Note(error) => self.could_not_undo(run, &error),
                Step::Wait | Step::OutOfFuel | Step::Done(_) | Step::Stopped | Step::Failed(_) | Step::Cancelled => {
                    return Ok(());
                }
            };
        }
    }

    fn could_not_undo(&mut self, run: &Running, error: &RunError) -> Input {
        let what = TraceKind::UndoFailed(Failure::new(error, &run.rule.program.debug));
        self.tell(Some(run.rule.name()), run.record.as_ref(), Some(run.id), what);
        Input::Go
    }

    /// The run made a mistake: what it has done is undone as far as it says how, and it is over.
    pub(super) fn fail(&mut self, run: &mut Running, error: &RunError) -> Stored<()> {
        if run.machine.abort(error.clone()) {
            self.undo(run)?;
        }
        self.announce(run);
        self.withdraw(run, &[])?;
        self.forget(run)?;
        self.untie(run)?;
        let failure = self.note_failure(run, error)?;
        self.store.meta_mut().counters.failed += 1;
        self.tell(Some(run.rule.name()), run.record.as_ref(), Some(run.id), TraceKind::Failed(failure));
        Ok(())
    }

    /// Runs a clause to its end: it may read, and nothing else. What it reads goes to `reads`.
    pub(super) fn evaluate(
        &mut self,
        rule: &Rule,
        function: Ix,
        args: &[Value; 2],
        mut reads: Option<&mut BTreeSet<Watch>>,
    ) -> Stored<Result<Value, RunError>> {
        let env = Env { now: self.now, schema: &self.schema, seed: seed(RunId(0), self.now, 0) };
        let mut scratch = std::mem::take(&mut self.engine.scratch);
        let mut tell = |of: &Ref, field: &Name, _: &Value| {
            if let Some(reads) = reads.as_deref_mut()
                && read::can_change(&of.kind, field)
            {
                reads.insert(Watch::Field { of: of.clone(), field: field.clone() });
            }
        };
        let mut eyes = self.eyes().telling(&mut tell);
        let quick = scratch.evaluate(&rule.program, function, args, &env, limits::INSTRUCTIONS, &mut eyes).cloned();
        let value = match quick {
            Some(value) => Ok(Ok(value)),
            None => clause(&rule.program, function, args, &env, &mut eyes),
        };
        self.engine.scratch = scratch;
        value
    }

    /// Whether a clause holds; a missing value does not.
    pub(super) fn holds(
        &mut self,
        rule: &Rule,
        function: Ix,
        args: &[Value; 2],
        reads: Option<&mut BTreeSet<Watch>>,
    ) -> Stored<Bool> {
        Ok(match self.evaluate(rule, function, args, reads)? {
            Ok(Value::Bool(true)) => Bool::True,
            Ok(_) => Bool::False,
            Err(error) => Bool::Failed(error),
        })
    }

    fn read(&self, of: &Ref, field: &Name) -> Stored<Value> {
        self.eyes().see(of, field).cloned()
    }

    fn eyes(&self) -> Eyes<'_> {
        Eyes::new(&self.schema, self.store, self.ghost.as_ref().map(|(of, record)| (of, record)))
    }
}

/// Runs a clause of a program to its end: it may read, and nothing else.
pub(super) fn clause(
    program: &Program,
    function: Ix,
    args: &[Value],
    env: &Env<'_>,
    eyes: &mut Eyes<'_>,
) -> Stored<Result<Value, RunError>> {
    let mut machine = Machine::start(function, args.to_vec(), program);
    let mut fuel = limits::INSTRUCTIONS;
    let mut input = Input::Go;
    let message = loop {
        // A read that fails comes back as `Step::Read`, which then says why.
        input = match machine.step_reading(program, input, env, &mut fuel, eyes) {
            Step::Done(value) => return Ok(Ok(value)),
            Step::Read { of, field } => Input::Value(eyes.see(&of, &field)?.clone()),
            Step::Failed(error) => return Ok(Err(error)),
            Step::OutOfFuel => break out_of_fuel(program),
            Step::Find { .. } | Step::Act(_) | Step::Wait | Step::Stopped | Step::Cancelled | Step::Note(_) => {
                break "a clause can only read".to_owned();
            }
        };
    };
    let span = machine.place(program).unwrap_or_default();
    Ok(Err(RunError { message, span }))
}

/// How a wait ends when its limit comes: a plain `wait 3d` has reached it, any other has missed what it waited for.
pub(super) fn limit_outcome(wait: &crate::vm::WaitState) -> Outcome {
    if wait.watches.is_empty() { Outcome::Reached } else { Outcome::Timeout }
}

fn out_of_fuel(program: &Program) -> String {
    let finds = program.functions.iter().flat_map(|f| &f.code).any(|op| matches!(op, Op::Find { .. }));
    let else_ = if finds { ", or a `find` looks at too many records" } else { "" };
    format!("more than {} steps without a wait: a loop here does not come to its end{else_}", limits::INSTRUCTIONS)
}

/// Where random numbers start: the same for the same run, moment and effect, whatever happened around it.
fn seed(run: RunId, now: Moment, effects: u64) -> u64 {
    let mut z = run.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ now.0.cast_unsigned().rotate_left(32) ^ effects;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// One step as `Machine::step`, but the machine goes through its stored form after every instruction.
fn step_reloading(run: &mut Running, mut input: Input, env: &Env<'_>, fuel: &mut u64) -> Step {
    loop {
        let mut one = 1;
        let step = run.machine.step(&run.rule.program, input, env, &mut one);
        *fuel = fuel.saturating_sub(1 - one.min(1));
        match stored::load(&stored::save(&run.machine, run.rule.digest)) {
            Ok((_, machine)) => run.machine = machine,
            Err(error) => {
                let message = format!("the run cannot be read again: {error}");
                return Step::Failed(RunError { message, span: crate::source::Span::default() });
            }
        }
        if step != Step::OutOfFuel || *fuel == 0 {
            return step;
        }
        input = Input::Go;
    }
}

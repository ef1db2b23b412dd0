//! Tests of the language, run in memory and in virtual time.
//!
//! A test is a person before an embedded CRM of its own: it gives records, does what people do, lets things happen and time
//! pass, and looks at what the rules did. Nothing here touches files, clock or network; a test with the same rules always
//! gives the same report. [`run`] runs one, [`coverage`] says what no test reached.

mod any;
pub mod coverage;
mod effects;
mod expect;
mod reply;
mod runs;
mod session;

use crate::check::testing::{Step, StepKind};
use crate::diagnostics::{Code, Diagnostic};
use crate::engine::cover::Seen;
use crate::ir::{Ix, Program, TestPlan};
use crate::schema::Schema;
use crate::source::Span;
use session::Session;
use std::sync::Arc;

/// What a test is run against.
#[derive(Clone, Debug)]
pub struct World {
    /// The workspace.
    pub schema: Arc<Schema>,
    /// Its rules, in file and rule order.
    pub programs: Vec<Arc<Program>>,
    /// Whether it is noted what the rules execute.
    pub observe: bool,
    /// How many records a `for any` is tried with.
    pub cases: u32,
    /// What the records of a `for any` depend on beside the test's name.
    pub seed: u64,
}

/// What came of a test.
#[derive(Clone, Debug)]
pub struct Report {
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// What the rules executed, where that was to be noted.
    pub seen: Seen,
    /// How many records a `for any` was tried with; 1 without.
    pub cases: u32,
}

/// Why a test failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The report, at the test's statement.
    pub diagnostic: Diagnostic,
    /// What had happened up to there, as a timeline.
    pub told: String,
    /// The record of `for any` with which it fails, made as plain as it can be.
    pub example: Option<String>,
}

/// A statement that was not met or could not be done.
#[derive(Clone, Debug)]
struct Stop {
    code: Code,
    span: Span,
    message: String,
    label: String,
    help: Option<String>,
}

impl Stop {
    fn unmet(span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { code: Code::E0802, span, message: message.into(), label: label.into(), help: None }
    }

    fn broken(span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { code: Code::E0803, span, message: message.into(), label: label.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Runs a test.
pub fn run(world: &World, plan: &TestPlan) -> Report {
    let any = plan.test.steps.iter().find_map(|Step { kind, .. }| match kind {
        StepKind::ForAny { entity, fields, .. } => Some((entity, fields)),
        _ => None,
    });
    if let Some((entity, fields)) = any {
        return any::run(world, plan, entity, fields);
    }
    let mut session = Session::new(world, plan, None, false);
    let ended = session.steps();
    let seen = session.seen();
    let failure = ended.err().map(|stop| tell(world, plan, None, &stop));
    Report { failure, seen, cases: 1 }
}

/// Runs a test that failed once more, to tell what happened.
fn tell(world: &World, plan: &TestPlan, record: Option<&any::Fields>, stop: &Stop) -> Failure {
    let mut session = Session::new(world, plan, record.cloned(), true);
    let again = session.steps();
    let stop = again.err().unwrap_or_else(|| stop.clone());
    let diagnostic = Diagnostic::new(stop.code, plan.test.file, stop.span, stop.message).label(stop.label);
    let example = record.map(|record| session.record_text(record));
    Failure { diagnostic: diagnostic.maybe_help(stop.help), told: session.told(), example }
}

/// The number of a function of the test's program.
type Function = Ix;

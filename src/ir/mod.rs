//! The compiled form of one rule: flat instructions over tables of constants and names.
//!
//! A [`Program`] is immutable and self-contained: it holds nothing of the schema but names, so a run can go on with it
//! on another machine or after the schema changed. It is named by the [`Digest`] of its meaning.
//!
//! Registers: a function's parameters come first (in the functions of the rule itself `r0` is the trigger's record and
//! `r1` the event's payload), then its variables, then temporaries. A field is read live by [`Op::Read`].
//!
//! The order of the variants of every `enum` in this file is part of the stored form (see `vm::stored`).

mod digest;
mod lower;
mod parts;
mod print;
mod quick;
pub mod stored;
mod uses;

pub use digest::Digest;
pub use lower::{Around, TestPlan, lower, lower_rule, lower_test};
pub use parts::Parts;
pub use print::dump;
pub use quick::Prepared;
pub(crate) use quick::{Holds, MOST, Quick, Quickened, Test};

use crate::catalog::Func;
use crate::schema::Schedule;
use crate::source::Span;
use crate::value::{Name, Period, Value};
use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

/// The effect by which a run starts a flow: the engine does it itself.
pub const START: &str = "start";

/// The effect by which a run asks people: the engine does it itself.
pub const ASK: &str = "ask";

/// By what a flow is found: its file and name.
pub fn flow_key(file: &str, name: &str) -> String {
    format!("{file}#{name}")
}

/// A register of the current frame.
pub type Reg = u16;
/// An index into [`Program::consts`], [`Program::names`], [`Program::calls`] or [`Program::functions`].
pub type Ix = u16;
/// An index into [`Function::code`].
pub type Pc = u32;

/// One compiled rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// What sets it off.
    pub trigger: Trigger,
    /// Function of the `if` clause: gives a bool.
    pub condition: Option<Ix>,
    /// Function of the `while` clause: gives a bool.
    pub lifetime: Option<Ix>,
    /// What happens when it fires again.
    pub reentry: Reentry,
    /// Which origins of a change set it off.
    pub origins: Vec<Origin>,
    /// All functions; the body is `functions[0]`.
    pub functions: Vec<Function>,
    /// Constants.
    pub consts: Vec<Value>,
    /// Names of fields, events and formats.
    pub names: Vec<Name>,
    /// Shapes of actions.
    pub calls: Vec<CallShape>,
    /// What `migrate` says about runs of older versions; not part of the digest.
    pub migrations: Vec<Migration>,
    /// Names and places for people; not part of the digest.
    pub debug: Debug,
}

/// How runs of older versions of the rule come to one of its waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Migration {
    /// The first instruction of the wait in the body, before its limit is worked out.
    pub start: Pc,
    /// Its `Suspend`.
    pub suspend: Pc,
    /// The old wait in its own words; `None` for runs that slept in this very wait.
    pub from: Option<Name>,
    /// What registers get.
    pub values: Vec<(Reg, Given)>,
}

/// What a variable gets when a run is taken over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Given {
    /// The value that the old version's variable of this name has.
    Old(Name),
    /// This.
    Const(Value),
}

/// What only people need: not part of a program's meaning.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Debug {
    /// The rule's name, or a made-up one such as `on deal stage "Invoice"`.
    pub rule: Name,
    /// The script's path within the workspace.
    pub file: Name,
    /// The line (from 1) on which `text` starts.
    pub line: u32,
    /// The rule's text, and behind it the texts of the functions that it uses; spans are offsets into it.
    pub text: Name,
    /// Where the texts of functions begin, in order.
    pub parts: Vec<Part>,
}

/// The text of a function within [`Debug::text`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Where it begins.
    pub start: u32,
    /// The script's path within the workspace.
    pub file: Name,
    /// The line (from 1) on which it starts there.
    pub line: u32,
}

impl Debug {
    /// The text that holds this offset, with its file and the line on which it starts.
    pub fn part(&self, offset: u32) -> (&str, &Name, u32) {
        let at = self.parts.partition_point(|part| part.start <= offset);
        let (start, file, line) = match at.checked_sub(1).and_then(|before| self.parts.get(before)) {
            Some(part) => (part.start, &part.file, part.line),
            None => (0, &self.file, self.line),
        };
        let end = self.parts.get(at).map_or(self.text.len(), |next| next.start as usize);
        (self.text.get(start as usize..end).unwrap_or(""), file, line)
    }

    /// The file and line of an offset.
    pub fn locate(&self, offset: u32) -> (&Name, u32) {
        let (_, file, line) = self.part(offset);
        let start = self.parts.iter().map(|part| part.start).rfind(|start| *start <= offset).unwrap_or(0);
        let before = self.text.get(start as usize..offset as usize).unwrap_or("");
        (file, line.saturating_add(u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX)))
    }
}

/// A function: code and how many registers it needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// The name of a function of a script; empty for the functions of the rule itself. Not part of the digest.
    pub name: Name,
    /// How many registers its parameters take.
    pub params: u16,
    /// How many registers it needs.
    pub registers: u16,
    /// Its instructions.
    pub code: Vec<Op>,
    /// For each instruction the place in [`Debug::text`]; not part of the digest.
    pub spans: Vec<Span>,
    /// Where mistakes are caught.
    pub catches: Vec<Catch>,
    /// Names of variables; not part of the digest.
    pub locals: Vec<Local>,
    /// What the machine makes of the code; never written down.
    #[serde(skip)]
    pub quick: Prepared,
}

/// What a `try` catches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catch {
    /// Mistakes of the instructions from this one on,
    pub from: Pc,
    /// up to before this one,
    pub to: Pc,
    /// go on here,
    pub handler: Pc,
    /// with their text in this register.
    pub error: Reg,
}

/// A variable: for people, and for taking its value over to another version of the script.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Local {
    /// With its `$`. What the compiler keeps for a statement, such as the list of a `for`, has a name without.
    pub name: Name,
    /// Where it lives.
    pub reg: Reg,
    /// Its type in the user's words.
    pub ty: Name,
    /// The first instruction that may know it,
    pub from: Pc,
    /// and the first one after it is gone.
    pub to: Pc,
}

/// The shape of one action's call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallShape {
    /// The action's name in the catalogue.
    pub action: Name,
    /// The names of the arguments in consecutive registers.
    pub params: Vec<Name>,
}

/// What sets a rule off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Trigger {
    /// A record was made.
    Created(Name),
    /// A record was changed.
    Updated(Name),
    /// A record was made or changed.
    Saved(Name),
    /// A record was removed.
    Deleted(Name),
    /// One of these fields changed.
    Changed {
        /// The entity.
        entity: Name,
        /// The fields.
        fields: Vec<Name>,
        /// Only from this value.
        from: Option<Value>,
        /// Only to this value.
        to: Option<Value>,
    },
    /// A record entered one of these stages, also by being made in it.
    Entered {
        /// The entity.
        entity: Name,
        /// The stages.
        stages: Vec<Name>,
        /// Only in this pipeline.
        pipeline: Option<Name>,
    },
    /// A record entered a final stage of one of these kinds from one that is not.
    Closed {
        /// The entity.
        entity: Name,
        /// Success counts.
        success: bool,
        /// Failure counts.
        failure: bool,
    },
    /// A date field comes up.
    Date {
        /// The entity.
        entity: Name,
        /// The date or datetime field.
        field: Name,
        /// How far from it.
        offset: Period,
        /// Whether `offset` lies before the date.
        before: bool,
        /// The time of day; without it, midnight for dates, the moment's own for datetimes.
        at: Option<NaiveTime>,
        /// How often it comes again.
        repeat: Repeat,
    },
    /// Something happened that the catalogue names, such as `call missed`.
    Event {
        /// Its name.
        name: Name,
        /// The entity of the record it must be attached to, if any.
        entity: Option<Name>,
    },
    /// `start` in another rule: this is a flow of this name.
    Flow(Name),
    /// A schedule.
    Every(Schedule),
    /// An e-mail stays without a reply for so long.
    Unreplied {
        /// Counted from when the customer opened it, and only then.
        opened: bool,
        /// How long.
        after: Period,
    },
}

/// How often a date trigger comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Repeat {
    /// Once.
    Once,
    /// Every month.
    Monthly,
    /// Every year.
    Yearly,
}

/// What happens when a rule fires again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reentry {
    /// Another run.
    EachTime,
    /// Only once per record.
    Once {
        /// Function that gives the record.
        per: Ix,
        /// After how long it is forgotten.
        within: Option<Period>,
    },
    /// Not while a run of this rule for this record goes on.
    OneAtATime,
    /// The run of this rule for this record that goes on is cancelled first.
    Restart,
}

/// Who made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A person.
    User,
    /// Another system.
    Api,
    /// An import of old data.
    Import,
    /// A rule.
    Rule,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BinOp {
    /// `==`; false when a side is missing, unless both are.
    Eq,
    /// `!=`
    Ne,
    /// `<`; false when a side is missing.
    Lt,
    /// `<=`; false when a side is missing.
    Le,
    /// `>`; false when a side is missing.
    Gt,
    /// `>=`; false when a side is missing.
    Ge,
    /// `in`: the left is an element of the list on the right.
    In,
    /// `contains`: text in text, element in list.
    Contains,
    /// `starts with`
    StartsWith,
    /// `ends with`
    EndsWith,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
}

/// One instruction.
#[expect(missing_docs, reason = "the comment of each instruction explains its operands")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// `dst = consts[k]`
    Const { dst: Reg, k: Ix },
    /// `dst = src`
    Copy { dst: Reg, src: Reg },
    /// `dst =` the moment of this activation.
    Now { dst: Reg },
    /// `dst =` its date in the workspace's time zone.
    Today { dst: Reg },
    /// `dst = obj.names[field]`: asks the host when `obj` is a reference, looks inside when it is a record of values,
    /// and is missing when `obj` is.
    Read { dst: Reg, obj: Reg, field: Ix },
    /// `dst = not a`
    Not { dst: Reg, a: Reg },
    /// `dst = -a`
    Neg { dst: Reg, a: Reg },
    /// `dst = a op b`
    Bin { op: BinOp, dst: Reg, a: Reg, b: Reg },
    /// `dst = a is empty`
    IsEmpty { dst: Reg, a: Reg },
    /// `dst = func(base, base+1, …)`
    Call { func: Func, dst: Reg, base: Reg, n: u8 },
    /// `dst = [base, base+1, …]`
    List { dst: Reg, base: Reg, n: u16 },
    /// `dst =` the texts of `base, base+1, …` joined.
    Text { dst: Reg, base: Reg, n: u16 },
    /// `dst =` the text of `a` in the format `names[format]`.
    Format { dst: Reg, a: Reg, format: Ix },
    /// Goes on at `to`.
    Jump { to: Pc },
    /// Goes on at `to` if `a` is true.
    JumpIf { a: Reg, to: Pc },
    /// Goes on at `to` unless `a` is true.
    JumpUnless { a: Reg, to: Pc },
    /// Goes on at `to` if `a` is not missing.
    JumpSome { a: Reg, to: Pc },
    /// `dst = list[at]; at += 1`, or goes on at `to` when the list is at its end. `at` starts as the integer 0.
    Next { dst: Reg, list: Reg, at: Reg, to: Pc },
    /// Asks the host for the action `calls[call]` with arguments from `base` on; its result goes to `dst`.
    Act { call: Ix, dst: Reg, base: Reg },
    /// Starts a wait: the limit in `limit` (a period, date or moment) is turned into a moment and kept.
    Arm { limit: Reg },
    /// Starts a wait without a limit.
    ArmNone,
    /// Forgets what was watched, and watches every field that is read from here on.
    Watch,
    /// Watches the event `names[event]` about the reference in `about` (or about anything, if that is missing).
    WatchEvent { event: Ix, about: Reg },
    /// Suspends. Woken by something it watches, the run goes on at `retry`; for any other end of the wait its outcome
    /// goes to `dst` and the run goes on after this instruction. The registers from `live` on are forgotten, and
    /// parameters that the function never looks at.
    Suspend { dst: Reg, retry: Pc, live: Reg },
    /// Ends the wait that was armed: nothing is watched any more.
    Disarm,
    /// The function's result is `a`.
    Return { a: Reg },
    /// The function's result is missing.
    ReturnNone,
    /// Ends the run.
    Stop,
    /// `dst = functions[function](base, base+1, …)`; the registers from `base` on are forgotten.
    Invoke { function: Ix, dst: Reg, base: Reg },
    /// Starts `n` branches, which begin at the `n` instructions after this one, each a jump, with copies of the registers
    /// below `live`; goes on behind these when all have ended, in a `race` when one has.
    Fork { race: bool, n: u16, live: Reg },
    /// The register of the branch is copied to the task that it belongs to.
    Give { reg: Reg },
    /// Ends the branch. In a race the others are cancelled.
    Join,
    /// Registers `functions[function](base, base+1, …)` to undo the last effect.
    Undo { function: Ix, base: Reg },
    /// `dst =` the number of effects so far.
    Mark { dst: Reg },
    /// Undoes what was registered after `mark`, the newest first, and what cancelled branches left.
    Unwind { mark: Reg },
    /// Undoes what cancelled branches left.
    Settle,
    /// Fails with the text in `a`.
    Raise { a: Reg },
    /// `dst =` a record of the values in `base, base+1, …`; their names are the list of texts `consts[names]`.
    Record { dst: Reg, names: Ix, base: Reg },
    /// Adds the value in `item` to the end of the list in `list`.
    Push { list: Reg, item: Reg },
    /// Puts the list in `list` into the order of the values in the list `keys`, which is as long; missing ones go last.
    Sort { list: Reg, keys: Reg },
    /// `dst =` the next page of records of a kind, asked from the host: those behind the one in `base`, or the first ones
    /// when that is missing. `consts[of]` is the kind, or the kind and a field: then only those whose field refers to
    /// what `base+1` refers to. A page without records is the last one.
    Find { dst: Reg, of: Ix, base: Reg },
    /// Puts both lists into the order of `keys`, the largest first if `down`; missing ones go last, and equal ones stay as
    /// they are. Keeps the first `most` of them, unless that is missing.
    Rank { list: Reg, keys: Reg, most: Reg, down: bool },
    /// `dst = a op consts[k]`
    BinConst { op: BinOp, dst: Reg, a: Reg, k: Ix },
}

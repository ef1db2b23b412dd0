//! The pure functions of the language: declaration and body side by side.
//!
//! Also what the operators do ([`compare`](equal), [`arithmetic`](add)) and how people read values ([`human`]), as
//! functions, operators and texts must agree.
//!
//! To add a function: a variant at the end of [`Func`], its declaration and body in the file of its group, a line in
//! [`FUNCTIONS`]. Its examples are its tests.

mod arithmetic;
mod compare;
mod dates;
mod human;
mod lists;
mod numbers;
mod spec;
mod text;

pub use arithmetic::{add, div, mul, neg, sub};
pub use compare::{equal, order};
pub use human::{FORMATS, FormatSpec, formatted, human};
pub use spec::{FnExample, FnParam, FnType, FunctionSpec, OnMissing};

use crate::schema::Schema;
use crate::value::{Moment, Value};
use serde::{Deserialize, Serialize};

/// What a computation may know of the world: it is handed in, never asked for.
#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    /// The moment of this activation.
    pub now: Moment,
    /// The workspace.
    pub schema: &'a Schema,
    /// Where `random` starts; the same for the same run. The machine makes each call of `random` different.
    pub seed: u64,
}

/// A function by number. The order is part of the stored form: add at the end, never remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Func {
    /// `upper`
    Upper,
    /// `lower`
    Lower,
    /// `trim`
    Trim,
    /// `len`
    Len,
    /// `replace`
    Replace,
    /// `split`
    Split,
    /// `join`
    Join,
    /// `print`
    Print,
    /// `format`
    Format,
    /// `round`
    Round,
    /// `abs`
    Abs,
    /// `min`
    Min,
    /// `max`
    Max,
    /// `sum`
    Sum,
    /// `avg`
    Avg,
    /// `exchange`
    Exchange,
    /// `random`
    Random,
    /// `date`
    Date,
    /// `time`
    Time,
    /// `at`
    At,
    /// `days_between`
    DaysBetween,
    /// `add_working_days`
    AddWorkingDays,
    /// `is_working_day`
    IsWorkingDay,
    /// `is_working_time`
    IsWorkingTime,
    /// `start_of`
    StartOf,
    /// `end_of`
    EndOf,
    /// `first`
    First,
    /// `last`
    Last,
}

/// All functions, in the order of [`Func`].
static FUNCTIONS: &[FunctionSpec] = &[
    text::UPPER,
    text::LOWER,
    text::TRIM,
    text::LEN,
    text::REPLACE,
    text::SPLIT,
    text::JOIN,
    text::PRINT,
    text::FORMAT,
    numbers::ROUND,
    numbers::ABS,
    numbers::MIN,
    numbers::MAX,
    numbers::SUM,
    numbers::AVG,
    numbers::EXCHANGE,
    numbers::RANDOM,
    dates::DATE,
    dates::TIME,
    dates::AT,
    dates::DAYS_BETWEEN,
    dates::ADD_WORKING_DAYS,
    dates::IS_WORKING_DAY,
    dates::IS_WORKING_TIME,
    dates::START_OF,
    dates::END_OF,
    lists::FIRST,
    lists::LAST,
];

impl Func {
    /// Its declaration; `None` only if the table and the enum differ, which a test excludes.
    fn spec(self) -> Option<&'static FunctionSpec> {
        FUNCTIONS.get(self as usize).filter(|spec| spec.func == self)
    }

    /// Its name in scripts.
    pub fn name(self) -> &'static str {
        self.spec().map_or("?", |spec| spec.name)
    }
}

/// All functions, in the order of [`Func`].
pub fn functions() -> &'static [FunctionSpec] {
    FUNCTIONS
}

/// The function of this name.
pub fn function(name: &str) -> Option<&'static FunctionSpec> {
    FUNCTIONS.iter().find(|spec| spec.name == name)
}

/// Calls a function.
///
/// # Errors
/// The message for the run that failed: a wrong number or kind of arguments, an overflow.
pub fn call(func: Func, args: &[Value], env: &Env<'_>) -> Result<Value, String> {
    let Some(spec) = func.spec() else { return Err(format!("there is no function {}", func as usize)) };
    let (least, most) = spec.arity();
    if args.len() < least || most.is_some_and(|most| args.len() > most) {
        return Err(format!("`{}` was called with {} arguments", spec.name, args.len()));
    }
    if spec.missing == OnMissing::Missing && args.contains(&Value::Missing) {
        return Ok(Value::Missing);
    }
    (spec.body)(args, env)
}

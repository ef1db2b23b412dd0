//! The form in which functions are declared.

use super::{Env, Func};
use crate::value::Value;

/// What a parameter of a function takes, or what a function gives. The checker turns it into a type.
///
/// Every parameter also takes a value that may be missing: unless [`FunctionSpec::missing`] says otherwise, the result
/// may then be missing too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FnType {
    /// Anything.
    Any,
    /// `text`, and what is written as one: members of select fields, stages, e-mails, phones, urls.
    Text,
    /// `int`
    Int,
    /// `int` or `decimal`.
    Number,
    /// `money`
    Money,
    /// `int`, `decimal` or `money`.
    Amount,
    /// `bool`
    Bool,
    /// `date`
    Date,
    /// `datetime`
    DateTime,
    /// `date` or `datetime`.
    Moment,
    /// `time`
    Time,
    /// `duration`
    Duration,
    /// What `<` works on: numbers, money, texts, dates, moments, times, durations.
    Ordered,
    /// What `+` adds up: numbers, money, durations.
    Summable,
    /// A text or a list.
    TextOrList,
    /// A currency, written as a word (`PLN`); its letters as a text at run time.
    Currency,
    /// One of these words, written bare or in quotes; a text at run time.
    Choice(&'static [&'static str]),
    /// The name of one of [`super::FORMATS`], as a constant text.
    Format,
    /// A list of these.
    ListOf(&'static FnType),
    /// Only as the last parameter: one list of these, or one or more of these as arguments. All are of one type (whole
    /// and decimal numbers count as one).
    Spread(&'static FnType),
    /// Only as a result: the type of the first argument.
    Same,
    /// Only as a result: what the list in the first argument holds; it may be missing, as the list may be empty.
    Elem,
    /// Only as a result of a `Spread`: the type of its elements; it may be missing when a list was given.
    Spreaded,
    /// Only as a result of a `Spread`: like `Spreaded`, but `decimal` for whole numbers.
    Mean,
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct FnParam {
    /// Its name in the reference and in messages.
    pub name: &'static str,
    /// What it takes.
    pub ty: FnType,
    /// Whether it must be given; those that need not come last.
    pub required: bool,
}

/// What happens when an argument is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnMissing {
    /// The result is missing.
    Missing,
    /// The function has its own answer; its result is never missing because of it.
    Handled,
}

/// An example: an expression and the literal that it gives. Tested in a workspace in Warsaw with working hours from
/// 09:00 to 17:00, Monday to Friday, the currency PLN and a rate of 4 for EUR.
#[derive(Clone, Copy, Debug)]
pub struct FnExample {
    /// The expression, a call with literals.
    pub source: &'static str,
    /// Its value as a literal.
    pub gives: &'static str,
}

/// What a computation gives, or the message for the run that failed.
pub(super) type Answer = Result<Value, String>;

/// One function: everything that anybody needs to know of it.
#[derive(Clone, Copy, Debug)]
pub struct FunctionSpec {
    /// Its name in scripts.
    pub name: &'static str,
    /// Its number.
    pub func: Func,
    /// What it takes.
    pub params: &'static [FnParam],
    /// What it gives.
    pub result: FnType,
    /// What it does with missing arguments.
    pub missing: OnMissing,
    /// One sentence.
    pub doc: &'static str,
    /// Examples, tested.
    pub examples: &'static [FnExample],
    /// What it does; the number of arguments has been checked.
    pub(super) body: fn(&[Value], &Env<'_>) -> Answer,
}

impl FunctionSpec {
    /// The smallest and the largest number of arguments; no largest when the last parameter takes any number.
    pub fn arity(&self) -> (usize, Option<usize>) {
        let least = self.params.iter().filter(|p| p.required).count();
        let open = self.params.last().is_some_and(|p| matches!(p.ty, FnType::Spread(_)));
        (least, (!open).then_some(self.params.len()))
    }
}

/// A parameter that must be given.
pub(super) const fn param(name: &'static str, ty: FnType) -> FnParam {
    FnParam { name, ty, required: true }
}

/// A parameter that may be left out.
pub(super) const fn optional(name: &'static str, ty: FnType) -> FnParam {
    FnParam { name, ty, required: false }
}

/// An example.
pub(super) const fn example(source: &'static str, gives: &'static str) -> FnExample {
    FnExample { source, gives }
}

/// The message for arguments of the wrong kind, which only data that changed its type behind a program can cause.
pub(super) fn wrong(name: &str, args: &[Value]) -> Answer {
    let shown: Vec<String> = args.iter().map(|arg| format!("`{}`", arg.brief())).collect();
    Err(format!("`{name}` cannot be used on {}", shown.join(", ")))
}

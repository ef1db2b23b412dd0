//! What is waited for.

use super::{Expr, LocalId, Stmt};
use crate::source::Span;
use crate::value::{Name, Value};

/// A checked wait.
#[derive(Clone, Debug)]
pub struct Wait {
    /// Without its cases.
    pub span: Span,
    /// How runs of older versions come here.
    pub migrations: Vec<Migration>,
    /// What for.
    pub kind: WaitKind,
    /// The limit.
    pub limit: Option<Expr>,
    /// The variable that keeps the outcome.
    pub outcome: Option<LocalId>,
    /// How it can end.
    pub possible: Vec<&'static str>,
    /// The cases: outcomes and statements.
    pub cases: Vec<(Vec<&'static str>, Vec<Stmt>)>,
    /// `case else`.
    pub otherwise: Vec<Stmt>,
}

/// `migrate`: how runs of older versions come to a wait.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The whole statement.
    pub span: Span,
    /// The words of the old wait, and where they stand; `None` for runs that slept in this very wait.
    pub from: Option<(Name, Span)>,
    /// What variables get.
    pub values: Vec<(LocalId, Carry)>,
}

/// What a variable gets.
#[derive(Clone, Debug)]
pub enum Carry {
    /// The value of the old version's variable.
    Old(Name),
    /// This.
    Const(Value),
}

/// What is waited for.
#[derive(Clone, Debug)]
pub enum WaitKind {
    /// A period or moment.
    Time(Expr),
    /// A condition.
    Until {
        /// The condition.
        cond: Expr,
        /// Whether it reads a stage, so that `final` can happen.
        stages: bool,
    },
    /// An event about one of these records.
    Event {
        /// Its name, or `activity`.
        name: Name,
        /// The records; empty for any.
        about: Vec<Expr>,
    },
    /// What people say.
    Ask(Box<Ask>),
}

/// What people are asked.
#[derive(Clone, Debug)]
pub struct Ask {
    /// To approve or reject something; else a question.
    pub approval: bool,
    /// What is approved, or the question: a text.
    pub question: Expr,
    /// Who is asked.
    pub people: Vec<Expr>,
    /// Whether all of them must approve.
    pub all: bool,
    /// The variable that gets their words.
    pub text: Option<LocalId>,
    /// The variable that gets who said it.
    pub by: Option<LocalId>,
}

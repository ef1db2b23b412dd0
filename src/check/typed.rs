//! The typed tree: what the checker makes of a rule, with every name resolved.
//!
//! It can only be built by `check`, so whatever reaches `ir` has types, existing fields and known actions. Entities and
//! fields are kept by name, because that is how a compiled rule refers to them.

mod waits;

pub use waits::{Ask, Carry, Migration, Wait, WaitKind};

use crate::catalog;
use crate::schema::{Schedule, Type};
use crate::source::{FileId, Span};
use crate::value::{Currency, Name, Period, Value};
use chrono::NaiveTime;

/// A checked rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its file.
    pub file: FileId,
    /// The whole rule in its file.
    pub span: Span,
    /// Its name as written, if it has one.
    pub name: Option<String>,
    /// Its name, or its trigger as written, for people.
    pub title: String,
    /// What sets it off.
    pub trigger: Trigger,
    /// The `if` clauses, joined.
    pub condition: Option<Expr>,
    /// The `while` clause.
    pub lifetime: Option<Expr>,
    /// What happens when it fires again.
    pub reentry: Reentry,
    /// Which origins set it off.
    pub origins: Vec<Origin>,
    /// The statements.
    pub body: Vec<Stmt>,
    /// All variables; a [`LocalId`] is an index into it.
    pub locals: Vec<Local>,
}

/// Number of a function within its workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FnId(pub u16);

/// A checked function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its file.
    pub file: FileId,
    /// The whole function in its file.
    pub span: Span,
    /// Its name.
    pub name: Name,
    /// How many of the first `locals` are its parameters.
    pub params: u16,
    /// The statements.
    pub body: Vec<Stmt>,
    /// All variables, the parameters first; a [`LocalId`] is an index into it.
    pub locals: Vec<Local>,
}

/// Number of a variable within its rule or function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalId(pub u16);

/// A variable.
#[derive(Clone, Debug)]
pub struct Local {
    /// With its `$`.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// Where it is declared.
    pub span: Span,
    /// The currency of its amounts, as far as it is known at the end of the rule.
    pub currency: Option<Currency>,
}

/// What sets a rule off.
#[derive(Clone, Debug)]
pub enum Trigger {
    /// Something happens to a record of this entity.
    Record {
        /// The entity.
        entity: Name,
        /// What happens.
        what: Change,
    },
    /// A date field comes up.
    Date {
        /// The entity.
        entity: Name,
        /// The field.
        field: Name,
        /// How far from it.
        offset: Period,
        /// Whether before it.
        before: bool,
        /// The time of day.
        at: Option<NaiveTime>,
        /// How often.
        repeat: Repeat,
    },
    /// A named event of the catalogue.
    Event {
        /// Its name.
        name: Name,
    },
    /// An e-mail stays without a reply for so long.
    Unreplied {
        /// Counted from when the customer opened it, and only then.
        opened: bool,
        /// How long.
        after: Period,
    },
    /// A schedule.
    Every(Schedule),
    /// `start` in another rule: this is a flow.
    Flow {
        /// Its name.
        name: Name,
        /// How many of the first variables are its parameters.
        params: u16,
    },
}

/// What happens to a record.
#[derive(Clone, Debug)]
pub enum Change {
    /// `created`
    Created,
    /// `updated`
    Updated,
    /// `created or updated`
    Saved,
    /// `deleted`
    Deleted,
    /// `changed field, … from … to …`
    Fields {
        /// The fields.
        fields: Vec<Name>,
        /// Only from this value.
        from: Option<Value>,
        /// Only to this value.
        to: Option<Value>,
    },
    /// `stage "X" in pipeline "Y"`
    Stage {
        /// The stages.
        stages: Vec<Name>,
        /// Only there.
        pipeline: Option<Name>,
    },
    /// `won`, `lost`, `closed`.
    Closed {
        /// Success counts.
        success: bool,
        /// Failure counts.
        failure: bool,
    },
}

/// How often a date trigger comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Once.
    Once,
    /// `monthly`
    Monthly,
    /// `yearly`
    Yearly,
}

/// What happens when a rule fires again.
#[derive(Clone, Debug)]
pub enum Reentry {
    /// `each time`
    EachTime,
    /// `once per …`
    Once {
        /// The record that counts.
        per: Expr,
        /// After how long it is forgotten.
        within: Option<Period>,
    },
    /// `one at a time`
    OneAtATime,
    /// `restart`
    Restart,
}

/// Who made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A person.
    User,
    /// Another system.
    Api,
    /// An import.
    Import,
    /// A rule.
    Rule,
}

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Its place.
    pub span: Span,
    /// Its type.
    pub ty: Type,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of typed expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// Reported already.
    Error,
    /// A constant.
    Const(Value),
    /// A variable.
    Local(LocalId),
    /// The record the rule was set off by.
    Record,
    /// The payload of the event.
    Event,
    /// The moment of the activation.
    Now,
    /// Its date.
    Today,
    /// A field, read live.
    Field(Box<Expr>, Name),
    /// `not`
    Not(Box<Expr>),
    /// unary `-`
    Neg(Box<Expr>),
    /// `and`
    And(Box<Expr>, Box<Expr>),
    /// `or`
    Or(Box<Expr>, Box<Expr>),
    /// `a default b`
    Default(Box<Expr>, Box<Expr>),
    /// `is empty`
    IsEmpty(Box<Expr>),
    /// A comparison or arithmetic.
    Binary(Op, Box<Expr>, Box<Expr>),
    /// A pure function.
    Call(catalog::Func, Vec<Expr>),
    /// A function of a script, which neither waits nor acts.
    Invoke(FnId, Vec<Expr>),
    /// A list.
    List(Vec<Expr>),
    /// A text with values in it.
    Text(Vec<Expr>),
    /// The text of a value in a format.
    Format(Box<Expr>, Name),
    /// A look at each element of a list.
    Each(Box<Each>),
    /// A question to the CRM. It is always the whole value of a variable.
    Find(Box<Find>),
    /// `{ name: value }`
    Named(Vec<(Name, Expr)>),
}

/// A search for records.
#[derive(Clone, Debug)]
pub struct Find {
    /// Their kind.
    pub entity: Name,
    /// The variable that stands for one.
    pub element: LocalId,
    /// The condition after `where`.
    pub cond: Option<Expr>,
    /// What is part of the condition: this field refers to that.
    pub link: Option<(Name, Expr)>,
    /// The value after `order by`, and whether the largest come first.
    pub order: Option<(Expr, bool)>,
    /// How many at most.
    pub limit: Option<Expr>,
}

/// A function over the elements of a list.
#[derive(Clone, Debug)]
pub struct Each {
    /// Which.
    pub how: How,
    /// The variable that stands for an element.
    pub element: LocalId,
    /// The list.
    pub list: Expr,
    /// The condition after `where`, the value after `:`.
    pub part: Option<Expr>,
}

/// The functions over the elements of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// How many.
    Count,
    /// Whether one at least.
    Any,
    /// Whether each.
    All,
    /// Those for which the condition holds.
    Filter,
    /// The same, in order.
    Sort,
    /// All, in the order of the value after `:`.
    SortBy,
    /// The value after `:` for each.
    Map,
}

/// Operators that need both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`
    In,
    /// `contains`
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

/// A typed statement.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// Its place.
    pub span: Span,
    /// What it is.
    pub kind: StmtKind,
}

/// The kinds of typed statement.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// A variable gets a value, at its declaration or later.
    Assign(LocalId, Expr),
    /// An action; its result may be kept.
    Act(Act, Option<LocalId>),
    /// A branch.
    If(Expr, Vec<Stmt>, Vec<Stmt>),
    /// `match`: the first case one of whose values equals the subject.
    Match {
        /// The value looked at.
        subject: Expr,
        /// The cases: values and statements.
        cases: Vec<(Vec<Expr>, Vec<Stmt>)>,
        /// `case else`.
        otherwise: Vec<Stmt>,
    },
    /// `for`
    For(LocalId, Expr, Vec<Stmt>),
    /// `while`
    While(Expr, Vec<Stmt>),
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// A wait; its outcome may be kept and branched on.
    Wait(Wait),
    /// A function of a script, which may wait and act; its value may be kept.
    Do {
        /// The function.
        function: FnId,
        /// The arguments, one for each parameter.
        args: Vec<Expr>,
        /// The variable that gets its value.
        keep: Option<LocalId>,
    },
    /// `start`: a flow as a run of its own.
    Start(Start),
    /// `parallel` and `race`
    Branches {
        /// Whether the first that ends cancels the others.
        race: bool,
        /// The branches.
        branches: Vec<Branch>,
    },
    /// `try`
    Try(Try),
    /// `undo`: what takes the action before it back.
    Undo {
        /// The statements.
        body: Vec<Stmt>,
        /// The variables of outside that they use.
        captured: Vec<LocalId>,
    },
    /// `return`
    Return(Option<Expr>),
    /// `stop`
    Stop,
    /// `assert`: unless the condition holds, the run fails with this text.
    Assert(Expr, Expr),
}

/// A checked `start`.
#[derive(Clone, Debug)]
pub struct Start {
    /// The file of the flow.
    pub file: FileId,
    /// Its name.
    pub name: Name,
    /// The arguments with the names of the parameters.
    pub args: Vec<(Name, Expr)>,
    /// The variable that stands for the run.
    pub keep: Option<LocalId>,
}

/// A branch.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its statements.
    pub body: Vec<Stmt>,
    /// The variables of outside that it changes.
    pub gives: Vec<LocalId>,
}

/// A checked `try`.
#[derive(Clone, Debug)]
pub struct Try {
    /// What is tried.
    pub body: Vec<Stmt>,
    /// How often again: a whole number.
    pub times: Option<Expr>,
    /// How long after a failure: a duration.
    pub pausing: Option<Expr>,
    /// The variable that gets the message.
    pub error: Option<LocalId>,
    /// What is done when nothing helped; without it the mistake goes on.
    pub otherwise: Option<Vec<Stmt>>,
}

/// A checked action.
#[derive(Clone, Debug)]
pub struct Act {
    /// What the catalogue says of it.
    pub action: &'static catalog::Action,
    /// The arguments given, by name.
    pub args: Vec<(Name, Expr)>,
}

impl Act {
    /// The argument of this name, if it was given.
    pub fn arg(&self, name: &str) -> Option<&Expr> {
        self.args.iter().find(|(given, _)| **given == *name).map(|(_, e)| e)
    }
}

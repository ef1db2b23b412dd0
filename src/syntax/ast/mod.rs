//! The tree of a script, as written.
//!
//! The tree holds no text: every name and literal is a [`Span`], and the source is asked when the text is needed. The
//! grammar accepts generously; what a shape means (which trigger, which action, which field) is decided by `check`.
//! Where the parser had to skip something there is a permanent `Error` node, so a broken script still has a tree.

mod expr;

pub use expr::{Arg, BinaryOp, Call, Expr, ExprKind, Lit, Text, TextPart, UnaryOp};

use crate::source::Span;

/// A whole script.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// Its items in order.
    pub items: Vec<Item>,
}

/// One item with its `///` description.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// From the first word to the last token (the description is outside).
    pub span: Span,
    /// What it is.
    pub kind: ItemKind,
}

/// The kinds of item.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// `rule "Name" on … { … }`, or a bare `on … { … }`.
    Rule(Box<Rule>),
    /// `every monday at 09:00 { … }`, with or without `rule "Name"` before it.
    Every(Box<Rule>),
    /// `flow name($p: type, …) { … }`.
    Flow(Box<Function>),
    /// `fn name($p: type, …) -> type { … }`.
    Fn(Box<Function>),
    /// `const $x = …;`
    Const(Box<Let>),
    /// `use "lib/legal.flow";`
    Use(Box<Text>),
    /// `test "name" { … }`.
    Test {
        /// Its name.
        name: Box<Text>,
        /// Its statements.
        body: Block,
    },
    /// Something that could not be read.
    Error,
}

/// A rule: trigger, clauses, body.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The name, where given.
    pub name: Option<Text>,
    /// What sets it off.
    pub trigger: Trigger,
    /// Its clauses in the order written.
    pub clauses: Vec<Clause>,
    /// What it does.
    pub body: Block,
}

/// What follows `on`, `every` or `wait for`: words, values and prepositions in the order written.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// From the first to the last part.
    pub span: Span,
    /// The parts.
    pub parts: Vec<TriggerPart>,
}

/// One part of a trigger.
#[derive(Clone, Debug, PartialEq)]
pub enum TriggerPart {
    /// A word, path or value: `deal`, `stage`, `"Invoice"`, `deal.close_date`, `60d`, `[Won, Lost]`.
    Atom(Expr),
    /// `,`
    Comma,
    /// `or`, as in `created or updated`.
    Or,
    /// `and`, as in `opened and unreplied`.
    And,
    /// A preposition and its value: `from 5`, `at 09:00`, `in pipeline "Sales"`, `for 2d`.
    Prep(PrepArg),
}

/// One clause of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// The whole clause.
    pub span: Span,
    /// What it is.
    pub kind: ClauseKind,
}

/// The kinds of clause.
#[derive(Clone, Debug, PartialEq)]
pub enum ClauseKind {
    /// `if condition`.
    If(Expr),
    /// `while condition`: the lifetime.
    While(Expr),
    /// `once per deal`, `once per client in 7d`.
    Once {
        /// The record that counts.
        per: Box<Expr>,
        /// After how long it is forgotten.
        within: Option<Box<Expr>>,
    },
    /// `each time`.
    EachTime,
    /// `one at a time`.
    OneAtATime,
    /// `restart`.
    Restart,
    /// `from user, api`: origins.
    From(Vec<Expr>),
}

/// `fn` or `flow`.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: Span,
    /// Its parameters.
    pub params: Vec<Param>,
    /// The type it gives back, where written.
    pub result: Option<TypeName>,
    /// Its statements.
    pub body: Block,
}

/// `$p: type`.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// The variable, with its `$`.
    pub name: Span,
    /// Its type.
    pub ty: TypeName,
}

/// `text`, `list of deal`, `date?`.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeName {
    /// The whole type.
    pub span: Span,
    /// The word that names the (element) type.
    pub name: Span,
    /// How many `list of` stand before it.
    pub lists: u32,
    /// Whether a `?` follows.
    pub optional: bool,
}

/// `{ … }` or `< … >`.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// From the opening to the closing mark.
    pub span: Span,
    /// The statements between.
    pub stmts: Vec<Stmt>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    /// The whole statement with its `;`.
    pub span: Span,
    /// What it is.
    pub kind: StmtKind,
}

/// The kinds of statement.
#[derive(Clone, Debug, PartialEq)]
pub enum StmtKind {
    /// `let $x = …;`
    Let(Box<Let>),
    /// `set a = 1, b = 2;`
    Set(Vec<Assign>),
    /// `if … { } else if … { } else { }`
    If(Box<If>),
    /// `match x { case A, B { } case else { } }`
    Match {
        /// The value looked at.
        subject: Box<Expr>,
        /// The block, whose statements are `Case`s.
        body: Block,
    },
    /// `case A, B { }` or `case else { }`; right only inside `match` and `wait`.
    Case(Box<Case>),
    /// `for $x in list { }`
    For {
        /// The variable.
        name: Span,
        /// The list.
        list: Box<Expr>,
        /// What is done for each.
        body: Block,
    },
    /// `while cond { }`
    While {
        /// The condition.
        cond: Box<Expr>,
        /// What is repeated.
        body: Block,
    },
    /// `break;`
    Break,
    /// `continue;`
    Continue,
    /// `parallel { branch { } … }`; the block's statements are `Branch`es.
    Parallel(Block),
    /// `race { branch { } … }`.
    Race(Block),
    /// `branch { }`; right only inside `parallel` and `race`.
    Branch(Block),
    /// `try { } retry 5 times pausing 10min else $error { }`
    Try(Box<Try>),
    /// `undo { }`
    Undo(Block),
    /// `do f(args);`
    Do(Expr),
    /// `start name(args);`
    Start(Expr),
    /// `return x;`
    Return(Option<Expr>),
    /// `stop;`
    Stop,
    /// `wait …;` or `wait … { case … }`
    Wait(Box<Wait>),
    /// `notify chat $room "text";` and every other action.
    Action(Box<Action>),
    /// `migrate from wait 3d with $room: $chat;`
    Migrate(Box<Migrate>),
    /// `assert cond;`
    Assert(Expr),
    /// `given $d = deal with title: "ACME";`
    Given {
        /// The variable.
        name: Span,
        /// The entity and its values, in action shape.
        what: Box<Action>,
    },
    /// `given at 2026-03-02T09:00;`
    GivenAt(Expr),
    /// `when call missed about $d with from: "…";`
    When {
        /// What happens, in the words of triggers.
        what: Box<Trigger>,
        /// The payload.
        with: Vec<Named>,
    },
    /// `for any deal with stage: "Proposal" { … }`
    ForAny {
        /// The entity.
        entity: Span,
        /// The fields that are given.
        with: Vec<Named>,
        /// What holds for every such record.
        body: Box<Block>,
    },
    /// `advance 3d;`
    Advance(Expr),
    /// `expect …;`
    Expect(Box<Expect>),
    /// Something that could not be read.
    Error,
}

/// `$x = …`, in `let` and `const`.
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// The variable, with its `$`.
    pub name: Span,
    /// What it becomes.
    pub value: Rhs,
}

/// What may stand to the right of `let $x =`.
#[derive(Clone, Debug, PartialEq)]
pub enum Rhs {
    /// A value.
    Expr(Expr),
    /// The result of an action.
    Action(Box<Action>),
    /// A query.
    Find(Box<Find>),
    /// The outcome of a wait.
    Wait(Box<Wait>),
    /// A child run: `start name(args)`.
    Start(Expr),
}

/// `target = value` in `set`.
#[derive(Clone, Debug, PartialEq)]
pub struct Assign {
    /// A path or a variable.
    pub target: Box<Expr>,
    /// The new value.
    pub value: Expr,
}

/// `if` with what follows.
#[derive(Clone, Debug, PartialEq)]
pub struct If {
    /// The condition.
    pub cond: Expr,
    /// Done when it holds.
    pub then: Block,
    /// Done when it does not.
    pub otherwise: Option<Else>,
}

/// After `else`.
#[derive(Clone, Debug, PartialEq)]
pub enum Else {
    /// `else { }`
    Block(Block),
    /// `else if … { }`
    If(Box<If>),
}

/// `case A, B { }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The values; empty for `case else`.
    pub values: Vec<Expr>,
    /// Whether it is `case else`.
    pub otherwise: bool,
    /// What is done.
    pub body: Block,
}

/// `try` with what follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Try {
    /// What is tried.
    pub body: Block,
    /// `retry 5 times`.
    pub times: Option<Expr>,
    /// `pausing 10min`.
    pub pausing: Option<Expr>,
    /// `else $error { }`: the variable, if any, and the block.
    pub otherwise: Option<(Option<Span>, Block)>,
}

/// A wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// The whole wait without its cases.
    pub span: Span,
    /// What is waited for.
    pub kind: WaitKind,
    /// `{ case … }`, where given; its statements are `Case`s.
    pub cases: Option<Block>,
}

/// The kinds of wait. The limit (`or 3d`) has been taken off the condition by the parser.
#[derive(Clone, Debug, PartialEq)]
pub enum WaitKind {
    /// `wait 3d`
    Period(Expr),
    /// `wait until cond or limit`; also `wait until moment`, told apart by type.
    Until {
        /// The condition or moment.
        cond: Expr,
        /// The last `or` operand, where it is a duration, a date or a moment by its look.
        limit: Option<Expr>,
    },
    /// `wait for …`
    For {
        /// What: `activity`, `approval`, `answer`, or a trigger.
        what: Trigger,
        /// After `or`.
        limit: Option<Expr>,
        /// The comment at the end, as in `or 2d "offer sent"`.
        comment: Option<Text>,
    },
}

/// An action in its one shape: `verb atom* (preposition expr atom*)* with name: expr, …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// The whole action without its `;`.
    pub span: Span,
    /// The verb.
    pub verb: Span,
    /// What follows the verb up to the first preposition.
    pub head: Vec<Expr>,
    /// The prepositions with what follows each.
    pub preps: Vec<PrepArg>,
    /// After `with`.
    pub with: Vec<Named>,
}

/// `to client "text"`: a preposition, its values, and atoms that follow.
#[derive(Clone, Debug, PartialEq)]
pub struct PrepArg {
    /// The preposition.
    pub prep: Span,
    /// Its values; more than one where they were separated by commas.
    pub values: Vec<Expr>,
    /// The atoms that follow without a comma.
    pub atoms: Vec<Expr>,
}

/// `name: value` after `with` and in records.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The name.
    pub name: Span,
    /// The value.
    pub value: Expr,
}

/// How runs of older versions come to the wait that follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Migrate {
    /// The old wait, as it was written.
    pub from: Option<Wait>,
    /// What variables get.
    pub values: Vec<Carried>,
}

/// `$room: $chat`
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// The variable of this version.
    pub name: Span,
    /// A value, or the variable of the old version.
    pub value: Expr,
}

/// `find deal $d where … order by … desc limit n`.
#[derive(Clone, Debug, PartialEq)]
pub struct Find {
    /// The whole query.
    pub span: Span,
    /// The entity.
    pub entity: Span,
    /// The variable of one record.
    pub name: Span,
    /// `where`.
    pub cond: Option<Expr>,
    /// `order by`, and whether `desc`.
    pub order: Option<(Expr, bool)>,
    /// `limit`.
    pub limit: Option<Expr>,
}

/// What a test expects.
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// `expect notify …;`
    Action {
        /// How often, and when.
        how: ExpectHow,
        /// The pattern.
        action: Action,
        /// What its text contains.
        contains: Option<Expr>,
    },
    /// `expect finished;`, `expect waiting until …;`, or a condition.
    State {
        /// The word or condition.
        what: Expr,
        /// After `until`.
        until: Option<Expr>,
    },
}

/// How often an expected action is done, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectHow {
    /// `expect notify …`: at least once.
    Some,
    /// `expect no notify …`
    None,
    /// `expect then notify …`: after what was expected before.
    Then,
    /// `expect 2 times notify …`: the number as written.
    Times(Span),
}

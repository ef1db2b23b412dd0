//! Expressions, literals and texts.

use super::Named;
use crate::source::Span;

/// One expression.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expr {
    /// Its place.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of expression.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ExprKind {
    /// A literal whose text is the span.
    Lit(Lit),
    /// A text, with what is between its braces.
    Text(Box<Text>),
    /// A bare word: a root (`deal`), a member of an enumeration (`Won`), a noun, `now`.
    Name,
    /// `$name`.
    Var,
    /// `user "anna"`: a noun and the name of one.
    Noun {
        /// The noun.
        noun: Span,
        /// The name.
        text: Box<Text>,
    },
    /// `base.name` or `base?.name`.
    Field {
        /// What is looked into.
        base: Box<Expr>,
        /// The field.
        name: Span,
        /// Whether `?.` was written.
        safe: bool,
    },
    /// `f(a, b)`.
    Call(Box<Call>),
    /// `[a, b]`
    List(Box<[Expr]>),
    /// `{ name: value }`
    Record(Box<[Named]>),
    /// `not x`, `-x`.
    Unary(UnaryOp, Box<Expr>),
    /// `a op b`.
    Binary(BinaryOp, Box<[Expr; 2]>),
    /// `x between a and b`.
    Between(Box<[Expr; 3]>),
    /// `x is empty`, `x is not empty`.
    IsEmpty {
        /// What is looked at.
        value: Box<Expr>,
        /// Whether `not` was written.
        negated: bool,
    },
    /// `( x )`, kept for the formatter.
    Paren(Box<Expr>),
    /// Something that could not be read.
    #[default]
    Error,
}

/// `f(a, b)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function.
    pub name: Span,
    /// The arguments.
    pub args: Vec<Arg>,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// `x`; also `$d in list`.
    Plain(Expr),
    /// `$d in list where cond`.
    Where(Box<Expr>, Box<Expr>),
    /// `$d in list: value`.
    Each(Box<Expr>, Box<Expr>),
}

/// The kinds of literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lit {
    /// `null`
    Null,
    /// `true`
    True,
    /// `false`
    False,
    /// `10_000`
    Int,
    /// `12.5`
    Decimal,
    /// `15%`
    Percent,
    /// `10000 PLN`
    Money,
    /// `2h30min`
    Duration,
    /// `2026-12-24`
    Date,
    /// `2026-12-24T09:00`
    DateTime,
    /// `09:00`
    Time,
}

/// A text literal, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// With its quotes.
    pub span: Span,
    /// Whether it is a `"""` block, whose common indentation is removed.
    pub block: bool,
    /// The pieces in order.
    pub parts: Vec<TextPart>,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum TextPart {
    /// Letters as written, escapes included.
    Raw(Span),
    /// `{expr}` or `{expr:format}`.
    Value {
        /// The expression.
        expr: Expr,
        /// The word after the colon.
        format: Option<Span>,
    },
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `not`
    Not,
    /// `-`
    Neg,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
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
    /// `not in`
    NotIn,
    /// `contains`
    Contains,
    /// `not contains`
    NotContains,
    /// `starts with`
    StartsWith,
    /// `ends with`
    EndsWith,
    /// `default`
    Default,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
}

impl BinaryOp {
    /// Whether the answer is yes or no and the operands are not.
    pub const fn compares(self) -> bool {
        match self {
            Self::Eq
            | Self::Ne
            | Self::Lt
            | Self::Le
            | Self::Gt
            | Self::Ge
            | Self::In
            | Self::NotIn
            | Self::Contains
            | Self::NotContains
            | Self::StartsWith
            | Self::EndsWith => true,
            Self::Or | Self::And | Self::Default | Self::Add | Self::Sub | Self::Mul | Self::Div => false,
        }
    }

    /// How it is written.
    pub const fn spelling(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Contains => "contains",
            Self::NotContains => "not contains",
            Self::StartsWith => "starts with",
            Self::EndsWith => "ends with",
            Self::Default => "default",
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
        }
    }
}

//! What an editor shows between the lines: types of variables, days of dates, and what can be done with an item.

use super::outline::{self, Kind};
use super::tree::{self, Part};
use super::{Workspace, words};
use crate::check::index::Symbol;
use crate::schema::Type;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Expr, ExprKind, Lit, Wait, WaitKind};
use crate::value::Moment;

/// A few words behind a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The place.
    pub at: u32,
    /// The words.
    pub text: String,
    /// Whether it is a type.
    pub is_type: bool,
}

/// The hints in a range: the type of each variable where it is declared, the day of each date, and when a wait that begins
/// now is over.
pub fn hints(workspace: &Workspace, file: FileId, range: Span, now: Moment) -> Vec<Hint> {
    let inside = |span: Span| span.start <= range.end && range.start <= span.end;
    let schema = workspace.schema();
    let text = workspace.text(file);
    let declared = workspace.uses(file).iter().filter(|one| {
        // Parameters have their type written behind them.
        let written = text.get(one.span.end as usize..).is_some_and(|rest| rest.trim_start().starts_with(':'));
        let names = matches!(one.symbol, Symbol::Variable(..) | Symbol::Constant(_));
        one.declares && names && one.ty != Type::Error && !written && inside(one.span)
    });
    let mut all: Vec<Hint> = declared
        .map(|one| Hint { at: one.span.end, text: format!(": {}", schema.type_name(&one.ty)), is_type: true })
        .collect();
    if let Some(parse) = workspace.parsed(file) {
        tree::each(&parse.file, &mut |part| {
            if let Part::Wait(wait) = part
                && let Some(e) = length_of(wait).filter(|e| inside(e.span))
                && let Ok(period) = e.span.of(text).parse()
            {
                let calendar = &schema.calendar;
                let over = calendar.local(calendar.add(now, period));
                all.push(Hint {
                    at: e.span.end,
                    text: over.format(" → %a %-d %b %Y, %H:%M").to_string(),
                    is_type: false,
                });
            }
            if let Part::Expr(e) = part
                && matches!(e.kind, ExprKind::Lit(Lit::Date | Lit::DateTime))
                && inside(e.span)
                && let Some(day) =
                    words::date(e.span.of(text)).and_then(|said| Some(said.split(',').next()?.to_owned()))
            {
                all.push(Hint { at: e.span.end, text: format!(" {day}"), is_type: false });
            }
        });
    }
    all.sort_by_key(|hint| hint.at);
    all.dedup();
    all
}

/// The length of time that a wait takes at most, where it is written out.
fn length_of(wait: &Wait) -> Option<&Expr> {
    let length = match &wait.kind {
        WaitKind::Period(e) => Some(e),
        WaitKind::Until { cond: _, limit } | WaitKind::For { what: _, limit, comment: _ } => limit.as_ref(),
    };
    length.filter(|e| matches!(e.kind, ExprKind::Lit(Lit::Duration)))
}

/// What can be done with an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lens {
    /// Run this test.
    RunTest {
        /// Its name.
        name: String,
    },
    /// Draw the rule.
    ShowGraph {
        /// The rule's name, or its trigger.
        name: String,
    },
}

/// The lenses of a script, each with its place.
pub fn lenses(workspace: &Workspace, file: FileId) -> Vec<(Span, Lens)> {
    let items = outline::declarations(workspace, file).into_iter();
    let lens = |one: outline::Declared| match one.kind {
        Kind::Test => Some((one.selection, Lens::RunTest { name: one.name })),
        Kind::Rule => Some((one.selection, Lens::ShowGraph { name: one.name })),
        Kind::Function | Kind::Flow | Kind::Constant | Kind::Use => None,
    };
    items.filter_map(lens).collect()
}

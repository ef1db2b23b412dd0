//! What tests can reach: every statement of every rule and function, and every way in which a wait can end.

use crate::check::typed::{Stmt, StmtKind};
use crate::check::{Checked, visit};
use crate::source::{FileId, Span};

/// A statement.
#[derive(Clone, Debug)]
pub struct Point {
    /// Its file.
    pub file: FileId,
    /// Its place.
    pub span: Span,
    /// Where the rule or function that it is in begins.
    pub item: u32,
    /// How it can end, if it is a wait.
    pub outcomes: Vec<&'static str>,
}

/// All statements, in the order of files and places.
pub fn points(checked: &Checked) -> Vec<Point> {
    let rules = checked.rules.iter().map(|rule| (rule.file, rule.span, &rule.body));
    let functions = checked.functions.iter().flatten().map(|function| (function.file, function.span, &function.body));
    let mut found = Vec::new();
    for (file, item, body) in rules.chain(functions) {
        visit::each_stmt(body, &mut |stmt: &Stmt| {
            let outcomes = match &stmt.kind {
                StmtKind::Wait(wait) => wait.possible.clone(),
                _ => Vec::new(),
            };
            found.push(Point { file, span: stmt.span, item: item.start, outcomes });
        });
    }
    found.sort_by_key(|point| (point.file, point.span));
    found
}

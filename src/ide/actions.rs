//! What can be done about a place: the fixes of what is wrong there.

use super::Workspace;
use crate::diagnostics::{Diagnostic, Fix};
use crate::source::{FileId, Span};

/// A way to mend a mistake.
#[derive(Clone, Debug)]
pub struct Mend<'a> {
    /// The mistake.
    pub of: &'a Diagnostic,
    /// What is done.
    pub fix: &'a Fix,
    /// Whether it is what was meant, as far as can be told.
    pub best: bool,
}

/// The fixes of what is wrong in a range.
pub fn mends(workspace: &Workspace, file: FileId, range: Span) -> Vec<Mend<'_>> {
    let touches = |d: &&Diagnostic| d.span().start <= range.end && range.start <= d.span().end;
    let found = workspace.diagnostics(file).iter().filter(touches);
    found.flat_map(|of| of.fixes.iter().zip(0..).map(move |(fix, at)| Mend { of, fix, best: at == 0 })).collect()
}

/// The fixes of the whole file that are certain, none overlapping another.
pub fn certain(workspace: &Workspace, file: FileId) -> Vec<&Fix> {
    let mut end = 0;
    let mut all = Vec::new();
    for diagnostic in workspace.diagnostics(file).iter().filter(|d| d.code.fix_is_certain()) {
        let Some(fix) = diagnostic.fixes.first() else { continue };
        let start = fix.edits.iter().map(|edit| edit.span.start).min().unwrap_or(0);
        if start >= end && fix.edits.iter().all(|edit| edit.file == file) {
            end = fix.edits.iter().map(|edit| edit.span.end).max().unwrap_or(end).max(start + 1);
            all.push(fix);
        }
    }
    all
}

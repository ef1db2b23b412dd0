//! Layout as edits, so that an editor keeps cursor and folds where nothing changes.

use super::Workspace;
use super::tree::{self, Part};
use crate::fmt;
use crate::source::{FileId, Span};
use similar::{DiffTag, TextDiff};
use std::ops::Range;

/// A replacement in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// The changes that lay a script out. None for one with mistakes: what cannot be read cannot be laid out.
pub fn format(workspace: &Workspace, file: FileId) -> Vec<Change> {
    let text = workspace.text(file);
    match workspace.parsed(file).map(|_| fmt::format(text)) {
        Some(Ok(new)) => changes(text, &new),
        Some(Err(_)) | None => Vec::new(),
    }
}

/// Those changes that touch a range.
pub fn format_range(workspace: &Workspace, file: FileId, range: Span) -> Vec<Change> {
    let touches = |change: &Change| change.span.start <= range.end && range.start <= change.span.end;
    format(workspace, file).into_iter().filter(touches).collect()
}

/// Those changes that lie within what was just ended by a `;` or the mark of a block before an offset.
pub fn format_typed(workspace: &Workspace, file: FileId, at: u32) -> Vec<Change> {
    let Some(parse) = workspace.parsed(file) else { return Vec::new() };
    let ended = tree::around(&parse.file, at).into_iter().rev().find(|part| match part {
        Part::Item(item) => item.span.end == at,
        Part::Stmt(stmt) => stmt.span.end == at,
        Part::Block(_) | Part::Wait(_) | Part::Action(_) | Part::Expr(_) | Part::Text(_) | Part::Other(_) => false,
    });
    let (Some(ended), Some(source)) = (ended, workspace.source(file)) else { return Vec::new() };
    let line = |offset| source.lines.line_col(&source.text, offset).line;
    let (from, to) = (line(ended.span().start), line(ended.span().end));
    let inside = |change: &Change| {
        let last = if source.text.get(..change.span.end as usize).is_some_and(|t| t.ends_with('\n')) {
            change.span.end.saturating_sub(1)
        } else {
            change.span.end
        };
        from <= line(change.span.start) && line(last) <= to
    };
    format(workspace, file).into_iter().filter(inside).collect()
}

/// The lines that differ, as replacements.
fn changes(old: &str, new: &str) -> Vec<Change> {
    let diff = TextDiff::from_lines(old, new);
    let starts = |lines: &[&str]| -> Vec<usize> {
        let ends = lines.iter().scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        });
        std::iter::once(0).chain(ends).collect()
    };
    let (before, after) = (starts(diff.old_slices()), starts(diff.new_slices()));
    let place = |starts: &[usize], at: usize| starts.get(at).copied().unwrap_or(0);
    let mut all = Vec::new();
    let mut replace = |lines: Range<usize>, others: Range<usize>| {
        let offset = |at| u32::try_from(place(&before, at)).unwrap_or(u32::MAX);
        let text = new.get(place(&after, others.start)..place(&after, others.end)).unwrap_or("");
        all.push(Change { span: Span::new(offset(lines.start), offset(lines.end)), text: text.to_owned() });
    };
    for op in diff.ops().iter().filter(|op| op.tag() != DiffTag::Equal) {
        let (lines, others) = (op.old_range(), op.new_range());
        if lines.len() == others.len() {
            // Line by line, so that each can be taken by itself.
            for (line, other) in lines.zip(others) {
                replace(line..line + 1, other..other + 1);
            }
        } else {
            replace(lines, others);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::changes;

    #[test]
    fn only_lines_that_differ_are_replaced() {
        let (old, new) = ("a\nb\nc\nd", "a\nB\nc\nd\n");
        let mut text = old.to_owned();
        let found = changes(old, new);
        assert_eq!(found.len(), 2);
        for change in found.iter().rev() {
            text.replace_range(change.span.start as usize..change.span.end as usize, &change.text);
        }
        assert_eq!(text, new);
        assert_eq!(changes(new, new), []);
    }
}

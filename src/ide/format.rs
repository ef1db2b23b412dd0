//! Layout as edits, so that an editor keeps cursor and folds where nothing changes.

use super::Workspace;
use crate::fmt;
use crate::source::{FileId, Span};
use similar::{DiffTag, TextDiff};

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
    diff.ops()
        .iter()
        .filter(|op| op.tag() != DiffTag::Equal)
        .map(|op| {
            let (lines, others) = (op.old_range(), op.new_range());
            let offset = |at| u32::try_from(place(&before, at)).unwrap_or(u32::MAX);
            let text = new.get(place(&after, others.start)..place(&after, others.end)).unwrap_or("");
            Change { span: Span::new(offset(lines.start), offset(lines.end)), text: text.to_owned() }
        })
        .collect()
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

//! Text and places in it: the leftmost stage, used by all others.
//!
//! A [`Span`] is two byte offsets and nothing else, so that trees stay small and can be written down; the file and
//! the text join only when something is shown ([`SourceFile`], [`Sources`]).

mod lines;

pub use lines::{Encoding, LineCol, LineIndex};

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A half-open range of byte offsets in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The empty range at `at`.
    pub const fn at(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty range at the end of this one.
    #[must_use]
    pub const fn tail(self) -> Self {
        Self { start: self.end, end: self.end }
    }

    /// Length in bytes.
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether the range holds no byte.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The text of this range; empty when the range does not lie inside `text` on character borders.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// Number of a file within one [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// One text with its name, as shown to the user.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path or name that messages show.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
    /// Where its lines start.
    pub lines: LineIndex,
}

impl SourceFile {
    /// A file of this name and text.
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: name.into(), text: text.into(), lines: LineIndex::new(text) }
    }
}

/// All texts of a workspace; spans mean something only together with a [`FileId`] of it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a text and says its number.
    pub fn add(&mut self, name: &str, text: &str) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile::new(name, text));
        id
    }

    /// Gives a file another text; nothing happens for an unknown number.
    pub fn set(&mut self, id: FileId, text: &str) {
        if let Some(file) = self.files.get_mut(id.0 as usize) {
            file.text = text.into();
            file.lines = LineIndex::new(text);
        }
    }

    /// The file of this number.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// The text of a file; empty for an unknown number.
    pub fn text(&self, id: FileId) -> &str {
        self.get(id).map_or("", |f| &f.text)
    }

    /// All files with their numbers, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }
}

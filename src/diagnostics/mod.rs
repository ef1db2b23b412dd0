//! One mistake, one [`Diagnostic`]: a code, the smallest span, the reason, a thing to do.
//!
//! Everything that can be wrong with a script, a schema or an event file is told by this one type. It is plain data;
//! [`render`] turns it into a terminal report, one line, or JSON, and nothing else in the crate knows how.
//!
//! Wording: start lower case, no full stop, the user's text in backticks, never a name of our own code.

mod code;
mod lints;
pub mod render;
mod sarif;
mod suggest;

pub use code::{Code, Severity};
pub use sarif::Sarif;
pub use suggest::{did_you_mean, one_of};

use crate::source::{FileId, Span};

/// A place with a few words on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The file that `span` belongs to.
    pub file: FileId,
    /// The place.
    pub span: Span,
    /// What is to be said of it; may be empty.
    pub text: String,
}

/// A replacement of one span by a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file that `span` belongs to.
    pub file: FileId,
    /// What is replaced; empty to insert.
    pub span: Span,
    /// The new text; empty to delete.
    pub text: String,
}

/// A way to mend a mistake that a tool can apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an editor's menu shows it.
    pub title: String,
    /// The changes, none overlapping another.
    pub edits: Vec<Edit>,
}

/// One mistake or remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code; decides severity and explain page.
    pub code: Code,
    /// What is wrong, in the user's words.
    pub message: String,
    /// The places; the first is the mistake itself, the others the reason.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// Edits that mend it, the best first.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A mistake at a place.
    pub fn new(code: Code, file: FileId, span: Span, message: impl Into<String>) -> Self {
        let label = Label { file, span, text: String::new() };
        Self { code, message: message.into(), labels: vec![label], help: None, fixes: Vec::new() }
    }

    /// Puts words on the first place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Adds a second place, the reason.
    #[must_use]
    pub fn because(mut self, file: FileId, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { file, span, text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Says what to do, if there is anything to say.
    #[must_use]
    pub fn maybe_help(mut self, text: Option<String>) -> Self {
        self.help = text.or(self.help);
        self
    }

    /// Adds a fix that replaces one span in the file of the first label.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        let file = self.file();
        self.fixes.push(Fix { title: title.into(), edits: vec![Edit { file, span, text: text.into() }] });
        self
    }

    /// How bad it is; a property of the code.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// The file of the mistake.
    pub fn file(&self) -> FileId {
        self.labels.first().map_or(FileId(0), |l| l.file)
    }

    /// The place of the mistake.
    pub fn span(&self) -> Span {
        self.labels.first().map_or(Span::at(0), |l| l.span)
    }
}

/// Sorts by file and place, and drops exact repetitions, so that output is stable.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| (a.file(), a.span(), a.code, &a.message).cmp(&(b.file(), b.span(), b.code, &b.message)));
    diagnostics.dedup();
}

/// Whether any of them is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity() == Severity::Error)
}

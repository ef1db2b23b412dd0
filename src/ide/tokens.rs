//! What every word of a script is, for colours that know more than spelling.

use super::Workspace;
use super::highlight::{Class, highlight};
use crate::check::index::Symbol;
use crate::source::{FileId, Span};

/// What a word is. The order is that of the legend that editors are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A word of the language.
    Keyword,
    /// A word that begins an action, and a function.
    Function,
    /// A variable.
    Variable,
    /// A parameter of an action.
    Parameter,
    /// A field.
    Property,
    /// A kind of record.
    Class,
    /// A stage, an option, an outcome.
    EnumMember,
    /// A named event.
    Event,
    /// A text.
    Text,
    /// A number, a date, a period.
    Number,
    /// A comment.
    Comment,
}

impl Kind {
    /// All kinds, in order.
    pub const ALL: [Self; 11] = [
        Self::Keyword,
        Self::Function,
        Self::Variable,
        Self::Parameter,
        Self::Property,
        Self::Class,
        Self::EnumMember,
        Self::Event,
        Self::Text,
        Self::Number,
        Self::Comment,
    ];
}

/// A word with what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its place.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
    /// Whether it is declared here.
    pub declares: bool,
    /// Whether it can never change: a constant, and what the workspace names.
    pub fixed: bool,
}

/// The words of a script in order, none overlapping another.
pub fn tokens(workspace: &Workspace, file: FileId) -> Vec<Word> {
    let text = workspace.text(file);
    let mut all: Vec<Word> = workspace
        .uses(file)
        .iter()
        .map(|one| {
            let (kind, fixed) = of_symbol(&one.symbol);
            // In a text only what stands between its braces is a name.
            let kind = if text.get(one.span.start as usize..).is_some_and(|t| t.starts_with('"')) {
                Kind::EnumMember
            } else {
                kind
            };
            Word { span: one.span, kind, declares: one.declares, fixed }
        })
        .collect();
    all.sort_by_key(|word| (word.span.start, word.span.end));
    let mut names: Vec<Word> = Vec::with_capacity(all.len());
    for word in all {
        if names.last().is_none_or(|last| last.span.end <= word.span.start) {
            names.push(word);
        }
    }
    let mut words = names.clone();
    for (span, class) in highlight(text) {
        let kind = match class {
            Class::Keyword => Kind::Keyword,
            Class::Verb => Kind::Function,
            Class::Variable => Kind::Variable,
            Class::Text => Kind::Text,
            Class::Number => Kind::Number,
            Class::Comment => Kind::Comment,
            Class::Wrong => continue,
        };
        // What has a meaning is known better; a text is cut around the names in it.
        let mut start = span.start;
        let from = names.partition_point(|word| word.span.end <= span.start);
        for word in names.get(from..).unwrap_or(&[]).iter().take_while(|word| word.span.start < span.end) {
            push(&mut words, Span::new(start, word.span.start), kind);
            start = word.span.end;
        }
        push(&mut words, Span::new(start, span.end), kind);
    }
    words.sort_by_key(|word| (word.span.start, word.span.end));
    words
}

fn push(words: &mut Vec<Word>, span: Span, kind: Kind) {
    if !span.is_empty() {
        words.push(Word { span, kind, declares: false, fixed: false });
    }
}

fn of_symbol(symbol: &Symbol) -> (Kind, bool) {
    match symbol {
        Symbol::Variable(..) => (Kind::Variable, false),
        Symbol::Constant(_) | Symbol::Binding(_) => (Kind::Variable, true),
        Symbol::Function(..) | Symbol::Builtin(_) | Symbol::Action(_) => (Kind::Function, false),
        Symbol::Entity(_) => (Kind::Class, false),
        Symbol::Root(_) => (Kind::Variable, true),
        Symbol::Field(..) | Symbol::Member(_) => (Kind::Property, false),
        Symbol::Parameter(..) => (Kind::Parameter, false),
        Symbol::Stage(..) | Symbol::Pipeline(..) | Symbol::Choice(..) | Symbol::Outcome(_) | Symbol::Thing(..) => {
            (Kind::EnumMember, true)
        }
        Symbol::Event(_) => (Kind::Event, false),
    }
}

//! What can stand at a place: words of the language, fields, stages, people, actions with their parameters.
//!
//! It looks at the tokens before the place, not at a tree: what is being typed has none. What it offers may still be
//! wrong; the checker decides.

mod pipeline;
mod place;
mod words;

use crate::schema::{Schema, Type};
use crate::source::FileId;
use crate::syntax::lexer;
use place::{Place, place};
use std::collections::BTreeSet;

/// What is known beside the text.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The workspace.
    pub schema: &'a Schema,
    /// Variables with their types, with their `$`.
    pub variables: &'a [(String, Type)],
    /// Whether the text is typed at a prompt, where expressions and items begin like statements.
    pub prompt: bool,
    /// Whether the place is outside of every block, so that items begin there.
    pub items: bool,
}

/// One thing that can stand there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The text that replaces what was typed from [`Completions::start`] on.
    pub insert: String,
    /// A few words on what it is; may be empty.
    pub detail: String,
    /// What it is.
    pub kind: Kind,
    /// The text with places to fill in, as editors write them: `${1:chat}`. Only for whole actions.
    pub snippet: Option<String>,
}

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A word of the language.
    Word,
    /// An action, or a verb that begins one.
    Action,
    /// A function.
    Function,
    /// A variable.
    Variable,
    /// A field.
    Field,
    /// A kind of record.
    Entity,
    /// A stage, an option, or a thing of the workspace.
    Member,
}

/// What can stand at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// Where the word begins that is being typed, in bytes.
    pub start: usize,
    /// What fits, the likeliest first, without repetition.
    pub candidates: Vec<Candidate>,
}

/// What can stand at the offset `at` of a text.
pub fn complete(text: &str, at: usize, names: Names<'_>) -> Completions {
    let at = text.floor_char_boundary(at);
    let before = text.get(..at).unwrap_or("");
    let mut told = Vec::new();
    let mut tokens = lexer::lex(before, 0, FileId::default(), &mut told).tokens;
    if let Some(open) = tokens.last().filter(|t| before.get(t.span.start as usize..).is_some_and(is_open_text)).copied()
    {
        let start = open.span.start as usize + 1;
        let inner = before.get(start..).unwrap_or("");
        if let Some(brace) = unclosed(inner) {
            let mut found = complete(
                inner.get(brace..).unwrap_or(""),
                inner.len() - brace,
                Names { prompt: true, items: false, ..names },
            );
            found.start += start + brace;
            return found;
        }
        tokens.pop();
        let candidates = words::quoted(before, &tokens, names);
        return fitting(start, inner, candidates);
    }
    let start = word_start(before);
    let prefix = before.get(start..).unwrap_or("");
    tokens.retain(|t| (t.span.end as usize) <= start);
    let candidates = match place(before, &tokens, prefix, names) {
        Place::Field(ty) => words::fields(&ty, names.schema),
        Place::Variable => words::variables(names),
        Place::Statement if names.items => words::items(),
        Place::Statement => words::statement_starts(names, tokens.is_empty() && names.prompt),
        Place::Trigger(done) => words::trigger(&done, names.schema),
        Place::Noun(noun) => words::nouns(&noun, names.schema, true),
        Place::Members(ty) => {
            let all = words::members(&ty, names.schema, true);
            let mut all = pipeline::narrowed(before, &ty, names.schema, all);
            all.extend(words::values(names));
            all
        }
        Place::Action(words_before) => words::action(&words_before, names),
        Place::Find(done) => words::find(done, names),
        Place::Migrate(part) => words::migrate(part, names),
        Place::Value => words::values(names),
    };
    fitting(start, prefix, candidates)
}

/// Those that begin as typed, the most fitting first.
fn fitting(start: usize, prefix: &str, mut candidates: Vec<Candidate>) -> Completions {
    let wanted = prefix.to_lowercase();
    let mut seen = BTreeSet::new();
    candidates.retain(|c| {
        let fits = c.insert.trim_start_matches('"').to_lowercase().starts_with(&wanted) && c.insert != prefix;
        fits && seen.insert(c.insert.clone())
    });
    Completions { start, candidates }
}

/// Whether a text begins here that has no end.
fn is_open_text(from: &str) -> bool {
    from.starts_with('"') && !from.starts_with("\"\"\"") && {
        let mut told = Vec::new();
        lexer::lex(from, 0, FileId::default(), &mut told);
        told.iter().any(|d| d.span().start == 0)
    }
}

/// Behind the last `{` that is not closed.
fn unclosed(inner: &str) -> Option<usize> {
    let open = inner.rfind('{')?;
    (!inner.get(open..)?.contains('}')).then_some(open + 1)
}

fn word_start(before: &str) -> usize {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    before.char_indices().rev().take_while(|(_, c)| word(*c)).last().map_or(before.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests;

//! What the line editor shows while one types: colours, candidates, hints, and whether Enter ends the text.

use super::command::COMMANDS;
use super::session::{Session, ends_here};
use crate::ide::complete::{Completions, Names, complete};
use crate::ide::highlight::{Class, highlight};
use crate::schema::{Schema, Type};
use crate::syntax::open;
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

/// The editor's helper, with a copy of what the session knows.
pub(super) struct Face {
    schema: Arc<Schema>,
    variables: Vec<(String, Type)>,
    color: bool,
}

impl Face {
    pub(super) fn new(session: &Session, color: bool) -> Self {
        let mut face = Self { schema: Arc::clone(session.schema()), variables: Vec::new(), color };
        face.learn(session);
        face
    }

    /// Takes over what the session knows now.
    pub(super) fn learn(&mut self, session: &Session) {
        self.schema = Arc::clone(session.schema());
        self.variables = session.variables().map(|(name, ty)| (name.to_owned(), ty.clone())).collect();
    }

    fn candidates(&self, line: &str, pos: usize) -> Completions {
        if let Some(rest) = line.strip_prefix(':') {
            return self.for_command(rest, line, pos);
        }
        let names = Names { schema: &self.schema, variables: &self.variables, prompt: true, items: false };
        complete(line, pos, names)
    }

    /// Commands by name; what follows them as far as it is a name of the workspace or a text of the language.
    fn for_command(&self, rest: &str, line: &str, pos: usize) -> Completions {
        let candidate = |insert: &str, detail: &str| crate::ide::complete::Candidate {
            insert: insert.to_owned(),
            detail: detail.to_owned(),
            kind: crate::ide::complete::Kind::Word,
            snippet: None,
        };
        let Some((command, typed)) = rest.split_once(' ') else {
            let fitting = COMMANDS.iter().filter(|spec| spec.name.starts_with(line));
            return Completions { start: 0, candidates: fitting.map(|s| candidate(s.name, s.doc)).collect() };
        };
        let start = line.len() - typed.len();
        let entities = || self.schema.entities.iter().filter(|e| e.name.starts_with(typed));
        match command {
            "schema" | "records" | "use" => {
                Completions { start, candidates: entities().map(|e| candidate(&e.name, &e.label)).collect() }
            }
            "actions" => {
                let fitting = crate::catalog::actions().filter(|a| a.id.starts_with(typed));
                Completions { start, candidates: fitting.map(|a| candidate(a.id, a.summary)).collect() }
            }
            "type" => {
                let names = Names { schema: &self.schema, variables: &self.variables, prompt: true, items: false };
                let mut found = complete(typed, pos.saturating_sub(start), names);
                found.start += start;
                found
            }
            _ => Completions { start, candidates: Vec::new() },
        }
    }
}

impl Helper for Face {}

impl Completer for Face {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let found = self.candidates(line, pos);
        let pairs = found.candidates.into_iter().map(|c| {
            let display = if c.detail.is_empty() { c.insert.clone() } else { format!("{}  {}", c.insert, c.detail) };
            Pair { display, replacement: c.insert }
        });
        Ok((found.start, pairs.collect()))
    }
}

impl Hinter for Face {
    type Hint = String;

    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<String> {
        if pos < line.len() || line.ends_with(char::is_whitespace) {
            return None;
        }
        let found = self.candidates(line, pos);
        let [only] = found.candidates.as_slice() else { return None };
        let typed = line.get(found.start..pos).filter(|typed| !typed.is_empty())?;
        only.insert.strip_prefix(typed).map(str::to_owned)
    }
}

impl Validator for Face {
    fn validate(&self, ctx: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = ctx.input();
        let command = text.trim_start().starts_with(':');
        let open = !command && !ends_here(text) && open::is_open(text);
        Ok(if open { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Highlighter for Face {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.color || line.starts_with(':') {
            return Cow::Borrowed(line);
        }
        let mut out = String::with_capacity(line.len() * 2);
        let mut at = 0;
        for (span, class) in highlight(line) {
            let (start, end) = (span.start as usize, span.end as usize);
            if start < at {
                continue;
            }
            out.push_str(line.get(at..start).unwrap_or(""));
            let _ = write!(out, "\x1b[{}m{}\x1b[0m", color(class), span.of(line));
            at = end;
        }
        out.push_str(line.get(at..).unwrap_or(""));
        Cow::Owned(out)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.color { Cow::Owned(format!("\x1b[2m{hint}\x1b[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.color
    }
}

/// The terminal's own colours, so that every theme stays legible.
const fn color(class: Class) -> u8 {
    match class {
        Class::Keyword => 35,
        Class::Verb => 34,
        Class::Variable => 36,
        Class::Text => 32,
        Class::Number => 33,
        Class::Comment => 2,
        Class::Wrong => 31,
    }
}

//! A stream of lines → a stream of events, with line numbers.

use super::parse::{LineError, cut, parse_line};
use crate::diagnostics::{Code, Diagnostic};
use crate::engine::Event;
use crate::schema::Schema;
use crate::source::{Sources, Span};
use std::fmt;
use std::io::{self, BufRead, Read};

/// The longest line, in bytes: more is no event but a broken file.
const LONGEST_LINE: u64 = 1 << 20;

/// The events of a file, one by one; after a bad line it goes on with the next. Empty lines do not count.
pub struct Events<'s, R> {
    input: R,
    name: String,
    schema: &'s Schema,
    line: usize,
    buffer: Vec<u8>,
    before: String,
}

/// Why there is no event.
#[derive(Debug)]
pub enum EventError {
    /// The line cannot be used.
    Line(BadLine),
    /// The file cannot be read on.
    Io(io::Error),
}

/// A line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The file's name.
    pub file: String,
    /// The line's number from 1.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// The text of the line before it, to find the place by.
    pub before: String,
    /// What is wrong.
    pub error: LineError,
}

impl<'s, R: BufRead> Events<'s, R> {
    /// The events of an input; `name` is what messages call it.
    pub fn new(name: &str, input: R, schema: &'s Schema) -> Self {
        Self { input, name: name.to_owned(), schema, line: 0, buffer: Vec::new(), before: String::new() }
    }

    /// The number of the last line that was read, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The last line that was read, without its end.
    pub fn last_line(&self) -> &[u8] {
        self.buffer.trim_ascii_end()
    }

    /// Reads a line without looking at it; false at the end of the file.
    pub fn skip_line(&mut self) -> io::Result<bool> {
        let line = self.next_line()?;
        if let Some(Ok(text)) = &line {
            text.clone_into(&mut self.before);
        }
        Ok(line.is_some())
    }

    /// The next line without its end; `None` at the end of the file.
    fn next_line(&mut self) -> io::Result<Option<Result<String, LineError>>> {
        self.buffer.clear();
        let read = self.input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.buffer)?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        let error = |message: &str| LineError { span: None, message: message.to_owned(), help: None };
        if self.buffer.last() != Some(&b'\n') && read as u64 == LONGEST_LINE {
            self.input.skip_until(b'\n')?;
            return Ok(Some(Err(error("the line is longer than a megabyte"))));
        }
        let text = std::str::from_utf8(&self.buffer).map(|text| text.trim_end_matches(['\n', '\r']).to_owned());
        Ok(Some(text.map_err(|_| error("the line is not UTF-8 text"))))
    }
}

impl<R: BufRead> Iterator for Events<'_, R> {
    type Item = Result<Event, EventError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (text, event) = match self.next_line() {
                Err(error) => return Some(Err(EventError::Io(error))),
                Ok(None) => return None,
                Ok(Some(Err(error))) => (String::new(), Err(error)),
                Ok(Some(Ok(text))) => {
                    // Some programs begin a file with a mark of its encoding.
                    let clean = if self.line == 1 { text.trim_start_matches('\u{feff}') } else { &text };
                    if clean.trim().is_empty() {
                        self.before = text;
                        continue;
                    }
                    let event = parse_line(clean, self.schema);
                    (clean.to_owned(), event)
                }
            };
            return Some(match event {
                Ok(event) => {
                    self.before = text;
                    Ok(event)
                }
                Err(error) => {
                    let before = std::mem::replace(&mut self.before, text.clone());
                    let bad = BadLine { file: self.name.clone(), line: self.line, text, before, error };
                    Err(EventError::Line(bad))
                }
            });
        }
    }
}

impl BadLine {
    /// As a diagnostic, added to `sources` with the line at its place in the file.
    pub fn diagnostic(&self, sources: &mut Sources) -> Diagnostic {
        // Reports count lines from the start of a text, so the lines that we no longer have are empty ones.
        let mut text = "\n".repeat(self.line.saturating_sub(2));
        if self.line > 1 {
            text.push_str(&cut(&self.before, SHOWN));
            text.push('\n');
        }
        let start = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let behind = self.error.span.map_or(0, |span| span.end.min(span.start.saturating_add(MARKED)) as usize);
        text.push_str(&cut(&self.text, behind + SHOWN));
        let file = sources.add(&self.file, &text);
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX).saturating_sub(start);
        let span = self.error.span.map_or_else(
            || Span::new(start, u32::try_from(text.len()).unwrap_or(u32::MAX)),
            |span| Span::new(start.saturating_add(span.start), start.saturating_add(span.end.min(end))),
        );
        Diagnostic::new(Code::E0704, file, span, &self.error.message).maybe_help(self.error.help.clone())
    }
}

/// How much of a line is shown where nothing is wrong, and of what is wrong itself, in bytes: a line may have a megabyte.
const SHOWN: usize = 300;
const MARKED: u32 = 300;

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, Code::E0704, self.error.message)
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(bad) => bad.fmt(f),
            Self::Io(error) => write!(f, "the events cannot be read: {error}"),
        }
    }
}

impl std::error::Error for EventError {}

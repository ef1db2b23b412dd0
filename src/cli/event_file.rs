//! An event file that is taken up again where it was left.
//!
//! A file is known again by its content: by its first line, and by a digest of all lines that were taken. So it may be
//! renamed and may grow, but what was taken must not change.

use super::events::{EventError, Events};
use super::out::{terminal_width, use_color_on_stderr};
use super::workspace::cannot;
use crate::diagnostics::render;
use crate::engine::{Cursor, Event, Store};
use crate::schema::Schema;
use crate::source::Sources;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// What comes next.
pub(super) enum Next {
    /// An event.
    Event(Box<Event>),
    /// A line that cannot be used, as a report.
    Bad(String),
}

/// An open event file.
pub(super) struct EventFile<'s> {
    path: PathBuf,
    events: Events<'s, BufReader<File>>,
    size: u64,
    /// Bytes taken, without line ends.
    position: u64,
    taken: Taken,
    /// The state before the last event, to put it back.
    before: Option<Taken>,
}

/// What was taken of a file.
#[derive(Clone, Default)]
struct Taken {
    /// The source's name in the store: the digest of its first line.
    source: String,
    lines: u64,
    digest: Sha256,
}

impl Taken {
    fn line(&mut self, number: usize, text: &[u8]) {
        self.lines = number as u64;
        if text.is_empty() {
            return;
        }
        if self.source.is_empty() {
            self.source = hex(&Sha256::digest(text));
        }
        self.digest.update(text);
        self.digest.update(b"\n");
    }

    fn prefix(&self) -> [u8; 32] {
        self.digest.clone().finalize().into()
    }
}

impl<'s> EventFile<'s> {
    /// Opens the file and skips what the store has taken of it.
    pub(super) fn open(path: &Path, schema: &'s Schema, store: &dyn Store) -> Result<Self, String> {
        let file = File::open(path).map_err(|e| cannot("read", path, &e))?;
        let size = file.metadata().map_err(|e| cannot("read", path, &e))?.len();
        let mut found = Self {
            path: path.to_owned(),
            events: lines(path, file, schema),
            size,
            position: 0,
            taken: Taken::default(),
            before: None,
        };
        let cursor = found.first_cursor(store)?;
        if cursor.lines == 0 {
            let file = File::open(path).map_err(|e| cannot("read", path, &e))?;
            found.events = lines(path, file, schema);
            (found.taken, found.position) = (Taken::default(), 0);
        } else {
            found.skip(&cursor)?;
        }
        Ok(found)
    }

    /// What the store knows of a file with this first line.
    fn first_cursor(&mut self, store: &dyn Store) -> Result<Cursor, String> {
        while self.taken.source.is_empty() {
            if !self.skip_line()? {
                return Ok(Cursor::default());
            }
        }
        store.cursor(&self.taken.source).map_err(|e| e.to_string())
    }

    fn skip(&mut self, cursor: &Cursor) -> Result<(), String> {
        let advice = "give the same file, with new lines at its end";
        while self.taken.lines < cursor.lines {
            if !self.skip_line()? {
                let (path, now, then) = (self.path.display(), self.taken.lines, cursor.lines);
                return Err(format!("`{path}` has only {now} lines, but {then} were taken before: {advice}"));
            }
        }
        if self.taken.prefix() == cursor.prefix {
            return Ok(());
        }
        let (path, lines) = (self.path.display(), cursor.lines);
        Err(format!("the first {lines} lines of `{path}` are not those that were taken before: {advice}"))
    }

    fn skip_line(&mut self) -> Result<bool, String> {
        let more = self.events.skip_line().map_err(|e| cannot("read", &self.path, &e))?;
        if more {
            self.note_line();
        }
        Ok(more)
    }

    fn note_line(&mut self) {
        let text = self.events.last_line();
        self.position += text.len() as u64 + 1;
        self.taken.line(self.events.line(), text);
    }

    /// The number of the line that was read last.
    pub(super) fn line(&self) -> usize {
        self.events.line()
    }

    /// The next event or bad line; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Next>, String> {
        self.before = Some(self.taken.clone());
        let Some(event) = self.events.next() else { return Ok(None) };
        self.note_line();
        match event {
            Ok(event) => Ok(Some(Next::Event(Box::new(event)))),
            Err(EventError::Line(bad)) => {
                let mut sources = Sources::default();
                let report = bad.diagnostic(&mut sources);
                let text = render::terminal(&[report], &sources, use_color_on_stderr(), terminal_width());
                Ok(Some(Next::Bad(text)))
            }
            Err(EventError::Io(error)) => Err(cannot("read", &self.path, &error)),
        }
    }

    /// The last line was not taken: it comes again next time.
    pub(super) fn put_back(&mut self) {
        if let Some(before) = self.before.take() {
            self.taken = before;
        }
    }

    /// Notes in the store how far the file was taken.
    pub(super) fn note(&self, store: &mut dyn Store) -> Result<(), String> {
        if self.taken.source.is_empty() {
            return Ok(());
        }
        let cursor = Cursor { lines: self.taken.lines, prefix: self.taken.prefix() };
        store.set_cursor(&self.taken.source, cursor).map_err(|e| e.to_string())
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing into a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn lines<'s>(path: &Path, file: File, schema: &'s Schema) -> Events<'s, BufReader<File>> {
    Events::new(&path.to_string_lossy(), BufReader::with_capacity(1 << 16, file), schema)
}

//! An event file that is taken line by line, and taken up again where it was left.
//!
//! A file is known again by its content: by its first line, and by a digest of all lines that were taken. So it may be
//! renamed and may grow, but what was taken must not change.

use super::events;
use super::workspace::cannot;
use crate::engine::{Cursor, Event, Store};
use crate::schema::Schema;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// The longest line that is read, in bytes.
const MAX_LINE: usize = 1024 * 1024;

/// What a line is.
pub(super) enum Line {
    /// An event.
    Event(Box<Event>),
    /// Something else; the message names the place.
    Bad(String),
}

/// An open event file.
pub(super) struct EventFile {
    path: PathBuf,
    reader: BufReader<File>,
    size: u64,
    /// Bytes read.
    position: u64,
    /// The source's name in the store; empty while no line was read.
    source: String,
    lines: u64,
    taken: Sha256,
    /// The state before the last line, to put it back.
    before: Option<(u64, Sha256)>,
    buffer: Vec<u8>,
}

impl EventFile {
    /// Opens the file and skips what the store has taken of it.
    pub(super) fn open(path: &Path, store: &dyn Store) -> Result<Self, String> {
        let file = File::open(path).map_err(|e| cannot("read", path, &e))?;
        let size = file.metadata().map_err(|e| cannot("read", path, &e))?.len();
        let mut file = Self {
            path: path.to_owned(),
            reader: BufReader::with_capacity(1 << 16, file),
            size,
            position: 0,
            source: String::new(),
            lines: 0,
            taken: Sha256::new(),
            before: None,
            buffer: Vec::new(),
        };
        file.skip_taken(store)?;
        Ok(file)
    }

    fn skip_taken(&mut self, store: &dyn Store) -> Result<(), String> {
        if !self.read()? {
            return Ok(());
        }
        self.source = hex(&Sha256::digest(&self.buffer));
        let cursor = store.cursor(&self.source).map_err(|e| e.to_string())?;
        if cursor.lines == 0 {
            // Nothing was taken: start over with the first line.
            let path = self.path.clone();
            let file = File::open(&path).map_err(|e| cannot("read", &path, &e))?;
            self.reader = BufReader::with_capacity(1 << 16, file);
            (self.position, self.lines, self.taken, self.before) = (0, 0, Sha256::new(), None);
            return Ok(());
        }
        while self.lines < cursor.lines {
            if !self.read()? {
                return Err(format!(
                    "`{}` has only {} lines, but {} of it were taken before: give the same file, with new lines at its end",
                    self.path.display(),
                    self.lines,
                    cursor.lines
                ));
            }
        }
        if self.digest() != cursor.prefix {
            return Err(format!(
                "the first {} lines of `{}` are not those that were taken before: give the same file, with new lines at its end",
                cursor.lines,
                self.path.display()
            ));
        }
        Ok(())
    }

    /// The next event or bad line; `None` at the end of the file.
    pub(super) fn next_line(&mut self, schema: &Schema) -> Result<Option<Line>, String> {
        loop {
            if !self.read()? {
                return Ok(None);
            }
            if self.source.is_empty() {
                self.source = hex(&Sha256::digest(&self.buffer));
            }
            let place = format!("{}:{}", self.path.display(), self.lines);
            if self.buffer.len() > MAX_LINE {
                return Ok(Some(Line::Bad(format!("{place}: the line is longer than a megabyte"))));
            }
            let Ok(text) = std::str::from_utf8(&self.buffer) else {
                return Ok(Some(Line::Bad(format!("{place}: the line is not UTF-8 text"))));
            };
            if text.trim().is_empty() {
                continue;
            }
            return Ok(Some(match events::parse_line(text, schema) {
                Ok(event) => Line::Event(Box::new(event)),
                Err(error) => Line::Bad(error.at(&self.path.display().to_string(), self.lines)),
            }));
        }
    }

    /// The last line was not taken: it comes again next time.
    pub(super) fn put_back(&mut self) {
        if let Some((lines, taken)) = self.before.take() {
            (self.lines, self.taken) = (lines, taken);
        }
    }

    /// Notes in the store how far the file was taken.
    pub(super) fn note(&self, store: &mut dyn Store) -> Result<(), String> {
        if self.source.is_empty() || self.lines == 0 {
            return Ok(());
        }
        let cursor = Cursor { lines: self.lines, prefix: self.digest() };
        store.set_cursor(&self.source, cursor).map_err(|e| e.to_string())
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    fn digest(&self) -> [u8; 32] {
        self.taken.clone().finalize().into()
    }

    /// Reads one line into the buffer, without its end; false at the end of the file.
    fn read(&mut self) -> Result<bool, String> {
        self.buffer.clear();
        let n = self.reader.read_until(b'\n', &mut self.buffer).map_err(|e| cannot("read", &self.path, &e))?;
        if n == 0 {
            return Ok(false);
        }
        self.position += n as u64;
        while matches!(self.buffer.last(), Some(b'\n' | b'\r')) {
            self.buffer.pop();
        }
        self.before = Some((self.lines, self.taken.clone()));
        self.lines += 1;
        self.taken.update(&self.buffer);
        self.taken.update(b"\n");
        Ok(true)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

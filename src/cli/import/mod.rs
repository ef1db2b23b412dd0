//! `dealflow import`: the exports of a CRM (CSV, one row per record) become events.
//!
//! A row tells a record's life by its dates: it was made, it entered stages. The map says which column means what:
//!
//! ```toml
//! origin = "import"              # only if rules must not run on what is imported; history runs them by default
//!
//! [[source]]                     # one for each kind of file
//! file = "deals.csv"             # its name; without it any file
//! entity = "deal"
//! id = "number"                  # the column that tells the records apart
//! by = "agent"                   # who does it all; short or full name
//! format = "MM/DD/YYYY"          # of all dates; without it 2026-03-02
//! decimal = ","                  # `1.234,50`; without it `1,234.50`
//! separator = ";"
//! created = ["entered", "first_call"]   # when the record was made: the first column that is filled; without such
//!                                # a column, or when it is empty, the record is made by its first step
//! undated = 2016-10-01           # when records were made whose rows have no date; without it such rows do not fit
//! stage = "New"                  # the stage of a record before its first step
//! ends_in = "state"              # this column must say the stage that the dates lead to
//!
//! [source.fields]                # field = column; a text with braces puts columns together; of several texts the
//! owner = "agent"                # first counts whose columns are all filled; an empty cell gives no value
//! title = ["{product} for {account}", "{product}"]
//! amount = { column = "value", currency = "USD", default = 0 }
//! phones = { column = "tel", split = ";" }
//! source = { value = "Partner" } # the same for every row
//!
//! [source.values.product]        # what a column's values are called in the workspace; "" takes one away
//! GTXPro = "GTX Pro"
//!
//! [[source.steps]]               # in the order of time
//! at = "closed"                  # rows without this date skip the step
//! when = { state = ["Won", "Lost"] }
//! stage = { column = "state" }   # or a stage's name
//! set = ["amount"]               # fields that are known only then; all others are given from the start
//! ```
//!
//! Nothing is dropped in silence: a row that does not fit is reported with its line and counted, and gives no event.
//! The events are sorted by time; those of the same moment stay in the order of the files and rows.

mod map;
mod read;
mod rows;

use super::events::to_line;
use crate::diagnostics::{Code, Diagnostic, did_you_mean, has_errors, one_of, render};
use crate::engine::Event;
use crate::schema::{Schema, load};
use crate::source::{FileId, Sources};
use map::{Map, Source};
use rows::Rows;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// How many rows that do not fit are shown; all are counted.
const MOST_SHOWN: usize = 100;

/// What `dealflow import` is told.
#[derive(Clone, Debug, clap::Args)]
pub struct Import {
    /// The map: which column means what.
    #[arg(long, value_name = "MAP.toml")]
    pub map: PathBuf,
    /// The workspace's schema; `crm.toml` beside the map without it.
    #[arg(long, value_name = "crm.toml")]
    pub schema: Option<PathBuf>,
    /// The CSV files.
    #[arg(required = true, value_name = "FILE.csv")]
    pub files: Vec<PathBuf>,
    /// Where the events go; to the standard output without it.
    #[arg(short, long, value_name = "events.jsonl")]
    pub output: Option<PathBuf>,
}

/// How an import ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every row is in the events.
    Complete,
    /// Some rows did not fit; the events of the others are written.
    RowsLeftOut,
    /// The map or the schema has mistakes; nothing is written.
    NotStarted,
}

/// A row that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// The file as it was named.
    pub file: String,
    /// The line on which the row starts, from 1.
    pub line: u64,
    /// Why it does not fit.
    pub message: String,
}

/// What came of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileCount {
    /// The file as it was named.
    pub file: String,
    /// How many rows it has, the headings not counted.
    pub rows: usize,
    /// How many of them do not fit.
    pub left_out: usize,
    /// How many events the others gave.
    pub events: usize,
}

/// What came of all files.
#[derive(Debug, Default)]
pub struct Imported {
    /// The events, in the order of time.
    pub events: Vec<Event>,
    /// The rows that do not fit.
    pub bad: Vec<BadRow>,
    /// File by file, in the order given.
    pub counts: Vec<FileCount>,
}

/// Runs the command: events go to the output, everything else is said on `console`.
pub fn run(args: &Import, output: &mut dyn Write, console: &mut dyn Write, color: bool) -> io::Result<Ended> {
    let schema_path = args.schema.clone().unwrap_or_else(|| args.map.with_file_name("crm.toml"));
    let mut sources = Sources::default();
    let map_text = read_text(&args.map)?;
    if args.schema.is_none() && !schema_path.is_file() {
        let said = format!("{} is not there: name the workspace's crm.toml by --schema", schema_path.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, said));
    }
    let schema_text = read_text(&schema_path)?;
    let schema_file = sources.add(&schema_path.display().to_string(), &schema_text);
    let map_file = sources.add(&args.map.display().to_string(), &map_text);
    let (schema, mut found) = load(schema_file, &schema_text);
    let mut imported = Imported::default();
    if !has_errors(&found) {
        let (map, wrong) = read::read(map_file, &map_text, &schema);
        found.extend(wrong);
        if found.is_empty() {
            let importer = Importer { schema: &schema, map: &map, map_file };
            for path in &args.files {
                importer.file(path, File::open(path).map_err(|e| named(path, &e))?, &mut imported, &mut found)?;
            }
        }
    }
    if has_errors(&found) {
        console.write_all(render::terminal(&found, &sources, color, 100).as_bytes())?;
        return Ok(Ended::NotStarted);
    }
    imported.events.sort_by_key(|event| event.at);
    match &args.output {
        Some(path) => {
            let mut file = BufWriter::new(File::create(path).map_err(|e| named(path, &e))?);
            write_events(&imported.events, &schema, &mut file)?;
            file.flush()?;
        }
        None => write_events(&imported.events, &schema, output)?,
    }
    report(&imported, console)?;
    Ok(if imported.bad.is_empty() { Ended::Complete } else { Ended::RowsLeftOut })
}

/// Imports texts in place of files, each with its name: for tests and other programs.
pub fn import(schema: &Schema, map: &str, files: &[(&str, &str)]) -> io::Result<(Imported, Vec<Diagnostic>)> {
    let map_file = FileId(0);
    let (map, mut found) = read::read(map_file, map, schema);
    let mut imported = Imported::default();
    if found.is_empty() {
        let importer = Importer { schema, map: &map, map_file };
        for (name, text) in files {
            importer.file(Path::new(name), text.as_bytes(), &mut imported, &mut found)?;
        }
        imported.events.sort_by_key(|event| event.at);
    }
    Ok((imported, found))
}

fn write_events(events: &[Event], schema: &Schema, out: &mut dyn Write) -> io::Result<()> {
    events.iter().try_for_each(|event| writeln!(out, "{}", to_line(event, &schema.calendar)))
}

fn report(imported: &Imported, console: &mut dyn Write) -> io::Result<()> {
    for BadRow { file, line, message } in imported.bad.iter().take(MOST_SHOWN) {
        writeln!(console, "{file}:{line}: {}: {message}", Code::E0705)?;
    }
    if let Some(more) = imported.bad.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
        writeln!(console, "… and {more} more rows that do not fit")?;
    }
    for FileCount { file, rows, left_out, events } in &imported.counts {
        writeln!(console, "{file}: {rows} rows, {left_out} left out, {events} events")?;
    }
    Ok(())
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn read_text(path: &Path) -> io::Result<String> {
    std::fs::read_to_string(path).map_err(|error| named(path, &error))
}

struct Importer<'a> {
    schema: &'a Schema,
    map: &'a Map,
    map_file: FileId,
}

impl Importer<'_> {
    /// Reads one file by every source that takes it.
    fn file(
        &self,
        path: &Path,
        input: impl Read,
        imported: &mut Imported,
        found: &mut Vec<Diagnostic>,
    ) -> io::Result<()> {
        let name = path.display().to_string();
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let takes = |source: &&Source| source.file.as_ref().is_none_or(|wanted| *wanted == file_name);
        let sources: Vec<&Source> = self.map.sources.iter().filter(takes).collect();
        let Some(first) = sources.first() else {
            found.push(self.no_source(&file_name));
            return Ok(());
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(first.separator).from_reader(input);
        let headings: Vec<String> = match reader.byte_headers() {
            Ok(headings) => headings.iter().map(heading).collect(),
            Err(error) => return Err(named(path, &io::Error::other(error))),
        };
        let mut readers = Vec::new();
        for source in sources {
            match Rows::new(self.schema, self.map, source, &headings) {
                Ok(rows) => readers.push(rows),
                Err(column) => found.push(self.no_column(column, &file_name, &headings)),
            }
        }
        let mut count = FileCount { file: name, ..FileCount::default() };
        for record in reader.into_byte_records() {
            let record = record.map_err(|error| named(path, &io::Error::other(error)))?;
            count.rows += 1;
            let line = record.position().map_or(0, csv::Position::line);
            match row_events(&mut readers, record, headings.len()) {
                Ok(events) => {
                    count.events += events.len();
                    imported.events.extend(events);
                }
                Err(message) => {
                    count.left_out += 1;
                    imported.bad.push(BadRow { file: count.file.clone(), line, message });
                }
            }
        }
        imported.counts.push(count);
        Ok(())
    }

    fn no_source(&self, file: &str) -> Diagnostic {
        let names: Vec<&str> = self.map.sources.iter().filter_map(|source| source.file.as_deref()).collect();
        let help = match did_you_mean(file, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it has sources for {}; add `[[source]]` with `file = {file:?}`", one_of(names, 8)),
        };
        let span = crate::source::Span::at(0);
        Diagnostic::new(Code::E0705, self.map_file, span, format!("the map has no source for `{file}`")).help(help)
    }

    fn no_column(&self, column: &map::Column, file: &str, headings: &[String]) -> Diagnostic {
        let names = || headings.iter().map(String::as_str);
        let message = format!("`{file}` has no column `{}`", column.name);
        let report = Diagnostic::new(Code::E0705, self.map_file, column.span, message);
        match did_you_mean(&column.name, names()) {
            Some(meant) => report.help(format!("did you mean `{meant}`?")),
            None => report.help(format!("its columns are {}", one_of(names(), 20))),
        }
    }
}

/// A heading without the mark of encoding that some programs put before the first.
fn heading(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').trim().to_owned()
}

/// The events of a row by all its sources: all of them or none.
fn row_events(readers: &mut [Rows<'_>], record: csv::ByteRecord, columns: usize) -> Result<Vec<Event>, String> {
    let found = record.len();
    if found != columns {
        return Err(format!("the row has {found} cells, but there are {columns} columns"));
    }
    let record = csv::StringRecord::from_byte_record(record).map_err(|_| "the row is not UTF-8 text".to_owned())?;
    let mut events = Vec::new();
    for rows in readers {
        events.extend(rows.events(&record)?);
    }
    Ok(events)
}

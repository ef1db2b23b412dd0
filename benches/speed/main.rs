//! `cargo bench`: how fast every stage is, each figure beside a baseline that is measured in the same run.
//!
//! `cargo bench -- parse lifecycle` runs only the groups with these words in their names. The figures are of one thread;
//! what is on disk lies below `target`.

#![expect(
    clippy::disallowed_methods,
    reason = "measuring needs the clock, files and arguments; the core has none of them"
)]

mod clock;
mod editor;
mod floor;
mod front;
mod lifecycle;
mod machine;
mod million;
mod random;
mod scripts;
mod session;
mod sleepers;
mod stored;
mod stream;
mod table;
mod workspace;

use mimalloc::MiMalloc;
use std::io::{self, Write};
use std::process::ExitCode;
use table::Row;

/// As in the command.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What a measurement gives, or why it could not be made.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Takes the lines of the table as they are measured.
pub(crate) type Show<'a> = &'a mut dyn FnMut(Row) -> Outcome;

/// A group of measurements.
type Group = fn(Show<'_>) -> Outcome;

const GROUPS: &[(&str, Group)] = &[
    ("lex", front::lex),
    ("parse", front::parse),
    ("check", front::check),
    ("check-workspace", front::workspace),
    ("check-process", front::process),
    ("fmt", front::layout),
    ("condition", machine::condition),
    ("loop", machine::counting),
    ("stored", stored::measure),
    ("lifecycle-grouped", lifecycle::grouped),
    ("lifecycle-single", lifecycle::single),
    ("lifecycle-unsynced", lifecycle::unsynced),
    ("lifecycle-size", lifecycle::size),
    ("sleepers", sleepers::measure),
    ("stream", stream::measure),
    ("lsp", editor::measure),
];

/// Groups that take long: only on demand.
const LONG: &[(&str, Group)] = &[("million", million::measure)];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "the benchmark failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome {
    let wanted = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect::<Vec<_>>();
    writeln!(io::stdout(), "Dealflow's speed, by {}; the best of several rounds.\n", clock::kind())?;
    table::head()?;
    let asked = |name: &str| wanted.iter().any(|word| name.contains(word.as_str()));
    let quick = GROUPS.iter().filter(|(name, _)| wanted.is_empty() || asked(name));
    for (_, group) in quick.chain(LONG.iter().filter(|(name, _)| asked(name))) {
        group(&mut |row| Ok(table::show(&row)?))?;
    }
    Ok(())
}

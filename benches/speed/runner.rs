//! What the targets have in common: groups of measurements, chosen by words on the command line, and the table that they
//! print.

use super::clock;
use super::table::{self, Row};
use mimalloc::MiMalloc;
use std::io::{self, Write};
use std::process::ExitCode;

/// As in the command.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What a measurement gives, or why it could not be made.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Takes the lines of the table as they are measured.
pub(crate) type Show<'a> = &'a mut dyn FnMut(Row) -> Outcome;

/// A group of measurements.
pub(crate) struct Group {
    /// What it is asked for by.
    pub(crate) name: &'static str,
    /// Whether it takes minutes, and is only measured when it is asked for.
    pub(crate) long: bool,
    pub(crate) measure: fn(Show<'_>) -> Outcome,
}

impl Group {
    /// A group that is measured when none is asked for.
    pub(crate) const fn new(name: &'static str, measure: fn(Show<'_>) -> Outcome) -> Self {
        Self { name, long: false, measure }
    }
}

/// Measures the groups with the words of the command line in their names, or all.
pub(crate) fn main(groups: &[Group]) -> ExitCode {
    match run(groups) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "the benchmark failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(groups: &[Group]) -> Outcome {
    let wanted = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect::<Vec<_>>();
    let chosen = groups
        .iter()
        .filter(|group| match wanted.as_slice() {
            [] => !group.long,
            words => words.iter().any(|word| group.name.contains(word.as_str())),
        })
        .collect::<Vec<_>>();
    if chosen.is_empty() {
        // All targets get the same words, and none may be meant for this one.
        return Ok(());
    }
    writeln!(io::stdout(), "\nDealflow's speed, by {}; the best of several rounds.\n", clock::kind())?;
    table::head()?;
    for group in chosen {
        (group.measure)(&mut |row| Ok(table::show(&row)?))?;
    }
    Ok(())
}

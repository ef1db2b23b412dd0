//! `cargo bench --bench parse`: how fast scripts are read and laid out, each figure beside a baseline that is
//! measured in the same run. See `benches/README.md`.

#![expect(
    clippy::disallowed_methods,
    reason = "measuring needs the clock, files and arguments; the core has none of them"
)]

mod clock;
mod random;
mod rate;
mod reading;
mod runner;
mod schemas;
mod scripts;
mod table;
mod texts;
mod turns;

use runner::Group;
use std::process::ExitCode;

const GROUPS: &[Group] =
    &[Group::new("lex", reading::lex), Group::new("parse", reading::parse), Group::new("fmt", reading::layout)];

fn main() -> ExitCode {
    runner::main(GROUPS)
}

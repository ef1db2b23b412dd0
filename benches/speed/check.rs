//! `cargo bench --bench check`: how fast scripts are checked and compiled, each figure beside a baseline that is
//! measured in the same run. See `benches/README.md`.

#![expect(
    clippy::disallowed_methods,
    reason = "measuring needs the clock, files and arguments; the core has none of them"
)]

mod checking;
mod clock;
mod editor;
mod process;
mod random;
mod rate;
mod runner;
mod scripts;
mod table;
mod texts;
mod turns;
mod workspace;

use runner::Group;
use std::process::ExitCode;

const GROUPS: &[Group] = &[
    Group::new("check", checking::check),
    Group::new("check-workspace", checking::workspace),
    Group::new("check-process", process::measure),
    Group::new("lsp", editor::measure),
];

fn main() -> ExitCode {
    runner::main(GROUPS)
}

//! `cargo bench --bench machine`: how fast rules are executed, and runs saved, each figure beside a baseline that is
//! measured in the same run. See `benches/README.md`.

#![expect(
    clippy::disallowed_methods,
    reason = "measuring needs the clock, files and arguments; the core has none of them"
)]

mod clock;
mod executing;
mod nanos;
mod programs;
mod runner;
mod stored;
mod table;
mod turns;
mod values;
mod workspace;

use runner::Group;
use std::process::ExitCode;

const GROUPS: &[Group] = &[
    Group::new("condition", executing::condition),
    Group::new("loop", executing::counting),
    Group::new("calls", executing::calls),
    Group::new("stored", stored::measure),
];

fn main() -> ExitCode {
    runner::main(GROUPS)
}

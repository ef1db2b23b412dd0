//! `cargo bench --bench parse`: our parser beside those of other small languages. See `../../README.md`.

#![expect(clippy::disallowed_methods, reason = "measuring needs the clock and arguments")]

#[path = "../../speed/clock.rs"]
mod clock;
mod languages;
#[path = "../../speed/random.rs"]
mod random;
#[path = "../../speed/rate.rs"]
mod rate;
mod reading;
#[path = "../../speed/runner.rs"]
mod runner;
#[path = "../../speed/table.rs"]
mod table;
#[path = "../../speed/turns.rs"]
mod turns;

use runner::Group;
use std::process::ExitCode;

const GROUPS: &[Group] = &[
    Group::new("starlark", reading::starlark),
    Group::new("ruff", reading::ruff),
    Group::new("nickel", reading::nickel),
    Group::new("cedar", reading::cedar),
    Group::new("vrl", reading::vrl),
    Group::new("rhai", reading::rhai),
];

fn main() -> ExitCode {
    runner::main(GROUPS)
}

//! `cargo bench --bench machine`: our machine beside other small languages. See `../../README.md`.

#![expect(clippy::disallowed_methods, reason = "measuring needs the clock and arguments")]

mod beside;
mod cel;
#[path = "../../speed/clock.rs"]
mod clock;
mod lua;
#[path = "../../speed/nanos.rs"]
mod nanos;
#[path = "../../speed/programs.rs"]
mod programs;
mod rhai;
#[path = "../../speed/runner.rs"]
mod runner;
mod starlark;
#[path = "../../speed/table.rs"]
mod table;
#[path = "../../speed/turns.rs"]
mod turns;
#[path = "../../speed/values.rs"]
mod values;
mod vrl;
#[path = "../../speed/workspace.rs"]
mod workspace;

use runner::Group;
use std::process::ExitCode;

const GROUPS: &[Group] = &[
    Group::new("condition-lua", lua::condition),
    Group::new("condition-starlark", starlark::condition),
    Group::new("condition-vrl", vrl::condition),
    Group::new("condition-cel", cel::condition),
    Group::new("condition-rhai", rhai::condition),
    Group::new("loop-lua", lua::counting),
    Group::new("loop-starlark", starlark::counting),
    Group::new("loop-rhai", rhai::counting),
    Group::new("calls-lua", lua::calls),
    Group::new("calls-starlark", starlark::calls),
    Group::new("calls-rhai", rhai::calls),
];

fn main() -> ExitCode {
    runner::main(GROUPS)
}

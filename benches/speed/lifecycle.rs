//! `cargo bench --bench lifecycle`: what runs cost in a store, each figure beside a baseline that is
//! measured in the same run. See `benches/README.md`.

#![expect(
    clippy::disallowed_methods,
    reason = "measuring needs the clock, files and arguments; the core has none of them"
)]

mod clock;
mod floor;
mod life;
mod million;
mod random;
mod runner;
mod session;
mod sleepers;
mod stream;
mod table;
mod values;
mod workspace;

use runner::Group;
use std::process::ExitCode;

const GROUPS: &[Group] = &[
    Group::new("lifecycle-grouped", life::grouped),
    Group::new("lifecycle-single", life::single),
    Group::new("lifecycle-unsynced", life::unsynced),
    Group::new("lifecycle-size", life::size),
    Group::new("sleepers", sleepers::measure),
    Group::new("stream", stream::measure),
    Group { long: true, ..Group::new("million", million::measure) },
];

fn main() -> ExitCode {
    runner::main(GROUPS)
}

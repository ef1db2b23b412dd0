//! `cargo run --release`: how fast we read and execute beside other languages of the same kind, as ratios.
//!
//! `cargo run --release -- front` or `-- machine` measures one half. Everything is the CPU time of one thread, the best of
//! several rounds; what is compared with one figure of ours is measured in the same run.

#[path = "../../speed/clock.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod clock;
#[path = "../../speed/random.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod random;
#[path = "../../speed/scripts.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod scripts;

mod front;
mod machine;
mod texts;

use std::io::{self, Write};

/// What a measurement gives, or why it could not be made.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// One line: nanoseconds of ours and of a peer.
fn show(what: &str, peer: &str, ours: f64, theirs: f64) -> Outcome {
    writeln!(io::stdout(), "{what:<26} {ours:>9.1} ns {peer:<10} {theirs:>9.1} ns {:>6.1} ×", theirs / ours)?;
    Ok(())
}

fn main() -> Outcome {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let want = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    if want("front") {
        front::measure_all()?;
    }
    if want("machine") {
        writeln!(io::stdout(), "\nExecuting; the ratio is their time over ours.\n")?;
        machine::measure_all()?;
    }
    Ok(())
}

//! Measuring: CPU time of this thread where the system tells it, and the best of several rounds.
//!
//! The machine is shared and noisy: the fastest round is the one that was disturbed least, and what is compared is measured
//! in turns, so that a slow minute hits both.

use std::time::{Duration, Instant};

/// What a round took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    /// Of the processor; the same as `wall` where the system does not tell.
    pub(crate) cpu: Duration,
    /// On the clock, waiting for the disk included.
    pub(crate) wall: Duration,
}

/// The nanoseconds of CPU time that this thread has used (Linux only).
fn thread_cpu() -> Option<u64> {
    // The kernel brings its count up to date when a thread gives way.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// Says how CPU time is measured here.
pub(crate) fn kind() -> &'static str {
    if thread_cpu().is_some() { "CPU time of the thread" } else { "time on the clock (no CPU time on this system)" }
}

/// Does something once and measures it.
pub(crate) fn once<T>(work: impl FnOnce() -> T) -> (T, Spent) {
    let (wall, cpu) = (Instant::now(), thread_cpu());
    let result = work();
    let spent = match (cpu, thread_cpu()) {
        (Some(before), Some(after)) => Some(Duration::from_nanos(after.saturating_sub(before))),
        _ => None,
    };
    let wall = wall.elapsed();
    (result, Spent { cpu: spent.unwrap_or(wall), wall })
}

/// The better of what was best so far and a new round, each number by itself.
pub(crate) fn better<const N: usize>(so_far: Option<[Spent; N]>, mut new: [Spent; N]) -> [Spent; N] {
    for (new, old) in new.iter_mut().zip(so_far.into_iter().flatten()) {
        *new = Spent { cpu: new.cpu.min(old.cpu), wall: new.wall.min(old.wall) };
    }
    new
}

//! Measuring: CPU time of this thread where the system tells it, the best of several rounds, two things in turns.
//!
//! The machine is shared and noisy: the fastest round is the one that was disturbed least, and what is compared is measured
//! in turns, so that a slow minute hits both.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// What a round took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    /// Of the processor; the same as `wall` where the system does not tell.
    pub(crate) cpu: Duration,
    /// On the clock, waiting for the disk included.
    pub(crate) wall: Duration,
}

impl Spent {
    const LONGEST: Self = Self { cpu: Duration::MAX, wall: Duration::MAX };

    /// The better of two rounds, each number by itself.
    fn best(self, other: Self) -> Self {
        Self { cpu: self.cpu.min(other.cpu), wall: self.wall.min(other.wall) }
    }
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

/// The best of some rounds.
pub(crate) fn best<T>(rounds: u32, mut work: impl FnMut() -> T) -> Spent {
    (0..rounds).fold(Spent::LONGEST, |best, _| {
        let (result, spent) = once(&mut work);
        black_box(result);
        best.best(spent)
    })
}

/// The best rounds of two things that are done in turns.
pub(crate) fn versus<A, B>(rounds: u32, mut ours: impl FnMut() -> A, mut theirs: impl FnMut() -> B) -> (Spent, Spent) {
    (0..rounds)
        .fold((Spent::LONGEST, Spent::LONGEST), |(a, b), _| (a.best(best(1, &mut ours)), b.best(best(1, &mut theirs))))
}

/// The better of what was best so far and a new round, each measurement by itself.
pub(crate) fn better<const N: usize>(so_far: Option<[Spent; N]>, mut new: [Spent; N]) -> [Spent; N] {
    for (new, old) in new.iter_mut().zip(so_far.into_iter().flatten()) {
        *new = new.best(old);
    }
    new
}

/// Nanoseconds of one call of each of two things that are done in turns.
pub(crate) fn nanos<A, B>(mut ours: impl FnMut() -> A, mut theirs: impl FnMut() -> B) -> (f64, f64) {
    const ROUNDS: u32 = 12;
    let (many, others) = (enough(&mut ours), enough(&mut theirs));
    let (a, b) = versus(ROUNDS, || repeat(many, &mut ours), || repeat(others, &mut theirs));
    (per_call(a, many), per_call(b, others))
}

fn repeat<T>(times: u32, work: &mut impl FnMut() -> T) {
    for _ in 0..times {
        black_box(work());
    }
}

/// How many calls fill a round of which the clock's own cost is a negligible part.
fn enough<T>(work: &mut impl FnMut() -> T) -> u32 {
    let mut times = 1;
    while times < 1 << 28 && best(1, || repeat(times, work)).wall < Duration::from_millis(30) {
        times *= 2;
    }
    times
}

fn per_call(spent: Spent, calls: u32) -> f64 {
    spent.cpu.as_secs_f64() * 1e9 / f64::from(calls)
}

//! Things that take nanoseconds, and are done many times in a round.

use super::clock::once;
use super::turns::{turns, work};
use std::hint::black_box;
use std::time::Duration;

const ROUNDS: u32 = 12;

/// Something that is done so many times.
pub(crate) fn many<T>(mut work: impl FnMut() -> T) -> impl FnMut(u32) {
    move |times| {
        for _ in 0..times {
            black_box(work());
        }
    }
}

/// Nanoseconds of one call of each of some things that are done in turns.
pub(crate) fn nanos<const N: usize>(mut works: [&mut dyn FnMut(u32); N]) -> [f64; N] {
    let times = works.each_mut().map(|work| enough(work));
    let mut number = 0;
    let mut rounds = works.map(|many| {
        let times = times.get(number).copied().unwrap_or(1);
        number += 1;
        work(move || many(times))
    });
    let mut spent = turns(ROUNDS, rounds.each_mut().map(|round| round as &mut dyn FnMut())).into_iter();
    times.map(|times| spent.next().map_or(f64::NAN, |spent| spent.cpu.as_secs_f64() * 1e9 / f64::from(times)))
}

/// How many calls fill a round of which the clock's own cost is a negligible part.
fn enough(work: &mut dyn FnMut(u32)) -> u32 {
    let mut times = 1;
    while times < 1 << 28 && once(|| work(times)).1.cpu < Duration::from_millis(30) {
        times *= 2;
    }
    times
}

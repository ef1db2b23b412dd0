//! Things that are measured in turns.

use super::clock::{Spent, better, once};
use std::hint::black_box;

/// Something that is measured: what it gives is let go, but not before the compiler must believe that it is needed.
pub(crate) fn work<T>(mut work: impl FnMut() -> T) -> impl FnMut() {
    move || {
        black_box(work());
    }
}

/// The best rounds of things that are done in turns.
pub(crate) fn turns<const N: usize>(rounds: u32, mut works: [&mut dyn FnMut(); N]) -> [Spent; N] {
    let mut round = || works.each_mut().map(|work| once(work).1);
    let first = round();
    (1..rounds).fold(first, |best, _| better(Some(best), round()))
}

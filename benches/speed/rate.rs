//! How fast texts are gone through.

use super::clock::Spent;
use super::table::Figure;

/// The bytes of some texts in a second.
#[expect(clippy::cast_precision_loss, reason = "sizes of texts are far below 2^52")]
pub(crate) fn rate(bytes: usize, spent: Spent) -> Figure {
    Figure::new(bytes as f64 / 1e6 / spent.cpu.as_secs_f64(), "MB/s")
}

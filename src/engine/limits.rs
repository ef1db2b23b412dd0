//! Bounds on everything that a script can make grow, each with its reason. Reaching one fails the run with an error that
//! names it; nothing hangs or crashes.

/// Instructions of a run between two waits. A loop over ten thousand records takes some hundred thousand; a loop without
/// an end gets here in a few milliseconds.
pub const INSTRUCTIONS: u64 = 1_000_000;

/// How deep rules may set off rules. Real chains have two or three links; a cycle gets here at once.
pub const DEPTH: u32 = 16;

/// Runs that one event may start, with all that follows from it.
pub const RUNS_PER_EVENT: u32 = 10_000;

/// Changes made by effects within one activation, which are events themselves. Runs that wake one another grow in number
/// with each round, so this is reached before [`DEPTH`].
pub const FOLLOW_UPS: u32 = 10_000;

/// Runs of flows that one run may have going on at the same time.
pub const CHILDREN: usize = 1_000;

/// People that one effect may address; a workspace of more can use several.
pub const RECIPIENTS: usize = 100_000;

/// Programs of earlier versions that are kept ready in memory.
pub const OLD_PROGRAMS: usize = 1_000;

/// Records read at once when all of a kind are gone through.
pub const PAGE: usize = 1_000;

/// Things that one row of a run's history keeps; what is above is only counted.
pub const DEEDS: usize = 200;

/// Bytes of a text that the history keeps. The record or message that it went into has it whole.
pub const KEPT_TEXT: usize = 1_000;

/// Rows of history that a run may have. A run that lives for years keeps its first [`FIRST_ROWS`] and its newest.
pub const HISTORY: u32 = 1_000;

/// The rows from a run's beginning that are never let go.
pub const FIRST_ROWS: u32 = 100;

/// For how many days an event's identifier is remembered: the same event, sent again later than this, is taken again.
pub const SEEN_DAYS: i64 = 60;

/// Milliseconds after the first failed attempt outside. Most failures that pass are over within a minute.
pub const FIRST_PAUSE: i64 = 30_000;

/// The longest pause between two attempts, in milliseconds.
pub const LONGEST_PAUSE: i64 = 4 * 3_600_000;

/// Attempts outside, before a person is asked: with these pauses that is after about half a day.
pub const ATTEMPTS: u32 = 12;

/// How many expired marks and old identifiers are forgotten at once, so that no event waits for it.
pub const FORGOTTEN_AT_ONCE: usize = 1_000;

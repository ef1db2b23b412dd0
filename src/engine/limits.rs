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

/// People that one effect may address; a workspace of more can use several.
pub const RECIPIENTS: usize = 100_000;

/// Programs of earlier versions that are kept ready in memory.
pub const OLD_PROGRAMS: usize = 1_000;

/// Records read at once when all of a kind are gone through.
pub const PAGE: usize = 1_000;

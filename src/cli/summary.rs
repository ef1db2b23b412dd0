//! The few lines at the end of a timeline.

use crate::engine::Counters;
use std::fmt::Write as _;

/// What happened in this store, and of it what was new this time. `left` is the next timer beyond the horizon.
pub(super) fn human(all: &Counters, before: &Counters, left: Option<&str>) -> String {
    let mut out = String::from("\n");
    let events = all.events - before.events;
    let _ = writeln!(out, "{events} {}, {}", if events == 1 { "event" } else { "events" }, runs(all, before));
    for (action, n) in &all.effects {
        let new = n - before.effects.get(action).copied().unwrap_or(0);
        if new == 0 {
            continue;
        }
        let total = if new == *n { String::new() } else { format!("  ({n} in all)") };
        let _ = writeln!(out, "{new:>7}  {action}{total}");
    }
    if before.events > 0 {
        let _ = writeln!(out, "{} events since the store was made", all.events);
    }
    if let Some(left) = left {
        let _ = writeln!(out, "the next timer is at {left}: run further with --until");
    }
    out
}

fn runs(all: &Counters, before: &Counters) -> String {
    let started = all.started - before.started;
    let mut parts = Vec::new();
    for (n, what) in [
        (all.ended - before.ended, "ended"),
        (all.cancelled - before.cancelled, "cancelled"),
        (all.failed - before.failed, "failed"),
        (all.waiting, "waiting now"),
        (all.stuck, "stuck"),
        (all.parked, "parked"),
        (all.paused, "paused"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    }
    let runs = if started == 1 { "1 run started".to_owned() } else { format!("{started} runs started") };
    if parts.is_empty() { runs } else { format!("{runs}: {}", parts.join(", ")) }
}

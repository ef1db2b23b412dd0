//! The table that a bench run prints.

use std::io::{self, Write};

/// A measured number with its unit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Figure {
    /// Megabytes (10⁶) a second.
    Rate(f64),
    /// Things a second.
    PerSecond(f64),
    /// Nanoseconds for one.
    Nanos(f64),
    /// Bytes.
    Bytes(f64),
}

impl Figure {
    fn value(self) -> f64 {
        match self {
            Self::Rate(x) | Self::PerSecond(x) | Self::Nanos(x) | Self::Bytes(x) => x,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Rate(x) => format!("{} MB/s", short(x)),
            Self::PerSecond(x) => format!("{} /s", whole(x)),
            Self::Nanos(x) if x < 10_000.0 => format!("{} ns", short(x)),
            Self::Nanos(x) if x < 10_000_000.0 => format!("{} µs", short(x / 1e3)),
            Self::Nanos(x) => format!("{} ms", short(x / 1e6)),
            Self::Bytes(x) => format!("{} B", whole(x)),
        }
    }
}

/// What is to be reached.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// Nothing is set.
    None,
    /// The figure is to be this or more.
    AtLeast(Figure),
    /// The figure is to be this or less.
    AtMost(Figure),
    /// The figure is to be at most so many times the baseline.
    Times(f64),
    /// The figure is to be at least this part of the baseline.
    Part(f64),
}

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// How we are.
    pub(crate) ours: Figure,
    /// What it is compared with.
    pub(crate) baseline: String,
    /// How that is, in the same run.
    pub(crate) theirs: Figure,
    /// What is to be reached.
    pub(crate) goal: Goal,
}

impl Row {
    /// A line without a goal.
    pub(crate) fn new(what: impl Into<String>, ours: Figure, baseline: impl Into<String>, theirs: Figure) -> Self {
        Self { what: what.into(), ours, baseline: baseline.into(), theirs, goal: Goal::None }
    }

    /// The same with what is to be reached.
    pub(crate) fn goal(self, goal: Goal) -> Self {
        Self { goal, ..self }
    }

    fn ratio(&self) -> f64 {
        self.ours.value() / self.theirs.value()
    }

    fn verdict(&self) -> String {
        let (text, reached) = match self.goal {
            Goal::None => return String::new(),
            Goal::AtLeast(least) => (format!("≥ {}", least.text()), self.ours.value() >= least.value()),
            Goal::AtMost(most) => (format!("≤ {}", most.text()), self.ours.value() <= most.value()),
            Goal::Times(most) => (format!("≤ {} ×", short(most)), self.ratio() <= most),
            Goal::Part(least) => (format!("≥ {} ×", short(least)), self.ratio() >= least),
        };
        format!("{text} {}", if reached { "reached" } else { "MISSED" })
    }
}

const WIDTHS: [usize; 6] = [58, 12, 50, 12, 9, 24];

/// Writes the table's head.
pub(crate) fn head() -> io::Result<()> {
    line(&["what", "ours", "baseline, in the same run", "baseline", "ratio", "goal"].map(str::to_owned))?;
    line(&WIDTHS.map(|width| "-".repeat(width)))
}

/// Writes one line.
pub(crate) fn show(row: &Row) -> io::Result<()> {
    let ratio = format!("{} ×", short(row.ratio()));
    line(&[row.what.clone(), row.ours.text(), row.baseline.clone(), row.theirs.text(), ratio, row.verdict()])
}

fn line(cells: &[String; 6]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for ((cell, width), number) in cells.iter().zip(WIDTHS).zip([false, true, false, true, true, false]) {
        let space = " ".repeat(width.saturating_sub(cell.chars().count()));
        let (before, after) = if number { (space.as_str(), "") } else { ("", space.as_str()) };
        write!(out, "{before}{cell}{after}  ")?;
    }
    writeln!(out)?;
    out.flush()
}

/// Three digits that say something.
fn short(x: f64) -> String {
    if x >= 100.0 {
        whole(x)
    } else if x >= 10.0 {
        format!("{x:.1}")
    } else {
        format!("{x:.2}")
    }
}

/// Without decimals, with its thousands apart.
fn whole(x: f64) -> String {
    let digits = format!("{x:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

//! The table that a bench run prints.

use std::io::{self, Write};

/// A measured number with its unit: `ns` for times, `B` for sizes, `MB/s`, `/s`, and what else is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    value: f64,
    unit: &'static str,
}

/// Larger units: which unit they are of, and how many of it.
const LARGER: [(&str, &str, f64); 4] = [("µs", "ns", 1e3), ("ms", "ns", 1e6), ("s", "ns", 1e9), ("MB", "B", 1e6)];

impl Figure {
    /// A number with its unit; what could not be measured is not a number.
    pub(crate) fn new(value: f64, unit: &'static str) -> Self {
        Self { value, unit }
    }

    /// With a unit in which it is easy to read.
    fn text(self) -> String {
        let (value, unit) = match self.unit {
            "ns" if self.value >= 1e7 => (self.value / 1e6, "ms"),
            "ns" if self.value >= 1e4 => (self.value / 1e3, "µs"),
            "B" if self.value >= 1e6 => (self.value / 1e6, "MB"),
            unit => (self.value, unit),
        };
        if value.is_nan() { "-".to_owned() } else { format!("{} {unit}", short(value)) }
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was measured.
    what: String,
    /// How we are.
    ours: Figure,
    /// What it is compared with.
    baseline: String,
    /// How that is, in the same run.
    theirs: Figure,
    /// What is to be reached.
    goal: Option<&'static str>,
}

impl Row {
    /// A line without a goal.
    pub(crate) fn new(what: impl Into<String>, ours: Figure, baseline: impl Into<String>, theirs: Figure) -> Self {
        Self { what: what.into(), ours, baseline: baseline.into(), theirs, goal: None }
    }

    /// The same with what is to be reached: `≥ 40 MB/s`, `≤ 2 s`, and `≤ 3 ×` for the ratio.
    pub(crate) fn goal(self, goal: &'static str) -> Self {
        Self { goal: Some(goal), ..self }
    }

    fn ratio(&self) -> Figure {
        Figure::new(self.ours.value / self.theirs.value, "×")
    }

    fn verdict(&self) -> io::Result<String> {
        let Some(goal) = self.goal else { return Ok(String::new()) };
        let Some(reached) = self.reaches(goal) else {
            return Err(io::Error::other(format!("`{goal}` is no goal for `{}`", self.what)));
        };
        Ok(format!("{goal} {}", if reached { "reached" } else { "MISSED" }))
    }

    /// Whether a goal is reached; nothing where it does not say what is to be reached.
    fn reaches(&self, goal: &str) -> Option<bool> {
        let mut words = goal.split(' ');
        let (sign, number, unit) = (words.next()?, words.next()?.parse::<f64>().ok()?, words.next()?);
        let figure = if unit == "×" { self.ratio() } else { self.ours };
        let larger = LARGER.iter().find(|(name, ..)| *name == unit);
        let (unit, scale) = larger.map_or((unit, 1.0), |(_, of, scale)| (*of, *scale));
        match sign {
            _ if unit != figure.unit => None,
            "≥" => Some(figure.value >= number * scale),
            "≤" => Some(figure.value <= number * scale),
            _ => None,
        }
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
    let verdict = row.verdict()?;
    line(&[row.what.clone(), row.ours.text(), row.baseline.clone(), row.theirs.text(), row.ratio().text(), verdict])
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

/// Three digits that say something, without decimals where there are none, thousands apart.
fn short(x: f64) -> String {
    let decimals = if x >= 100.0 || x.fract() == 0.0 {
        0
    } else if x >= 10.0 {
        1
    } else {
        2
    };
    let digits = format!("{x:.decimals$}");
    let whole = digits.find('.').unwrap_or(digits.len());
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && at < whole && (whole - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

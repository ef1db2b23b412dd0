//! How the results of tests are shown.

use super::{Ran, Suite};
use crate::cli::args::TestFormat;
use crate::cli::out::{Out, terminal_width, use_color};
use crate::diagnostics::render;
use crate::picture::markup::quoted;
use crate::testing::Failure;
use crate::testing::coverage::Coverage;
use serde_json::json;
use std::fmt::Write as _;
use std::time::Duration;

/// All that was run.
pub(super) struct Results<'a> {
    pub(super) ran: &'a [Ran<'a>],
    /// How long all took together.
    pub(super) took: Duration,
    /// Coverage follows.
    pub(super) shown: bool,
}

impl Results<'_> {
    fn failed(&self) -> usize {
        self.ran.iter().filter(|ran| ran.report.failure.is_some()).count()
    }
}

pub(super) fn show(results: &Results<'_>, format: TestFormat, out: &mut Out) -> Result<(), String> {
    match format {
        TestFormat::Human => human(results, out),
        TestFormat::Json => json(results, out),
        TestFormat::Junit => out.text(&junit(results)),
    }
}

fn file_of<'a>(ran: &'a Ran<'_>) -> &'a str {
    ran.suite.sources.get(ran.plan.test.file).map_or("", |file| &file.name)
}

fn line_of(ran: &Ran<'_>) -> u32 {
    let file = ran.suite.sources.get(ran.plan.test.file);
    file.map_or(0, |file| file.lines.line_col(&file.text, ran.plan.test.span.start).line)
}

fn human(results: &Results<'_>, out: &mut Out) -> Result<(), String> {
    let mut last = "";
    for ran in results.ran {
        let file = file_of(ran);
        if out.is_quiet() && ran.report.failure.is_none() {
            continue;
        }
        if file != last {
            out.line(file)?;
            last = file;
        }
        let mark = if ran.report.failure.is_some() { "✗" } else { "✓" };
        let cases = if ran.report.cases > 1 { format!(" ({} records)", ran.report.cases) } else { String::new() };
        out.line(&format!("  {mark} {}{cases}", ran.plan.test.name))?;
        if let Some(failure) = &ran.report.failure {
            out.text(&told(failure, ran.suite, use_color(), terminal_width()))?;
        }
    }
    let (all, failed) = (results.ran.len(), results.failed());
    let count = if all == 1 { "1 test".to_owned() } else { format!("{all} tests") };
    let how = match failed {
        0 if all == 0 => "nothing to run".to_owned(),
        0 => "all passed".to_owned(),
        n => format!("{n} failed"),
    };
    let line = format!("{count}, {how}{}", speed(all, results.took));
    if failed == 0 { out.note(&line) } else { out.line(&line) }
}

/// " (3 ms, 1200 tests per second)"
fn speed(all: usize, took: Duration) -> String {
    if all == 0 {
        return String::new();
    }
    let micros = took.as_micros().max(1);
    let rate = u128::try_from(all).unwrap_or(0) * 1_000_000 / micros;
    format!(" ({} ms, {rate} tests per second)", micros.div_ceil(1000))
}

/// The report of a failure with what happened before it.
fn told(failure: &Failure, suite: &Suite, color: bool, width: usize) -> String {
    let mut text = render::terminal(std::slice::from_ref(&failure.diagnostic), &suite.sources, color, width);
    if let Some(example) = &failure.example {
        let _ = writeln!(text, "with this record: {example}\n");
    }
    let happened = failure.told.trim_end();
    if happened.is_empty() {
        text.push_str("Nothing had happened up to there.\n\n");
    } else {
        let _ = writeln!(text, "What had happened up to there:\n{happened}\n");
    }
    text
}

fn json(results: &Results<'_>, out: &mut Out) -> Result<(), String> {
    for ran in results.ran {
        let failure = ran.report.failure.as_ref().map(|failure| {
            json!({
                "diagnostic": render::to_json(&failure.diagnostic, &ran.suite.sources),
                "record": failure.example,
                "happened": failure.told.lines().collect::<Vec<_>>(),
            })
        });
        let line = json!({
            "test": &*ran.plan.test.name,
            "file": file_of(ran),
            "line": line_of(ran),
            "passed": failure.is_none(),
            "cases": ran.report.cases,
            "failure": failure,
        });
        out.line(&line.to_string())?;
    }
    if results.shown {
        return Ok(());
    }
    out.line(&json!({ "tests": results.ran.len(), "failed": results.failed() }).to_string())
}

/// The format that build servers read: one suite for each file.
fn junit(results: &Results<'_>) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let seconds = |took: Duration| format!("{:.6}", took.as_secs_f64());
    let (all, failed) = (results.ran.len(), results.failed());
    let _ = writeln!(text, "<testsuites tests=\"{all}\" failures=\"{failed}\" time=\"{}\">", seconds(results.took));
    for suite in results.ran.chunk_by(|a, b| file_of(a) == file_of(b)) {
        let name = suite.first().map_or("", file_of);
        let failed = suite.iter().filter(|ran| ran.report.failure.is_some()).count();
        let time = seconds(suite.iter().map(|ran| ran.took).sum());
        let (name, n) = (quoted(name), suite.len());
        let _ = writeln!(text, "  <testsuite name=\"{name}\" tests=\"{n}\" failures=\"{failed}\" time=\"{time}\">");
        for ran in suite {
            let test = quoted(&ran.plan.test.name);
            let time = seconds(ran.took);
            let _ = write!(text, "    <testcase name=\"{test}\" classname=\"{name}\" time=\"{time}\"");
            match &ran.report.failure {
                None => text.push_str("/>\n"),
                Some(failure) => {
                    let message = quoted(&failure.diagnostic.message);
                    let body = quoted(&told(failure, ran.suite, false, 100));
                    let _ = writeln!(text, ">\n      <failure message=\"{message}\">{body}</failure>\n    </testcase>");
                }
            }
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

/// What no test reached.
pub(super) fn coverage(all: &[(&Suite, Coverage)], format: TestFormat, out: &mut Out) -> Result<(), String> {
    let sum = |f: fn(&Coverage) -> (usize, usize)| {
        all.iter().map(|(_, c)| f(c)).fold((0, 0), |(a, b), (c, d)| (a + c, b + d))
    };
    let (statements, outcomes) = (sum(Coverage::reached), sum(Coverage::outcomes));
    match format {
        TestFormat::Human => {
            let line = format!(
                "coverage: {} of {} statements, {} of {} outcomes of waits",
                statements.0, statements.1, outcomes.0, outcomes.1
            );
            out.line(&line)?;
            for (suite, coverage) in all {
                out.text(&coverage.missed(&suite.sources))?;
            }
            Ok(())
        }
        TestFormat::Json => {
            let of = |(reached, all): (usize, usize)| json!({ "reached": reached, "all": all });
            out.line(&json!({ "statements": of(statements), "outcomes": of(outcomes) }).to_string())
        }
        // The format has no place for it; `--lcov` writes it to a file.
        TestFormat::Junit => Ok(()),
    }
}

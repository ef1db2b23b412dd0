//! Rules in words, and tests, of the workspace and the session together.

use super::compile::Mistakes;
use super::rules::{compile, with_items};
use super::session::Session;
use crate::diagnostics::{did_you_mean, one_of};
use crate::picture;
use crate::testing::{self, World};
use std::fmt::Write as _;

/// With how many records a `for any` is tried.
const CASES: u32 = 100;

impl Session {
    /// `:graph`
    pub(super) fn show_graph(&self, name: &str) -> Result<String, String> {
        let understood = with_items(&self.texts, &self.items_text()).0.parse().check();
        let charts = picture::charts(&understood.checked, &understood.schema);
        // Also as it is written after `rule`.
        let wanted = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name);
        let shown: Vec<_> = charts.iter().filter(|chart| wanted.is_empty() || chart.title == wanted).collect();
        if shown.is_empty() && !wanted.is_empty() {
            let names = || charts.iter().map(|chart| &*chart.title);
            let near = did_you_mean(wanted, names()).map(|near| format!(": did you mean `{near}`?"));
            let known = format!("; there are {}", one_of(names(), 12));
            return Err(format!("there is no rule `{wanted}`{}", near.unwrap_or(known)));
        }
        if shown.is_empty() {
            return Ok("no rule is at work\n".to_owned());
        }
        Ok(shown.into_iter().map(picture::outline).collect::<Vec<_>>().join("\n"))
    }

    /// `:test`
    pub(super) fn run_tests(&self, part: &str) -> Result<String, String> {
        let (compiled, _) = compile(&self.texts, &self.items_text());
        let (schema, programs) = (self.schema.clone(), self.programs.clone());
        let world = World { schema, programs, observe: false, cases: CASES, seed: 0 };
        let (mut out, mut failed) = (String::new(), false);
        for plan in compiled.tests.iter().filter(|plan| plan.test.name.contains(part)) {
            let report = testing::run(&world, plan);
            let mark = if report.failure.is_some() { '✗' } else { '✓' };
            let _ = writeln!(out, "{mark} {}", plan.test.name);
            let Some(failure) = report.failure else { continue };
            failed = true;
            let sources = compiled.sources.clone();
            out.push_str(&self.report(&Mistakes { diagnostics: vec![failure.diagnostic], sources }));
            if let Some(example) = failure.example {
                let _ = writeln!(out, "with this record: {example}");
            }
            out.push_str(&failure.told);
        }
        match (out.is_empty(), failed) {
            (true, _) => Ok("there is no such test: `test \"what it shows\" { … }` makes one\n".to_owned()),
            (false, true) => Err(out),
            (false, false) => Ok(out),
        }
    }
}

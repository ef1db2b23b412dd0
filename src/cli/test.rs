//! `dealflow test`: the tests of workspaces, beside one another on all cores.

mod report;

use super::args::{CheckFormat, TestArgs};
use super::check;
use super::exit::Exit;
use super::out::Out;
use super::workspace::{self, Selection};
use crate::check::testing::{Point, points};
use crate::diagnostics::has_errors;
use crate::engine::cover::Seen;
use crate::ir::{Program, TestPlan};
use crate::source::Sources;
use crate::testing::coverage::Coverage;
use crate::testing::{self, Report, World};
use report::Results;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How often files are looked at with `--watch`.
const LOOK: Duration = Duration::from_millis(300);

pub(super) fn test(args: &TestArgs, out: &mut Out) -> Result<Exit, String> {
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() { &here } else { args.paths.as_slice() };
    if !args.watch {
        return once(args, workspace::read_paths(paths)?, out);
    }
    let mut before = Vec::new();
    loop {
        // A file that is being written may be missing for a moment: it is looked at again.
        let now = workspace::read_paths(paths).unwrap_or_default();
        let texts: Vec<String> = now.iter().flat_map(texts_of).collect();
        if !now.is_empty() && texts != before {
            before = texts;
            once(args, now, out)?;
            out.line("— waiting for changes, Ctrl-C ends —")?;
            out.flush()?;
        }
        if out.is_closed() {
            return Ok(Exit::Fine);
        }
        std::thread::sleep(LOOK);
    }
}

fn texts_of(selection: &Selection) -> Vec<String> {
    selection.texts.sources.iter().map(|(_, file)| format!("{}\n{}", file.name, file.text)).collect()
}

/// A workspace whose tests are run.
pub(super) struct Suite {
    pub(super) sources: Sources,
    world: World,
    plans: Vec<TestPlan>,
    points: Vec<Point>,
    pub(super) programs: Vec<Arc<Program>>,
}

/// One test that was run.
pub(super) struct Ran<'s> {
    pub(super) suite: &'s Suite,
    pub(super) plan: &'s TestPlan,
    pub(super) report: Report,
    pub(super) took: Duration,
}

fn once(args: &TestArgs, selections: Vec<Selection>, out: &mut Out) -> Result<Exit, String> {
    let mut suites = Vec::new();
    let mut sound = true;
    for selection in selections {
        let understood = selection.texts.clone().parse().check();
        if has_errors(&understood.diagnostics) {
            check::show(&understood.diagnostics, &understood.sources, CheckFormat::Human, out)?;
            sound = false;
            continue;
        }
        suites.push(suite(args, &selection, understood));
    }
    if !sound {
        out.line("nothing was tested: mend these first")?;
        return Ok(Exit::Findings);
    }
    let begun = Instant::now();
    let ran = run_all(&suites);
    let results = Results { ran: &ran, took: begun.elapsed(), shown: args.coverage };
    report::show(&results, args.format, out)?;
    let coverages: Vec<(&Suite, Coverage)> = if args.coverage || args.lcov.is_some() {
        suites.iter().map(|s| (s, covered(s, &ran))).collect()
    } else {
        Vec::new()
    };
    if args.coverage {
        report::coverage(&coverages, args.format, out)?;
    }
    if let Some(path) = &args.lcov {
        let text: String = coverages.iter().map(|(suite, coverage)| coverage.lcov(&suite.sources)).collect();
        std::fs::write(path, text).map_err(|e| workspace::cannot("write", path, &e))?;
    }
    let failed = ran.iter().any(|ran| ran.report.failure.is_some());
    Ok(if failed { Exit::Findings } else { Exit::Fine })
}

fn suite(args: &TestArgs, selection: &Selection, understood: crate::pipeline::Understood) -> Suite {
    let points = points(&understood.checked);
    let compiled = understood.compile();
    let wanted = |plan: &TestPlan| {
        let named = args.filter.as_ref().is_none_or(|part| plan.test.name.contains(part.as_str()));
        named && selection.has(plan.test.file)
    };
    let plans = compiled.tests.into_iter().filter(wanted).collect();
    let world = World {
        schema: compiled.schema,
        programs: compiled.programs.clone(),
        observe: args.coverage || args.lcov.is_some(),
        cases: args.cases,
        seed: args.seed,
    };
    Suite { sources: compiled.sources, world, plans, points, programs: compiled.programs }
}

/// Runs all tests, each core the next one that nobody has taken; gives them in their own order.
fn run_all(suites: &[Suite]) -> Vec<Ran<'_>> {
    let all: Vec<(&Suite, &TestPlan)> = suites.iter().flat_map(|s| s.plans.iter().map(move |plan| (s, plan))).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(all.len()).max(1);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((suite, plan)) = all.get(at).copied() else { return done };
            let begun = Instant::now();
            let report = testing::run(&suite.world, plan);
            done.push((at, Ran { suite, plan, report, took: begun.elapsed() }));
        }
    };
    let mut ran: Vec<(usize, Ran<'_>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..cores).map(|_| scope.spawn(work)).collect();
        let mut ran = work();
        // A thread that panicked has lost its tests: the panic goes on here.
        ran.extend(threads.into_iter().flat_map(|t| t.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))));
        ran
    });
    ran.sort_by_key(|(at, _)| *at);
    ran.into_iter().map(|(_, ran)| ran).collect()
}

fn covered(suite: &Suite, ran: &[Ran<'_>]) -> Coverage {
    let mut seen = Seen::default();
    for ran in ran.iter().filter(|ran| std::ptr::eq(ran.suite, suite)) {
        seen.add(ran.report.seen.clone());
    }
    Coverage::new(&suite.points, &suite.programs, &suite.sources, &seen)
}

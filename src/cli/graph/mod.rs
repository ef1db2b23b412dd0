//! `dealflow graph`: rules as pictures; with `--triggers` which rules set off which. As an image, or as text for one.

mod layout;
mod svg;
mod text;

use super::args::{GraphArgs, GraphFormat};
use super::exit::Exit;
use super::out::Out;
use super::workspace;
use crate::check::graph::{Graph, Link};
use crate::diagnostics::{Code, Diagnostic, Severity, did_you_mean, one_of};
use crate::picture;
use std::collections::{BTreeMap, BTreeSet};

/// An arrow between two boxes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Arrow {
    /// Numbers of boxes.
    from: usize,
    to: usize,
    /// What is changed, one line for each.
    labels: Vec<String>,
    /// Only after time has passed.
    later: bool,
    /// Part of a circle without an end.
    endless: bool,
}

/// What is drawn: the rules that have to do with another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Picture {
    boxes: Vec<String>,
    arrows: Vec<Arrow>,
}

impl Picture {
    fn of(graph: &Graph, links: &[Link]) -> Self {
        let linked: BTreeSet<usize> = links.iter().flat_map(|link| [link.from, link.to]).collect();
        let number: BTreeMap<usize, usize> = linked.iter().copied().zip(0..).collect();
        let boxes = linked.iter().filter_map(|at| graph.rules.get(*at)).map(|rule| rule.title.clone()).collect();
        // Several changes between the same two rules are one arrow.
        let mut arrows: BTreeMap<(usize, usize), Arrow> = BTreeMap::new();
        for link in links {
            let (Some(&from), Some(&to)) = (number.get(&link.from), number.get(&link.to)) else { continue };
            let new = Arrow { from, to, labels: Vec::new(), later: true, endless: false };
            let arrow = arrows.entry((from, to)).or_insert(new);
            if !link.what.is_empty() && !arrow.labels.contains(&link.what) {
                arrow.labels.push(link.what.clone());
            }
            arrow.later &= link.later;
            arrow.endless |= graph.is_endless(link);
        }
        Self { boxes, arrows: arrows.into_values().collect() }
    }
}

/// Draws rules, or how they set one another off.
pub(super) fn graph(args: &GraphArgs, out: &mut Out) -> Result<Exit, String> {
    if args.triggers { triggers(args, out) } else { rules(args, out) }
}

/// Draws each rule by itself.
fn rules(args: &GraphArgs, out: &mut Out) -> Result<Exit, String> {
    let mut charts = Vec::new();
    let mut mistakes = 0;
    let mut names = Vec::new();
    for selection in workspace::read_paths(std::slice::from_ref(&args.path))? {
        let understood = selection.texts.clone().parse().check();
        let drawn = picture::charts(&understood.checked, &understood.schema);
        for (rule, chart) in understood.checked.rules.iter().zip(drawn).filter(|(rule, _)| selection.has(rule.file)) {
            names.push(rule.title.clone());
            if args.rule.as_ref().is_none_or(|wanted| *wanted == rule.title) {
                charts.push(chart);
            }
        }
        let own = understood.diagnostics.iter().filter(|d| left_out(d) && selection.has(d.file()));
        mistakes += own.count();
    }
    if let (true, Some(wanted)) = (charts.is_empty(), &args.rule) {
        let near = did_you_mean(wanted, names.iter().map(String::as_str));
        let near = near.map(|near| format!(": did you mean `{near}`?"));
        let known = one_of(names.iter().map(String::as_str), 12);
        return Err(format!("there is no rule `{wanted}`{}", near.unwrap_or(format!("; there are {known}"))));
    }
    out.text(&match args.format {
        GraphFormat::Mermaid => picture::mermaid(&charts),
        GraphFormat::Dot => picture::dot(&charts),
        GraphFormat::Svg => picture::svg(&charts),
    })?;
    Ok(told(mistakes))
}

/// Circles are drawn; all other mistakes keep a rule out of the picture.
fn left_out(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity() == Severity::Error && diagnostic.code != Code::E0601
}

fn told(mistakes: usize) -> Exit {
    if mistakes == 0 {
        return Exit::Fine;
    }
    super::run::eprint_line(&format!(
        "dealflow: {mistakes} mistakes; rules with mistakes are left out (see `dealflow check`)"
    ));
    Exit::Findings
}

/// Draws which rules set off which.
fn triggers(args: &GraphArgs, out: &mut Out) -> Result<Exit, String> {
    let understood = workspace::read_dir(&args.path)?.parse().check();
    let links = understood.graph.links(&understood.checked, &understood.schema);
    let picture = Picture::of(&understood.graph, &links);
    out.text(&match args.format {
        GraphFormat::Mermaid => text::mermaid(&picture),
        GraphFormat::Dot => text::dot(&picture),
        GraphFormat::Svg => svg::svg(&picture),
    })?;
    Ok(told(understood.diagnostics.iter().filter(|d| left_out(d)).count()))
}

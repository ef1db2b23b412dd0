//! `dealflow graph --triggers`: which rules set off which, as a picture or as text for one.

mod layout;
mod svg;
mod text;

use super::args::{GraphArgs, GraphFormat};
use super::exit::Exit;
use super::out::Out;
use super::workspace;
use crate::check::graph::Graph;
use crate::diagnostics::{Code, Diagnostic, Severity};
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
    fn of(graph: &Graph) -> Self {
        let linked: BTreeSet<usize> = graph.links.iter().flat_map(|link| [link.from, link.to]).collect();
        let number: BTreeMap<usize, usize> = linked.iter().copied().zip(0..).collect();
        let boxes = linked.iter().filter_map(|at| graph.rules.get(*at)).map(|rule| rule.title.clone()).collect();
        // Several changes between the same two rules are one arrow.
        let mut arrows: BTreeMap<(usize, usize), Arrow> = BTreeMap::new();
        for link in &graph.links {
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

/// Draws the graph of a workspace.
pub(super) fn graph(args: &GraphArgs, out: &mut Out) -> Result<Exit, String> {
    let understood = workspace::read_dir(&args.dir)?.parse().check();
    let picture = Picture::of(&understood.graph);
    out.text(&match args.format {
        GraphFormat::Mermaid => text::mermaid(&picture),
        GraphFormat::Dot => text::dot(&picture),
        GraphFormat::Svg => svg::svg(&picture),
    })?;
    // Circles are drawn; all other mistakes keep a rule out of the picture.
    let left_out = |d: &&Diagnostic| d.severity() == Severity::Error && d.code != Code::E0601;
    let mistakes = understood.diagnostics.iter().filter(left_out).count();
    if mistakes > 0 {
        super::run::eprint_line(&format!(
            "dealflow: {mistakes} mistakes; rules with mistakes are left out (see `dealflow check`)"
        ));
    }
    Ok(if mistakes > 0 { Exit::Findings } else { Exit::Fine })
}

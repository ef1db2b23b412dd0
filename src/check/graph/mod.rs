//! Which rules set off which: from what rules do to what other rules wait for, over all scripts of a workspace.
//!
//! A link is left out when it is certain that it never happens: the condition of the other rule is false after the
//! change, or it does not listen to changes by rules. What remains may happen.

mod build;
mod coarse;
mod cycles;
mod deeds;
mod groups;
mod reach;
mod settle;
mod worth;

use super::typed::{Function, Rule};
use super::{Checked, Script};
use crate::diagnostics::Diagnostic;
use crate::schema::Schema;
use crate::source::{FileId, Span};
use crate::value::Name;
use std::collections::BTreeMap;
use worth::Judge;

/// The rules of a workspace and the circles in which they set one another off.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The rules, in file and rule order.
    pub rules: Vec<Node>,
    /// Links that go round without a wait or a condition that ends it, each circle in order.
    circles: Vec<Vec<Link>>,
    /// Waits for what no rule brings about.
    unreachable: Vec<Diagnostic>,
}

/// A rule in the graph.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name, or its trigger as written.
    pub title: String,
    /// Its file.
    pub file: FileId,
    /// Where its trigger is written.
    pub trigger: Span,
}

/// An action that can set off a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// The rule that acts, an index into `rules`.
    pub from: usize,
    /// The rule that is set off.
    pub to: usize,
    /// What is changed, such as `deal.stage`, or `a new deal`.
    pub what: String,
    /// The file of the action.
    pub file: FileId,
    /// The action.
    pub at: Span,
    /// Whether time passes between the two: the rule waits before it acts, or the other is set off by a date.
    pub later: bool,
}

/// What the passes over the graph read.
#[derive(Clone, Copy, Debug)]
struct World<'a> {
    schema: &'a Schema,
    rules: &'a [Rule],
    functions: &'a [Option<Function>],
}

impl<'a> World<'a> {
    fn new(checked: &'a Checked, schema: &'a Schema) -> Self {
        Self { schema, rules: &checked.rules, functions: &checked.functions }
    }
}

/// Finds the circles in which the rules of checked scripts set one another off. Most workspaces have none, and a look at
/// who writes what somebody else waits for shows that; only what may lie on a circle is looked at pair by pair.
pub fn graph(scripts: &[Script<'_>], checked: &Checked, schema: &Schema) -> Graph {
    let world = World::new(checked, schema);
    let by_file: BTreeMap<FileId, &Script<'_>> = scripts.iter().map(|script| (script.file, script)).collect();
    let trigger_of =
        |rule: &Rule| by_file.get(&rule.file).map_or(rule.span, |script| super::lint::trigger_of(script, rule));
    let rules: Vec<Node> = checked
        .rules
        .iter()
        .map(|rule| Node { title: rule.title.clone(), file: rule.file, trigger: trigger_of(rule) })
        .collect();
    let deeds = deeds::deeds(world, &rules);
    let groups = coarse::groups(world, &deeds);
    let together = |from: usize, to: usize| groups.get(from).is_some_and(|group| groups.get(to) == Some(group));
    let judge = Judge::new(world, &deeds);
    let arcs = build::arcs(world, &deeds, &judge, &together);
    let circles = cycles::circles(world, &deeds, &judge, &arcs);
    let unreachable = reach::unreachable(world, &rules, &deeds);
    Graph { rules, circles, unreachable }
}

impl Graph {
    /// All links, sorted, one for each action and rule that it can set off.
    pub fn links(&self, checked: &Checked, schema: &Schema) -> Vec<Link> {
        let world = World::new(checked, schema);
        let deeds = deeds::deeds(world, &self.rules);
        let arcs = build::arcs(world, &deeds, &Judge::new(world, &deeds), &|_, _| true);
        let mut links: Vec<Link> = arcs.iter().filter_map(|arc| cycles::link(&deeds, arc)).collect();
        links.extend(build::dates(world, &deeds));
        links.sort();
        links.dedup();
        links
    }

    /// The circles as errors: every action on the way is a label, in order. And what else only all rules together show, if
    /// they are `sound`: a rule with a mistake is not among them, and may be the one that moves a record there.
    pub fn diagnostics(&self, sound: bool) -> Vec<Diagnostic> {
        let circles = self.circles.iter().filter_map(|circle| cycles::report(&self.rules, circle));
        circles.chain(self.unreachable.iter().filter(|_| sound).cloned()).collect()
    }

    /// Whether a link is part of a circle that has no end.
    pub fn is_endless(&self, link: &Link) -> bool {
        self.circles.iter().flatten().any(|other| other == link)
    }
}

/// A field of an entity.
type FieldOf = (Name, Name);

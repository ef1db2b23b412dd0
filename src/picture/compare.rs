//! What changes in behaviour from one version of a workspace to another, rule by rule and in words.
//!
//! Two rules are the same rule when they have the same name, or, without one, the same file and trigger. What only looks
//! different (comments, layout, other words for the same) is no change: the compiled programs are compared.

use super::build::{charts, clauses};
use super::outline::{lines, without_texts};
use crate::check::manifest::{Bound, Effect, manifests};
use crate::check::typed::{Origin, Rule, Stmt, StmtKind};
use crate::check::visit_statements;
use crate::ir;
use crate::pipeline::Understood;
use crate::source::Sources;
use crate::value::Name;
use std::collections::BTreeMap;

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its name, in the new version where there is one.
    pub rule: String,
    /// Its script, in the new version where there is one.
    pub file: String,
    /// What became of it.
    pub what: What,
}

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is new.
    Added(Vec<Change>),
    /// It is gone.
    Removed(Vec<Change>),
    /// It has another name, and does the same as before.
    Renamed(String),
    /// Only texts that people read are others.
    Texts(Vec<Change>),
    /// It does something else.
    Changed(Vec<Change>),
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is about: `trigger`, `only if`, `effects`, `waits`, …
    pub about: &'static str,
    /// What is not so any more.
    pub old: Vec<String>,
    /// What is so now.
    pub new: Vec<String>,
}

/// Everything that is compared of a rule.
struct Behaviour {
    title: String,
    named: bool,
    file: Name,
    digest: ir::Digest,
    /// In the order in which they are shown.
    aspects: Vec<(&'static str, Vec<String>)>,
    steps: Vec<String>,
}

/// The differences, in the order of the new version, then the rules that are gone. `root` is what stands before the
/// scripts' names in each.
pub fn differences(old: &Understood, new: &Understood, roots: (&str, &str)) -> Vec<Difference> {
    let (mut old, new) = (behaviours(old, roots.0), behaviours(new, roots.1));
    let mut found = Vec::new();
    let mut added = Vec::new();
    for now in new {
        let same = |before: &Behaviour| {
            before.title == now.title && before.named == now.named && (now.named || before.file == now.file)
        };
        match old.iter().position(same) {
            Some(at) => found.extend(compared(&old.remove(at), &now)),
            None => added.push(now),
        }
    }
    for now in added {
        let what = match old.iter().position(|before| before.digest == now.digest) {
            Some(at) => What::Renamed(old.remove(at).title),
            None => What::Added(whole(&now, false)),
        };
        found.push(Difference { rule: now.title, file: now.file.to_string(), what });
    }
    found.extend(old.into_iter().map(|gone| {
        let what = What::Removed(whole(&gone, true));
        Difference { rule: gone.title, file: gone.file.to_string(), what }
    }));
    found
}

fn behaviours(understood: &Understood, root: &str) -> Vec<Behaviour> {
    let Understood { sources, schema, checked, .. } = understood;
    // Rules name flows by their script, which is called the same in both.
    let own = |file: &str| file.strip_prefix(root).unwrap_or(file).to_owned();
    let mut named = Sources::default();
    for (_, file) in sources.iter() {
        named.add(&own(&file.name), &file.text);
    }
    let around = ir::Around { functions: &checked.functions, sources: &named, schema };
    let drawn = charts(checked, schema);
    let effects = manifests(checked, sources, schema);
    let each = checked.rules.iter().zip(drawn).zip(effects);
    let one = |((rule, chart), manifest): ((&Rule, super::Chart), crate::check::manifest::Manifest)| {
        let program = ir::lower_rule(rule, around)?;
        let file = sources.get(rule.file).map_or("", |file| &file.name);
        let mut aspects = clauses(rule, checked, schema);
        aspects.push(("set off by", origins(&rule.origins)));
        aspects.push(("waits", waits(rule, sources)));
        let place = |most: Bound| match most {
            Bound::AtMost(n) => format!("at most {n}"),
            Bound::Unbounded(..) => "without bound".to_owned(),
        };
        let effect = |e: &Effect| {
            let target = if e.target.is_empty() { String::new() } else { format!(" {}", e.target) };
            format!("{}{target}: {}", e.action, place(e.most))
        };
        aspects.push(("effects in one run", manifest.effects.iter().map(effect).collect()));
        let personal = manifest.effects.iter().filter(|e| !e.personal.is_empty());
        let personal = personal.map(|e| {
            let data: Vec<&str> = e.personal.iter().copied().collect();
            format!("{} in {} {}", data.join(", "), e.action, e.target).trim_end().to_owned()
        });
        aspects.push(("personal data", personal.collect()));
        Some(Behaviour {
            title: rule.title.clone(),
            named: rule.name.is_some(),
            file: own(file).into(),
            digest: program.digest(),
            aspects,
            steps: lines(&chart),
        })
    };
    each.filter_map(one).collect()
}

fn origins(origins: &[Origin]) -> Vec<String> {
    let word = |origin: &Origin| match origin {
        Origin::User => "people",
        Origin::Api => "other systems",
        Origin::Import => "imports",
        Origin::Rule => "rules",
    };
    origins.iter().map(|origin| word(origin).to_owned()).collect()
}

/// The waits as written, without what follows them.
fn waits(rule: &Rule, sources: &Sources) -> Vec<String> {
    let text = sources.get(rule.file).map_or("", |file| &file.text);
    let mut found = Vec::new();
    visit_statements(&rule.body, &mut |stmt: &Stmt| {
        if let StmtKind::Wait(_) = stmt.kind {
            found.push(crate::feed::timeline::first_line(stmt.span.of(text)));
        }
    });
    found
}

fn compared(before: &Behaviour, now: &Behaviour) -> Option<Difference> {
    if before.digest == now.digest {
        return None;
    }
    let mut changes: Vec<Change> = before
        .aspects
        .iter()
        .zip(&now.aspects)
        .filter_map(|((about, old), (_, new))| {
            let (old, new) = only_different(old, new);
            (!old.is_empty() || !new.is_empty()).then_some(Change { about, old, new })
        })
        .collect();
    let bare = |lines: &[String]| lines.iter().map(|line| without_texts(line)).collect::<Vec<_>>();
    let (old, new) = only_different(&before.steps, &now.steps);
    let texts = changes.is_empty() && !old.is_empty() && bare(&before.steps) == bare(&now.steps);
    if !old.is_empty() || !new.is_empty() {
        changes.push(Change { about: if texts { "texts" } else { "steps" }, old, new });
    }
    if changes.is_empty() {
        let seen = "the order of steps, or something that the words do not show".to_owned();
        changes.push(Change { about: "steps", old: Vec::new(), new: vec![seen] });
    }
    let what = if texts { What::Texts(changes) } else { What::Changed(changes) };
    Some(Difference { rule: now.title.clone(), file: now.file.to_string(), what })
}

/// The lines of each side that the other has not, counted.
fn only_different(old: &[String], new: &[String]) -> (Vec<String>, Vec<String>) {
    let without = |of: &[String], other: &[String]| {
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        for line in other {
            *left.entry(line.trim()).or_default() += 1;
        }
        let mut kept = Vec::new();
        for line in of {
            match left.get_mut(line.trim()).filter(|n| **n > 0) {
                Some(n) => *n -= 1,
                None => kept.push(line.trim().to_owned()),
            }
        }
        kept
    };
    (without(old, new), without(new, old))
}

/// A whole rule, as something that is new or gone.
fn whole(rule: &Behaviour, gone: bool) -> Vec<Change> {
    let aspects = rule.aspects.iter().filter(|(about, lines)| !lines.is_empty() && *about != "set off by");
    let change = |(about, lines): &(&'static str, Vec<String>)| {
        let (old, new) = if gone { (lines.clone(), Vec::new()) } else { (Vec::new(), lines.clone()) };
        Change { about, old, new }
    };
    aspects.map(change).collect()
}

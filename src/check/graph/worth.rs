//! What conditions are worth after deeds. In a large workspace there are millions of pairs of the two, and in most of them
//! the condition does not look at anything that the deed says something of: that is seen without going through it.

use super::World;
use super::build::as_seen;
use super::deeds::Deed;
use crate::check::lint::known::{Known, Reasoner};
use crate::check::typed::{Expr, ExprKind, Trigger};
use crate::check::visit;
use crate::schema::Type;
use crate::source::{FileId, Span};
use crate::value::Name;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a condition before it is held against a deed.
#[derive(Debug)]
struct Reads {
    /// The names of the fields it looks at.
    fields: BTreeSet<Name>,
    /// Whether knowledge of other fields can say something of these: stages and pipelines do of one another.
    more: bool,
    /// What it is worth whatever was done.
    alone: Option<bool>,
}

/// Holds conditions against deeds.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    world: World<'a>,
    conditions: BTreeMap<(FileId, Span), Reads>,
    /// For each deed the names of the fields of which something is known afterwards.
    after: Vec<BTreeSet<Name>>,
}

impl<'a> Judge<'a> {
    /// Looks at all deeds and at the conditions of all rules.
    pub(super) fn new(world: World<'a>, deeds: &[Deed<'_>]) -> Self {
        let mut conditions = BTreeMap::new();
        let mut note = |file, cond: &Expr| {
            conditions.entry((file, cond.span)).or_insert_with(|| Reads::of(world, cond));
        };
        for rule in world.rules {
            rule.condition.iter().chain(&rule.lifetime).for_each(|cond| note(rule.file, cond));
        }
        for deed in deeds {
            deed.guards.iter().for_each(|(guard, _)| note(deed.file, guard));
        }
        Self { world, conditions, after: deeds.iter().map(|deed| deed.after.names()).collect() }
    }

    /// What a condition that stands in this file, on the way into a rule, is worth after a deed.
    pub(super) fn worth(
        &self,
        deeds: &[Deed<'_>],
        deed: usize,
        rule: usize,
        file: FileId,
        cond: &Expr,
    ) -> Option<bool> {
        let (rule, first, names) = (self.world.rules.get(rule)?, deeds.get(deed)?, self.after.get(deed)?);
        let reads = self.conditions.get(&(file, cond.span));
        if let Some(reads) = reads
            && !reads.more
            && !matches!(rule.trigger, Trigger::Event { .. })
            && reads.fields.is_disjoint(names)
        {
            return reads.alone;
        }
        let reason = Reasoner { schema: self.world.schema };
        reason.worth(&as_seen(first, rule), cond).map(|verdict| verdict.holds)
    }
}

impl Reads {
    fn of(world: World<'_>, cond: &Expr) -> Self {
        let (mut fields, mut more) = (BTreeSet::new(), false);
        visit::each_expr(cond, &mut |e| {
            if let ExprKind::Field(_, name) = &e.kind {
                fields.insert(name.clone());
            }
            more |= matches!(e.ty.present(), Type::Stage(_) | Type::Pipeline(_));
        });
        let alone = Reasoner { schema: world.schema }.worth(&Known::default(), cond).map(|verdict| verdict.holds);
        Self { fields, more, alone }
    }
}

//! What is known of paths and variables at one place of a rule, and what conditions are worth there.

use super::domain::Domain;
use crate::check::facts::path_key;
use crate::check::typed::{Expr, ExprKind, Op};
use crate::schema::{Entity, Schema, Type};
use crate::source::Span;
use crate::value::{Name, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What a condition is worth, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) struct Verdict {
    pub(in crate::check) holds: bool,
    /// What makes it so, if it is something elsewhere.
    pub(in crate::check) why: Option<Span>,
}

/// Knowledge by path key (see `facts`); a path without an entry can have any value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::check) struct Known {
    paths: BTreeMap<String, Domain>,
}

/// Everything that questions about values need besides the knowledge itself.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) struct Reasoner<'a> {
    pub(in crate::check) schema: &'a Schema,
}

impl Known {
    /// What is known of a key.
    pub(in crate::check) fn get(&self, key: &str) -> Option<&Domain> {
        self.paths.get(key)
    }

    /// Adds what is known of a key.
    pub(in crate::check) fn narrow(&mut self, key: &str, domain: &Domain, why: Option<Span>) {
        let met = self.paths.get(key).map_or_else(|| domain.clone(), |old| domain.meet(old));
        let why = why.or(met.why);
        self.paths.insert(key.to_owned(), Domain { why, ..met });
    }

    /// Replaces what is known of a key.
    pub(in crate::check) fn put(&mut self, key: String, domain: Domain) {
        self.paths.insert(key, domain);
    }

    /// Forgets a variable and every path that begins with it.
    pub(in crate::check) fn forget_local(&mut self, key: &str) {
        self.paths.retain(|path, _| path != key && path.strip_prefix(key).is_none_or(|rest| !rest.starts_with('.')));
    }

    /// Forgets every path through a field of this name, of whatever record: two paths may mean the same record.
    pub(in crate::check) fn forget_field(&mut self, field: &str) {
        self.paths.retain(|path, _| path.split('.').skip(1).all(|part| part != field));
    }

    /// Forgets what may have changed while a run slept: everything but variables, the event, and `kept` fields.
    pub(in crate::check) fn forget_live(&mut self, kept: &[Name]) {
        self.paths.retain(|path, _| {
            let mut parts = path.split('.');
            let (root, rest) = (parts.next().unwrap_or_default(), parts.collect::<Vec<_>>());
            match rest.as_slice() {
                [] => true,
                [_] if root == "event" => true,
                [.., last] => kept.iter().any(|field| **field == **last),
            }
        });
    }

    /// What is known whichever of the two is the case.
    #[must_use]
    pub(in crate::check) fn join(&self, other: &Self) -> Self {
        let both = self.paths.iter().filter_map(|(key, a)| Some((key, a, other.paths.get(key)?)));
        let joined = both.map(|(key, a, b)| (key.clone(), a.join(b))).filter(|(_, domain)| !domain.is_any());
        Self { paths: joined.collect() }
    }

    /// Adds everything that the other knows.
    pub(in crate::check) fn add(&mut self, other: &Self) {
        for (key, domain) in &other.paths {
            self.narrow(key, domain, None);
        }
    }

    /// What is known of the paths that begin with `prefix`, with another beginning.
    #[must_use]
    pub(in crate::check) fn moved(&self, prefix: &str, to: &str) -> Self {
        let moved = self.paths.iter().filter_map(|(key, domain)| {
            let rest = key.strip_prefix(prefix)?;
            (rest.is_empty() || rest.starts_with('.')).then(|| (format!("{to}{rest}"), domain.clone()))
        });
        Self { paths: moved.collect() }
    }

    /// The names of the fields of which something is known.
    pub(in crate::check) fn names(&self) -> BTreeSet<Name> {
        self.paths.keys().flat_map(|key| key.split('.').skip(1)).map(Name::from).collect()
    }

    /// The key of a path; where it begins with the first of several records that is there, of that one if it is known to
    /// be.
    fn key(&self, e: &Expr) -> Option<String> {
        match &e.kind {
            ExprKind::Default(first, _) if self.is_there(first) => self.key(first),
            ExprKind::Field(base, name) => Some(format!("{}.{name}", self.key(base)?)),
            _ => path_key(e),
        }
    }

    /// Whether a path is known not to be missing.
    fn is_there(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Default(first, second) => self.is_there(first) || self.is_there(second),
            _ => self.key(e).and_then(|key| self.get(&key)).is_some_and(|domain| !domain.missing),
        }
    }

    /// Whether something has no value left that it could have.
    fn contradiction(&self) -> Option<&Domain> {
        self.paths.values().find(|domain| domain.is_empty())
    }
}

impl<'a> Reasoner<'a> {
    /// The entity whose field this reads.
    fn entity(self, e: &Expr) -> Option<&'a Entity> {
        let ExprKind::Field(base, _) = &e.kind else { return None };
        let Type::Entity(id) = base.ty.present() else { return None };
        self.schema.get(*id)
    }

    /// What the value of a path can be: what its type says, what is known, and for stages what the pipeline says.
    pub(in crate::check) fn domain(self, known: &Known, e: &Expr) -> Option<(String, Domain)> {
        let key = known.key(e)?;
        let mut domain = known.get(&key).cloned().unwrap_or_else(|| Domain::any(true));
        if let (Some(entity), Some(base_key)) = (self.entity(e), base_key(known, e)) {
            let of_kind = match e.ty.present() {
                Type::Stage(_) => stages(known, entity, &base_key),
                Type::Pipeline(_) => pipelines(known, entity, &base_key),
                _ => None,
            };
            if let Some(of_kind) = of_kind {
                domain = domain.meet(&Domain { missing: true, ..of_kind });
            }
        }
        Some((key, domain))
    }

    /// What the condition is worth; `None` when it can be either.
    pub(in crate::check) fn worth(self, known: &Known, e: &Expr) -> Option<Verdict> {
        let plain = |holds| Some(Verdict { holds, why: None });
        match &e.kind {
            ExprKind::Const(Value::Bool(holds)) => plain(*holds),
            ExprKind::Not(a) => self.worth(known, a).map(|v| Verdict { holds: !v.holds, ..v }),
            ExprKind::And(a, b) => self.both(known, a, b, true),
            ExprKind::Or(a, b) => self.both(known, a, b, false),
            ExprKind::IsEmpty(of) if matches!(of.kind, ExprKind::Default(..)) && known.is_there(of) => plain(false),
            ExprKind::IsEmpty(_) | ExprKind::Field(..) | ExprKind::Local(_) => self.atom(known, e),
            ExprKind::Binary(op, a, b) => match (path_key(a), path_key(b)) {
                (Some(left), Some(right)) if left == right => match op {
                    // What may be missing does not even equal itself.
                    Op::Eq | Op::Ne if a.ty.is_optional() => None,
                    Op::Eq => plain(true),
                    Op::Ne | Op::Lt | Op::Gt => plain(false),
                    _ => None,
                },
                _ => constant(*op, a, b).map_or_else(|| self.atom(known, e), plain),
            },
            _ => None,
        }
    }

    /// `and` (with `truth`) and `or` (without): one side that is not `truth` decides.
    fn both(self, known: &Known, a: &Expr, b: &Expr, truth: bool) -> Option<Verdict> {
        let first = self.worth(known, a);
        if let Some(verdict) = first.filter(|v| v.holds != truth) {
            return Some(verdict);
        }
        let mut then = known.clone();
        self.learn(&mut then, a, truth);
        // What the left side says is the reason, unless something before did.
        let near = |v: Verdict| Verdict {
            why: v.why.filter(|why| !(a.span.start <= why.start && why.end <= a.span.end)),
            ..v
        };
        if then.contradiction().is_some() {
            return Some(Verdict { holds: !truth, why: None });
        }
        match (first, self.worth(&then, b)) {
            (_, Some(verdict)) if verdict.holds != truth => Some(near(verdict)),
            (Some(one), Some(other)) => Some(Verdict { holds: truth, why: one.why.or(other.why) }),
            _ => None,
        }
    }

    /// A test of one path.
    fn atom(self, known: &Known, e: &Expr) -> Option<Verdict> {
        let (tested, yes) = test(e, true)?;
        let (_, no) = test(e, false)?;
        let (_, now) = self.domain(known, tested)?;
        let why = now.why;
        if now.is_any() {
            return None;
        }
        match (now.meet(&yes).is_empty(), now.meet(&no).is_empty()) {
            (true, false) => Some(Verdict { holds: false, why }),
            (false, true) => Some(Verdict { holds: true, why }),
            (true, true) | (false, false) => None,
        }
    }

    /// Adds what follows from a condition having this truth.
    pub(in crate::check) fn learn(self, known: &mut Known, e: &Expr, truth: bool) {
        match (&e.kind, truth) {
            (ExprKind::Not(a), _) => self.learn(known, a, !truth),
            (ExprKind::And(a, b), true) | (ExprKind::Or(a, b), false) => {
                self.learn(known, a, truth);
                self.learn(known, b, truth);
            }
            (ExprKind::And(a, b), false) | (ExprKind::Or(a, b), true) => {
                let (mut left, mut right) = (known.clone(), known.clone());
                self.learn(&mut left, a, truth);
                self.learn(&mut right, b, truth);
                *known = match (left.contradiction().is_some(), right.contradiction().is_some()) {
                    (true, false) => right,
                    (false, true) => left,
                    (true, true) | (false, false) => left.join(&right),
                };
            }
            _ => {
                if let Some((path, domain)) = test(e, truth)
                    && let Some((key, now)) = self.domain(known, path)
                {
                    let met = now.meet(&domain);
                    // What says nothing new is no reason.
                    let new = test(e, !truth).is_none_or(|(_, others)| !now.meet(&others).is_empty());
                    let why = if new { Some(e.span) } else { now.why };
                    known.put(key, Domain { why, ..met });
                }
            }
        }
    }
}

/// The key of what a field belongs to.
fn base_key(known: &Known, e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Field(base, _) => known.key(base),
        _ => None,
    }
}

/// The operator with its sides exchanged.
fn flipped(op: Op) -> Option<Op> {
    Some(match op {
        Op::Eq | Op::Ne => op,
        Op::Lt => Op::Gt,
        Op::Le => Op::Ge,
        Op::Gt => Op::Lt,
        Op::Ge => Op::Le,
        Op::In | Op::Contains | Op::StartsWith | Op::EndsWith | Op::Add | Op::Sub | Op::Mul | Op::Div => return None,
    })
}

/// The values of a constant list.
fn constants(e: &Expr) -> Option<Vec<Value>> {
    match &e.kind {
        ExprKind::Const(Value::List(items)) => Some(items.to_vec()),
        ExprKind::List(items) => items
            .iter()
            .map(|item| match &item.kind {
                ExprKind::Const(value) => Some(value.clone()),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// A comparison of two constants.
fn constant(op: Op, a: &Expr, b: &Expr) -> Option<bool> {
    let ExprKind::Const(value) = &a.kind else { return None };
    let one = Domain::of(vec![value.clone()]);
    let (yes, no) = match (op, constants(b), &b.kind) {
        (Op::In, Some(values), _) => (Domain::of(values.clone()), Domain::but(values)),
        (_, _, ExprKind::Const(other)) => (Domain::where_(op, other, true)?, Domain::where_(op, other, false)?),
        _ => return None,
    };
    match (one.meet(&yes).is_empty(), one.meet(&no).is_empty()) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        (true, true) | (false, false) => None,
    }
}

/// The stages of the pipelines that the record can be in.
fn stages(known: &Known, entity: &Entity, base: &str) -> Option<Domain> {
    let field = entity.pipeline_field()?;
    let pipeline = known.get(&format!("{base}.{}", field.name))?;
    let possible = entity.pipelines.iter().filter(|p| {
        let name = Value::Text(p.name.clone());
        pipeline.listed.as_ref().is_none_or(|listed| listed.contains(&name)) && pipeline.may_be(&name)
    });
    let stages = possible.flat_map(|p| &p.stages).map(|s| Value::Text(s.name.clone())).collect();
    Some(Domain { why: pipeline.why, ..Domain::of(stages) })
}

/// The pipelines that have a stage in which the record can be.
fn pipelines(known: &Known, entity: &Entity, base: &str) -> Option<Domain> {
    let stage = known.get(&format!("{base}.{}", entity.stage_name()?))?;
    let listed = stage.listed.as_ref()?;
    let has = |p: &&crate::schema::Pipeline| p.stages.iter().any(|s| listed.contains(&Value::Text(s.name.clone())));
    let names = entity.pipelines.iter().filter(has).map(|p| Value::Text(p.name.clone())).collect();
    Some(Domain { why: stage.why, ..Domain::of(names) })
}

/// The path that a condition tests, and the values for which it has this truth.
fn test(e: &Expr, truth: bool) -> Option<(&Expr, Domain)> {
    match &e.kind {
        ExprKind::Field(..) | ExprKind::Local(_) if *e.ty.present() == Type::Bool => {
            Some((e, Domain::where_(Op::Eq, &Value::Bool(true), truth)?))
        }
        ExprKind::IsEmpty(path) if path_key(path).is_some() => match path.ty.present() {
            Type::List(_) => None,
            Type::Text if truth => Some((path, Domain { missing: true, ..Domain::of(vec![Value::text("")]) })),
            _ if truth => Some((path, Domain::nothing())),
            _ => Some((path, Domain { missing: false, ..Domain::but(vec![Value::text("")]) })),
        },
        ExprKind::Binary(op, a, b) => {
            let (path, op, other) = if path_key(a).is_some() { (&**a, *op, b) } else { (&**b, flipped(*op)?, a) };
            path_key(path)?;
            match (op, constants(other)) {
                (Op::In, Some(values)) if truth => Some((path, Domain::of(values))),
                (Op::In, Some(values)) => Some((path, Domain::but(values))),
                (op, _) => match &other.kind {
                    ExprKind::Const(value) => Some((path, Domain::where_(op, value, truth)?)),
                    _ => None,
                },
            }
        }
        _ => None,
    }
}

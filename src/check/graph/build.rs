//! What rules do (deeds), and which rules that can set off (arcs).

use super::{FieldOf, Link, Node, World};
use crate::catalog::ActionOp;
use crate::check::facts::path_key;
use crate::check::lint::domain::Domain;
use crate::check::lint::flow::{self, Changes, Observer, Of, Place};
use crate::check::lint::known::{Known, Reasoner};
use crate::check::typed::{Act, Change, Expr, ExprKind, Origin, Reentry, Rule, Start, Stmt, StmtKind, Trigger, Wait};
use crate::check::visit;
use crate::schema::{Entity, Filled, Schema, StageKind, Type};
use crate::source::{FileId, Span};
use crate::value::{Name, Value};
use std::collections::BTreeMap;

/// A change that a rule makes.
#[derive(Debug)]
pub(super) struct Deed<'r> {
    /// Which rule.
    pub(super) rule: usize,
    pub(super) file: FileId,
    pub(super) at: Span,
    /// The kind of record.
    pub(super) entity: Name,
    /// Whether it makes a new record.
    pub(super) creates: bool,
    /// The flow that it starts, instead of a change.
    pub(super) starts: Option<&'r Start>,
    /// The fields and what they get.
    pub(super) fields: Vec<(Name, &'r Expr)>,
    /// What is known of the record afterwards, as `@`.
    pub(super) after: Known,
    /// What was known before.
    before: Known,
    /// The conditions on the way, those of the rule's clauses too.
    pub(super) guards: Vec<&'r Expr>,
    /// All statements of the rule or function that it stands in.
    pub(super) body: &'r [Stmt],
    /// Whether the rule has slept before.
    pub(super) waited: bool,
}

/// A deed that can set off the rule of another.
#[derive(Clone, Debug)]
pub(super) struct Arc {
    /// The deed.
    pub(super) from: usize,
    /// The rule that it sets off.
    pub(super) rule: usize,
    /// A deed of that rule; `None` for a rule that changes nothing.
    pub(super) to: Option<usize>,
    /// The fields whose change sets it off; none when a new record does.
    pub(super) by: Vec<FieldOf>,
}

/// Collects the deeds of one rule.
struct Collector<'r> {
    schema: &'r Schema,
    rule: usize,
    found: Vec<Deed<'r>>,
}

impl<'r> Collector<'r> {
    /// Something done there, of which nothing is known yet.
    fn deed(&self, stmt: &'r Stmt, at: &Place<'r>) -> Deed<'r> {
        Deed {
            rule: self.rule,
            file: at.file,
            at: stmt.span,
            entity: Name::default(),
            creates: false,
            starts: None,
            fields: Vec::new(),
            after: Known::default(),
            before: Known::default(),
            guards: at.guards.clone(),
            body: at.body,
            waited: at.waited,
        }
    }
}

impl<'r> Observer<'r> for Collector<'r> {
    fn condition(&mut self, _: Of, _: &'r Expr, _: &Place<'r>) {}
    fn wait(&mut self, _: &'r Stmt, _: &'r Wait, _: &Place<'r>, _: &Known) {}

    fn start(&mut self, stmt: &'r Stmt, start: &'r Start, at: &Place<'r>) {
        self.found.push(Deed { starts: Some(start), ..self.deed(stmt, at) });
    }

    fn act(&mut self, stmt: &'r Stmt, act: &'r Act, at: &Place<'r>) {
        let base = |entity: Name, fields| Deed { entity, fields, ..self.deed(stmt, at) };
        if let Some(Changes { entity, record, fields }) = flow::changes(self.schema, act) {
            let mut after = at.known.clone();
            flow::changed(self.schema, act, &mut after);
            let path = path_key(record).unwrap_or_default();
            let deed = base(entity, fields);
            self.found.push(Deed { after: after.moved(&path, "@"), before: at.known.moved(&path, "@"), ..deed });
        } else if act.action.op == ActionOp::Create
            && let Some(entity) = created(self.schema, act)
        {
            let fields: Vec<_> = act.args.iter().filter(|(name, _)| entity.field(name).is_some()).collect();
            let fields: Vec<(Name, &'r Expr)> = fields.into_iter().map(|(name, e)| (name.clone(), e)).collect();
            let after = of_new(self.schema, entity, &fields, &at.known);
            self.found.push(Deed { creates: true, after, ..base(entity.name.clone(), fields) });
        }
    }
}

fn created<'s>(schema: &'s Schema, act: &Act) -> Option<&'s Entity> {
    let (_, e) = act.args.iter().find(|(name, _)| &**name == "entity")?;
    match &e.kind {
        ExprKind::Const(Value::Text(name)) => schema.entity(name),
        _ => None,
    }
}

/// What is known of a new record: what it is given, its defaults, and that the rest is missing.
fn of_new(schema: &Schema, entity: &Entity, fields: &[(Name, &Expr)], known: &Known) -> Known {
    let mut after = Known::default();
    for field in &entity.fields {
        let given = fields.iter().find(|(name, _)| *name == field.name);
        let domain = match (given, entity.filled(field), &field.default) {
            (Some((_, e)), ..) => flow::value(schema, known, e),
            (None, Some(Filled::FirstStage), _) => {
                let pipeline = fields.iter().find(|(_, e)| matches!(e.ty.present(), Type::Pipeline(_)));
                let pipeline = pipeline.and_then(|(_, e)| match &e.kind {
                    ExprKind::Const(Value::Text(name)) => Some(&**name),
                    _ => None,
                });
                entity.first_stage(pipeline).map(|s| Domain::of(vec![Value::Text(s.name.clone())]))
            }
            (None, Some(_), _) => None,
            (None, None, Some(default)) => Some(Domain::of(vec![default.clone()])),
            (None, None, None) => Some(Domain::nothing()),
        };
        if let Some(domain) = domain {
            after.put(format!("@.{}", field.name), domain);
        }
    }
    after
}

/// Everything that the rules change, in order.
pub(super) fn deeds<'r>(world: World<'r>, nodes: &[Node]) -> Vec<Deed<'r>> {
    let mut all = Vec::new();
    for (at, (rule, node)) in world.rules.iter().zip(nodes).enumerate() {
        let mut collector = Collector { schema: world.schema, rule: at, found: Vec::new() };
        flow::walk_into(world.schema, rule, node.trigger, world.functions, &mut collector);
        all.append(&mut collector.found);
    }
    all
}

/// Which deeds can set off which rules, as far as the pair of rules is of interest.
pub(super) fn arcs(world: World<'_>, deeds: &[Deed<'_>], wanted: &dyn Fn(usize, usize) -> bool) -> Vec<Arc> {
    let mut all = Vec::new();
    let mut of_entity: BTreeMap<&Name, Vec<usize>> = BTreeMap::new();
    for (at, rule) in world.rules.iter().enumerate() {
        if let Trigger::Record { entity, .. } = &rule.trigger {
            of_entity.entry(entity).or_default().push(at);
        }
    }
    let mut of_rule: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, deed) in deeds.iter().enumerate() {
        of_rule.entry(deed.rule).or_default().push(at);
    }
    for (from, deed) in deeds.iter().enumerate() {
        let started = deed.starts.and_then(|start| flow_of(world, start)).map(|rule| (rule, Vec::new()));
        let started = started.filter(|(rule, _)| wanted(deed.rule, *rule));
        let changed = of_entity.get(&deed.entity).into_iter().flatten().filter(|rule| wanted(deed.rule, **rule));
        let changed = changed.filter_map(|&rule| Some((rule, sets_off(world.schema, deed, world.rules.get(rule)?)?)));
        for (rule, by) in started.into_iter().chain(changed) {
            let own = of_rule.get(&rule).map_or(&[][..], Vec::as_slice);
            let before = all.len();
            for &to in own {
                if !refused(world.schema, deed, to, own, deeds) {
                    all.push(Arc { from, rule, to: Some(to), by: by.clone() });
                }
            }
            if all.len() == before {
                all.push(Arc { from, rule, to: None, by });
            }
        }
    }
    all
}

/// The flow that is started there.
pub(super) fn flow_of(world: World<'_>, start: &Start) -> Option<usize> {
    let is = |rule: &Rule| {
        rule.file == start.file && matches!(&rule.trigger, Trigger::Flow { name, .. } if *name == start.name)
    };
    world.rules.iter().position(is)
}

/// Whether a condition on the way to the second deed is certainly false after the first.
fn refused(schema: &Schema, first: &Deed<'_>, second: usize, own: &[usize], deeds: &[Deed<'_>]) -> bool {
    let Some(second) = deeds.get(second) else { return true };
    let reason = Reasoner { schema };
    // What the rule itself has changed before a condition may make it true again.
    let fresh = |guard: &Expr| {
        own.iter().filter_map(|at| deeds.get(*at)).all(|other| {
            other.file != second.file || other.at.start >= guard.span.start || !reads_one(guard, &other.fields)
        })
    };
    second.waited
        || second.guards.iter().any(|guard| {
            *guard.ty.present() == Type::Bool
                && reason.worth(&first.after, guard).is_some_and(|v| !v.holds)
                && fresh(guard)
        })
}

fn reads_one(e: &Expr, fields: &[(Name, &Expr)]) -> bool {
    visit::any_expr(e, &mut |e| match &e.kind {
        ExprKind::Field(_, name) => fields.iter().any(|(written, _)| written == name),
        _ => false,
    })
}

/// Whether the deed can set off the rule, and the fields by which.
fn sets_off(schema: &Schema, deed: &Deed<'_>, rule: &Rule) -> Option<Vec<FieldOf>> {
    if !rule.origins.contains(&Origin::Rule) {
        return None;
    }
    let Trigger::Record { entity, what } = &rule.trigger else { return None };
    if *entity != deed.entity {
        return None;
    }
    let by = concerned(schema.entity(entity)?, deed, what)?;
    let reason = Reasoner { schema };
    let clauses = [&rule.condition, &rule.lifetime];
    let refused = clauses.into_iter().flatten().any(|cond| reason.worth(&deed.after, cond).is_some_and(|v| !v.holds));
    (!refused).then(|| by.into_iter().map(|field| (entity.clone(), field)).collect())
}

/// The written fields by which a trigger sees the change; none when it sees a new record.
fn concerned(entity: &Entity, deed: &Deed<'_>, what: &Change) -> Option<Vec<Name>> {
    let written = || deed.fields.iter().map(|(name, _)| name.clone());
    let may_be = |field: &Name, value: &Value, known: &Known| {
        let domain = known.get(&format!("@.{field}")).cloned().unwrap_or_else(|| Domain::any(true));
        !domain.meet(&Domain::of(vec![value.clone()])).is_empty()
    };
    let enters = |names: Vec<&Name>| {
        let field = entity.stage_name()?;
        let moved = entity.pipeline_field().is_some_and(|p| written().any(|name| name == p.name));
        let fits = names.into_iter().any(|name| may_be(field, &Value::Text(name.clone()), &deed.after));
        let by: Vec<Name> = written().filter(|n| n == field).collect();
        match (fits, deed.creates) {
            (true, true) => Some(Vec::new()),
            (true, false) if !by.is_empty() || moved => Some(by),
            (true | false, false) | (false, true) => None,
        }
    };
    match what {
        Change::Created | Change::Saved if deed.creates => Some(Vec::new()),
        Change::Updated | Change::Saved if !deed.creates => Some(written().collect()),
        Change::Created | Change::Updated | Change::Saved | Change::Deleted => None,
        Change::Fields { fields, from, to } => {
            let seen = |name: &Name| {
                fields.contains(name)
                    && to.as_ref().is_none_or(|to| may_be(name, to, &deed.after))
                    && from.as_ref().is_none_or(|from| may_be(name, from, &deed.before))
            };
            let by: Vec<Name> = written().filter(seen).collect();
            (!deed.creates && !by.is_empty()).then_some(by)
        }
        Change::Stage { stages, pipeline } => {
            let field = entity.pipeline_field().map(|f| &f.name);
            let other = pipeline
                .as_ref()
                .zip(field)
                .is_some_and(|(pipeline, field)| !may_be(field, &Value::Text(pipeline.clone()), &deed.after));
            if other { None } else { enters(stages.iter().collect()) }
        }
        Change::Closed { success, failure } => {
            let wanted = entity.pipelines.iter().flat_map(|p| &p.stages).filter(|s| match s.kind {
                StageKind::Success => *success,
                StageKind::Failure => *failure,
                StageKind::Open => false,
            });
            enters(wanted.map(|s| &s.name).collect())
        }
    }
}

/// Links by dates: a rule that changes the date another rule counts from.
pub(super) fn dates(world: World<'_>, deeds: &[Deed<'_>]) -> Vec<Link> {
    let mut links = Vec::new();
    for deed in deeds {
        for (to, rule) in world.rules.iter().enumerate() {
            if let Trigger::Date { entity, field, .. } = &rule.trigger
                && *entity == deed.entity
                && deed.fields.iter().any(|(name, _)| name == field)
            {
                let what = format!("{entity}.{field}");
                links.push(Link { from: deed.rule, to, what, file: deed.file, at: deed.at, later: true });
            }
        }
    }
    links
}

/// Whether the rule's clauses keep it from being set off again and again by this deed.
pub(super) fn reentry_stops(rule: &Rule, deed: &Deed<'_>) -> bool {
    match &rule.reentry {
        Reentry::EachTime | Reentry::Restart => false,
        // Each new record is another one; anything else is the same record sooner or later.
        Reentry::Once { per, .. } => !(deed.creates && path_key(per).is_some_and(|key| key == "@")),
        // A run that sleeps is still there when the rule is set off again.
        Reentry::OneAtATime => {
            let mut sleeps = false;
            visit::each_stmt(&rule.body, &mut |stmt| sleeps |= matches!(stmt.kind, StmtKind::Wait(_)));
            sleeps
        }
    }
}

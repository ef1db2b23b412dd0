//! What a rule can do, known before it runs: which actions, for whom, how often at most in one run, and which personal data
//! goes out with them.

use super::lint::flow;
use super::lint::personal::{Leaks, are_many, leak, leaks, tainted, texts};
use super::typed::{Act, Expr, ExprKind, FnId, Function, Rule, Stmt, StmtKind};
use super::{Checked, visit};
use crate::catalog::{self, Action, ActionOp, Readers};
use crate::schema::Schema;
use crate::source::{FileId, Sources, Span};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How often something can happen in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bound {
    /// So many times at most.
    AtMost(u64),
    /// Nobody knows, because of this loop (or function that calls itself).
    Unbounded(FileId, Span),
}

impl Bound {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::AtMost(a), Self::AtMost(b)) => Self::AtMost(a.saturating_add(b)),
            (Self::AtMost(_), loops) | (loops @ Self::Unbounded(..), _) => loops,
        }
    }

    fn or(self, other: Self) -> Self {
        self.max(other)
    }

    fn times(self, n: u64) -> Self {
        match self {
            Self::AtMost(a) => Self::AtMost(a.saturating_mul(n)),
            loops @ Self::Unbounded(..) => loops,
        }
    }
}

/// What counts as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Somebody gets something to read.
    Message,
    /// Something new is made.
    New,
    /// A record is changed.
    Change,
    /// A line in a history.
    Note,
    /// Another system is told something.
    Outside,
    /// Something is looked up.
    Read,
}

/// The kind of an action.
fn kind_of(action: &Action) -> Kind {
    match action.op {
        ActionOp::NotifyChat | ActionOp::Notify | ActionOp::Message | ActionOp::Post => Kind::Message,
        ActionOp::Sms | ActionOp::Email => Kind::Message,
        ActionOp::Create
        | ActionOp::CreateChat
        | ActionOp::Convert
        | ActionOp::ContactForLead
        | ActionOp::RepeatLead
        | ActionOp::Activity
        | ActionOp::Task
        | ActionOp::ScheduleCall
        | ActionOp::ScheduleMeeting
        | ActionOp::Book
        | ActionOp::Document => Kind::New,
        ActionOp::Set | ActionOp::Assign | ActionOp::Move | ActionOp::CancelBooking | ActionOp::AddMembers => {
            Kind::Change
        }
        ActionOp::AddToAudience | ActionOp::RemoveFromAudience | ActionOp::Webhook => Kind::Outside,
        ActionOp::Comment | ActionOp::Log | ActionOp::History | ActionOp::Exclude => Kind::Note,
        ActionOp::Get => Kind::Read,
    }
}

/// One kind of effect of a rule, for one audience or on one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The action's name in the catalogue.
    pub action: &'static str,
    /// What it counts as.
    pub kind: Kind,
    /// Who reads it, or what is changed, as the script says it; empty where that is clear.
    pub target: String,
    /// Whether several people get it at once.
    pub many: bool,
    /// How often at most.
    pub most: Bound,
    /// The personal data of customers in it, such as `a phone number`.
    pub personal: BTreeSet<&'static str>,
}

/// What one rule can do in one run.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The rule's name, or its trigger as written.
    pub rule: String,
    /// Its place.
    pub file: FileId,
    /// Its place.
    pub span: Span,
    /// The effects, in the order of their actions and targets.
    pub effects: Vec<Effect>,
    /// How often each kind happens at most; branches that exclude one another count once.
    totals: BTreeMap<Kind, Bound>,
}

impl Manifest {
    /// How often effects of a kind happen at most.
    pub fn most(&self, kind: Kind) -> Bound {
        self.totals.get(&kind).copied().unwrap_or(Bound::AtMost(0))
    }
}

/// What the rules of a workspace can do, in their order.
pub fn manifests(checked: &Checked, sources: &Sources, schema: &Schema) -> Vec<Manifest> {
    checked.rules.iter().map(|rule| manifest(rule, checked, sources, schema)).collect()
}

fn manifest(rule: &Rule, checked: &Checked, sources: &Sources, schema: &Schema) -> Manifest {
    let leaks = leaks(&checked.functions);
    let mut counter = Counter { schema, sources, functions: &checked.functions, leaks, inside: Vec::new() };
    let counted = counter.body(rule.file, &rule.body);
    let (mut effects, mut totals) = (Vec::new(), BTreeMap::new());
    for ((_, key), Counted { kind, many, most, personal }) in counted {
        match key {
            Key::Total => {
                totals.insert(kind, most);
            }
            Key::Effect(action, target) => effects.push(Effect { action, kind, target, many, most, personal }),
        }
    }
    Manifest { rule: rule.title.clone(), file: rule.file, span: rule.span, effects, totals }
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// All effects of the kind.
    Total,
    /// Those of one action on one target.
    Effect(&'static str, String),
}

/// What is known of one effect.
#[derive(Clone, Debug)]
struct Counted {
    kind: Kind,
    many: bool,
    most: Bound,
    personal: BTreeSet<&'static str>,
}

type Counts = BTreeMap<(Kind, Key), Counted>;

fn merge(mut a: Counts, b: Counts, with: fn(Bound, Bound) -> Bound) -> Counts {
    for (key, found) in b {
        match a.get_mut(&key) {
            Some(mine) => {
                mine.most = with(mine.most, found.most);
                mine.many |= found.many;
                mine.personal.extend(found.personal);
            }
            None => {
                a.insert(key, found);
            }
        }
    }
    a
}

fn each(mut counts: Counts, change: impl Fn(Bound) -> Bound) -> Counts {
    for found in counts.values_mut() {
        found.most = change(found.most);
    }
    counts
}

/// Counts effects from the innermost statements outwards.
struct Counter<'a> {
    schema: &'a Schema,
    sources: &'a Sources,
    functions: &'a [Option<Function>],
    leaks: Leaks,
    inside: Vec<FnId>,
}

impl Counter<'_> {
    fn body(&mut self, file: FileId, stmts: &[Stmt]) -> Counts {
        let secrets = tainted(stmts, &self.leaks);
        self.block(&Scope { file, secrets: &secrets }, stmts)
    }

    fn block(&mut self, scope: &Scope<'_>, stmts: &[Stmt]) -> Counts {
        stmts.iter().fold(Counts::new(), |all, stmt| merge(all, self.stmt(scope, stmt), Bound::and))
    }

    fn stmt(&mut self, scope: &Scope<'_>, stmt: &Stmt) -> Counts {
        let here = |head: Span| Bound::Unbounded(scope.file, head);
        match &stmt.kind {
            StmtKind::Act(act, _) => self.act(scope, act),
            StmtKind::If(_, then, otherwise) => merge(self.block(scope, then), self.block(scope, otherwise), Bound::or),
            StmtKind::Match { cases, otherwise, .. } => {
                let last = self.block(scope, otherwise);
                cases.iter().fold(last, |all, (_, body)| merge(all, self.block(scope, body), Bound::or))
            }
            StmtKind::Wait(wait) => {
                let last = self.block(scope, &wait.otherwise);
                wait.cases.iter().fold(last, |all, (_, body)| merge(all, self.block(scope, body), Bound::or))
            }
            StmtKind::For(_, list, body) => match length(list) {
                Some(n) => each(self.block(scope, body), |most| most.times(n)),
                None => each(self.block(scope, body), |_| here(Span::new(stmt.span.start, list.span.end))),
            },
            StmtKind::While(cond, body) => {
                each(self.block(scope, body), |_| here(Span::new(stmt.span.start, cond.span.end)))
            }
            StmtKind::Do { function, .. } => self.call(scope, *function, stmt.span),
            StmtKind::Branches { branches, .. } => {
                branches.iter().fold(Counts::new(), |all, b| merge(all, self.block(scope, &b.body), Bound::and))
            }
            StmtKind::Try(tried) => {
                let again = match tried.times.as_ref().map(|e| &e.kind) {
                    None => Some(0),
                    Some(ExprKind::Const(Value::Int(n))) => Some(u64::try_from(*n).unwrap_or(0)),
                    Some(_) => None,
                };
                let head = Span::new(stmt.span.start, stmt.span.start.saturating_add(3));
                let body = each(self.block(scope, &tried.body), |most| {
                    again.map_or_else(|| here(head), |n| most.times(n.saturating_add(1)))
                });
                merge(body, self.block(scope, tried.otherwise.as_deref().unwrap_or(&[])), Bound::and)
            }
            StmtKind::Undo { body, .. } => self.block(scope, body),
            StmtKind::Assign(_, value) => question(value),
            StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Return(_)
            // What a flow does is told of the flow.
            | StmtKind::Start(_)
            | StmtKind::Assert(..)
            | StmtKind::Stop => Counts::new(),
        }
    }

    fn call(&mut self, scope: &Scope<'_>, id: FnId, at: Span) -> Counts {
        let Some(function) = self.functions.get(usize::from(id.0)).and_then(Option::as_ref) else {
            return Counts::new();
        };
        if self.inside.contains(&id) {
            // What it does was counted once on the way here; that it does it again is what the outer call says.
            return Counts::new();
        }
        self.inside.push(id);
        let counts = self.body(function.file, &function.body);
        self.inside.pop();
        if self.calls_itself(function, id, &mut BTreeSet::new()) {
            return each(counts, |_| Bound::Unbounded(scope.file, at));
        }
        counts
    }

    /// Whether the function can come to be called within itself.
    fn calls_itself(&self, function: &Function, id: FnId, seen: &mut BTreeSet<FnId>) -> bool {
        let mut called = Vec::new();
        visit::each_stmt(&function.body, &mut |stmt| {
            if let StmtKind::Do { function, .. } = &stmt.kind {
                called.push(*function);
            }
        });
        called.into_iter().any(|called| {
            called == id
                || (seen.insert(called)
                    && self
                        .functions
                        .get(usize::from(called.0))
                        .and_then(Option::as_ref)
                        .is_some_and(|inner| self.calls_itself(inner, id, seen)))
        })
    }

    fn act(&self, scope: &Scope<'_>, act: &Act) -> Counts {
        let kind = kind_of(act.action);
        let source = self.sources.text(scope.file);
        let said = |e: &Expr| e.span.of(source).split_whitespace().collect::<Vec<_>>().join(" ");
        let audience = audience(act);
        let target = match (flow::changes(self.schema, act), audience) {
            (Some(changes), _) => {
                let fields = changes.fields.iter().map(|(name, _)| format!("{}.{name}", changes.entity));
                fields.collect::<Vec<_>>().join(", ")
            }
            (None, Some((who, _))) => said(who),
            (None, None) => subject(act).map(said).unwrap_or_default(),
        };
        let personal = texts(act).filter_map(|text| leak(text, scope.secrets)).map(|(data, _)| data.words()).collect();
        let many = audience.is_some_and(|(who, readers)| are_many(readers, who));
        let found = Counted { kind, many, most: Bound::AtMost(1), personal };
        let total = Counted { many: false, personal: BTreeSet::new(), ..found.clone() };
        Counts::from([((kind, Key::Total), total), ((kind, Key::Effect(act.action.id, target)), found)])
    }
}

/// What a variable's value asks the CRM.
fn question(value: &Expr) -> Counts {
    let ExprKind::Find(find) = &value.kind else { return Counts::new() };
    let one = Counted { kind: Kind::Read, many: false, most: Bound::AtMost(1), personal: BTreeSet::new() };
    let key = Key::Effect(catalog::FIND, find.entity.to_string());
    Counts::from([((Kind::Read, Key::Total), one.clone()), ((Kind::Read, key), one)])
}

/// Where statements stand.
struct Scope<'a> {
    file: FileId,
    secrets: &'a super::lint::personal::Tainted,
}

/// Who gets it.
fn audience(act: &Act) -> Option<(&Expr, Readers)> {
    act.args.iter().find_map(|(name, e)| {
        let param = act.action.params().find(|p| p.name == &**name)?;
        param.readers().map(|readers| (e, readers))
    })
}

/// The record or the kind of record that it is about.
fn subject(act: &Act) -> Option<&Expr> {
    act.args.iter().find(|(name, _)| matches!(&**name, "record" | "entity")).map(|(_, e)| e)
}

/// How many elements a list has, if it is written out.
fn length(list: &Expr) -> Option<u64> {
    match &list.kind {
        ExprKind::List(items) => u64::try_from(items.len()).ok(),
        ExprKind::Const(Value::List(items)) => u64::try_from(items.len()).ok(),
        _ => None,
    }
}

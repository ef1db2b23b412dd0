//! `frozen-value`: a value that was read before a wait and is used after it, when the field may say something else.

use super::{Body, Sink, takes_time};
use crate::check::facts::path_key;
use crate::check::typed::{Expr, ExprKind, LocalId, Stmt, StmtKind};
use crate::check::visit;
use crate::diagnostics::Code;
use crate::schema::{Schema, Type};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// A variable that holds what a field said.
#[derive(Clone, Debug, PartialEq)]
struct Frozen {
    /// Where it got its value.
    at: Span,
    /// The fields it was read from.
    from: Vec<String>,
    /// A wait since then.
    wait: Option<Span>,
}

type State = BTreeMap<u16, Frozen>;

/// Reports the first use of each frozen value after a wait.
pub(super) fn look(sink: &mut Sink<'_>, body: Body<'_>) {
    // Most bodies have nothing that could be frozen.
    if !super::may_wait(body.stmts, body.waits) {
        return;
    }
    let mut pass = Pass { sink, told: BTreeSet::new(), body };
    pass.block(body.stmts, State::new());
}

struct Pass<'s, 'a, 'b> {
    sink: &'s mut Sink<'a>,
    told: BTreeSet<u16>,
    body: Body<'b>,
}

impl Pass<'_, '_, '_> {
    /// The state after the statements, or `None` when no way leads there.
    fn block(&mut self, stmts: &[Stmt], mut state: State) -> Option<State> {
        for stmt in stmts {
            state = self.stmt(stmt, state)?;
        }
        Some(state)
    }

    fn stmt(&mut self, stmt: &Stmt, mut state: State) -> Option<State> {
        for e in visit::exprs(stmt) {
            self.uses(e, &state);
        }
        match &stmt.kind {
            StmtKind::Assign(id, value) => {
                self.assign(*id, value, &mut state);
                Some(state)
            }
            StmtKind::Act(act, keep) => {
                if let Some(id) = keep {
                    state.remove(&id.0);
                }
                (act.action.op != crate::catalog::ActionOp::Move).then_some(state)
            }
            // An `undo` works on the values of its time on purpose.
            StmtKind::Undo { .. } => Some(state),
            // Every branch and the two blocks of a `try` may have been gone through.
            StmtKind::Branches { .. } | StmtKind::Try(_) => {
                let ways: Vec<_> =
                    visit::blocks(stmt).into_iter().map(|body| self.block(body, state.clone())).collect();
                Some(ways.into_iter().flatten().fold(state, join))
            }
            StmtKind::If(..) | StmtKind::Match { .. } => {
                let ways = visit::blocks(stmt).into_iter().map(|body| self.block(body, state.clone()));
                ways.collect::<Vec<_>>().into_iter().flatten().reduce(join)
            }
            StmtKind::For(id, list, body) => {
                self.assign(*id, list, &mut state);
                Some(self.turns(body, state))
            }
            StmtKind::While(_, body) => Some(self.turns(body, state)),
            StmtKind::Do { keep, .. } => {
                if let Some(id) = keep {
                    state.remove(&id.0);
                }
                self.slept(stmt, &mut state);
                Some(state)
            }
            StmtKind::Wait(wait) => {
                self.slept(stmt, &mut state);
                if wait.cases.is_empty() {
                    return Some(state);
                }
                let ways = visit::blocks(stmt).into_iter().map(|body| self.block(body, state.clone()));
                ways.collect::<Vec<_>>().into_iter().flatten().reduce(join)
            }
            StmtKind::Start(start) => {
                if let Some(id) = start.keep {
                    state.remove(&id.0);
                }
                Some(state)
            }
            StmtKind::Assert(..) => Some(state),
            StmtKind::Break | StmtKind::Continue | StmtKind::Return(_) | StmtKind::Stop => None,
        }
    }

    fn slept(&self, stmt: &Stmt, state: &mut State) {
        if takes_time(stmt, self.body.waits) {
            for frozen in state.values_mut() {
                frozen.wait.get_or_insert(stmt.span);
            }
        }
    }

    /// A loop's body comes after itself.
    fn turns(&mut self, body: &[Stmt], mut state: State) -> State {
        for _ in 0..2 {
            if let Some(after) = self.block(body, state.clone()) {
                state = join(after, state);
            }
        }
        state
    }

    fn assign(&mut self, id: LocalId, value: &Expr, state: &mut State) {
        let reference = self.body.locals.get(usize::from(id.0)).is_none_or(|local| is_reference(&local.ty));
        let mut from = Vec::new();
        collect_reads(self.sink.schema, value, &mut from);
        // A variable made from a frozen one holds what that one holds.
        let mut wait = None;
        visit::each_expr(value, &mut |e| {
            if let ExprKind::Local(other) = &e.kind
                && let Some(frozen) = state.get(&other.0)
            {
                from.extend(frozen.from.iter().cloned());
                wait = wait.or(frozen.wait);
            }
        });
        if reference || from.is_empty() {
            state.remove(&id.0);
        } else {
            state.insert(id.0, Frozen { at: value.span, from, wait });
        }
    }

    fn uses(&mut self, e: &Expr, state: &State) {
        let mut live = Vec::new();
        collect_reads(self.sink.schema, e, &mut live);
        let mut found = Vec::new();
        visit::each_expr(e, &mut |e| {
            if let ExprKind::Local(id) = &e.kind {
                found.push((id.0, e.span));
            }
        });
        for (id, at) in found {
            let Some(frozen) = state.get(&id) else { continue };
            // Read beside the live field, it is there to be compared with it.
            let compared = frozen.from.iter().any(|path| live.contains(path));
            if let Some(wait) = frozen.wait.filter(|_| !compared && self.told.insert(id)) {
                self.tell(id, at, frozen.at, wait);
            }
        }
    }

    fn tell(&mut self, id: u16, at: Span, frozen: Span, wait: Span) {
        let name = self.body.locals.get(usize::from(id)).map_or("", |local| &local.name);
        let file = self.sink.file;
        let text = self.sink.text_of(wait);
        let head = text.find(['{', '<', ';']).unwrap_or(text.len());
        let head = text.get(..head).unwrap_or(text).trim_end().len();
        let wait = Span::new(wait.start, wait.start.saturating_add(u32::try_from(head).unwrap_or(0)));
        let diagnostic = self
            .sink
            .lint(Code::W0106, at, format!("`{name}` still has the value from before the wait"))
            .label("used here")
            .because(file, frozen, "read here")
            .because(file, wait, "much can change while this waits")
            .help("read the field again after the wait; fields are live, variables are not");
        self.sink.report(diagnostic);
    }
}

fn join(mut a: State, b: State) -> State {
    for (id, frozen) in b {
        match a.get_mut(&id) {
            Some(mine) => mine.wait = mine.wait.or(frozen.wait),
            None => {
                a.insert(id, frozen);
            }
        }
    }
    a
}

/// References are never frozen: a record in a variable is read live.
fn is_reference(ty: &Type) -> bool {
    match ty.present() {
        Type::Entity(_)
        | Type::User
        | Type::Department
        | Type::Role
        | Type::Chat
        | Type::File
        | Type::Template
        | Type::Run => true,
        Type::List(inner) => is_reference(inner),
        _ => false,
    }
}

/// The live fields that a value is made of, without those that never change.
fn collect_reads(schema: &Schema, e: &Expr, found: &mut Vec<String>) {
    if let ExprKind::Field(base, name) = &e.kind {
        let lasting = match base.ty.present() {
            Type::Entity(id) => schema
                .get(*id)
                .and_then(|entity| entity.field(name))
                .is_some_and(|f| f.read_only && &*f.name != "updated_at"),
            // The payload of an event, and what is known of employees, stay.
            _ => true,
        };
        if lasting || is_reference(&e.ty) {
            // The way there may be live all the same, but then it is a reference.
            return;
        }
        found.extend(path_key(e));
        return;
    }
    for child in visit::children(e) {
        collect_reads(schema, child, found);
    }
}

//! `personal-data`: a phone number or an e-mail address in a text that many people read.

use super::{Body, Sink};
use crate::catalog::{ParamType, Readers};
use crate::check::typed::{Act, Expr, ExprKind, FnId, Function, Stmt, StmtKind};
use crate::check::visit;
use crate::diagnostics::Code;
use crate::schema::Type;
use crate::source::Span;
use crate::value::Value;
use std::collections::BTreeMap;

/// The data that a text can give away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::check) enum Data {
    Phone,
    Email,
}

impl Data {
    pub(in crate::check) const fn words(self) -> &'static str {
        match self {
            Self::Phone => "a phone number",
            Self::Email => "an e-mail address",
        }
    }
}

/// The functions that give back personal data, by number.
pub(in crate::check) type Leaks = BTreeMap<u16, Data>;

/// Who gives away personal data.
#[derive(Clone, Debug, Default)]
pub(in crate::check) struct Tainted {
    /// The variables that hold it.
    locals: BTreeMap<u16, Data>,
    /// The functions that give it back.
    functions: Leaks,
}

/// Reports personal data in texts to a chat, the news feed or several people.
pub(super) fn look(sink: &mut Sink<'_>, body: Body<'_>) {
    let tainted = tainted(body.stmts, body.leaks);
    let mut found = Vec::new();
    visit::each_stmt(body.stmts, &mut |stmt| {
        if let StmtKind::Act(act, _) = &stmt.kind
            && let Some(audience) = wide_audience(act)
        {
            for text in texts(act) {
                found.extend(leak(text, &tainted).map(|(data, at)| (data, at, audience)));
            }
        }
    });
    for (data, at, audience) in found {
        let diagnostic = sink
            .lint(Code::W0107, at, format!("this text tells {} to everybody who reads it", data.words()))
            .label(format!("{} of a customer", data.words()))
            .because(sink.file, audience, "these people read it")
            .help(
                "name the record instead, so that only those who may see it do; or write to one person with `message`",
            );
        sink.report(diagnostic);
    }
}

/// The texts that an action writes.
pub(in crate::check) fn texts(act: &Act) -> impl Iterator<Item = &Expr> {
    let is_text = |name: &str| act.action.params().any(|p| p.name == name && p.ty == ParamType::Text);
    act.args.iter().filter(move |(name, _)| is_text(name)).map(|(_, e)| e)
}

/// Who gets a text, if they are many.
fn wide_audience(act: &Act) -> Option<Span> {
    act.args.iter().find_map(|(name, e)| {
        let param = act.action.params().find(|p| p.name == &**name)?;
        are_many(param.readers()?, e).then_some(e.span)
    })
}

/// Whether these are several people.
pub(in crate::check) fn are_many(readers: Readers, who: &Expr) -> bool {
    match readers {
        Readers::Room => true,
        Readers::People => !is_one(who),
        Readers::One => false,
    }
}

/// Whether people are one person.
fn is_one(people: &Expr) -> bool {
    match &people.kind {
        ExprKind::List(items) => matches!(items.as_slice(), [one] if is_one(one)),
        ExprKind::Const(Value::Ref(who)) => &*who.kind == "user",
        _ => *people.ty.present() == Type::User,
    }
}

/// Who holds personal data in these statements.
pub(in crate::check) fn tainted(stmts: &[Stmt], leaks: &Leaks) -> Tainted {
    Tainted { locals: held(stmts, leaks), functions: leaks.clone() }
}

/// The functions that give back personal data.
pub(in crate::check) fn leaks(functions: &[Option<Function>]) -> Leaks {
    let mut leaks = Leaks::new();
    // Each round finds at least one more that gives back what another gave it, or it is the last.
    loop {
        let before = leaks.len();
        for (function, id) in functions.iter().zip(0u16..) {
            let Some(function) = function.as_ref().filter(|_| !leaks.contains_key(&id)) else { continue };
            if let Some(data) = given_back(&function.body, &tainted(&function.body, &leaks)) {
                leaks.insert(id, data);
            }
        }
        if leaks.len() == before {
            return leaks;
        }
    }
}

/// The variables of a body that hold personal data.
fn held(stmts: &[Stmt], leaks: &Leaks) -> BTreeMap<u16, Data> {
    let mut tainted = Tainted { locals: BTreeMap::new(), functions: leaks.clone() };
    // Twice, for what a loop carries back to its beginning.
    for _ in 0..2 {
        visit::each_stmt(stmts, &mut |stmt| {
            if let StmtKind::Assign(id, value) | StmtKind::For(id, value, _) = &stmt.kind
                && let Some((data, _)) = leak(value, &tainted)
            {
                tainted.locals.insert(id.0, data);
            }
            if let StmtKind::Do { function: FnId(function), keep: Some(id), .. } = &stmt.kind
                && let Some(data) = leaks.get(function)
            {
                tainted.locals.insert(id.0, *data);
            }
        });
    }
    tainted.locals
}

/// The personal data that a function gives back.
fn given_back(body: &[Stmt], tainted: &Tainted) -> Option<Data> {
    let mut found = None;
    visit::each_stmt(body, &mut |stmt| {
        if let StmtKind::Return(Some(value)) = &stmt.kind {
            found = found.or_else(|| leak(value, tainted).map(|(data, _)| data));
        }
    });
    found
}

/// The first personal data in a value.
pub(in crate::check) fn leak(e: &Expr, tainted: &Tainted) -> Option<(Data, Span)> {
    let own = match (&e.kind, e.ty.present()) {
        // A comparison with an address tells nothing of it.
        (ExprKind::Const(_), _) | (_, Type::Bool | Type::Int) => return None,
        (ExprKind::Local(id), _) if tainted.locals.contains_key(&id.0) => tainted.locals.get(&id.0).copied(),
        (ExprKind::Invoke(FnId(id), _), _) if tainted.functions.contains_key(id) => tainted.functions.get(id).copied(),
        // What the workspace knows of its own employees is no secret within it.
        (ExprKind::Field(base, _), _) if *base.ty.present() == Type::User => return None,
        (_, ty) => data_of(ty),
    };
    match own {
        Some(data) => Some((data, e.span)),
        None if matches!(e.kind, ExprKind::Field(..)) => None,
        None => visit::children(e).into_iter().find_map(|child| leak(child, tainted)),
    }
}

fn data_of(ty: &Type) -> Option<Data> {
    match ty.present() {
        Type::Phone => Some(Data::Phone),
        Type::Email => Some(Data::Email),
        Type::List(inner) => data_of(inner),
        _ => None,
    }
}

//! `conflicting-writes`: two branches of a `parallel` that set the same field of the same record, by themselves or through a
//! function.

use super::{Body, Sink, flow};
use crate::catalog::Touch;
use crate::check::facts::path_key;
use crate::check::typed::{Act, Branch, Expr, FnId, Function, Stmt, StmtKind};
use crate::check::visit;
use crate::diagnostics::Code;
use crate::schema::Type;
use crate::source::Span;
use crate::value::Name;
use std::collections::BTreeMap;

/// How deep calls are followed: functions may call themselves.
const MOST_CALLS: usize = 8;

/// Variables that stand for a record, with the path to it.
type Aliases = BTreeMap<u16, String>;

/// Reports each field that a second branch writes too.
pub(super) fn look(sink: &mut Sink<'_>, body: Body<'_>) {
    visit::each_stmt(body.stmts, &mut |stmt| {
        // In a `race` only one branch comes to its end.
        if let StmtKind::Branches { race: false, branches } = &stmt.kind {
            conflicts(sink, body, branches);
        }
    });
}

fn conflicts(sink: &mut Sink<'_>, body: Body<'_>, branches: &[Branch]) {
    let aliases = aliases(body.stmts);
    let mut first: BTreeMap<String, (usize, Span)> = BTreeMap::new();
    for (at, branch) in branches.iter().enumerate() {
        for (field, span) in written(sink, body.functions, &branch.body, &aliases, MOST_CALLS) {
            let (other, place) = *first.entry(field).or_insert((at, span));
            if other != at {
                let text = sink.text_of(span).split_whitespace().collect::<Vec<_>>().join(" ");
                let diagnostic = sink
                    .lint(Code::W0108, span, format!("another branch writes the same field as `{text}`"))
                    .label("who is last decides")
                    .because(sink.file, place, "the other branch writes it here")
                    .help("write it in one branch only, or after the `parallel`");
                sink.report(diagnostic);
            }
        }
    }
}

/// The variables that are one record all along.
fn aliases(stmts: &[Stmt]) -> Aliases {
    let mut all: BTreeMap<u16, Option<String>> = BTreeMap::new();
    visit::each_stmt(stmts, &mut |stmt| {
        if let StmtKind::Assign(id, value) = &stmt.kind {
            let path = path_key(value).filter(|_| matches!(value.ty.present(), Type::Entity(_)));
            all.entry(id.0).and_modify(|known| *known = None).or_insert(path);
        }
    });
    all.into_iter().filter_map(|(id, path)| Some((id, path?))).collect()
}

/// The path of a record, with variables that stand for one resolved.
fn record_of(e: &Expr, aliases: &Aliases) -> Option<String> {
    let path = path_key(e)?;
    let (root, rest) = path.split_once('.').map_or((path.as_str(), None), |(root, rest)| (root, Some(rest)));
    let known = root.strip_prefix('$').and_then(|id| aliases.get(&id.parse().ok()?));
    Some(match (known, rest) {
        (Some(known), Some(rest)) => format!("{known}.{rest}"),
        (Some(known), None) => known.clone(),
        (None, _) => path,
    })
}

/// The fields that statements write, with the places of the statements.
fn written(
    sink: &Sink<'_>,
    functions: &[Option<Function>],
    stmts: &[Stmt],
    aliases: &Aliases,
    calls: usize,
) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    visit::each_stmt(stmts, &mut |stmt| match &stmt.kind {
        StmtKind::Act(act, _) => {
            let fields = fields(sink, act)
                .into_iter()
                .filter_map(|(record, name)| Some((format!("{}.{name}", record_of(record, aliases)?), stmt.span)));
            found.extend(fields);
        }
        StmtKind::Do { function: FnId(id), args, .. } if calls > 0 => {
            let Some(function) = functions.get(usize::from(*id)).and_then(Option::as_ref) else { return };
            let given = args.iter().zip(0u16..).filter_map(|(arg, at)| Some((at, record_of(arg, aliases)?)));
            let inside = written(sink, functions, &function.body, &given.collect(), calls - 1);
            // What it does with records of its own is no matter here.
            let shared = inside.into_iter().filter(|(field, _)| !field.starts_with('$'));
            found.extend(shared.map(|(field, _)| (field, stmt.span)));
        }
        _ => {}
    });
    found
}

/// The records and fields that an action writes.
fn fields<'e>(sink: &Sink<'_>, act: &'e Act) -> Vec<(&'e Expr, Name)> {
    let Some(changes) = flow::changes(sink.schema, act) else { return Vec::new() };
    let sets = act.action.touches.iter().filter_map(|touch| match touch {
        Touch::Sets(names) => Some(names.iter().map(|name| Name::from(*name))),
        _ => None,
    });
    // Who of several becomes the owner is not known, but that it is written is.
    let names = changes.fields.into_iter().map(|(name, _)| name).chain(sets.flatten());
    names.map(|name| (changes.record, name)).collect()
}

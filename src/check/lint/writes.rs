//! `conflicting-writes`: two branches of a `parallel` that set the same field of the same record.

use super::{Body, Sink, flow};
use crate::check::facts::path_key;
use crate::check::typed::{Branch, StmtKind};
use crate::check::visit;
use crate::diagnostics::Code;
use crate::source::Span;
use std::collections::BTreeMap;

/// Reports each field that a second branch writes too.
pub(super) fn look(sink: &mut Sink<'_>, body: Body<'_>) {
    visit::each_stmt(body.stmts, &mut |stmt| {
        // In a `race` only one branch comes to its end.
        if let StmtKind::Branches { race: false, branches } = &stmt.kind {
            conflicts(sink, branches);
        }
    });
}

fn conflicts(sink: &mut Sink<'_>, branches: &[Branch]) {
    let mut first: BTreeMap<String, (usize, Span)> = BTreeMap::new();
    for (at, branch) in branches.iter().enumerate() {
        for (field, span) in written(sink, branch) {
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

/// The fields that a branch writes, with the values' places.
fn written(sink: &Sink<'_>, branch: &Branch) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    visit::each_stmt(&branch.body, &mut |stmt| {
        if let StmtKind::Act(act, _) = &stmt.kind
            && let Some(changes) = flow::changes(sink.schema, act)
            && let Some(record) = path_key(changes.record)
        {
            let fields = changes.fields.iter();
            found.extend(fields.map(|(name, _)| (format!("{record}.{name}"), stmt.span)));
        }
    });
    found
}

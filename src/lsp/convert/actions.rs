//! Changes of texts.

use super::super::documents::{Doc, Documents};
use super::super::home::Home;
use super::super::server::Answer;
use super::{Client, diagnostics, range, write};
use crate::diagnostics::{Edit, Fix};
use crate::ide::actions::Mend;
use crate::ide::format::Change;
use crate::ide::refactor::Rewrite;
use gen_lsp_types as lsp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Changes of one text.
pub(in crate::lsp) fn edits(doc: Doc<'_>, changes: &[Change], client: Client) -> Answer {
    let edit = |change: &Change| lsp::TextEdit {
        range: range(doc.source, change.span, client.encoding),
        new_text: change.text.clone(),
    };
    write(&changes.iter().map(edit).collect::<Vec<_>>())
}

/// What can be done at a place.
#[derive(Debug)]
pub(in crate::lsp) struct Actions<'a> {
    /// The fixes of what is wrong there.
    pub(in crate::lsp) mends: Vec<Mend<'a>>,
    /// The fixes of the whole text that are certain.
    pub(in crate::lsp) certain: Vec<&'a Fix>,
    /// What can be written differently.
    pub(in crate::lsp) rewrites: Vec<Rewrite>,
}

/// What can be done, as far as the client wants it.
pub(in crate::lsp) fn actions(
    doc: Doc<'_>,
    found: &Actions<'_>,
    params: &Value,
    documents: &Documents,
    client: Client,
) -> Answer {
    let edit = |edits: &[Edit]| Some(workspace_edit(doc.home, edits, documents, client));
    let mut all: Vec<lsp::CodeAction> = Vec::new();
    for mend in &found.mends {
        all.push(lsp::CodeAction {
            title: mend.fix.title.clone(),
            kind: Some(lsp::CodeActionKind::QuickFix),
            diagnostics: diagnostics::diagnostic(doc.home, mend.of, client).map(|d| vec![d]),
            is_preferred: mend.best.then_some(true),
            edit: edit(&mend.fix.edits),
            ..Default::default()
        });
    }
    for rewrite in &found.rewrites {
        let edits = rewrite.changes.iter().map(|c| Edit { file: doc.file, span: c.span, text: c.text.clone() });
        all.push(lsp::CodeAction {
            title: rewrite.title.clone(),
            kind: Some(lsp::CodeActionKind::RefactorRewrite),
            edit: edit(&edits.collect::<Vec<_>>()),
            ..Default::default()
        });
    }
    if !found.certain.is_empty() {
        let every: Vec<Edit> = found.certain.iter().flat_map(|fix| fix.edits.clone()).collect();
        all.push(lsp::CodeAction {
            title: "mend everything that is certain".to_owned(),
            kind: Some(lsp::CodeActionKind::SourceFixAll),
            edit: edit(&every),
            ..Default::default()
        });
    }
    let only = params.pointer("/context/only").and_then(Value::as_array);
    all.retain(|action| only.is_none_or(|only| only.iter().any(|kind| is_of(action, kind))));
    write(&all)
}

/// Whether an action is of a kind: that itself, or one within it.
fn is_of(action: &lsp::CodeAction, kind: &Value) -> bool {
    let (Some(own), Some(kind)) = (action.kind.as_ref().map(ToString::to_string), kind.as_str()) else { return false };
    own == kind || own.starts_with(&format!("{kind}.")) || kind.is_empty()
}

/// Edits of several files. With versions where the client knows them, so that it refuses those of an older text.
pub(super) fn workspace_edit(home: &Home, edits: &[Edit], documents: &Documents, client: Client) -> lsp::WorkspaceEdit {
    let mut by_file: BTreeMap<&str, Vec<lsp::TextEdit>> = BTreeMap::new();
    for edit in edits {
        let Some(source) = home.workspace.source(edit.file) else { continue };
        let place = range(source, edit.span, client.encoding);
        let found = by_file.entry(home.uri(edit.file)).or_default();
        found.push(lsp::TextEdit { range: place, new_text: edit.text.clone() });
    }
    if !client.versioned_edits {
        let changes = by_file.into_iter().map(|(uri, edits)| (lsp::Uri(uri.to_owned()), edits)).collect();
        return lsp::WorkspaceEdit { changes: Some(changes), ..Default::default() };
    }
    let changes = by_file.into_iter().map(|(uri, edits)| {
        lsp::DocumentChange::TextDocumentEdit(lsp::TextDocumentEdit {
            text_document: lsp::OptionalVersionedTextDocumentIdentifier {
                version: documents.version(uri),
                text_document_identifier: lsp::TextDocumentIdentifier { uri: lsp::Uri(uri.to_owned()) },
            },
            edits: edits.into_iter().map(lsp::Edit::TextEdit).collect(),
        })
    });
    lsp::WorkspaceEdit { document_changes: Some(changes.collect()), ..Default::default() }
}

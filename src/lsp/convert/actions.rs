//! Changes of texts.

use super::super::documents::{Doc, Documents};
use super::super::home::Home;
use super::super::server::Answer;
use super::{Client, diagnostics, range, write};
use crate::diagnostics::Edit;
use crate::diagnostics::Fix;
use crate::ide::actions::Mend;
use crate::ide::format::Change;
use gen_lsp_types as lsp;
use std::collections::BTreeMap;

/// Changes of one text.
pub(in crate::lsp) fn edits(doc: Doc<'_>, changes: &[Change], client: Client) -> Answer {
    let edit = |change: &Change| lsp::TextEdit {
        range: range(doc.source, change.span, client.encoding),
        new_text: change.text.clone(),
    };
    write(&changes.iter().map(edit).collect::<Vec<_>>())
}

/// What can be done: fixes of what is wrong at the place, and all that are certain at once.
pub(in crate::lsp) fn actions(
    doc: Doc<'_>,
    mends: &[Mend<'_>],
    certain: &[&Fix],
    documents: &Documents,
    client: Client,
) -> Answer {
    let mut all: Vec<lsp::CodeAction> = mends
        .iter()
        .map(|mend| lsp::CodeAction {
            title: mend.fix.title.clone(),
            kind: Some(lsp::CodeActionKind::QuickFix),
            diagnostics: diagnostics::diagnostic(doc.home, mend.of, client).map(|d| vec![d]),
            is_preferred: mend.best.then_some(true),
            edit: Some(workspace_edit(doc.home, &mend.fix.edits, documents, client)),
            ..Default::default()
        })
        .collect();
    if !certain.is_empty() {
        let every: Vec<Edit> = certain.iter().flat_map(|fix| fix.edits.clone()).collect();
        all.push(lsp::CodeAction {
            title: "mend everything that is certain".to_owned(),
            kind: Some(lsp::CodeActionKind::SourceFixAll),
            edit: Some(workspace_edit(doc.home, &every, documents, client)),
            ..Default::default()
        });
    }
    write(&all)
}

/// Edits of several files. With versions where the client knows them, so that it refuses those of an older text.
fn workspace_edit(home: &Home, edits: &[Edit], documents: &Documents, client: Client) -> lsp::WorkspaceEdit {
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

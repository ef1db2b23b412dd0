//! Places of names, and what they mean.

use super::super::documents::{Doc, Documents};
use super::super::home::Home;
use super::super::server::Answer;
use super::actions::workspace_edit;
use super::{Client, range, write};
use crate::diagnostics::Edit;
use crate::ide::format::Change;
use crate::ide::names::Spot;
use crate::ide::signature::Signature;
use crate::source::{FileId, Span};
use gen_lsp_types as lsp;
use std::collections::BTreeMap;

/// A text for people.
fn markdown(value: String) -> lsp::MarkupContent {
    lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value }
}

/// What something is.
pub(in crate::lsp) fn hover(doc: Doc<'_>, found: Option<(Span, String)>, client: Client) -> Answer {
    write(&found.map(|(span, text)| lsp::Hover {
        contents: lsp::Contents::MarkupContent(markdown(text)),
        range: Some(range(doc.source, span, client.encoding)),
    }))
}

/// What is called.
pub(in crate::lsp) fn signature(found: Option<Signature>) -> Answer {
    let Some(Signature { label, doc, params, active }) = found else { return Ok(serde_json::Value::Null) };
    let text = |text: String| {
        Some(text).filter(|text| !text.is_empty()).map(|text| lsp::Documentation::MarkupContent(markdown(text)))
    };
    let params = params.into_iter().map(|(label, doc)| lsp::ParameterInformation {
        label: lsp::ParameterInformationLabel::String(label),
        documentation: text(doc),
    });
    let active = active.and_then(|at| u32::try_from(at).ok()).map(lsp::ActiveParameter::Int);
    write(&lsp::SignatureHelp {
        signatures: vec![lsp::SignatureInformation {
            label,
            documentation: text(doc),
            parameters: Some(params.collect()),
            active_parameter: active,
        }],
        active_signature: Some(0),
        active_parameter: active,
    })
}

fn location(home: &Home, spot: Spot, client: Client) -> Option<lsp::Location> {
    let source = home.workspace.source(spot.file)?;
    let uri = lsp::Uri(home.uri(spot.file).to_owned());
    Some(lsp::Location { uri, range: range(source, spot.span, client.encoding) })
}

/// Places in files.
pub(in crate::lsp) fn locations(home: &Home, spots: &[Spot], client: Client) -> Answer {
    write(&spots.iter().filter_map(|spot| location(home, *spot, client)).collect::<Vec<_>>())
}

/// Places in the text itself.
pub(in crate::lsp) fn highlights(doc: Doc<'_>, found: &[(Span, bool)], client: Client) -> Answer {
    let one = |(span, declares): &(Span, bool)| lsp::DocumentHighlight {
        range: range(doc.source, *span, client.encoding),
        kind: Some(if *declares { lsp::DocumentHighlightKind::Write } else { lsp::DocumentHighlightKind::Read }),
    };
    write(&found.iter().map(one).collect::<Vec<_>>())
}

/// The name that can be given another.
pub(in crate::lsp) fn renamable(doc: Doc<'_>, span: Option<Span>, client: Client) -> Answer {
    write(&span.map(|span| range(doc.source, span, client.encoding)))
}

/// Changes of several files.
pub(in crate::lsp) fn renamed(
    home: &Home,
    changes: BTreeMap<FileId, Vec<Change>>,
    documents: &Documents,
    client: Client,
) -> Answer {
    let of_file = |(file, changes): (FileId, Vec<Change>)| {
        changes.into_iter().map(move |Change { span, text }| Edit { file, span, text })
    };
    let edits: Vec<Edit> = changes.into_iter().flat_map(of_file).collect();
    write(&workspace_edit(home, &edits, documents, client))
}

//! Texts that are opened, changed and closed.

use super::super::server::Failure;
use super::{offset, read};
use crate::source::{Encoding, SourceFile};
use gen_lsp_types as lsp;
use serde_json::Value;

/// A text that was opened.
#[derive(Debug)]
pub(in crate::lsp) struct Opened {
    pub(in crate::lsp) uri: String,
    pub(in crate::lsp) version: i32,
    pub(in crate::lsp) text: String,
}

/// A text that was changed.
#[derive(Debug)]
pub(in crate::lsp) struct Changed {
    pub(in crate::lsp) uri: String,
    pub(in crate::lsp) version: i32,
    pub(in crate::lsp) changes: Vec<lsp::TextDocumentContentChangeEvent>,
}

/// A file that changed on disk.
#[derive(Debug)]
pub(in crate::lsp) struct Watched {
    pub(in crate::lsp) uri: String,
    /// Whether it is still there, as one that was there before.
    pub(in crate::lsp) kept: bool,
}

pub(in crate::lsp) fn opened(params: Value) -> Result<Opened, Failure> {
    let document = read::<lsp::DidOpenTextDocumentParams>(params)?.text_document;
    Ok(Opened { uri: document.uri.0, version: document.version, text: document.text })
}

pub(in crate::lsp) fn changed(params: Value) -> Result<Changed, Failure> {
    let params: lsp::DidChangeTextDocumentParams = read(params)?;
    let lsp::VersionedTextDocumentIdentifier { version, text_document_identifier } = params.text_document;
    Ok(Changed { uri: text_document_identifier.uri.0, version, changes: params.content_changes })
}

pub(in crate::lsp) fn closed(params: Value) -> Result<String, Failure> {
    Ok(read::<lsp::DidCloseTextDocumentParams>(params)?.text_document.uri.0)
}

pub(in crate::lsp) fn watched(params: Value) -> Result<Vec<Watched>, Failure> {
    let params: lsp::DidChangeWatchedFilesParams = read(params)?;
    let event = |event: lsp::FileEvent| Watched { uri: event.uri.0, kept: event.kind != lsp::FileChangeType::Deleted };
    Ok(params.changes.into_iter().map(event).collect())
}

pub(in crate::lsp) fn folders_added(params: Value) -> Result<Vec<String>, Failure> {
    let params: lsp::DidChangeWorkspaceFoldersParams = read(params)?;
    Ok(params.event.added.into_iter().map(|folder| folder.uri.0).collect())
}

/// The text after changes, each of which counts in the text after the one before it.
pub(in crate::lsp) fn apply(
    source: &SourceFile,
    changes: &[lsp::TextDocumentContentChangeEvent],
    encoding: Encoding,
) -> String {
    let mut now: Option<SourceFile> = None;
    for change in changes {
        let before = now.as_ref().unwrap_or(source);
        let text = match change {
            lsp::TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => whole.text.clone(),
            lsp::TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                let at = |place: lsp::Position| offset(before, (place.line, place.character), encoding) as usize;
                let (start, end) = (at(part.range.start), at(part.range.end));
                let (start, end) = (start.min(end), start.max(end));
                let mut text = String::with_capacity(before.text.len() + part.text.len());
                text.push_str(before.text.get(..start).unwrap_or(""));
                text.push_str(&part.text);
                text.push_str(before.text.get(end..).unwrap_or(""));
                text
            }
        };
        now = Some(SourceFile::new(&source.name, &text));
    }
    now.map_or_else(|| source.text.to_string(), |now| now.text.to_string())
}

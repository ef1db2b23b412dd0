//! Between the protocol's types and ours. Nothing outside this folder names a type of the protocol.

mod actions;
mod client;
mod completion;
mod diagnostics;
mod sync;

pub(super) use actions::{actions, edits};
pub(super) use client::{Client, capabilities, initialize, watchers};
pub(super) use completion::completions;
pub(super) use diagnostics::{publish, publish_nothing, report};
pub(super) use sync::{Changed, Opened, Watched, apply, changed, closed, folders_added, opened, watched};

use super::server::{Answer, Failure};
use crate::source::{Encoding, SourceFile, Span};
use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, Message, Notification};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Reads the parameters of a message.
fn read<T: DeserializeOwned>(params: Value) -> Result<T, Failure> {
    serde_json::from_value(params).map_err(|error| Failure::new(ErrorCode::InvalidParams, error.to_string()))
}

/// Writes an answer.
fn write<T: Serialize>(answer: &T) -> Answer {
    serde_json::to_value(answer).map_err(|error| Failure::new(ErrorCode::InternalError, error.to_string()))
}

/// A line and a column, as the client counts.
pub(super) type Position = (u32, u32);

/// A document and a place in it.
pub(super) fn place(params: Value) -> Result<(String, Position), Failure> {
    let params: lsp::TextDocumentPositionParams = read(params)?;
    Ok((params.text_document.uri.0, (params.position.line, params.position.character)))
}

/// A document.
pub(super) fn document(params: &Value) -> Result<String, Failure> {
    let document = params.get("textDocument").cloned().unwrap_or(Value::Null);
    Ok(read::<lsp::TextDocumentIdentifier>(document)?.uri.0)
}

/// A document and a range in it.
pub(super) fn place_range(params: &Value) -> Result<(String, Position, Position), Failure> {
    let range: lsp::Range = read(params.get("range").cloned().unwrap_or(Value::Null))?;
    let place = |at: lsp::Position| (at.line, at.character);
    Ok((document(params)?, place(range.start), place(range.end)))
}

/// Where a place is in the text.
pub(super) fn offset(source: &SourceFile, (line, column): Position, encoding: Encoding) -> u32 {
    source.lines.offset(&source.text, line, column, encoding)
}

/// A part of a text, as the client counts.
fn range(source: &SourceFile, span: Span, encoding: Encoding) -> lsp::Range {
    let place = |offset| {
        let (line, character) = source.lines.position(&source.text, offset, encoding);
        lsp::Position { line, character }
    };
    lsp::Range { start: place(span.start), end: place(span.end) }
}

/// A notification for the client's log.
pub(super) fn log(text: &str) -> Message {
    let params = json!({ "type": 2, "message": text });
    Message::Notification(Notification { method: "window/logMessage".to_owned(), params })
}

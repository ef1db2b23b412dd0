//! What the client can, and what the server can.

use super::super::server::Answer;
use super::write;
use crate::source::Encoding;
use gen_lsp_types as lsp;
use serde_json::{Value, json};

/// What the client can.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one ability of the protocol")]
pub(in crate::lsp) struct Client {
    /// How columns are counted.
    pub(in crate::lsp) encoding: Encoding,
    /// Whether it asks for diagnostics, so that none are sent unasked.
    pub(in crate::lsp) pulls: bool,
    /// Whether it can be asked to tell of changed files.
    pub(in crate::lsp) watches: bool,
    /// Whether changes can name the version of the text that they are for.
    pub(super) versioned_edits: bool,
    /// Whether it shows second places of a diagnostic.
    pub(super) related: bool,
    /// Whether it shows where a code is explained.
    pub(super) code_description: bool,
}

/// Reads `initialize`: what the client can, and its folders. A client's abilities are read one by one, so that one in a
/// form that nobody knows does not end the session before it began.
pub(in crate::lsp) fn initialize(params: &Value) -> (Client, Vec<String>) {
    let has = |path: &str| params.pointer(path).and_then(Value::as_bool).unwrap_or(false);
    let client = Client {
        encoding: encoding(params),
        pulls: params.pointer("/initializationOptions/diagnostics").and_then(Value::as_str) == Some("pull"),
        watches: has("/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration"),
        versioned_edits: has("/capabilities/workspace/workspaceEdit/documentChanges"),
        related: has("/capabilities/textDocument/publishDiagnostics/relatedInformation"),
        code_description: has("/capabilities/textDocument/publishDiagnostics/codeDescriptionSupport"),
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let listed = params.get("workspaceFolders").and_then(Value::as_array);
    let folders = match listed {
        Some(folders) => folders.iter().filter_map(|folder| folder.get("uri").and_then(text)).collect(),
        None => params.get("rootUri").and_then(text).into_iter().collect(),
    };
    (client, folders)
}

/// The first way of counting that both know; UTF-16 where nothing was said.
fn encoding(params: &Value) -> Encoding {
    let offered = params.pointer("/capabilities/general/positionEncodings").and_then(Value::as_array);
    let known = |name: &Value| match name.as_str()? {
        "utf-8" => Some(Encoding::Utf8),
        "utf-16" => Some(Encoding::Utf16),
        "utf-32" => Some(Encoding::Utf32),
        _ => None,
    };
    offered.into_iter().flatten().find_map(known).unwrap_or_default()
}

/// What the server can.
pub(in crate::lsp) fn capabilities(client: Client) -> Answer {
    let sync = lsp::TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(lsp::TextDocumentSyncKind::Incremental),
        save: Some(lsp::Save::Bool(true)),
        ..Default::default()
    };
    let completion = lsp::CompletionOptions {
        trigger_characters: Some([".", "$", "\"", " ", "{", "["].map(str::to_owned).into()),
        ..Default::default()
    };
    let kinds = [lsp::CodeActionKind::QuickFix, lsp::CodeActionKind::SourceFixAll];
    let actions = lsp::CodeActionOptions { code_action_kinds: Some(kinds.into()), ..Default::default() };
    let capabilities = lsp::ServerCapabilities {
        position_encoding: Some(match client.encoding {
            Encoding::Utf8 => lsp::PositionEncodingKind::UTF8,
            Encoding::Utf16 => lsp::PositionEncodingKind::UTF16,
            Encoding::Utf32 => lsp::PositionEncodingKind::UTF32,
        }),
        text_document_sync: Some(lsp::TextDocumentSync::Options(sync)),
        completion_provider: Some(completion),
        code_action_provider: Some(lsp::CodeActionProvider::CodeActionOptions(actions)),
        document_formatting_provider: Some(lsp::DocumentFormattingProvider::Bool(true)),
        document_range_formatting_provider: Some(lsp::DocumentRangeFormattingProvider::Bool(true)),
        ..Default::default()
    };
    let version = Some(env!("CARGO_PKG_VERSION").to_owned());
    write(&lsp::InitializeResult {
        capabilities,
        server_info: Some(lsp::ServerInfo { name: "dealflow".to_owned(), version }),
    })
}

/// The files of which the server wants to hear when they change on disk.
pub(in crate::lsp) fn watchers() -> Value {
    json!({
        "registrations": [{
            "id": "files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": [{ "globPattern": "**/*.flow" }, { "globPattern": "**/crm.toml" }] },
        }],
    })
}

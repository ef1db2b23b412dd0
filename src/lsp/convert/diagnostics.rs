//! What is wrong with a text.

use super::super::home::Home;
use super::{Client, range};
use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::source::FileId;
use gen_lsp_types as lsp;
use lsp_server::{Message, Notification};
use serde_json::{Value, json};

/// Where the page on a code is, for clients that show such addresses. The server gives its text.
pub(super) fn page(code: Code) -> lsp::Uri {
    lsp::Uri(format!("dealflow:/explain/{code}.md"))
}

/// What is wrong with a file, sent unasked.
pub(in crate::lsp) fn publish(home: &Home, file: FileId, version: Option<i32>, client: Client) -> Message {
    let params = lsp::PublishDiagnosticsParams {
        uri: lsp::Uri(home.uri(file).to_owned()),
        version,
        diagnostics: all(home, file, client),
    };
    notification(serde_json::to_value(&params).unwrap_or_default())
}

/// That nothing is wrong with a file that is gone.
pub(in crate::lsp) fn publish_nothing(uri: &str) -> Message {
    notification(json!({ "uri": uri, "diagnostics": [] }))
}

fn notification(params: Value) -> Message {
    Message::Notification(Notification { method: "textDocument/publishDiagnostics".to_owned(), params })
}

/// What is wrong with a file, as the answer to a question.
pub(in crate::lsp) fn report(home: &Home, file: FileId, client: Client) -> Value {
    let items: Vec<Value> =
        all(home, file, client).iter().map(|one| serde_json::to_value(one).unwrap_or_default()).collect();
    json!({ "kind": "full", "items": items })
}

fn all(home: &Home, file: FileId, client: Client) -> Vec<lsp::Diagnostic> {
    home.workspace.diagnostics(file).iter().filter_map(|d| diagnostic(home, d, client)).collect()
}

/// One mistake.
pub(super) fn diagnostic(home: &Home, d: &Diagnostic, client: Client) -> Option<lsp::Diagnostic> {
    let source = home.workspace.source(d.file())?;
    let mut message = d.message.clone();
    let words = d.labels.first().map(|label| label.text.as_str()).filter(|text| !text.is_empty());
    for more in words.into_iter().chain(d.help.as_deref()) {
        message.push('\n');
        message.push_str(more);
    }
    let related = || {
        let places = d.labels.iter().skip(1).filter_map(|label| {
            let source = home.workspace.source(label.file)?;
            let uri = lsp::Uri(home.uri(label.file).to_owned());
            let location = lsp::Location { uri, range: range(source, label.span, client.encoding) };
            Some(lsp::DiagnosticRelatedInformation { location, message: label.text.clone() })
        });
        places.collect::<Vec<_>>()
    };
    Some(lsp::Diagnostic {
        range: range(source, d.span(), client.encoding),
        severity: Some(match d.severity() {
            Severity::Error => lsp::DiagnosticSeverity::Error,
            Severity::Warning => lsp::DiagnosticSeverity::Warning,
        }),
        code: Some(lsp::Code::String(d.code.name().to_owned())),
        code_description: client.code_description.then(|| lsp::CodeDescription { href: page(d.code) }),
        source: Some("dealflow".to_owned()),
        message: lsp::Message::String(message),
        tags: unnecessary(d.code).then(|| vec![lsp::DiagnosticTag::Unnecessary]),
        related_information: client.related.then(related).filter(|places| !places.is_empty()),
        data: None,
    })
}

/// Whether the place has no effect, so that editors show it faded.
fn unnecessary(code: Code) -> bool {
    matches!(code, Code::E0501 | Code::W0101 | Code::W0109)
}

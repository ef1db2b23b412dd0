//! What each request is answered with: the parameters are read, `ide` is asked, the answer is written.

use super::Files;
use super::convert;
use super::documents::Doc;
use super::server::{Answer, Failure, Server};
use crate::diagnostics::Code;
use crate::ide::complete::{Names, complete};
use crate::ide::{actions, format};
use crate::source::Span;
use lsp_server::ErrorCode;
use serde_json::{Value, json};

/// Answers a request of a session that serves.
pub(super) fn answer<F: Files>(server: &mut Server<F>, method: &str, params: Value) -> Answer {
    match method {
        "textDocument/completion" => completion(server, params),
        "textDocument/formatting" => formatting(server, &params),
        "textDocument/rangeFormatting" => range_formatting(server, &params),
        "textDocument/codeAction" => code_action(server, &params),
        "textDocument/diagnostic" => diagnostic(server, &params),
        "workspace/textDocumentContent" => content(&params),
        _ => Err(Failure::new(ErrorCode::MethodNotFound, format!("the server does not know `{method}`"))),
    }
}

/// The document at an address, with its workspace checked as the texts are now. `None` for one that is not known, such
/// as a file of another language.
fn doc<'s, F: Files>(server: &'s mut Server<F>, uri: &str) -> Option<Doc<'s>> {
    server.documents.refresh(uri);
    server.documents.doc(uri)
}

fn completion<F: Files>(server: &mut Server<F>, params: Value) -> Answer {
    let encoding = server.client.encoding;
    let (uri, position) = convert::place(params)?;
    let Some(doc) = doc(server, &uri) else { return Ok(Value::Null) };
    if doc.home.workspace.parsed(doc.file).is_none() {
        return Ok(Value::Null);
    }
    let at = convert::offset(doc.source, position, encoding);
    let names = Names { schema: doc.home.workspace.schema(), variables: &[], prompt: false };
    let found = complete(&doc.source.text, at as usize, names);
    convert::completions(&found, doc.source, at, encoding)
}

fn formatting<F: Files>(server: &mut Server<F>, params: &Value) -> Answer {
    let uri = convert::document(params)?;
    let client = server.client;
    let Some(doc) = doc(server, &uri) else { return Ok(Value::Null) };
    convert::edits(doc, &format::format(&doc.home.workspace, doc.file), client)
}

fn range_formatting<F: Files>(server: &mut Server<F>, params: &Value) -> Answer {
    let client = server.client;
    let (uri, from, to) = convert::place_range(params)?;
    let Some(doc) = doc(server, &uri) else { return Ok(Value::Null) };
    let offset = |place| convert::offset(doc.source, place, client.encoding);
    let span = Span::new(offset(from), offset(to));
    convert::edits(doc, &format::format_range(&doc.home.workspace, doc.file, span), client)
}

fn code_action<F: Files>(server: &mut Server<F>, params: &Value) -> Answer {
    let (uri, from, to) = convert::place_range(params)?;
    server.documents.refresh(&uri);
    let Some(doc) = server.documents.doc(&uri) else { return Ok(Value::Null) };
    let offset = |place| convert::offset(doc.source, place, server.client.encoding);
    let span = Span::new(offset(from), offset(to));
    let workspace = &doc.home.workspace;
    let mends = actions::mends(workspace, doc.file, span);
    convert::actions(doc, &mends, &actions::certain(workspace, doc.file), &server.documents, server.client)
}

fn diagnostic<F: Files>(server: &mut Server<F>, params: &Value) -> Answer {
    let uri = convert::document(params)?;
    let client = server.client;
    match doc(server, &uri) {
        Some(doc) => Ok(convert::report(doc.home, doc.file, client)),
        None => Ok(json!({ "kind": "full", "items": [] })),
    }
}

/// The page on a code, at the address that diagnostics give.
fn content(params: &Value) -> Answer {
    let uri = params.get("uri").and_then(Value::as_str).unwrap_or_default();
    let name = uri.strip_prefix("dealflow:/explain/").and_then(|rest| rest.strip_suffix(".md"));
    match name.and_then(|name| name.parse::<Code>().ok()) {
        Some(code) => Ok(json!({ "text": code.page() })),
        None => Err(Failure::new(ErrorCode::InvalidParams, format!("there is no page `{uri}`"))),
    }
}

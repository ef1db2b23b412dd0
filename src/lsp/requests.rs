//! What each request is answered with: the parameters are read, `ide` is asked, the answer is written.

use super::Files;
use super::convert;
use super::documents::Doc;
use super::server::{Answer, Failure, Server};
use crate::diagnostics::Code;
use crate::ide::{actions, format, hints, hover, names, outline, refactor, scope, signature, tokens};
use crate::source::Span;
use crate::value::Moment;
use lsp_server::ErrorCode;
use serde_json::{Value, json};

/// Answers a request of a session that serves.
pub(super) fn answer<F: Files>(server: &mut Server<F>, method: &str, params: Value) -> Answer {
    match method {
        "textDocument/codeAction" => code_action(server, &params),
        "textDocument/rename" => rename(server, params),
        "textDocument/diagnostic" => diagnostic(server, &params),
        "workspace/diagnostic" => Ok(server.documents.report_all(server.client)),
        "workspace/symbol" => symbols(server, &params),
        "workspace/textDocumentContent" => content(params.get("uri")),
        "workspace/executeCommand" => command(&params),
        _ => match about_place(method) {
            Some(ask) => {
                let (uri, position) = convert::place(params.clone())?;
                let (client, now) = (server.client, server.files.now());
                let Some(doc) = script(server, &uri) else { return Ok(Value::Null) };
                let at = convert::offset(doc.source, position, client.encoding);
                ask(&Question { doc, at, client, now, params: &params })
            }
            None => match about_text(method) {
                Some(ask) => {
                    let uri = convert::document(&params)?;
                    let (client, now) = (server.client, server.files.now());
                    let Some(doc) = script(server, &uri) else { return Ok(Value::Null) };
                    ask(&Question { doc, at: 0, client, now, params: &params })
                }
                None => Err(Failure::new(ErrorCode::MethodNotFound, format!("the server does not know `{method}`"))),
            },
        },
    }
}

/// A request about a text.
struct Question<'q> {
    doc: Doc<'q>,
    /// The place that it is about; 0 where it is about the whole text.
    at: u32,
    client: convert::Client,
    now: Moment,
    params: &'q Value,
}

impl Question<'_> {
    /// The range that the parameters name.
    fn range(&self) -> Result<Span, Failure> {
        let (_, from, to) = convert::place_range(self.params)?;
        let offset = |place| convert::offset(self.doc.source, place, self.client.encoding);
        Ok(Span::new(offset(from), offset(to)))
    }
}

/// What answers a question.
type Ask = fn(&Question<'_>) -> Answer;

/// The requests about a place in a text.
fn about_place(method: &str) -> Option<Ask> {
    Some(match method {
        "textDocument/completion" => |q| {
            let found = scope::complete_at(&q.doc.home.workspace, q.doc.file, q.at);
            convert::completions(&found, q.doc.source, q.at, q.client)
        },
        "textDocument/hover" => {
            |q| convert::hover(q.doc, hover::hover(&q.doc.home.workspace, q.doc.file, q.at), q.client)
        }
        "textDocument/signatureHelp" => {
            |q| convert::signature(signature::signature(&q.doc.home.workspace, q.doc.file, q.at))
        }
        "textDocument/definition" => |q| {
            let found = names::definition(&q.doc.home.workspace, q.doc.file, q.at);
            convert::locations(q.doc.home, &found, q.client)
        },
        "textDocument/references" => |q| {
            let declaration = q.params.pointer("/context/includeDeclaration").and_then(Value::as_bool).unwrap_or(true);
            let found = names::references(&q.doc.home.workspace, q.doc.file, q.at, declaration);
            convert::locations(q.doc.home, &found, q.client)
        },
        "textDocument/documentHighlight" => |q| {
            let found = names::highlights(&q.doc.home.workspace, q.doc.file, q.at);
            convert::highlights(q.doc, &found, q.client)
        },
        "textDocument/prepareRename" => |q| match names::renamable(&q.doc.home.workspace, q.doc.file, q.at) {
            Ok(span) => convert::renamable(q.doc, span, q.client),
            Err(why) => Err(Failure::new(ErrorCode::RequestFailed, why)),
        },
        "textDocument/onTypeFormatting" => |q| {
            let found = format::format_typed(&q.doc.home.workspace, q.doc.file, q.at);
            convert::edits(q.doc, &found, q.client)
        },
        _ => return None,
    })
}

/// The requests about a whole text, or a range of it.
fn about_text(method: &str) -> Option<Ask> {
    Some(match method {
        "textDocument/formatting" => {
            |q| convert::edits(q.doc, &format::format(&q.doc.home.workspace, q.doc.file), q.client)
        }
        "textDocument/rangeFormatting" => |q| {
            let found = format::format_range(&q.doc.home.workspace, q.doc.file, q.range()?);
            convert::edits(q.doc, &found, q.client)
        },
        "textDocument/documentSymbol" => {
            |q| Ok(convert::declarations(q.doc, outline::declarations(&q.doc.home.workspace, q.doc.file), q.client))
        }
        "textDocument/foldingRange" => {
            |q| convert::folds(q.doc, &outline::folds(&q.doc.home.workspace, q.doc.file), q.client)
        }
        "textDocument/selectionRange" => |q| {
            let places = convert::places(q.params)?;
            let offset = |place| convert::offset(q.doc.source, place, q.client.encoding);
            let around = |place| outline::selections(&q.doc.home.workspace, q.doc.file, offset(place));
            convert::selections(q.doc, &places.into_iter().map(around).collect::<Vec<_>>(), q.client)
        },
        "textDocument/semanticTokens/full" => {
            |q| convert::words(q.doc, &tokens::tokens(&q.doc.home.workspace, q.doc.file), q.client)
        }
        "textDocument/inlayHint" => |q| {
            let range = q.range()?;
            Ok(convert::hints(q.doc, hints::hints(&q.doc.home.workspace, q.doc.file, range, q.now), q.client))
        },
        "textDocument/codeLens" => {
            |q| Ok(convert::lenses(q.doc, hints::lenses(&q.doc.home.workspace, q.doc.file), q.client))
        }
        _ => return None,
    })
}

/// The text at an address, with its workspace checked as the texts are now. `None` for one that is not known, such as a
/// file of another language.
fn script<'s, F: Files>(server: &'s mut Server<F>, uri: &str) -> Option<Doc<'s>> {
    server.documents.refresh(uri);
    server.documents.doc(uri)
}

fn code_action<F: Files>(server: &mut Server<F>, params: &Value) -> Answer {
    let (uri, from, to) = convert::place_range(params)?;
    server.documents.refresh(&uri);
    let Some(doc) = server.documents.doc(&uri) else { return Ok(Value::Null) };
    let offset = |place| convert::offset(doc.source, place, server.client.encoding);
    let span = Span::new(offset(from), offset(to));
    let workspace = &doc.home.workspace;
    let found = convert::Actions {
        mends: actions::mends(workspace, doc.file, span),
        certain: actions::certain(workspace, doc.file),
        rewrites: refactor::rewrites(workspace, doc.file, span.start),
    };
    convert::actions(doc, &found, params, &server.documents, server.client)
}

fn rename<F: Files>(server: &mut Server<F>, params: Value) -> Answer {
    let name = params.get("newName").and_then(Value::as_str).unwrap_or_default().to_owned();
    let (uri, position) = convert::place(params)?;
    server.documents.refresh(&uri);
    let Some(doc) = server.documents.doc(&uri) else { return Ok(Value::Null) };
    let at = convert::offset(doc.source, position, server.client.encoding);
    match names::rename(&doc.home.workspace, doc.file, at, &name) {
        Ok(changes) => convert::renamed(doc.home, changes, &server.documents, server.client),
        Err(why) => Err(Failure::new(ErrorCode::RequestFailed, why)),
    }
}

fn diagnostic<F: Files>(server: &mut Server<F>, params: &Value) -> Answer {
    let uri = convert::document(params)?;
    let client = server.client;
    match script(server, &uri) {
        Some(doc) => Ok(convert::report(doc.home, doc.file, client)),
        None => Ok(json!({ "kind": "full", "items": [] })),
    }
}

fn symbols<F: Files>(server: &mut Server<F>, params: &Value) -> Answer {
    let query = params.get("query").and_then(Value::as_str).unwrap_or_default();
    let client = server.client;
    let in_home = |home| convert::found(home, outline::find(&home.workspace, query), client);
    let all: Vec<_> = server.documents.homes().flat_map(in_home).collect();
    convert::all_found(&all)
}

/// The page on a code, at the address that diagnostics give.
fn content(uri: Option<&Value>) -> Answer {
    let uri = uri.and_then(Value::as_str).unwrap_or_default();
    let name = uri.strip_prefix("dealflow:/explain/").and_then(|rest| rest.strip_suffix(".md"));
    match name.and_then(|name| name.parse::<Code>().ok()) {
        Some(code) => Ok(json!({ "text": code.page() })),
        None => Err(Failure::new(ErrorCode::InvalidParams, format!("there is no page `{uri}`"))),
    }
}

/// Commands that the client sends: `dealflow.explain` with a code gives its page.
fn command(params: &Value) -> Answer {
    let name = params.get("command").and_then(Value::as_str).unwrap_or_default();
    let argument = params.pointer("/arguments/0").and_then(Value::as_str).unwrap_or_default();
    match (name, argument.parse::<Code>()) {
        ("dealflow.explain", Ok(code)) => Ok(json!(code.page())),
        ("dealflow.explain", Err(why)) => Err(Failure::new(ErrorCode::InvalidParams, why)),
        _ => Err(Failure::new(ErrorCode::InvalidParams, format!("there is no command `{name}`"))),
    }
}

//! The state of a session, and what is done with each message.

use super::convert::{self, Client};
use super::documents::Documents;
use super::{Files, requests};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a request was not answered with a result.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: ErrorCode,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// What a request is answered with.
pub(super) type Answer = Result<Value, Failure>;

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Before,
    Serving,
    Ending,
    Over { shut_down: bool },
}

/// A language server without streams: messages in, messages out.
#[derive(Debug)]
pub struct Server<F> {
    pub(super) files: F,
    pub(super) client: Client,
    pub(super) documents: Documents,
    phase: Phase,
    /// The number of the server's own requests.
    asked: i32,
}

impl<F: Files> Server<F> {
    /// A server that nobody has spoken to.
    pub fn new(files: F) -> Self {
        let (client, documents) = (Client::default(), Documents::default());
        Self { files, client, documents, phase: Phase::Before, asked: 0 }
    }

    /// Whether the client said `exit`.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over { .. })
    }

    /// Whether the client said `shutdown` before `exit`.
    pub fn was_shut_down(&self) -> bool {
        self.phase == Phase::Over { shut_down: true }
    }

    /// Takes one message and gives what is to be sent. A panic is answered as an error; the session goes on.
    pub fn handle(&mut self, message: Message) -> Vec<Message> {
        let id = match &message {
            Message::Request(request) => Some(request.id.clone()),
            Message::Notification(_) | Message::Response(_) => None,
        };
        let done = catch_unwind(AssertUnwindSafe(|| match message {
            Message::Request(request) => self.request(request),
            Message::Notification(notification) => self.notification(notification),
            Message::Response(_) => Vec::new(),
        }));
        done.unwrap_or_else(|_| {
            let text = "a fault of the server; please report what you did";
            match id {
                Some(id) => vec![refusal(id, &Failure::new(ErrorCode::InternalError, text))],
                None => vec![convert::log(text)],
            }
        })
    }

    /// Nothing is left to read: tells what is wrong with the texts as they are now.
    pub fn settle(&mut self) -> Vec<Message> {
        if self.phase != Phase::Serving {
            return Vec::new();
        }
        catch_unwind(AssertUnwindSafe(|| self.documents.publish(self.client))).unwrap_or_default()
    }

    fn request(&mut self, request: Request) -> Vec<Message> {
        let Request { id, method, params } = request;
        let answer = match (self.phase, method.as_str()) {
            (Phase::Before, "initialize") => self.initialize(&params),
            (Phase::Before, _) => Err(Failure::new(ErrorCode::ServerNotInitialized, "`initialize` comes first")),
            (Phase::Serving, "initialize") => Err(Failure::new(ErrorCode::InvalidRequest, "this session has begun")),
            (Phase::Serving, "shutdown") => {
                self.phase = Phase::Ending;
                Ok(Value::Null)
            }
            (Phase::Serving, method) => requests::answer(self, method, params),
            (Phase::Ending | Phase::Over { .. }, _) => {
                Err(Failure::new(ErrorCode::InvalidRequest, "this session has ended"))
            }
        };
        match answer {
            Ok(result) => vec![Message::Response(Response::new_ok(id, result))],
            Err(failure) => vec![refusal(id, &failure)],
        }
    }

    fn initialize(&mut self, params: &Value) -> Answer {
        let (client, folders) = convert::initialize(params);
        self.client = client;
        self.documents.open_folders(&folders, &self.files);
        self.phase = Phase::Serving;
        convert::capabilities(self.client)
    }

    fn notification(&mut self, notification: Notification) -> Vec<Message> {
        let Notification { method, params } = notification;
        match method.as_str() {
            "exit" => self.phase = Phase::Over { shut_down: self.phase == Phase::Ending },
            _ if self.phase != Phase::Serving => {}
            "initialized" => return self.watch(),
            // One that cannot be read changes nothing, and there is nobody to tell.
            "textDocument/didOpen" => {
                if let Ok(opened) = convert::opened(params) {
                    self.documents.open(opened, &self.files);
                }
            }
            "textDocument/didChange" => {
                if let Ok(changed) = convert::changed(params) {
                    self.documents.change(&changed, self.client.encoding);
                }
            }
            "textDocument/didClose" => {
                if let Ok(uri) = convert::closed(params) {
                    self.documents.close(&uri, &self.files);
                }
            }
            "workspace/didChangeWatchedFiles" => {
                if let Ok(events) = convert::watched(params) {
                    self.documents.watched(&events, &self.files);
                }
            }
            "workspace/didChangeWorkspaceFolders" => {
                if let Ok(folders) = convert::folders_added(params) {
                    self.documents.open_folders(&folders, &self.files);
                }
            }
            _ => {}
        }
        Vec::new()
    }

    /// Asks to be told of files that change on disk.
    fn watch(&mut self) -> Vec<Message> {
        if !self.client.watches {
            return Vec::new();
        }
        self.asked += 1;
        vec![Message::Request(Request {
            id: RequestId::from(self.asked),
            method: "client/registerCapability".to_owned(),
            params: convert::watchers(),
        })]
    }
}

fn refusal(id: RequestId, failure: &Failure) -> Message {
    Message::Response(Response::new_err(id, failure.code as i32, failure.message.clone()))
}

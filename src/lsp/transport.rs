//! Messages over a pair of byte streams.
//!
//! Frames are read here and not by `lsp-server`, whose reader ends at the first message that it cannot understand: a
//! server that a broken message ends takes the mistakes off the screen with it.

use super::Files;
use super::server::Server;
use lsp_server::{ErrorCode, Message, RequestId};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, channel};

/// The largest message that is taken in, in bytes.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// What was read.
#[derive(Debug)]
enum Incoming {
    Message(Message),
    /// Something that is no message, with the answer that says so.
    Bad(Value),
}

/// Serves one client until it says `exit` or goes away. Gives whether it said `shutdown` before, as it should.
pub fn serve(input: impl Read + Send + 'static, mut output: impl Write, files: impl Files) -> io::Result<bool> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut input = BufReader::new(input);
        while let Ok(Some(incoming)) = read(&mut input) {
            let over = matches!(&incoming, Incoming::Message(Message::Notification(n)) if n.method == "exit");
            if sender.send(incoming).is_err() || over {
                return;
            }
        }
    });
    let mut server = Server::new(files);
    let mut queue = Queue { receiver, waiting: VecDeque::new() };
    while !server.is_over() {
        let incoming = if let Some(incoming) = queue.ready() {
            incoming
        } else {
            send(&mut output, server.settle())?;
            let Some(incoming) = queue.next() else { break };
            incoming
        };
        match incoming {
            Incoming::Message(message) => send(&mut output, server.handle(message))?,
            Incoming::Bad(answer) => frame(&mut output, &answer.to_string())?,
        }
    }
    Ok(server.was_shut_down())
}

/// What was read and not yet handled.
struct Queue {
    receiver: Receiver<Incoming>,
    waiting: VecDeque<Incoming>,
}

impl Queue {
    /// The next message, if one is there. A request that was cancelled meanwhile is answered as such.
    fn ready(&mut self) -> Option<Incoming> {
        while let Ok(incoming) = self.receiver.try_recv() {
            self.take(incoming);
        }
        self.waiting.pop_front()
    }

    /// Waits for the next message; `None` when none will come.
    fn next(&mut self) -> Option<Incoming> {
        self.receiver.recv().ok()
    }

    fn take(&mut self, incoming: Incoming) {
        if let Incoming::Message(Message::Notification(notification)) = &incoming
            && notification.method == "$/cancelRequest"
        {
            let id = notification.params.get("id").cloned().unwrap_or(Value::Null);
            let wanted = serde_json::from_value::<RequestId>(id).ok();
            let asked = |i: &&mut Incoming| matches!(i, Incoming::Message(Message::Request(r)) if Some(&r.id) == wanted.as_ref());
            if let Some(request) = self.waiting.iter_mut().find(asked) {
                *request = Incoming::Bad(refusal(wanted.as_ref(), ErrorCode::RequestCanceled, "cancelled"));
            }
            return;
        }
        self.waiting.push_back(incoming);
    }
}

/// The answer to something that cannot be answered.
fn refusal(id: Option<&RequestId>, code: ErrorCode, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code as i32, "message": message } })
}

fn send(output: &mut impl Write, messages: Vec<Message>) -> io::Result<()> {
    for message in messages {
        message.write(output)?;
    }
    Ok(())
}

fn frame(output: &mut impl Write, text: &str) -> io::Result<()> {
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

/// Reads one message; `None` at the end.
fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let mut size = None;
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(64 * 1024).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() {
            // An empty line before any header means nothing.
            if size.is_some() {
                break;
            }
            continue;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("Content-Length")
        {
            size = value.trim().parse::<usize>().ok();
        }
    }
    let size = size.unwrap_or(0);
    if size > MOST_BYTES {
        io::copy(&mut input.by_ref().take(size as u64), &mut io::sink())?;
        return Ok(Some(Incoming::Bad(refusal(None, ErrorCode::InvalidRequest, "the message is too large"))));
    }
    let mut bytes = vec![0; size];
    input.read_exact(&mut bytes)?;
    Ok(Some(understand(&bytes)))
}

fn understand(bytes: &[u8]) -> Incoming {
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => {
            return Incoming::Bad(refusal(None, ErrorCode::ParseError, &format!("this is not JSON: {error}")));
        }
    };
    let id = value.get("id").cloned().and_then(|id| serde_json::from_value::<RequestId>(id).ok());
    match serde_json::from_value::<Message>(value) {
        Ok(message) => Incoming::Message(message),
        Err(_) => Incoming::Bad(refusal(
            id.as_ref(),
            ErrorCode::InvalidRequest,
            "this is neither a request nor a notification nor a response",
        )),
    }
}

#[cfg(test)]
mod tests;

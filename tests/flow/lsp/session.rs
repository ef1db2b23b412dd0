//! A client that does what a text file says.

use super::show;
use dealflow::lsp::{Files, Server};
use dealflow::source::{Encoding, LineIndex};
use dealflow::value::Moment;
use lsp_server::{Message, Notification, Request};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Files in memory, below `/w`.
#[derive(Clone, Default)]
pub(super) struct Disk(Rc<RefCell<BTreeMap<PathBuf, String>>>);

impl Disk {
    pub(super) fn put(&self, name: &str, text: &str) {
        self.0.borrow_mut().insert(Path::new("/w").join(name), text.to_owned());
    }
}

impl Files for Disk {
    fn read(&self, path: &Path) -> Option<String> {
        self.0.borrow().get(path).cloned()
    }

    fn workspace_of(&self, path: &Path) -> Option<PathBuf> {
        let there = |dir: &&Path| self.0.borrow().contains_key(&dir.join("crm.toml"));
        path.ancestors().skip(1).find(there).map(Path::to_owned)
    }

    fn workspaces_below(&self, dir: &Path) -> Vec<PathBuf> {
        let files = self.0.borrow();
        let schemas = files.keys().filter(|path| path.starts_with(dir) && path.ends_with("crm.toml"));
        schemas.filter_map(|path| path.parent().map(Path::to_owned)).collect()
    }

    fn scripts(&self, root: &Path) -> Vec<PathBuf> {
        let is_script = |path: &&PathBuf| path.starts_with(root) && path.extension().is_some_and(|e| e == "flow");
        self.0.borrow().keys().filter(is_script).cloned().collect()
    }

    fn now(&self) -> Moment {
        // A Monday morning in spring.
        Moment(1_772_438_400_000)
    }
}

/// A text as the client has it, with its marked places as offsets.
struct Text {
    text: String,
    version: i32,
    marks: BTreeMap<char, usize>,
}

pub(super) struct Session {
    server: Server<Disk>,
    disk: Disk,
    texts: BTreeMap<String, Text>,
    encoding: Encoding,
    asked: i32,
    begun: bool,
    out: String,
}

pub(super) fn uri(name: &str) -> String {
    if name.contains(':') { name.to_owned() } else { format!("file:///w/{name}") }
}

/// What the usual client can.
pub(super) fn usual() -> Value {
    json!({
        "processId": null,
        "rootUri": null,
        "workspaceFolders": [{ "uri": "file:///w", "name": "w" }],
        "capabilities": {
            "workspace": { "workspaceEdit": { "documentChanges": true } },
            "textDocument": {
                "publishDiagnostics": { "relatedInformation": true, "codeDescriptionSupport": true },
                "completion": { "completionItem": { "snippetSupport": true } },
                "codeAction": { "codeActionLiteralSupport": {} },
                "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            },
        },
    })
}

impl Session {
    /// Plays a session and writes it down with the answers.
    pub(super) fn play(input: &str) -> String {
        let disk = Disk::default();
        let steps = steps(input);
        for step in &steps {
            if let ["file", name, ref how @ ..] = step.words()[..]
                && how != ["new"]
            {
                disk.put(name, &unmarked(&step.body).0);
            }
        }
        let mut session = Self {
            server: Server::new(disk.clone()),
            disk,
            texts: BTreeMap::new(),
            encoding: Encoding::Utf16,
            asked: 0,
            begun: false,
            out: String::new(),
        };
        for step in &steps {
            session.out.push_str(&step.written);
            session.step(step);
        }
        session.out
    }

    fn step(&mut self, step: &Step) {
        let words = step.words();
        if !self.begun {
            self.begun = true;
            let params = if words[0] == "init" { step.json() } else { usual() };
            let answers = self.request("initialize", params);
            let chosen = answers[0]["result"]["capabilities"]["positionEncoding"].as_str().unwrap().to_owned();
            self.encoding = match chosen.as_str() {
                "utf-8" => Encoding::Utf8,
                "utf-32" => Encoding::Utf32,
                _ => Encoding::Utf16,
            };
            if words[0] == "init" {
                self.show(&answers);
            }
            let answers = self.notify("initialized", json!({}));
            self.show(&answers);
        }
        let answers = match words[..] {
            ["init", ..] => Vec::new(),
            ["file", name, "closed"] => {
                let (text, marks) = unmarked(&step.body);
                self.texts.insert(name.to_owned(), Text { text, marks, version: 0 });
                Vec::new()
            }
            ["file", name] | ["file", name, "new"] => {
                let (text, marks) = unmarked(&step.body);
                let params = json!({ "textDocument":
                    { "uri": uri(name), "languageId": "flow", "version": 1, "text": text } });
                self.texts.insert(name.to_owned(), Text { text, marks, version: 1 });
                self.notify("textDocument/didOpen", params)
            }
            ["change", name, ..] => self.change(name, step),
            ["disk", name, "gone"] => {
                self.disk.0.borrow_mut().remove(&Path::new("/w").join(name));
                let changes = json!({ "changes": [{ "uri": uri(name), "type": 3 }] });
                self.notify("workspace/didChangeWatchedFiles", changes)
            }
            ["disk", name] => {
                self.disk.put(name, &step.body);
                if let Some(text) = self.texts.get_mut(name).filter(|text| text.version == 0) {
                    text.text.clone_from(&step.body);
                }
                let changes = json!({ "changes": [{ "uri": uri(name), "type": 2 }] });
                self.notify("workspace/didChangeWatchedFiles", changes)
            }
            ["close", name] => {
                self.texts.remove(name);
                self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri(name) } }))
            }
            ["request", method, name, ..] => self.about(method, name, step),
            ["send", ..] => {
                let message = serde_json::from_value(step.json()).unwrap();
                self.server.handle(message).iter().map(|m| serde_json::to_value(m).unwrap()).collect()
            }
            _ => panic!("what is `### {}`?", step.head),
        };
        self.show(&answers);
        let mut told = self.server.settle();
        told.extend(self.server.pause());
        let told = told.iter().map(|m| serde_json::to_value(m).unwrap()).collect::<Vec<_>>();
        self.show(&told);
        self.out.push('\n');
    }

    fn change(&mut self, name: &str, step: &Step) -> Vec<Value> {
        let text = self.texts.get_mut(name).unwrap();
        text.version += 1;
        let change = match step.words()[2..] {
            [] => {
                (text.text, text.marks) = unmarked(&step.body);
                json!({ "text": text.text })
            }
            [places, ..] => {
                let (from, to) = places.split_once('-').unwrap();
                let at = |place: &str| text.marks[&place.chars().last().unwrap()];
                let (from, to) = (at(from), at(to));
                let quoted = step.head.split_once('"').map(|(_, rest)| format!("\"{rest}")).unwrap();
                let new: String = serde_json::from_str(&quoted).unwrap();
                let range = json!({ "start": position(&text.text, from, self.encoding),
                    "end": position(&text.text, to, self.encoding) });
                text.text.replace_range(from..to, &new);
                for mark in text.marks.values_mut().filter(|mark| **mark >= to) {
                    *mark = *mark - (to - from) + new.len();
                }
                json!({ "range": range, "text": new })
            }
        };
        let document = json!({ "uri": uri(name), "version": text.version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }))
    }

    /// A request about a file, with a place or a range where marks are named.
    fn about(&mut self, method: &str, name: &str, step: &Step) -> Vec<Value> {
        let mut params = json!({ "textDocument": { "uri": uri(name) } });
        if let Some(text) = self.texts.get(name) {
            let places: Vec<Value> = step
                .words()
                .iter()
                .filter(|word| word.len() == 2 && word.starts_with('$'))
                .map(|word| position(&text.text, text.marks[&word.chars().last().unwrap()], self.encoding))
                .collect();
            if let [first, ..] = &places[..] {
                params["position"] = first.clone();
                params["range"] = json!({ "start": first, "end": places.last().unwrap() });
                params["positions"] = json!(places);
            }
        }
        if method.ends_with("ormatting") {
            params["options"] = json!({ "tabSize": 2, "insertSpaces": true });
        }
        if method.ends_with("codeAction") {
            params["context"] = json!({ "diagnostics": [] });
        }
        if let Some(at) = step.head.find('{') {
            let more: Value = serde_json::from_str(&step.head[at..]).unwrap();
            for (key, value) in more.as_object().unwrap() {
                params[key] = value.clone();
            }
        }
        self.request(method, params)
    }

    fn request(&mut self, method: &str, params: Value) -> Vec<Value> {
        self.asked += 1;
        let request = Request { id: self.asked.into(), method: method.to_owned(), params };
        self.server.handle(Message::Request(request)).iter().map(|m| serde_json::to_value(m).unwrap()).collect()
    }

    fn notify(&mut self, method: &str, params: Value) -> Vec<Value> {
        let notification = Notification { method: method.to_owned(), params };
        self.server
            .handle(Message::Notification(notification))
            .iter()
            .map(|m| serde_json::to_value(m).unwrap())
            .collect()
    }

    fn show(&mut self, messages: &[Value]) {
        let texts: BTreeMap<String, (&str, Encoding)> =
            self.texts.iter().map(|(name, text)| (uri(name), (text.text.as_str(), self.encoding))).collect();
        for message in messages {
            let shown = show::message(message, &texts);
            for line in shown.lines() {
                writeln!(self.out, "    {line}").unwrap();
            }
        }
    }
}

fn position(text: &str, offset: usize, encoding: Encoding) -> Value {
    let (line, character) = LineIndex::new(text).position(text, u32::try_from(offset).unwrap(), encoding);
    json!({ "line": line, "character": character })
}

/// A text without its marks, and where they were.
fn unmarked(marked: &str) -> (String, BTreeMap<char, usize>) {
    let mut text = String::new();
    let mut marks = BTreeMap::new();
    let mut rest = marked.chars().peekable();
    while let Some(c) = rest.next() {
        match rest.peek().filter(|next| c == '$' && next.is_ascii_digit()) {
            Some(digit) => {
                marks.insert(*digit, text.len());
                rest.next();
            }
            None => text.push(c),
        }
    }
    (text, marks)
}

/// One step: its line, and the lines below it.
struct Step {
    head: String,
    body: String,
    written: String,
}

impl Step {
    fn words(&self) -> Vec<&str> {
        self.head.split_whitespace().collect()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.head[self.head.find('{').unwrap()..]).unwrap()
    }
}

fn steps(input: &str) -> Vec<Step> {
    let mut all: Vec<Step> = Vec::new();
    for line in input.split_inclusive('\n') {
        if let Some(head) = line.strip_prefix("### ") {
            all.push(Step { head: head.trim().to_owned(), body: String::new(), written: line.to_owned() });
        } else if let Some(step) = all.last_mut() {
            step.body.push_str(line);
            step.written.push_str(line);
        }
    }
    for step in &mut all {
        // The empty line before the next step is not part of the text.
        let body = step.body.trim_end_matches('\n').to_owned();
        step.body = if body.is_empty() { body } else { body + "\n" };
        step.written = format!("{}\n", step.written.trim_end());
    }
    all
}

//! The language server in a large workspace: from a change of a text to what is wrong with it, and completion.

use super::clock::{Spent, once};
use super::runner::{Outcome, Show};
use super::scripts;
use super::table::{Figure, Row};
use super::turns::{turns, work};
use super::workspace::SCHEMA;
use dealflow::lsp::{Files, Server};
use dealflow::pipeline::Texts;
use dealflow::value::Moment;
use lsp_server::{Message, Notification, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};

const FILES: u32 = 2_000;
/// Of each of the many files: three or four rules.
const SMALL: usize = 1_500;
const LINES: usize = 5_000;
const ROUNDS: u32 = 15;
const LARGE: &str = "/w/large.flow";

/// Files in memory.
#[derive(Default)]
struct Memory(BTreeMap<PathBuf, String>);

impl Files for Memory {
    fn read(&self, path: &Path) -> Option<String> {
        self.0.get(path).cloned()
    }

    fn workspace_of(&self, _: &Path) -> Option<PathBuf> {
        Some(PathBuf::from("/w"))
    }

    fn workspaces_below(&self, _: &Path) -> Vec<PathBuf> {
        Vec::new()
    }

    fn scripts(&self, _: &Path) -> Vec<PathBuf> {
        self.0.keys().filter(|path| path.extension().is_some_and(|e| e == "flow")).cloned().collect()
    }

    fn now(&self) -> Moment {
        Moment(1_772_438_400_000)
    }
}

/// A script whose rules have names of their own.
fn script(size: usize, number: u32) -> String {
    scripts::script(size, u64::from(number)).replace("rule \"", &format!("rule \"{number}: "))
}

fn workspace() -> BTreeMap<PathBuf, String> {
    let mut files: BTreeMap<PathBuf, String> =
        (0..FILES).map(|n| (PathBuf::from(format!("/w/rules/f{n:04}.flow")), script(SMALL, n))).collect();
    let mut size = LINES * 30;
    let mut large = script(size, FILES);
    while large.lines().count() < LINES {
        size += 5_000;
        large = script(size, FILES);
    }
    files.insert(PathBuf::from(LARGE), large);
    files.insert(PathBuf::from("/w/crm.toml"), SCHEMA.to_owned());
    files
}

fn texts(files: &BTreeMap<PathBuf, String>) -> Texts {
    let mut texts = Texts::default();
    texts.schema = Some(texts.sources.add("crm.toml", SCHEMA));
    for (path, text) in files.iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "flow")) {
        texts.scripts.push(texts.sources.add(&path.to_string_lossy(), text));
    }
    texts
}

/// The memory that this process holds, in bytes (Linux only).
fn resident() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? * 1024.0)
}

fn notify(server: &mut Server<Memory>, method: &str, params: Value) -> usize {
    server.handle(Message::Notification(Notification { method: method.to_owned(), params })).len()
}

fn request(server: &mut Server<Memory>, method: &str, params: Value) -> usize {
    server.handle(Message::Request(Request { id: 1.into(), method: method.to_owned(), params })).len()
}

/// A letter more, or the same letter away again, in the middle of the large file; then what is wrong is told.
fn change(server: &mut Server<Memory>, version: &mut i32, line: usize) -> usize {
    *version += 1;
    let added = *version % 2 == 0;
    let end = u32::from(!added);
    let range = json!({ "start": { "line": line, "character": 0 }, "end": { "line": line, "character": end } });
    let change = json!({ "range": range, "text": if added { " " } else { "" } });
    let document = json!({ "uri": format!("file://{LARGE}"), "version": *version });
    notify(server, "textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
    server.settle().len()
}

fn figure(spent: Spent) -> Figure {
    Figure::new(spent.cpu.as_secs_f64() * 1e9, "ns")
}

#[expect(clippy::cast_precision_loss, reason = "sizes of texts are far below 2^52")]
pub(crate) fn measure(show: Show<'_>) -> Outcome {
    let files = workspace();
    let large = files.get(Path::new(LARGE)).cloned().unwrap_or_default();
    let bytes = files.values().map(String::len).sum::<usize>() as f64;
    let before = resident();
    let mut server = Server::new(Memory(files.clone()));
    request(&mut server, "initialize", json!({ "rootUri": "file:///w", "capabilities": {} }));
    let document = json!({ "uri": format!("file://{LARGE}"), "languageId": "flow", "version": 1, "text": large });
    let ((), opened) = once(|| {
        notify(&mut server, "textDocument/didOpen", json!({ "textDocument": document }));
        black_box(server.settle());
    });
    let ((), paused) = once(|| drop(black_box(server.pause())));
    let after = resident();

    let whole = || black_box(texts(&files).parse().check().diagnostics.len());
    let line = LINES / 2;
    let mut version = 1;
    let (ours, again, check) = {
        let mut change = work(|| change(&mut server, &mut version, line));
        let [ours, check] = turns(ROUNDS.min(3), [&mut change, &mut work(whole)]);
        let [again] = turns(ROUNDS, [&mut change]);
        (ours, again, check)
    };
    let ours = if again.cpu < ours.cpu { again } else { ours };
    let baseline = "`check` of the workspace";
    show(Row::new("a change in 5,000 lines of 2,000 files", figure(ours), baseline, figure(check)).goal("≤ 30 ms"))?;

    let middle = large.lines().position(|l| l.trim_start().starts_with("notify")).unwrap_or(line);
    let near = large.lines().skip(line).position(|l| l.trim_start().starts_with("set ")).map_or(middle, |at| at + line);
    let place =
        json!({ "line": near, "character": large.lines().nth(near).map_or(0, |l| l.find("set ").unwrap_or(0) + 4) });
    let params = json!({ "textDocument": { "uri": format!("file://{LARGE}") }, "position": place });
    let complete = || request(&mut server, "textDocument/completion", params.clone());
    let [found] = turns(ROUNDS, [&mut work(complete)]);
    show(Row::new("completion there", figure(found), baseline, figure(check)).goal("≤ 15 ms"))?;
    show(Row::new("opening the workspace", figure(opened), baseline, figure(check)))?;
    show(Row::new("circles of rules, in a pause", figure(paused), baseline, figure(check)))?;
    if let (Some(before), Some(after)) = (before, after) {
        show(
            Row::new("memory of the server", Figure::new(after - before, "B"), "its texts", Figure::new(bytes, "B"))
                .goal("≤ 200 MB"),
        )?;
    }
    Ok(())
}

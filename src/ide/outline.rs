//! The shape of a script: what it declares, what can be folded, and what belongs together around a place.

use super::tree::{self, Part};
use super::{Workspace, names::Spot};
use crate::source::{FileId, Span};
use crate::syntax::ast::{Item, ItemKind};

/// The kinds of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A rule, by a trigger or by time.
    Rule,
    /// A function.
    Function,
    /// A flow.
    Flow,
    /// A constant.
    Constant,
    /// A test.
    Test,
    /// A file that is used.
    Use,
}

/// Something that a script declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Its name, or its trigger for a rule without one.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// For a rule with a name its trigger, for a function its parameters and result.
    pub detail: String,
    /// All of it.
    pub span: Span,
    /// The name.
    pub selection: Span,
}

/// What a script declares, in order.
pub fn declarations(workspace: &Workspace, file: FileId) -> Vec<Declared> {
    let text = workspace.text(file);
    let items = workspace.parsed(file).map_or(&[][..], |parse| &parse.file.items);
    items.iter().filter_map(|item| declared(item, text)).collect()
}

fn declared(item: &Item, text: &str) -> Option<Declared> {
    let line = |span: Span| span.of(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let quoted = |span: Span| span.of(text).trim_matches('"').to_owned();
    let (name, kind, detail, selection) = match &item.kind {
        ItemKind::Rule(rule) | ItemKind::Every(rule) => {
            let trigger = rule.trigger.span;
            match &rule.name {
                Some(name) => (quoted(name.span), Kind::Rule, line(trigger), name.span),
                None => (line(trigger), Kind::Rule, String::new(), trigger),
            }
        }
        ItemKind::Fn(function) | ItemKind::Flow(function) => {
            let kind = if matches!(item.kind, ItemKind::Fn(_)) { Kind::Function } else { Kind::Flow };
            let head = Span::new(function.name.end, function.body.span.start);
            (function.name.of(text).to_owned(), kind, line(head), function.name)
        }
        ItemKind::Const(binding) => (binding.name.of(text).to_owned(), Kind::Constant, String::new(), binding.name),
        ItemKind::Use(used) => (quoted(used.span), Kind::Use, String::new(), used.span),
        ItemKind::Test { name, body: _ } => (quoted(name.span), Kind::Test, String::new(), name.span),
        ItemKind::Error => return None,
    };
    // Editors show nothing for an empty name.
    let name = if name.is_empty() { "?".to_owned() } else { name };
    Some(Declared { name, kind, detail, span: item.span.to(selection), selection })
}

/// What the scripts of a workspace declare with these letters in the name, in this order.
pub fn find(workspace: &Workspace, query: &str) -> Vec<(Declared, Spot)> {
    let mut all = Vec::new();
    for (file, _) in workspace.scripts() {
        for one in
            declarations(workspace, file).into_iter().filter(|one| one.kind != Kind::Use && fits(&one.name, query))
        {
            let spot = Spot { file, span: one.selection };
            all.push((one, spot));
        }
    }
    all
}

/// Whether the letters of the query come in this order in the name.
fn fits(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    query.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).all(|c| letters.any(|l| l == c))
}

/// What can be folded: blocks and comments of more than one line. The second says whether it is a comment.
pub fn folds(workspace: &Workspace, file: FileId) -> Vec<(Span, bool)> {
    let (Some(parse), Some(source)) = (workspace.parsed(file), workspace.source(file)) else { return Vec::new() };
    let line = |offset| source.lines.line_col(&source.text, offset).line;
    let mut all: Vec<(Span, bool)> = Vec::new();
    tree::each(&parse.file, &mut |part| match part {
        Part::Block(block) => all.push((block.span, false)),
        Part::Text(text) if text.block => all.push((text.span, false)),
        Part::Item(_)
        | Part::Stmt(_)
        | Part::Wait(_)
        | Part::Action(_)
        | Part::Expr(_)
        | Part::Text(_)
        | Part::Other(_) => {}
    });
    let mut run: Option<Span> = None;
    for comment in parse.trivia.comments.iter().filter(|comment| comment.own_line) {
        run = match run {
            Some(before) if line(before.end) + 1 == line(comment.span.start) => Some(before.to(comment.span)),
            before => {
                all.extend(before.map(|span| (span, true)));
                Some(comment.span)
            }
        };
    }
    all.extend(run.map(|span| (span, true)));
    all.retain(|(span, _)| line(span.start) < line(span.end));
    all.sort();
    all.dedup();
    all
}

/// What belongs together around an offset, from the inside out.
pub fn selections(workspace: &Workspace, file: FileId, at: u32) -> Vec<Span> {
    let Some(parse) = workspace.parsed(file) else { return Vec::new() };
    let text = workspace.text(file);
    let mut spans: Vec<Span> = tree::around(&parse.file, at).into_iter().map(Part::span).collect();
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let place = text.floor_char_boundary(at as usize);
    let (before, after) = (text.get(..place).unwrap_or(""), text.get(place..).unwrap_or(""));
    let start = before.trim_end_matches(word).len();
    let end = text.len() - after.trim_start_matches(word).len();
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    spans.push(Span::new(offset(start), offset(end)));
    spans.push(Span::new(0, offset(text.len())));
    spans.sort_by_key(|span| (span.len(), span.start));
    spans.dedup();
    // Each holds the one before it.
    let mut all: Vec<Span> = Vec::new();
    for span in spans {
        if span.start <= at
            && at <= span.end
            && all.last().is_none_or(|last| span.start <= last.start && last.end <= span.end)
        {
            all.push(span);
        }
    }
    all
}

//! What the session defines: rules and other items, one text behind the workspace's own scripts.

use super::compile::{Mistakes, Part};
use super::look::lines;
use super::session::{Host, Session};
use crate::diagnostics::{self, Severity};
use crate::fmt;
use crate::pipeline::{Compiled, Texts};
use crate::source::{FileId, Span};
use crate::syntax;
use crate::syntax::ast::{self, ItemKind};
use std::fmt::Write as _;

/// The name of the session's own script.
pub(super) const SESSION: &str = "session.flow";

/// One thing that was defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// `rule "Name"`, `const $x`: what is defined again replaces what was so called.
    pub(super) key: String,
    /// As typed, with its comments.
    pub(super) text: String,
}

impl Session {
    /// All items as one text.
    pub(super) fn items_text(&self) -> String {
        joined(&self.items)
    }

    /// Adds what was typed or loaded.
    pub(super) fn define(&mut self, text: &str) -> Result<String, String> {
        let parse = syntax::parse(text, FileId::default());
        if diagnostics::has_errors(&parse.diagnostics) {
            let whole = Part { items: 0, start: 0, len: u32::MAX };
            return Err(self.report(&whole.mistakes(parse.diagnostics, "", text)));
        }
        let new = split(text, &parse.file);
        let mut kept = self.items.clone();
        kept.retain(|old| !new.iter().any(|item| item.key == old.key));
        let before = joined(&kept);
        let whole = format!("{before}{text}");
        let (compiled, file) = compile(&self.texts, &whole);
        let start = u32::try_from(before.len()).unwrap_or(u32::MAX);
        let part = Part { items: start, start, len: u32::MAX };
        let own = compiled.diagnostics.iter().filter(|d| d.file() == file).cloned().collect::<Vec<_>>();
        if diagnostics::has_errors(&own) {
            let errors = own.into_iter().filter(|d| d.severity() == Severity::Error).collect();
            return Err(self.report(&part.mistakes(errors, &whole, text)));
        }
        let warnings = self.report_if_any(&part.mistakes(own, &whole, text));
        let mut told = warnings;
        for item in &new {
            let again = self.items.iter().any(|old| old.key == item.key);
            let below = !again && self.texts_define(&item.key);
            let how = match (again, below) {
                (true, _) => "is at work, in place of the one before",
                (false, true) => "is at work, in place of the workspace's own",
                (false, false) => "is at work",
            };
            let how = if item.key.starts_with("rule ") || item.key.starts_with("on ") { how } else { "is defined" };
            let _ = writeln!(told, "{} {how}", item.key);
        }
        kept.extend(new);
        self.items = kept;
        self.take_over(&compiled);
        Ok(told)
    }

    /// Uses the programs that were compiled. A rule of the session takes the place of one of the same name.
    pub(super) fn take_over(&mut self, compiled: &Compiled) {
        let own = |file: &str| file == SESSION;
        let mine: Vec<_> = compiled.programs.iter().filter(|p| own(&p.debug.file)).map(|p| &p.debug.rule).collect();
        let stays = |p: &&std::sync::Arc<crate::ir::Program>| own(&p.debug.file) || !mine.contains(&&p.debug.rule);
        self.programs = compiled.programs.iter().filter(stays).cloned().collect();
        self.schema = compiled.schema.clone();
    }

    /// `:load`
    pub(super) fn load(&mut self, path: &str, host: &mut dyn Host) -> Result<String, String> {
        let bytes = host.read(path)?;
        let text = String::from_utf8(bytes).map_err(|_| format!("`{path}` is not UTF-8 text"))?;
        let told = self.define(&text)?;
        Ok(if told.is_empty() { format!("there is nothing in `{path}`\n") } else { told })
    }

    /// `:reload`
    pub(super) fn reload(&mut self, host: &mut dyn Host) -> Result<String, String> {
        let texts = host.workspace()?;
        let (compiled, _) = compile(&texts, &self.items_text());
        let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.severity() == Severity::Error).cloned().collect();
        if !errors.is_empty() {
            let told = self.report(&Mistakes { diagnostics: errors, sources: compiled.sources });
            return Err(format!("{told}nothing was changed: mend these and `:reload` again"));
        }
        self.texts = texts;
        self.take_over(&compiled);
        Ok(format!("{}\n", self.at_work()))
    }

    /// `:save`
    pub(super) fn save(&mut self, path: &str, host: &mut dyn Host) -> Result<String, String> {
        if self.items.is_empty() {
            return Err("nothing was defined here: there is nothing to save".to_owned());
        }
        let text = fmt::format(&self.items_text()).map_err(|e| e.to_string())?;
        host.write(path, text.as_bytes())?;
        let count = self.items.len();
        Ok(format!("wrote {count} {} to {path}\n", if count == 1 { "item" } else { "items" }))
    }

    /// `:rules`
    pub(super) fn show_rules(&self) -> String {
        let lines = self.programs.iter().map(|p| format!("  {}:{}  {}\n", p.debug.file, p.debug.line, p.debug.rule));
        let text: String = lines.collect();
        if text.is_empty() { "no rule is at work\n".to_owned() } else { text }
    }

    /// "2 rules are at work"
    pub(super) fn at_work(&self) -> String {
        match self.programs.len() {
            0 => "no rule is at work".to_owned(),
            1 => "1 rule is at work".to_owned(),
            n => format!("{n} rules are at work"),
        }
    }

    fn report_if_any(&self, mistakes: &Mistakes) -> String {
        if mistakes.diagnostics.is_empty() { String::new() } else { self.report(mistakes) }
    }

    /// Whether a script of the workspace defines this.
    fn texts_define(&self, key: &str) -> bool {
        self.texts.scripts.iter().any(|&file| {
            let text = self.texts.sources.text(file);
            split(text, &syntax::parse(text, file).file).iter().any(|item| item.key == key)
        })
    }
}

/// The workspace with the session's items behind it.
pub(super) fn compile(texts: &Texts, items: &str) -> (Compiled, FileId) {
    let (texts, file) = with_items(texts, items);
    (texts.parse().compile(), file)
}

/// The workspace's texts with the session's items behind them.
pub(super) fn with_items(texts: &Texts, items: &str) -> (Texts, FileId) {
    let mut texts = texts.clone();
    let file = texts.sources.add(SESSION, items);
    texts.scripts.push(file);
    (texts, file)
}

pub(super) fn joined(items: &[Item]) -> String {
    lines(items.iter().map(|item| format!("{}\n", item.text)))
}

/// The items of a text, each with the comments before it.
pub(super) fn split(text: &str, file: &ast::File) -> Vec<Item> {
    let mut from = 0;
    let mut items = Vec::new();
    for item in &file.items {
        let own = Span::new(from, item.span.end).of(text).trim().to_owned();
        from = item.span.end;
        items.push(Item { key: key(text, item), text: own });
    }
    // A comment at the end belongs to what it follows.
    let rest = text.get(from as usize..).unwrap_or("").trim();
    if let (false, Some(last)) = (rest.is_empty(), items.last_mut()) {
        last.text = format!("{}\n{rest}", last.text);
    }
    items
}

fn key(text: &str, item: &ast::Item) -> String {
    let of = |span: Span| span.of(text).split_whitespace().collect::<Vec<_>>().join(" ");
    match &item.kind {
        ItemKind::Rule(rule) | ItemKind::Every(rule) => match &rule.name {
            Some(name) => format!("rule {}", of(name.span)),
            None => of(Span::new(item.span.start, rule.trigger.span.end)),
        },
        ItemKind::Flow(function) => format!("flow {}", of(function.name)),
        ItemKind::Fn(function) => format!("fn {}", of(function.name)),
        ItemKind::Const(binding) => format!("const {}", of(binding.name)),
        ItemKind::Use(path) => format!("use {}", of(path.span)),
        ItemKind::Test { name, .. } => format!("test {}", of(name.span)),
        ItemKind::Error => of(item.span),
    }
}

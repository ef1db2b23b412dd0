//! Runs: which sleep, where, and what is ordered for them.

use super::compile::PROMPT;
use super::look::lines;
use super::rules::with_items;
use super::session::Session;
use crate::engine::inspect::{self, RunInfo};
use crate::engine::{Held, Order, RunId, request};
use crate::feed::timeline::first_line;
use crate::feed::{story, why};
use crate::ir::Program;
use crate::schema::Type;
use crate::value::Ref;
use crate::vm::Machine;
use std::fmt::Write as _;

/// How many runs are listed.
const PAGE: usize = 50;

impl Session {
    /// `:runs`
    pub(super) fn show_runs(&self) -> Result<String, String> {
        let runs = inspect::runs(self.store(), None, PAGE + 1).map_err(|e| e.to_string())?;
        let mut out = String::new();
        for info in runs.iter().take(PAGE) {
            out.push_str(&self.run_line(info));
        }
        Ok(match runs.len() {
            0 => "no run sleeps\n".to_owned(),
            n if n > PAGE => format!("{out}  … and more\n"),
            _ => out,
        })
    }

    fn run_line(&self, info: &RunInfo) -> String {
        let record = info.record.as_ref().map_or_else(String::new, |of| format!(" for {}", self.record_text(of)));
        let opened = inspect::open(self.store(), info.id).ok().flatten();
        let at = opened.and_then(|o| o.machine.ok()).and_then(|(machine, program)| {
            let span = machine.place(&program)?;
            Some(format!(" in `{}`", first_line(span.of(&program.debug.text))))
        });
        let until = match info.wait.as_ref().and_then(|wait| wait.deadline) {
            Some(at) => format!(", until {} at most", self.moment(at)),
            None => String::new(),
        };
        let state = match &info.held {
            None => "sleeps".to_owned(),
            Some(Held::Paused) => "is paused".to_owned(),
            Some(Held::Parked(why)) => format!("is parked ({why})"),
            Some(Held::Stuck(why)) => format!("is stuck ({why})"),
        };
        let asked = request::pending(self.store(), info.id).unwrap_or_default();
        let asked = asked.iter().fold(String::new(), |all, asked| format!("{all}        {}\n", story::asked(asked)));
        format!(
            "  run {}  {}{record}\n        {state}{}{until}\n{asked}",
            info.id,
            rule_name(&info.rule),
            at.unwrap_or_default()
        )
    }

    /// `:run`
    pub(super) fn show_run(&self, text: &str) -> Result<String, String> {
        let id = number(text)?;
        let opened = inspect::open(self.store(), id).map_err(|e| e.to_string())?;
        let told = inspect::told(self.store(), id).map_err(|e| e.to_string())?;
        let history = told.as_ref().map(|told| story::story(told, &self.schema.calendar)).unwrap_or_default();
        // That variables are handed out to the session is no deed of the run.
        let history = lines(history.lines().filter(|line| !line.contains("  log ($")).map(str::to_owned));
        let Some(opened) = opened else {
            let rule = told.map(|told| told.rule).ok_or_else(|| format!("there is no run {id}; `:runs` lists them"))?;
            return Ok(format!("  run {id}  {} is over\n{history}", rule_name(&rule)));
        };
        let mut out = self.run_line(&opened.info);
        let _ = writeln!(out, "        started {}", self.moment(opened.info.started));
        if let Some(wait) = &opened.info.wait {
            for watch in &wait.watches {
                let _ = writeln!(out, "        woken by {}", story::watched(watch));
            }
        }
        match &opened.machine {
            Err(why) => {
                let _ = writeln!(out, "        cannot be read: {why}");
            }
            Ok((machine, program)) => {
                for (name, value) in machine.locals(program) {
                    let _ = writeln!(out, "        {name} = {}", self.value_text(&value, &Type::Error));
                }
                out.push_str(&source(machine, program));
            }
        }
        out.push_str(&history);
        Ok(out)
    }
}

/// The rule's text with a mark at the line on which the run sleeps.
fn source(machine: &Machine, program: &Program) -> String {
    let debug = &program.debug;
    let offset = machine.place(program).map_or(0, |span| span.start);
    let (whole, file, first) = debug.part(offset);
    let (_, here) = debug.locate(offset);
    // The rule that was made for statements, not one of the functions behind it.
    let typed = &**file == PROMPT && debug.parts.first().is_none_or(|part| offset < part.start);
    let last = whole.lines().count();
    let mut out = String::new();
    for ((text, line), at) in whole.lines().zip(first..).zip(1..) {
        // The head and the end of a rule that was made for statements were not typed.
        if typed && (at == 1 || at == last) {
            continue;
        }
        let mark = if here == line { ">" } else { " " };
        let _ = writeln!(out, "  {mark} {line:>3} | {text}");
    }
    out
}

/// Without the runs of statements, which no rule fired.
fn without_prompt(told: &str) -> String {
    let mut inside = false;
    let kept = told.lines().filter(|line| {
        inside = line.starts_with(&format!("{PROMPT}#{PROMPT} ")) || inside && line.starts_with(' ');
        !inside
    });
    lines(kept.map(str::to_owned))
}

/// The rule without its file.
fn rule_name(key: &str) -> &str {
    let name = key.split_once('#').map_or(key, |(_, name)| name);
    if name == PROMPT { "typed at the prompt" } else { name }
}

pub(super) fn number(text: &str) -> Result<RunId, String> {
    text.parse().map(RunId).map_err(|_| format!("`{text}` is not the number of a run; `:runs` lists them"))
}

impl Session {
    /// `:pause`, `:resume`, `:skip`, `:cancel`
    pub(super) fn decide(&mut self, order: Order, text: &str) -> Result<String, String> {
        let id = number(text)?;
        let held = self.store().run(id).map_err(|e| e.to_string())?.and_then(|row| row.held);
        // One word for people: a run that is parked or stuck goes on by trying again.
        let order = match (order, held) {
            (Order::Resume, Some(Held::Parked(_) | Held::Stuck(_))) => Order::Retry,
            (order, _) => order,
        };
        self.order(id, order)
    }

    /// `:why`
    pub(super) fn why(&self, text: &str) -> Result<String, String> {
        let of = match text.split_once([' ', ':']) {
            Some((kind, id)) => Ref::new(kind, id.trim()),
            None if text.is_empty() => self.about(),
            None => return Err(format!("`{text}` is no record: write its entity and number, such as `deal 1`")),
        };
        let texts = with_items(&self.texts, &self.items_text()).0;
        let told = why::tell(&texts.parse(), self.store(), &of).map_err(|e| e.to_string())?;
        let told = told.ok_or_else(|| format!("there is no entity `{}`; `:schema` lists them", of.kind))?;
        Ok(without_prompt(&told))
    }
}

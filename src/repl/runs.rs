//! Runs: which sleep, where, and what is ordered for them.

use super::compile::PROMPT;
use super::past::watch_text;
use super::session::Session;
use crate::engine::RunId;
use crate::engine::inspect::{self, RunInfo};
use crate::feed::timeline::first_line;
use crate::ir::Program;
use crate::schema::Type;
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
        format!(
            "  run {}  {}{record}\n        sleeps{}{until}\n",
            info.id,
            rule_name(&info.rule),
            at.unwrap_or_default()
        )
    }

    /// `:run`
    pub(super) fn show_run(&self, text: &str) -> Result<String, String> {
        let id = number(text)?;
        let opened = inspect::open(self.store(), id).map_err(|e| e.to_string())?;
        let opened = opened.ok_or_else(|| format!("no run {id} sleeps; `:runs` lists those that do"))?;
        let mut out = self.run_line(&opened.info);
        let _ = writeln!(out, "        started {}", self.moment(opened.info.started));
        if let Some(wait) = &opened.info.wait {
            for watch in &wait.watches {
                let _ = writeln!(out, "        woken by {}", watch_text(watch));
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

/// The rule without its file.
fn rule_name(key: &str) -> &str {
    let name = key.split_once('#').map_or(key, |(_, name)| name);
    if name == PROMPT { "typed at the prompt" } else { name }
}

pub(super) fn number(text: &str) -> Result<RunId, String> {
    text.parse().map(RunId).map_err(|_| format!("`{text}` is not the number of a run; `:runs` lists them"))
}

impl Session {
    /// `:resume`
    pub(super) fn resume(&mut self, text: &str) -> Result<String, String> {
        Err(format!("run {text}"))
    }

    /// `:cancel`
    pub(super) fn cancel(&mut self, text: &str) -> Result<String, String> {
        Err(format!("run {text}"))
    }
}

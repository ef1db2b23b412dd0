//! The commands of the prompt, by name.

use crate::diagnostics::{did_you_mean, one_of};
use std::fmt::Write as _;

/// What can be asked beside the language. Texts are what stands after the command's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Help,
    Load(String),
    Reload,
    Save(String),
    Schema(String),
    Type(String),
    Actions(String),
    Records(String),
    Use(String),
    Rules,
    Graph(String),
    Test(String),
    Vars,
    Event(String),
    Advance(String),
    At(String),
    Next,
    Runs,
    Run(String),
    Why(String),
    Pause(String),
    Resume(String),
    Skip(String),
    Cancel(String),
    Snapshot(String),
    Restore(String),
    Trace(String),
    Quit,
}

/// What a command takes.
#[derive(Clone, Copy)]
enum Takes {
    Nothing(fn() -> Command),
    Maybe(fn(String) -> Command),
    Needs(fn(String) -> Command),
}

/// One command for `:help`.
pub(super) struct Spec {
    /// With its `:`.
    pub(super) name: &'static str,
    /// What may follow it.
    pub(super) args: &'static str,
    /// One line.
    pub(super) doc: &'static str,
    takes: Takes,
}

const fn spec(name: &'static str, args: &'static str, takes: Takes, doc: &'static str) -> Spec {
    Spec { name, args, doc, takes }
}

/// All commands, in the order of `:help`.
pub(super) const COMMANDS: &[Spec] = &[
    spec(":help", "", Takes::Nothing(|| Command::Help), "what can be done here"),
    spec(":schema", "[ENTITY]", Takes::Maybe(Command::Schema), "the entities, or the fields and stages of one"),
    spec(":actions", "[NAME]", Takes::Maybe(Command::Actions), "the actions, or one with its parameters and examples"),
    spec(":type", "EXPR", Takes::Needs(Command::Type), "the type of an expression, without evaluating it"),
    spec(
        ":records",
        "[ENTITY [ID]]",
        Takes::Maybe(Command::Records),
        "how many records there are, those of an entity, or one",
    ),
    spec(":use", "[ENTITY ID]", Takes::Maybe(Command::Use), "the record that statements are about; says or sets it"),
    spec(":vars", "", Takes::Nothing(|| Command::Vars), "the variables of this session"),
    spec(":rules", "", Takes::Nothing(|| Command::Rules), "the rules that are at work"),
    spec(":graph", "[RULE]", Takes::Maybe(Command::Graph), "the rules in words, step by step, or one of them"),
    spec(":test", "[TEXT]", Takes::Maybe(Command::Test), "runs the tests, or those whose name contains the text"),
    spec(":load", "FILE", Takes::Needs(Command::Load), "adds the rules of a script to this session"),
    spec(":reload", "", Takes::Nothing(|| Command::Reload), "reads the workspace again"),
    spec(":save", "FILE", Takes::Needs(Command::Save), "writes what was defined here, formatted"),
    spec(":event", "…", Takes::Needs(Command::Event), "lets something happen: `:event` alone says how"),
    spec(":advance", "3d", Takes::Needs(Command::Advance), "lets time pass, and tells what happens on the way"),
    spec(":at", "TIME", Takes::Needs(Command::At), "lets time pass until then: 2026-03-05, 2026-03-05T09:00 or 09:00"),
    spec(":next", "", Takes::Nothing(|| Command::Next), "jumps to the next moment at which something is due"),
    spec(":runs", "", Takes::Nothing(|| Command::Runs), "the runs that sleep"),
    spec(":run", "ID", Takes::Needs(Command::Run), "where a run waits, with which values, and what it did"),
    spec(":why", "[ENTITY ID]", Takes::Maybe(Command::Why), "which rules fired for a record, and what kept the others"),
    spec(":pause", "ID", Takes::Needs(Command::Pause), "lets a run notice nothing until it is resumed"),
    spec(":resume", "ID", Takes::Needs(Command::Resume), "lets a run go on that is paused, parked or stuck"),
    spec(":skip", "ID", Takes::Needs(Command::Skip), "lets a parked run go on without the effect that was refused"),
    spec(":cancel", "ID", Takes::Needs(Command::Cancel), "ends a run"),
    spec(":snapshot", "FILE", Takes::Needs(Command::Snapshot), "writes the whole session down, sleeping runs included"),
    spec(":restore", "FILE", Takes::Needs(Command::Restore), "goes on with a session that was written down"),
    spec(":trace", "on|off", Takes::Maybe(Command::Trace), "also tells why rules do not start, and what runs wait for"),
    spec(":quit", "", Takes::Nothing(|| Command::Quit), "leaves"),
];

impl Command {
    /// Reads a line that begins with `:`.
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        let line = line.trim();
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let names = || COMMANDS.iter().map(|spec| spec.name);
        let name = match name {
            ":q" | ":exit" => ":quit",
            ":h" | ":?" => ":help",
            other => other,
        };
        let Some(spec) = COMMANDS.iter().find(|spec| spec.name == name) else {
            return Err(match did_you_mean(name, names()) {
                Some(near) => format!("there is no command `{name}`: did you mean `{near}`?"),
                None => format!("there is no command `{name}`; there are {}", one_of(names(), 40)),
            });
        };
        match spec.takes {
            Takes::Nothing(make) if rest.is_empty() => Ok(make()),
            Takes::Nothing(_) => Err(format!("`{}` takes nothing: leave out `{rest}`", spec.name)),
            Takes::Maybe(make) => Ok(make(rest.to_owned())),
            Takes::Needs(_) if rest.is_empty() && name == ":event" => Err(super::event::USAGE.to_owned()),
            Takes::Needs(_) if rest.is_empty() => Err(format!("write `{} {}`: {}", spec.name, spec.args, spec.doc)),
            Takes::Needs(make) => Ok(make(rest.to_owned())),
        }
    }
}

/// The text of `:help`.
pub(super) fn help() -> String {
    let mut text = String::from(
        "Type an expression to see its value, a statement to do it, a rule to have it at work:\n\
         \x20 deal.amount * 2\n\
         \x20 set deal.stage = Invoice;\n\
         \x20 on deal stage \"Invoice\" { notify deal.owner \"now\"; wait 3d; comment deal \"still here\"; }\n\
         Two empty lines end what is not complete. Commands:\n",
    );
    let head = |spec: &Spec| format!("{} {}", spec.name, spec.args).trim_end().to_owned();
    let width = COMMANDS.iter().map(|spec| head(spec).chars().count()).max().unwrap_or(0);
    for spec in COMMANDS {
        let head = head(spec);
        let pad = " ".repeat(width.saturating_sub(head.chars().count()));
        let _ = writeln!(text, "  {head}{pad}  {}", spec.doc);
    }
    text
}

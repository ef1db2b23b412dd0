//! The page of an action: the same for the reference and for `dealflow actions`.

use super::expand::fence;
use super::{EVENTS, Story, Teller, UNTIL};
use crate::catalog::{self, Action, ActionResult, EffectClass, Example, Param, ParamType, Prep, Slot, With};
use crate::diagnostics::did_you_mean;
use crate::fmt;
use std::fmt::Write as _;

/// All actions with their summaries, one a line: for terminals.
pub fn action_table() -> String {
    let width = catalog::actions().map(|a| a.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for action in catalog::actions() {
        let rows = if action.rows.is_empty() { String::new() } else { format!("  ({})", action.rows.join(" ")) };
        let _ = writeln!(out, "{:width$}  {}{rows}", action.id, action.summary);
    }
    out
}

/// The action that is meant by a name.
///
/// # Errors
/// The message for a name that no action has.
pub fn find_action(name: &str) -> Result<&'static Action, String> {
    let words = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(action) = catalog::action(&words) {
        return Ok(action);
    }
    let ids = || catalog::actions().map(|a| a.id);
    // A verb alone that begins several names says too little to be a mistake of spelling.
    let same: Vec<&str> = catalog::actions_of(&words).map(|a| a.id).collect();
    let said = words.to_lowercase();
    let says = |action: &&Action| format!("{} {}", usage(action), action.summary).to_lowercase().contains(&said);
    let found: Vec<&str> = catalog::actions().filter(|action| says(action)).map(|action| action.id).collect();
    let help = match did_you_mean(&words, ids()) {
        _ if !same.is_empty() => format!("there are {}", crate::diagnostics::one_of(same, 9)),
        Some(near) => format!("did you mean `{near}`?"),
        None if !found.is_empty() => format!("this is in {}", crate::diagnostics::one_of(found, 9)),
        None => "`dealflow actions` without a name lists all of them".to_owned(),
    };
    Err(format!("there is no action `{words}`; {help}"))
}

/// Everything about one action, in Markdown with a heading of the second level.
///
/// # Errors
/// An example that cannot run.
pub fn action_page(action: &Action, tell: &Teller<'_>) -> Result<String, String> {
    let mut out = format!("## {}\n\n{}\n\n", action.id, action.summary);
    fence(&mut out, "text", &usage(action));
    out.push('\n');
    if action.params().next().is_some() {
        out.push_str("| | takes | needed | what it is |\n|---|---|---|---|\n");
        for param in action.params() {
            let needed = if param.required { "yes" } else { "no" };
            let _ = writeln!(out, "| {} | {} | {needed} | {} |", param.name, takes(param.ty), param.doc);
        }
        out.push('\n');
    }
    out.push_str(match (action.with, action.verb) {
        (With::Fields, "set") => "The fields stand before the `=` signs; each takes a value of its own type.\n\n",
        (With::Fields, _) => "After `with` stand the fields of the record; each takes a value of its own type.\n\n",
        (With::Payload, _) => "After `with` stands what is sent: the `payload` of the webhook in crm.toml.\n\n",
        (With::Params(_), _) => "",
    });
    let _ = writeln!(out, "- Gives back: {}.", gives(action.result));
    let _ = writeln!(out, "- Done: {}.", done(action.effect));
    if !action.rows.is_empty() {
        let _ = writeln!(out, "- In the list of features: {}.", action.rows.join(", "));
    }
    for example in action.examples {
        out.push('\n');
        self::example(&mut out, action, example, tell)?;
    }
    Ok(out)
}

fn example(out: &mut String, action: &Action, example: &Example, tell: &Teller<'_>) -> Result<(), String> {
    let at = |e: String| format!("`{}`, example \"{}\": {e}", action.id, example.title);
    let script = rule_of(example).map_err(at)?;
    let story = Story { script: &script, events: EVENTS, until: UNTIL, everything: false };
    let told = tell(&story).map_err(at)?;
    if told.failed > 0 {
        return Err(at(told.timeline));
    }
    let _ = writeln!(out, "{}:\n", example.title);
    fence(out, "flow", &script);
    out.push_str("\nWhat is done:\n\n");
    fence(out, "text", &told.effects.join("\n"));
    Ok(())
}

/// An example as a whole rule.
fn rule_of(example: &Example) -> Result<String, String> {
    let script = format!("{} {{\n{}\n}}\n", example.head, example.source);
    fmt::format(&script).map_err(|e| e.to_string())
}

/// The shape of an action: `notify chat CHAT TEXT [from SENDER] [as TYPE];`
fn usage(action: &Action) -> String {
    let mut out = action.verb.to_owned();
    if action.verb == "set" {
        return "set RECORD.FIELD = VALUE, RECORD.FIELD = VALUE …;".to_owned();
    }
    for slot in action.head {
        match slot {
            Slot::Word(word) => {
                let _ = write!(out, " {word}");
            }
            Slot::Arg(param) => {
                let _ = write!(out, " {}", optional(param, &place(param)));
            }
        }
    }
    for prep in action.preps {
        let text = prep_usage(prep);
        let _ = match &prep.param {
            Some(param) => write!(out, " {}", optional(param, &text)),
            None => write!(out, " {text}"),
        };
    }
    match action.with {
        With::Fields | With::Payload => out.push_str(" with FIELD: VALUE, FIELD: VALUE …"),
        With::Params([]) => {}
        With::Params(params) => {
            let named = params.iter().map(|p| optional(p, &format!("{}: {}", p.name, place(p))));
            let _ = write!(out, " with {}", named.collect::<Vec<_>>().join(", "));
        }
    }
    out.push(';');
    out
}

fn prep_usage(prep: &'static Prep) -> String {
    let mut out = prep.prep.to_owned();
    for word in prep.words {
        let _ = write!(out, " {word}");
    }
    for param in prep.params() {
        let _ = write!(out, " {}", place(param));
    }
    out
}

fn place(param: &Param) -> String {
    param.name.to_uppercase()
}

fn optional(param: &Param, text: &str) -> String {
    if param.required { text.to_owned() } else { format!("[{text}]") }
}

/// What a parameter takes, in words.
fn takes(ty: ParamType) -> String {
    match ty {
        ParamType::Text => "a text".to_owned(),
        ParamType::Int => "a whole number".to_owned(),
        ParamType::Bool => "`true` or `false`".to_owned(),
        ParamType::Moment => "a date or a moment".to_owned(),
        ParamType::Duration => "a length of time".to_owned(),
        ParamType::Person => "one employee".to_owned(),
        ParamType::People => "employees, departments, roles, `everybody`".to_owned(),
        ParamType::Chat => "a chat".to_owned(),
        ParamType::Record => "a record".to_owned(),
        ParamType::Entity => "the name of an entity".to_owned(),
        ParamType::Stage => "a stage or status".to_owned(),
        ParamType::Pipeline => "`pipeline` and its name".to_owned(),
        ParamType::Choice(words) => words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", "),
        ParamType::Flag => "`true` or `false`, written out".to_owned(),
        ParamType::Customer => "a contact, company or lead".to_owned(),
        ParamType::Recipient => "a contact, company or lead, an employee, an address".to_owned(),
        ParamType::Thing(thing) => format!("the name of a {} in crm.toml", thing.noun()),
        ParamType::Sender => "the name of a sender in crm.toml, or an employee".to_owned(),
        ParamType::Bookable => "the name of a resource in crm.toml, or an employee".to_owned(),
        ParamType::BookingField => "a field of type `booking`".to_owned(),
        ParamType::Targets => "names of entities".to_owned(),
        ParamType::TargetPipeline => "`pipeline` and its name".to_owned(),
        ParamType::Id => "a number or a text".to_owned(),
        ParamType::FieldNames => "a list of field names".to_owned(),
        ParamType::Files => "a field of files, or a list of paths".to_owned(),
        ParamType::Assignee => "one employee, `next`, `least busy`".to_owned(),
    }
}

fn gives(result: ActionResult) -> String {
    match result {
        ActionResult::None => "nothing".to_owned(),
        ActionResult::NewRecord => "the new record, for `let $x = …`".to_owned(),
        ActionResult::Chat => "the chat, for `let $x = …`".to_owned(),
        ActionResult::Record(entity) => format!("the new {entity}, for `let $x = …`"),
        ActionResult::Asked => "the record, or with `fields` or `print` their values, for `let $x = …`".to_owned(),
        ActionResult::Converted => "the new records, for `let $x = …`: `$x.deal`".to_owned(),
        ActionResult::Answer => "what the other system answers, for `let $x = …`; each part may be missing".to_owned(),
    }
}

fn done(effect: EffectClass) -> &'static str {
    match effect {
        EffectClass::Pure => "nothing; it only reads",
        EffectClass::Embedded => "in the CRM itself, exactly once",
        EffectClass::External => "outside, at least once, with a key by which the receiver can tell a repetition",
    }
}

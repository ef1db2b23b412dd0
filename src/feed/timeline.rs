//! The timeline that people read: one line for each thing that happened, with the day above.

use crate::catalog::{self, ActionOp, Env, ParamType, Slot};
use crate::engine::{Cancelled, NotMatched, RunId, Store, Trace, TraceKind, inspect};
use crate::schema::Schema;
use crate::value::{Moment, Name, Ref, Value};
use crate::vm::Outcome;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Writes a timeline, and remembers which day it is at.
pub struct Timeline<'s> {
    schema: &'s Schema,
    day: Option<chrono::NaiveDate>,
}

impl<'s> Timeline<'s> {
    /// A timeline in the workspace's time zone.
    pub fn new(schema: &'s Schema) -> Self {
        Self { schema, day: None }
    }

    /// A timeline that goes on after lines of that day, so that the day is not told again.
    pub fn after(schema: &'s Schema, day: Option<chrono::NaiveDate>) -> Self {
        Self { schema, day }
    }

    /// The day of the last line.
    pub fn day(&self) -> Option<chrono::NaiveDate> {
        self.day
    }

    /// The lines for one trace; the store is asked for titles and for the places of sleeping runs.
    pub fn lines(&mut self, trace: &Trace, store: &dyn Store, out: &mut String) {
        let Some(text) = self.describe(trace, store) else { return };
        let local = self.schema.calendar.local(trace.at);
        if self.day != Some(local.date()) {
            if self.day.is_some() {
                out.push('\n');
            }
            self.day = Some(local.date());
            let _ = writeln!(out, "{}", local.format("%a %Y-%m-%d"));
        }
        let _ = writeln!(out, "  {}  {}", local.format("%H:%M"), plain(&text));
    }

    fn describe(&self, trace: &Trace, store: &dyn Store) -> Option<String> {
        let record = trace.record.as_ref().map(|r| self.record(r, store));
        let record = record.as_deref().unwrap_or("the workspace");
        let rule = trace.rule.as_deref().map_or_else(String::new, rule_words);
        let run = trace.run.map_or_else(String::new, |id| format!("run {id}: "));
        Some(match &trace.what {
            TraceKind::EventTaken { what, fields, by, depth, .. } => {
                let verb = taken(what, by.as_ref(), *depth);
                match fields.as_slice() {
                    [(_, to)] if &**what == "delegated" => format!("{record}: {verb} to {}", self.human(to)),
                    _ => format!("{record}: {verb}{}", self.fields(trace.record.as_ref(), fields)),
                }
            }
            TraceKind::EventIgnored { why } => format!("{record}: nothing happens ({why})"),
            TraceKind::DateCame if trace.record.is_none() => format!("it is time for {rule}"),
            TraceKind::DateCame => format!("{record}: the date of {rule} has come"),
            TraceKind::NotMatched { why } => match why {
                NotMatched::Condition => return None,
                NotMatched::Lifetime => return None,
                NotMatched::Once => format!("  – {rule} does not start again for {record}: it ran once"),
                NotMatched::Busy => format!("  – {rule} does not start for {record}: a run of it goes on"),
            },
            TraceKind::RunStarted => format!("  ▶ {run}{rule} starts for {record}"),
            TraceKind::Effect { action, args, result, .. } => {
                format!("    {run}{}{}", self.effect(action, args, store), note(result, store))
            }
            TraceKind::HandedOver { action, args, .. } => {
                format!("    {run}handed over: {}", self.effect(action, args, store))
            }
            TraceKind::TriedAgain { action, why, next, .. } => {
                format!("    {run}{action} failed and is tried again {}: {why}", self.moment(*next))
            }
            TraceKind::Withdrawn { action, .. } => format!("    {run}{action} is withdrawn: it had not left yet"),
            TraceKind::Refused { action, why, .. } => format!("    {run}{action} was refused: {why}"),
            TraceKind::Parked { .. } => {
                let retry = trace.run.map_or_else(String::new, |id| format!("`dealflow runs retry|skip|cancel {id}`"));
                format!("  ⏸ {run}parked until a person decides: {retry}")
            }
            TraceKind::Ordered { order } => format!("  ▶ {run}order: {}", order.name()),
            TraceKind::Waiting { watches, deadline } => {
                let what = trace.run.and_then(|id| waits_for(id, store));
                let what = what.unwrap_or_else(|| waits_for_any(watches.len()));
                let until = deadline.map_or_else(String::new, |at| format!(", until {} at most", self.moment(at)));
                format!("  ⏸ {run}{what}{until}")
            }
            TraceKind::Woken { outcome: None } => format!("  ▶ {run}goes on"),
            TraceKind::Woken { outcome: Some(outcome) } => format!("  ▶ {run}goes on: {}", outcome_words(*outcome)),
            TraceKind::Ended => format!("  ■ {run}ends"),
            TraceKind::Cancelled { why } => match why {
                Cancelled::Lifetime => format!("  ✕ {run}cancelled: its `while` does not hold any more"),
                Cancelled::Restart => format!("  ✕ {run}cancelled: the rule fired again"),
                Cancelled::Order => format!("  ✕ {run}cancelled by order"),
                Cancelled::Parent => format!("  ✕ {run}cancelled with the run that started it"),
                Cancelled::Deleted => format!("  ✕ {run}cancelled: its record is gone"),
            },
            TraceKind::Failed(failure) => {
                format!("  ✕ {run}failed in {} line {}: {}", failure.file, failure.line, failure.message)
            }
            TraceKind::UndoFailed(failure) => {
                format!("    {run}could not undo, {} line {}: {}", failure.file, failure.line, failure.message)
            }
            TraceKind::Stuck { why } => format!("  ✕ {run}stuck: {why}"),
        })
    }

    /// `deal 57 "ACME"`
    pub(crate) fn record(&self, of: &Ref, store: &dyn Store) -> String {
        let title = self.schema.entity(&of.kind).and_then(|e| e.get(e.title)).map(|f| f.name.clone());
        let record = store.record(of).ok().flatten();
        match (title, record) {
            (Some(field), Some(record)) if *record.get(&field) != Value::Missing => {
                format!("{} \"{}\"", plain(&of.to_string()), self.human(record.get(&field)))
            }
            _ => plain(&of.to_string()).into_owned(),
        }
    }

    fn fields(&self, record: Option<&Ref>, fields: &[(Name, Value)]) -> String {
        let entity = record.and_then(|r| self.schema.entity(&r.kind));
        // What the CRM keeps or fills in by itself says nothing to a reader, and the title stands before.
        let plain = |name: &Name, value: &Value| {
            let field = entity.and_then(|e| e.field(name));
            let title = entity.and_then(|e| e.get(e.title)).is_some_and(|f| f.name == *name);
            !title && !field.is_some_and(|f| f.read_only || f.default.as_ref() == Some(value))
        };
        let shown: Vec<String> = fields
            .iter()
            .filter(|(name, value)| plain(name, value))
            .map(|(name, value)| format!("{name} {}", self.human(value)))
            .collect();
        if shown.is_empty() { String::new() } else { format!(" ({})", shown.join(", ")) }
    }

    /// The action in the words of the language: `notify chat Legal "text" as important`.
    pub(crate) fn effect(&self, action: &str, args: &[(Name, Value)], store: &dyn Store) -> String {
        if let (crate::ir::START, [(_, Value::Text(flow)), args @ ..]) = (action, args) {
            let name = flow.rsplit_once('#').map_or(&**flow, |(_, name)| name);
            let args: Vec<String> = args.iter().map(|(_, value)| self.brief(value, store)).collect();
            return format!("start {name}({})", args.join(", "));
        }
        if action == crate::ir::ASK {
            return self.asked(args, store);
        }
        let mut text = action.to_owned();
        let spec = catalog::action(action);
        // A field that is emptied is told; a parameter that is left out is not.
        let told = |value: &Value| *value != Value::Missing || spec.is_some_and(|spec| spec.op == ActionOp::Set);
        let mut rest: Vec<&(Name, Value)> = args.iter().filter(|(_, value)| told(value)).collect();
        let mut take = |name: &str| rest.iter().position(|(n, _)| &**n == name).map(|at| &rest.remove(at).1);
        for slot in spec.map_or(&[][..], |spec| spec.head) {
            if let Slot::Arg(param) = slot
                && let Some(value) = take(param.name)
            {
                let _ = write!(text, " {}", self.argument(param.ty, value, store));
            }
        }
        for prep in spec.map_or(&[][..], |spec| spec.preps) {
            let mut said = false;
            for param in prep.params() {
                if let Some(value) = take(param.name) {
                    let shown = self.argument(param.ty, value, store);
                    let prep =
                        if std::mem::replace(&mut said, true) { String::new() } else { format!(" {}", prep.prep) };
                    let _ = write!(text, "{prep} {shown}");
                }
            }
            if prep.param.is_none() {
                let _ = write!(text, " {} {}", prep.prep, prep.words.join(" "));
            }
        }
        if !rest.is_empty() {
            let named = rest.iter().map(|(name, value)| format!("{name}: {}", self.brief(value, store)));
            let _ = write!(text, " with {}", named.collect::<Vec<_>>().join(", "));
        }
        text
    }

    /// `ask Mona Lis to approve "deal.discount: 15%"`
    fn asked(&self, args: &[(Name, Value)], store: &dyn Store) -> String {
        let arg = |name: &str| args.iter().find(|(n, _)| &**n == name).map(|(_, value)| value);
        let shown = |name: &str| arg(name).map_or_else(String::new, |value| self.brief(value, store));
        let approval = arg("kind") == Some(&Value::text("approval"));
        let all = if arg("all") == Some(&Value::Bool(true)) { "all of " } else { "" };
        let verb = if approval { " to approve" } else { "" };
        format!("ask {all}{}{verb} \"{}\"", shown("people"), shown("question"))
    }

    fn argument(&self, ty: ParamType, value: &Value, store: &dyn Store) -> String {
        let shown = self.brief(value, store);
        if ty == ParamType::Text { format!("\"{shown}\"") } else { shown }
    }

    pub(crate) fn human(&self, value: &Value) -> String {
        let text = catalog::human(value, &Env { now: Moment::default(), schema: self.schema, seed: 0 });
        let shown = text.char_indices().nth(LONGEST).and_then(|(end, _)| text.get(..end));
        shown.map_or_else(|| plain(&text).into_owned(), |begin| format!("{}…", plain(begin)))
    }

    /// The same, with the kind before the id of a record, and chats that rules made by their name.
    fn brief(&self, value: &Value, store: &dyn Store) -> String {
        match value {
            Value::Ref(of) if self.schema.entity(&of.kind).is_some() => of.to_string(),
            Value::Ref(of) if &*of.kind == "chat" => match store.record(of).ok().flatten() {
                Some(chat) => format!("\"{}\"", self.human(chat.get("name"))),
                None => self.human(value),
            },
            other => self.human(other),
        }
    }

    pub(crate) fn moment(&self, at: Moment) -> String {
        self.schema.calendar.say(at)
    }
}

/// How much of a value is shown, in characters.
const LONGEST: usize = 2_000;

/// A text as a part of one line that a terminal takes for nothing else. Customers write these texts: what breaks the line,
/// steers a terminal or turns the direction of writing is shown by its name.
fn plain(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if steers(c) {
            // `\n` for a line break, `\u{1b}` for what has no letter.
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// What became of something that was to go out, if it did not go at once.
fn note(result: &Value, store: &dyn Store) -> String {
    let Value::Ref(of) = result else { return String::new() };
    match store.record(of).ok().flatten().as_deref().map(|record| record.get("note")) {
        Some(Value::Text(note)) if matches!(&*of.kind, "sms" | "email") => format!(" ({note})"),
        _ => String::new(),
    }
}

/// `rule "Name"`, or the trigger of a rule without a name.
fn rule_words(name: &str) -> String {
    if name.starts_with("flow ") {
        name.to_owned()
    } else if name.starts_with("on ") || name.starts_with("every ") {
        format!("rule {name}")
    } else {
        format!("rule \"{name}\"")
    }
}

/// A statement on one line, without the block that may follow it.
pub(crate) fn first_line(text: &str) -> String {
    let head = text.get(..head_len(text)).unwrap_or(text).split_whitespace().collect::<Vec<_>>().join(" ");
    head.trim_end_matches([';', ' ']).to_owned()
}

/// How long a statement is without the block that may follow it: to the first brace or line break outside of its texts.
fn head_len(text: &str) -> usize {
    // What is open: a text, or a placeholder inside of one.
    let mut open: Vec<char> = Vec::new();
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        let in_text = open.last() == Some(&'"');
        match c {
            _ if std::mem::take(&mut escaped) => {}
            '\\' if in_text => escaped = true,
            '"' if in_text => drop(open.pop()),
            '{' if in_text => open.push('{'),
            '"' => open.push('"'),
            '{' | '\n' if open.is_empty() => return at,
            '}' if !in_text => drop(open.pop()),
            _ => {}
        }
    }
    text.len()
}

pub(crate) fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Reached => "what it waited for has come",
        Outcome::Final => "the awaited record is closed",
        Outcome::Activity => "the customer did something",
        Outcome::Timeout => "the time is over",
        Outcome::Approved => "approved",
        Outcome::Rejected => "rejected",
    }
}

/// The statements at which a run sleeps, as written: one, or one for each branch.
fn waits_for(id: RunId, store: &dyn Store) -> Option<String> {
    let opened = inspect::open(store, id).ok().flatten()?;
    let (machine, program) = opened.machine.ok()?;
    let places = machine.places(&program);
    let texts: Vec<String> =
        places.iter().map(|span| format!("`{}`", first_line(span.of(&program.debug.text)))).collect();
    (!texts.is_empty()).then(|| format!("sleeps in {}", texts.join(", ")))
}

/// For a run that has gone on in the same breath, so that nobody knows any more where it slept.
fn waits_for_any(things: usize) -> String {
    match things {
        0 | 1 => "sleeps until something changes".to_owned(),
        many => format!("sleeps until one of {many} things changes"),
    }
}

/// `changed by anna`
fn taken(what: &str, by: Option<&Name>, depth: u32) -> String {
    let verb = match what {
        "create" => "created",
        "update" => "changed",
        "delete" => "deleted",
        other => other,
    };
    match (depth, by) {
        (0, Some(by)) => format!("{verb} by {by}"),
        (0, None) => verb.to_owned(),
        _ => format!("{verb} by a rule"),
    }
}

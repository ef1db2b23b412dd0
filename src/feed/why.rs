//! Which rules fired for a record, and what kept the others from it.

use super::story::{state, value_text};
use crate::check;
use crate::check::typed;
use crate::engine::inspect::{self, Told};
use crate::engine::why::{self, Part, Why};
use crate::engine::{RuleNo, Store, Stored, rule_keys};
use crate::ir::{self, Around, Program};
use crate::pipeline::Parsed;
use crate::schema::{self, Calendar, Schema};
use crate::source::{SourceFile, Sources};
use crate::value::{Name, Ref, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many runs of one rule are named.
const NAMED: usize = 5;
/// How many runs are read at once.
const PAGE: usize = 500;

/// What became of the rules for a record; nothing if the workspace has no such entity.
pub(crate) fn tell(parsed: &Parsed, store: &dyn Store, of: &Ref) -> Stored<Option<String>> {
    let rules = Rules::of(parsed);
    if rules.schema.entity(&of.kind).is_none() {
        return Ok(None);
    }
    let mut out = String::new();
    let record = store.record(of)?;
    if record.is_none() {
        say(&mut out, &format!("{of} is not in this store (any more)"));
    }
    let mut fired = fired(store, of)?;
    let mut any = false;
    for one in &rules.all {
        let no = store.rule(&one.key)?.map(|row| row.no);
        let runs = no.and_then(|no| fired.remove(&no)).unwrap_or_default();
        if runs.is_empty() && why::entity(&one.program.trigger).is_none_or(|entity| *entity != of.kind) {
            continue;
        }
        any = true;
        say(&mut out, &one.head());
        if !runs.is_empty() {
            tell_runs(&runs, &rules.schema.calendar, &mut out);
        } else if record.is_some() {
            tell_parts(one, rules.around(), store, of, &mut out)?;
        } else {
            say(&mut out, "    did not fire");
        }
    }
    for runs in fired.values() {
        any = true;
        let rule = runs.first().map_or("", |told| &*told.rule);
        say(&mut out, &format!("{rule}  (not in this workspace any more)"));
        tell_runs(runs, &rules.schema.calendar, &mut out);
    }
    if !any {
        say(&mut out, &format!("no rule of this workspace is set off by a {}", of.kind));
    }
    Ok(Some(out))
}

fn say(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// The runs that the record set off, by rule.
fn fired(store: &dyn Store, of: &Ref) -> Stored<BTreeMap<RuleNo, Vec<Told>>> {
    let mut all: BTreeMap<RuleNo, Vec<Told>> = BTreeMap::new();
    let mut after = None;
    loop {
        let page = store.runs_of(of, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some(*last);
        for id in page {
            let Some(told) = inspect::told(store, id)? else { continue };
            let rule = match &told.start {
                Some(start) => Some(start.rule),
                None => store.run(id)?.map(|row| row.rule),
            };
            if let Some(rule) = rule {
                all.entry(rule).or_default().push(told);
            }
        }
    }
}

/// The rules of a workspace, typed and compiled.
pub(crate) struct Rules<'p> {
    schema: Schema,
    functions: Vec<Option<typed::Function>>,
    sources: &'p Sources,
    all: Vec<One<'p>>,
}

/// A rule.
struct One<'p> {
    key: Name,
    rule: typed::Rule,
    file: &'p SourceFile,
    program: Arc<Program>,
}

impl<'p> Rules<'p> {
    fn around(&self) -> Around<'_> {
        Around { functions: &self.functions, sources: self.sources, schema: &self.schema }
    }

    /// The rules' names and heads, in file and rule order.
    pub(super) fn heads(&self) -> Vec<(Name, String)> {
        self.all.iter().map(|one| (one.program.debug.rule.clone(), one.head())).collect()
    }

    /// The first part of this rule's clauses that is not true for the record now, with its line; nothing when none can be
    /// told, as they look at the event.
    pub(super) fn first_false(&self, rule: &Name, store: &dyn Store, of: &Ref) -> Stored<Option<(u32, String)>> {
        let Some(one) = self.all.iter().find(|one| one.program.debug.rule == *rule) else { return Ok(None) };
        let parts = why::first_false(&one.rule, self.around(), store, of)?;
        Ok(parts.into_iter().find(|part| part.why != Why::NeedsEvent).map(|part| (part.line, part.text)))
    }

    pub(crate) fn of(parsed: &'p Parsed) -> Self {
        let texts = &parsed.texts;
        let (file, text) = texts.schema.map_or((crate::source::FileId::default(), ""), |f| (f, texts.sources.text(f)));
        let (schema, _) = schema::load(file, text);
        let mut all = Vec::new();
        let (checked, _) = check::check(&parsed.scripts(), &schema);
        let around = Around { functions: &checked.functions, sources: &texts.sources, schema: &schema };
        for rule in checked.rules {
            let (Some(program), Some(file)) = (ir::lower_rule(&rule, around), texts.sources.get(rule.file)) else {
                continue;
            };
            all.push(One { key: Name::default(), rule, file, program: Arc::new(program) });
        }
        let programs = all.iter().map(|one| one.program.clone()).collect::<Vec<_>>();
        all.iter_mut().zip(rule_keys(&programs)).for_each(|(one, key)| one.key = key);
        Self { schema, functions: checked.functions, sources: &texts.sources, all }
    }
}

impl One<'_> {
    /// `rules.flow:3  rule "Name" on deal stage "Invoice" if …`
    fn head(&self) -> String {
        let debug = &self.program.debug;
        let end = self.rule.body.first().map_or(self.rule.span.end, |stmt| stmt.span.start);
        let text = crate::source::Span::new(self.rule.span.start, end).of(&self.file.text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{}:{}  {}", debug.file, debug.line, text.trim_end_matches([' ', '{', '<', '}', '>']))
    }
}

fn tell_runs(runs: &[Told], calendar: &Calendar, out: &mut String) {
    let times = if runs.len() == 1 { "once".to_owned() } else { format!("{} times", runs.len()) };
    say(out, &format!("    fired {times}"));
    for told in runs.iter().rev().take(NAMED) {
        let started = told.history.first().map_or_else(String::new, |(_, row)| calendar.say(row.at));
        let last = told.last().map_or_else(String::new, |(at, end)| format!("{} {}", state(end), calendar.say(at)));
        say(out, &format!("    run {}: started {started}, {last}", told.id));
    }
    if runs.len() > NAMED {
        say(out, &format!("    … and {} before", runs.len() - NAMED));
    }
}

/// What is false now.
fn tell_parts(one: &One<'_>, around: Around<'_>, store: &dyn Store, of: &Ref, out: &mut String) -> Stored<()> {
    say(out, "    did not fire");
    let parts = why::first_false(&one.rule, around, store, of)?;
    if parts.iter().all(|part| part.why == Why::NeedsEvent) {
        let clauses = one.rule.condition.is_some() || one.rule.lifetime.is_some();
        let what = if clauses { "its clauses hold with the data of now" } else { "it has no `if` and no `while`" };
        say(out, &format!("    {what}: what sets it off did not happen, or not to this record"));
    }
    for part in &parts {
        tell_part(one, part, &around.schema.calendar, out);
    }
    Ok(())
}

fn tell_part(one: &One<'_>, part: &Part, calendar: &Calendar, out: &mut String) {
    let Part { clause, text, line, reads, why } = part;
    let place = format!("{}:{line}", one.program.debug.file);
    say(
        out,
        &match why {
            Why::False => format!("    with the data of now `{clause}` is false at {place}: `{text}`"),
            Why::Failed(message) => {
                format!("    with the data of now `{clause}` fails at {place}: `{text}`: {message}")
            }
            Why::NeedsEvent => format!("    `{text}` at {place} looks at the event, which is not there now"),
        },
    );
    for (of, field, value) in reads {
        let value = if *value == Value::Missing { "empty".to_owned() } else { value_text(value, calendar) };
        say(out, &format!("        {of} {field} is {value}"));
    }
}

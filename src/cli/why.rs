//! `dealflow why`: which rules fired for a record, and what kept the others from it.

use super::exit::Exit;
use super::out::Out;
use super::runs::open;
use super::story::{state, value_text};
use super::workspace;
use crate::check;
use crate::check::typed;
use crate::engine::inspect::{self, Told};
use crate::engine::why::{self, Part, Why};
use crate::engine::{RuleNo, Store, rule_keys};
use crate::ir::{self, Around, Program};
use crate::pipeline::Parsed;
use crate::schema::{self, Schema};
use crate::source::{SourceFile, Sources};
use crate::value::{Ref, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// `dealflow why`
#[derive(Debug, clap::Args)]
pub(super) struct WhyArgs {
    /// The record, such as `deal:57`.
    record: String,
    /// The workspace whose rules are looked at.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The store.
    #[arg(long)]
    store: PathBuf,
}

/// How many runs of one rule are named.
const NAMED: usize = 5;
/// How many runs are read at once.
const PAGE: usize = 500;

pub(super) fn why(args: &WhyArgs, out: &mut Out) -> Result<Exit, String> {
    let Some((kind, id)) = args.record.split_once(':').filter(|(kind, id)| !kind.is_empty() && !id.is_empty()) else {
        return Err(format!("`{}` is no record: write its entity and number, such as `deal:57`", args.record));
    };
    let of = Ref::new(kind, id);
    let parsed = workspace::read_dir(&args.dir)?.parse();
    let store = open(&args.store)?;
    let rules = Rules::of(&parsed);
    if rules.schema.entity(kind).is_none() {
        return Err(format!("the workspace `{}` has no entity `{kind}`", args.dir.display()));
    }
    let record = store.record(&of).map_err(|e| e.to_string())?;
    if record.is_none() {
        out.line(&format!("{of} is not in this store (any more)"))?;
    }
    let mut fired = fired(&store, &of).map_err(|e| e.to_string())?;
    let mut any = false;
    for one in &rules.all {
        let no = store.rule(&one.key).map_err(|e| e.to_string())?.map(|row| row.no);
        let runs = no.and_then(|no| fired.remove(&no)).unwrap_or_default();
        if runs.is_empty() && why::entity(&one.program.trigger).is_none_or(|entity| **entity != *kind) {
            continue;
        }
        any = true;
        out.line(&one.head())?;
        if !runs.is_empty() {
            tell_runs(&runs, out)?;
        } else if record.is_some() {
            tell_parts(one, rules.around(), &store, &of, out)?;
        } else {
            out.line("    did not fire")?;
        }
    }
    for runs in fired.values() {
        any = true;
        let rule = runs.first().map_or("", |told| &*told.rule);
        out.line(&format!("{rule}  (not in this workspace any more)"))?;
        tell_runs(runs, out)?;
    }
    if !any {
        out.line(&format!("no rule of this workspace is set off by a {kind}"))?;
    }
    Ok(Exit::Fine)
}

/// The runs that the record set off, by rule.
fn fired(store: &dyn Store, of: &Ref) -> crate::engine::Stored<BTreeMap<RuleNo, Vec<Told>>> {
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
struct Rules<'p> {
    schema: Schema,
    functions: Vec<Option<typed::Function>>,
    sources: &'p Sources,
    all: Vec<One<'p>>,
}

/// A rule.
struct One<'p> {
    key: crate::value::Name,
    rule: typed::Rule,
    file: &'p SourceFile,
    program: Arc<Program>,
}

impl<'p> Rules<'p> {
    fn around(&self) -> Around<'_> {
        Around { functions: &self.functions, sources: self.sources, schema: &self.schema }
    }

    fn of(parsed: &'p Parsed) -> Self {
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
            all.push(One { key: crate::value::Name::default(), rule, file, program: Arc::new(program) });
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

fn tell_runs(runs: &[Told], out: &mut Out) -> Result<(), String> {
    let times = if runs.len() == 1 { "once".to_owned() } else { format!("{} times", runs.len()) };
    out.line(&format!("    fired {times}"))?;
    for told in runs.iter().rev().take(NAMED) {
        let started = told.history.first().map_or_else(String::new, |(_, row)| row.at.to_string());
        let last = told.last().map_or_else(String::new, |(at, end)| format!("{} {at}", state(end)));
        out.line(&format!("    run {}: started {started}, {last}", told.id))?;
    }
    if runs.len() > NAMED {
        out.line(&format!("    … and {} before", runs.len() - NAMED))?;
    }
    Ok(())
}

/// What is false now.
fn tell_parts(one: &One<'_>, around: Around<'_>, store: &dyn Store, of: &Ref, out: &mut Out) -> Result<(), String> {
    out.line("    did not fire")?;
    let parts = why::first_false(&one.rule, around, store, of).map_err(|e| e.to_string())?;
    if parts.iter().all(|part| part.why == Why::NeedsEvent) {
        let clauses = one.rule.condition.is_some() || one.rule.lifetime.is_some();
        let what = if clauses { "its clauses hold with the data of now" } else { "it has no `if` and no `while`" };
        out.line(&format!("    {what}: what sets it off did not happen, or not to this record"))?;
    }
    for part in &parts {
        tell_part(one, part, out)?;
    }
    Ok(())
}

fn tell_part(one: &One<'_>, part: &Part, out: &mut Out) -> Result<(), String> {
    let Part { clause, text, line, reads, why } = part;
    let place = format!("{}:{line}", one.program.debug.file);
    out.line(&match why {
        Why::False => format!("    with the data of now `{clause}` is false at {place}: `{text}`"),
        Why::Failed(message) => format!("    with the data of now `{clause}` fails at {place}: `{text}`: {message}"),
        Why::NeedsEvent => format!("    `{text}` at {place} looks at the event, which is not there now"),
    })?;
    for (of, field, value) in reads {
        let value = if *value == Value::Missing { "empty".to_owned() } else { value_text(value) };
        out.line(&format!("        {of} {field} is {value}"))?;
    }
    Ok(())
}

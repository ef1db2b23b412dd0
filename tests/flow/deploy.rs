//! New versions of rules over sleeping runs: `tests/data/deploy/*.flow`. A file has two versions of a script with a line
//! `//===` between them, each with its events in its first lines.

use dealflow::cli::events::parse_line;
use dealflow::cli::timeline::Timeline;
use dealflow::crm::Embedded;
use dealflow::diagnostics::render;
use dealflow::engine::{Deploy, Engine, Event, Store};
use dealflow::host::memory::MemoryStore;
use dealflow::host::sqlite::{Durability, SqliteStore};
use dealflow::ir::{Function, Op, Program};
use dealflow::pipeline::{Compiled, Texts};
use dealflow::value::Moment;
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::sync::Arc;

/// The mark of a line that holds an event.
const EVENT: &str = "//> ";
/// The mark of the line that says until when time runs in the end; schedules never end by themselves.
const UNTIL: &str = "//! until ";

/// One version of a script, and what happens while it is at work.
pub(crate) struct Version {
    pub(crate) compiled: Compiled,
    pub(crate) events: Vec<Event>,
    until: Option<Moment>,
}

pub(crate) fn version(text: &str) -> Version {
    let schema = std::fs::read_to_string("tests/data/engine/crm.toml").unwrap();
    let mut texts = Texts::default();
    texts.schema = Some(texts.sources.add("crm.toml", &schema));
    texts.scripts.push(texts.sources.add("rules.flow", text));
    let compiled = texts.parse().compile();
    assert!(compiled.is_sound(), "{}", render::plain(&compiled.diagnostics, &compiled.sources));
    let lines = text.lines().filter_map(|line| line.strip_prefix(EVENT));
    let events = lines.map(|line| parse_line(line, &compiled.schema).unwrap_or_else(|e| panic!("{line}: {e:?}")));
    let events = events.collect();
    let until = text.lines().find_map(|line| line.strip_prefix(UNTIL));
    let until = until.map(|at| dealflow::schema::moment(&compiled.schema, at).unwrap());
    Version { compiled, events, until }
}

/// Rules over a store, with the timeline.
struct World {
    store: Box<dyn Store>,
    text: String,
}

impl World {
    /// Deploys a version, serves its events, and the timers before them; in the end all others too.
    fn run(&mut self, version: &Version, to_the_end: bool) -> Deploy {
        let Version { compiled, events, until } = version;
        let mut engine = Engine::new(compiled.schema.clone(), compiled.programs.clone(), Arc::new(Embedded));
        let planned = engine.plan(&*self.store).unwrap();
        let mut timeline = Timeline::new(&compiled.schema);
        let mut traces = Vec::new();
        let deployed = engine.deploy(&mut *self.store, &mut |trace| traces.push(trace)).unwrap();
        assert_eq!(planned, deployed, "a dry run says what is done");
        assert!(engine.knows(&*self.store).unwrap());
        let mut events = events.iter().peekable();
        loop {
            for trace in traces.drain(..) {
                timeline.lines(&trace, &*self.store, &mut self.text);
            }
            self.store.commit().unwrap();
            let timer = engine.next_timer(&*self.store).unwrap();
            match (events.peek(), timer) {
                (Some(event), timer) if timer.is_none_or(|at| at >= event.at) => {
                    engine.deliver(&mut *self.store, event, &mut |trace| traces.push(trace)).unwrap();
                    events.next();
                }
                (None, Some(_)) if !to_the_end => return deployed,
                (_, None) => return deployed,
                (None, Some(at)) if until.is_some_and(|until| at > until) => return deployed,
                (_, Some(_)) => {
                    engine.fire_next(&mut *self.store, &mut |trace| traces.push(trace)).unwrap();
                }
            }
        }
    }
}

/// What becomes of the rules and their runs, in the words of the command.
fn told(deployed: &Deploy) -> String {
    let mut out = String::new();
    for rule in &deployed.rules {
        let _ = writeln!(out, "{}: {:?} {:?}", rule.key, rule.change, rule.carried);
        for (pinned, count) in &rule.pinned {
            let _ = writeln!(out, "    {count} at {}:{} `{}`: {}", pinned.file, pinned.line, pinned.words, pinned.why);
        }
    }
    out
}

#[test]
fn every_run_goes_on_where_it_was() {
    insta::glob!("../data/deploy", "*.flow", |path| {
        let source = std::fs::read_to_string(path).unwrap();
        let (old, new) = source.split_once("//===\n").unwrap();
        let (old, new) = (version(old), version(new));
        let folder = tempfile::tempdir().unwrap();
        let sqlite = SqliteStore::open(&folder.path().join("s.db"), Durability::Process).unwrap();
        let stores: [Box<dyn Store>; 2] = [Box::new(MemoryStore::new()), Box::new(sqlite)];
        let [memory, sqlite] = stores.map(|store| {
            let mut world = World { store, text: String::new() };
            world.run(&old, false);
            let deployed = world.run(&new, true);
            let counters = &world.store.meta().counters;
            let left = counters.waiting + counters.stuck + counters.failed;
            format!("{}---\n{}{left} left or failed\n", told(&deployed), world.text)
        });
        assert_eq!(memory, sqlite);
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(format!("{source}---\n{memory}")) });
    });
}

/// The same program with other numbers everywhere: of constants, names, actions, functions, registers and instructions.
pub(crate) fn renumbered(program: &Program) -> Program {
    let mut new = program.clone();
    new.consts.reverse();
    new.names.reverse();
    new.calls.reverse();
    // The body stays the first function.
    let last = new.functions.len();
    if let Some(others) = new.functions.get_mut(1..) {
        others.reverse();
    }
    let function_ix = |ix: u64| if ix == 0 { 0 } else { last as u64 - ix };
    let clause = |ix: Option<u16>| ix.map(|ix| u16::try_from(function_ix(u64::from(ix))).unwrap());
    (new.condition, new.lifetime) = (clause(program.condition), clause(program.lifetime));
    if let dealflow::ir::Reentry::Once { per, .. } = &mut new.reentry {
        *per = clause(Some(*per)).unwrap();
    }
    let mirrored = |ix: u64, len: usize| len as u64 - 1 - ix;
    for function in &mut new.functions {
        let params = u64::from(function.params);
        let reg = |reg: u64| if reg >= params { reg + 1 } else { reg };
        let renumber = |op: &Op| -> Op {
            let mut json = serde_json::to_value(op).unwrap();
            for (key, value) in json
                .as_object_mut()
                .into_iter()
                .flat_map(|map| map.values_mut())
                .filter_map(Json::as_object_mut)
                .flatten()
            {
                let Some(number) = value.as_u64() else { continue };
                *value = Json::from(match key.as_str() {
                    "to" | "retry" => number + 1,
                    "k" | "names" | "of" => mirrored(number, program.consts.len()),
                    "field" | "format" | "event" => mirrored(number, program.names.len()),
                    "call" => mirrored(number, program.calls.len()),
                    "function" => function_ix(number),
                    "n" => number,
                    _ => reg(number),
                });
            }
            serde_json::from_value(json).unwrap()
        };
        let shift = |at: u16| u16::try_from(reg(u64::from(at))).unwrap();
        let code = std::iter::once(Op::Jump { to: 1 }).chain(function.code.iter().map(renumber)).collect();
        let spans = std::iter::once(dealflow::source::Span::default()).chain(function.spans.iter().copied()).collect();
        let catches = function.catches.iter().map(|catch| dealflow::ir::Catch {
            from: catch.from + 1,
            to: catch.to + 1,
            handler: catch.handler + 1,
            error: shift(catch.error),
        });
        let locals = function.locals.iter().map(|local| dealflow::ir::Local {
            reg: shift(local.reg),
            from: local.from.saturating_add(1),
            to: local.to.saturating_add(1),
            ..local.clone()
        });
        let (catches, locals) = (catches.collect(), locals.collect());
        let (name, params, registers) = (function.name.clone(), function.params, function.registers + 1);
        *function = Function { name, params, registers, code, spans, catches, locals, ..Function::default() };
    }
    new
}

/// Numbers mean nothing: runs that change to and fro between two programs that do the same do not notice it.
#[test]
fn a_run_does_not_notice_that_its_program_is_numbered_anew() {
    insta::glob!("../data/run", "*.flow", |path| {
        let scripted = super::run::compile(path);
        let own = scripted.compiled.programs.clone();
        let others: Vec<_> = own.iter().map(|program| Arc::new(renumbered(program))).collect();
        assert!(own.iter().zip(&others).all(|(a, b)| a.digest() != b.digest()));
        let only = std::slice::from_ref(&own);
        let (plain, _) = super::run::history(&scripted, only, MemoryStore::new(), false, |s| s);
        let (turns, _) = super::run::history(&scripted, &[own, others], MemoryStore::new(), false, |s| s);
        assert_eq!(plain, turns);
    });
}

/// The command: what it says before and when it does it, what `run` says, and what is told of a run afterwards.
#[test]
fn a_deploy_is_told_before_it_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let store = folder.path().join("s.db");
    let store = store.to_str().unwrap();
    let say = |args: &[&str]| {
        let done = super::cli::dealflow(args);
        format!("$ dealflow {}\n{}", args.join(" "), super::cli::stdout(&done)).replace(place, "DIR")
    };
    write("crm.toml", &std::fs::read_to_string("tests/data/engine/crm.toml").unwrap());
    write("events.jsonl", EVENTS);
    write(
        "rules.flow",
        r#"rule "Wait" on deal stage "Invoice" { wait 3d; log "old"; }
rule "Parked" on deal stage "Invoice" { message deal.owner.manager "old"; }
rule "Gone" on deal stage "Invoice" { wait 5d; }"#,
    );
    let mut said = say(&["run", place, "--store", store, "--until", "2026-03-03"]);
    write(
        "rules.flow",
        r#"// A comment.
rule "Wait" on deal stage "Invoice" { wait 3d; log "new"; }
rule "Parked" on deal stage "Invoice" { message deal.owner "new"; }"#,
    );
    said += &say(&["deploy", place, "--store", store, "--dry-run"]);
    said += &say(&["deploy", place, "--store", store, "--dry-run", "--format", "json"]);
    said += &say(&["deploy", place, "--store", store]);
    said += &say(&["deploy", place, "--store", store]);
    said += &say(&["runs", "show", "1", "--store", store]);
    said += &say(&["runs", "show", "3", "--store", store]);
    said += &say(&["runs", "retry", "2", "--store", store, "--workspace", place]);
    write(
        "rules.flow",
        r#"rule "Wait" on deal stage "Invoice" { migrate from wait 3d; wait 4d; log "newer"; }
rule "Parked" on deal stage "Invoice" { message deal.owner "new"; }"#,
    );
    said += &say(&["run", place, "--store", store, "--until", "2026-03-09"]);
    write("rules.flow", "rule \"Wait\" on deal stage \"Invoice\" { wait 3d log \"broken\"; }");
    said += &say(&["deploy", place, "--store", store]);
    said += &say(&["store", "check", "--store", store]);
    insta::assert_snapshot!(super::cli::without_digests(&said));
}

const EVENTS: &str = r#"{"at":"2026-03-02T09:00:00Z","do":"create","entity":"deal","id":"57","fields":{"title":"ACME","stage":"Invoice","owner":"mona"},"by":"anna"}"#;

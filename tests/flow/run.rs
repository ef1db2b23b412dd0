//! Programs with their events, run to the end: `tests/data/run/*.flow`; they may use the files in `lib`.
//!
//! The flagship: every one of them gives the same history when each run is written down and read again after every single
//! instruction, and when the store is closed and opened again after every activation.

use dealflow::cli::events::parse_line;
use dealflow::cli::timeline::Timeline;
use dealflow::crm::Embedded;
use dealflow::diagnostics::render;
use dealflow::engine::{Engine, Event, Store};
use dealflow::host::memory::MemoryStore;
use dealflow::host::sqlite::{Durability, SqliteStore};
use dealflow::ir::Program;
use dealflow::pipeline::{Compiled, Texts};
use dealflow::value::Moment;
use std::path::Path;
use std::sync::Arc;

/// The mark of a line that holds an event.
const EVENT: &str = "//> ";
/// The mark of the line that says until when time runs; schedules never end by themselves.
const UNTIL: &str = "//! until ";

pub(crate) struct Scripted {
    pub(crate) compiled: Compiled,
    events: Vec<Event>,
    until: Option<Moment>,
}

pub(crate) fn compile(path: &Path) -> Scripted {
    let schema = std::fs::read_to_string(path.with_file_name("crm.toml")).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let mut texts = Texts::default();
    texts.schema = Some(texts.sources.add("crm.toml", &schema));
    let name = path.file_name().unwrap().to_string_lossy();
    texts.scripts.push(texts.sources.add(&name, &text));
    for file in std::fs::read_dir(path.with_file_name("lib")).unwrap() {
        let file = file.unwrap();
        let name = format!("lib/{}", file.file_name().to_string_lossy());
        let text = std::fs::read_to_string(file.path()).unwrap();
        texts.scripts.push(texts.sources.add(&name, &text));
    }
    let compiled = texts.parse().compile();
    assert!(compiled.is_sound(), "{}", render::plain(&compiled.diagnostics, &compiled.sources));
    let lines = text.lines().filter_map(|line| line.strip_prefix(EVENT));
    let events = lines.map(|line| parse_line(line, &compiled.schema).unwrap_or_else(|e| panic!("{line}: {e:?}")));
    let events = events.collect();
    let until = text.lines().find_map(|line| line.strip_prefix(UNTIL));
    let until = until.map(|at| dealflow::schema::moment(&compiled.schema, at).unwrap());
    Scripted { compiled, events, until }
}

/// Runs everything; `between` may put another store in place of the one after each activation. The versions of the rules
/// take turns, one for each activation.
pub(crate) fn history<S: Store>(
    Scripted { compiled, events, until }: &Scripted,
    versions: &[Vec<Arc<Program>>],
    mut store: S,
    reload: bool,
    mut between: impl FnMut(S) -> S,
) -> (String, S) {
    let mut turns = versions.iter().cycle();
    let mut new_engine = || {
        let programs = turns.next().unwrap().clone();
        let mut engine = Engine::new(compiled.schema.clone(), programs, Arc::new(Embedded));
        if reload {
            engine.reload_at_every_step();
        }
        engine
    };
    let mut timeline = Timeline::new(&compiled.schema);
    let mut text = String::new();
    let mut engine = new_engine();
    let mut events = events.iter().peekable();
    loop {
        let mut traces = Vec::new();
        let timer = engine.next_timer(&store).unwrap();
        match (events.peek(), timer) {
            (None, None) => break,
            (None, Some(at)) if until.is_some_and(|until| at > until) => break,
            (Some(event), timer) if timer.is_none_or(|at| at >= event.at) => {
                engine.deliver(&mut store, event, &mut |t| traces.push(t)).unwrap();
                events.next();
            }
            (_, _) => {
                engine.fire_next(&mut store, &mut |t| traces.push(t)).unwrap();
            }
        }
        for trace in &traces {
            timeline.lines(trace, &store, &mut text);
        }
        store.commit().unwrap();
        store = between(store);
        // A new engine knows nothing but the store.
        engine = new_engine();
    }
    (text, store)
}

#[test]
fn programs_run_and_can_be_taken_up_anywhere() {
    insta::glob!("../data/run", "*.flow", |path| {
        let scripted = compile(path);
        let only = [scripted.compiled.programs.clone()];
        let (plain, store) = history(&scripted, &only, MemoryStore::new(), false, |s| s);
        let (reloaded, other) = history(&scripted, &only, MemoryStore::new(), true, |s| s);
        assert_eq!(plain, reloaded, "saved and loaded at every instruction");
        assert!(store == other, "the stores differ after saving and loading at every instruction");
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.db");
        let open = || SqliteStore::open(&file, Durability::Process).unwrap();
        let (reopened, _) = history(&scripted, &only, open(), false, |s| {
            drop(s);
            open()
        });
        assert_eq!(plain, reopened, "store closed and opened after every activation");
        let source = std::fs::read_to_string(path).unwrap();
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(format!("{source}---\n{plain}")) });
    });
}

//! What must hold for any input. The fuzz targets look for inputs that break it; the tests of the project try it on
//! every script they have, and on the inputs that once broke it (`tests/data/fuzz`).

use dealflow::catalog::Env;
use dealflow::diagnostics::Diagnostic;
use dealflow::fmt::{FormatError, format as lay_out};
use dealflow::ir::Program;
use dealflow::pipeline::Texts;
use dealflow::schema::{self, Schema};
use dealflow::source::{FileId, Sources};
use dealflow::syntax::{dump, lexer, parse};
use dealflow::value::{Ref, Value};
use dealflow::vm::stored::{VERSION, load, save};
use dealflow::vm::{Input, Machine, Outcome, Step};
use std::sync::{Arc, OnceLock};

/// The workspace that scripts are checked in.
const CRM: &str = include_str!("../../tests/data/run/crm.toml");

/// Scripts whose programs are given runs to take up.
const SCRIPTS: [&str; 3] = [
    include_str!("../../tests/data/run/02_wait_outcomes.flow"),
    include_str!("../../tests/data/run/17_try_and_undo.flow"),
    include_str!("../../tests/data/run/18_branches.flow"),
];

/// Steps that a run is followed.
const MOST_STEPS: usize = 60;

/// Tokens come in order, lie in the text, and have borders between letters.
pub fn lexer(text: &str) {
    let mut told = Vec::new();
    let lexed = lexer::lex(text, 0, FileId(0), &mut told);
    let mut at = 0;
    for token in &lexed.tokens {
        assert!(token.span.start >= at && token.span.end > token.span.start, "{token:?} before {at}");
        assert!(text.get(token.span.start as usize..token.span.end as usize).is_some(), "{token:?}");
        at = token.span.end;
    }
    for comment in &lexed.trivia.comments {
        assert!(text.get(comment.span.start as usize..comment.span.end as usize).is_some(), "{comment:?}");
    }
    inside(text, FileId(0), &told);
}

/// There is a tree for every text, and what is told lies in the text.
pub fn parser(text: &str) {
    let parse = parse(text, FileId(0));
    inside(text, FileId(0), &parse.diagnostics);
    let _ = dump::tree(&parse.file, text);
}

/// What can be read can be laid out: with the same tree and the same comments, and once is enough.
pub fn format(text: &str) {
    match lay_out(text) {
        Ok(once) => assert_eq!(lay_out(&once).as_deref(), Ok(&*once), "twice is not once"),
        Err(FormatError::Mistakes(told)) => assert!(!told.is_empty()),
        Err(FormatError::Changed) => panic!("laying out would change the meaning"),
    }
}

/// Checking and compiling end, and what is told lies in the text.
pub fn check(text: &str) {
    let mut sources = Sources::default();
    let schema = sources.add("crm.toml", CRM);
    let script = sources.add("fuzz.flow", text);
    let texts = Texts { sources, schema: Some(schema), scripts: vec![script], root: String::new() };
    let compiled = texts.parse().compile();
    inside(text, script, &compiled.diagnostics);
}

fn inside(text: &str, file: FileId, told: &[Diagnostic]) {
    for label in told.iter().flat_map(|diagnostic| &diagnostic.labels).filter(|label| label.file == file) {
        let part = text.get(label.span.start as usize..label.span.end as usize);
        assert!(part.is_some(), "{label:?} is not in the text");
    }
}

/// Bytes that load are a run that can be saved, and stepping it never breaks. As most changes would only break the
/// checksum, the bytes get a right head and a right checksum first.
pub fn stored(bytes: &[u8]) {
    let _ = load(bytes);
    let payload = bytes.strip_prefix(b"DFR").and_then(|rest| rest.get(17..)).unwrap_or(bytes);
    let mut stamped = [&b"DFR"[..], &[VERSION], &[0; 16], payload].concat();
    stamped.extend(crc32fast::hash(&stamped).to_le_bytes());
    let Ok((digest, mut machine)) = load(&stamped) else { return };
    let saved = save(&machine, digest);
    let again = load(&saved).map(|(_, machine)| save(&machine, digest));
    assert_eq!(again.as_ref(), Ok(&saved), "a loaded run is not saved as itself");
    let (programs, schema) = world();
    let which = bytes.last().map_or(0, |&byte| usize::from(byte)) % programs.len().max(1);
    if let Some(program) = programs.get(which) {
        follow(&mut machine, program, schema, bytes);
    }
}

fn world() -> &'static (Vec<Arc<Program>>, Schema) {
    static WORLD: OnceLock<(Vec<Arc<Program>>, Schema)> = OnceLock::new();
    WORLD.get_or_init(|| {
        let mut sources = Sources::default();
        let crm = sources.add("crm.toml", CRM);
        let scripts = SCRIPTS.map(|text| sources.add("run.flow", text)).to_vec();
        let texts = Texts { sources, schema: Some(crm), scripts, root: String::new() };
        (texts.parse().compile().programs, schema::load(FileId(0), CRM).0)
    })
}

/// Answers what the machine asks, the bytes choosing how.
fn follow(machine: &mut Machine, program: &Program, schema: &Schema, bytes: &[u8]) {
    let now = "2026-03-02T09:00:00+01:00".parse();
    let Ok(now) = now else { return };
    let env = Env { now, schema, seed: 1 };
    let mut choices = bytes.iter().copied().cycle();
    let mut input = Input::Wake;
    for _ in 0..MOST_STEPS {
        let choice = choices.next().unwrap_or(0);
        input = match machine.step(program, input, &env, &mut 200) {
            Step::Read { of, field } if choice % 2 == 0 && &*field == "lead" => {
                Input::Value(Value::Ref(Ref::new("lead", &of.id)))
            }
            Step::Read { .. } => Input::Value(Value::Int(i64::from(choice))),
            Step::Find { kind, .. } if choice % 2 == 0 => {
                Input::Value(Value::list(vec![Value::Ref(Ref::new(&kind, "1"))]))
            }
            Step::Find { .. } => Input::Value(Value::list(Vec::new())),
            Step::Act(_) if choice % 4 == 0 => Input::Failed("no".to_owned()),
            Step::Act(_) => Input::Value(Value::Missing),
            Step::Wait if choice % 2 == 0 => Input::End(Outcome::Timeout),
            Step::Wait => Input::Wake,
            Step::OutOfFuel | Step::Note(_) => Input::Go,
            Step::Done(_) | Step::Stopped | Step::Failed(_) | Step::Cancelled => return,
        };
        let _ = machine.waiting();
        let _ = machine.places(program);
        let _ = machine.locals(program);
    }
}

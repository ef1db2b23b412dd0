//! Reading scripts: lexer, parser, checker, compiler.

use super::clock::{Spent, versus};
use super::scripts;
use super::table::{Figure, Goal, Row};
use super::workspace::{SCHEMA, compile};
use super::{Outcome, Show};
use dealflow::pipeline::Texts;
use dealflow::schema::Schema;
use dealflow::source::{FileId, Sources};
use dealflow::syntax::{self, Parse, lexer};
use dealflow::{check, fmt, ir, schema};
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

const SIZE: usize = 2_000_000;
const ROUNDS: u32 = 7;

fn script() -> String {
    scripts::script(SIZE, 1)
}

#[expect(clippy::cast_precision_loss, reason = "sizes of texts are far below 2^52")]
fn size(text: &str) -> f64 {
    text.len() as f64
}

fn rate(bytes: f64, spent: Spent) -> Figure {
    Figure::Rate(bytes / 1e6 / spent.cpu.as_secs_f64())
}

fn lexed(text: &str) -> usize {
    let mut diagnostics = Vec::new();
    let tokens = lexer::lex(black_box(text), 0, FileId(0), &mut diagnostics);
    tokens.tokens.len() + diagnostics.len()
}

/// The lexer against cutting at blanks.
pub(crate) fn lex(show: Show<'_>) -> Outcome {
    let text = script();
    let (ours, words) = versus(ROUNDS, || lexed(&text), || black_box(&text).split_whitespace().count());
    let (ours, words) = (rate(size(&text), ours), rate(size(&text), words));
    show(Row::new("lex 2 MB of scripts", ours, "split_whitespace", words).goal(Goal::AtLeast(Figure::Rate(150.0))))
}

/// The whole parser against the lexer, and against another parser of the same ecosystem.
pub(crate) fn parse(show: Show<'_>) -> Outcome {
    let text = script();
    let parsed = || syntax::parse(black_box(&text), FileId(0));
    let (ours, lexer) = versus(ROUNDS, parsed, || lexed(&text));
    let (ours, lexer) = (rate(size(&text), ours), rate(size(&text), lexer));
    let goal = Goal::AtLeast(Figure::Rate(40.0));
    show(Row::new("lex, filter, parse 2 MB into a tree", ours, "lexing alone", lexer).goal(goal))?;

    let other = scripts::schema(SIZE, 1);
    let read = || toml::from_str::<toml::Table>(black_box(&other));
    read()?;
    let (again, toml) = versus(ROUNDS, parsed, read);
    let (again, toml) = (rate(size(&text), again), rate(size(&other), toml));
    show(Row::new("the same", again, "the crate `toml`, 2 MB of crm.toml", toml))
}

/// Checks and compiles a file; gives how many instructions came of it.
fn compiled(sources: &Sources, parse: &Parse, schema: &Schema) -> usize {
    let scripts = sources.iter().map(|(file, source)| check::Script {
        file,
        name: &source.name,
        text: &source.text,
        tree: &parse.file,
    });
    let (checked, found) = check::check(&scripts.collect::<Vec<_>>(), schema);
    let programs = ir::lower(black_box(&checked), sources, schema);
    found.len() + programs.iter().map(|program| black_box(program).functions.len()).sum::<usize>()
}

/// The checker and the compiler against the parser.
pub(crate) fn check(show: Show<'_>) -> Outcome {
    let text = script();
    compile(&text)?;
    let (schema, _) = schema::load(FileId(0), SCHEMA);
    let mut sources = Sources::default();
    let file = sources.add("bench.flow", &text);
    let tree = syntax::parse(&text, file);
    let parsed = || syntax::parse(black_box(&text), FileId(1));
    let (ours, parser) = versus(ROUNDS, || compiled(&sources, &tree, &schema), parsed);
    let (mb, parser) = (rate(size(&text), ours), rate(size(&text), parser));
    show(Row::new("check and compile 2 MB", mb, "parsing it", parser))?;
    Ok(())
}

/// A whole workspace: 100,000 lines in 2,000 files, from texts to programs with everything that is checked on the way.
pub(crate) fn workspace(show: Show<'_>) -> Outcome {
    let mut texts = Texts::default();
    texts.schema = Some(texts.sources.add("crm.toml", SCHEMA));
    let files = scripts::files(2_000, 50, 1);
    for (text, number) in files.iter().zip(0..) {
        texts.scripts.push(texts.sources.add(&format!("rules/{number}.flow"), text));
    }
    let lines = u32::try_from(files.iter().map(|text| text.lines().count()).sum::<usize>())?;
    let bytes = files.iter().map(|text| size(text)).sum::<f64>();
    let compiled = texts.clone().parse().compile();
    if !compiled.is_sound() || compiled.programs.len() < files.len() {
        return Err(format!("the workspace has mistakes: {:?}", compiled.diagnostics.first()).into());
    }
    let (whole, lexer) =
        versus(ROUNDS, || texts.clone().parse().compile(), || files.iter().map(|text| lexed(text)).sum::<usize>());
    let scaled = |spent: Spent| Figure::Nanos(spent.cpu.as_secs_f64() * 1e9 * 100_000.0 / f64::from(lines));
    let goal = Goal::AtMost(Figure::Nanos(1e9));
    show(Row::new("100,000 lines in 2,000 files: all", scaled(whole), "lexing alone", scaled(lexer)).goal(goal))?;
    let per_second = |spent: Spent| Figure::PerSecond(f64::from(lines) / spent.cpu.as_secs_f64());
    show(Row::new("the same, lines", per_second(whole), "lexing alone", per_second(lexer)))?;
    show(Row::new("the same, bytes", rate(bytes, whole), "lexing alone", rate(bytes, lexer)))
}

/// The whole process over one file of 500 lines.
pub(crate) fn process(show: Show<'_>) -> Outcome {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("speed-process");
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("crm.toml"), SCHEMA)?;
    std::fs::write(dir.join("rules.flow"), scripts::files(1, 500, 1).concat())?;
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dealflow"));
        command.args(args).current_dir(&dir).stdout(Stdio::null()).status()
    };
    if !run(&["check", "."])?.success() {
        return Err("the file of 500 lines has mistakes".into());
    }
    let (check, nothing) = versus(20, || run(&["check", "."]), || run(&["--version"]));
    let wall = |spent: Spent| Figure::Nanos(spent.wall.as_secs_f64() * 1e9);
    let goal = Goal::AtMost(Figure::Nanos(1e7));
    show(
        Row::new("`dealflow check`, 500 lines, on the clock", wall(check), "`dealflow --version`", wall(nothing))
            .goal(goal),
    )
}

/// Laying out 10 MB, with the proof that nothing has changed.
pub(crate) fn layout(show: Show<'_>) -> Outcome {
    let text = scripts::script(10_000_000, 1);
    fmt::format(&text)?;
    let parsed = || syntax::parse(black_box(&text), FileId(0));
    let (ours, parser) = versus(2, || fmt::format(black_box(&text)), parsed);
    let millis = |spent: Spent| Figure::Nanos(spent.cpu.as_secs_f64() * 1e9);
    let goal = Goal::AtMost(Figure::Nanos(2e9));
    show(Row::new("lay out 10 MB", millis(ours), "parsing it", millis(parser)).goal(goal))
}

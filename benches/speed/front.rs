//! Reading scripts: lexer, parser, checker, compiler.

use super::clock::{Spent, best, versus};
use super::scripts;
use super::table::{Figure, Goal, Row};
use super::workspace::{SCHEMA, compile};
use super::{Outcome, Show};
use dealflow::schema::Schema;
use dealflow::source::{FileId, Sources};
use dealflow::syntax::{self, Parse, lexer};
use dealflow::{check, ir, schema};
use std::hint::black_box;

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

    let lines = u32::try_from(text.lines().count())?;
    let whole = best(ROUNDS, || {
        let mut sources = Sources::default();
        sources.add("bench.flow", &text);
        compiled(&sources, &syntax::parse(&text, FileId(1)), &schema)
    });
    let lexer = best(ROUNDS, || lexed(&text));
    let scaled = |spent: Spent| Figure::Nanos(spent.cpu.as_secs_f64() * 1e9 * 100_000.0 / f64::from(lines));
    let goal = Goal::AtMost(Figure::Nanos(1e9));
    show(Row::new("parse, check, compile 100,000 lines", scaled(whole), "lexing alone", scaled(lexer)).goal(goal))
}

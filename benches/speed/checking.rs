//! Checking and compiling what was read.

use super::clock::Spent;
use super::rate::rate;
use super::runner::{Outcome, Show};
use super::scripts;
use super::table::{Figure, Row};
use super::texts::{ROUNDS, SIZE, lexed};
use super::turns::{turns, work};
use super::workspace::{SCHEMA, compile};
use dealflow::pipeline::Texts;
use dealflow::schema::{self, Schema};
use dealflow::source::{FileId, Sources};
use dealflow::syntax::{self, Parse};
use dealflow::{check, ir};
use std::hint::black_box;

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
    let text = scripts::script(SIZE, 1);
    compile(&text)?;
    let (schema, _) = schema::load(FileId(0), SCHEMA);
    let mut sources = Sources::default();
    let file = sources.add("bench.flow", &text);
    let tree = syntax::parse(&text, file);
    let parsed = || syntax::parse(black_box(&text), FileId(1));
    let [ours, parser] = turns(ROUNDS, [&mut work(|| compiled(&sources, &tree, &schema)), &mut work(parsed)]);
    show(Row::new("check and compile 2 MB", rate(text.len(), ours), "parsing it", rate(text.len(), parser)))
}

/// So many files of at least so many lines each; no two rules have the same name.
pub(crate) fn files(count: usize, lines: usize) -> Vec<String> {
    let mut rules = scripts::rules(1);
    let file = |()| {
        let (mut text, mut so_far) = (String::new(), 0);
        while so_far < lines {
            let rule = rules.next().unwrap_or_default();
            so_far += rule.lines().count();
            text.push_str(&rule);
        }
        text
    };
    std::iter::repeat_n((), count).map(file).collect()
}

/// A whole workspace: 100,000 lines in 2,000 files, from texts to programs with everything that is checked on the way.
pub(crate) fn workspace(show: Show<'_>) -> Outcome {
    let mut texts = Texts::default();
    texts.schema = Some(texts.sources.add("crm.toml", SCHEMA));
    let files = files(2_000, 50);
    for (text, number) in files.iter().zip(0..) {
        texts.scripts.push(texts.sources.add(&format!("rules/{number}.flow"), text));
    }
    let lines = u32::try_from(files.iter().map(|text| text.lines().count()).sum::<usize>())?;
    let bytes = files.iter().map(String::len).sum::<usize>();
    let compiled = texts.clone().parse().compile();
    if !compiled.is_sound() || compiled.programs.len() < files.len() {
        return Err(format!("the workspace has mistakes: {:?}", compiled.diagnostics.first()).into());
    }
    let whole = || texts.clone().parse().compile();
    let lexer = || files.iter().map(|text| lexed(text)).sum::<usize>();
    let [whole, lexer] = turns(ROUNDS, [&mut work(whole), &mut work(lexer)]);
    let scaled = |spent: Spent| Figure::new(spent.cpu.as_secs_f64() * 1e9 * 100_000.0 / f64::from(lines), "ns");
    show(Row::new("100,000 lines in 2,000 files: all", scaled(whole), "lexing alone", scaled(lexer)).goal("≤ 1 s"))?;
    let per_second = |spent: Spent| Figure::new((f64::from(lines) / spent.cpu.as_secs_f64()).round(), "/s");
    show(Row::new("the same, lines", per_second(whole), "lexing alone", per_second(lexer)))?;
    show(Row::new("the same, bytes", rate(bytes, whole), "lexing alone", rate(bytes, lexer)))
}

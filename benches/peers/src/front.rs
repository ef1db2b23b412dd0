//! Reading: tokens alone, and text to tree, on the same automations.

use crate::clock::{Spent, best};
use crate::texts::{self, Dialect};
use crate::{Outcome, scripts};
use dealflow::source::FileId;
use dealflow::syntax;
use std::hint::black_box;
use std::io::{self, Write};

/// Bytes of our scripts, and of those parsers that reach some megabytes a second.
const LARGE: usize = 10_000_000;
/// Bytes for the parsers that would take minutes.
const SMALL: usize = 1_000_000;

/// One parser, and how fast it was.
struct Reading {
    name: &'static str,
    lexed: Option<f64>,
    parsed: f64,
    /// Thousands of rules in a second.
    rules: f64,
}

#[expect(clippy::cast_precision_loss, reason = "sizes of texts are far below 2^52")]
fn rate(bytes: usize, spent: Spent) -> f64 {
    bytes as f64 / 1e6 / spent.cpu.as_secs_f64()
}

/// Measures one parser on its dialect; a text that it does not read is an error.
fn measure(
    name: &'static str,
    dialect: &Dialect,
    bytes: usize,
    lex: Option<&dyn Fn(&str) -> usize>,
    parse: &dyn Fn(&str) -> Outcome,
) -> Outcome<Reading> {
    let (text, rules) = dialect.text(bytes);
    parse(&text).map_err(|error| format!("{name}: {error}"))?;
    let rounds = if bytes > SMALL { 5 } else { 3 };
    let lexed = lex.map(|lex| rate(text.len(), best(rounds, || lex(black_box(&text)))));
    let spent = best(rounds, || parse(black_box(&text)).is_ok());
    let thousands = f64::from(rules) / 1e3 / spent.cpu.as_secs_f64();
    Ok(Reading { name, lexed, parsed: rate(text.len(), spent), rules: thousands })
}

fn flow_tokens(text: &str) -> usize {
    syntax::lexer::lex(text, 0, FileId(0), &mut Vec::new()).tokens.len()
}

fn flow(text: &str) -> Outcome {
    let parse = syntax::parse(text, FileId(0));
    match parse.diagnostics.first() {
        None => Ok(()),
        Some(first) => Err(first.message.clone().into()),
    }
}

fn starlark_tokens(text: &str) -> usize {
    use starlark_syntax::{codemap::CodeMap, dialect::Dialect, lexer::Lexer};
    let map = CodeMap::new("bench".to_owned(), text.to_owned());
    Lexer::new(map.source(), &Dialect::Standard, map.clone()).count()
}

fn starlark(text: &str) -> Outcome {
    use starlark_syntax::{dialect::Dialect, syntax::AstModule};
    AstModule::parse("bench", text.to_owned(), &Dialect::Standard).map_err(|e| e.to_string())?;
    Ok(())
}

fn ruff_tokens(text: &str) -> usize {
    use ruff_python_ast::token::TokenKind;
    use ruff_python_parser::{Mode, lexer};
    let mut lexer = lexer::lex(text, Mode::Module);
    let mut count = 0;
    while lexer.next_token() != TokenKind::EndOfFile {
        count += 1;
    }
    count
}

fn ruff(text: &str) -> Outcome {
    ruff_python_parser::parse_module(text)?;
    Ok(())
}

fn cedar(text: &str) -> Outcome {
    cedar_policy_core::parser::parse_policyset(text).map_err(|e| e.to_string())?;
    Ok(())
}

fn nickel_tokens(text: &str) -> usize {
    nickel_lang_parser::lexer::Lexer::new(text).count()
}

fn nickel(text: &str) -> Outcome {
    use nickel_lang_parser::{ErrorTolerantParser, ast::AstAlloc, files::Files, grammar::TermParser, lexer::Lexer};
    let alloc = AstAlloc::new();
    let file = Files::empty().add("bench", "");
    TermParser::new().parse_strict(&alloc, file, Lexer::new(text)).map_err(|e| format!("{e:?}"))?;
    Ok(())
}

fn vrl(text: &str) -> Outcome {
    vrl::parser::parse(text).map_err(|e| e.to_string())?;
    Ok(())
}

fn rhai(text: &str) -> Outcome {
    let mut engine = rhai::Engine::new_raw();
    engine.set_optimization_level(rhai::OptimizationLevel::None);
    engine.compile(text)?;
    Ok(())
}

/// All parsers in one run.
pub(crate) fn measure_all() -> Outcome {
    let mut out = io::stdout();
    let (whole, _) = (scripts::script(LARGE, 1), 0);
    let lexed = rate(whole.len(), best(5, || flow_tokens(black_box(&whole))));
    let parsed = rate(whole.len(), best(5, || flow(black_box(&whole)).is_ok()));
    writeln!(out, "10 MB of scripts as people write them: lexing {lexed:.0} MB/s, lexer to tree {parsed:.1} MB/s\n")?;

    let ours = measure("dealflow", &texts::FLOW, LARGE, Some(&flow_tokens), &flow)?;
    let peers = [
        measure("starlark_syntax", &texts::PYTHON, LARGE, Some(&starlark_tokens), &starlark)?,
        measure("ruff_python_parser", &texts::PYTHON, LARGE, Some(&ruff_tokens), &ruff)?,
        measure("nickel-lang-parser", &texts::NICKEL, SMALL, Some(&nickel_tokens), &nickel)?,
        measure("cedar-policy-core", &texts::CEDAR, SMALL, None, &cedar)?,
        measure("vrl", &texts::VRL, SMALL, None, &vrl)?,
        measure("rhai", &texts::RHAI, SMALL, None, &rhai)?,
    ];
    writeln!(out, "The same automations in each language; the ratio is our speed over theirs.\n")?;
    writeln!(out, "{:<20} {:>10} {:>8} {:>12} {:>8} {:>14} {:>8}", "parser", "lex MB/s", "ratio", "parse MB/s", "ratio", "1000 rules/s", "ratio")?;
    for reading in std::iter::once(&ours).chain(&peers) {
        let lex = reading.lexed.map_or("-".to_owned(), |rate| format!("{rate:.0}"));
        let lex_ratio = match (ours.lexed, reading.lexed) {
            (Some(ours), Some(theirs)) => format!("{:.1} ×", ours / theirs),
            _ => "-".to_owned(),
        };
        let (parsed, rules) = (ours.parsed / reading.parsed, ours.rules / reading.rules);
        writeln!(
            out,
            "{:<20} {lex:>10} {lex_ratio:>8} {:>12.1} {parsed:>6.1} × {:>14.1} {rules:>6.1} ×",
            reading.name, reading.parsed, reading.rules
        )?;
    }
    let fastest = peers.iter().map(|peer| peer.parsed).fold(0.0, f64::max);
    let verdict = |reached: bool| if reached { "reached" } else { "MISSED" };
    writeln!(out, "\nlexing ≥ 150 MB/s: {}", verdict(lexed >= 150.0))?;
    writeln!(out, "lexer to tree ≥ 40 MB/s: {}", verdict(parsed >= 40.0))?;
    writeln!(out, "twice the fastest peer: {} ({:.1} ×)", verdict(ours.parsed >= 2.0 * fastest), ours.parsed / fastest)?;
    Ok(())
}

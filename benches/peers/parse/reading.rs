//! Reading the same rules, ours and a peer's in turns: bytes in a second, and statements in a second.

use super::clock::Spent;
use super::languages::{self, Language, STATEMENTS};
use super::rate::rate;
use super::runner::{Outcome, Show};
use super::table::{Figure, Row};
use super::turns::{turns, work};
use cedar_policy_core::parser::parse_policyset;
use dealflow::source::FileId;
use dealflow::syntax;
use nickel_lang_parser::ErrorTolerantParser;
use nickel_lang_parser::ast::AstAlloc;
use nickel_lang_parser::files::Files;
use nickel_lang_parser::grammar::TermParser;
use nickel_lang_parser::lexer::Lexer;
use rhai::{Engine, OptimizationLevel};
use starlark_syntax::syntax::{AstModule, Dialect};
use std::error::Error;
use std::hint::black_box;

/// About 1.5 MB of ours.
const RULES: u32 = 4_000;
const ROUNDS: u32 = 9;

/// Measures a peer. `read` must give what is wrong, if anything is.
fn beside<E: Into<Box<dyn Error>>>(
    show: Show<'_>,
    peer: &str,
    language: &Language,
    read: impl Fn(&str) -> Result<(), E>,
) -> Outcome {
    let (script, other) = (languages::script(&languages::FLOW, RULES), languages::script(language, RULES));
    let parsed = || syntax::parse(black_box(&script), FileId(0));
    if let Some(mistake) = parsed().diagnostics.first() {
        return Err(format!("ours: {mistake:?}").into());
    }
    if let Err(mistake) = read(&other) {
        return Err(format!("{peer}: {}", mistake.into()).into());
    }
    let [ours, theirs] = turns(ROUNDS, [&mut work(parsed), &mut work(|| read(black_box(&other)))]);
    let what = format!("{RULES} rules: bytes");
    let row = Row::new(what, rate(script.len(), ours), peer, rate(other.len(), theirs));
    show(row.goal("≥ 2 ×"))?;
    let statements = f64::from(RULES * STATEMENTS);
    let speed = |spent: Spent| Figure::new((statements / spent.cpu.as_secs_f64()).round(), "/s");
    let what = format!("{RULES} rules: statements");
    show(Row::new(what, speed(ours), peer, speed(theirs)).goal("≥ 2 ×"))
}

pub(crate) fn rhai(show: Show<'_>) -> Outcome {
    let mut engine = Engine::new();
    engine.set_optimization_level(OptimizationLevel::None);
    beside(show, "rhai", &languages::RHAI, |text| engine.compile(text).map(|ast| drop(black_box(ast))))
}

pub(crate) fn starlark(show: Show<'_>) -> Outcome {
    let read = |text: &str| AstModule::parse("bench", text.to_owned(), &Dialect::Standard);
    beside(show, "starlark_syntax", &languages::STARLARK, |text| {
        read(text).map(|ast| drop(black_box(ast))).map_err(starlark_syntax::Error::into_anyhow)
    })
}

pub(crate) fn cedar(show: Show<'_>) -> Outcome {
    beside(show, "cedar-policy-core", &languages::CEDAR, |text| {
        parse_policyset(text).map(|policies| drop(black_box(policies))).map_err(|errors| errors.to_string())
    })
}

pub(crate) fn nickel(show: Show<'_>) -> Outcome {
    let file = Files::empty().add("bench", "");
    let parser = TermParser::new();
    beside(show, "nickel-lang-parser", &languages::NICKEL, |text| {
        let alloc = AstAlloc::new();
        match parser.parse_strict(&alloc, file, Lexer::new(text)) {
            Ok(ast) => {
                black_box(ast);
                Ok(())
            }
            Err(errors) => Err(format!("{errors:?}")),
        }
    })
}

pub(crate) fn vrl(show: Show<'_>) -> Outcome {
    beside(show, "vrl", &languages::VRL, |text| {
        vrl::parser::parse(text).map(|program| drop(black_box(program))).map_err(|error| error.to_string())
    })
}

pub(crate) fn ruff(show: Show<'_>) -> Outcome {
    beside(show, "ruff_python_parser", &languages::PYTHON, |text| {
        ruff_python_parser::parse_module(text).map(|module| drop(black_box(module)))
    })
}

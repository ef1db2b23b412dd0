//! Reading scripts: lexer, parser, formatter.

use super::clock::Spent;
use super::rate::rate;
use super::runner::{Outcome, Show};
use super::table::{Figure, Row};
use super::texts::{ROUNDS, SIZE, lexed};
use super::turns::{turns, work};
use super::{schemas, scripts};
use dealflow::source::FileId;
use dealflow::{fmt, syntax};
use std::hint::black_box;

/// The lexer against cutting at blanks.
pub(crate) fn lex(show: Show<'_>) -> Outcome {
    let text = scripts::script(SIZE, 1);
    let words = || black_box(&text).split_whitespace().count();
    let [ours, words] = turns(ROUNDS, [&mut work(|| lexed(&text)), &mut work(words)]);
    let (ours, words) = (rate(text.len(), ours), rate(text.len(), words));
    show(Row::new("lex 2 MB of scripts", ours, "split_whitespace", words).goal("≥ 150 MB/s"))
}

/// The whole parser against the lexer, and against another parser of the same ecosystem.
pub(crate) fn parse(show: Show<'_>) -> Outcome {
    let text = scripts::script(SIZE, 1);
    let other = schemas::schema(SIZE, 1);
    let read = || toml::from_str::<toml::Table>(black_box(&other));
    read()?;
    let parsed = || syntax::parse(black_box(&text), FileId(0));
    let [ours, lexer, toml] = turns(ROUNDS, [&mut work(parsed), &mut work(|| lexed(&text)), &mut work(read)]);
    let [ours, lexer, toml] = [rate(text.len(), ours), rate(text.len(), lexer), rate(other.len(), toml)];
    show(Row::new("lex, filter, parse 2 MB into a tree", ours, "lexing alone", lexer).goal("≥ 40 MB/s"))?;
    show(Row::new("the same", ours, "the crate `toml`, 2 MB of crm.toml", toml))
}

/// Laying out 10 MB, with the proof that nothing has changed.
pub(crate) fn layout(show: Show<'_>) -> Outcome {
    let text = scripts::script(10_000_000, 1);
    fmt::format(&text)?;
    let parsed = || syntax::parse(black_box(&text), FileId(0));
    let [ours, parser] = turns(2, [&mut work(|| fmt::format(black_box(&text))), &mut work(parsed)]);
    let time = |spent: Spent| Figure::new(spent.cpu.as_secs_f64() * 1e9, "ns");
    show(Row::new("lay out 10 MB", time(ours), "parsing it", time(parser)).goal("≤ 2 s"))
}

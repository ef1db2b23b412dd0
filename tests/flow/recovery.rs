//! How well reading goes on after mistakes: twelve single mistakes to a script, each one wrong by itself, and what is
//! told of them. A mistake is found when a report stands on its line or one of the next two; every other report is extra,
//! be it away from all mistakes or the second near one.
//!
//! The parser is tuned on seeds of `TUNING` only; the test holds on `HELD_OUT`. `RECOVERY_SCRIPTS=2000 cargo test
//! recovery_score -- --nocapture` tries more scripts than the usual run, `RECOVERY_SEED=tuning` takes the others, and
//! `RECOVERY_SHOW=20` shows that many mistakes that were not found or had extra reports.
//!
//! What makes the figure honest: each mistake is wrong without the others; structural mistakes (blocks, brackets, quotes)
//! are as frequent as single tokens; a third of the scripts mixes both spellings of blocks; only the first label of a
//! report counts, never the second one at the reason; and the seeds of the test were not looked at while tuning.

mod mistake;
mod program;
pub(crate) mod random;

use dealflow::diagnostics::Diagnostic;
use dealflow::source::{FileId, LineIndex};
use dealflow::syntax::parse;
use mistake::{Kind, Mistake};
use program::{Program, Spelling};
use random::Random;
use std::collections::BTreeMap;
use std::fmt::Write;

const TUNING: u64 = 1_000_000;
const HELD_OUT: u64 = 2_026_112_600;

const MISTAKES: usize = 12;
const BYTES: usize = 9_000;
/// Lines between two mistakes.
const APART: usize = 6;
/// A report may stand on the line of the mistake or so many further down.
const NEAR: usize = 2;

/// What came of the mistakes of one kind.
#[derive(Clone, Copy, Default)]
struct Score {
    made: usize,
    found: usize,
    /// More reports than one near the mistake.
    more: usize,
    /// Reports away from every mistake, counted for the mistake before.
    extra: usize,
}

#[test]
fn recovery_score() {
    let scripts = number("RECOVERY_SCRIPTS").unwrap_or(210);
    let tuning = std::env::var("RECOVERY_SEED").is_ok_and(|seed| seed == "tuning");
    let seed = if tuning { TUNING } else { HELD_OUT };
    let mut scores: BTreeMap<(Spelling, Kind), Score> = BTreeMap::new();
    let mut shown = number("RECOVERY_SHOW").unwrap_or(0);
    for number in 0..scripts {
        let spelling = [Spelling::Braces, Spelling::Angles, Spelling::Mixed][number % 3];
        one_script(seed + u64::try_from(number).unwrap(), spelling, &mut scores, &mut shown);
    }
    println!("{}", table(&scores));
    let all = sum(scores.values());
    assert!(all.made > scripts * (MISTAKES - 2), "too few mistakes were made: {}", all.made);
    assert!(all.found * 1000 >= all.made * 995, "{} of {} mistakes were found", all.found, all.made);
    let extra = all.extra + all.more;
    assert!(extra * 100 <= all.made * 3, "{extra} extra reports for {} mistakes", all.made);
}

fn number(variable: &str) -> Option<usize> {
    std::env::var(variable).ok()?.parse().ok()
}

fn sum<'s>(scores: impl Iterator<Item = &'s Score>) -> Score {
    scores.fold(Score::default(), |a, b| Score {
        made: a.made + b.made,
        found: a.found + b.found,
        more: a.more + b.more,
        extra: a.extra + b.extra,
    })
}

fn table(scores: &BTreeMap<(Spelling, Kind), Score>) -> String {
    let mut out = format!("{:<14} {:>6} {:>7} {:>6} {:>6}\n", "mistake", "made", "missed", "more", "extra");
    let mut line = |name: String, s: Score| {
        writeln!(out, "{name:<14} {:>6} {:>7} {:>6} {:>6}", s.made, s.made - s.found, s.more, s.extra).unwrap();
    };
    for kind in Kind::ALL {
        line(format!("{kind:?}"), sum(scores.iter().filter(|((_, k), _)| *k == kind).map(|(_, s)| s)));
    }
    for spelling in [Spelling::Braces, Spelling::Angles, Spelling::Mixed] {
        line(format!("{spelling:?}"), sum(scores.iter().filter(|((s, _), _)| *s == spelling).map(|(_, s)| s)));
    }
    let all = sum(scores.values());
    line("all".to_owned(), all);
    let percent = |part: usize| format!("{}.{:02} %", part * 100 / all.made, part * 10_000 / all.made % 100);
    writeln!(out, "found {}, extra {}", percent(all.found), percent(all.extra + all.more)).unwrap();
    out
}

fn one_script(seed: u64, spelling: Spelling, scores: &mut BTreeMap<(Spelling, Kind), Score>, shown: &mut usize) {
    let mut random = Random(seed);
    let program = program::program(&mut random, spelling, BYTES);
    let told = parse(&program.text, FileId(0)).diagnostics;
    assert!(told.is_empty(), "the script of seed {seed} is not right: {told:?}\n{}", program.text);
    let mistakes = mistakes(&program, &mut random);
    let (text, offsets) = mistake::apply(&program.text, &mistakes);
    let index = LineIndex::new(&text);
    let line = |offset: u32| usize::try_from(index.line_col(&text, offset).line).unwrap();
    let lines: Vec<usize> = offsets.iter().map(|&offset| line(offset)).collect();
    let from: Vec<usize> = offsets.iter().map(|&offset| line(gap_before(&text, offset))).collect();
    let told = parse(&text, FileId(0)).diagnostics;
    let mut near: Vec<Vec<&Diagnostic>> = vec![Vec::new(); mistakes.len()];
    let mut away: Vec<Vec<&Diagnostic>> = vec![Vec::new(); mistakes.len()];
    for diagnostic in &told {
        let at = line(diagnostic.span().start);
        match lines.iter().zip(&from).position(|(&mistake, &from)| from <= at && at <= mistake + NEAR) {
            Some(mistake) => near[mistake].push(diagnostic),
            None => away[lines.partition_point(|&mistake| mistake <= at).saturating_sub(1)].push(diagnostic),
        }
    }
    for (at, mistake) in mistakes.iter().enumerate() {
        let score = scores.entry((spelling, mistake.kind)).or_default();
        score.made += 1;
        score.found += usize::from(!near[at].is_empty());
        score.more += near[at].len().saturating_sub(1);
        score.extra += away[at].len();
        if *shown > 0 && (near[at].is_empty() || !away[at].is_empty()) {
            *shown -= 1;
            println!("seed {seed}, {:?} at line {}: {mistake:?}", mistake.kind, lines[at]);
            for (what, diagnostics) in [("near", &near[at]), ("AWAY", &away[at])] {
                for d in diagnostics {
                    println!("  {what} {}: {} {}", line(d.span().start), d.code, d.message);
                }
            }
            let around = text.lines().zip(1..).skip(lines[at].saturating_sub(8)).take(20);
            around.for_each(|(text, number)| println!("{}{number:>4} {text}", mark(number == lines[at])));
        }
    }
}

/// Where the blanks before an offset begin, if nothing else is left of its line: what is missing from a line of its own
/// is missing anywhere between its neighbours.
fn gap_before(text: &str, offset: u32) -> u32 {
    let (before, after) = text.split_at(offset as usize);
    let alone = |part: &str| part.trim_matches(' ').is_empty();
    if alone(before.rsplit('\n').next().unwrap()) && alone(after.split('\n').next().unwrap()) {
        return u32::try_from(before.trim_end().len()).unwrap();
    }
    offset
}

fn mark(here: bool) -> char {
    if here { '>' } else { ' ' }
}

/// Mistakes in order, apart from one another, each of which makes its item wrong.
fn mistakes(program: &Program, random: &mut Random) -> Vec<Mistake> {
    let index = LineIndex::new(&program.text);
    let line = |offset: u32| usize::try_from(index.line_col(&program.text, offset).line).unwrap();
    let mut made: Vec<Mistake> = Vec::new();
    for _ in 0..MISTAKES * 20 {
        if made.len() == MISTAKES {
            break;
        }
        let item = random.below(program.items.len());
        let start = program.items[item];
        let end = program.items.get(item + 1).copied().unwrap_or(program.text.len());
        let text = &program.text[start..end];
        let kind = Kind::ALL[random.below(Kind::ALL.len())];
        let Some(mut mistake) = mistake::mistake(text, &mistake::pieces(text), kind, random) else { continue };
        let wrong = mistake::apply(text, std::slice::from_ref(&mistake)).0;
        if parse(&wrong, FileId(0)).diagnostics.is_empty() {
            continue;
        }
        let shift = u32::try_from(start).unwrap();
        mistake.span.start += shift;
        mistake.span.end += shift;
        let at = line(mistake.span.start);
        if made.iter().all(|other| line(other.span.start).abs_diff(at) >= APART) {
            made.push(mistake);
        }
    }
    made.sort_by_key(|mistake| mistake.span.start);
    made
}

/// By hand: every line that says so is told once, and nothing else is.
#[test]
fn twelve_mistakes_give_twelve_reports() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/mistakes/E0103_twelve_kinds.flow");
    let text = std::fs::read_to_string(path).unwrap();
    let index = LineIndex::new(&text);
    let wrong: Vec<u32> =
        text.lines().zip(1..).filter(|(line, _)| line.ends_with("// wrong")).map(|(_, n)| n).collect();
    let told: Vec<u32> =
        parse(&text, FileId(0)).diagnostics.iter().map(|d| index.line_col(&text, d.span().start).line).collect();
    assert_eq!(wrong.len(), MISTAKES);
    assert_eq!(told, wrong);
}

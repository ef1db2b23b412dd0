//! Right programs with one change that makes them wrong: the checker finds each.
//!
//! The kinds of change are such that the result is wrong for certain: names that nothing has, a value of another type
//! beside an operator, outcomes left out, statements behind the end. `MUTATIONS_SHOW=20` prints those
//! that were missed or had more than one report.

use dealflow::catalog;
use dealflow::diagnostics::{self, Diagnostic};
use dealflow::pipeline::Texts;
use dealflow::reference;
use dealflow::source::{FileId, LineIndex, Span};
use dealflow::syntax::filter::{self, Mode};
use dealflow::syntax::lexer;
use dealflow::syntax::token::Token;
use std::collections::BTreeMap;
use std::path::Path;

/// The kinds of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Root,
    Field,
    Stage,
    Person,
    Variable,
    Function,
    Argument,
    Type,
    NamedValue,
    Outcome,
    OutcomeLeftOut,
    OtherType,
    Unreachable,
    Trigger,
    Verb,
    ReturnLeftOut,
}

/// A workspace with right scripts.
struct Right {
    crm: &'static str,
    library: &'static [(&'static str, &'static str)],
    text: String,
}

/// One change.
struct Change {
    kind: Kind,
    span: Span,
    text: String,
}

/// A token as the grammar sees it.
#[derive(Clone, Copy)]
struct Piece {
    kind: Token,
    span: Span,
}

/// `migrate` speaks of waits and variables of an earlier version, which are not there to be compared with.
fn of_an_earlier_version(text: &str, span: Span) -> bool {
    let line = text[..span.start as usize].rsplit('\n').next().unwrap();
    line.trim_start().starts_with("migrate ")
}

#[test]
fn every_change_that_makes_a_program_wrong_is_found() {
    let mut shown = std::env::var("MUTATIONS_SHOW").ok().and_then(|n| n.parse().ok()).unwrap_or(0usize);
    let mut scores: BTreeMap<Kind, (usize, usize, usize)> = BTreeMap::new();
    for right in scripts() {
        assert_eq!(errors(&right, &right.text), Vec::new(), "{}", right.text);
        for change in changes(&right.text).into_iter().filter(|change| !of_an_earlier_version(&right.text, change.span))
        {
            let mut wrong = right.text.clone();
            wrong.replace_range(change.span.start as usize..change.span.end as usize, &change.text);
            let told = errors(&right, &wrong);
            let score = scores.entry(change.kind).or_default();
            score.0 += 1;
            score.1 += usize::from(!told.is_empty());
            score.2 += usize::from(told.len() > 1);
            if told.len() != 1 && shown > 0 {
                shown -= 1;
                for d in &told {
                    println!("  {} {}: {}", d.code, d.span().of(&wrong), d.message);
                }
                let line = LineIndex::new(&wrong).line_col(&wrong, change.span.start).line;
                println!(
                    "missed: {:?}, `{}` for `{}` in line {line} of\n{wrong}",
                    change.kind,
                    change.text,
                    change.span.of(&right.text)
                );
            }
        }
    }
    println!("{:<16} {:>6} {:>6} {:>22}", "change", "made", "found", "more than one report");
    for (kind, (made, found, more)) in &scores {
        println!("{:<16} {made:>6} {found:>6} {more:>22}", format!("{kind:?}"));
    }
    let total = scores.values().fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    println!("{:<16} {:>6} {:>6}", "all", total.0, total.1);
    let more: usize = scores.values().map(|score| score.2).sum();
    assert!(more * 100 <= total.0, "{more} changes had more than one report");
    assert_eq!(scores.len(), 16, "a kind of change was never made");
    assert!(total.0 > 800, "{}", total.0);
    assert_eq!(total.0, total.1, "changes were missed");
}

/// All scripts of the tests that run, and all examples of the manual.
fn scripts() -> Vec<Right> {
    let crm = include_str!("../data/run/crm.toml");
    let library = &[
        ("lib/money.flow", include_str!("../data/run/lib/money.flow")),
        ("lib/visits.flow", include_str!("../data/run/lib/visits.flow")),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/run");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "flow"));
    paths.sort();
    let mut found: Vec<Right> =
        paths.iter().map(|path| Right { crm, library, text: std::fs::read_to_string(path).unwrap() }).collect();
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reference/pages");
    let mut pages: Vec<_> = std::fs::read_dir(manual).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    for page in pages {
        let page = std::fs::read_to_string(page).unwrap();
        for part in page.split("```flow").skip(1) {
            let (_, body) = part.split_once('\n').unwrap();
            let text = body.split("```").next().unwrap().to_owned();
            found.push(Right { crm: reference::SCHEMA, library: &[("lib/prices.flow", reference::LIBRARY)], text });
        }
    }
    found
}

fn errors(right: &Right, text: &str) -> Vec<Diagnostic> {
    let mut texts = Texts::default();
    texts.schema = Some(texts.sources.add("crm.toml", right.crm));
    texts.scripts.push(texts.sources.add("rules.flow", text));
    for (name, library) in right.library {
        texts.scripts.push(texts.sources.add(name, library));
    }
    let mut told = texts.parse().compile().diagnostics;
    told.retain(|d| d.severity() == diagnostics::Severity::Error);
    told
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut told = Vec::new();
    let lexed = lexer::lex(text, 0, FileId(0), &mut told);
    let filtered = filter::filter(text, &lexed.tokens, Mode::File, 0, FileId(0), &mut told);
    filtered.iter().skip(1).map(|&(l, kind, r)| Piece { kind, span: Span::new(l, r) }).collect()
}

fn changes(text: &str) -> Vec<Change> {
    let all = pieces(text);
    let mut found = Vec::new();
    for at in 0..all.len() {
        let here = Here { text, all: &all, at };
        here.names(&mut found);
        here.values(&mut found);
        here.statements(&mut found);
    }
    found
}

/// A token with its neighbours.
#[derive(Clone, Copy)]
struct Here<'a> {
    text: &'a str,
    all: &'a [Piece],
    at: usize,
}

impl Here<'_> {
    fn kind(&self, ahead: isize) -> Option<Token> {
        self.at.checked_add_signed(ahead).and_then(|at| self.all.get(at)).map(|piece| piece.kind)
    }

    fn word(&self, ahead: isize) -> &str {
        let at = self.at.checked_add_signed(ahead).and_then(|at| self.all.get(at));
        at.map_or("", |piece| piece.span.of(self.text))
    }

    fn span(&self) -> Span {
        self.all[self.at].span
    }

    fn add(&self, found: &mut Vec<Change>, kind: Kind, text: String) {
        found.push(Change { kind, span: self.span(), text });
    }

    /// Names that nothing has.
    fn names(&self, found: &mut Vec<Change>) {
        let (before, after, word) = (self.kind(-1), self.kind(1), self.word(0));
        let typo = || format!("{word}qx");
        match self.kind(0) {
            Some(Token::Name) if matches!(before, Some(Token::Dot | Token::SafeDot)) => {
                self.add(found, Kind::Field, typo());
            }
            Some(Token::Name) if after == Some(Token::LParen) && before != Some(Token::Fn) => {
                self.add(found, Kind::Function, typo());
                if self.kind(2) != Some(Token::RParen) && catalog::function(word).is_some() {
                    let end = self.closing(1);
                    let span = Span::new(self.span().end, end);
                    found.push(Change { kind: Kind::Argument, span, text: "()".to_owned() });
                }
            }
            Some(Token::Name) if matches!(after, Some(Token::Dot | Token::SafeDot)) => {
                self.add(found, Kind::Root, typo());
            }
            Some(Token::Name) if after == Some(Token::Colon) && matches!(before, Some(Token::With | Token::Comma)) => {
                self.add(found, Kind::NamedValue, typo());
            }
            Some(Token::Name) if before == Some(Token::On) && word != "email" => {
                self.add(found, Kind::Trigger, typo());
            }
            Some(Token::Name) if before == Some(Token::Case) && OUTCOMES.contains(&word) => {
                self.add(found, Kind::Outcome, typo());
            }
            Some(Token::Name) if before == Some(Token::Colon) && self.kind(-2) == Some(Token::Var) => {
                self.add(found, Kind::Type, typo());
            }
            Some(Token::Var) if !self.declares() => self.add(found, Kind::Variable, "$nobody".to_owned()),
            Some(Token::Verb) => self.add(found, Kind::Verb, typo()),
            // In `create chat "Name"` the name is a new one.
            Some(Token::Text) if before == Some(Token::Noun) && self.kind(-2) != Some(Token::Verb) => {
                self.add(found, Kind::Person, "\"Nobody\"".to_owned());
            }
            _ => {}
        }
    }

    /// Values of another kind than their neighbour.
    fn values(&self, found: &mut Vec<Change>) {
        let word = self.word(0);
        let operators = [Token::Lt, Token::Gt, Token::Le, Token::Ge, Token::Plus, Token::Minus, Token::Star];
        let beside = self.kind(-1).is_some_and(|kind| operators.contains(&kind));
        match self.kind(0) {
            Some(Token::Text) if self.is_stage() => self.add(found, Kind::Stage, "\"Nowhere\"".to_owned()),
            Some(Token::Int | Token::Money | Token::Duration | Token::Percent | Token::Date) if beside => {
                // `now - 2h` and `-2` have operators of their own; yes and no goes with none.
                self.add(found, Kind::OtherType, "true".to_owned());
            }
            Some(Token::Money) if self.kind(-1) == Some(Token::EqEq) => {
                self.add(found, Kind::OtherType, format!("\"{word}\""));
            }
            _ => {}
        }
    }

    /// Statements that are missing, or too many.
    fn statements(&self, found: &mut Vec<Change>) {
        match self.kind(0) {
            Some(Token::Semi) if matches!(self.kind(-1), Some(Token::Stop | Token::Break | Token::Continue)) => {
                self.add(found, Kind::Unreachable, "; log \"never\";".to_owned());
            }
            Some(Token::Case) if OUTCOMES.contains(&self.word(1)) && self.kind(2) == Some(Token::BlockOpen) => {
                let end = self.closing(2);
                let rest = &self.text[end as usize..];
                let only = rest.trim_start().starts_with(['}', '>']) && self.kind(-1) == Some(Token::BlockOpen);
                // A `case else` takes what was left out.
                let otherwise = rest.split(['}', '>']).next().is_some_and(|rest| rest.contains("else"));
                if !only && !otherwise {
                    let span = Span::new(self.span().start, end);
                    found.push(Change { kind: Kind::OutcomeLeftOut, span, text: String::new() });
                }
            }
            Some(Token::Return) if self.kind(1) != Some(Token::Semi) && self.ends_function() => {
                let rest = &self.text[self.span().start as usize..];
                let end = self.span().start + u32::try_from(rest.find(';').unwrap() + 1).unwrap();
                found.push(Change {
                    kind: Kind::ReturnLeftOut,
                    span: Span::new(self.span().start, end),
                    text: String::new(),
                });
            }
            _ => {}
        }
    }

    /// The end of the bracket or block that opens so many tokens ahead.
    fn closing(&self, ahead: usize) -> u32 {
        let mut depth = 0;
        for piece in &self.all[self.at + ahead..] {
            match piece.kind {
                Token::LParen | Token::BlockOpen | Token::RecordOpen => depth += 1,
                Token::RParen | Token::BlockClose | Token::RecordClose => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return piece.span.end;
            }
        }
        panic!("brackets of a right script come out even")
    }

    /// Whether the variable gets its name here.
    fn declares(&self) -> bool {
        let parameter = self.kind(1) == Some(Token::Colon);
        parameter
            || self.kind(-2) == Some(Token::Find)
            || matches!(
                self.kind(-1),
                Some(Token::Let | Token::Given | Token::For | Token::Const | Token::Else | Token::Find)
            )
    }

    fn is_stage(&self) -> bool {
        let compared = matches!(self.word(-2), "stage" | "status")
            && matches!(self.kind(-1), Some(Token::EqEq | Token::Ne | Token::Assign));
        compared || self.kind(-1) == Some(Token::Name) && matches!(self.word(-1), "stage" | "status")
    }

    /// Whether it is the last statement of a function.
    fn ends_function(&self) -> bool {
        let after = self.all[self.at..].iter().position(|piece| piece.kind == Token::Semi);
        let close = after.and_then(|after| self.all.get(self.at + after + 1));
        let next = after.and_then(|after| self.all.get(self.at + after + 2));
        let item = |piece: &Piece| matches!(piece.kind, Token::Fn | Token::On | Token::Rule | Token::Const);
        close.is_some_and(|close| close.kind == Token::BlockClose) && next.is_none_or(item)
    }
}

const OUTCOMES: [&str; 4] = ["reached", "final", "activity", "timeout"];

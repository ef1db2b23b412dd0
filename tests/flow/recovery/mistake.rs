//! Single mistakes in right scripts: one token lost, twice, too many, another, or a slip that people make.

use super::random::Random;
use dealflow::source::{FileId, Span};
use dealflow::syntax::filter::{self, Mode};
use dealflow::syntax::lexer;
use dealflow::syntax::token::Token;

/// The kinds of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Delete,
    Double,
    Insert,
    Replace,
    Swap,
    NoSemicolon,
    NoSmallClose,
    NoSmallOpen,
    NoBraceOpen,
    NoAngleOpen,
    NoBraceClose,
    NoAngleClose,
    SurplusClose,
    WrongClose,
    NoQuote,
    Verb,
    Foreign,
}

impl Kind {
    pub(super) const ALL: [Self; 17] = [
        Self::Delete,
        Self::Double,
        Self::Insert,
        Self::Replace,
        Self::Swap,
        Self::NoSemicolon,
        Self::NoSmallClose,
        Self::NoSmallOpen,
        Self::NoBraceOpen,
        Self::NoAngleOpen,
        Self::NoBraceClose,
        Self::NoAngleClose,
        Self::SurplusClose,
        Self::WrongClose,
        Self::NoQuote,
        Self::Verb,
        Self::Foreign,
    ];
}

/// One change of a text.
#[derive(Clone, Debug)]
pub(super) struct Mistake {
    pub(super) kind: Kind,
    pub(super) span: Span,
    pub(super) text: String,
}

/// A token as it is written, and as the grammar sees it (blocks and comparisons told apart).
#[derive(Clone, Copy)]
pub(super) struct Piece {
    pub(super) kind: Token,
    pub(super) span: Span,
}

/// The tokens of a right script.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut told = Vec::new();
    let lexed = lexer::lex(text, 0, FileId(0), &mut told);
    let filtered = filter::filter(text, &lexed.tokens, Mode::File, 0, FileId(0), &mut told);
    assert_eq!(told, Vec::new());
    let marks: std::collections::BTreeMap<u32, Token> = filtered.iter().skip(1).map(|t| (t.0, t.1)).collect();
    lexed
        .tokens
        .iter()
        .map(|t| Piece { kind: marks.get(&t.span.start).copied().unwrap_or(t.kind), span: t.span })
        .collect()
}

/// What may get into a script by mistake.
const TOKENS: &[&str] = &[
    "notify",
    "set",
    "if",
    "else",
    "wait",
    "until",
    "case",
    "stop",
    "let",
    "for",
    "on",
    "rule",
    "to",
    "from",
    "with",
    "by",
    "at",
    "in",
    "and",
    "or",
    "not",
    "is",
    "empty",
    "default",
    "where",
    "true",
    "deal",
    "High",
    "foo",
    "$x",
    "5",
    "3d",
    "500 PLN",
    "2026-12-24",
    "\"text\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    ";",
    ",",
    ".",
    ":",
    "=",
    "==",
    "+",
    "-",
    "*",
    "/",
    "!=",
    "?",
    "->",
    "#",
    "@",
    "&&",
    "3m",
];

/// A mistake of this kind somewhere in the text, if there is a place for it.
pub(super) fn mistake(text: &str, pieces: &[Piece], kind: Kind, random: &mut Random) -> Option<Mistake> {
    let of = |piece: &Piece| piece.span.of(text);
    let places: Vec<usize> = (0..pieces.len()).filter(|&at| fits(kind, of(&pieces[at]), pieces, at)).collect();
    if places.is_empty() {
        return None;
    }
    let at = places[random.below(places.len())];
    let (piece, written) = (pieces[at], of(&pieces[at]));
    let replaced = |span: Span, text: &str| Some(Mistake { kind, span, text: text.to_owned() });
    match kind {
        Kind::Delete
        | Kind::NoSemicolon
        | Kind::NoSmallClose
        | Kind::NoSmallOpen
        | Kind::NoBraceOpen
        | Kind::NoAngleOpen
        | Kind::NoBraceClose
        | Kind::NoAngleClose => replaced(piece.span, ""),
        Kind::Double => replaced(Span::at(piece.span.end), &format!(" {written}")),
        Kind::Insert => {
            let token = TOKENS[random.below(TOKENS.len())];
            replaced(Span::at(piece.span.start), &format!("{token} "))
        }
        Kind::Replace => {
            let token = TOKENS[random.below(TOKENS.len())];
            (token != written).then_some(())?;
            replaced(piece.span, token)
        }
        Kind::Swap => {
            let next = pieces.get(at + 1)?;
            let gap = Span::new(piece.span.end, next.span.start).of(text);
            (!gap.contains('\n') && !gap.contains('/')).then_some(())?;
            replaced(piece.span.to(next.span), &format!("{}{gap}{written}", of(next)))
        }
        Kind::SurplusClose => {
            let token = [")", "]", "}", ">"][random.below(4)];
            replaced(Span::at(piece.span.end), &format!(" {token}"))
        }
        Kind::WrongClose => replaced(piece.span, if written == "}" { ">" } else { "}" }),
        Kind::NoQuote => replaced(Span::new(piece.span.end - 1, piece.span.end), ""),
        Kind::Verb => {
            let mut letters: Vec<char> = written.chars().collect();
            let from = random.below(letters.len() - 1);
            letters.swap(from, from + 1);
            replaced(piece.span, &letters.into_iter().collect::<String>())
        }
        Kind::Foreign => {
            let other = match written {
                "and" => "&&",
                "or" => "||",
                "not" => "!",
                "==" => "=",
                "=" => "==",
                ":" => "=",
                _ => return replaced(piece.span, &format!("'{}'", written.trim_matches('"'))),
            };
            replaced(piece.span, other)
        }
    }
}

/// Whether a mistake of the kind can be made at the token.
fn fits(kind: Kind, written: &str, pieces: &[Piece], at: usize) -> bool {
    let token = pieces[at].kind;
    match kind {
        Kind::Delete | Kind::Double | Kind::Insert | Kind::Replace | Kind::Swap => true,
        Kind::NoSemicolon => token == Token::Semi,
        Kind::NoSmallClose => matches!(token, Token::RParen | Token::RBracket | Token::RecordClose),
        Kind::NoSmallOpen => matches!(token, Token::LParen | Token::LBracket | Token::RecordOpen),
        Kind::NoBraceOpen => token == Token::BlockOpen && written == "{",
        Kind::NoAngleOpen => token == Token::BlockOpen && written == "<",
        Kind::NoBraceClose => token == Token::BlockClose && written == "}",
        Kind::NoAngleClose => token == Token::BlockClose && written == ">",
        Kind::SurplusClose => matches!(token, Token::Semi | Token::BlockClose),
        Kind::WrongClose => token == Token::BlockClose,
        Kind::NoQuote => token == Token::Text,
        Kind::Verb => {
            let before = at.checked_sub(1).map(|at| pieces[at].kind);
            token.starts_statement()
                && written.len() > 2
                && before.is_none_or(|kind| matches!(kind, Token::Semi | Token::BlockOpen | Token::BlockClose))
        }
        Kind::Foreign => {
            matches!(token, Token::And | Token::Or | Token::Not | Token::EqEq | Token::Assign | Token::Colon)
                || token == Token::Text && !written.contains('\'') && written.len() > 2
        }
    }
}

/// The text with the mistakes, which must not overlap, and the offsets where they are in it.
pub(super) fn apply(text: &str, mistakes: &[Mistake]) -> (String, Vec<u32>) {
    let mut out = String::with_capacity(text.len() + 64);
    let mut from = 0;
    let mut offsets = Vec::new();
    for mistake in mistakes {
        out.push_str(&text[from..mistake.span.start as usize]);
        offsets.push(u32::try_from(out.len()).unwrap());
        out.push_str(&mistake.text);
        from = mistake.span.end as usize;
    }
    out.push_str(&text[from..]);
    (out, offsets)
}

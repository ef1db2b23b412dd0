//! Between lexer and grammar: decides what only the neighbourhood of a token tells, and mends brackets.
//!
//! After it the grammar sees blocks, records and comparisons as different tokens, words in the role they have at their
//! place, and brackets that always close. It does four things, each in a file of its own:
//!
//! - `angle`: which `<` and `>` are blocks, which are comparisons;
//! - `words`: reserved words that are names at their place, and names that are key words at theirs;
//! - `delimiters`: missing, surplus and mixed closes, and missing `;` where the next word shows it;
//! - `repair`: blocks that do not open or close, found by the indentation of lines;
//! - here: the loop, and the limit of nesting, which every later recursion over the tree relies on.
//!
//! It works item by item. Where the blocks of an item do not come out even, the item is read again, and this time the
//! indentation says what is missing or too much; the reading with less trouble counts. So indentation never changes
//! what a right script means.
//!
//! # Why the angle rule is sound
//!
//! Everything that may come first in a block begins with a reserved word, and no operand begins with such a word unless
//! `.`, `?.` or `:` follows it (then it is a name). So `<` before such a word, or before a close, can only open a
//! block, and `<` before anything else can only compare. Simple statements end with `;`, and an operand never does. So
//! `>` after `;`, after an opening or after a closing mark can only close, and after an operand it can only compare.
//! All other rules exist for good messages about programs that are wrong, and for one restriction that the language
//! page states: a `<` at the end of a line does not compare, except in brackets. `grammar/README.md` lists the limits.

mod angle;
mod delimiters;
mod repair;
mod words;

use self::repair::Mark;
use super::lexer::Lexed;
use super::token::{InFilter, Token};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// The deepest nesting of brackets, blocks and operators in one another.
pub const MOST_NESTING: u32 = 200;

/// A token for the grammar.
pub type Spanned = (u32, Token, u32);

/// What a filtered text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A list of items.
    File,
    /// One expression, perhaps with `: format` after it.
    Expr,
}

/// Filters the tokens of a text. `nesting` is how deep the text itself already lies in others.
pub fn filter(
    source: &str,
    tokens: &[Lexed],
    mode: Mode,
    nesting: u32,
    file: FileId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Spanned> {
    let mut filter = Filter::new(source, tokens, mode, nesting, file, diagnostics);
    let item = filter.run();
    filter.end_item(&item);
    filter.out
}

/// Filters a text that may stop anywhere, and mends nothing at its end; also says how many brackets are open there.
pub(super) fn unmended(
    source: &str,
    tokens: &[Lexed],
    mode: Mode,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<Spanned>, usize) {
    let mut filter = Filter::new(source, tokens, mode, 0, FileId::default(), diagnostics);
    filter.run();
    (filter.out, filter.stack.len())
}

/// Which words have a special role now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Plain,
    /// After `on` or `every` (then it is the head of a rule), or after `wait for`.
    Trigger {
        head: bool,
    },
    /// In the clauses of a rule.
    Clauses,
    /// In a `find`.
    Find,
    /// After `retry`.
    Retry,
}

/// The kinds of open bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Angle,
    Brace,
    /// A block whose opening mark was forgotten; either mark closes it.
    Unopened,
    Record,
    Paren,
    Bracket,
}

impl Kind {
    fn is_block(self) -> bool {
        matches!(self, Self::Angle | Self::Brace | Self::Unopened)
    }
}

/// A bracket that is open.
#[derive(Clone, Copy, Debug)]
struct Open {
    kind: Kind,
    span: Span,
    /// The first word of the statement whose block it is.
    owner: Token,
    /// The indentation of its line.
    indent: u16,
    /// The indentation of the statement that it belongs to.
    begin: u16,
    /// The weight of what surrounds it, to go on with after it.
    weight: u32,
}

struct Filter<'a> {
    source: &'a str,
    input: &'a [Lexed],
    at: usize,
    mode: Mode,
    file: FileId,
    diagnostics: &'a mut Vec<Diagnostic>,
    out: Vec<Spanned>,
    /// The kind of the last token in it, which is asked for at every step.
    last: Token,
    /// Where in it the current statement begins.
    statement: usize,
    stack: Vec<Open>,
    /// Operators since the last `,` or `;` of the innermost bracket.
    weight: u32,
    /// Weights of all open brackets, and one for each.
    total: u32,
    limit: u32,
    place: Place,
    /// Whether indentation counts: the item is read for the second time.
    repairing: bool,
    /// What does not come out even in the item so far: marks of blocks, and statements outside of it.
    troubles: u32,
    /// Where the lexer could not read something, in order.
    unreadable: Vec<u32>,
}

impl<'a> Filter<'a> {
    fn new(
        source: &'a str,
        tokens: &'a [Lexed],
        mode: Mode,
        nesting: u32,
        file: FileId,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Self {
        let start = match mode {
            Mode::File => Token::StartFile,
            Mode::Expr => Token::StartExpr,
        };
        let lexical = |d: &&Diagnostic| matches!(d.code, Code::E0101 | Code::E0102);
        let mut unreadable: Vec<u32> = diagnostics.iter().filter(lexical).map(|d| d.span().start).collect();
        unreadable.sort_unstable();
        let first = tokens.first().map_or(0, |t| t.span.start);
        let mut out = Vec::with_capacity(tokens.len() + 8);
        out.push((first, start, first));
        Self {
            source,
            input: tokens,
            at: 0,
            mode,
            file,
            diagnostics,
            out,
            last: start,
            statement: 1,
            stack: Vec::new(),
            weight: 0,
            total: 0,
            limit: MOST_NESTING.saturating_sub(nesting),
            place: Place::Plain,
            repairing: false,
            troubles: 0,
            unreadable,
        }
    }

    /// Filters everything but the end of the last item, and says where that item begins.
    fn run(&mut self) -> Mark {
        self.run_by(Self::plainly)
    }

    /// The same with another test of what goes to the grammar as it is.
    #[inline]
    fn run_by(&mut self, plainly: impl Fn(&mut Self, &Lexed) -> bool) -> Mark {
        let mut item = self.mark();
        let input = self.input;
        while let Some(token) = input.get(self.at) {
            if token.kind.starts_item() && token.first && self.at > item.at && self.begins_item(*token) {
                self.end_item(&item);
                item = self.mark();
            }
            if !plainly(self, token) {
                self.step(*token);
            }
        }
        item
    }

    /// Apart from the loop, which so stays small: few tokens need it.
    #[inline(never)]
    fn step(&mut self, token: Lexed) {
        self.at += 1;
        if self.weigh(token) {
            self.one(token);
        }
    }

    /// Gives a token to the grammar as it is, if it is clear that nothing else is to be done. For most it is; the others
    /// take the long way of [`Filter::step`], which would come to the same for all.
    #[inline]
    fn plainly(&mut self, token: &Lexed) -> bool {
        if self.last.ends_statement() || self.total + 1 >= self.limit {
            return false;
        }
        let after_dot = matches!(self.last, Token::Dot | Token::SafeDot);
        match token.kind.in_filter() {
            InFilter::Plain => {}
            InFilter::Comma => self.settle(),
            InFilter::Operator => self.deepen(),
            InFilter::Name => {
                if !after_dot && (self.place != Place::Plain || self.kind_ahead(1) == Some(Token::Text)) {
                    return false;
                }
            }
            InFilter::Number => {
                if self.kind_ahead(1) == Some(Token::Name) {
                    return false;
                }
            }
            InFilter::Word => {
                let named = matches!(self.kind_ahead(1), Some(Token::Dot | Token::SafeDot | Token::Colon));
                let role = self.mode == Mode::Expr || matches!(self.place, Place::Trigger { .. });
                if after_dot || named || role || self.last == Token::Find {
                    return false;
                }
                self.count(token.kind);
            }
            InFilter::Other => return false,
        }
        self.at += 1;
        self.out.push((token.span.start, token.kind, token.span.end));
        self.last = token.kind;
        true
    }

    /// Counts what makes the tree deeper, up to the end of a statement or of a part of it.
    fn count(&mut self, kind: Token) {
        if matches!(kind, Token::Comma | Token::Semi) {
            self.settle();
        } else if kind.deepens() {
            self.deepen();
        }
    }

    fn deepen(&mut self) {
        self.weight += 1;
        self.total += 1;
    }

    /// Forgets the operators of what a `,` or `;` ends.
    fn settle(&mut self) {
        self.total -= self.weight.min(self.total);
        self.weight = 0;
    }

    /// The token `ahead` after the current one.
    fn next(&self, ahead: usize) -> Option<Lexed> {
        self.input.get(self.at + ahead).copied()
    }

    fn next_kind(&self) -> Option<Token> {
        self.kind_ahead(0)
    }

    fn kind_ahead(&self, ahead: usize) -> Option<Token> {
        self.input.get(self.at + ahead).map(|t| t.kind)
    }

    /// The kind of the last token given to the grammar.
    fn prev(&self) -> Token {
        self.last
    }

    /// Where the last token given to the grammar ends.
    fn prev_end(&self) -> u32 {
        self.out.last().map_or(0, |&(_, _, end)| end)
    }

    fn emit(&mut self, kind: Token, span: Span) {
        self.out.push((span.start, kind, span.end));
        self.last = kind;
        if kind.ends_statement() {
            self.statement = self.out.len();
        }
    }

    /// Adds a token that is not in the text.
    fn inject(&mut self, kind: Token) {
        let at = self.prev_end();
        self.emit(kind, Span::at(at));
    }

    fn innermost(&self) -> Option<Kind> {
        self.stack.last().map(|open| open.kind)
    }

    fn in_expression(&self) -> bool {
        self.innermost().is_some_and(|kind| !kind.is_block())
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn one(&mut self, token: Lexed) {
        if self.prev().ends_statement() {
            self.count_misplaced(token);
        }
        if self.repairing && token.first {
            self.align(token);
        }
        match token.kind {
            Token::Lt => self.less(token),
            Token::Gt => self.greater(token),
            Token::LBrace => self.brace(token),
            Token::RBrace => self.close_brace(token),
            Token::LParen => self.open(Kind::Paren, Token::LParen, token),
            Token::LBracket => self.open(Kind::Bracket, Token::LBracket, token),
            Token::RParen => self.close_small(Kind::Paren, token),
            Token::RBracket => self.close_small(Kind::Bracket, token),
            Token::Semi => self.semicolon(token),
            kind if kind.is_word() => self.word(token),
            Token::Int | Token::Decimal => self.number(token),
            kind => self.emit(kind, token.span),
        }
    }

    fn semicolon(&mut self, token: Lexed) {
        let empty = matches!(self.prev(), Token::Semi | Token::BlockOpen | Token::BlockClose | Token::StartFile);
        if empty && self.mode == Mode::File {
            return self.surplus(token);
        }
        self.close_expressions();
        self.emit(Token::Semi, token.span);
        self.place = Place::Plain;
    }

    /// A number, with the currency after it where there is one.
    fn number(&mut self, token: Lexed) {
        if let Some(next) = self.next(0).filter(|next| next.kind == Token::Name && !next.first) {
            let currency = next.span.of(self.source);
            let gap = Span::new(token.span.end, next.span.start).of(self.source);
            if currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase()) && gap.trim().is_empty() {
                self.at += 1;
                return self.emit(Token::Money, token.span.to(next.span));
            }
        }
        self.emit(token.kind, token.span);
    }

    /// Keeps count of how deep the tree becomes. Says no when a token would make it too deep; then everything up to
    /// the next item has been left out.
    fn weigh(&mut self, token: Lexed) -> bool {
        self.count(token.kind);
        if self.total < self.limit {
            return true;
        }
        let diagnostic = Diagnostic::new(Code::E0116, self.file, token.span, "this is nested too deeply")
            .label("one level too deep")
            .help("put parts of it into `let` or a `fn`");
        self.report(diagnostic);
        self.emit(Token::Error, token.span);
        while self.next(0).is_some_and(|t| !(t.first && t.kind.starts_item())) {
            self.at += 1;
        }
        self.drop_all();
        if self.mode == Mode::File && self.prev() != Token::BlockClose {
            self.inject(Token::Semi);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, Lexed, MOST_NESTING, Mode, Spanned};
    use crate::diagnostics::Diagnostic;
    use crate::source::FileId;
    use crate::syntax::token::Token;
    use crate::syntax::{lexer, samples};

    /// Filters by the quick way or without it, with little room for nesting, so that the limit is met as well.
    fn filtered(source: &str, tokens: &[Lexed], quickly: bool, nesting: u32) -> (Vec<Spanned>, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let mode = if source.is_empty() { Mode::Expr } else { Mode::File };
        let mut filter = Filter::new(source, tokens, mode, nesting, FileId(0), &mut diagnostics);
        let item = filter.run_by(|filter, token| quickly && filter.plainly(token));
        filter.end_item(&item);
        (filter.out, diagnostics)
    }

    #[test]
    fn plain_tokens_would_come_to_the_same_the_long_way() {
        let others = [None, Some(Token::And), Some(Token::True), Some(Token::Find), Some(Token::Dot), Some(Token::Int)];
        let long_list = format!("const $x = [{}];", "a.b + 1, ".repeat(9));
        for source in samples::ALL.into_iter().chain([long_list.as_str()]) {
            let tokens = lexer::lex(source, 0, FileId(0), &mut Vec::new()).tokens;
            // The script with each of its tokens replaced by others, or left out.
            for (at, other) in (0..tokens.len()).flat_map(|at| others.map(|other| (at, other))) {
                let mut tokens = tokens.clone();
                match other {
                    Some(kind) => tokens[at].kind = kind,
                    None => drop(tokens.remove(at)),
                }
                for (source, nesting) in [(source, 0), (source, MOST_NESTING - 7), ("", 0)] {
                    let quick = filtered(source, &tokens, true, nesting);
                    let long = filtered(source, &tokens, false, nesting);
                    assert_eq!(quick, long, "{other:?} at {at} in {source}");
                }
            }
        }
    }
}

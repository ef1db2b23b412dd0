//! Lexer, filter and grammar put together.

use super::ast;
use super::build::Top;
use super::cascade;
use super::drive;
use super::expected;
use super::filter::{self, Mode, Spanned};
use super::lexer::{self, Tokens};
use super::token::Token;
use super::trivia::Trivia;
use crate::diagnostics::{self, Code, Diagnostic};
use crate::source::{FileId, Span};
use lalrpop_util::{ErrorRecovery, ParseError};
use std::convert::Infallible;

#[expect(
    clippy::all,
    clippy::pedantic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    unreachable_pub,
    reason = "generated code"
)]
mod flow {
    include!(concat!(env!("OUT_DIR"), "/parser.rs"));
}

/// A mistake that the grammar stepped over.
pub(crate) type Recovery = ErrorRecovery<u32, Token, Infallible>;
/// A mistake as the grammar tells it.
pub(super) type Failure = ParseError<u32, Token, Infallible>;

/// A script as read.
#[derive(Clone, Debug, Default)]
pub struct Parse {
    /// Its tree, with `Error` nodes where something was skipped.
    pub file: ast::File,
    /// Its comments and blank lines.
    pub trivia: Trivia,
    /// What is wrong with it, by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// What the grammar's actions work on.
pub(crate) struct Cx<'s> {
    /// The whole file; all spans are offsets in it.
    pub(super) source: &'s str,
    pub(super) file: FileId,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// In how many texts this lies.
    pub(super) depth: u32,
    failures: Vec<Failure>,
    /// Statements where they do not belong, which do not count where the grammar's own mistakes are worded.
    pub(super) misplaced: Vec<Diagnostic>,
}

impl<'s> Cx<'s> {
    pub(super) fn new(source: &'s str, file: FileId) -> Self {
        Self { source, file, diagnostics: Vec::new(), depth: 0, failures: Vec::new(), misplaced: Vec::new() }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Keeps a mistake until all tokens are known to the wording.
    pub(super) fn recovered(&mut self, error: &Recovery) {
        self.failures.push(error.error.clone());
    }
}

/// Reads a script. It never fails: whatever is wrong is in the diagnostics, and the rest is in the tree.
pub fn parse(text: &str, file: FileId) -> Parse {
    let mut cx = Cx::new(text, file);
    if u32::try_from(text.len()).is_err() {
        let diagnostic = Diagnostic::new(Code::E0116, file, Span::at(0), "a script of more than four gigabytes")
            .label("too long to read")
            .help("split it into several files");
        return Parse { diagnostics: vec![diagnostic], ..Parse::default() };
    }
    let Tokens { tokens, trivia } = lexer::lex(text, 0, file, &mut cx.diagnostics);
    let filtered = filter::filter(text, &tokens, Mode::File, 0, file, &mut cx.diagnostics);
    drop(tokens);
    let tree = match run(&mut cx, &filtered) {
        Some(Top::File(tree)) => tree,
        Some(Top::Expr(..)) | None => ast::File::default(),
    };
    cx.diagnostics.append(&mut cx.misplaced);
    diagnostics::sort(&mut cx.diagnostics);
    cascade::leave_out(text, &tree, &mut cx.diagnostics);
    Parse { file: tree, trivia, diagnostics: cx.diagnostics }
}

/// Reads one expression, for tools. There is none when it cannot be read.
pub fn parse_expr(text: &str, file: FileId) -> (Option<ast::Expr>, Vec<Diagnostic>) {
    let mut cx = Cx::new(text, file);
    if u32::try_from(text.len()).is_err() {
        return (None, Vec::new());
    }
    let whole = Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
    let read = part(&mut cx, whole);
    diagnostics::sort(&mut cx.diagnostics);
    (read.map(|(expr, _)| expr), cx.diagnostics)
}

/// Reads an expression, perhaps with `:` and a format, that is a part of the file.
pub(super) fn part(cx: &mut Cx<'_>, span: Span) -> Option<(ast::Expr, Option<Span>)> {
    let lexed = lexer::lex(span.of(cx.source), span.start, cx.file, &mut cx.diagnostics);
    // Texts in texts share the depth that a tree may have.
    let nesting = cx.depth.saturating_mul(filter::MOST_NESTING / 5);
    let filtered = filter::filter(cx.source, &lexed.tokens, Mode::Expr, nesting, cx.file, &mut cx.diagnostics);
    match run(cx, &filtered) {
        Some(Top::Expr(expr, format)) => Some((expr, format)),
        Some(Top::File(_)) | None => None,
    }
}

fn run(cx: &mut Cx<'_>, tokens: &[Spanned]) -> Option<Top> {
    let (top, failures) = read(cx, tokens);
    expected::report(cx, tokens, &failures);
    top
}

/// What the grammar does not like about tokens, in order.
pub(super) fn failures(cx: &mut Cx<'_>, tokens: &[Spanned]) -> Vec<Failure> {
    read(cx, tokens).1
}

fn read(cx: &mut Cx<'_>, tokens: &[Spanned]) -> (Option<Top>, Vec<Failure>) {
    let outer = std::mem::take(&mut cx.failures);
    // These may be a placeholder's tokens, and what was found around it stays.
    let (told, misplaced) = (cx.diagnostics.len(), cx.misplaced.len());
    let read = once(cx, tokens).or_else(|_| {
        // There is a mistake; now read so that all of them are found, and what was reported is reported again.
        cx.diagnostics.truncate(told);
        cx.failures.clear();
        cx.misplaced.truncate(misplaced);
        once(cx, &drive::recover(tokens))
    });
    let mut failures = std::mem::replace(&mut cx.failures, outer);
    let top = read.map_err(|failure| failures.push(failure)).ok();
    (top, failures)
}

/// Goes through tokens once; see [`drive`] for what that means where there is a mistake.
fn once(cx: &mut Cx<'_>, tokens: &[Spanned]) -> Result<Top, Failure> {
    flow::TopParser::new().parse(cx, tokens.iter().map(|&token| Ok::<_, Infallible>(token)))
}

#[cfg(test)]
mod tests {
    use super::{Cx, Top, drive, filter, lexer, once, parse};
    use crate::diagnostics::Code;
    use crate::source::FileId;

    #[test]
    fn a_mistake_in_a_placeholder_takes_no_report_away() {
        let text = "on deal created { break; } on deal created { log \"{a b}\"; } on deal created { continue; }";
        let codes: Vec<Code> = parse(text, FileId(0)).diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(codes, [Code::E0115, Code::E0113, Code::E0115]);
    }

    #[test]
    fn both_drivers_read_the_same() {
        let (mut right, mut wrong) = (0, 0);
        for source in crate::syntax::samples::ALL {
            let tokens = lexer::lex(source, 0, FileId(0), &mut Vec::new()).tokens;
            let tokens = filter::filter(source, &tokens, filter::Mode::File, 0, FileId(0), &mut Vec::new());
            // The script as it is, and without each of its tokens but the first, which says that it is a script.
            for left_out in 1..=tokens.len() {
                let mut tokens = tokens.clone();
                if left_out < tokens.len() {
                    tokens.remove(left_out);
                }
                let (mut quick, mut careful) = (Cx::new(source, FileId(0)), Cx::new(source, FileId(0)));
                let read = once(&mut quick, &tokens);
                let same = once(&mut careful, &drive::recover(&tokens));
                match (read, same) {
                    (Ok(Top::File(one)), Ok(Top::File(other))) if careful.failures.is_empty() => {
                        assert_eq!(one, other, "without {left_out} of {source}");
                        assert_eq!(quick.diagnostics, careful.diagnostics, "without {left_out} of {source}");
                        right += 1;
                    }
                    (read, same) => {
                        assert!(read.is_err(), "without {left_out} of {source}");
                        assert!(same.is_err() || !careful.failures.is_empty(), "without {left_out} of {source}");
                        wrong += 1;
                    }
                }
            }
        }
        assert!(right > 100 && wrong > 100, "{right} right, {wrong} wrong");
    }
}

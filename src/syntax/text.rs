//! Texts: taken apart while parsing, and cooked (escapes, indentation) for those who use them.

use super::ast::{Expr, ExprKind, Text, TextPart};
use super::parser::{self, Cx};
use super::scan;
use super::token::Token;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use logos::Logos;

/// For how many placeholders room is made beforehand.
const MOST_ROOM: usize = 16;
/// How deep texts in values in texts may lie.
const MOST_DEPTH: u32 = 3;

/// Takes a text token apart.
pub(super) fn parse(cx: &mut Cx<'_>, span: Span) -> Text {
    let (block, parts) = parts(cx, span);
    Text { span, block, parts }
}

/// The same, built where it stays.
pub(super) fn boxed(cx: &mut Cx<'_>, span: Span) -> Box<Text> {
    let (block, parts) = parts(cx, span);
    Box::new(Text { span, block, parts })
}

/// Whether a text token is a block, and what it consists of.
fn parts(cx: &mut Cx<'_>, span: Span) -> (bool, Vec<TextPart>) {
    let source = cx.source;
    if let Some(parts) = simple(source, span) {
        return (false, parts);
    }
    let token = span.of(source);
    let block = token.starts_with("\"\"\"");
    let (inner, closed) = inner_span(token, span, block);
    let text = inner.of(source);
    let Some(first) = text.bytes().position(|b| matches!(b, b'{' | b'\\')) else {
        return (block, if text.is_empty() { Vec::new() } else { vec![TextPart::Raw(inner)] });
    };
    let told = cx.diagnostics.len();
    // As much room as the pieces can need, and no more: there are many texts.
    let places = text.bytes().skip(first).filter(|&b| b == b'{').take(MOST_ROOM).count();
    let mut parts = Vec::with_capacity(2 * places + 1);
    pieces(cx, inner, closed, &mut parts);
    if !closed {
        // What is in it is not what the user meant to be in it.
        cx.diagnostics.truncate(told);
    }
    (block, parts)
}

/// The parts of a text of one line in double quotes with nothing but letters in it, which most texts are.
fn simple(source: &str, span: Span) -> Option<Vec<TextPart>> {
    let [b'"', inner @ .., b'"'] = source.as_bytes().get(span.start as usize..span.end as usize)? else { return None };
    if inner.iter().any(|byte| matches!(byte, b'"' | b'{' | b'\\')) {
        return None;
    }
    let inner = Span::new(span.start + 1, span.end - 1);
    Some(if inner.is_empty() { Vec::new() } else { vec![TextPart::Raw(inner)] })
}

/// What is between the quotes, and whether there are closing ones.
fn inner_span(token: &str, span: Span, block: bool) -> (Span, bool) {
    let quote = if block { "\"\"\"" } else { token.get(..1).unwrap_or("") };
    let length = u32::try_from(quote.len()).unwrap_or(0);
    let start = span.start + length.min(span.len());
    let rest = token.get(quote.len()..).unwrap_or("");
    let closed = rest.ends_with(quote) && !escaped_end(rest, quote.len());
    (Span::new(start, if closed { (span.end - length).max(start) } else { span.end }), closed)
}

/// Whether the quote at the end is escaped, so that it does not close.
fn escaped_end(rest: &str, quote: usize) -> bool {
    let before = rest.get(..rest.len().saturating_sub(quote)).unwrap_or("");
    before.bytes().rev().take_while(|&b| b == b'\\').count() % 2 == 1
}

fn pieces(cx: &mut Cx<'_>, inner: Span, closed: bool, parts: &mut Vec<TextPart>) {
    let source = cx.source;
    let bytes = inner.of(source).as_bytes();
    let offset = |at: usize| inner.start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    let raw = |from: usize, to: usize| (from < to).then(|| TextPart::Raw(Span::new(offset(from), offset(to))));
    let (mut at, mut from, mut failures) = (0, 0, 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                let length = scan::escape(bytes, at);
                check_escape(cx, Span::new(offset(at), offset(at + length)), bytes.get(at + 1).copied());
                at += length;
            }
            b'{' => {
                let looked = failures;
                let end = scan::step(bytes, at, &mut failures);
                if failures > looked && closed {
                    unclosed(cx, Span::new(offset(at), offset(at + 1)));
                } else if end > at + 1 {
                    parts.extend(raw(from, at));
                    parts.push(value(cx, Span::new(offset(at), offset(end))));
                    from = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    parts.extend(raw(from, at));
}

fn check_escape(cx: &mut Cx<'_>, span: Span, next: Option<u8>) {
    if matches!(next, Some(b'n' | b't' | b'"' | b'\\' | b'{' | b'}' | b'\'')) {
        return;
    }
    let diagnostic = Diagnostic::new(Code::E0112, cx.file, Span::new(span.start, span.start + 1), "unknown escape")
        .label("`\\` does not stand before this letter")
        .help("after `\\` stands `n`, `t`, `\"`, `\\`, `{` or `}`; a backslash itself is `\\\\`")
        .fix("write `\\\\`", Span::at(span.start), "\\");
    cx.report(diagnostic);
}

fn unclosed(cx: &mut Cx<'_>, span: Span) {
    let diagnostic = Diagnostic::new(Code::E0113, cx.file, span, "this `{` has no `}` in the text")
        .label("opened here")
        .help("close the placeholder, or write `\\{` for the letter itself")
        .fix("write `\\{`", span, "\\{");
    cx.report(diagnostic);
}

/// The placeholder at `span`, braces included.
fn value(cx: &mut Cx<'_>, span: Span) -> TextPart {
    let inner = Span::new(span.start + 1, span.end - 1);
    if let Some(expr) = path(cx.source, inner).filter(|_| cx.depth < MOST_DEPTH) {
        return TextPart::Value { expr, format: None };
    }
    let problem = if cx.depth >= MOST_DEPTH {
        let help = "put the inner text into a `let`";
        Some(
            Diagnostic::new(Code::E0116, cx.file, span, "texts are nested too deeply")
                .label("one text too deep")
                .help(help),
        )
    } else if inner.of(cx.source).trim().is_empty() {
        let diagnostic = Diagnostic::new(Code::E0113, cx.file, span, "this placeholder is empty")
            .label("nothing between the braces");
        Some(diagnostic.help("write a value between the braces, or `\\{` for the letter itself"))
    } else {
        None
    };
    let error = Expr { span: inner, kind: ExprKind::Error };
    if let Some(problem) = problem {
        cx.report(problem);
        return TextPart::Value { expr: error, format: None };
    }
    cx.depth += 1;
    let read = parser::part(cx, inner);
    cx.depth -= 1;
    let (expr, format) = read.unwrap_or((error, None));
    TextPart::Value { expr, format }
}

/// How many steps a path may have to be read without the grammar.
const SHORT: usize = 4;

/// A variable or a short path such as `deal.owner.name`, which most placeholders are: read as the grammar would, but
/// without a parser of its own for each. What is not plain letters is left to that.
fn path(source: &str, inner: Span) -> Option<Expr> {
    let mut tokens = Token::lexer(inner.of(source));
    let variable = match tokens.next()?.ok()? {
        Token::Name => false,
        Token::Var => true,
        _ => return None,
    };
    let at = |at: usize| inner.start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    let span = Span::new(at(tokens.span().start), at(tokens.span().end));
    let root = || Expr { span, kind: if variable { ExprKind::Var } else { ExprKind::Name } };
    let mut rest = tokens.remainder().as_bytes();
    let mut path: Option<Expr> = None;
    for _ in 0..SHORT {
        let [b'.', first, after @ ..] = rest else { break };
        let more = after.iter().take_while(|&&b| b == b'_' || b.is_ascii_alphanumeric()).count();
        if !(*first == b'_' || first.is_ascii_alphabetic()) {
            return None;
        }
        let start = inner.end - u32::try_from(rest.len()).unwrap_or(u32::MAX) + 1;
        rest = after.get(more..)?;
        let name = Span::new(start, inner.end - u32::try_from(rest.len()).unwrap_or(u32::MAX));
        let base = path.map_or_else(|| Box::new(root()), Box::new);
        path = Some(Expr { span: Span::new(span.start, name.end), kind: ExprKind::Field { base, name, safe: false } });
    }
    rest.is_empty().then(|| path.unwrap_or_else(root))
}

/// A piece of a text as it is used.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece<'t> {
    /// Letters, escapes replaced.
    Text(String),
    /// A value, with the word after its colon.
    Value {
        /// The expression.
        expr: &'t Expr,
        /// Its format, where given.
        format: Option<Span>,
    },
}

/// The pieces of a text as they are used: escapes replaced, and the common indentation of a block removed together
/// with its first and last line where those are empty. `source` is the whole file.
pub fn cook<'t>(text: &'t Text, source: &str) -> Vec<Piece<'t>> {
    let indent = if text.block { common_indent(text, source) } else { 0 };
    let mut out: Vec<Piece<'t>> = Vec::with_capacity(text.parts.len());
    let last = text.parts.len().saturating_sub(1);
    for (index, part) in text.parts.iter().enumerate() {
        match part {
            TextPart::Value { expr, format } => out.push(Piece::Value { expr, format: *format }),
            TextPart::Raw(span) => {
                let mut raw = span.of(source);
                if text.block && index == 0 {
                    raw = without_first_line(raw);
                }
                let at_line = text.block && index == 0 && raw.len() < span.of(source).len();
                let cut = match text.block && index == last {
                    true if at_line && raw.trim().is_empty() => "",
                    true => without_last_line(raw),
                    false => raw,
                };
                let cooked = unescape(&dedent(cut, indent, at_line));
                if !cooked.is_empty() {
                    out.push(Piece::Text(cooked));
                }
            }
        }
    }
    out
}

/// The value of a text without placeholders, if it is one.
pub fn plain(text: &Text, source: &str) -> Option<String> {
    match cook(text, source).as_mut_slice() {
        [] => Some(String::new()),
        [Piece::Text(only)] => Some(std::mem::take(only)),
        _ => None,
    }
}

/// The indentation that all lines of a block have which are not empty; what follows the opening quotes on their line
/// does not count.
fn common_indent(text: &Text, source: &str) -> usize {
    let quotes = text.span.of(source);
    let inner = quotes.strip_prefix("\"\"\"").unwrap_or(quotes);
    let inner = inner.strip_suffix("\"\"\"").unwrap_or(inner);
    let mut lines = inner.split('\n').skip(1).filter(|line| !line.trim().is_empty()).map(leading);
    let first = lines.next().unwrap_or(0);
    lines.fold(first, usize::min)
}

fn leading(line: &str) -> usize {
    line.bytes().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

fn without_first_line(raw: &str) -> &str {
    match raw.split_once('\n') {
        Some((first, rest)) if first.trim().is_empty() => rest,
        _ => raw,
    }
}

fn without_last_line(raw: &str) -> &str {
    match raw.rsplit_once('\n') {
        Some((rest, last)) if last.trim().is_empty() => rest.strip_suffix('\r').unwrap_or(rest),
        _ => raw,
    }
}

/// Takes up to `indent` blanks off every line; the first counts as a line only if it is a whole one.
fn dedent(raw: &str, indent: usize, first_is_line: bool) -> String {
    if indent == 0 {
        return raw.replace("\r\n", "\n");
    }
    let mut out = String::with_capacity(raw.len());
    for (index, line) in raw.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let cut = if index > 0 || first_is_line { leading(line).min(indent) } else { 0 };
        let line = line.get(cut..).unwrap_or("");
        out.push_str(line.strip_suffix('\r').unwrap_or(line));
    }
    out
}

fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut letters = raw.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Piece, cook};
    use crate::source::FileId;
    use crate::syntax::{ast::ExprKind, ast::TextPart, parse_expr};

    #[test]
    fn a_short_path_is_read_as_the_grammar_reads_it() {
        let paths = ["a", "$a", "deal.owner.name", " $d . title ", "deal.if.to", "a.b.c.d.e.f", "担当.名", "x.y // z"];
        for path in paths {
            // Two letters before it, so that the places are the same.
            let (by_grammar, _) = parse_expr(&format!("  {path}"), FileId(0));
            let (text, told) = parse_expr(&format!("\"{{{path}}}\""), FileId(0));
            assert_eq!(told, Vec::new(), "{path}");
            let Some(ExprKind::Text(text)) = text.map(|expr| expr.kind) else { panic!("{path}") };
            let [TextPart::Value { expr, format: None }] = text.parts.as_slice() else { panic!("{path}") };
            assert_eq!(Some(expr), by_grammar.as_ref(), "{path}");
        }
    }

    #[test]
    fn texts_are_cooked() {
        let table = [
            (r#""plain""#, "plain", "as it is"),
            (r#""""#, "", "nothing"),
            (r#""a\n\t\"\\\{b\}""#, "a\n\t\"\\{b}", "escapes"),
            (r#""{a} and {b}""#, "<a> and <b>", "values"),
            (r#""x{a:long}y""#, "x<a:long>y", "a format"),
            (r#""{f("in {c}")}!""#, "<f(\"in {c}\")>!", "a text in a value"),
            ("\"\"\"\n    one\n      two\n\n    three\n    \"\"\"", "one\n  two\n\nthree", "indentation"),
            ("\"\"\"\n\"\"\"", "", "an empty block"),
            ("\"\"\"one\n    two\n    \"\"\"", "one\ntwo", "text after the quotes"),
            ("\"\"\"\n  {a}\n  b {c}\n  \"\"\"", "<a>\nb <c>", "lines that begin or end with a value"),
            ("\"\"\"\r\n  a\r\n  b\r\n  \"\"\"", "a\nb", "other line ends"),
            ("\"\"\"\n  say \"x\" \n  \"\"\"", "say \"x\" ", "quotes in a block"),
        ];
        for (source, expected, why) in table {
            let (expr, told) = parse_expr(source, FileId(0));
            assert_eq!(told, Vec::new(), "{why}");
            let Some(ExprKind::Text(text)) = expr.map(|expr| expr.kind) else { panic!("{why}") };
            let shown: String = cook(&text, source)
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::Value { expr, format: None } => format!("<{}>", expr.span.of(source)),
                    Piece::Value { expr, format: Some(format) } => {
                        format!("<{}:{}>", expr.span.of(source), format.of(source))
                    }
                })
                .collect();
            assert_eq!(shown, expected, "{why}");
        }
    }
}

//! From what the grammar expected to what the user should write.
//!
//! The grammar tells a token that it did not like and all it would have liked. The list is folded into categories, and
//! frequent slips get words of their own. A mistake that the lexer or the filter has told is not told again.

use super::filter::Spanned;
use super::parser::{Cx, Failure};
use super::token::{Token, VERBS};
use crate::diagnostics::{Code, Diagnostic, did_you_mean};
use crate::source::Span;
use lalrpop_util::ParseError;

/// Words for all failures of one run of the grammar.
pub(super) fn report(cx: &mut Cx<'_>, tokens: &[Spanned], failures: &[Failure]) {
    if failures.is_empty() {
        return;
    }
    let mut told: Vec<Span> = cx.diagnostics.iter().map(Diagnostic::span).collect();
    told.sort_unstable();
    for failure in failures {
        let Some(found) = Found::new(tokens, failure) else { continue };
        let from = told.partition_point(|span| span.start < found.statement);
        let known = told.get(from).is_some_and(|span| span.start <= found.end);
        if found.kind == Token::Error || known {
            continue;
        }
        let diagnostic = found.diagnostic(cx, tokens);
        cx.report(diagnostic);
    }
}

/// How far the end of a statement is looked for, in tokens.
const MOST_STATEMENT: usize = 100;

/// A failure with its neighbourhood.
pub(super) struct Found<'a> {
    pub(super) kind: Token,
    pub(super) span: Span,
    expected: &'a [String],
    /// The token before.
    pub(super) prev: Spanned,
    /// The token after.
    pub(super) next: Option<Spanned>,
    /// The first token of the statement.
    pub(super) first: Token,
    /// Where the statement begins.
    pub(super) statement: u32,
    /// Where it ends.
    end: u32,
    at_end: bool,
}

impl<'a> Found<'a> {
    fn new(tokens: &[Spanned], failure: &'a Failure) -> Option<Self> {
        let (token, expected) = match failure {
            ParseError::UnrecognizedToken { token, expected } => (Some(*token), expected.as_slice()),
            ParseError::UnrecognizedEof { expected, .. } => (None, expected.as_slice()),
            ParseError::ExtraToken { token } => (Some(*token), &[] as &[String]),
            ParseError::InvalidToken { .. } => return None,
            ParseError::User { error } => match *error {},
        };
        let index = match token {
            Some(token) => {
                let mut index = tokens.partition_point(|&(start, _, _)| start < token.0);
                while tokens.get(index).is_some_and(|other| other.0 == token.0 && *other != token) {
                    index += 1;
                }
                index
            }
            None => tokens.len(),
        };
        let prev = index.checked_sub(1).and_then(|at| tokens.get(at).copied()).unwrap_or((0, Token::StartFile, 0));
        let boundary = |kind: Token| {
            matches!(kind, Token::Semi | Token::BlockOpen | Token::BlockClose | Token::StartFile | Token::StartExpr)
        };
        let before = tokens.get(..index).unwrap_or(&[]);
        let begin = before.iter().rposition(|&(_, kind, _)| boundary(kind)).map_or(0, |at| at + 1);
        let statement = tokens.get(begin).map_or(prev.2, |t| t.0);
        let span = token.map_or(Span::at(prev.2), |(l, _, r)| Span::new(l, r));
        let rest = tokens.get(index..).unwrap_or(&[]);
        let end = rest.iter().take(MOST_STATEMENT).take_while(|t| !boundary(t.1)).last().map_or(span.end, |t| t.2);
        Some(Self {
            kind: token.map_or(Token::StartFile, |(_, kind, _)| kind),
            span,
            expected,
            prev,
            next: tokens.get(index + 1).copied(),
            first: tokens.get(begin).map_or(Token::StartFile, |t| t.1),
            statement,
            end,
            at_end: token.is_none(),
        })
    }

    pub(super) fn expects(&self, name: &str) -> bool {
        self.expected.iter().any(|e| e.trim_matches('"') == name)
    }

    fn diagnostic(&self, cx: &Cx<'_>, tokens: &[Spanned]) -> Diagnostic {
        let diagnostic = self
            .of_another_language(cx, tokens)
            .or_else(|| self.slip(cx, tokens))
            .or_else(|| self.unfinished_wait(cx))
            .or_else(|| self.missing_semicolon(cx))
            .or_else(|| self.reserved(cx))
            .unwrap_or_else(|| self.general(cx));
        if cx.depth > 0 && matches!(diagnostic.code, Code::E0103 | Code::E0104 | Code::E0105) {
            return Diagnostic {
                code: Code::E0113,
                message: format!("in a placeholder: {}", diagnostic.message),
                ..diagnostic
            };
        }
        diagnostic
    }

    /// Mistakes with words of their own.
    fn slip(&self, cx: &Cx<'_>, tokens: &[Spanned]) -> Option<Diagnostic> {
        let text = self.span.of(cx.source);
        let new = |code, message: String| Diagnostic::new(code, cx.file, self.span, message);
        let statement = self.expects("let") && self.expects("verb");
        match self.kind {
            Token::Name if statement && self.follows(Token::LParen) => Some(
                new(Code::E0105, format!("`{text}(…)` alone is no statement"))
                    .label("a function is called with `do`")
                    .help(format!("write `do {text}(…);`, or `let $x = {text}(…);`"))
                    .fix("add `do`", Span::at(self.span.start), "do "),
            ),
            Token::Name | Token::Var if statement && self.follows(Token::Assign) => Some(
                new(Code::E0105, "a change begins with `set`, a new variable with `let`".to_owned())
                    .label("no verb before it")
                    .help(format!("write `set {text} = …;` or `let {text} = …;`"))
                    .fix("add `set`", Span::at(self.span.start), "set "),
            ),
            Token::Name | Token::Var if statement && self.follows(Token::Dot) => Some(
                new(Code::E0105, "a statement begins with a verb".to_owned())
                    .label("no verb before it")
                    .help(format!("to change a field, write `set {text}.… = …;`"))
                    .fix("add `set`", Span::at(self.span.start), "set "),
            ),
            Token::Name if statement && self.follows(Token::Colon) => Some(
                new(Code::E0105, "a block holds statements, not names with values".to_owned())
                    .label("no verb before it")
                    .help(format!("an action takes them after `with`, as in `create task with {text}: …;`")),
            ),
            Token::Name if statement => {
                let meant = did_you_mean(text, VERBS.iter().copied().chain(STATEMENTS.iter().copied()));
                let help = meant.map(|verb| format!("did you mean `{verb}`?"));
                let diagnostic = new(Code::E0105, format!("`{text}` begins no statement"))
                    .label("not a verb")
                    .help("a statement begins with a verb such as `notify`, `set` or `wait`")
                    .maybe_help(help);
                Some(match meant {
                    Some(verb) => diagnostic.fix(format!("write `{verb}`"), self.span, verb),
                    None => diagnostic,
                })
            }
            Token::LParen if self.prev.1 == Token::Name && self.before_is_field(tokens) => {
                let name = Span::new(self.prev.0, self.prev.2).of(cx.source);
                Some(
                    new(Code::E0105, "there are no methods".to_owned())
                        .label("a field cannot be called")
                        .help(format!("write `{name}(…)` with the value as its first argument")),
                )
            }
            Token::Comma | Token::RParen
                if self.prev.1 == Token::Var && self.expected.len() == 1 && self.expects(":") =>
            {
                let name = Span::new(self.prev.0, self.prev.2).of(cx.source);
                let message = format!("the parameter `{name}` has no type");
                Some(
                    new(Code::E0105, message)
                        .label("`:` and a type expected here")
                        .help(format!("write the type after it, such as `{name}: deal`")),
                )
            }
            Token::Else if statement => Some(
                new(Code::E0115, "this `else` has no `if`".to_owned())
                    .label("no `if` before it")
                    .help("`else` follows the `}` or `>` of an `if`"),
            ),
            Token::BlockOpen if self.first == Token::Let || self.prev.1 == Token::Assign => Some(
                new(Code::E0105, "a block cannot be a value".to_owned())
                    .label("a block opens here")
                    .help("a record is written `{ name: value }`"),
            ),
            _ => None,
        }
    }

    pub(super) fn follows(&self, kind: Token) -> bool {
        self.next.is_some_and(|(_, next, _)| next == kind)
    }

    fn before_is_field(&self, tokens: &[Spanned]) -> bool {
        let index = tokens.partition_point(|&(start, _, _)| start < self.prev.0);
        let before = index.checked_sub(1).and_then(|at| tokens.get(at));
        before.is_some_and(|&(_, kind, _)| matches!(kind, Token::Dot | Token::SafeDot))
    }

    /// `wait approval …`: what follows is neither a period nor a condition.
    fn unfinished_wait(&self, cx: &Cx<'_>) -> Option<Diagnostic> {
        let word = self.first == Token::Wait && self.kind != Token::BlockClose && !self.at_end;
        let bare = word && self.prev.1 == Token::Name && (self.kind == Token::Name || self.expects(";"));
        let after_wait = bare && Span::new(self.statement, self.prev.0).of(cx.source).trim() == "wait";
        after_wait.then(|| {
            let what = Span::new(self.prev.0, self.prev.2);
            Diagnostic::new(Code::E0114, cx.file, what, "`wait` alone takes a period, such as `3d`")
                .label("something that happens, not a period")
                .help("write `wait for` and an event, or `wait until` and a condition")
                .fix("add `for`", Span::at(what.start), "for ")
        })
    }

    /// The statement could have ended before.
    fn missing_semicolon(&self, cx: &Cx<'_>) -> Option<Diagnostic> {
        let item = self.kind.starts_item() && Span::new(self.prev.2, self.span.start).of(cx.source).contains('\n');
        let ends = self.kind.starts_statement() || item || self.kind == Token::BlockClose || self.at_end;
        (self.expects(";") && ends && self.prev.1 != Token::Verb).then(|| {
            let at = Span::at(self.prev.2);
            Diagnostic::new(Code::E0103, cx.file, at, "a `;` is missing")
                .label("`;` expected here")
                .help("end the statement with `;`")
                .fix("add the `;`", at, ";")
        })
    }

    /// A reserved word where a name could stand.
    fn reserved(&self, cx: &Cx<'_>) -> Option<Diagnostic> {
        let wanted = self.expects("name") || self.expects("variable");
        let text = self.span.of(cx.source);
        (wanted && self.kind.is_reserved() && !text.is_empty() && !is_operator(self.kind)).then(|| {
            Diagnostic::new(Code::E0109, cx.file, self.span, format!("`{text}` is a word of the language, not a name"))
                .label("reserved word")
                .help(format!("it is a name after a dot, as in `deal.{text}`, and before a colon, as in `{text}: 1`"))
        })
    }

    fn general(&self, cx: &Cx<'_>) -> Diagnostic {
        let what = self.categories();
        let found = if self.at_end || self.span.is_empty() {
            if self.span.is_empty() && !self.at_end { "the end of this".to_owned() } else { "the end".to_owned() }
        } else {
            match self.kind {
                Token::Text => "a text".to_owned(),
                _ => format!("`{}`", self.span.of(cx.source)),
            }
        };
        let message = match what.as_slice() {
            [] => format!("{found} does not fit here"),
            [.., _] if what.len() > 3 => format!("{found} does not fit here"),
            words => format!("expected {}, found {found}", join(words)),
        };
        let help = if self.expects("{") && !self.expects("let") {
            "a block begins with `{` or `<` and a statement"
        } else if self.expects(";") && !self.kind.is_reserved() {
            "a statement ends with `;`"
        } else if self.expects("integer") {
            "a value is a field, a variable, a number, a text, a list …"
        } else if self.expects("let") {
            "a statement begins with a verb such as `notify`, `set` or `wait`"
        } else {
            "`dealflow explain E0105` shows what may stand where"
        };
        Diagnostic::new(Code::E0105, cx.file, self.span, message).label("not expected here").help(help)
    }

    /// The expected tokens as a few words, in the order in which they are said.
    fn categories(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut add = |word: &str| words.push(word.to_owned());
        if self.expects("let") && self.expects("verb") {
            if self.expects("rule") {
                add("an item such as `on`");
            } else {
                add("a statement");
            }
        } else {
            let value = self.expects("integer");
            if value {
                add("a value");
            } else if self.expects("name") {
                add("a name");
            } else if self.expects("variable") {
                add("a variable");
            } else if self.expects("text") {
                add("a text");
            } else if self.expects("verb") {
                add("an action");
            }
            for close in [";", ")", "]", ",", "{"] {
                if self.expects(close) {
                    add(&format!("`{close}`"));
                }
            }
            // The grammar takes `=`, `==` and `:` for one another to refuse them with better words.
            if !self.expects("+") {
                if self.expects("=") && (self.expects("==") || !self.expects(":")) {
                    add("`=`");
                } else if self.expects(":") {
                    add("`:`");
                }
            }
            let closed = [";", ")", "]", ",", "{"].iter().any(|c| self.expects(c));
            if self.expects("+") && !closed {
                add("an operator");
            }
            let known = ["in", "per", "with", "empty", "times", "until", "(", "->", "on", "every", "and"];
            if words.is_empty() {
                words.extend(known.iter().filter(|word| self.expects(word)).map(|word| format!("`{word}`")));
            }
        }
        if self.expects("record }") && !self.expects("integer") {
            words.push("`}`".to_owned());
        }
        words
    }
}

/// Words that begin statements, beside the verbs.
const STATEMENTS: &[&str] = &[
    "let", "set", "if", "match", "case", "for", "while", "break", "continue", "parallel", "branch", "race", "try",
    "undo", "do", "start", "return", "stop", "wait", "assert", "given", "advance", "expect",
];

fn is_operator(kind: Token) -> bool {
    (Token::Or..=Token::Default).contains(&kind) || (Token::To..=Token::Of).contains(&kind)
}

fn join(words: &[String]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

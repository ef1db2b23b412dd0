//! Which parts of a text are what, by the lexer's tokens.

use crate::source::{FileId, Span};
use crate::syntax::lexer;
use crate::syntax::token::Token;

/// What a part of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A word of the language.
    Keyword,
    /// A word that begins an action.
    Verb,
    /// A variable.
    Variable,
    /// A text.
    Text,
    /// A number, a date, a period.
    Number,
    /// A comment.
    Comment,
    /// Something that cannot be read.
    Wrong,
}

/// The parts that are something special, in order. Names and marks are left out.
pub fn highlight(text: &str) -> Vec<(Span, Class)> {
    let lexed = lexer::lex(text, 0, FileId::default(), &mut Vec::new());
    let mut parts = Vec::new();
    for (at, token) in lexed.tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| lexed.tokens.get(at)).map(|t| t.kind);
        let after = lexed.tokens.get(at + 1).map(|t| t.kind);
        // Around a dot and before a colon every word is a name.
        let name = matches!(before, Some(Token::Dot | Token::SafeDot))
            || matches!(after, Some(Token::Dot | Token::SafeDot | Token::Colon));
        let class = match token.kind {
            kind if kind.is_word() && name => None,
            Token::Verb => Some(Class::Verb),
            kind if kind.is_reserved() => Some(Class::Keyword),
            Token::Var => Some(Class::Variable),
            Token::Text => Some(Class::Text),
            Token::BadLiteral | Token::Error => Some(Class::Wrong),
            kind if kind.is_literal() => Some(Class::Number),
            _ => None,
        };
        parts.extend(class.map(|class| (token.span, class)));
    }
    parts.extend(lexed.trivia.comments.iter().map(|comment| (comment.span, Class::Comment)));
    parts.sort_by_key(|(span, _)| span.start);
    parts
}

#[cfg(test)]
mod tests {
    use super::{Class, highlight};

    #[test]
    fn words_are_names_around_dots_and_before_colons() {
        let text = "notify deal.create \"x\" with stop: 5; // note";
        let parts: Vec<_> = highlight(text).into_iter().map(|(span, class)| (span.of(text), class)).collect();
        let expected = [
            ("notify", Class::Verb),
            ("\"x\"", Class::Text),
            ("with", Class::Keyword),
            ("5", Class::Number),
            ("// note", Class::Comment),
        ];
        assert_eq!(parts, expected);
    }
}

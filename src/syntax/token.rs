//! The tokens of a script.
//!
//! A token is only its kind; its text is its span. One enum serves the lexer, the token filter and the grammar: the
//! kinds at the end have no spelling of their own, the filter makes them (see [`super::filter`]).

use super::scan;
use logos::Logos;

/// Writes the enum, and the tables of words from the same list.
macro_rules! tokens {
    (
        verbs { $($verb:tt)* }
        words { $($word:ident $word_text:tt)* }
        marks { $($mark:ident $mark_text:tt)* }
    ) => {
        /// The words that begin an action; a test compares them with the catalogue.
        pub const VERBS: &[&str] = &[$($verb,)*];

        /// The other reserved words with their kinds.
        pub const WORDS: &[(&str, Token)] = &[$(($word_text, Token::$word),)*];

        /// The kind of a token. It is as wide as an offset, so that what holds both is copied in whole words.
        #[derive(Logos, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u32)]
        #[logos(skip r"[ \t\r\f\u{feff}\u{a0}]+")]
        #[logos(extras = scan::Notes)]
        pub enum Token {
            /// A word that begins an action.
            $(#[token($verb)])*
            Verb,
            $(#[doc = concat!("`", $word_text, "`")] #[token($word_text)] $word,)*
            $(#[doc = concat!("`", $mark_text, "`")] #[token($mark_text)] $mark,)*
            /// Any other word.
            #[regex(r"[\p{XID_Start}_]\p{XID_Continue}*")]
            Name,
            /// `$name`
            #[regex(r"\$[\p{XID_Start}_]\p{XID_Continue}*")]
            Var,
            /// `"text {value}"`, or a `"""` block.
            #[token("\"", scan::text)]
            #[token("\"\"\"", scan::block)]
            #[token("'", scan::single)]
            Text,
            /// `10_000`
            #[regex(r"[0-9]+(_[0-9]+)*")]
            Int,
            /// `12.5`
            #[regex(r"[0-9]+(_[0-9]+)*\.[0-9]+")]
            Decimal,
            /// `15%`
            #[regex(r"[0-9]+(_[0-9]+)*(\.[0-9]+)?%")]
            Percent,
            /// `2h30min`
            #[regex(r"([0-9]+(min|mo|wd|wh|y|w|d|h))+", priority = 30)]
            Duration,
            /// `2026-12-24`
            #[regex(r"[0-9][0-9][0-9][0-9]-[0-9][0-9]?-[0-9][0-9]?")]
            Date,
            /// `2026-12-24T09:00`
            #[regex(r"[0-9][0-9][0-9][0-9]-[0-9][0-9]?-[0-9][0-9]?T[0-9:]*")]
            DateTime,
            /// `09:00`
            #[regex(r"[0-9][0-9]?:[0-9][0-9](:[0-9][0-9])?")]
            Time,
            /// A literal that means nothing; the lexer has told why.
            #[regex(r"[0-9]+(_[0-9]+)*(\.[0-9]+)?[\p{XID_Start}_]\p{XID_Continue}*", priority = 1)]
            BadLiteral,
            /// The end of a line; never leaves the lexer.
            #[token("\n")]
            Newline,
            /// `// …`; never leaves the lexer.
            #[regex(r"//[^\n]*", allow_greedy = true)]
            LineComment,
            /// `/* … */`; never leaves the lexer.
            #[token("/*", scan::comment)]
            BlockComment,
            /// Characters that mean nothing; the lexer has told so.
            Error,

            // From here on: made by the token filter.
            /// The `{` or `<` that opens a block.
            BlockOpen,
            /// The `}` or `>` that closes a block.
            BlockClose,
            /// The `{` that opens a record.
            RecordOpen,
            /// The `}` that closes a record.
            RecordClose,
            /// `user` before a text, and the other nouns.
            Noun,
            /// `10000 PLN`
            Money,
            /// `once` in the head of a rule.
            Once,
            /// `per` after `once`.
            Per,
            /// `each time` in the head of a rule.
            EachTime,
            /// `one at a time` in the head of a rule.
            OneAtATime,
            /// `restart` in the head of a rule.
            Restart,
            /// `order by` in a `find`.
            OrderBy,
            /// `desc` in a `find`.
            Desc,
            /// `limit` in a `find`.
            Limit,
            /// `times` after `retry`.
            Times,
            /// `pausing` after `retry`.
            Pausing,
            /// Says that a whole file follows.
            StartFile,
            /// Says that one expression follows.
            StartExpr,
            /// Says that mistakes are to be stepped over; see `drive`.
            Recover,
        }
    };
}

tokens! {
    verbs {
        "notify" "message" "post" "comment" "create" "assign" "move" "log" "convert" "get" "schedule" "record" "send"
        "add" "remove" "exclude" "book" "cancel" "invoke" "request"
    }
    words {
        // items
        Rule "rule" On "on" Every "every" Flow "flow" Fn "fn" Const "const" Use "use" Test "test"
        // statements
        Let "let" Set "set" If "if" Else "else" Match "match" Case "case" For "for" While "while" Break "break"
        Continue "continue" Parallel "parallel" Branch "branch" Race "race" Try "try" Retry "retry" Undo "undo" Do "do"
        Start "start" Return "return" Stop "stop" Wait "wait" Until "until" Find "find" Where "where"
        Migrate "migrate" Assert "assert" Given "given" When "when" Advance "advance" Expect "expect"
        // operators and values
        Or "or" And "and" Not "not" In "in" Contains "contains" Starts "starts" Ends "ends" With "with"
        Between "between" Is "is" Empty "empty" Default "default" True "true" False "false" Null "null"
        // prepositions, beside `in` and `for`
        To "to" From "from" Via "via" By "by" At "at" As "as" About "about" Of "of"
    }
    marks {
        LParen "(" RParen ")" LBracket "[" RBracket "]" LBrace "{" RBrace "}"
        Lt "<" Gt ">" Le "<=" Ge ">=" EqEq "==" Ne "!=" Assign "="
        Plus "+" Minus "-" Star "*" Slash "/"
        AndAnd "&&" OrOr "||" Bang "!"
        Comma "," Semi ";" Colon ":" Dot "." SafeDot "?." Question "?" Arrow "->"
    }
}

/// The words that make one value together with a text after them: `user "anna"`.
pub const NOUNS: &[&str] = &[
    "user",
    "department",
    "role",
    "chat",
    "template",
    "stage",
    "pipeline",
    "resource",
    "audience",
    "provider",
    "sender",
];

/// What the token filter has to know of a token when it comes within a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InFilter {
    /// It goes to the grammar as it is.
    Plain,
    /// The same, and it deepens the tree.
    Operator,
    /// The same, and what is before it no longer counts for the depth.
    Comma,
    /// It is a name, except before a text or where names are key words.
    Name,
    /// It is a number, except before a name.
    Number,
    /// It is a word of expressions, except where words are names.
    Word,
    /// It needs a closer look.
    Other,
}

impl Token {
    /// Whether it is a word, reserved or not.
    pub fn is_word(self) -> bool {
        self == Self::Name || self.is_reserved()
    }

    /// Whether it is a word that the language keeps for itself.
    pub fn is_reserved(self) -> bool {
        self == Self::Verb || (Self::Rule..=Self::Of).contains(&self)
    }

    /// Whether an item begins with it.
    pub fn starts_item(self) -> bool {
        (Self::Rule..=Self::Test).contains(&self)
    }

    /// Whether a statement begins with it, and nothing inside an expression does.
    pub fn starts_statement(self) -> bool {
        self == Self::Verb
            || (Self::Let..=Self::Expect).contains(&self)
                && !matches!(self, Self::Else | Self::Retry | Self::Until | Self::Find | Self::Where)
    }

    /// Whether a statement may begin after it: `;` and the marks of blocks.
    pub fn ends_statement(self) -> bool {
        matches!(self, Self::Semi | Self::BlockOpen | Self::BlockClose)
    }

    /// Whether it is a literal.
    pub fn is_literal(self) -> bool {
        (Self::Text..=Self::BadLiteral).contains(&self)
            || matches!(self, Self::Money | Self::True | Self::False | Self::Null)
    }

    /// Whether an expression may begin with it.
    pub fn starts_operand(self) -> bool {
        self.is_literal()
            || matches!(
                self,
                Self::Name
                    | Self::Var
                    | Self::Noun
                    | Self::LParen
                    | Self::LBracket
                    | Self::RecordOpen
                    | Self::Minus
                    | Self::Not
                    | Self::Bang
            )
    }

    /// Whether an expression, or a statement without its `;`, may end with it.
    pub fn ends_operand(self) -> bool {
        self.is_literal()
            || matches!(
                self,
                Self::Name
                    | Self::Var
                    | Self::Empty
                    | Self::RParen
                    | Self::RBracket
                    | Self::RecordClose
                    | Self::Desc
                    | Self::Stop
                    | Self::Break
                    | Self::Continue
                    | Self::Return
            )
    }

    /// How the token filter treats it, in short.
    pub(super) fn in_filter(self) -> InFilter {
        match self {
            Self::Name => InFilter::Name,
            Self::Int | Self::Decimal => InFilter::Number,
            Self::Comma => InFilter::Comma,
            Self::Or | Self::And | Self::Contains | Self::With | Self::Is | Self::Empty | Self::Default => {
                InFilter::Word
            }
            Self::True | Self::False | Self::Null => InFilter::Word,
            Self::Var
            | Self::Text
            | Self::Percent
            | Self::Duration
            | Self::Date
            | Self::DateTime
            | Self::Time
            | Self::BadLiteral
            | Self::Colon
            | Self::Question
            | Self::Arrow => InFilter::Plain,
            _ if self.is_operator_mark() => InFilter::Operator,
            _ => InFilter::Other,
        }
    }

    /// Whether it is an operator that is a mark and has no other role, as `<` and `>` have.
    fn is_operator_mark(self) -> bool {
        (Self::Le..=Self::Slash).contains(&self) || matches!(self, Self::Dot | Self::SafeDot)
    }

    /// Whether it makes the tree of an expression one level deeper.
    pub fn deepens(self) -> bool {
        matches!(
            self,
            Self::Or
                | Self::And
                | Self::Not
                | Self::Bang
                | Self::AndAnd
                | Self::OrOr
                | Self::In
                | Self::Contains
                | Self::Starts
                | Self::Ends
                | Self::Between
                | Self::Is
                | Self::Default
                | Self::Lt
                | Self::Gt
                | Self::Else
        ) || self.is_operator_mark()
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, VERBS, WORDS};
    use logos::Logos;

    #[test]
    fn every_word_of_the_tables_is_its_token() {
        for verb in VERBS {
            assert_eq!(Token::lexer(verb).next(), Some(Ok(Token::Verb)), "{verb}");
        }
        for (word, token) in WORDS {
            assert_eq!(Token::lexer(word).next(), Some(Ok(*token)), "{word}");
            assert!(token.is_reserved(), "{word}");
        }
    }

    #[test]
    fn literals_are_told_apart() {
        let table = [
            ("10_000", Token::Int),
            ("12.5", Token::Decimal),
            ("15%", Token::Percent),
            ("2h30min", Token::Duration),
            ("6mo", Token::Duration),
            ("3m", Token::BadLiteral),
            ("3days", Token::BadLiteral),
            ("2026-12-24", Token::Date),
            ("2026-12-24T09:00", Token::DateTime),
            ("09:00", Token::Time),
            ("担当者", Token::Name),
            ("$legal", Token::Var),
            ("movement", Token::Name),
        ];
        for (text, token) in table {
            let mut lexer = Token::lexer(text);
            assert_eq!(lexer.next(), Some(Ok(token)), "{text}");
            assert_eq!(lexer.next(), None, "{text}");
        }
    }
}

//! The registry of diagnostic codes.
//!
//! To add one: a line in the table below, a page `explain/CODE.md`, and a golden file `tests/data/errors/CODE_….flow`
//! (tests fail until both exist). A code that was released never changes its meaning and is never used again.

use std::fmt;
use std::str::FromStr;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The script, schema or event cannot be used.
    Error,
    /// A lint: it can be used, but is probably not meant.
    Warning,
}

macro_rules! codes {
    ($($code:ident $severity:ident $title:literal;)*) => {
        /// A stable diagnostic code: `E….` are errors, `W….` are lints.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $title] $code,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// The code as printed, such as `E0103`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => stringify!($code),)* }
            }

            /// One line that says what the code is about.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$code => $title,)* }
            }

            /// Whether it is an error or a lint.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$code => Severity::$severity,)* }
            }

            /// The explain page, in Markdown: what it means, a wrong and a right example.
            pub const fn page(self) -> &'static str {
                match self { $(Self::$code => include_str!(concat!("explain/", stringify!($code), ".md")),)* }
            }
        }
    };
}

codes! {
    // E01: the text itself
    E0101 Error "character that does not belong here";
    E0102 Error "text without its closing quote";
    E0103 Error "missing `;`";
    E0104 Error "block or bracket that is not closed";
    E0105 Error "something else was expected here";
    E0106 Error "close without an open";
    E0107 Error "operator of another language";
    E0108 Error "single quotes";
    E0109 Error "reserved word used as a name";
    E0110 Error "duration without a clear unit";
    E0111 Error "`<` or `>` that cannot be told apart";
    E0112 Error "literal with an impossible value";
    E0113 Error "placeholder in a text that cannot be read";
    E0114 Error "`wait` without `until` or `for`";
    E0115 Error "statement in the wrong place";
    E0116 Error "nested too deeply";
    E0117 Error "`=` and `:` mixed up";
    // E02: names
    E0201 Error "unknown name";
    E0202 Error "unknown field";
    E0203 Error "unknown stage or status";
    E0204 Error "unknown pipeline";
    E0205 Error "unknown person, department, role, chat or other thing of crm.toml";
    E0206 Error "unknown variable";
    E0207 Error "unknown function";
    E0208 Error "unknown value of a list field";
    E0209 Error "name defined twice";
    E0210 Error "unknown type";
    E0211 Error "file that is not there";
    E0212 Error "files that use one another in a circle";
    // E03: types
    E0301 Error "wrong type";
    E0302 Error "values that cannot be compared";
    E0303 Error "operator that does not work on these values";
    E0304 Error "mixed currencies";
    E0305 Error "wrong number of arguments";
    E0306 Error "value that cannot be changed";
    E0307 Error "condition that is not yes or no";
    E0308 Error "value that may be missing";
    E0309 Error "currencies without a rate";
    // E04: triggers, clauses, actions
    E0401 Error "unknown trigger";
    E0402 Error "clause that does not fit";
    E0403 Error "unknown action or wrong words in it";
    E0404 Error "action without something it needs";
    E0405 Error "parameter that the action does not have";
    E0406 Error "too few people";
    E0407 Error "booking without its field";
    E0408 Error "conversion that is not allowed here";
    E0409 Error "attachments of two kinds";
    // E05: flow
    E0501 Error "statement that is never reached";
    E0502 Error "outcomes or values not all handled";
    E0503 Error "case that cannot happen";
    E0504 Error "wait that cannot be understood";
    E0505 Error "function that waits or acts inside an expression";
    E0506 Error "function that may end without its value";
    E0507 Error "statement that cannot stand in this block";
    E0508 Error "`try` that does nothing";
    E0509 Error "`migrate` that cannot be done";
    // E06: rules together
    E0601 Error "rules that set one another off without end";
    // E07: the workspace
    E0701 Error "crm.toml cannot be read";
    E0702 Error "unknown key or reference in crm.toml";
    E0703 Error "value in crm.toml that does not fit";
    E0704 Error "event that cannot be used";
    E0705 Error "import map or row that does not fit";
    E0706 Error "name used twice in crm.toml";
    E0707 Error "dealflow.toml that cannot be used";
    // E08: tests
    E0801 Error "expectation that cannot be understood";
    E0802 Error "expectation that was not met";
    E0803 Error "test that could not go on";
    // W01: lints; their names are in `lints.rs`
    W0101 Warning "variable that nothing reads";
    W0102 Warning "wait without a limit";
    W0103 Warning "wait that is over as soon as it begins";
    W0104 Warning "wait for something that can never be";
    W0105 Warning "condition that is always true or always false";
    W0106 Warning "value from before a wait, used after it";
    W0107 Warning "personal data that many people read";
    W0108 Warning "branches that write the same field";
    W0109 Warning "comment for the checker that is wrong or of no use";
    W0110 Warning "booking that nothing releases";
    W0111 Warning "SMS without a cap";
    W0112 Warning "trigger that can never happen";
    W0113 Warning "wait that time alone does not end";
}

impl Code {
    /// Whether its first fix is what was meant for certain, so that `check --fix` may apply it: slips of spelling in the
    /// text itself (`E01…`) are; a name that is only near to another is not.
    pub fn fix_is_certain(self) -> bool {
        self.name().starts_with("E01")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Code {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.to_ascii_uppercase();
        Self::ALL.iter().copied().find(|code| code.name() == wanted).ok_or_else(|| format!("there is no code `{text}`"))
    }
}

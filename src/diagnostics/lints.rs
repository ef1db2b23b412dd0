//! The names of lints: what comments (`// flow: allow(frozen-value) …`) and `check --deny` call them.

use super::Code;

/// Every lint and its name, in the order of the codes. A name never changes its meaning.
const LINTS: &[(Code, &str)] = &[
    (Code::W0101, "unused-variable"),
    (Code::W0102, "endless-wait"),
    (Code::W0103, "pointless-wait"),
    (Code::W0104, "impossible-wait"),
    (Code::W0105, "constant-condition"),
    (Code::W0106, "frozen-value"),
    (Code::W0107, "personal-data"),
    (Code::W0108, "conflicting-writes"),
    (Code::W0109, "allow-comment"),
    (Code::W0110, "unreleased-booking"),
    (Code::W0111, "uncapped-sms"),
    (Code::W0112, "impossible-trigger"),
    (Code::W0113, "clock-wait"),
];

impl Code {
    /// Every lint with its name.
    pub fn lints() -> impl Iterator<Item = (Self, &'static str)> {
        LINTS.iter().copied()
    }

    /// The name of a lint; `None` for errors.
    pub fn lint_name(self) -> Option<&'static str> {
        Self::lints().find(|(code, _)| *code == self).map(|(_, name)| name)
    }

    /// The lint of this name.
    pub fn of_lint(name: &str) -> Option<Self> {
        Self::lints().find(|(_, other)| *other == name).map(|(code, _)| code)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Code, Severity};

    #[test]
    fn every_warning_has_a_name_and_no_error_has_one() {
        for code in Code::ALL {
            assert_eq!(code.lint_name().is_some(), code.severity() == Severity::Warning, "{code}");
            assert_eq!(code.lint_name().and_then(Code::of_lint), code.lint_name().map(|_| *code));
        }
    }
}

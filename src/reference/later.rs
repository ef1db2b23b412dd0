//! What the language has and this version does not run: the checker is asked about each construct of `later.flow`.

use super::compile;
use crate::diagnostics::{Code, Severity};

/// One construct that is understood and not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// What it is, in the checker's words.
    pub what: String,
    /// The statement or item of the list.
    pub example: String,
}

/// The constructs of the language, whether they run or not: one a line.
const CONSTRUCTS: &str = include_str!("later.flow");

/// Those that this version does not run.
///
/// # Errors
/// A construct that has another mistake: then the checker was never asked.
pub fn later() -> Result<Vec<Later>, String> {
    let mut found = Vec::new();
    let mut head: Option<&str> = None;
    for line in CONSTRUCTS.lines() {
        let script = match (head, line) {
            (Some(_), "}") => {
                head = None;
                continue;
            }
            (None, line) if line.ends_with('{') => {
                head = Some(line);
                continue;
            }
            (Some(head), line) => format!("{head}\n{line}\n}}\n"),
            (None, line) => format!("{line}\n"),
        };
        let compiled = compile(&script);
        for diagnostic in compiled.diagnostics.iter().filter(|d| d.severity() == Severity::Error) {
            match diagnostic.code {
                Code::E0901 => {
                    let what = diagnostic.message.trim_end_matches(" is not supported yet").to_owned();
                    found.push(Later { what, example: line.trim().to_owned() });
                }
                code => return Err(format!("`{}`: {code}: {}", line.trim(), diagnostic.message)),
            }
        }
    }
    Ok(found)
}

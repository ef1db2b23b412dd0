//! `dealflow fmt`: lays scripts out, or shows what would change.

use super::args::CheckFormat;
use super::check;
use super::exit::Exit;
use super::out::Out;
use super::workspace;
use crate::fmt::{FormatError, format};
use crate::source::Sources;
use similar::TextDiff;
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

/// What came of one script.
enum Laid {
    /// It was well laid out.
    Same,
    /// It is laid out like this.
    Changed(String),
    /// It has mistakes, which were shown.
    Broken,
}

pub(super) fn fmt(paths: &[PathBuf], check: bool, out: &mut Out) -> Result<Exit, String> {
    if paths == [PathBuf::from("-")] {
        return standard_input(check, out);
    }
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut found = false;
    for path in workspace::scripts(paths)? {
        let text = workspace::read(&path)?;
        match lay_out(&path.to_string_lossy(), &text, out)? {
            Laid::Same => {}
            Laid::Broken => found = true,
            Laid::Changed(new) if check => {
                found = true;
                out.text(&diff(&path.to_string_lossy(), &text, &new))?;
            }
            Laid::Changed(new) => {
                workspace::replace(&path, &new)?;
                out.note(&format!("formatted {}", path.display()))?;
            }
        }
    }
    Ok(if found { Exit::Findings } else { Exit::Fine })
}

fn standard_input(check: bool, out: &mut Out) -> Result<Exit, String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|e| format!("cannot read standard input: {e}"))?;
    match lay_out("standard input", &text, out)? {
        Laid::Broken => Ok(Exit::Findings),
        Laid::Same if check => Ok(Exit::Fine),
        Laid::Changed(new) if check => {
            out.text(&diff("standard input", &text, &new))?;
            Ok(Exit::Findings)
        }
        Laid::Same => out.text(&text).map(|()| Exit::Fine),
        Laid::Changed(new) => out.text(&new).map(|()| Exit::Fine),
    }
}

fn lay_out(name: &str, text: &str, out: &mut Out) -> Result<Laid, String> {
    match format(text) {
        Ok(new) if new == text => Ok(Laid::Same),
        Ok(new) => Ok(Laid::Changed(new)),
        Err(FormatError::Mistakes(found)) => {
            let mut sources = Sources::default();
            sources.add(name, text);
            check::show(&found, &sources, CheckFormat::Human, out)?;
            out.line(&format!("{name} has mistakes and was left alone"))?;
            Ok(Laid::Broken)
        }
        Err(error @ FormatError::Changed) => Err(format!("{name}: {error}; please report this script")),
    }
}

/// The lines that differ, as `diff -u` shows them. The shortest way to say it is not looked for without end: of a large
/// script that was laid out quite differently it would take minutes.
fn diff(name: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::configure().timeout(Duration::from_secs(2)).diff_lines(old, new);
    diff.unified_diff().context_radius(2).header(name, &format!("{name} (formatted)")).to_string()
}

//! `dealflow check`, `dealflow explain`.

use super::args::CheckFormat;
use super::exit::Exit;
use super::out::{Out, terminal_width, use_color};
use super::workspace;
use crate::diagnostics::{Code, Diagnostic, render};
use crate::source::Sources;
use std::path::PathBuf;

/// Checks workspaces and scripts.
pub(super) fn check(paths: &[PathBuf], format: CheckFormat, out: &mut Out) -> Result<Exit, String> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut found = 0usize;
    let mut scripts = 0usize;
    for texts in workspace::read_paths(paths)? {
        scripts += texts.scripts.len();
        let compiled = texts.parse().compile();
        found += compiled.diagnostics.len();
        show(&compiled.diagnostics, &compiled.sources, format, out)?;
    }
    if found > 0 {
        if format == CheckFormat::Human {
            out.line(&format!("{found} {} found", if found == 1 { "problem" } else { "problems" }))?;
        }
        return Ok(Exit::Findings);
    }
    if format == CheckFormat::Human {
        out.line(&format!("{scripts} {}, no problems", if scripts == 1 { "script" } else { "scripts" }))?;
    }
    Ok(Exit::Fine)
}

/// Shows diagnostics in a format.
pub(super) fn show(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    format: CheckFormat,
    out: &mut Out,
) -> Result<(), String> {
    if diagnostics.is_empty() {
        return Ok(());
    }
    out.text(&match format {
        CheckFormat::Human => render::terminal(diagnostics, sources, use_color(), terminal_width()),
        CheckFormat::Short => render::short(diagnostics, sources),
        CheckFormat::Json => render::json(diagnostics, sources),
    })
}

/// Explains a code, or lists all.
pub(super) fn explain(code: Option<&str>, out: &mut Out) -> Result<Exit, String> {
    match code {
        None => {
            for code in Code::ALL {
                out.line(&format!("{code}  {}", code.title()))?;
            }
        }
        Some(code) => {
            let code: Code = code
                .parse()
                .map_err(|e: String| format!("{e}; `dealflow explain` without a code lists all of them"))?;
            out.text(code.page())?;
        }
    }
    Ok(Exit::Fine)
}

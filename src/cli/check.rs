//! `dealflow check`, `dealflow explain`.

use super::args::CheckFormat;
use super::exit::Exit;
use super::out::{Out, terminal_width, use_color};
use super::workspace;
use crate::diagnostics::{Code, Diagnostic, Edit, Sarif, render};
use crate::source::{FileId, Sources};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How often a workspace is mended and looked at again.
const MOST_ROUNDS: usize = 20;

/// Checks workspaces and scripts; with `fix` mends them first.
pub(super) fn check(paths: &[PathBuf], format: CheckFormat, fix: bool, out: &mut Out) -> Result<Exit, String> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    if fix {
        let (mended, files) = mend(paths)?;
        if format == CheckFormat::Human && mended > 0 {
            out.line(&format!("mended {mended} in {files}"))?;
        }
    }
    let mut found = 0usize;
    let mut scripts = 0usize;
    let mut log = Sarif::default();
    for texts in workspace::read_paths(paths)? {
        scripts += texts.scripts.len();
        let compiled = texts.parse().compile();
        found += compiled.diagnostics.len();
        match format {
            CheckFormat::Sarif => log.add(&compiled.diagnostics, &compiled.sources),
            CheckFormat::Human | CheckFormat::Short | CheckFormat::Json => {
                show(&compiled.diagnostics, &compiled.sources, format, out)?;
            }
        }
    }
    match format {
        CheckFormat::Sarif => out.text(&log.finish())?,
        CheckFormat::Human if found == 0 => out.line(&format!("{}, no problems", count(scripts, "script")))?,
        CheckFormat::Human => out.line(&format!("{} found", count(found, "problem")))?,
        CheckFormat::Short | CheckFormat::Json => {}
    }
    Ok(if found == 0 { Exit::Fine } else { Exit::Findings })
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// Applies fixes that are certain, until there are none left; says how many, and in how many files.
fn mend(paths: &[PathBuf]) -> Result<(usize, String), String> {
    let mut mended = 0;
    let mut files = BTreeSet::new();
    // Each round mends at least one mistake for good; the bound is for fixes that would undo one another.
    for _ in 0..MOST_ROUNDS {
        let mut changed = false;
        for texts in workspace::read_paths(paths)? {
            let compiled = texts.parse().compile();
            for (file, source) in compiled.sources.iter() {
                let edits = certain_edits(&compiled.diagnostics, file);
                if edits.is_empty() {
                    continue;
                }
                workspace::replace(Path::new(&*source.name), &apply(&source.text, &edits))?;
                mended += edits.len();
                files.insert(source.name.to_string());
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    Ok((mended, count(files.len(), "file")))
}

/// The edits of certain fixes in one file, from its end to its start, none touching another.
fn certain_edits(diagnostics: &[Diagnostic], file: FileId) -> Vec<&Edit> {
    let certain = diagnostics.iter().filter(|d| d.code.fix_is_certain());
    let firsts = certain.filter_map(|d| d.fixes.first());
    let mut edits: Vec<&Edit> =
        firsts.filter(|f| f.edits.iter().all(|e| e.file == file)).flat_map(|f| &f.edits).collect();
    edits.sort_by_key(|e| std::cmp::Reverse((e.span.start, e.span.end)));
    let mut border = u32::MAX;
    edits.retain(|e| {
        let apart = e.span.end < border;
        if apart {
            border = e.span.start;
        }
        apart
    });
    edits
}

/// The text with the edits, which come from its end to its start.
fn apply(text: &str, edits: &[&Edit]) -> String {
    let mut text = text.to_owned();
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if text.is_char_boundary(start) && text.is_char_boundary(end) && start <= end {
            text.replace_range(start..end, &edit.text);
        }
    }
    text
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
        CheckFormat::Sarif => {
            let mut log = Sarif::default();
            log.add(diagnostics, sources);
            log.finish()
        }
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

//! `dealflow check`, `dealflow explain`.

use super::args::{CheckArgs, CheckFormat};
use super::exit::Exit;
use super::out::{Out, terminal_width, use_color};
use super::{templates, workspace};
use crate::diagnostics::{self, Code, Diagnostic, Edit, Sarif, Severity, did_you_mean, one_of, render};
use crate::source::{FileId, Sources};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How often a workspace is mended and looked at again.
const MOST_ROUNDS: usize = 20;

/// Checks workspaces and scripts; with `--fix` mends them first. Only errors and denied lints make it fail.
pub(super) fn check(args: &CheckArgs, out: &mut Out) -> Result<Exit, String> {
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() { &here } else { args.paths.as_slice() };
    if args.effects {
        return super::manifest::manifest(paths, args.format, out);
    }
    let (denied, allowed) = (lints(&args.deny)?, lints(&args.allow)?);
    let format = args.format;
    if args.fix {
        let (mended, files) = mend(paths)?;
        if format == CheckFormat::Human && mended > 0 {
            out.note(&format!("mended {mended} in {files}"))?;
        }
    }
    let mut tally = Tally::default();
    let mut log = Sarif::default();
    for selection in workspace::read_paths(paths)? {
        tally.scripts += selection.scripts();
        let mut found = selection.texts.clone().parse().check();
        found.diagnostics.extend(templates::check(&found.schema, Path::new(&selection.texts.root)));
        diagnostics::sort(&mut found.diagnostics);
        found.diagnostics.retain(|d| !allowed.contains(&d.code) && selection.has(d.file()));
        tally.add(&found.diagnostics, &denied);
        match format {
            CheckFormat::Sarif => log.add(&found.diagnostics, &found.sources),
            CheckFormat::Human | CheckFormat::Short | CheckFormat::Json => {
                show(&found.diagnostics, &found.sources, format, out)?;
            }
        }
    }
    match format {
        CheckFormat::Sarif => out.text(&log.finish())?,
        CheckFormat::Human if tally.errors + tally.lints == 0 => out.note(&tally.line())?,
        CheckFormat::Human => out.line(&tally.line())?,
        CheckFormat::Short | CheckFormat::Json => {}
    }
    Ok(if tally.errors + tally.denied == 0 { Exit::Fine } else { Exit::Findings })
}

/// What was found.
#[derive(Debug, Default)]
struct Tally {
    scripts: usize,
    errors: usize,
    lints: usize,
    denied: usize,
}

impl Tally {
    fn add(&mut self, diagnostics: &[Diagnostic], denied: &BTreeSet<Code>) {
        for diagnostic in diagnostics {
            match diagnostic.severity() {
                Severity::Error => self.errors += 1,
                Severity::Warning => self.lints += 1,
            }
            self.denied += usize::from(denied.contains(&diagnostic.code));
        }
    }

    fn line(&self) -> String {
        if self.errors + self.lints == 0 {
            return format!("{}, no problems", count(self.scripts, "script"));
        }
        let mut parts = Vec::new();
        if self.errors > 0 {
            parts.push(count(self.errors, "problem"));
        }
        if self.lints > 0 {
            let denied = if self.denied > 0 { format!(" ({} denied)", self.denied) } else { String::new() };
            parts.push(format!("{}{denied}", count(self.lints, "lint")));
        }
        format!("{} found", parts.join(", "))
    }
}

/// The lints of these names; `all` is every one.
fn lints(names: &[String]) -> Result<BTreeSet<Code>, String> {
    let mut found = BTreeSet::new();
    for name in names {
        if name == "all" {
            found.extend(Code::lints().map(|(code, _)| code));
        } else if let Some(code) = Code::of_lint(name) {
            found.insert(code);
        } else {
            let names = || Code::lints().map(|(_, name)| name);
            let near = did_you_mean(name, names()).map(|near| format!(": did you mean `{near}`?"));
            let known = one_of(names(), 20);
            return Err(format!("there is no lint `{name}`{}", near.unwrap_or(format!("; there are {known}"))));
        }
    }
    Ok(found)
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
        for selection in workspace::read_paths(paths)? {
            let found = selection.texts.clone().parse().check();
            for (file, source) in found.sources.iter().filter(|(file, _)| selection.has(*file)) {
                let edits = certain_edits(&found.diagnostics, file);
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
                let name = code.lint_name().map(|name| format!(" ({name})")).unwrap_or_default();
                out.line(&format!("{code}  {}{name}", code.title()))?;
            }
        }
        Some(code) => {
            let code: Code = Code::of_lint(code)
                .map_or_else(|| code.parse(), Ok)
                .map_err(|e: String| format!("{e}; `dealflow explain` without a code lists all of them"))?;
            out.text(code.page())?;
        }
    }
    Ok(Exit::Fine)
}

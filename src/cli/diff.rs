//! `dealflow diff OLD NEW`: what changes in behaviour from one version of a workspace to another.

use super::args::{CheckFormat, DiffArgs, RunFormat};
use super::check;
use super::exit::Exit;
use super::out::Out;
use super::workspace;
use crate::diagnostics::has_errors;
use crate::picture::{Change, Difference, What, differences};
use crate::pipeline::Understood;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::path::Path;

pub(super) fn diff(args: &DiffArgs, out: &mut Out) -> Result<Exit, String> {
    let (old, old_root) = understood(&args.old)?;
    let (new, new_root) = understood(&args.new)?;
    for side in [&old, &new] {
        if has_errors(&side.diagnostics) {
            check::show(&side.diagnostics, &side.sources, CheckFormat::Human, out)?;
            out.line("nothing was compared: mend these first")?;
            return Ok(Exit::WrongUse);
        }
    }
    let found = differences(&old, &new, (&old_root, &new_root));
    match args.format {
        RunFormat::Human => out.text(&human(&found))?,
        RunFormat::Json => {
            for difference in &found {
                out.line(&to_json(difference).to_string())?;
            }
        }
    }
    Ok(if found.is_empty() { Exit::Fine } else { Exit::Findings })
}

/// A script or a workspace, and what stands before the names of its scripts.
fn understood(path: &Path) -> Result<(Understood, String), String> {
    let mut selections = workspace::read_paths(&[path.to_owned()])?;
    let (1, Some(selection)) = (selections.len(), selections.pop()) else {
        return Err(format!("`{}` holds several workspaces: compare them one by one", path.display()));
    };
    let single = path.is_file().then(|| path.to_string_lossy().into_owned());
    let root = selection.texts.root.clone();
    let mut understood = selection.texts.clone().parse().check();
    understood.checked.rules.retain(|rule| selection.has(rule.file));
    // Two scripts are compared whatever they are called.
    Ok((understood, single.unwrap_or(root)))
}

fn human(all: &[Difference]) -> String {
    if all.is_empty() {
        return "no rule behaves differently\n".to_owned();
    }
    let mut out = String::new();
    for Difference { rule, file, what } in all {
        let file = if file.is_empty() { String::new() } else { format!(" ({file})") };
        let (how, changes) = match what {
            What::Added(changes) => ("is new".to_owned(), changes.as_slice()),
            What::Removed(changes) => ("is gone".to_owned(), changes.as_slice()),
            What::Renamed(before) => (format!("was called {before}, and does the same"), [].as_slice()),
            What::Texts(changes) => ("changes only its texts".to_owned(), changes.as_slice()),
            What::Changed(changes) => ("changes".to_owned(), changes.as_slice()),
        };
        let _ = writeln!(out, "{rule}{file} {how}");
        for Change { about, old, new } in changes {
            let _ = writeln!(out, "  {about}");
            for (mark, lines) in [('-', old), ('+', new)] {
                for line in lines {
                    let _ = writeln!(out, "    {mark} {line}");
                }
            }
        }
    }
    out
}

fn to_json(difference: &Difference) -> Json {
    let Difference { rule, file, what } = difference;
    let (how, before, changes) = match what {
        What::Added(changes) => ("added", None, changes.as_slice()),
        What::Removed(changes) => ("removed", None, changes.as_slice()),
        What::Renamed(before) => ("renamed", Some(before), [].as_slice()),
        What::Texts(changes) => ("texts", None, changes.as_slice()),
        What::Changed(changes) => ("changed", None, changes.as_slice()),
    };
    let changes: Vec<Json> = changes.iter().map(|c| json!({ "about": c.about, "old": c.old, "new": c.new })).collect();
    json!({ "rule": rule, "file": file, "what": how, "before": before, "changes": changes })
}

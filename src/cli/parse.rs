//! `dealflow parse`: the tree of a script.

use super::args::TreeFormat;
use super::exit::Exit;
use super::out::{Out, terminal_width, use_color_on_stderr};
use super::{run, workspace};
use crate::diagnostics::render;
use crate::source::Sources;
use crate::syntax::{self, dump, json};
use std::io::Read;
use std::path::Path;

/// Shows the tree on standard output, and what is wrong with the script on standard error.
pub(super) fn parse(path: &Path, format: TreeFormat, out: &mut Out) -> Result<Exit, String> {
    let (name, text) = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|e| format!("cannot read standard input: {e}"))?;
        ("standard input".to_owned(), text)
    } else {
        (path.to_string_lossy().into_owned(), workspace::read(path)?)
    };
    let mut sources = Sources::default();
    let file = sources.add(&name, &text);
    let parse = syntax::parse(&text, file);
    match format {
        TreeFormat::Tree => out.text(&dump::tree(&parse.file, &text))?,
        TreeFormat::Json => out.line(&json::tree(&parse.file, &text).to_string())?,
    }
    if parse.diagnostics.is_empty() {
        return Ok(Exit::Fine);
    }
    // The tree comes first, whoever looks at both.
    out.flush()?;
    let report = render::terminal(&parse.diagnostics, &sources, use_color_on_stderr(), terminal_width());
    run::eprint_line(report.trim_end());
    Ok(Exit::Findings)
}

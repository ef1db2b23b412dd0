//! Names of rules across the files of a workspace.

use super::{Script, item_name};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::{FileId, Span};
use crate::syntax::ast::ItemKind;
use std::collections::BTreeMap;

/// Reports rules of different files with one name. Those within one file are reported with the file.
pub(super) fn rule_names(scripts: &[Script<'_>], out: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, (FileId, Span)> = BTreeMap::new();
    for script in scripts {
        for item in &script.tree.items {
            let ItemKind::Rule(rule) = &item.kind else { continue };
            let (Some(name), Some(span)) = (&rule.name, item_name(item)) else { continue };
            // Names with placeholders are mistakes of their own; the others are compared as written.
            let written = name.span.of(script.text);
            let (file, first) = *seen.entry(written).or_insert((script.file, span));
            if file != script.file {
                let diagnostic = Diagnostic::new(
                    Code::E0209,
                    script.file,
                    span,
                    format!("there are two rules named {}", quoted(written)),
                )
                .label("a second time")
                .because(file, first, "first here")
                .help("give one of them another name: names are how runs and reports tell them apart");
                out.push(diagnostic);
            }
        }
    }
}

/// A name in quotes, in backticks.
fn quoted(written: &str) -> String {
    format!("`{}`", written.trim_matches('"'))
}

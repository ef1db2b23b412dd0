//! Diagnostics as one SARIF 2.1.0 log: what code hosts and CI systems read.
//!
//! Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".

use super::{Code, Diagnostic, Edit, Fix, Label, Severity};
use crate::source::{FileId, Sources, Span};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

/// Collects the results of several workspaces into one log.
#[derive(Clone, Debug, Default)]
pub struct Sarif {
    results: Vec<Json>,
}

impl Sarif {
    /// Adds the diagnostics of one workspace.
    pub fn add(&mut self, diagnostics: &[Diagnostic], sources: &Sources) {
        self.results.extend(diagnostics.iter().map(|d| result(d, sources)));
    }

    /// The whole log.
    pub fn finish(self) -> String {
        let rules: Vec<Json> = Code::ALL.iter().map(|code| rule(*code)).collect();
        let log = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "dealflow",
                    "version": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                }},
                "columnKind": "unicodeCodePoints",
                "results": self.results,
            }],
        });
        format!("{log:#}\n")
    }
}

fn rule(code: Code) -> Json {
    json!({
        "id": code.name(),
        "shortDescription": { "text": code.title() },
        "help": { "text": code.page(), "markdown": code.page() },
        "defaultConfiguration": { "level": level(code) },
    })
}

fn level(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(diagnostic: &Diagnostic, sources: &Sources) -> Json {
    let Diagnostic { code, message, labels, help, fixes } = diagnostic;
    let text = match help {
        Some(help) => format!("{message}; {help}"),
        None => message.clone(),
    };
    let related: Vec<Json> = labels
        .iter()
        .zip(0u32..)
        .skip(1)
        .map(|(Label { file, span, text }, id)| {
            json!({ "id": id, "message": { "text": text }, "physicalLocation": location(sources, *file, *span) })
        })
        .collect();
    let index = Code::ALL.iter().position(|c| c == code);
    json!({
        "ruleId": code.name(),
        "ruleIndex": index,
        "level": level(*code),
        "message": { "text": text },
        "locations": [{ "physicalLocation": location(sources, diagnostic.file(), diagnostic.span()) }],
        "relatedLocations": related,
        "fixes": fixes.iter().map(|f| fix(f, sources)).collect::<Vec<_>>(),
    })
}

fn fix(fix: &Fix, sources: &Sources) -> Json {
    let Fix { title, edits } = fix;
    let changes: Vec<Json> = edits
        .iter()
        .map(|Edit { file, span, text }| {
            json!({
                "artifactLocation": { "uri": uri(sources, *file) },
                "replacements": [{ "deletedRegion": region(sources, *file, *span), "insertedContent": { "text": text } }],
            })
        })
        .collect();
    json!({ "description": { "text": title }, "artifactChanges": changes })
}

fn location(sources: &Sources, file: FileId, span: Span) -> Json {
    json!({ "artifactLocation": { "uri": uri(sources, file) }, "region": region(sources, file, span) })
}

fn region(sources: &Sources, file: FileId, span: Span) -> Json {
    let Some(file) = sources.get(file) else { return json!({ "startLine": 1 }) };
    let (start, end) =
        (file.lines.line_col(&file.text, span.start), file.lines.line_col(&file.text, span.end.max(span.start)));
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
}

/// The file's name as a URI reference: everything but letters, digits and a few marks is percent-encoded.
fn uri(sources: &Sources, file: FileId) -> String {
    let name = sources.get(file).map_or("", |f| &*f.name);
    let mut uri = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~') {
            uri.push(char::from(byte));
        } else {
            // Writing into a text cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

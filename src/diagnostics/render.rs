//! From diagnostics to text: terminal reports, single lines, JSON.
//!
//! The only place that knows miette. Every function is total: a span that does not fit its text is clamped, an unknown
//! file is shown without its lines. The order of the output is the order of the input; see [`super::sort`].

use super::{Code, Diagnostic, Label, Severity};
use crate::source::{FileId, SourceFile, Sources, Span};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use serde_json::{Value as Json, json};
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// Reports with the lines of the source, for people. `width` is the terminal's, in columns.
pub fn terminal(diagnostics: &[Diagnostic], sources: &Sources, color: bool, width: usize) -> String {
    let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_links(false);
    let mut out = String::new();
    for diagnostic in diagnostics {
        let report = Report::of(diagnostic, sources);
        if handler.render_report(&mut out, &report).is_err() {
            out.push_str(&short(std::slice::from_ref(diagnostic), sources));
        }
        out.push('\n');
    }
    out
}

/// The same without colours in a fixed width: stable text for golden files.
pub fn plain(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    terminal(diagnostics, sources, false, 100)
}

/// One line each: `file:line:column: code: message`.
pub fn short(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let Diagnostic { code, message, .. } = diagnostic;
        let written = match sources.get(diagnostic.file()) {
            Some(file) => {
                let at = file.lines.line_col(&file.text, clamp(file, diagnostic.span()).start);
                writeln!(out, "{}:{}:{}: {code}: {message}", file.name, at.line, at.column)
            }
            None => writeln!(out, "{code}: {message}"),
        };
        debug_assert!(written.is_ok(), "a string takes everything");
    }
    out
}

/// One JSON object per line: `code severity message file start end label labels help fixes`, and `lint` for lints. Lines and columns count
/// from 1 (columns in characters), offsets from 0 in bytes; `labels` are the further places.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let written = writeln!(out, "{}", to_json(diagnostic, sources));
        debug_assert!(written.is_ok(), "a string takes everything");
    }
    out
}

/// One diagnostic as a JSON object, as in [`json`].
pub fn to_json(diagnostic: &Diagnostic, sources: &Sources) -> Json {
    let Diagnostic { code, message, labels, help, fixes } = diagnostic;
    let mut object = json!({ "code": code.name(), "severity": severity_name(*code), "message": message });
    merge(&mut object, place(sources, diagnostic.file(), diagnostic.span()));
    let label = labels.first().map(|l| l.text.as_str()).filter(|t| !t.is_empty());
    let further =
        labels.iter().skip(1).map(|Label { file, span, text }| with(place(sources, *file, *span), "text", text));
    let fixes = fixes.iter().map(|fix| {
        let edits = fix.edits.iter().map(|edit| with(place(sources, edit.file, edit.span), "text", &edit.text));
        json!({ "title": fix.title, "edits": edits.collect::<Vec<_>>() })
    });
    if let Some(lint) = code.lint_name() {
        merge(&mut object, json!({ "lint": lint }));
    }
    let rest = json!({
        "label": label,
        "labels": further.collect::<Vec<_>>(),
        "help": help,
        "fixes": fixes.collect::<Vec<_>>(),
    });
    merge(&mut object, rest);
    object
}

/// `error` or `warning`.
fn severity_name(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// `{ "file", "start", "end" }` of a place.
fn place(sources: &Sources, file: FileId, span: Span) -> Json {
    let Some(file) = sources.get(file) else { return json!({ "file": null, "start": null, "end": null }) };
    let span = clamp(file, span);
    let point = |offset: u32| {
        let at = file.lines.line_col(&file.text, offset);
        json!({ "line": at.line, "column": at.column, "offset": offset })
    };
    json!({ "file": &*file.name, "start": point(span.start), "end": point(span.end) })
}

fn merge(object: &mut Json, more: Json) {
    if let (Json::Object(object), Json::Object(more)) = (object, more) {
        object.extend(more);
    }
}

fn with(mut object: Json, key: &str, text: &str) -> Json {
    merge(&mut object, json!({ key: text }));
    object
}

/// The span inside its text and on character borders.
fn clamp(file: &SourceFile, span: Span) -> Span {
    let border = |offset: u32| u32::try_from(file.text.floor_char_boundary(offset as usize)).unwrap_or(u32::MAX);
    let start = border(span.start);
    Span::new(start, border(span.end).max(start))
}

/// A diagnostic in miette's words: the labels of one file. Those of other files follow as related reports, because a
/// miette report has one source text.
#[derive(Debug)]
struct Report<'a> {
    message: &'a str,
    code: Option<Code>,
    severity: miette::Severity,
    help: Option<String>,
    source: Option<NamedSource<Arc<str>>>,
    labels: Vec<LabeledSpan>,
    related: Vec<Report<'a>>,
}

impl<'a> Report<'a> {
    fn of(diagnostic: &'a Diagnostic, sources: &Sources) -> Self {
        let file = diagnostic.file();
        let (own, others): (Vec<&'a Label>, Vec<&'a Label>) = diagnostic.labels.iter().partition(|l| l.file == file);
        let severity = match diagnostic.severity() {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        };
        let fix = diagnostic.fixes.first().map(|fix| fix.title.clone());
        Self {
            message: &diagnostic.message,
            code: Some(diagnostic.code),
            severity,
            help: diagnostic.help.clone().or(fix),
            source: sources.get(file).map(source),
            labels: sources.get(file).map(|f| labels(f, &own)).unwrap_or_default(),
            related: others.into_iter().map(|label| Self::elsewhere(label, sources)).collect(),
        }
    }

    /// A reason that lies in another file.
    fn elsewhere(label: &'a Label, sources: &Sources) -> Self {
        let message = if label.text.is_empty() { "see also here" } else { label.text.as_str() };
        let file = sources.get(label.file);
        let labels = file.map(|f| {
            let span = clamp(f, label.span);
            vec![LabeledSpan::new(None, span.start as usize, span.len() as usize)]
        });
        Self {
            message,
            code: None,
            severity: miette::Severity::Advice,
            help: None,
            source: file.map(source),
            labels: labels.unwrap_or_default(),
            related: Vec::new(),
        }
    }
}

fn source(file: &SourceFile) -> NamedSource<Arc<str>> {
    NamedSource::new(&*file.name, Arc::clone(&file.text))
}

/// Labels of one file. Two on the same place become one, as miette draws them badly.
fn labels(file: &SourceFile, labels: &[&Label]) -> Vec<LabeledSpan> {
    let mut places: Vec<(Span, String)> = Vec::new();
    for label in labels {
        let span = clamp(file, label.span);
        match places.iter_mut().find(|(known, _)| *known == span) {
            Some((_, text)) if text.is_empty() => text.clone_from(&label.text),
            Some((_, text)) if !label.text.is_empty() && *text != label.text => {
                text.push_str("; ");
                text.push_str(&label.text);
            }
            Some(_) => {}
            None => places.push((span, label.text.clone())),
        }
    }
    let labeled = places.into_iter().enumerate().map(|(index, (span, text))| {
        let text = (!text.is_empty()).then_some(text);
        let place = (span.start as usize, span.len() as usize);
        // The headline shows the place of the primary label, whichever comes first in the text.
        if index == 0 {
            LabeledSpan::new_primary_with_span(text, place)
        } else {
            LabeledSpan::new_with_span(text, place)
        }
    });
    labeled.collect()
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'s>(&'s self) -> Option<Box<dyn fmt::Display + 's>> {
        self.code.map(|code| match code.lint_name() {
            // The name is what a comment or the command line calls it.
            Some(name) => Box::new(format!("{code} {name}")) as Box<dyn fmt::Display>,
            None => Box::new(code) as Box<dyn fmt::Display>,
        })
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'s>(&'s self) -> Option<Box<dyn fmt::Display + 's>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display + 's>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn related<'s>(&'s self) -> Option<Box<dyn Iterator<Item = &'s dyn miette::Diagnostic> + 's>> {
        let related = self.related.iter().map(|report| report as &dyn miette::Diagnostic);
        (!self.related.is_empty()).then(|| Box::new(related) as Box<dyn Iterator<Item = &'s dyn miette::Diagnostic>>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> (Sources, Diagnostic) {
        let mut sources = Sources::default();
        let script = sources.add("deals.flow", "on deal created {\n  set deal.ammount = 5;\n}\n");
        let schema = sources.add("crm.toml", "[entities.deal.fields.kwota]\ntype = \"money\"\n");
        let diagnostic = Diagnostic::new(Code::E0202, script, Span::new(29, 36), "a deal has no field `ammount`")
            .label("unknown field")
            .because(script, Span::new(3, 7), "this is a deal")
            .because(schema, Span::new(10, 14), "the fields of a deal are declared here")
            .fix("write `amount`", Span::new(29, 36), "amount");
        (sources, diagnostic)
    }

    #[test]
    fn a_report_has_code_places_of_all_files_and_the_first_fix() {
        let (sources, diagnostic) = example();
        insta::assert_snapshot!(plain(&[diagnostic], &sources));
    }

    #[test]
    fn a_short_line_has_place_code_and_message() {
        let (sources, diagnostic) = example();
        assert_eq!(short(&[diagnostic], &sources), "deals.flow:2:12: E0202: a deal has no field `ammount`\n");
    }

    #[test]
    fn json_has_all_parts() {
        let (sources, diagnostic) = example();
        let text = serde_json::to_string_pretty(&to_json(&diagnostic, &sources)).unwrap();
        insta::assert_snapshot!(text);
        assert_eq!(json(&[diagnostic], &sources).lines().count(), 1);
    }

    #[test]
    fn places_outside_the_text_are_clamped() {
        let mut sources = Sources::default();
        let file = sources.add("a.flow", "é");
        for span in [Span::new(1, 9), Span::new(7, 9), Span::new(2, 1), Span::at(2)] {
            let wrong = Diagnostic::new(Code::E0101, file, span, "m");
            assert!(plain(std::slice::from_ref(&wrong), &sources).contains("a.flow:1"), "{span:?}");
        }
        let lost = Diagnostic::new(Code::E0101, FileId(9), Span::at(0), "m");
        assert_eq!(short(std::slice::from_ref(&lost), &sources), "E0101: m\n");
        assert!(plain(&[lost], &sources).contains("E0101"));
    }
}

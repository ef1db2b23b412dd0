//! Mistakes in scripts: each file of `tests/data/errors` shows the reports it gives, as an administrator reads them.
//!
//! To add a test, add a file `CODE_what.flow`. Lines that are wrong end in `// wrong`, once for each report expected
//! there; a file without such lines (the parser's) only has to report its own code and no other.

use crate::workspace::compile;
use dealflow::diagnostics::{Code, Diagnostic, render};
use dealflow::source::Sources;
use std::collections::BTreeSet;
use std::path::Path;

const MARK: &str = "wrong";

#[test]
fn mistakes_are_reported_once_with_their_place() {
    insta::glob!("../data/errors", "E*.flow", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let compiled = compile(name, &text);
        let (found, sources) = (&compiled.diagnostics, &compiled.sources);
        let report = render::plain(found, sources);
        insta::assert_snapshot!(format!("{text}\n{report}"));
        let code: Code = name[..5].parse().unwrap();
        assert!(!found.is_empty(), "{name} reports nothing");
        assert!(found.iter().all(|d| d.code == code), "{name} reports other codes\n{report}");
        assert!(found.iter().all(|d| d.severity() == code.severity()));
        one_report_for_each_mark(name, &text, found, sources);
        for report in found {
            is_well_worded(name, report);
        }
        fixes_help(name, &text, found);
    });
}

fn one_report_for_each_mark(name: &str, text: &str, found: &[Diagnostic], sources: &Sources) {
    let marks: Vec<usize> = text
        .lines()
        .zip(1..)
        .filter_map(|(line, number)| Some((line.split_once("// wrong")?.1, number)))
        .flat_map(|(rest, number)| std::iter::repeat_n(number, rest.matches(MARK).count() + 1))
        .collect();
    if marks.is_empty() {
        return;
    }
    let lines: Vec<usize> = found
        .iter()
        .map(|d| {
            let file = sources.get(d.file()).unwrap();
            usize::try_from(file.lines.line_col(&file.text, d.span().start).line).unwrap()
        })
        .collect();
    assert_eq!(lines, marks, "{name}: lines with reports and lines marked as wrong");
}

/// The rules for wording that a machine can check.
fn is_well_worded(name: &str, d: &Diagnostic) {
    let label = d.labels.first().map_or("", |l| l.text.as_str());
    let help = d.help.as_deref().unwrap_or_default();
    for text in [d.message.as_str(), label, help] {
        assert!(!text.is_empty(), "{name}: message, label or help is missing in {d:?}");
        assert!(!text.ends_with('.'), "{name}: full stop in {text:?}");
        assert!(!text.starts_with(char::is_uppercase), "{name}: {text:?} starts with a capital letter");
        assert!(!text.contains("Type::") && !text.contains("``"), "{name}: {text:?}");
        assert_eq!(text.matches('`').count() % 2, 0, "{name}: open backtick in {text:?}");
    }
    assert!(d.span().end > d.span().start || name.starts_with("E01"), "{name}: nothing is underlined for {d:?}");
}

/// A fix that is offered takes its report away and brings no other.
fn fixes_help(name: &str, text: &str, found: &[Diagnostic]) {
    for fix in found.iter().flat_map(|d| &d.fixes) {
        let mut edits: Vec<_> = fix.edits.iter().collect();
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
        let mut mended = text.to_owned();
        for edit in edits {
            mended.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        }
        let left = compile(name, &mended);
        assert!(
            left.diagnostics.len() < found.len(),
            "{name}: `{}` does not help\n{}",
            fix.title,
            render::plain(&left.diagnostics, &left.sources)
        );
    }
}

/// A golden file exists for every code, so that nobody adds a message that nobody has read.
#[test]
fn every_code_has_a_golden_file() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut seen = BTreeSet::new();
    for folder in ["errors", "lints", "schema", "events", "import", "testing", "channels"] {
        let Ok(files) = std::fs::read_dir(data.join(folder)) else { continue };
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        seen.extend(names.filter_map(|name| name.get(..5).map(str::to_owned)));
    }
    let without: Vec<&str> = Code::ALL.iter().map(|code| code.name()).filter(|name| !seen.contains(*name)).collect();
    assert_eq!(without, Vec::<&str>::new(), "codes without a golden file in tests/data");
}

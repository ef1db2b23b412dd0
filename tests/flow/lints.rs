//! Lints: each file of `tests/data/lints` shows the reports it gives, as an administrator reads them.
//!
//! To add a test, add a file `CODE_what.flow`. Lines that are reported end in `// found`; what is not marked is fine.

use crate::workspace::{compile_all, workspace};
use dealflow::diagnostics::{Code, Severity, render};
use std::collections::BTreeSet;

#[test]
fn lints_are_reported_where_they_are_marked() {
    insta::glob!("../data/lints", "W*.flow", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let compiled = compile_all(workspace(name, &text));
        let (found, sources) = (&compiled.diagnostics, &compiled.sources);
        let report = render::plain(found, sources);
        insta::assert_snapshot!(format!("{text}\n{report}"));
        let code: Code = name[..5].parse().unwrap();
        assert!(found.iter().all(|d| d.code == code), "{name} reports other codes\n{report}");
        let marked: BTreeSet<u32> =
            text.lines().zip(1..).filter(|(line, _)| line.contains("// found")).map(|(_, n)| n).collect();
        let lines = found.iter().map(|d| {
            let file = sources.get(d.file()).unwrap();
            file.lines.line_col(&file.text, d.span().start).line
        });
        assert_eq!(lines.collect::<BTreeSet<u32>>(), marked, "{name}: lines with reports and marked lines\n{report}");
        for d in found {
            for text in [&d.message, &d.labels[0].text, d.help.as_ref().unwrap()] {
                assert!(!text.ends_with('.') && !text.starts_with(char::is_uppercase), "{name}: {text:?}");
                assert!(!text.is_empty() && text.matches('`').count() % 2 == 0, "{name}: {text:?}");
            }
        }
        // A first fix that is offered takes its report away.
        for fix in found.iter().filter_map(|d| d.fixes.first()) {
            let mut mended = text.clone();
            for edit in &fix.edits {
                mended.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
            }
            let left = compile_all(workspace(name, &mended));
            assert!(left.diagnostics.len() < found.len(), "{name}: `{}` does not help", fix.title);
        }
    });
}

/// A rule with a mistake may be the one that moves a record there.
#[test]
fn nothing_is_out_of_reach_while_a_rule_has_a_mistake() {
    let waits = "rule \"A\" on tour stage \"Confirmed\" { log \"a\"; }\n\
                 rule \"B\" on tour created { wait until tour.stage == \"Gone\" or 3d; }\n";
    let codes = |more: &str| -> Vec<Code> {
        let compiled = compile_all(workspace("t.flow", &format!("{waits}{more}\n")));
        compiled.diagnostics.iter().map(|d| d.code).collect()
    };
    assert_eq!(codes(""), [Code::W0112, Code::W0104]);
    for (more, only) in [
        ("rule \"C\" on tour updated { move tour to \"Gone\" by user \"nobody\"; }", Code::E0205),
        ("rule \"C\" on tour updated { log \"x\" set tour.stage = \"Gone\"; }", Code::E0103),
        ("fn f($t: tour) { set $t.stage = \"Confirmed\", $t.gusts = 5; }", Code::E0202),
    ] {
        assert_eq!(codes(more), [only], "{more}");
    }
}

#[test]
fn pages_of_lints_hold_a_wrong_and_a_right_script() {
    for code in Code::ALL.iter().filter(|code| code.severity() == Severity::Warning) {
        let page = code.page();
        let example = |title: &str| {
            let after = page.split_once(title).map_or("", |(_, after)| after);
            after.split_once("```flow\n").and_then(|(_, rest)| rest.split_once("```")).map_or("", |(text, _)| text)
        };
        let codes = |text: &str| -> Vec<Code> {
            compile_all(workspace("page.flow", text)).diagnostics.iter().map(|d| d.code).collect()
        };
        let (wrong, right) = (example("## Wrong"), example("## Right"));
        let found = codes(wrong);
        assert!(!found.is_empty() && found.iter().all(|c| c == code), "{code}: {found:?}");
        assert!(!right.is_empty() && codes(right).is_empty(), "{code}: {:?}", codes(right));
        assert!(page.contains(code.lint_name().unwrap()), "{code}: its page does not say its name");
    }
}

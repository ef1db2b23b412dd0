//! `dealflow check --effects`: what each rule can do in one run.

use super::args::CheckFormat;
use super::exit::Exit;
use super::out::Out;
use super::workspace;
use crate::check::manifest::{Bound, Effect, Kind, Manifest, manifests};
use crate::diagnostics::has_errors;
use crate::source::{FileId, Sources, Span};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::path::PathBuf;

/// The kinds as they are counted, with their words.
const KINDS: [(Kind, &str, &str); 4] = [
    (Kind::Message, "message", "messages"),
    (Kind::New, "new record or chat", "new"),
    (Kind::Change, "change", "changes"),
    (Kind::Note, "note", "notes"),
];

/// Prints the manifest of every rule.
pub(super) fn manifest(paths: &[PathBuf], format: CheckFormat, out: &mut Out) -> Result<Exit, String> {
    if matches!(format, CheckFormat::Short | CheckFormat::Sarif) {
        return Err("`--effects` is shown as `--format human` or `--format json`".to_owned());
    }
    let mut exit = Exit::Fine;
    for selection in workspace::read_paths(paths)? {
        let found = selection.texts.clone().parse().check();
        if has_errors(&found.diagnostics) {
            exit = Exit::Findings;
            super::run::eprint_line("dealflow: rules with mistakes are left out (see `dealflow check`)");
        }
        let all = manifests(&found.checked, &found.sources, &found.schema);
        for manifest in all.iter().filter(|m| selection.has(m.file)) {
            if format == CheckFormat::Json {
                out.line(&to_json(manifest, &found.sources).to_string())?;
            } else {
                out.text(&human(manifest, &found.sources))?;
            }
        }
    }
    Ok(exit)
}

fn place(sources: &Sources, file: FileId, span: Span) -> String {
    let Some(file) = sources.get(file) else { return String::new() };
    format!("{}:{}", file.name, file.lines.line_col(&file.text, span.start).line)
}

fn bound(most: Bound, sources: &Sources) -> String {
    match most {
        Bound::AtMost(n) => format!("at most {n}"),
        Bound::Unbounded(file, span) => format!("unbounded, because of {}", place(sources, file, span)),
    }
}

fn human(manifest: &Manifest, sources: &Sources) -> String {
    let Manifest { rule, file, span, effects, .. } = manifest;
    let mut out = format!("{rule} ({})\n", place(sources, *file, *span));
    let used = KINDS.iter().filter(|(kind, ..)| manifest.most(*kind) != Bound::AtMost(0));
    let totals: Vec<String> = used
        .map(|(kind, one, _)| match manifest.most(*kind) {
            Bound::AtMost(1) => format!("at most 1 {one}"),
            Bound::AtMost(n) => format!("at most {n} {}", plural(one)),
            Bound::Unbounded(..) => format!("unbounded {}", plural(one)),
        })
        .collect();
    if totals.is_empty() {
        out.push_str("  does nothing outside\n");
    } else {
        let _ = writeln!(out, "  one run: {}", totals.join(", "));
    }
    let width = |text: fn(&Effect) -> usize| effects.iter().map(text).max().unwrap_or(0);
    let (first, second) = (width(|e| e.action.len()), width(|e| e.target.chars().count()).min(40));
    for effect in effects {
        let Effect { action, target, many, most, personal, .. } = effect;
        let most = bound(*most, sources);
        let many = if *many { ", to several people at once" } else { "" };
        let personal: Vec<&str> = personal.iter().copied().collect();
        let personal = if personal.is_empty() {
            String::new()
        } else {
            format!("; tells {} of a customer", personal.join(" and "))
        };
        let _ = writeln!(out, "  {action:first$}  {target:second$}  {most}{many}{personal}");
    }
    out.push('\n');
    out
}

/// "new records or chats"
fn plural(words: &str) -> String {
    match words {
        "new record or chat" => "new records or chats".to_owned(),
        other => format!("{other}s"),
    }
}

fn bound_json(most: Bound, sources: &Sources) -> Json {
    match most {
        Bound::AtMost(n) => json!({ "most": n }),
        Bound::Unbounded(file, span) => json!({ "most": null, "because": place(sources, file, span) }),
    }
}

fn to_json(manifest: &Manifest, sources: &Sources) -> Json {
    let Manifest { rule, file, span, effects, .. } = manifest;
    let mut totals = json!({});
    for (kind, _, key) in KINDS {
        if let Some(object) = totals.as_object_mut() {
            object.insert(key.to_owned(), bound_json(manifest.most(kind), sources));
        }
    }
    let effects = effects.iter().map(|Effect { action, kind: _, target, many, most, personal }| {
        json!({ "action": action, "target": target, "several": many, "bound": bound_json(*most, sources), "personal": personal })
    });
    json!({ "rule": rule, "place": place(sources, *file, *span), "totals": totals, "effects": effects.collect::<Vec<_>>() })
}

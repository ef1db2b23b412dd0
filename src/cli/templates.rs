//! Templates of documents: what a file of the workspace shows is what `crm.toml` says that it shows.

use crate::channel::document;
use crate::diagnostics::{Code, Diagnostic, did_you_mean, one_of};
use crate::schema::Schema;
use std::path::Path;

/// What is wrong with the templates of a workspace, told at the places where `crm.toml` declares them.
pub(super) fn check(schema: &Schema, root: &Path) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (name, template) in &schema.templates {
        let (Some(file), Some((source, span))) = (&template.file, template.place) else { continue };
        let mut report = |message: String, label: &str, help: String| {
            found.push(Diagnostic::new(Code::E0703, source, span, message).label(label.to_owned()).help(help));
        };
        let shown = match document::read(root, file) {
            Ok(text) => document::placeholders(&text),
            Err(why) => {
                let help = "put the file there, or leave out `file`".to_owned();
                report(format!("template `{name}`: {why}"), "declared here", help);
                continue;
            }
        };
        let shown = match shown {
            Ok(shown) => shown,
            Err(why) => {
                let help = "values stand in `{{ title }}`, conditions in `{% if … %} … {% endif %}`".to_owned();
                report(format!("template `{name}` cannot be understood: {why}"), "declared here", help);
                continue;
            }
        };
        let known = || template.placeholders.iter().map(String::as_str).chain(document::OWN);
        // `contact` alone asks whether anything of it is there.
        let is_known = |path: &str| known().any(|one| one == path || one.starts_with(&format!("{path}.")));
        for path in shown.iter().filter(|path| !is_known(path)) {
            let near = did_you_mean(path, known()).map(|near| format!("did you mean `{near}`?"));
            let help = format!("add it to `placeholders`, or show one of {}", one_of(known(), 12));
            let message = format!("template `{name}` shows `{path}`, which is not among its placeholders");
            report(message, near.as_deref().unwrap_or("declared here"), help);
        }
    }
    found
}

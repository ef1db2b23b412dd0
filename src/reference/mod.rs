//! The language reference: prose from `pages/`, lists from the catalogue, the registry of codes and the schema, and what
//! the examples do from running them.
//!
//! It is pure and gives texts. Running an example needs a store, which lies right of this folder, so it is handed in as
//! a [`Teller`]; the command line writes the files.
//!
//! # A page of `pages/`
//!
//! Markdown, with these additions:
//!
//! - `{{name}}` alone on a line is replaced by a list; `lists.rs` has the names.
//! - A fence `flow run` is a script that runs over the manual's own events; what happens is written under it.
//!   `until=2026-12-31` after it lets time run further than [`UNTIL`].
//! - A fence `flow own` runs over the events of the next fence, which is `json`.
//! - A fence `flow` alone is only checked; every fence of every page is checked by the tests.

mod actions;
mod expand;
mod lists;

pub use actions::{action_page, action_table, find_action};

use crate::pipeline::{Compiled, Texts};

/// `crm.toml` of the manual.
pub const SCHEMA: &str = include_str!("workspace/crm.toml");

/// The events of the manual.
pub const EVENTS: &str = include_str!("workspace/events.jsonl");

/// The manual's template of a document.
const TEMPLATE: &str = include_str!("workspace/templates/offer.html");

/// The file of functions that scripts of the manual may use.
pub const LIBRARY: &str = include_str!("workspace/lib/prices.flow");

/// The day up to which the manual's examples run, unless they say otherwise.
pub const UNTIL: &str = "2026-04-30";

/// One file of the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its path in the folder of the reference, with `/` between its parts.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Page {
    /// Whether it is for readers; the others are the workspace of the examples.
    pub fn is_prose(&self) -> bool {
        std::path::Path::new(&self.path).extension().is_some_and(|e| e == "md")
    }
}

/// A script and what it is to run over.
#[derive(Clone, Copy, Debug)]
pub struct Story<'a> {
    /// The script.
    pub script: &'a str,
    /// The events, one JSON object per line.
    pub events: &'a str,
    /// The last day.
    pub until: &'a str,
    /// Whether also to tell of events that no rule takes notice of.
    pub everything: bool,
}

/// What came of a story.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What happened, as `dealflow run` shows it.
    pub timeline: String,
    /// The effects alone, in the words of the language, and what they gave.
    pub effects: Vec<String>,
    /// How many runs failed.
    pub failed: usize,
}

/// Runs a story in the manual's workspace.
///
/// # Errors
/// What is wrong with the script or the events.
pub type Teller<'t> = dyn Fn(&Story<'_>) -> Result<Told, String> + 't;

/// The pages in reading order.
const PAGES: &[(&str, &str)] = &[
    ("README.md", include_str!("pages/README.md")),
    ("concepts.md", include_str!("pages/concepts.md")),
    ("triggers.md", include_str!("pages/triggers.md")),
    ("statements.md", include_str!("pages/statements.md")),
    ("waits.md", include_str!("pages/waits.md")),
    ("values.md", include_str!("pages/values.md")),
    ("functions.md", include_str!("pages/functions.md")),
    ("actions.md", include_str!("pages/actions.md")),
    ("tests.md", include_str!("pages/tests.md")),
    ("events.md", include_str!("pages/events.md")),
    ("workspace.md", include_str!("pages/workspace.md")),
    ("channels.md", include_str!("pages/channels.md")),
    ("files.md", include_str!("pages/files.md")),
    ("editors.md", include_str!("pages/editors.md")),
    ("versions.md", include_str!("pages/versions.md")),
    ("diagnostics.md", include_str!("pages/diagnostics.md")),
];

/// The whole reference: its pages, and the workspace in which the examples run.
///
/// # Errors
/// An example that cannot run, with its page.
pub fn pages(tell: &Teller<'_>) -> Result<Vec<Page>, String> {
    let mut all = Vec::with_capacity(PAGES.len() + 4);
    for (path, source) in PAGES {
        let text = expand::page(source, tell).map_err(|e| format!("{path}: {e}"))?;
        all.push(Page { path: (*path).to_owned(), text });
    }
    let contents = lists::contents(&all);
    if let Some(index) = all.first_mut() {
        index.text = index.text.replace(lists::CONTENTS, &contents);
    }
    let workspace = [
        ("workspace/crm.toml", SCHEMA),
        ("workspace/events.jsonl", EVENTS),
        ("workspace/lib/prices.flow", LIBRARY),
        ("workspace/templates/offer.html", TEMPLATE),
    ];
    for (path, text) in workspace {
        all.push(Page { path: path.to_owned(), text: text.to_owned() });
    }
    Ok(all)
}

/// Compiles a script in the manual's workspace.
pub fn compile(script: &str) -> Compiled {
    let mut texts = Texts::default();
    texts.schema = Some(texts.sources.add("crm.toml", SCHEMA));
    texts.scripts.push(texts.sources.add("rules.flow", script));
    texts.scripts.push(texts.sources.add("lib/prices.flow", LIBRARY));
    texts.parse().compile()
}

/// Title and first paragraph of a page.
fn head(source: &str) -> (&str, &str) {
    let mut parts = source.split("\n\n");
    let title = parts.next().unwrap_or("").trim_start_matches("# ");
    (title, parts.next().unwrap_or(""))
}

/// The titles of a page's sections with their anchors, as GitHub makes them.
fn sections(text: &str) -> Vec<(&str, String)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        if let Some(title) = line.strip_prefix("## ").filter(|_| !fenced) {
            found.push((title, anchor(title)));
        }
    }
    found
}

/// The anchor of a heading: small letters, blanks as hyphens, marks left out.
pub fn anchor(title: &str) -> String {
    let letters = title.to_lowercase();
    let kept = letters.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

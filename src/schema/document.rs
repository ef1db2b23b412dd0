//! TOML with places: the form in which `crm.toml` and import maps are read.
//!
//! A [`Reader`] turns a text into [`Node`]s in the order of the text and collects what is wrong. Asking a node for
//! something that it is not is reported once and gives `None` or nothing, so that reading goes on.

use crate::diagnostics::{Code, Diagnostic, did_you_mean, one_of};
use crate::source::{FileId, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The codes under which a kind of document reports.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codes {
    /// The text is not TOML.
    pub syntax: Code,
    /// A key or reference that nobody knows.
    pub unknown: Code,
    /// A value that does not fit.
    pub value: Code,
    /// A name that is there twice.
    pub twice: Code,
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub span: Span,
    pub kind: Kind,
}

/// What a value is. Numbers and dates keep their text, so that decimals stay exact.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Text(String),
    Int(String),
    Decimal(String),
    Bool(bool),
    Time(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub key: String,
    pub span: Span,
    pub value: Node,
}

impl Node {
    /// What it is, in words.
    fn what(&self) -> &'static str {
        match self.kind {
            Kind::Text(_) => "a text",
            Kind::Int(_) => "a whole number",
            Kind::Decimal(_) => "a number",
            Kind::Bool(_) => "`true` or `false`",
            Kind::Time(_) => "a date or time",
            Kind::List(_) => "a list",
            Kind::Table(_) => "a table",
        }
    }

    /// The entry of a table.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Table(entries) => entries.iter().find(|e| e.key == key).map(|e| &e.value),
            Kind::Text(_) | Kind::Int(_) | Kind::Decimal(_) | Kind::Bool(_) | Kind::Time(_) | Kind::List(_) => None,
        }
    }

    /// The value as JSON; dates and times as texts, numbers as numbers.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Text(text) | Kind::Time(text) => text.as_str().into(),
            // TOML allows `1_000`, hexadecimal and infinities; what JSON cannot say stays a text.
            Kind::Int(text) | Kind::Decimal(text) => {
                text.parse().map_or_else(|_| text.as_str().into(), serde_json::Value::Number)
            }
            Kind::Bool(value) => (*value).into(),
            Kind::List(items) => items.iter().map(Self::to_json).collect(),
            Kind::Table(entries) => entries.iter().map(|e| (e.key.clone(), e.value.to_json())).collect(),
        }
    }
}

/// Reads one document and collects what is wrong with it.
#[derive(Debug)]
pub(crate) struct Reader {
    pub file: FileId,
    pub codes: Codes,
    pub found: Vec<Diagnostic>,
}

impl Reader {
    /// A reader of a file.
    pub(crate) fn new(file: FileId, codes: Codes) -> Self {
        Self { file, codes, found: Vec::new() }
    }

    /// The whole document as a table; what cannot be read is left out of it.
    pub(crate) fn parse(&mut self, text: &str) -> Node {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let span = error.span().map_or(Span::at(0), place);
            let message = format!("this is not TOML: {}", error.message().trim_end_matches(['.', '\n']));
            let help = match error.message() {
                "duplicate key" => "this name is there already: put the two together, or give one another name",
                _ => {
                    "write `key = value` lines under `[section]` headings; texts stand in quotes, and so do names \
                      that have more than plain letters, digits, `_` and `-`"
                }
            };
            self.found.push(Diagnostic::new(self.codes.syntax, self.file, span, message).help(help));
        }
        let span = place(table.span());
        Node { span, kind: Kind::Table(entries(table.into_inner())) }
    }

    /// Reports a value that does not fit, and what to write instead.
    pub(crate) fn bad(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.found.push(Diagnostic::new(self.codes.value, self.file, span, message).help(help));
    }

    /// Reports a name that is there twice, the first time at `first` if that is in the document.
    pub(crate) fn twice(
        &mut self,
        span: Span,
        first: Option<Span>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let mut report = Diagnostic::new(self.codes.twice, self.file, span, message).label("again here").help(help);
        if let Some(first) = first {
            report = report.because(self.file, first, "first here");
        }
        self.found.push(report);
    }

    /// Reports a name that is none of the known ones. The fix keeps the quotes, if there are any.
    pub(crate) fn unknown<'k>(&mut self, name: Named<'_>, message: String, known: impl IntoIterator<Item = &'k str>) {
        let known: Vec<&str> = known.into_iter().collect();
        if let Some(meant) = did_you_mean(name.text, known.iter().copied()) {
            self.meant(name, message, meant);
            return;
        }
        let help = if known.is_empty() {
            "nothing of that kind is declared yet".to_owned()
        } else {
            format!("known are {}", one_of(known, 12))
        };
        self.found.push(Diagnostic::new(self.codes.unknown, self.file, name.span, message).help(help));
    }

    /// Reports a wrong name for which the right one is known.
    pub(crate) fn meant(&mut self, name: Named<'_>, message: String, meant: &str) {
        let text = if name.quoted || meant.contains(' ') { format!("{meant:?}") } else { meant.to_owned() };
        let report = Diagnostic::new(self.codes.unknown, self.file, name.span, message);
        let report = report.help(format!("did you mean `{meant}`?"));
        self.found.push(report.fix(format!("write `{meant}`"), name.span, text));
    }

    /// Reports a key that `owner` does not have.
    pub(crate) fn unknown_key(&mut self, entry: &Entry, owner: &str, known: &[&str]) {
        let name = Named { text: &entry.key, span: entry.span, quoted: false };
        self.unknown(name, format!("{owner} has no key `{}`", entry.key), known.iter().copied());
    }

    /// The entries of a table, in the order of the text.
    pub(crate) fn table<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Entry] {
        if let Kind::Table(entries) = &node.kind {
            return entries;
        }
        self.wrong(node, what, "a table");
        &[]
    }

    /// The items of a list.
    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        if let Kind::List(items) = &node.kind {
            return items;
        }
        self.wrong(node, what, "a list such as `[\"one\", \"two\"]`");
        &[]
    }

    /// A text that is not empty.
    pub(crate) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<Named<'n>> {
        match &node.kind {
            Kind::Text(text) if text.trim().is_empty() => {
                self.bad(node.span, format!("{what} is empty"), "write a text or remove the key");
                None
            }
            Kind::Text(text) => Some(Named { text, span: node.span, quoted: true }),
            Kind::Int(_) | Kind::Decimal(_) | Kind::Bool(_) | Kind::Time(_) | Kind::List(_) | Kind::Table(_) => {
                self.wrong(node, what, "a text in quotes");
                None
            }
        }
    }

    /// The texts of a list; one text alone is a list of one.
    pub(crate) fn texts<'n>(&mut self, node: &'n Node, what: &str) -> Vec<Named<'n>> {
        if let Kind::Text(_) = node.kind {
            return self.text(node, what).into_iter().collect();
        }
        let items = self.list(node, what);
        items.iter().filter_map(|item| self.text(item, &format!("a part of {what}"))).collect()
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, node: &Node, what: &str) -> Option<bool> {
        if let Kind::Bool(value) = node.kind {
            return Some(value);
        }
        self.wrong(node, what, "`true` or `false`");
        None
    }

    fn wrong(&mut self, node: &Node, what: &str, wanted: &str) {
        let message = format!("{what} must be {wanted}");
        let report = Diagnostic::new(self.codes.value, self.file, node.span, message);
        self.found.push(report.label(format!("this is {}", node.what())));
    }
}

/// A name in the document with its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'n> {
    pub text: &'n str,
    pub span: Span,
    /// Whether `span` includes quotes.
    pub quoted: bool,
}

impl Entry {
    /// The key as a name.
    pub(crate) fn name(&self) -> Named<'_> {
        Named { text: &self.key, span: self.span, quoted: false }
    }
}

fn place(range: std::ops::Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(range.start), offset(range.end))
}

/// The entries in the order of the text, which people see in forms; the parser gives them by name.
fn entries(table: DeTable<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, value)| Entry { span: place(key.span()), key: key.into_inner().into_owned(), value: node(value) })
        .collect();
    entries.sort_by_key(|entry| entry.span);
    entries
}

fn node(value: Spanned<DeValue<'_>>) -> Node {
    let span = place(value.span());
    let kind = match value.into_inner() {
        DeValue::String(text) => Kind::Text(text.into_owned()),
        DeValue::Integer(number) if number.radix() == 10 => Kind::Int(number.as_str().to_owned()),
        DeValue::Integer(number) => {
            let value = i64::from_str_radix(number.as_str(), number.radix());
            Kind::Int(value.map_or_else(|_| number.to_string(), |value| value.to_string()))
        }
        DeValue::Float(number) => Kind::Decimal(number.as_str().to_owned()),
        DeValue::Boolean(value) => Kind::Bool(value),
        DeValue::Datetime(time) => Kind::Time(time.to_string()),
        DeValue::Array(items) => Kind::List(items.into_iter().map(node).collect()),
        DeValue::Table(table) => Kind::Table(entries(table)),
    };
    Node { span, kind }
}

//! The texts of a workspace as an editor has them, and what is wrong with them.

use crate::check::{self, Script};
use crate::diagnostics::{self, Diagnostic};
use crate::pipeline::Texts;
use crate::schema::{self, Schema};
use crate::source::{FileId, SourceFile, Sources};
use crate::syntax::{self, Parse};
use std::collections::{BTreeMap, BTreeSet};

/// A workspace whose texts change.
#[derive(Debug)]
pub struct Workspace {
    sources: Sources,
    schema_file: Option<FileId>,
    schema: Schema,
    /// What is wrong with the schema.
    schema_found: Vec<Diagnostic>,
    scripts: BTreeMap<FileId, Parse>,
    found: BTreeMap<FileId, Vec<Diagnostic>>,
    stale: bool,
}

impl Workspace {
    /// A workspace of these texts.
    pub fn new(texts: Texts) -> Self {
        let Texts { sources, schema, scripts, root: _ } = texts;
        let mut workspace = Self {
            sources,
            schema_file: schema,
            schema: Schema::default(),
            schema_found: Vec::new(),
            scripts: BTreeMap::new(),
            found: BTreeMap::new(),
            stale: true,
        };
        workspace.load_schema();
        for file in scripts {
            workspace.parse(file);
        }
        workspace
    }

    /// Gives a file another text. Nothing is checked before [`Self::refresh`].
    pub fn set(&mut self, file: FileId, text: &str) {
        if self.sources.text(file) == text {
            return;
        }
        self.sources.set(file, text);
        if self.schema_file == Some(file) {
            self.load_schema();
        } else {
            self.parse(file);
        }
        self.stale = true;
    }

    fn load_schema(&mut self) {
        let file = self.schema_file.unwrap_or_default();
        let text = self.schema_file.map_or("", |file| self.sources.text(file));
        (self.schema, self.schema_found) = schema::load(file, text);
    }

    fn parse(&mut self, file: FileId) {
        self.scripts.insert(file, syntax::parse(self.sources.text(file), file));
    }

    /// Checks what has changed. Gives the files whose diagnostics are others than before.
    pub fn refresh(&mut self) -> BTreeSet<FileId> {
        if !std::mem::take(&mut self.stale) {
            return BTreeSet::new();
        }
        let mut found: BTreeMap<FileId, Vec<Diagnostic>> = BTreeMap::new();
        for diagnostic in self.check() {
            found.entry(diagnostic.file()).or_default().push(diagnostic);
        }
        let files = self.sources.iter().map(|(file, _)| file);
        let changed = files.filter(|file| found.get(file) != self.found.get(file)).collect();
        self.found = found;
        changed
    }

    fn check(&self) -> Vec<Diagnostic> {
        let mut found = self.schema_found.clone();
        let scripts: Vec<Script<'_>> = self
            .scripts
            .iter()
            .filter_map(|(file, parse)| {
                let source = self.sources.get(*file)?;
                Some(Script { file: *file, name: &source.name, text: &source.text, tree: &parse.file })
            })
            .collect();
        found.extend(self.scripts.values().flat_map(|parse| parse.diagnostics.clone()));
        let (checked, mut more) = check::check(&scripts, &self.schema);
        found.append(&mut more);
        found.append(&mut check::graph::graph(&scripts, &checked, &self.schema).diagnostics());
        found.append(&mut check::lint(&scripts, &checked, &self.schema));
        for (file, parse) in &self.scripts {
            if let Some(source) = self.sources.get(*file) {
                check::allow(*file, source, &parse.trivia, &mut found);
            }
        }
        diagnostics::sort(&mut found);
        found
    }

    /// What is wrong with a file, by place, as of the last [`Self::refresh`].
    pub fn diagnostics(&self, file: FileId) -> &[Diagnostic] {
        self.found.get(&file).map_or(&[], Vec::as_slice)
    }

    /// The file of this number.
    pub fn source(&self, file: FileId) -> Option<&SourceFile> {
        self.sources.get(file)
    }

    /// The text of a file; empty for an unknown number.
    pub fn text(&self, file: FileId) -> &str {
        self.sources.text(file)
    }

    /// All texts.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What scripts may name.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The file that is `crm.toml`.
    pub fn schema_file(&self) -> Option<FileId> {
        self.schema_file
    }

    /// A script as it was read.
    pub fn parsed(&self, file: FileId) -> Option<&Parse> {
        self.scripts.get(&file)
    }
}

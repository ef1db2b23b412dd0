//! The texts of a workspace as an editor has them, and what is known of them.

use crate::check::index::Use;
use crate::check::{self, Kept, Script};
use crate::diagnostics::{self, Diagnostic, Severity};
use crate::pipeline::Texts;
use crate::schema::{self, Schema};
use crate::source::{FileId, SourceFile, Sources};
use crate::syntax::{self, Parse};
use std::collections::{BTreeMap, BTreeSet};

/// How many rules a workspace may have for the search for circles to be done with every change. In larger ones it waits
/// for a pause, see [`Workspace::refresh_circles`].
const FEW_RULES: usize = 200;

/// A workspace whose texts change. Files must be numbered in the order in which their rules run.
#[derive(Debug)]
pub struct Workspace {
    sources: Sources,
    schema_file: Option<FileId>,
    schema: Schema,
    /// What is wrong with the schema.
    schema_found: Vec<Diagnostic>,
    scripts: BTreeMap<FileId, Parse>,
    /// Scripts that were not checked since their text, or the schema, has changed.
    changed: BTreeSet<FileId>,
    kept: Kept,
    /// Rules that set one another off without end.
    circles: Vec<Diagnostic>,
    circles_stale: bool,
    schema_changed: bool,
    found: BTreeMap<FileId, Vec<Diagnostic>>,
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
            changed: BTreeSet::new(),
            kept: Kept::default(),
            circles: Vec::new(),
            circles_stale: true,
            schema_changed: true,
            found: BTreeMap::new(),
        };
        for file in scripts {
            workspace.parse(file);
        }
        workspace.load_schema();
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
    }

    fn load_schema(&mut self) {
        let file = self.schema_file.unwrap_or_default();
        let text = self.schema_file.map_or("", |file| self.sources.text(file));
        (self.schema, self.schema_found) = schema::load(file, text);
        // Any name of any script may mean something else now.
        self.changed.extend(self.scripts.keys());
        self.schema_changed = true;
    }

    fn parse(&mut self, file: FileId) {
        self.scripts.insert(file, syntax::parse(self.sources.text(file), file));
        self.changed.insert(file);
    }

    /// Checks what has changed. Gives the files whose diagnostics are others than before.
    pub fn refresh(&mut self) -> BTreeSet<FileId> {
        if self.changed.is_empty() && !self.schema_changed {
            return BTreeSet::new();
        }
        self.schema_changed = false;
        let mut changed = std::mem::take(&mut self.changed);
        let mut kept = std::mem::take(&mut self.kept);
        changed.extend(kept.again(&self.as_scripts(), &self.schema, &changed));
        self.kept = kept;
        self.circles_stale = true;
        if self.kept.checked().rules.len() <= FEW_RULES {
            self.look_for_circles();
        } else {
            // What goes through a changed script may have moved or gone; until the next pause it is not shown.
            self.circles.retain(|d| d.labels.iter().all(|label| !changed.contains(&label.file)));
        }
        self.put_together(changed)
    }

    /// Whether a pause is of use, see [`Self::refresh_circles`].
    pub fn waits_for_a_pause(&self) -> bool {
        self.circles_stale
    }

    /// Looks for rules that set one another off without end, which takes all scripts of the workspace. Gives the files
    /// whose diagnostics are others than before.
    pub fn refresh_circles(&mut self) -> BTreeSet<FileId> {
        if !self.circles_stale || !self.changed.is_empty() {
            return BTreeSet::new();
        }
        self.look_for_circles();
        self.put_together(BTreeSet::new())
    }

    fn look_for_circles(&mut self) {
        let graph = check::graph::graph(&self.as_scripts(), self.kept.checked(), &self.schema);
        let own = self.scripts.iter().flat_map(|(file, parse)| parse.diagnostics.iter().chain(self.kept.found(*file)));
        let mut found = self.schema_found.iter().chain(self.kept.shared()).chain(own);
        self.circles = graph.diagnostics(!found.any(|d| d.severity() == Severity::Error));
        self.circles_stale = false;
    }

    /// The scripts as the checker takes them, in the order of their numbers.
    fn as_scripts(&self) -> Vec<Script<'_>> {
        let found = self.scripts.iter().filter_map(|(file, parse)| {
            let source = self.sources.get(*file)?;
            Some(Script { file: *file, name: &source.name, text: &source.text, tree: &parse.file })
        });
        found.collect()
    }

    /// Puts together what is wrong with the files in which something may have changed.
    fn put_together(&mut self, mut files: BTreeSet<FileId>) -> BTreeSet<FileId> {
        let mut others: BTreeMap<FileId, Vec<Diagnostic>> = BTreeMap::new();
        for diagnostic in self.schema_found.iter().chain(self.kept.shared()).chain(&self.circles) {
            others.entry(diagnostic.file()).or_default().push(diagnostic.clone());
        }
        files.extend(others.keys());
        // Those that had something wrong may have lost what came from elsewhere.
        files.extend(self.found.keys());
        files.retain(|file| {
            let mut found = others.remove(file).unwrap_or_default();
            if let (Some(parse), Some(source)) = (self.scripts.get(file), self.sources.get(*file)) {
                found.extend(parse.diagnostics.iter().chain(self.kept.found(*file)).cloned());
                check::allow(*file, source, &parse.trivia, &mut found);
            }
            diagnostics::sort(&mut found);
            let before = if found.is_empty() {
                self.found.remove(file).unwrap_or_default()
            } else {
                self.found.insert(*file, found).unwrap_or_default()
            };
            before != self.diagnostics(*file)
        });
        files
    }

    /// What is wrong with a file, by place, as of the last [`Self::refresh`].
    pub fn diagnostics(&self, file: FileId) -> &[Diagnostic] {
        self.found.get(&file).map_or(&[], Vec::as_slice)
    }

    /// What the names in a script stand for, by place, as of the last [`Self::refresh`].
    pub fn uses(&self, file: FileId) -> &[Use] {
        self.kept.uses(file)
    }

    /// The rules and functions without mistakes, as of the last [`Self::refresh`].
    pub fn checked(&self) -> &check::Checked {
        self.kept.checked()
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

    /// All scripts as they were read.
    pub fn scripts(&self) -> impl Iterator<Item = (FileId, &Parse)> {
        self.scripts.iter().map(|(file, parse)| (*file, parse))
    }
}

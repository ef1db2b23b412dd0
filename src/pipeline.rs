//! The whole way from texts to programs, stage by stage: [`Texts`] → [`Parsed`] → [`Understood`] → [`Compiled`].
//!
//! Each step gives its result and adds to the list of diagnostics; nothing here decides whether mistakes matter. It is
//! pure: the caller has read the files.

use crate::check;
use crate::check::graph::Graph;
use crate::diagnostics::{self, Diagnostic};
use crate::ir::{self, Program, TestPlan};
use crate::schema::{self, Schema};
use crate::source::{FileId, Sources};
use crate::syntax::{self, Parse};
use std::sync::Arc;

/// The texts of a workspace: `crm.toml` and the scripts.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// All texts with their names.
    pub sources: Sources,
    /// `crm.toml`, if there is one; without it only the built-in entities are known.
    pub schema: Option<FileId>,
    /// The scripts, in the order in which their rules are to run.
    pub scripts: Vec<FileId>,
    /// What stands before the paths within the workspace in the names of the sources; empty or with a `/` at its end.
    pub root: String,
}

/// Every script as a tree.
#[derive(Debug)]
pub struct Parsed {
    /// The texts.
    pub texts: Texts,
    /// A tree for each script, in order.
    pub trees: Vec<(FileId, Parse)>,
    /// What was wrong so far.
    pub diagnostics: Vec<Diagnostic>,
}

/// Every script with its meaning, before anything is compiled.
#[derive(Debug)]
pub struct Understood {
    /// The texts.
    pub sources: Sources,
    /// What scripts may name.
    pub schema: Schema,
    /// The rules and functions without mistakes.
    pub checked: check::Checked,
    /// How rules set one another off.
    pub graph: Graph,
    /// Everything that was wrong, sorted.
    pub diagnostics: Vec<Diagnostic>,
}

/// A workspace that can run, as far as it has no mistakes.
#[derive(Debug)]
pub struct Compiled {
    /// The texts, to show places in them.
    pub sources: Sources,
    /// What scripts may name.
    pub schema: Arc<Schema>,
    /// The rules without mistakes, in file and rule order.
    pub programs: Vec<Arc<Program>>,
    /// The tests without mistakes, in file order.
    pub tests: Vec<TestPlan>,
    /// Everything that was wrong, sorted.
    pub diagnostics: Vec<Diagnostic>,
}

impl Texts {
    /// Parses every script.
    pub fn parse(self) -> Parsed {
        let mut diagnostics = Vec::new();
        let mut trees = Vec::with_capacity(self.scripts.len());
        for &file in &self.scripts {
            let mut parse = syntax::parse(self.sources.text(file), file);
            diagnostics.append(&mut parse.diagnostics);
            trees.push((file, parse));
        }
        Parsed { texts: self, trees, diagnostics }
    }
}

impl Parsed {
    /// The scripts as the checker takes them.
    pub fn scripts(&self) -> Vec<check::Script<'_>> {
        let found = self.trees.iter().filter_map(|tree| {
            let (file, parse) = tree;
            let source = self.texts.sources.get(*file)?;
            let name = source.name.strip_prefix(&*self.texts.root).unwrap_or(&source.name);
            Some(check::Script { file: *file, name, text: &source.text, tree: &parse.file })
        });
        found.collect()
    }

    /// Checks every script against the schema, and all of them together.
    pub fn check(mut self) -> Understood {
        let mut diagnostics = std::mem::take(&mut self.diagnostics);
        let schema = load_schema(&self.texts, &mut diagnostics);
        let scripts = self.scripts();
        let (checked, mut found) = check::check(&scripts, &schema);
        diagnostics.append(&mut found);
        let graph = check::graph::graph(&scripts, &checked, &schema);
        let sound = !diagnostics::has_errors(&diagnostics);
        diagnostics.append(&mut graph.diagnostics(sound));
        diagnostics.append(&mut check::lint(&scripts, &checked, &schema));
        for (file, parse) in &self.trees {
            if let Some(source) = self.texts.sources.get(*file) {
                check::allow(*file, source, &parse.trivia, &mut diagnostics);
            }
        }
        diagnostics::sort(&mut diagnostics);
        Understood { sources: self.texts.sources, schema, checked, graph, diagnostics }
    }

    /// Checks everything and compiles what has no mistakes.
    pub fn compile(self) -> Compiled {
        self.check().compile()
    }
}

impl Understood {
    /// Compiles the rules without mistakes.
    pub fn compile(self) -> Compiled {
        let Self { sources, schema, checked, graph: _, diagnostics } = self;
        let programs = ir::lower(&checked, &sources, &schema).into_iter().map(Arc::new).collect();
        let around = ir::Around { functions: &checked.functions, sources: &sources, schema: &schema };
        let tests = checked.tests.iter().filter_map(|test| ir::lower_test(test, around)).collect();
        Compiled { sources, schema: Arc::new(schema), programs, tests, diagnostics }
    }
}

impl Compiled {
    /// Whether nothing is wrong but lints.
    pub fn is_sound(&self) -> bool {
        !diagnostics::has_errors(&self.diagnostics)
    }
}

fn load_schema(texts: &Texts, diagnostics: &mut Vec<Diagnostic>) -> Schema {
    let (file, text) = texts.schema.map_or((FileId::default(), ""), |file| (file, texts.sources.text(file)));
    let (schema, mut found) = schema::load(file, text);
    diagnostics.append(&mut found);
    schema
}

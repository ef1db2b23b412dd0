//! What the checker knows while it walks through one rule.

use super::library::Signature;
use super::typed::{Expr, ExprKind, FnId, Local, LocalId};
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::{Entity, EntityId, Schema, Type};
use crate::source::{FileId, Span};
use std::collections::BTreeMap;

/// What the current rule was set off by; decides which roots are in scope.
#[derive(Clone, Copy, Debug)]
pub(super) enum Root {
    /// No rule: constants.
    None,
    /// A function: it sees only its parameters.
    Function,
    /// A record of this entity.
    Record(EntityId),
    /// A named event, which may be attached to records.
    Event,
}

/// The state of a check.
pub(super) struct Checker<'a> {
    pub(super) schema: &'a Schema,
    pub(super) file: FileId,
    pub(super) text: &'a str,
    pub(super) out: Vec<Diagnostic>,
    pub(super) consts: BTreeMap<&'a str, Expr>,
    pub(super) root: Root,
    /// The members of `event`, for the current trigger.
    pub(super) event: Type,
    pub(super) locals: Vec<Local>,
    pub(super) scopes: Vec<Vec<LocalId>>,
    /// Paths that are known not to be missing here.
    pub(super) facts: Vec<String>,
    /// Inside a condition or a text, where a missing value has a meaning.
    pub(super) lenient: bool,
    pub(super) loops: u32,
    /// All functions of the workspace.
    pub(super) signatures: &'a [Signature],
    /// Those that this file can call, by name.
    pub(super) functions: BTreeMap<&'a str, FnId>,
    /// In a function, what it gives back.
    pub(super) result: Option<Type>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(schema: &'a Schema, file: FileId, text: &'a str, signatures: &'a [Signature]) -> Self {
        Self {
            schema,
            file,
            text,
            out: Vec::new(),
            consts: BTreeMap::new(),
            root: Root::None,
            event: Type::Error,
            locals: Vec::new(),
            scopes: Vec::new(),
            facts: Vec::new(),
            lenient: false,
            loops: 0,
            signatures,
            functions: BTreeMap::new(),
            result: None,
        }
    }

    /// Forgets the rule before and begins another.
    pub(super) fn begin(&mut self, root: Root, event: Type) {
        self.root = root;
        self.event = event;
        self.locals.clear();
        self.scopes.clear();
        self.facts.clear();
        self.lenient = false;
        self.loops = 0;
        self.result = None;
    }

    pub(super) fn text_of(&self, span: Span) -> &'a str {
        span.of(self.text)
    }

    pub(super) fn error(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.file, span, message)
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }

    /// Reports a construct of the language that this version does not run.
    pub(super) fn unsupported(&mut self, span: Span, what: &str) {
        let diagnostic = self
            .error(Code::E0901, span, format!("{what} is not supported yet"))
            .label("this version cannot run it")
            .help("leave it out for now; the release notes say when it comes");
        self.report(diagnostic);
    }

    pub(super) fn entity(&self, id: EntityId) -> Option<&'a Entity> {
        self.schema.get(id)
    }

    pub(super) fn type_name(&self, ty: &Type) -> String {
        self.schema.type_name(ty)
    }

    /// Runs `f` with missing values allowed.
    pub(super) fn leniently<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.lenient, true);
        let result = f(self);
        self.lenient = before;
        result
    }

    /// Runs `f` in a scope of its own, with facts that hold only there.
    pub(super) fn scoped<T>(&mut self, facts: Vec<String>, f: impl FnOnce(&mut Self) -> T) -> T {
        let known = self.facts.len();
        self.facts.extend(facts);
        self.scopes.push(Vec::new());
        let result = f(self);
        self.scopes.pop();
        self.facts.truncate(known);
        result
    }

    /// Declares a variable in the innermost scope.
    pub(super) fn declare(&mut self, span: Span, ty: Type) -> LocalId {
        let name = self.text_of(span);
        let id = LocalId(u16::try_from(self.locals.len()).unwrap_or(u16::MAX));
        if self.scopes.iter().flatten().any(|&other| self.local(other).is_some_and(|l| &*l.name == name)) {
            let before = self.scopes.iter().flatten().filter_map(|&o| self.local(o)).find(|l| &*l.name == name);
            let place = before.map_or(span, |l| l.span);
            let diagnostic = self
                .error(Code::E0209, span, format!("`{name}` is already defined"))
                .label("a second time")
                .because(self.file, place, "first here")
                .help(format!("take another name, or change the value with `set {name} = …;`"));
            self.report(diagnostic);
        }
        self.locals.push(Local { name: name.into(), ty, span });
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(id);
        }
        id
    }

    pub(super) fn local(&self, id: LocalId) -> Option<&Local> {
        self.locals.get(id.0 as usize)
    }

    pub(super) fn find_local(&self, name: &str) -> Option<LocalId> {
        self.scopes.iter().rev().flatten().copied().find(|&id| self.local(id).is_some_and(|l| &*l.name == name))
    }
}

/// An expression that stands for something already reported.
pub(super) fn error_expr(span: Span) -> Expr {
    Expr { span, ty: Type::Error, kind: ExprKind::Error }
}

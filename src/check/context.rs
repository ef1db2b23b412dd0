//! What the checker knows while it walks through one rule.

use super::effects::Found;
use super::facts::ANYTHING;
use super::index::{Symbol, Use};
use super::learned::Learned;
use super::library::Signature;
use super::special::Setting;
use super::stmt::ends;
use super::typed::{Expr, ExprKind, FnId, Local, LocalId, Migration, Stmt};
use super::{Given, Known};
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::{Entity, EntityId, Place, Schema, Type};
use crate::source::{FileId, Span};
use crate::syntax::ast;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the current rule was set off by; decides which roots are in scope.
#[derive(Clone, Copy, Debug)]
pub(super) enum Root {
    /// No rule: constants.
    None,
    /// A function: it sees only its parameters.
    Function,
    /// A flow, which sees only its parameters, too.
    Flow,
    /// A test: it names every record by a variable.
    Test,
    /// A record of this entity.
    Record(EntityId),
    /// A named event, which may be attached to records.
    Event,
}

/// What is known before and after statements of which one of several is done.
pub(super) struct Ways {
    before: Vec<String>,
    after: Option<Vec<String>>,
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
    /// Those of the `while` clause, which hold as long as the run goes on.
    pub(super) lasting: Vec<String>,
    /// Those that held before a wait, and where it is.
    pub(super) forgotten: Vec<(String, Span)>,
    /// Inside a condition or a text, where a missing value has a meaning.
    pub(super) lenient: bool,
    /// Variables that keep the outcome of a wait, with the outcomes that it can have.
    pub(super) kept: Vec<(LocalId, Vec<&'static str>)>,
    /// What names stand for, where that is asked for.
    pub(super) index: Option<Vec<Use>>,
    /// What a prompt knows beside the text.
    given: Option<&'a Given>,
    /// All functions of the workspace.
    pub(super) signatures: &'a [Signature],
    /// Those that this file can call, by name.
    pub(super) functions: BTreeMap<&'a str, FnId>,
    /// All flows of the workspace.
    pub(super) flows: &'a [Signature],
    /// Those that this file can start, by name.
    pub(super) startable: BTreeMap<&'a str, FnId>,
    /// In a function, what it gives back.
    pub(super) result: Option<Type>,
    /// In a test, where every value counts as there: the test fails if it is not.
    pub(super) in_test: bool,
    /// In a test: whether it has its `for any`.
    pub(super) any: bool,
    /// The names of all rules of the workspace, for tests.
    pub(super) rules: &'a [String],
    /// The blocks around that cannot be left, such as that of an `undo`, the innermost last.
    pub(super) closed: Vec<Closed>,
    /// What lists hold that are empty at first.
    pub(super) learned: Learned,
    /// What was said by `migrate` and not taken by a wait yet.
    pub(super) migrations: Vec<Migration>,
    /// For each loop around what is known where it is left by `break`.
    pub(super) breaks: Vec<Vec<Vec<String>>>,
    /// What is known of the rule for actions that are not allowed in every one.
    pub(super) setting: Setting,
}

/// A block that is executed apart from what stands around it.
#[derive(Clone, Debug)]
pub(super) struct Closed {
    /// The word before it.
    pub(super) word: &'static str,
    /// The first variable that is its own; it sees copies of those before.
    pub(super) first: u16,
    /// The variables of outside that it uses.
    pub(super) used: Vec<LocalId>,
    /// The variables of outside that it changes.
    pub(super) changed: Vec<LocalId>,
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
            lasting: Vec::new(),
            forgotten: Vec::new(),
            lenient: false,
            signatures,
            functions: BTreeMap::new(),
            flows: &[],
            startable: BTreeMap::new(),
            result: None,
            in_test: false,
            any: false,
            rules: &[],
            closed: Vec::new(),
            kept: Vec::new(),
            given: None,
            index: None,
            learned: Learned::default(),
            migrations: Vec::new(),
            breaks: Vec::new(),
            setting: Setting::default(),
        }
    }

    /// Takes over what a prompt knows.
    pub(super) fn give(&mut self, given: &'a Given) {
        let known = |k: &'a Known| {
            let kind = ExprKind::Const(k.value.clone());
            (&*k.name, Expr { span: Span::default(), ty: k.ty.clone(), kind })
        };
        self.consts.extend(given.variables.iter().map(known));
        self.given = Some(given);
    }

    /// Forgets the rule before and begins another.
    pub(super) fn begin(&mut self, root: Root, event: Type) {
        self.root = root;
        self.event = event;
        self.locals.clear();
        self.scopes.clear();
        self.facts.clear();
        self.lasting.clear();
        self.forgotten.clear();
        self.result = None;
        self.setting = Setting::default();
        self.closed.clear();
        self.migrations.clear();
        self.breaks.clear();
        self.lenient = self.given.is_some_and(|given| given.lenient);
        self.kept.clear();
        self.in_test = false;
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
        let before = self.facts.clone();
        self.facts.extend(facts);
        self.scopes.push(Vec::new());
        let result = f(self);
        self.scopes.pop();
        // What was known before may have been forgotten inside.
        self.facts.retain(|fact| before.contains(fact));
        result
    }

    /// Time passes here: anybody may have changed records until it goes on. Variables stay, and what the event brought and
    /// is about.
    pub(super) fn time_passes(&mut self, at: Span) {
        let lasting = &self.lasting;
        let stays = |fact: &String| is_fixed(fact) || lasting.contains(fact);
        let forgotten = self.facts.iter().filter(|fact| !stays(fact)).map(|fact| (fact.clone(), at));
        self.forgotten.extend(forgotten);
        self.facts.retain(stays);
    }

    /// Before a block that is done again: what held before it need not hold the next time, if time passes in it or it
    /// changes fields itself.
    pub(super) fn before_again(&mut self, body: &ast::Block) {
        let found = Found::of(body);
        if self.waits(&found) {
            self.time_passes(Span::new(body.span.start, body.span.start.saturating_add(1)));
        }
        self.fields_change(&found);
    }

    /// What statements change is not known any more.
    pub(super) fn fields_change(&mut self, found: &Found) {
        let changed: Vec<String> = found.sets.iter().map(|name| format!(".{}", self.text_of(*name))).collect();
        let is_changed =
            |fact: &String| changed.iter().any(|name| fact.ends_with(name) || fact.contains(&format!("{name}.")));
        self.facts.retain(|fact| !is_changed(fact));
        for id in found.variables.iter().filter_map(|name| self.find_local(self.text_of(*name))).collect::<Vec<_>>() {
            self.note_currency(id, None);
        }
    }

    /// Whether statements may sleep.
    pub(super) fn waits(&self, found: &Found) -> bool {
        found.effects.waits || found.calls.iter().any(|name| self.call_waits(*name))
    }

    /// Whether a function of this name may sleep.
    pub(super) fn call_waits(&self, name: Span) -> bool {
        let id = self.functions.get(self.text_of(name));
        id.and_then(|id| self.signatures.get(usize::from(id.0))).is_some_and(|s| s.effects.waits)
    }

    /// Checks one of several ways of which exactly one is taken, when `facts` hold. All start from what `ways` knew
    /// before; what is known afterwards is what every way knows that comes to its end.
    pub(super) fn way(
        &mut self,
        ways: &mut Ways,
        facts: Vec<String>,
        f: impl FnOnce(&mut Self) -> Vec<Stmt>,
    ) -> Vec<Stmt> {
        self.facts.clone_from(&ways.before);
        self.facts.extend(facts);
        let body = f(self);
        if !body.last().is_some_and(ends) {
            match &mut ways.after {
                // What a mistaken condition may have proved counts only where one way is left.
                Some(all) => {
                    let known = |fact: &String| fact != ANYTHING || ways.before.contains(fact);
                    all.retain(|fact| self.facts.contains(fact) && known(fact));
                }
                None => ways.after = Some(self.facts.clone()),
            }
        }
        body
    }

    /// The start of several ways, each checked by [`Self::way`].
    pub(super) fn ways(&self) -> Ways {
        Ways { before: self.facts.clone(), after: None }
    }

    /// Goes on with what all ways know.
    pub(super) fn join(&mut self, ways: Ways) {
        self.facts = ways.after.unwrap_or(ways.before);
    }

    /// Declares a variable in the innermost scope.
    pub(super) fn declare(&mut self, span: Span, ty: Type) -> LocalId {
        let ty = self.learned.of(span, ty);
        let written = self.text_of(span);
        // Where its `$` is missing, which has been told, it is meant all the same.
        let name = &*if written.starts_with('$') { Cow::Borrowed(written) } else { Cow::Owned(format!("${written}")) };
        let id = LocalId(u16::try_from(self.locals.len()).unwrap_or(u16::MAX));
        if let Some(first) = self.taken(name) {
            let mut diagnostic =
                self.error(Code::E0209, span, format!("`{name}` is already defined")).label("a second time");
            if let Some((file, place)) = first {
                diagnostic = diagnostic.because(file, place, "first here");
            }
            let help = if self.find_local(name).is_some() {
                format!("take another name, or change the value with `set {name} = …;`")
            } else {
                "take another name: this one would hide what others mean by it".to_owned()
            };
            self.report(diagnostic.help(help));
        }
        let file = self.file;
        self.note_declared(span, &ty, || Symbol::Variable(file, span));
        self.locals.push(Local { name: name.into(), ty, span, currency: None });
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(id);
        }
        id
    }

    /// Notes that a variable is used, for the blocks around that see only a copy of it.
    pub(super) fn note_use(&mut self, id: LocalId) {
        for closed in self.closed.iter_mut().filter(|closed| id.0 < closed.first) {
            if !closed.used.contains(&id) {
                closed.used.push(id);
            }
        }
    }

    /// Where a variable, constant or binding of this name is defined, if there is one; the place may be unknown.
    fn taken(&self, name: &str) -> Option<Place> {
        let local = self.find_local(name).and_then(|id| self.local(id)).map(|l| Some((self.file, l.span)));
        // At a prompt a variable may be defined again.
        let given = self.given.is_some_and(|given| given.variables.iter().any(|known| &*known.name == name));
        let constant = || self.consts.get(name).filter(|_| !given).map(|e| Some((self.file, e.span)));
        local.or_else(constant).or_else(|| self.schema.binding(name).map(|b| b.place))
    }

    pub(super) fn local(&self, id: LocalId) -> Option<&Local> {
        self.locals.get(id.0 as usize)
    }

    pub(super) fn find_local(&self, name: &str) -> Option<LocalId> {
        self.scopes.iter().rev().flatten().copied().find(|&id| self.local(id).is_some_and(|l| &*l.name == name))
    }
}

/// Whether a fact stays true whatever happens to records: it is about a variable, or about what the event brought.
pub(super) fn is_fixed(fact: &str) -> bool {
    let of_event = fact.starts_with("event.") && fact.matches('.').count() == 1;
    // The records that an event is about, as roots of paths: the first of several that is there.
    let about = fact.starts_with('(') && fact.ends_with(')') && fact.contains("event.");
    !fact.contains('.') || of_event || about
}

/// An expression that stands for something already reported.
pub(super) fn error_expr(span: Span) -> Expr {
    Expr { span, ty: Type::Error, kind: ExprKind::Error }
}

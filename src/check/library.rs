//! What the scripts of a workspace offer one another: which file uses which, and the functions of each with their types.

use super::call::OVER_LISTS;
use super::context::Checker;
use super::effects::{Effects, Found};
use super::typed::{Expr, FnId};
use super::{Given, Script, constants, rule_names};
use crate::catalog;
use crate::diagnostics::{Code, Diagnostic, did_you_mean, one_of};
use crate::schema::{Schema, Type};
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, ItemKind};
use crate::value::Name;
use std::collections::BTreeMap;
use std::ops::Range;

/// A function as its callers see it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Signature {
    /// Its name.
    pub(super) name: Name,
    /// The script that declares it.
    pub(super) script: usize,
    /// The file of that script.
    pub(super) file: FileId,
    /// Where its name stands.
    pub(super) span: Span,
    /// Names and types of its parameters.
    pub(super) params: Vec<(Name, Type)>,
    /// What it gives back.
    pub(super) result: Option<Type>,
    /// What it may do, with all that it calls.
    pub(super) effects: Effects,
}

/// A script that is used by another, and where that is said.
pub(super) type Use = (usize, Span);

/// For each script those that it uses. Reports files that are not there, and circles.
fn uses(scripts: &[Script<'_>], schema: &Schema, out: &mut Vec<Diagnostic>) -> Vec<Vec<Use>> {
    let mut all: Vec<Vec<Use>> = Vec::with_capacity(scripts.len());
    for script in scripts {
        let mut checker = Checker::new(schema, script.file, script.text, &[]);
        let mut used: Vec<Use> = Vec::new();
        for item in &script.tree.items {
            let ItemKind::Use(text) = &item.kind else { continue };
            let wanted = checker.constant_text(text).unwrap_or_default();
            match scripts.iter().position(|other| same_file(other.name, &wanted)) {
                Some(at) if used.iter().any(|(other, _)| *other == at) => twice(&mut checker, text.span),
                Some(at) => used.push((at, text.span)),
                None => no_file(&mut checker, scripts, text.span, &wanted),
            }
        }
        out.append(&mut checker.out);
        all.push(used);
    }
    for (at, script) in scripts.iter().enumerate() {
        let Some((_, span)) = all.get(at).and_then(|used| used.iter().find(|(next, _)| reaches(&all, *next, at)))
        else {
            continue;
        };
        // Every file of the circle has a part in it; the report stands at each.
        let checker = Checker::new(schema, script.file, script.text, &[]);
        let diagnostic = checker
            .error(Code::E0212, *span, "this file is used by the file that it uses")
            .label("a circle")
            .help("put what both need into a third file, and use that in both");
        out.push(diagnostic);
    }
    all
}

/// Whether a path in `use` names this script. Both separators are understood.
fn same_file(name: &str, wanted: &str) -> bool {
    let plain = |path: &str| path.trim_start_matches("./").replace('\\', "/");
    plain(name) == plain(wanted)
}

fn no_file(checker: &mut Checker<'_>, scripts: &[Script<'_>], span: Span, wanted: &str) {
    let own = checker.file;
    let names = || scripts.iter().filter(move |s| s.file != own).map(|s| s.name);
    let diagnostic = checker.error(Code::E0211, span, format!("there is no script `{wanted}` in the workspace"));
    let diagnostic = match did_you_mean(wanted, names()) {
        Some(near) => {
            let label = format!("did you mean `{near}`?");
            diagnostic.label(label).fix(format!("write \"{near}\""), span, format!("\"{near}\""))
        }
        None => diagnostic.label("not found"),
    };
    let help = if names().next().is_none() {
        "paths start at the workspace's folder, which has no other script".to_owned()
    } else {
        format!("paths start at the workspace's folder; its other scripts are {}", one_of(names(), 8))
    };
    checker.report(diagnostic.help(help));
}

fn twice(checker: &mut Checker<'_>, span: Span) {
    let diagnostic = checker
        .error(Code::E0209, span, "this file is used twice")
        .label("a second time")
        .help("once is enough: remove this line");
    checker.report(diagnostic);
}

fn reaches(uses: &[Vec<Use>], from: usize, to: usize) -> bool {
    let mut seen = vec![false; uses.len()];
    let mut next = vec![from];
    while let Some(at) = next.pop() {
        if at == to {
            return true;
        }
        let Some(mark) = seen.get_mut(at).filter(|mark| !**mark) else { continue };
        *mark = true;
        next.extend(uses.get(at).into_iter().flatten().map(|(other, _)| *other));
    }
    false
}

/// What can be called by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `fn`
    Fn,
    /// `flow`
    Flow,
}

impl Kind {
    /// The item, if it is of this kind.
    fn of(self, item: &ItemKind) -> Option<&ast::Function> {
        match (self, item) {
            (Self::Fn, ItemKind::Fn(function)) | (Self::Flow, ItemKind::Flow(function)) => Some(function),
            _ => None,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Fn => "function",
            Self::Flow => "flow",
        }
    }
}

/// The functions or flows of all scripts, in file and item order.
fn signatures(kind: Kind, scripts: &[Script<'_>], schema: &Schema, out: &mut Vec<Diagnostic>) -> Vec<Signature> {
    let word = kind.word();
    let mut all: Vec<Signature> = Vec::new();
    for (at, script) in scripts.iter().enumerate() {
        let mut checker = Checker::new(schema, script.file, script.text, &[]);
        let first = all.len();
        for item in &script.tree.items {
            let Some(function) = kind.of(&item.kind) else { continue };
            let name = checker.text_of(function.name);
            if let Some(other) = all.iter().skip(first).find(|other| *other.name == *name) {
                let diagnostic = checker
                    .error(Code::E0209, function.name, format!("there are two {word}s named `{name}`"))
                    .label("a second time")
                    .because(script.file, other.span, "first here")
                    .help("give one of them another name");
                checker.report(diagnostic);
            } else if kind == Kind::Fn && (catalog::function(name).is_some() || OVER_LISTS.contains(&name)) {
                let diagnostic = checker
                    .error(Code::E0209, function.name, format!("`{name}` is a function of the language"))
                    .label("the name is taken")
                    .help("take another name");
                checker.report(diagnostic);
            }
            let params =
                function.params.iter().map(|p| (checker.text_of(p.name).into(), checker.type_named(&p.ty))).collect();
            let result = function.result.as_ref().map(|ty| checker.type_named(ty));
            all.push(Signature {
                name: name.into(),
                script: at,
                file: script.file,
                span: function.name,
                params,
                result,
                effects: Effects::default(),
            });
        }
        out.append(&mut checker.out);
    }
    all
}

/// What the scripts of a workspace offer one another.
pub(super) struct Library<'a> {
    scripts: &'a [Script<'a>],
    schema: &'a Schema,
    /// For each script those that it uses.
    pub(super) uses: Vec<Vec<Use>>,
    /// All functions, in file and item order.
    pub(super) signatures: Vec<Signature>,
    /// All flows, in file and item order.
    pub(super) flows: Vec<Signature>,
    /// For each script its constants.
    consts: Vec<BTreeMap<&'a str, Expr>>,
    /// The names of all rules that have one, for tests.
    pub(super) rules: Vec<String>,
}

impl<'a> Library<'a> {
    /// Collects what scripts offer. What is wrong with that is reported.
    pub(super) fn of(
        scripts: &'a [Script<'a>],
        schema: &'a Schema,
        given: &'a Given,
        out: &mut Vec<Diagnostic>,
    ) -> Self {
        let uses = uses(scripts, schema, out);
        let functions = signatures(Kind::Fn, scripts, schema, out);
        let flows = signatures(Kind::Flow, scripts, schema, out);
        let consts = scripts.iter().map(|script| constants(script, schema, given, out)).collect();
        let mut library =
            Self { scripts, schema, uses, signatures: functions, flows, consts, rules: rule_names(scripts) };
        library.effects();
        library
    }

    /// A checker for a script, with what the script can name.
    pub(super) fn checker(&'a self, at: usize, given: &'a Given) -> Checker<'a> {
        let (file, text) = self.scripts.get(at).map_or((FileId::default(), ""), |script| (script.file, script.text));
        let mut checker = Checker::new(self.schema, file, text, &self.signatures);
        checker.functions = self.scope(Kind::Fn, at, &mut checker.out);
        checker.flows = &self.flows;
        checker.startable = self.scope(Kind::Flow, at, &mut checker.out);
        checker.rules = &self.rules;
        checker.give(given);
        checker.consts.extend(self.constants(at));
        checker
    }

    /// The tree of a script.
    pub(super) fn tree(&self, at: usize) -> Option<&'a ast::File> {
        self.scripts.get(at).map(|script| script.tree)
    }

    /// All functions, or all flows.
    fn all(&self, kind: Kind) -> &[Signature] {
        match kind {
            Kind::Fn => &self.signatures,
            Kind::Flow => &self.flows,
        }
    }

    /// The numbers of the functions of a script.
    pub(super) fn own(&self, at: usize) -> Range<usize> {
        of_script(&self.signatures, at)
    }

    /// Whether a script offers functions or flows to those that use it.
    pub(super) fn offers(&self, at: usize) -> bool {
        !self.own(at).is_empty() || !of_script(&self.flows, at).is_empty()
    }

    /// The names of the functions or flows of a script, with their numbers.
    fn named(&self, kind: Kind, at: usize) -> impl Iterator<Item = (&'a str, FnId)> + '_ {
        let text = self.scripts.get(at).map_or("", |script| script.text);
        let all = self.all(kind);
        let ids = of_script(all, at).filter_map(move |id| Some((all.get(id)?.span.of(text), id)));
        ids.filter_map(|(name, id)| Some((name, FnId(u16::try_from(id).ok()?))))
    }

    /// The constants that a script can name: those of the files that it uses, and its own, which come last so that they
    /// count where a used file has the same name.
    pub(super) fn constants(&self, at: usize) -> impl Iterator<Item = (&'a str, Expr)> + '_ {
        let used = self.uses.get(at).into_iter().flatten().map(|(used, _)| *used);
        let of = |from: usize| self.consts.get(from).into_iter().flatten().map(|(name, e)| (*name, e.clone()));
        used.chain([at]).flat_map(of)
    }

    /// The functions or flows that a script can call: its own, and those of the files that it uses.
    fn scope(&self, kind: Kind, at: usize, out: &mut Vec<Diagnostic>) -> BTreeMap<&'a str, FnId> {
        let mut scope: BTreeMap<&'a str, FnId> = BTreeMap::new();
        for (name, id) in self.named(kind, at) {
            scope.entry(name).or_insert(id);
        }
        let Some(script) = self.scripts.get(at) else { return scope };
        for (used, span) in self.uses.get(at).into_iter().flatten().filter(|(used, _)| *used != at) {
            for (name, id) in self.named(kind, *used) {
                let Some(before) = scope.get(name).copied().filter(|before| *before != id) else {
                    scope.insert(name, id);
                    continue;
                };
                let checker = Checker::new(self.schema, script.file, script.text, &[]);
                let mut diagnostic = checker
                    .error(Code::E0209, *span, format!("this file brings a second {} named `{name}`", kind.word()))
                    .label("which one is meant would be unclear")
                    .help("give one of them another name");
                if let Some(first) = self.all(kind).get(usize::from(before.0)) {
                    diagnostic = diagnostic.because(first.file, first.span, "the first is here");
                }
                out.push(diagnostic);
            }
        }
        scope
    }

    /// Finds out what each function may do, with all that it calls.
    fn effects(&mut self) {
        let mut calls: Vec<Vec<usize>> = Vec::with_capacity(self.signatures.len());
        let mut own: Vec<Effects> = Vec::with_capacity(self.signatures.len());
        for (at, script) in self.scripts.iter().enumerate().filter(|(at, _)| !self.own(*at).is_empty()) {
            // What is wrong with a scope is told when its script is checked.
            let scope = self.scope(Kind::Fn, at, &mut Vec::new());
            let functions = script.tree.items.iter().filter_map(|item| match &item.kind {
                ItemKind::Fn(function) => Some(function),
                _ => None,
            });
            for function in functions {
                let found = Found::of(&function.body);
                let ids = found.calls.iter().filter_map(|name| scope.get(name.of(script.text)));
                calls.push(ids.map(|id| usize::from(id.0)).collect());
                own.push(found.effects);
            }
        }
        for (signature, effects) in self.signatures.iter_mut().zip(own) {
            signature.effects = effects;
        }
        self.spread(&calls);
    }

    /// Carries effects from functions to those that call them.
    fn spread(&mut self, calls: &[Vec<usize>]) {
        // Each round carries the effects one call further; they only grow, so this ends.
        let mut changed = true;
        while changed {
            changed = false;
            for (at, called) in calls.iter().enumerate() {
                let of_called = called.iter().filter_map(|id| self.signatures.get(*id)).map(|s| s.effects);
                let found = of_called.fold(Effects::default(), Effects::and);
                let Some(signature) = self.signatures.get_mut(at) else { continue };
                let joined = signature.effects.and(found);
                changed |= joined != signature.effects;
                signature.effects = joined;
            }
        }
    }
}

/// The numbers of what a script defines, in a list that is in file order.
fn of_script(all: &[Signature], at: usize) -> Range<usize> {
    all.partition_point(|s| s.script < at)..all.partition_point(|s| s.script <= at)
}

/// Types by their names, without entities.
const TYPES: [(&str, Type); 17] = [
    ("text", Type::Text),
    ("int", Type::Int),
    ("decimal", Type::Decimal),
    ("money", Type::Money),
    ("bool", Type::Bool),
    ("date", Type::Date),
    ("datetime", Type::DateTime),
    ("time", Type::Time),
    ("duration", Type::Duration),
    ("user", Type::User),
    ("department", Type::Department),
    ("role", Type::Role),
    ("chat", Type::Chat),
    ("phone", Type::Phone),
    ("email", Type::Email),
    ("url", Type::Url),
    ("run", Type::Run),
];

impl Checker<'_> {
    /// The type that is written there.
    pub(super) fn type_named(&mut self, written: &ast::TypeName) -> Type {
        let name = self.text_of(written.name);
        let known = TYPES.iter().find(|(n, _)| *n == name).map(|(_, ty)| ty.clone());
        // An e-mail is an entity too, but as a type the word means an address.
        let Some(found) = known.or_else(|| self.schema.entity_id(name).map(Type::Entity)) else {
            self.unknown_type(written.name, name);
            return Type::Error;
        };
        let listed = (0..written.lists).fold(found, |ty, _| ty.list());
        if written.optional { listed.optional() } else { listed }
    }

    fn unknown_type(&mut self, span: Span, name: &str) {
        let entities = self.schema.entities.iter().map(|e| &*e.name);
        let all: Vec<&str> = TYPES.iter().map(|(n, _)| *n).chain(entities).collect();
        let diagnostic = self.error(Code::E0210, span, format!("there is no type `{name}`"));
        let diagnostic = match did_you_mean(name, all.iter().copied()) {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
            }
            None => diagnostic.label("unknown type"),
        };
        let help = match name {
            "stage" | "status" | "pipeline" => "a stage is handed over as a `text`".to_owned(),
            _ => format!("types are {}, and the entities", one_of(TYPES.iter().map(|(n, _)| *n), 17)),
        };
        self.report(diagnostic.help(help));
    }
}

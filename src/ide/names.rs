//! What a name stands for: where it is declared, where else it is used, and how it is renamed everywhere.

use super::Workspace;
use super::format::Change;
use crate::check::index::{Symbol, Use};
use crate::schema::{Place, Schema};
use crate::source::{FileId, Span};
use crate::syntax::ast::{ItemKind, Text};
use crate::syntax::lexer;
use crate::syntax::token::Token;
use std::collections::BTreeMap;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The file.
    pub file: FileId,
    /// The place.
    pub span: Span,
}

/// What the name at an offset stands for.
pub fn use_at(workspace: &Workspace, file: FileId, at: u32) -> Option<&Use> {
    let index = workspace.uses(file);
    let until = index.partition_point(|one| one.span.start <= at);
    // The innermost: the last that begins before, as long as it has not ended.
    index.get(..until)?.iter().rev().take(8).find(|one| at <= one.span.end)
}

/// What is meant at an offset, with its place: a name in a script, or the declaration of something in `crm.toml`.
fn symbol_at(workspace: &Workspace, file: FileId, at: u32) -> Option<(Symbol, Span)> {
    if let Some(found) = use_at(workspace, file, at) {
        return Some((found.symbol.clone(), found.span));
    }
    if workspace.schema_file() != Some(file) {
        return None;
    }
    let holds = |(_, place): &(Symbol, Place)| {
        place.is_some_and(|(other, span)| other == file && span.start <= at && at <= span.end)
    };
    let (symbol, place) = declared(workspace.schema()).into_iter().find(holds)?;
    Some((symbol, place?.1))
}

/// Everything that `crm.toml` declares, with its place.
fn declared(schema: &Schema) -> Vec<(Symbol, Place)> {
    let mut all = Vec::new();
    for entity in &schema.entities {
        let name = || entity.name.clone();
        all.push((Symbol::Entity(name()), entity.place));
        all.extend(entity.fields.iter().map(|f| (Symbol::Field(name(), f.name.clone()), f.place)));
        for pipeline in &entity.pipelines {
            all.push((Symbol::Pipeline(name(), pipeline.name.clone()), pipeline.place));
            all.extend(pipeline.stages.iter().map(|s| (Symbol::Stage(name(), s.name.clone()), s.place)));
        }
    }
    let thing = |kind: &str, name: &crate::value::Name| Symbol::Thing(kind.into(), name.clone());
    all.extend(schema.users.iter().map(|(id, one)| (thing("user", id), one.place)));
    all.extend(schema.departments.iter().map(|(id, one)| (thing("department", id), one.place)));
    all.extend(schema.roles.iter().map(|(id, one)| (thing("role", id), one.place)));
    all.extend(schema.chats.iter().map(|(id, one)| (thing("chat", id), one.place)));
    all.extend(schema.bindings.iter().map(|(id, one)| (Symbol::Binding(id.clone()), one.place)));
    all
}

/// Where what stands at an offset is declared.
pub fn definition(workspace: &Workspace, file: FileId, at: u32) -> Vec<Spot> {
    if let Some(used) = used_file(workspace, file, at) {
        return vec![Spot { file: used, span: Span::at(0) }];
    }
    let Some(found) = use_at(workspace, file, at) else { return Vec::new() };
    declaration(workspace, file, &found.symbol)
}

/// Where something is declared, as seen from a file.
fn declaration(workspace: &Workspace, file: FileId, symbol: &Symbol) -> Vec<Spot> {
    match symbol {
        Symbol::Variable(file, span) | Symbol::Function(file, span) => vec![Spot { file: *file, span: *span }],
        Symbol::Constant(_) => constant(workspace, file, symbol).into_iter().collect(),
        Symbol::Choice(entity, field, _) => {
            in_schema(workspace, &Symbol::Field(entity.clone(), field.clone())).into_iter().collect()
        }
        // The same stage may be in several pipelines.
        Symbol::Stage(..)
        | Symbol::Binding(_)
        | Symbol::Entity(_)
        | Symbol::Field(..)
        | Symbol::Pipeline(..)
        | Symbol::Thing(..) => in_schema(workspace, symbol),
        Symbol::Root(_)
        | Symbol::Member(_)
        | Symbol::Outcome(_)
        | Symbol::Action(_)
        | Symbol::Parameter(..)
        | Symbol::Builtin(_)
        | Symbol::Event(_) => Vec::new(),
    }
}

fn in_schema(workspace: &Workspace, symbol: &Symbol) -> Vec<Spot> {
    let same = declared(workspace.schema()).into_iter().filter(|(other, _)| other == symbol);
    let mut places: Vec<Spot> = same.filter_map(|(_, place)| place).map(|(file, span)| Spot { file, span }).collect();
    places.dedup();
    places
}

/// Where a constant is declared that a file names: in itself, or in a file that it uses.
fn constant(workspace: &Workspace, file: FileId, symbol: &Symbol) -> Option<Spot> {
    let here = |file: FileId| {
        let found = workspace.uses(file).iter().find(|one| one.declares && one.symbol == *symbol)?;
        Some(Spot { file, span: found.span })
    };
    here(file).or_else(|| used_files(workspace, file).into_iter().find_map(|(_, used)| here(used)))
}

/// The files that a file uses, with the texts that name them.
fn used_files(workspace: &Workspace, file: FileId) -> Vec<(Span, FileId)> {
    let Some(parse) = workspace.parsed(file) else { return Vec::new() };
    let named = |text: &Text| {
        let wanted = text.span.of(workspace.text(file)).trim_matches('"').trim_start_matches("./").replace('\\', "/");
        workspace.sources().iter().find(|(_, source)| *source.name == *wanted).map(|(used, _)| (text.span, used))
    };
    let items = parse.file.items.iter();
    items.filter_map(|item| if let ItemKind::Use(text) = &item.kind { named(text) } else { None }).collect()
}

/// The file that a `use` at an offset names.
fn used_file(workspace: &Workspace, file: FileId, at: u32) -> Option<FileId> {
    used_files(workspace, file).into_iter().find(|(span, _)| span.start <= at && at <= span.end).map(|(_, used)| used)
}

/// Every place where what stands at an offset is named, in the order of the files; with its declaration where wanted.
pub fn references(workspace: &Workspace, file: FileId, at: u32, declaration: bool) -> Vec<Spot> {
    let Some((symbol, _)) = symbol_at(workspace, file, at) else { return Vec::new() };
    let mut found = all_uses(workspace, file, &symbol, declaration);
    if declaration {
        found.extend(in_schema(workspace, &symbol));
    }
    found.sort();
    found.dedup();
    found
}

/// The places in one file where what stands at an offset is named, and whether something is declared there.
pub fn highlights(workspace: &Workspace, file: FileId, at: u32) -> Vec<(Span, bool)> {
    let Some(found) = use_at(workspace, file, at) else { return Vec::new() };
    let same = workspace.uses(file).iter().filter(|one| one.symbol == found.symbol);
    same.map(|one| (one.span, one.declares)).collect()
}

fn all_uses(workspace: &Workspace, file: FileId, symbol: &Symbol, declarations: bool) -> Vec<Spot> {
    let home = |file| constant(workspace, file, symbol);
    // Constants of one name in files that do not use one another are not the same.
    let own = home(file).filter(|_| matches!(symbol, Symbol::Constant(_)));
    let mut found = Vec::new();
    for (other, _) in workspace.scripts() {
        let same = workspace.uses(other).iter().filter(|one| one.symbol == *symbol && (declarations || !one.declares));
        let spots = same.map(|one| Spot { file: other, span: one.span });
        if own.is_none() || home(other) == own {
            found.extend(spots);
        }
    }
    found
}

/// The name at an offset, if it can be renamed; else why not. `Ok(None)` where there is no name.
pub fn renamable(workspace: &Workspace, file: FileId, at: u32) -> Result<Option<Span>, String> {
    let Some((symbol, span)) = symbol_at(workspace, file, at) else { return Ok(None) };
    let of_schema = "is a name of the workspace: the CRM knows it too, so it is changed there and in crm.toml first";
    let of_language = "is a name of the language";
    let word = span.of(workspace.text(file));
    match symbol {
        Symbol::Variable(..) | Symbol::Constant(_) | Symbol::Function(..) => Ok(Some(span)),
        Symbol::Binding(_)
        | Symbol::Entity(_)
        | Symbol::Field(..)
        | Symbol::Stage(..)
        | Symbol::Pipeline(..)
        | Symbol::Choice(..)
        | Symbol::Thing(..) => Err(format!("`{word}` {of_schema}")),
        Symbol::Root(_)
        | Symbol::Member(_)
        | Symbol::Outcome(_)
        | Symbol::Action(_)
        | Symbol::Parameter(..)
        | Symbol::Builtin(_)
        | Symbol::Event(_) => Err(format!("`{word}` {of_language}")),
    }
}

/// The changes, by file, that give what stands at an offset another name. The error says why that cannot be.
pub fn rename(
    workspace: &Workspace,
    file: FileId,
    at: u32,
    name: &str,
) -> Result<BTreeMap<FileId, Vec<Change>>, String> {
    let Some(_) = renamable(workspace, file, at)? else { return Err("there is no name here".to_owned()) };
    let Some((symbol, _)) = symbol_at(workspace, file, at) else { return Err("there is no name here".to_owned()) };
    let is_function = matches!(symbol, Symbol::Function(..));
    // `$` need not be typed.
    let name = if is_function || name.starts_with('$') { name.to_owned() } else { format!("${name}") };
    possible(&name, is_function)?;
    let spots = all_uses(workspace, file, &symbol, true);
    if let Some(taken) = spots.iter().find_map(|spot| taken(workspace, spot.file, &symbol, &name)) {
        return Err(taken);
    }
    let mut changes: BTreeMap<FileId, Vec<Change>> = BTreeMap::new();
    for spot in spots {
        changes.entry(spot.file).or_default().push(Change { span: spot.span, text: name.clone() });
    }
    Ok(changes)
}

/// Whether a text is a name of this kind.
fn possible(name: &str, is_function: bool) -> Result<(), String> {
    let mut told = Vec::new();
    let tokens = lexer::lex(name, 0, FileId::default(), &mut told).tokens;
    let wanted = if is_function { Token::Name } else { Token::Var };
    let fine = matches!(tokens.as_slice(), [one] if one.kind == wanted && one.span.of(name) == name);
    if is_function && crate::catalog::function(name).is_some() {
        return Err(format!("`{name}` is a function of the language"));
    }
    if fine && told.is_empty() {
        return Ok(());
    }
    let form = if is_function {
        "letters, digits and `_`, and no word of the language"
    } else {
        "`$` and then letters, digits and `_`"
    };
    Err(format!("`{name}` cannot be a name here: it is {form}"))
}

/// Whether something else in the file has the name already.
fn taken(workspace: &Workspace, file: FileId, symbol: &Symbol, name: &str) -> Option<String> {
    let text = workspace.text(file);
    let mut others = workspace.uses(file).iter().filter(|one| one.symbol != *symbol && one.span.of(text) == name);
    // Variables of other rules may have it; within one item it would be confused.
    let near = |one: &&Use| match (&one.symbol, symbol) {
        (Symbol::Variable(_, other), Symbol::Variable(_, own)) => {
            item_of(workspace, file, *other) == item_of(workspace, file, *own)
        }
        _ => true,
    };
    others.find(near).map(|_| format!("`{name}` is taken in `{}`", workspace.source(file).map_or("", |s| &s.name)))
}

fn item_of(workspace: &Workspace, file: FileId, span: Span) -> Option<usize> {
    let items = &workspace.parsed(file)?.file.items;
    items.iter().position(|item| item.span.start <= span.start && span.end <= item.span.end)
}

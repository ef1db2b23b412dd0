//! What kind of place it is, by the tokens before it.

use super::Names;
use crate::check::fixed_members;
use crate::schema::{Schema, Type};
use crate::syntax::lexer::Lexed;
use crate::syntax::token::{NOUNS, Token};

/// The kinds of place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// After a dot.
    Field(Type),
    /// A `$` was typed.
    Variable,
    /// Where a statement begins.
    Statement,
    /// After `on`, with the words since then.
    Trigger(Vec<String>),
    /// After a noun that a name in quotes follows.
    Noun(String),
    /// Where a value of this type with named members is wanted.
    Members(Type),
    /// In an action, with its tokens so far.
    Action(Vec<String>),
    /// In a `find`, with so many tokens behind that word.
    Find(usize),
    /// In a `migrate`.
    Migrate(Migrate),
    /// Where a value stands.
    Value,
}

/// What can stand in a `migrate`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Migrate {
    /// Right behind that word.
    Parts,
    /// The old wait.
    Wait,
    /// In the old wait, behind which the values follow.
    InWait,
    /// A variable of this version.
    Variable,
}

/// The place behind these tokens.
pub(super) fn place(text: &str, tokens: &[Lexed], prefix: &str, names: Names<'_>) -> Place {
    let Some((last, earlier)) = tokens.split_last() else {
        return if prefix.starts_with('$') { Place::Variable } else { Place::Statement };
    };
    if matches!(last.kind, Token::Dot | Token::SafeDot) {
        return Place::Field(path_type(text, earlier, names).unwrap_or(Type::Error));
    }
    if prefix.starts_with('$') {
        return Place::Variable;
    }
    if matches!(last.kind, Token::Semi | Token::LBrace | Token::RBrace) {
        return Place::Statement;
    }
    if NOUNS.contains(&last.span.of(text)) && last.kind == Token::Name {
        return match wanted(text, earlier, names) {
            Some(ty) if matches!(last.span.of(text), "stage" | "pipeline") => Place::Members(ty),
            _ => Place::Noun(last.span.of(text).to_owned()),
        };
    }
    if let Some(ty) = wanted(text, tokens, names).filter(has_members) {
        return Place::Members(ty);
    }
    let statement = statement(tokens);
    let words = || statement.iter().map(|t| t.span.of(text).to_owned()).collect::<Vec<_>>();
    match statement.first().map(|t| t.kind) {
        Some(Token::On) => Place::Trigger(words().split_off(1)),
        Some(Token::Rule) if statement.iter().any(|t| t.kind == Token::On) => {
            let at = statement.iter().position(|t| t.kind == Token::On).unwrap_or(0);
            Place::Trigger(words().split_off(at + 1))
        }
        Some(Token::Wait) if statement.len() > 1 && statement.get(1).is_some_and(|t| t.kind == Token::For) => {
            Place::Trigger(words().split_off(2))
        }
        Some(Token::Migrate) => migrate(text, statement),
        Some(Token::Verb) => Place::Action(words()),
        Some(Token::Let) if statement.get(3).is_some_and(|t| t.kind == Token::Verb) => {
            Place::Action(words().split_off(3))
        }
        Some(Token::Let) if statement.get(3).is_some_and(|t| t.kind == Token::Find) => Place::Find(statement.len() - 4),
        _ => Place::Value,
    }
}

/// The place behind the tokens of a `migrate`.
fn migrate(text: &str, statement: &[Lexed]) -> Place {
    let kind = |at: usize| statement.get(at).map(|t| t.kind);
    let last = statement.last().map(|t| t.kind);
    let values = statement.iter().any(|t| t.kind == Token::With);
    match (kind(1), last) {
        (None, _) => Place::Migrate(Migrate::Parts),
        (_, Some(Token::With)) => Place::Migrate(Migrate::Variable),
        (_, Some(Token::Comma)) if values => Place::Migrate(Migrate::Variable),
        (_, _) if values => Place::Value,
        (_, _) if statement.len() == 2 => Place::Migrate(Migrate::Wait),
        (_, _) if kind(3) == Some(Token::For) => {
            let words = statement.iter().skip(4).map(|t| t.span.of(text).to_owned());
            Place::Trigger(words.collect())
        }
        (_, _) => Place::Migrate(Migrate::InWait),
    }
}

/// The tokens of the statement so far.
fn statement(tokens: &[Lexed]) -> &[Lexed] {
    let from = tokens.iter().rposition(|t| matches!(t.kind, Token::Semi | Token::LBrace | Token::RBrace));
    tokens.get(from.map_or(0, |at| at + 1)..).unwrap_or(&[])
}

/// The type that a value behind these tokens should have, by the path before the operator.
pub(super) fn wanted(text: &str, tokens: &[Lexed], names: Names<'_>) -> Option<Type> {
    let mut rest = tokens;
    // Back out of a list: `in [Won, `
    if let Some(open) = rest.iter().rposition(|t| t.kind == Token::LBracket)
        && rest.get(open..).is_some_and(|inside| inside.iter().all(|t| t.kind != Token::RBracket))
        && rest.last().is_some_and(|t| matches!(t.kind, Token::LBracket | Token::Comma))
    {
        rest = rest.get(..open)?;
    }
    let (last, before) = rest.split_last()?;
    if last.kind == Token::To {
        return moved_to(text, before, names);
    }
    match last.kind {
        Token::EqEq | Token::Ne | Token::In | Token::Assign | Token::Colon => {}
        _ => return None,
    }
    let before = match before.split_last() {
        Some((not, earlier)) if last.kind == Token::In && not.kind == Token::Not => earlier,
        _ => before,
    };
    path_type(text, before, names)
}

/// The stages after `move deal to`.
fn moved_to(text: &str, tokens: &[Lexed], names: Names<'_>) -> Option<Type> {
    let begins = tokens.iter().rposition(|t| t.span.of(text) == "move")?;
    let path = tokens.get(begins + 1..)?;
    let is_path = |t: &Lexed| t.kind.is_word() || matches!(t.kind, Token::Var | Token::Dot | Token::SafeDot);
    if !path.iter().all(is_path) {
        return None;
    }
    match path_type(text, path, names)?.present() {
        Type::Entity(id) => Some(Type::Stage(*id)),
        _ => None,
    }
}

/// The type of the path at the end of these tokens.
fn path_type(text: &str, tokens: &[Lexed], names: Names<'_>) -> Option<Type> {
    let mut fields = Vec::new();
    let mut rest = tokens;
    loop {
        let (name, before) = rest.split_last()?;
        if !name.kind.is_word() && name.kind != Token::Var {
            return None;
        }
        let name = name.span.of(text);
        match before.split_last() {
            Some((dot, earlier)) if matches!(dot.kind, Token::Dot | Token::SafeDot) => {
                fields.push(name);
                rest = earlier;
            }
            _ => {
                let root = searched(text, tokens, name, names.schema).or_else(|| root(name, names))?;
                return fields.iter().rev().try_fold(root, |ty, field| member(names.schema, &ty, field));
            }
        }
    }
}

/// What the variable of a `find` in the same statement stands for.
fn searched(text: &str, tokens: &[Lexed], name: &str, schema: &Schema) -> Option<Type> {
    let mut words = statement(tokens).iter().skip_while(|t| t.kind != Token::Find).skip(1);
    let (entity, variable) = (words.next()?, words.next()?);
    if variable.kind != Token::Var || variable.span.of(text) != name {
        return None;
    }
    schema.entity_id(entity.span.of(text)).map(Type::Entity)
}

fn root(name: &str, names: Names<'_>) -> Option<Type> {
    let schema = names.schema;
    if let Some((_, ty)) = names.variables.iter().find(|(known, _)| known == name) {
        return Some(ty.clone());
    }
    if let Some(binding) = schema.binding(name).filter(|_| name.starts_with('$')) {
        return match &*binding.target.kind {
            "user" => Some(Type::User),
            "department" => Some(Type::Department),
            "role" => Some(Type::Role),
            "chat" => Some(Type::Chat),
            kind => schema.entity_id(kind).map(Type::Entity),
        };
    }
    let entity = if name == "client" { "contact" } else { name };
    schema.entity_id(entity).map(Type::Entity)
}

fn member(schema: &Schema, ty: &Type, field: &str) -> Option<Type> {
    match ty.present() {
        Type::Entity(id) => schema.get(*id)?.field(field).map(|f| f.ty.clone()),
        ty => fixed_members(ty).into_iter().find(|(name, _)| *name == field).map(|(_, ty)| ty),
    }
}

fn has_members(ty: &Type) -> bool {
    matches!(ty.present(), Type::Stage(_) | Type::Pipeline(_) | Type::Enum(..) | Type::User)
}

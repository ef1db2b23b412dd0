//! What a call or an action takes, while it is typed.

use super::{Workspace, describe};
use crate::catalog::{self, Slot};
use crate::source::FileId;
use crate::syntax::ast::ItemKind;
use crate::syntax::lexer::{self, Lexed};
use crate::syntax::token::Token;

/// What is called at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// How it is written.
    pub label: String,
    /// What it does; may be empty.
    pub doc: String,
    /// Its parameters, each a part of the label, with what it is for.
    pub params: Vec<(String, String)>,
    /// Which of them is being typed.
    pub active: Option<usize>,
}

/// What a call, or else the action of the statement, takes at an offset. It looks at the tokens before, not at a tree.
pub fn signature(workspace: &Workspace, file: FileId, at: u32) -> Option<Signature> {
    let text = workspace.text(file);
    let before = text.get(..text.floor_char_boundary(at as usize))?;
    // What stands before the statement does not matter; it begins after the last mark that ends one.
    let tokens = lexer::lex(before, 0, FileId::default(), &mut Vec::new()).tokens;
    let from = tokens.iter().rposition(|t| matches!(t.kind, Token::Semi | Token::LBrace | Token::RBrace));
    let statement = tokens.get(from.map_or(0, |from| from + 1)..)?;
    of_call(workspace, file, before, statement).or_else(|| of_action(before, statement))
}

/// The innermost call that is open.
fn of_call(workspace: &Workspace, file: FileId, text: &str, tokens: &[Lexed]) -> Option<Signature> {
    let mut depth = 0usize;
    let mut commas = 0;
    for (at, token) in tokens.iter().enumerate().rev() {
        match token.kind {
            Token::RParen | Token::RBracket => depth += 1,
            Token::LBracket => depth = depth.checked_sub(1)?,
            Token::Comma if depth == 0 => commas += 1,
            Token::LParen if depth > 0 => depth -= 1,
            Token::LParen => {
                let name = at.checked_sub(1).and_then(|at| tokens.get(at)).filter(|t| t.kind.is_word())?;
                return called(workspace, file, name.span.of(text), commas);
            }
            _ => {}
        }
    }
    None
}

fn called(workspace: &Workspace, file: FileId, name: &str, commas: usize) -> Option<Signature> {
    if let Some(spec) = catalog::function(name) {
        let (label, shown) = describe::call(spec);
        let active = Some(commas.min(shown.len().saturating_sub(1))).filter(|_| !shown.is_empty());
        let params = shown.into_iter().map(|label| (label, String::new())).collect();
        return Some(Signature { label, doc: spec.doc.to_owned(), params, active });
    }
    // A function of this file before one of another.
    let mut all: Vec<_> = workspace.scripts().collect();
    all.sort_by_key(|(other, _)| *other != file);
    all.into_iter().find_map(|(other, parse)| {
        let text = workspace.text(other);
        parse.file.items.iter().find_map(|item| {
            let (ItemKind::Fn(function) | ItemKind::Flow(function)) = &item.kind else { return None };
            if function.name.of(text) != name {
                return None;
            }
            let shown = function.params.iter().map(|p| p.name.to(p.ty.span).of(text).to_owned());
            let shown: Vec<String> = shown.collect();
            let result = function.result.as_ref().map_or(String::new(), |ty| format!(" -> {}", ty.span.of(text)));
            let label = format!("{name}({}){result}", shown.join(", "));
            let active = Some(commas).filter(|at| *at < shown.len());
            let doc = parse.trivia.docs_before(text, item.span.start).unwrap_or_default();
            Some(Signature { label, doc, params: shown.into_iter().map(|p| (p, String::new())).collect(), active })
        })
    })
}

/// The action that a statement begins with.
fn of_action(text: &str, statement: &[Lexed]) -> Option<Signature> {
    let at = statement.iter().position(|t| t.kind == Token::Verb)?;
    let starts = at == 0
        || matches!(statement.get(..at)?, [first, _, mark] if first.kind == Token::Let && mark.kind == Token::Assign);
    let (verb, rest) = statement.get(at..)?.split_first()?;
    let second = rest.first().map(|t| t.span.of(text));
    let by_word =
        |action: &&catalog::Action| matches!(action.head.first(), Some(Slot::Word(word)) if Some(*word) == second);
    let named = || catalog::actions_of(verb.span.of(text));
    let action = named().find(by_word).or_else(|| named().next()).filter(|_| starts)?;
    let (label, params) = describe::usage(action);
    let names = params.iter().map(|(_, param)| param.name).collect::<Vec<_>>();
    let active = active(text, rest, action, &names);
    let params = params.into_iter().map(|(label, param)| (label, param.doc.to_owned())).collect();
    Some(Signature { label, doc: action.summary.to_owned(), params, active })
}

/// Which parameter is being typed: that of the last preposition or `name:`, else the first of the head.
fn active(text: &str, rest: &[Lexed], action: &catalog::Action, names: &[&str]) -> Option<usize> {
    let place = |name: &str| names.iter().position(|other| *other == name);
    for pair in rest.windows(2).rev() {
        if let [name, colon] = pair
            && colon.kind == Token::Colon
            && let Some(found) = place(name.span.of(text))
        {
            return Some(found);
        }
    }
    let prep = rest.iter().rev().find_map(|token| action.preps.iter().find(|prep| prep.prep == token.span.of(text)));
    let head = || {
        action.head.iter().find_map(|slot| match slot {
            Slot::Arg(param) => Some(param.name),
            Slot::Word(_) => None,
        })
    };
    place(prep.map_or_else(head, |prep| prep.param.as_ref().map(|param| param.name))?)
}

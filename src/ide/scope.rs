//! What can be named at a place of a script.

use super::Workspace;
use super::complete::{Completions, Names, complete};
use super::tree::{self, Part};
use crate::check::index::{Symbol, Use};
use crate::schema::Type;
use crate::source::{FileId, Span};
use crate::syntax::filter::{self, Mode};
use crate::syntax::lexer;
use crate::syntax::token::Token;

/// What can stand at an offset of a script.
pub fn complete_at(workspace: &Workspace, file: FileId, at: u32) -> Completions {
    let text = workspace.text(file);
    let variables = variables(workspace, file, at);
    let names = Names { schema: workspace.schema(), variables: &variables, prompt: false, items: outside(text, at) };
    complete(text, at as usize, names)
}

/// Whether an offset lies outside of every block, where items begin. By the marks before it: what is typed has no tree.
fn outside(text: &str, at: u32) -> bool {
    let before = text.get(..text.floor_char_boundary(at as usize)).unwrap_or("");
    let mut told = Vec::new();
    let tokens = lexer::lex(before, 0, FileId::default(), &mut told).tokens;
    let filtered = filter::filter(before, &tokens, Mode::File, 0, FileId::default(), &mut told);
    let mut depth = 0i32;
    for (start, token, end) in filtered {
        // The filter closes what is open at the end by marks that are not there.
        match token {
            Token::BlockOpen if start < end => depth += 1,
            Token::BlockClose if start < end => depth -= 1,
            _ => {}
        }
    }
    depth <= 0
}

/// The variables and constants in scope at an offset, with their types; as of the text that was checked last.
pub fn variables(workspace: &Workspace, file: FileId, at: u32) -> Vec<(String, Type)> {
    let Some(parse) = workspace.parsed(file) else { return Vec::new() };
    let text = workspace.text(file);
    let mut blocks: Vec<Span> = Vec::new();
    let mut items: Vec<Span> = Vec::new();
    tree::each(&parse.file, &mut |part| match part {
        Part::Block(block) => blocks.push(block.span),
        Part::Item(item) => items.push(item.span),
        Part::Stmt(_) | Part::Wait(_) | Part::Action(_) | Part::Expr(_) | Part::Text(_) | Part::Other(_) => {}
    });
    let inner = |span: Span| {
        let holds = |all: &[Span]| {
            all.iter().filter(|b| b.start <= span.start && span.end <= b.end).min_by_key(|b| b.len()).copied()
        };
        holds(&blocks).or_else(|| holds(&items))
    };
    let in_scope = |one: &&Use| match one.symbol {
        Symbol::Constant(_) => true,
        Symbol::Variable(..) => one.span.end < at && inner(one.span).is_none_or(|b| b.start <= at && at <= b.end),
        _ => false,
    };
    let found = workspace.uses(file).iter().filter(|one| one.declares).filter(in_scope);
    found.map(|one| (one.span.of(text).to_owned(), one.ty.clone())).collect()
}

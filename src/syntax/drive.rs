//! Drives the tables that lalrpop makes, for scripts without a mistake.
//!
//! The generated parser calls [`drive`] where it would call the driver of `lalrpop_util`; `build.rs` sees to that. Most
//! scripts are right, and for them the general driver is slow: it keeps all it needs to step over mistakes, and builds
//! each symbol elsewhere before it is moved onto the stack. This one gives up at the first mistake; then the tokens are
//! read again from the start by the driver of `lalrpop_util`, see [`recover`].

use super::filter::Spanned;
use super::token::Token;
use lalrpop_util::ParseError;
use lalrpop_util::state_machine::{
    self, ParseResult, Parser, ParserAction, ParserDefinition, SymbolTriple, TokenTriple,
};

/// How many symbols have room from the start; deeper nesting than this is rare.
const ROOM: usize = 64;

/// The tokens with a mark before them that mistakes are to be stepped over.
pub(super) fn recover(tokens: &[Spanned]) -> Vec<Spanned> {
    let mut marked = Vec::with_capacity(tokens.len() + 1);
    marked.push((0, Token::Recover, 0));
    marked.extend_from_slice(tokens);
    marked
}

/// Reads tokens up to their end or to the first mistake. An error says no more than that there is one.
pub(super) fn drive<D, I>(mut definition: D, mut tokens: I) -> ParseResult<D>
where
    D: ParserDefinition<Token = Token>,
    I: Iterator<Item = Result<TokenTriple<D>, state_machine::ParseError<D>>>,
{
    let mut top = definition.start_state();
    let mut states = Vec::with_capacity(ROOM);
    let mut symbols: Vec<SymbolTriple<D>> = Vec::with_capacity(ROOM);
    states.push(top);
    while let Some(next) = tokens.next() {
        let (start, token, end) = next?;
        let Some(index) = definition.token_to_index(&token) else {
            return if token == Token::Recover { Parser::drive(definition, tokens) } else { mistake(&definition) };
        };
        loop {
            let action = definition.action(top, index);
            if let Some(target) = action.as_shift() {
                // Where the compiler sees that there is room, it builds the symbol in its place.
                if symbols.len() == symbols.capacity() {
                    grow(&mut symbols);
                }
                if symbols.len() < symbols.capacity() {
                    symbols.push((start, definition.token_to_symbol(index, token), end));
                }
                states.push(target);
                top = target;
                break;
            }
            let Some(reduction) = action.as_reduce() else { return mistake(&definition) };
            if definition.reduce(reduction, Some(&start), &mut states, &mut symbols).is_some() {
                return mistake(&definition);
            }
            let Some(&state) = states.last() else { return mistake(&definition) };
            top = state;
        }
    }
    loop {
        let Some(reduction) = definition.eof_action(top).as_reduce() else { return mistake(&definition) };
        if let Some(result) = definition.reduce(reduction, None, &mut states, &mut symbols) {
            return result;
        }
        let Some(&state) = states.last() else { return mistake(&definition) };
        top = state;
    }
}

#[cold]
#[inline(never)]
fn grow<T>(items: &mut Vec<T>) {
    items.reserve(1);
}

#[cold]
fn mistake<D: ParserDefinition>(definition: &D) -> ParseResult<D> {
    Err(ParseError::UnrecognizedEof { location: definition.start_location(), expected: Vec::new() })
}

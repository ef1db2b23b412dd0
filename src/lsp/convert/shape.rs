//! The shape of a text: declarations, folds, selections, words, hints and lenses.

use super::super::documents::Doc;
use super::super::home::Home;
use super::super::server::Answer;
use super::{Client, range, write};
use crate::ide::hints::{Hint, Lens};
use crate::ide::names::Spot;
use crate::ide::outline::{Declared, Kind};
use crate::ide::tokens::{self, Word};
use crate::source::Span;
use gen_lsp_types as lsp;
use serde_json::{Value, json};

/// What the client is told of the numbers of kinds of word.
pub(super) fn legend() -> lsp::SemanticTokensLegend {
    let name = |kind: &tokens::Kind| match kind {
        tokens::Kind::Keyword => "keyword",
        tokens::Kind::Function => "function",
        tokens::Kind::Variable => "variable",
        tokens::Kind::Parameter => "parameter",
        tokens::Kind::Property => "property",
        tokens::Kind::Class => "class",
        tokens::Kind::EnumMember => "enumMember",
        tokens::Kind::Event => "event",
        tokens::Kind::Text => "string",
        tokens::Kind::Number => "number",
        tokens::Kind::Comment => "comment",
    };
    lsp::SemanticTokensLegend {
        token_types: tokens::Kind::ALL.iter().map(|kind| name(kind).to_owned()).collect(),
        token_modifiers: ["declaration", "readonly"].map(str::to_owned).into(),
    }
}

/// The words, each by its distance from the one before, none over the end of a line.
pub(in crate::lsp) fn words(doc: Doc<'_>, words: &[Word], client: Client) -> Answer {
    let mut data = Vec::with_capacity(words.len());
    let mut last = (0, 0);
    for word in words {
        let number = tokens::Kind::ALL.iter().zip(0u32..).find(|(kind, _)| **kind == word.kind).map_or(0, |(_, at)| at);
        let modifiers = u32::from(word.declares) + 2 * u32::from(word.fixed);
        for span in by_line(&doc.source.text, word.span) {
            let (line, column) = doc.source.lines.position(&doc.source.text, span.start, client.encoding);
            let length = u32::try_from(client.encoding.count(span.of(&doc.source.text))).unwrap_or(0);
            let delta_line = line - last.0;
            data.push(lsp::SemanticToken {
                delta_line,
                delta_start: if delta_line == 0 { column - last.1 } else { column },
                length,
                token_type: number,
                token_modifiers_bitset: modifiers,
            });
            last = (line, column);
        }
    }
    write(&lsp::SemanticTokens { result_id: None, data })
}

/// The parts of a span line by line, without line ends.
fn by_line(text: &str, span: Span) -> impl Iterator<Item = Span> {
    let mut from = span.start;
    span.of(text).split_inclusive('\n').filter_map(move |line| {
        let start = from;
        from = from.saturating_add(u32::try_from(line.len()).unwrap_or(0));
        let inner = u32::try_from(line.trim_end_matches(['\n', '\r']).len()).unwrap_or(0);
        (inner > 0).then_some(Span::new(start, start.saturating_add(inner)))
    })
}

fn symbol(kind: Kind) -> lsp::SymbolKind {
    match kind {
        Kind::Rule => lsp::SymbolKind::Event,
        Kind::Function | Kind::Flow => lsp::SymbolKind::Function,
        Kind::Constant => lsp::SymbolKind::Constant,
        Kind::Test => lsp::SymbolKind::Method,
        Kind::Use => lsp::SymbolKind::Module,
    }
}

/// What a script declares.
pub(in crate::lsp) fn declarations(doc: Doc<'_>, all: Vec<Declared>, client: Client) -> Value {
    let one = |one: Declared| {
        json!({
            "name": one.name,
            "detail": one.detail,
            "kind": symbol(one.kind),
            "range": range(doc.source, one.span, client.encoding),
            "selectionRange": range(doc.source, one.selection, client.encoding),
        })
    };
    all.into_iter().map(one).collect()
}

/// What the scripts of a workspace declare.
pub(in crate::lsp) fn found(home: &Home, all: Vec<(Declared, Spot)>, client: Client) -> Vec<lsp::WorkspaceSymbol> {
    let one = |(one, spot): (Declared, Spot)| {
        let source = home.workspace.source(spot.file)?;
        let uri = lsp::Uri(home.uri(spot.file).to_owned());
        let location = lsp::Location { uri, range: range(source, spot.span, client.encoding) };
        Some(lsp::WorkspaceSymbol {
            location: lsp::WorkspaceSymbolLocation::Location(location),
            data: None,
            base_symbol_information: lsp::BaseSymbolInformation {
                name: one.name,
                kind: symbol(one.kind),
                tags: None,
                container_name: Some(source.name.to_string()),
            },
        })
    };
    all.into_iter().filter_map(one).collect()
}

/// The answer with what was found in all workspaces.
pub(in crate::lsp) fn all_found(all: &[lsp::WorkspaceSymbol]) -> Answer {
    write(&all)
}

/// What can be folded.
pub(in crate::lsp) fn folds(doc: Doc<'_>, all: &[(Span, bool)], client: Client) -> Answer {
    let one = |(span, comment): &(Span, bool)| {
        let place = range(doc.source, *span, client.encoding);
        // The line with the closing mark stays visible.
        let end = if *comment { place.end.line } else { place.end.line.saturating_sub(1).max(place.start.line) };
        lsp::FoldingRange {
            start_line: place.start.line,
            start_character: None,
            end_line: end,
            end_character: None,
            kind: comment.then_some(lsp::FoldingRangeKind::Comment),
            collapsed_text: None,
        }
    };
    write(&all.iter().map(one).collect::<Vec<_>>())
}

/// What belongs together around each place, from the inside out.
pub(in crate::lsp) fn selections(doc: Doc<'_>, all: &[Vec<Span>], client: Client) -> Answer {
    let one = |spans: &Vec<Span>| {
        let nest = |parent: Option<Box<lsp::SelectionRange>>, span: &Span| {
            Some(Box::new(lsp::SelectionRange { range: range(doc.source, *span, client.encoding), parent }))
        };
        spans.iter().rev().fold(None, nest)
    };
    write(&all.iter().filter_map(one).collect::<Vec<_>>())
}

/// Words between the lines.
pub(in crate::lsp) fn hints(doc: Doc<'_>, all: Vec<Hint>, client: Client) -> Value {
    let one = |hint: Hint| {
        let position = range(doc.source, Span::at(hint.at), client.encoding).start;
        let mut shown = json!({ "position": position, "label": hint.text });
        if hint.is_type
            && let Some(object) = shown.as_object_mut()
        {
            object.insert("kind".to_owned(), json!(lsp::InlayHintKind::Type));
        }
        shown
    };
    all.into_iter().map(one).collect()
}

/// What can be done with items: each is a command that the client sends back.
pub(in crate::lsp) fn lenses(doc: Doc<'_>, all: Vec<(Span, Lens)>, client: Client) -> Value {
    let uri = doc.home.uri(doc.file);
    let one = |(span, lens): (Span, Lens)| {
        let (title, command, name) = match lens {
            Lens::RunTest { name } => ("run this test", "dealflow.runTest", name),
            Lens::ShowGraph { name } => ("show graph", "dealflow.showGraph", name),
        };
        json!({
            "range": range(doc.source, span, client.encoding),
            "command": { "title": title, "command": command, "arguments": [uri, name] },
        })
    };
    all.into_iter().map(one).collect()
}

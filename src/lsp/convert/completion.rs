//! What can stand at a place.

use super::super::server::Answer;
use super::{range, write};
use crate::ide::complete::Completions;
use crate::source::{Encoding, SourceFile, Span};
use gen_lsp_types as lsp;

/// The candidates, to be put in place of what was typed up to `at`.
pub(in crate::lsp) fn completions(found: &Completions, source: &SourceFile, at: u32, encoding: Encoding) -> Answer {
    let start = u32::try_from(found.start).unwrap_or(at);
    let place = range(source, Span::new(start, at), encoding);
    // In quotes that the editor has closed already, the candidate brings no second one.
    let closed = source.text.get(at as usize..).is_some_and(|rest| rest.starts_with('"'));
    let items = found.candidates.iter().zip(0u32..).map(|(candidate, rank)| {
        let bare = candidate.insert.trim_matches('"');
        let insert = if closed { candidate.insert.trim_end_matches('"') } else { &candidate.insert };
        lsp::CompletionItem {
            label: bare.to_owned(),
            detail: Some(candidate.detail.clone()).filter(|text| !text.is_empty()),
            sort_text: Some(format!("{rank:05}")),
            filter_text: Some(bare.to_owned()),
            text_edit: Some(lsp::CompletionItemTextEdit::TextEdit(lsp::TextEdit {
                range: place,
                new_text: insert.to_owned(),
            })),
            ..Default::default()
        }
    });
    // Those that do not begin as typed are left out, so the client has to ask again when letters are taken back.
    write(&lsp::CompletionList { is_incomplete: start < at, items: items.collect(), ..Default::default() })
}

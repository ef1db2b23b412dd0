//! Leaves out what is only the consequence of another mistake.
//!
//! When a block is broken, what follows up to the next item seems to stand outside of any rule, and its closes seem to
//! close nothing. When a text or a bracket is broken, the rest of its line seems to be wrong. One report of the cause is
//! enough.

use super::ast::{File, ItemKind};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;

/// Leaves out the consequences. The diagnostics must be sorted by place and belong to one file.
pub(super) fn leave_out(source: &str, file: &File, diagnostics: &mut Vec<Diagnostic>) {
    if diagnostics.len() > 1 {
        *diagnostics = on_lines(source, std::mem::take(diagnostics));
        outside(source, file, diagnostics);
    }
}

/// Leaves out consequences on the same line.
fn on_lines(source: &str, all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(all.len());
    let mut line: Vec<Diagnostic> = Vec::new();
    for diagnostic in all {
        let apart = |last: &Diagnostic| Span::new(last.span().start, diagnostic.span().start).of(source).contains('\n');
        if line.last().is_some_and(apart) {
            on_line(source, &mut line, &mut kept);
        }
        line.push(diagnostic);
    }
    on_line(source, &mut line, &mut kept);
    kept
}

fn on_line(source: &str, line: &mut Vec<Diagnostic>, kept: &mut Vec<Diagnostic>) {
    let quotes = line.iter().any(|d| d.code == Code::E0102);
    // Up to where the rest of a statement may seem wrong, and where so because of a bracket.
    let (mut broken, mut bracket) = (None::<u32>, None);
    for diagnostic in line.drain(..) {
        let start = diagnostic.span().start;
        let within = |end: Option<u32>| end.is_some_and(|end| start <= end);
        let consequence = match diagnostic.code {
            // A text without its end turns texts and the rest of the line inside out.
            Code::E0103 | Code::E0105 | Code::E0106 | Code::E0113 if quotes => true,
            Code::E0104 if quotes => !diagnostic.message.starts_with("a `"),
            Code::E0106 => broken.is_some(),
            Code::E0103 | Code::E0105 => within(broken),
            Code::E0107 => within(bracket),
            _ => false,
        };
        if consequence {
            continue;
        }
        if breaks(&diagnostic) {
            let end = broken.filter(|&end| start <= end).unwrap_or_else(|| end_of_statement(source, start));
            broken = Some(end);
            if diagnostic.code == Code::E0104 {
                bracket = Some(end);
            }
        }
        kept.push(diagnostic);
    }
}

/// Where the next `;` or line end is.
fn end_of_statement(source: &str, start: u32) -> u32 {
    let length = source.get(start as usize..).and_then(|rest| rest.find(['\n', ';']));
    length.and_then(|length| u32::try_from(length).ok()).map_or(u32::MAX, |length| start.saturating_add(length))
}

/// Whether the rest of the statement may seem wrong after this mistake.
fn breaks(cause: &Diagnostic) -> bool {
    matches!(cause.code, Code::E0104 | Code::E0105 | Code::E0106 | Code::E0108 | Code::E0110)
}

/// Leaves out what seems to stand outside of an item.
fn outside(source: &str, file: &File, diagnostics: &mut Vec<Diagnostic>) {
    let mut starts =
        file.items.iter().filter(|item| item.kind != ItemKind::Error).map(|item| item.span.start).peekable();
    let mut broken = false;
    let mut outside = false;
    diagnostics.retain(|diagnostic| {
        while starts.next_if(|&start| start <= diagnostic.span().start).is_some() {
            broken = false;
            outside = false;
        }
        match diagnostic.code {
            Code::E0102 | Code::E0104 | Code::E0105 | Code::E0111 | Code::E0113 => broken = true,
            Code::E0106 => return !outside || !matches!(diagnostic.span().of(source), "}" | ">"),
            Code::E0115 if diagnostic.message.ends_with("outside of any rule") => {
                let first = !std::mem::replace(&mut outside, true);
                return first && !broken;
            }
            _ => {}
        }
        true
    });
}

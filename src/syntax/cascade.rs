//! Leaves out what is only the consequence of another mistake.
//!
//! When a block is broken, what follows up to the next item seems to stand outside of any rule, and its closes seem to
//! close nothing. One report of the cause is enough.

use super::ast::{File, ItemKind};
use crate::diagnostics::{Code, Diagnostic};

/// Leaves out the consequences. The diagnostics must be sorted by place and belong to one file.
pub(super) fn leave_out(source: &str, file: &File, diagnostics: &mut Vec<Diagnostic>) {
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

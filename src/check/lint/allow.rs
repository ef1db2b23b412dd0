//! `// flow: allow(frozen-value) the reason`: silences a lint on its own line, or on the next one when it stands alone.

use crate::diagnostics::{Code, Diagnostic, Severity, did_you_mean, one_of};
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::{Comment, CommentKind, Trivia};

/// What a comment says.
struct Allow {
    /// The comment.
    span: Span,
    /// The lints, with their places and whether they silenced anything.
    lints: Vec<(Code, Span, bool)>,
    /// The line it speaks of, from 1.
    line: u32,
}

/// Takes out what comments of the file silence, and adds what is wrong with these comments. That one silences nothing is
/// said only in a file without errors, because rules with errors are not looked at.
pub(in crate::check) fn apply(file: FileId, source: &SourceFile, trivia: &Trivia, diagnostics: &mut Vec<Diagnostic>) {
    let mut wrong = Vec::new();
    let mut allows: Vec<Allow> = Vec::new();
    for comment in &trivia.comments {
        allows.extend(read(file, source, trivia, comment, &mut wrong));
    }
    let whole = !diagnostics.iter().any(|d| d.file() == file && d.severity() == Severity::Error);
    diagnostics.retain(|d| {
        if d.file() != file || d.code.lint_name().is_none() {
            return true;
        }
        let line = source.lines.line_col(&source.text, d.span().start).line;
        let mut silenced = false;
        for allow in allows.iter_mut().filter(|allow| allow.line == line) {
            for (code, _, used) in allow.lints.iter_mut().filter(|(code, ..)| *code == d.code) {
                debug_assert_eq!(*code, d.code, "filtered");
                *used = true;
                silenced = true;
            }
        }
        !silenced
    });
    for allow in allows.iter().filter(|_| whole) {
        for (code, span, _) in allow.lints.iter().filter(|(_, _, used)| !used) {
            let name = code.lint_name().unwrap_or_default();
            let diagnostic = Diagnostic::new(Code::W0109, file, *span, format!("there is no `{name}` to allow here"))
                .label("silences nothing")
                .help("remove it, or put it on the line before the one that is reported, or at the end of that line");
            let only = allow.lints.len() == 1;
            wrong.push(if only { diagnostic.fix("remove the comment", allow.span, "") } else { diagnostic });
        }
    }
    diagnostics.append(&mut wrong);
}

fn read(
    file: FileId,
    source: &SourceFile,
    trivia: &Trivia,
    comment: &Comment,
    wrong: &mut Vec<Diagnostic>,
) -> Option<Allow> {
    let text = comment.span.of(&source.text);
    let said = text.strip_prefix("//").filter(|_| comment.kind == CommentKind::Line)?.trim_start();
    let order = said.strip_prefix("flow:")?.trim_start();
    let mut report = |span, message: String, label: &str, help: String| {
        wrong.push(Diagnostic::new(Code::W0109, file, span, message).label(label).help(help));
    };
    let inner = order.strip_prefix("allow").map(str::trim_start).and_then(|rest| rest.strip_prefix('('));
    let Some((names, reason)) = inner.and_then(|rest| rest.split_once(')')) else {
        let help = "write `// flow: allow(frozen-value) the reason`".to_owned();
        report(comment.span, "this comment for the checker is not understood".to_owned(), "not understood", help);
        return None;
    };
    if reason.trim().is_empty() {
        let help = "write after the bracket why it is meant: the next reader will ask".to_owned();
        report(comment.span, "a lint is allowed without a reason".to_owned(), "no reason", help);
    }
    let mut lints = Vec::new();
    for name in names.split(',') {
        let span = place(source, comment.span, name.trim());
        match Code::of_lint(name.trim()) {
            Some(code) => lints.push((code, span, false)),
            None => wrong.push(unknown(file, span, name.trim())),
        }
    }
    Some(Allow { span: comment.span, lints, line: line_of(source, trivia, comment) })
}

fn unknown(file: FileId, span: Span, name: &str) -> Diagnostic {
    let names = || Code::lints().map(|(_, name)| name);
    let diagnostic = Diagnostic::new(Code::W0109, file, span, format!("there is no lint named `{name}`"));
    let diagnostic = match did_you_mean(name, names()) {
        Some(near) => diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
        None => diagnostic.label("unknown lint"),
    };
    diagnostic.help(format!("there are {}", one_of(names(), 20)))
}

/// Where a name stands in the comment; the whole comment when it is empty.
fn place(source: &SourceFile, comment: Span, name: &str) -> Span {
    let text = comment.of(&source.text);
    let bracket = text.find('(').unwrap_or(0);
    let at = text.get(bracket..).and_then(|rest| rest.find(name)).map(|at| at + bracket);
    match at.and_then(|at| u32::try_from(at).ok()).filter(|_| !name.is_empty()) {
        Some(at) => {
            let start = comment.start.saturating_add(at);
            Span::new(start, start.saturating_add(u32::try_from(name.len()).unwrap_or(0)))
        }
        None => comment,
    }
}

/// The line that the comment speaks of: its own, or when it stands alone the next one with something but a comment on it.
fn line_of(source: &SourceFile, trivia: &Trivia, comment: &Comment) -> u32 {
    let line = |offset| source.lines.line_col(&source.text, offset).line;
    if !comment.own_line {
        return line(comment.span.start);
    }
    let mut end = comment.span.end;
    loop {
        let rest = source.text.get(end as usize..).unwrap_or("");
        let blank = rest.len() - rest.trim_start().len();
        let next = end.saturating_add(u32::try_from(blank).unwrap_or(0));
        match trivia.comments_in(next, next.saturating_add(1)) {
            [also] => end = also.span.end,
            _ => return line(next),
        }
    }
}

//! What the grammar does not see: comments and blank lines, by offset.

use crate::source::Span;

/// The kinds of comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentKind {
    /// `// …`
    Line,
    /// `/// …`: the description of the item that follows.
    Doc,
    /// `/* … */`
    Block,
}

/// One comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// With its marks, without the end of the line.
    pub span: Span,
    /// Which of the three.
    pub kind: CommentKind,
    /// Whether nothing but blanks stands before it on its line.
    pub own_line: bool,
}

/// The comments and blank lines of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trivia {
    /// The comments in order.
    pub comments: Vec<Comment>,
    /// For each run of blank lines, the offset of the end of the line before it.
    pub blanks: Vec<u32>,
}

impl Trivia {
    /// The comments that begin in the range.
    pub fn comments_in(&self, start: u32, end: u32) -> &[Comment] {
        let from = self.comments.partition_point(|c| c.span.start < start);
        let to = self.comments.partition_point(|c| c.span.start < end);
        self.comments.get(from..to).unwrap_or(&[])
    }

    /// Whether a blank line lies in the range.
    pub fn blank_in(&self, start: u32, end: u32) -> bool {
        let from = self.blanks.partition_point(|&at| at < start);
        self.blanks.get(from).is_some_and(|&at| at < end)
    }

    /// The description of the item that begins at `offset`: the text of the `///` lines right before it.
    pub fn docs_before(&self, source: &str, offset: u32) -> Option<String> {
        let to = self.comments.partition_point(|c| c.span.start < offset);
        let mut lines = Vec::new();
        let mut next = offset;
        for comment in self.comments.get(..to).unwrap_or(&[]).iter().rev() {
            let gap = Span::new(comment.span.end, next).of(source);
            if comment.kind != CommentKind::Doc || !gap.trim().is_empty() {
                break;
            }
            let line = comment.span.of(source).trim_start_matches('/').trim_end();
            lines.push(line.strip_prefix(' ').unwrap_or(line).to_owned());
            next = comment.span.start;
        }
        lines.reverse();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use crate::source::FileId;
    use crate::syntax::parse;

    #[test]
    fn descriptions_are_the_lines_right_before_an_item() {
        let source =
            "/// not this\n\n// nor this\n/// one\n///  two\non deal created { stop; }\non deal updated { stop; }";
        let parse = parse(source, FileId(0));
        let docs: Vec<_> = parse.file.items.iter().map(|i| parse.trivia.docs_before(source, i.span.start)).collect();
        assert_eq!(docs, [Some("one\n two".to_owned()), None]);
    }
}

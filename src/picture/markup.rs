//! What every picture needs that is written as text: lines of a width, and marks that are no letters.

use std::fmt::Write as _;

/// Writing into a text cannot fail.
pub(crate) fn put(out: &mut String, what: std::fmt::Arguments<'_>) {
    let written = out.write_fmt(what);
    debug_assert!(written.is_ok(), "a text takes everything");
}

/// A text between the tags of XML. Control characters, which XML cannot hold, are left out.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A text between quotes of XML or Mermaid.
pub(crate) fn quoted(text: &str) -> String {
    escaped(text).replace('"', "&quot;")
}

/// A text in lines of at most so many letters; a longer word has a line of its own.
pub(crate) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > most {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{escaped, quoted, wrapped};

    #[test]
    fn xml_holds_every_text() {
        assert_eq!(escaped("a < b & \"c\"\u{1b}[1m\n"), "a &lt; b &amp; \"c\"[1m\n");
        assert_eq!(quoted("\"a\" > b\u{0}"), "&quot;a&quot; &gt; b");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(
            wrapped("ask the manager\nincomprehensibilities", 9),
            ["ask the", "manager", "incomprehensibilities"]
        );
        assert_eq!(wrapped("", 9), [""]);
    }
}

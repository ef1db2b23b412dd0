//! Pieces of scripts as words, to be compared.

/// A text of a script without comments, with single spaces between what is written apart.
pub fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    let mut quoted = false;
    while let Some(c) = rest.chars().next() {
        let taken = if quoted && c == '\\' {
            rest.chars().take(2).map(char::len_utf8).sum()
        } else if !quoted && rest.starts_with("//") {
            rest = rest.get(rest.find('\n').unwrap_or(rest.len())..).unwrap_or_default();
            continue;
        } else if !quoted && rest.starts_with("/*") {
            rest = rest.get(rest.find("*/").map_or(rest.len(), |end| end + 2)..).unwrap_or_default();
            continue;
        } else {
            quoted ^= c == '"';
            c.len_utf8()
        };
        let (piece, after) = rest.split_at(taken);
        rest = after;
        if quoted || !piece.trim().is_empty() {
            words.push_str(piece);
        } else if !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words.truncate(words.trim_end().len());
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn comments_and_layout_do_not_count() {
        let long = "wait   until /* who? */ lead.status // and\n  in [Won]\n  or 3d ";
        assert_eq!(words(long), "wait until lead.status in [Won] or 3d");
        assert_eq!(words(r#"wait until a == "b  // \"  c" or 3d"#), r#"wait until a == "b  // \"  c" or 3d"#);
        assert_eq!(words("/* open"), "");
    }
}

//! From byte offsets to lines and columns.

/// A place as people count: line and column from 1, column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineCol {
    /// Line number from 1.
    pub line: u32,
    /// Column from 1, counted in Unicode scalar values.
    pub column: u32,
}

/// How a protocol counts the columns of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of two bytes, as JavaScript counts.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    /// How many units a text has.
    pub fn count(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
            Self::Utf32 => text.chars().count(),
        }
    }

    fn width(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// The start offset of every line.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes a text.
    pub fn new(text: &str) -> Self {
        let newlines = text.bytes().zip(1u32..).filter(|&(byte, _)| byte == b'\n').map(|(_, after)| after);
        Self { starts: std::iter::once(0).chain(newlines).collect() }
    }

    /// Line and column of `offset` in `text`, which must be the indexed text.
    pub fn line_col(&self, text: &str, offset: u32) -> LineCol {
        let line = self.starts.partition_point(|&start| start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = text.get(start as usize..offset as usize).unwrap_or("");
        let column = u32::try_from(before.chars().count()).unwrap_or(u32::MAX).saturating_add(1);
        LineCol { line: u32::try_from(line).unwrap_or(u32::MAX), column }
    }

    /// The text of a line (from 1) without its line end.
    pub fn line<'t>(&self, text: &'t str, line: u32) -> &'t str {
        let index = line.saturating_sub(1) as usize;
        let Some(&start) = self.starts.get(index) else { return "" };
        let end = self.starts.get(index + 1).map_or(text.len(), |&e| e as usize);
        text.get(start as usize..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }

    /// Line and column of `offset`, both from 0, the column counted as the encoding says.
    pub fn position(&self, text: &str, offset: u32, encoding: Encoding) -> (u32, u32) {
        let line = self.starts.partition_point(|&start| start <= offset).max(1) - 1;
        let start = self.starts.get(line).copied().unwrap_or(0) as usize;
        let end = text.floor_char_boundary((offset as usize).max(start));
        let column = encoding.count(text.get(start..end).unwrap_or(""));
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }

    /// The offset of a line and a column, both from 0. Beyond the end of a line it is that end, beyond the last line
    /// the end of the text; inside a character it is the start of it.
    pub fn offset(&self, text: &str, line: u32, column: u32, encoding: Encoding) -> u32 {
        let whole = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let Some(&start) = self.starts.get(line as usize) else { return whole };
        let content = self.line(text, line.saturating_add(1));
        let mut units = 0;
        for (at, c) in content.char_indices() {
            units += encoding.width(c);
            if units > column as usize {
                return start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
        start.saturating_add(u32::try_from(content.len()).unwrap_or(u32::MAX))
    }

    /// How many lines there are; one more than line ends.
    pub fn count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, LineIndex};

    #[test]
    fn positions_come_back_in_every_encoding() {
        let text = "on lead\n  担当者 \"😀\" x\r\n\nend";
        let lines = LineIndex::new(text);
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            for (at, c) in text.char_indices().filter(|(_, c)| *c != '\r' && *c != '\n') {
                let at = u32::try_from(at).unwrap();
                let (line, column) = lines.position(text, at, encoding);
                assert_eq!(lines.offset(text, line, column, encoding), at, "{c} {encoding:?}");
            }
        }
        let smile = u32::try_from(text.find('x').unwrap()).unwrap();
        assert_eq!(lines.position(text, smile, Encoding::Utf8), (1, 19));
        assert_eq!(lines.position(text, smile, Encoding::Utf16), (1, 11));
        assert_eq!(lines.position(text, smile, Encoding::Utf32), (1, 10));
    }

    #[test]
    fn places_that_are_not_there_are_the_nearest_that_are() {
        let text = "ab\r\n😀\nc";
        let lines = LineIndex::new(text);
        let offset = |line, column| lines.offset(text, line, column, Encoding::Utf16);
        assert_eq!(offset(0, 99), 2, "the end of the line, before its mark");
        assert_eq!(offset(1, 1), 4, "inside a character");
        assert_eq!(offset(9, 0), 10, "the end of the text");
    }
}

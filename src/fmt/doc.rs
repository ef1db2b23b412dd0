//! A small language of layouts, and its printer.
//!
//! A layout is text with places where a line may end. A group is written on one line where it fits, else over several.
//! The printer looks ahead at most one line, so its time grows with the length of the output only.

/// The width of a line, in letters.
pub(super) const WIDTH: usize = 100;
/// The indentation of what lies in a block or bracket.
const STEP: usize = 2;
/// The indentation of a statement's further lines.
const FURTHER: usize = 4;

/// A layout.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Doc {
    /// Text as it is; line ends in it are kept.
    Text(String),
    /// A blank, or a line end where the text up to the next such place does not fit.
    Fill,
    /// A blank, or a line end when the group around it is broken.
    Line,
    /// A line end, with an empty line or without.
    Hard {
        /// Whether an empty line comes first.
        blank: bool,
    },
    /// A line end inside a statement.
    Further,
    /// Something between two marks.
    Group(Group),
}

/// Something between two marks, on one line or broken.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) kind: Kind,
    pub(super) open: String,
    pub(super) body: Vec<Doc>,
    pub(super) close: String,
    /// Whether it must be broken.
    pub(super) broken: bool,
}

/// The kinds of group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Statements between the marks of a block.
    Block,
    /// `(…)` and `[…]`.
    Bracket,
    /// `{ name: value }`.
    Record,
    /// The head of a rule; it has no marks.
    Head,
}

impl Kind {
    /// Whether a blank stands inside of the marks on one line.
    fn is_padded(self) -> bool {
        match self {
            Self::Block | Self::Record => true,
            Self::Bracket | Self::Head => false,
        }
    }
}

/// How the surroundings are written.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Flat,
    Broken,
}

/// What is still to be written.
enum Todo<'d> {
    Doc(&'d Doc),
    /// The end of a group: a line end or blank, then its mark.
    Close(&'d Group),
}

struct Printer<'d> {
    out: &'d mut String,
    /// The column, in letters.
    column: usize,
    /// The indentation of the current line.
    line: usize,
    todo: Vec<(usize, Mode, Todo<'d>)>,
}

/// Writes a layout that begins with a line, and after which a line ends.
pub(super) fn print(docs: &[Doc], out: &mut String) {
    let todo = docs.iter().rev().map(|doc| (0, Mode::Broken, Todo::Doc(doc))).collect();
    let mut printer = Printer { out, column: 0, line: 0, todo };
    while let Some((base, mode, todo)) = printer.todo.pop() {
        match todo {
            Todo::Doc(doc) => printer.doc(base, mode, doc),
            Todo::Close(group) => printer.close(base, mode, group),
        }
    }
}

impl<'d> Printer<'d> {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = last.chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    fn line_end(&mut self, indent: usize) {
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
        self.line = indent;
    }

    fn doc(&mut self, base: usize, mode: Mode, doc: &'d Doc) {
        match doc {
            Doc::Text(text) => self.text(text),
            Doc::Line if mode == Mode::Broken => self.line_end(base),
            Doc::Fill if mode == Mode::Broken && !self.fits(1, None) => self.line_end(base + FURTHER),
            Doc::Line | Doc::Fill => self.text(" "),
            Doc::Hard { blank } => {
                if *blank {
                    self.line_end(0);
                }
                self.line_end(base);
            }
            Doc::Further => self.line_end(base + FURTHER),
            Doc::Group(group) => self.group(base, mode, group),
        }
    }

    fn group(&mut self, base: usize, around: Mode, group: &'d Group) {
        let flat = !group.broken && (around == Mode::Flat || self.fits(0, Some(group)));
        let mode = if flat { Mode::Flat } else { Mode::Broken };
        // A bracket hangs on the line that it opens on, a block on its statement.
        let outer = if matches!(group.kind, Kind::Bracket | Kind::Record) { self.line } else { base };
        let inner = if group.kind == Kind::Head { base } else { outer + STEP };
        self.text(&group.open);
        self.todo.push((outer, mode, Todo::Close(group)));
        let body = group.body.iter().rev().map(|doc| (inner, mode, Todo::Doc(doc)));
        self.todo.extend(body);
        let comment = matches!(group.body.first(), Some(Doc::Text(text)) if text.starts_with(" /"));
        match mode {
            Mode::Broken if group.kind != Kind::Head && !comment => self.line_end(inner),
            Mode::Flat if group.kind.is_padded() && !comment && !group.body.is_empty() => self.text(" "),
            Mode::Broken | Mode::Flat => {}
        }
    }

    fn close(&mut self, base: usize, mode: Mode, group: &Group) {
        match mode {
            Mode::Broken if group.kind != Kind::Head => self.line_end(base),
            Mode::Flat if group.kind == Kind::Block || group.kind.is_padded() && !group.body.is_empty() => {
                self.text(" ");
            }
            Mode::Broken | Mode::Flat => {}
        }
        self.text(&group.close);
    }

    /// Whether `group` (or nothing), written flat, and what follows it up to the next possible line end fit on the line
    /// after `used` more letters.
    fn fits(&self, used: usize, group: Option<&Group>) -> bool {
        let Some(mut room) = (WIDTH + 1).checked_sub(self.column + used) else { return false };
        if let Some(group) = group
            && measure_group(group, &mut room) == Measure::Full
        {
            return false;
        }
        for (_, mode, todo) in self.todo.iter().rev() {
            let measured = match todo {
                Todo::Close(group) if *mode == Mode::Flat => {
                    take(&group.close, usize::from(group.kind.is_padded()), &mut room)
                }
                Todo::Close(_) => Measure::LineEnd,
                Todo::Doc(doc) => measure_rest(doc, *mode, &mut room),
            };
            match measured {
                Measure::Full => return false,
                Measure::LineEnd => return true,
                Measure::Going => {}
            }
        }
        true
    }
}

/// How far measuring came.
#[derive(Clone, Copy, PartialEq)]
enum Measure {
    /// There is room left.
    Going,
    /// There is none.
    Full,
    /// The line ends here.
    LineEnd,
}

fn take(text: &str, more: usize, room: &mut usize) -> Measure {
    let (first, end) = match text.split_once('\n') {
        Some((first, _)) => (first, Measure::LineEnd),
        None => (text, Measure::Going),
    };
    match room.checked_sub(first.chars().count() + more) {
        Some(left) if left > 0 => {
            *room = left;
            end
        }
        _ => Measure::Full,
    }
}

/// Measures something that will be written flat.
fn measure_flat(doc: &Doc, room: &mut usize) -> Measure {
    match doc {
        Doc::Text(text) => take(text, 0, room),
        Doc::Line | Doc::Fill => take("", 1, room),
        Doc::Hard { .. } | Doc::Further => Measure::Full,
        Doc::Group(group) => measure_group(group, room),
    }
}

fn measure_group(group: &Group, room: &mut usize) -> Measure {
    if group.broken {
        return Measure::Full;
    }
    let pad = usize::from(group.kind.is_padded());
    let mut measured = take(&group.open, pad, room);
    for doc in &group.body {
        if measured != Measure::Going {
            return measured;
        }
        measured = measure_flat(doc, room);
    }
    if measured == Measure::Going { take(&group.close, pad, room) } else { measured }
}

/// Measures something that comes later: the first place where the line may end is enough.
fn measure_rest(doc: &Doc, mode: Mode, room: &mut usize) -> Measure {
    match (doc, mode) {
        (Doc::Hard { .. } | Doc::Further, _) | (Doc::Line | Doc::Fill, Mode::Broken) => Measure::LineEnd,
        (Doc::Group(group), Mode::Broken) if group.broken || group.kind == Kind::Block => {
            match take(&group.open, 0, room) {
                Measure::Full => Measure::Full,
                Measure::Going | Measure::LineEnd => Measure::LineEnd,
            }
        }
        (doc, _) => measure_flat(doc, room),
    }
}

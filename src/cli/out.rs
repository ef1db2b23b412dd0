//! Standard output, buffered; a reader that went away (`| head`) is not an error.

use super::args::Color;
use std::io::{BufWriter, IsTerminal, Stdout, Write};
use std::sync::OnceLock;

/// Standard output.
pub(super) struct Out {
    inner: BufWriter<Stdout>,
    closed: bool,
    quiet: bool,
}

impl Out {
    /// With `quiet`, notes are left out.
    pub(super) fn new(quiet: bool) -> Self {
        Self { inner: BufWriter::with_capacity(1 << 16, std::io::stdout()), closed: false, quiet }
    }

    /// Whether only what went wrong is shown.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A line about what is fine, or that sums up; nothing with `--quiet`.
    pub(super) fn note(&mut self, text: &str) -> Result<(), String> {
        if self.quiet { Ok(()) } else { self.line(text) }
    }

    /// Whether nobody reads any more.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), String> {
        let result = self.inner.write_all(text.as_bytes());
        self.check(result)
    }

    pub(super) fn line(&mut self, text: &str) -> Result<(), String> {
        self.text(text)?;
        self.text("\n")
    }

    pub(super) fn flush(&mut self) -> Result<(), String> {
        let result = self.inner.flush();
        self.check(result)
    }

    fn check(&mut self, result: std::io::Result<()>) -> Result<(), String> {
        match result {
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other.map_err(|e| format!("cannot write to standard output: {e}")),
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// What was said by `--color`.
static COLOR: OnceLock<Color> = OnceLock::new();

/// Keeps what was said by `--color`; the first time counts.
pub(super) fn choose(color: Color) {
    COLOR.get_or_init(|| color);
}

/// Whether reports are coloured: as `--color` says, else on a terminal, unless `NO_COLOR` is set.
pub(super) fn use_color() -> bool {
    colored(std::io::stdout().is_terminal())
}

/// The same for reports on standard error.
pub(super) fn use_color_on_stderr() -> bool {
    colored(std::io::stderr().is_terminal())
}

fn colored(terminal: bool) -> bool {
    match COLOR.get() {
        Some(Color::Always) => true,
        Some(Color::Never) => false,
        Some(Color::Auto) | None => terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    }
}

/// How wide reports may be.
pub(super) fn terminal_width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|w| w.parse().ok()).filter(|w| *w >= 40).unwrap_or(100)
}

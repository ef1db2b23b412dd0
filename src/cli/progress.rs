//! A progress bar on standard error, when it takes long and somebody looks.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// How long nothing is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// A progress bar that appears after a while.
#[derive(Default)]
pub(super) struct Progress {
    started: Option<(Instant, u64)>,
    bar: Option<ProgressBar>,
    calls: u32,
}

impl Progress {
    /// Work of `size` bytes begins.
    pub(super) fn start(&mut self, size: u64) {
        // On a terminal the timeline itself shows that something happens.
        if std::io::stderr().is_terminal() && !std::io::stdout().is_terminal() {
            self.started = Some((Instant::now(), size));
        }
    }

    /// So much is done.
    pub(super) fn at(&mut self, position: u64) {
        self.calls = self.calls.wrapping_add(1);
        let Some((started, size)) = self.started else { return };
        if !self.calls.is_multiple_of(256) {
            return;
        }
        if self.bar.is_none() && started.elapsed() >= PATIENCE {
            let bar = ProgressBar::with_draw_target(Some(size), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:40} {percent}% of the events, {eta} left");
            self.bar = Some(style.map_or(bar.clone(), |style| bar.with_style(style)));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(position);
        }
    }

    /// The work is done.
    pub(super) fn finish(&mut self) {
        self.started = None;
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

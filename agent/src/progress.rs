//! Progress of reading, on stderr when that is a terminal.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use drift::read::Progress;
use indicatif::{HumanCount, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::arguments::Common;

/// The bars of one command; hidden unless someone is looking.
pub struct Bars {
    all: MultiProgress,
    is_shown: bool,
    is_cancelled: AtomicBool,
}

impl Bars {
    /// Bars on stderr if it is a terminal and neither --quiet nor --no-progress is set.
    pub fn new(common: &Common) -> Self {
        let is_shown = !common.quiet && !common.no_progress && io::stderr().is_terminal();
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { all: MultiProgress::with_draw_target(target), is_shown, is_cancelled: AtomicBool::new(false) }
    }

    /// A bar for an input of `n_bytes`, if that is known.
    pub fn meter(&self, name: &str, n_bytes: Option<u64>) -> Meter<'_> {
        // A bar is dressed before it is shown, or a default one would flash by.
        let bar = self.is_shown.then(|| {
            let template = match n_bytes {
                Some(_) => "{prefix} {bar:20} {percent:>3} % {bytes}/{total_bytes} {msg} {bytes_per_sec}, {eta} left",
                None => "{prefix} {spinner} {bytes} {msg} {bytes_per_sec}",
            };
            // A template is fixed text; a wrong one would fall back to the default bar.
            let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = n_bytes.map_or_else(ProgressBar::no_length, ProgressBar::new);
            self.all.add(bar.with_style(style).with_prefix(shorten(name)))
        });
        Meter { bar, n_rows: AtomicU64::new(0), is_cancelled: &self.is_cancelled }
    }

    /// A bar for `n_bytes` on their way to a server.
    pub fn upload(&self, name: &str, n_bytes: u64) -> ProgressBar {
        let Some(bar) = self.meter(name, Some(n_bytes)).bar else { return ProgressBar::hidden() };
        bar.with_message("sent")
    }

    /// Ends the other readings: one of them has failed.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Takes the bars off the screen.
    pub fn clear(&self) {
        let _ = self.all.clear();
    }
}

/// The progress of one input.
pub struct Meter<'a> {
    bar: Option<ProgressBar>,
    n_rows: AtomicU64,
    is_cancelled: &'a AtomicBool,
}

impl Progress for Meter<'_> {
    fn bytes(&self, n: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(n);
        }
    }

    fn rows(&self, n: u64) {
        let n_rows = self.n_rows.fetch_add(n, Ordering::Relaxed) + n;
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} rows", HumanCount(n_rows)));
        }
    }

    fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }
}

/// The end of a long name, so that bars stay on one line.
fn shorten(name: &str) -> String {
    const WIDEST: usize = 24;
    let n = name.chars().count();
    if n <= WIDEST {
        return format!("{name:<WIDEST$}");
    }
    let end: String = name.chars().skip(n - WIDEST + 1).collect();
    format!("…{end}")
}

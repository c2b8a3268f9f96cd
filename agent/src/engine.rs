//! The only file that knows how the engine is called.
//!
//! Everything else of this crate sees plain engine values and the functions below.

use std::fs::File;
use std::io::Read;

use drift::policy::Policy;
use drift::report::{ColumnSummary, Report};
use drift::schema::ColumnSchema;

use drift as facade;

pub use drift::read::ReadOptions;
pub use facade::profile::Profile;
pub use facade::read::Progress;
pub use facade::receipt::Difference;
pub use facade::render::Format;

/// Name and version of the profile file's format.
pub fn profile_format() -> String {
    format!("driftsiren.profile/{}", facade::profile::VERSION)
}

/// Version of the engine that this program was built with: engine and program are released together.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What of two profiles is compared, and how it is judged.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Thresholds and rules.
    pub policy: Policy,
    /// Whether to compute every metric, not only those that verdicts need.
    pub all_metrics: bool,
    /// Globs of columns to compare; all when absent.
    pub columns: Option<Vec<String>>,
    /// Globs of columns to leave out.
    pub exclude: Vec<String>,
    /// Threads to use, at least 1; the result does not depend on it.
    pub n_threads: usize,
}

/// The profile of a regular file, which can be sought in.
pub fn profile_file(
    file: File,
    options: &ReadOptions,
    n_threads: usize,
    progress: &dyn Progress,
) -> drift::Result<Profile> {
    facade::read::profile_file(file, options, n_threads, progress)
}

/// The profile of anything else that can be read.
pub fn profile_source(
    source: impl Read + Send,
    options: &ReadOptions,
    n_threads: usize,
    progress: &dyn Progress,
) -> drift::Result<Profile> {
    facade::read::profile_source(source, options, n_threads, progress)
}

/// The profile of the rows of both.
pub fn merge(one: Profile, other: Profile) -> drift::Result<Profile> {
    one.merge(&other)
}

/// The bytes of a profile file.
pub fn encode(profile: &Profile) -> Vec<u8> {
    profile.encode()
}

/// Rows of a profile.
pub fn n_rows(profile: &Profile) -> u64 {
    profile.n_rows
}

/// Columns of a profile with what is known of each.
pub fn describe(profile: &Profile) -> Vec<(ColumnSchema, ColumnSummary)> {
    profile.summary()
}

/// Names of the columns of a profile, in order.
pub fn column_names(profile: &Profile) -> Vec<String> {
    profile.columns.iter().map(|column| column.name.clone()).collect()
}

/// Compares two profiles.
pub fn compare(reference: &Profile, current: &Profile, comparison: &Comparison) -> drift::Result<Report> {
    let options = facade::compare::CompareOptions {
        policy: comparison.policy.clone(),
        all_metrics: comparison.all_metrics,
        columns: comparison.columns.clone(),
        exclude: comparison.exclude.clone(),
        n_threads: comparison.n_threads,
    };
    facade::compare::compare(reference, current, &options)
}

/// Reading options as a report's receipt recorded them, for an input called `name`.
pub fn recorded_options(name: &str, report: &Report) -> drift::Result<ReadOptions> {
    ReadOptions::from_json(name, &report.receipt.options)
}

/// What of a receipt does not hold; empty when it holds.
pub fn verify(report: &Report, recomputed: &Report) -> Vec<Difference> {
    facade::receipt::verify(report, recomputed)
}

/// A report as text in a format.
pub fn render(report: &Report, format: Format, is_coloured: bool, width: usize) -> String {
    let options = facade::render::RenderOptions { color: is_coloured, width };
    facade::render::render(report, format, &options)
}

/// A report as Markdown for a GitHub job summary.
pub fn github_summary(report: &Report) -> String {
    facade::render::github::summary(report)
}

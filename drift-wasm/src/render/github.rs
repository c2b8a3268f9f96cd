//! Annotations and the step summary of a GitHub job.

use crate::render::by_urgency;
use crate::report::Report;
use crate::verdict::Verdict;

/// One workflow command a loud column; a `notice` when there is none.
pub(super) fn annotations(report: &Report) -> String {
    let file = property(&report.current.name);
    let mut out = String::new();
    for column in by_urgency(report) {
        let level = match column.verdict {
            Verdict::Drifted => "error",
            Verdict::Warning | Verdict::Error => "warning",
            Verdict::Stable | Verdict::InsufficientData => continue,
        };
        let title = property(&format!("{} {}", column.name, column.verdict.as_str()));
        out += &format!("::{level} file={file},title={title}::{}\n", message(&column.why));
    }
    if out.is_empty() {
        out = format!("::notice file={file},title=DriftSiren::{}\n", message(&report.sentence));
    }
    out
}

/// Markdown for `$GITHUB_STEP_SUMMARY`.
pub fn summary(report: &Report) -> String {
    super::markdown::render(report)
}

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

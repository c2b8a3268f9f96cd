//! Annotations and the step summary of a GitHub job.

use crate::render::{badge, by_urgency, words};
use crate::report::Report;
use crate::verdict::Verdict;

/// One workflow command a loud column or schema change; a `notice` when there is none.
///
/// GitHub shows ten errors and ten warnings of a step, so the loudest come first.
pub(super) fn annotations(report: &Report) -> String {
    let file = property(&report.current.name);
    let command = |level: &str, title: &str, text: &str| {
        format!("::{level} file={file},title={}::{}\n", property(title), message(text))
    };
    let mut out = String::new();
    for column in by_urgency(report) {
        let level = match column.verdict {
            Verdict::Drifted => "error",
            Verdict::Warning | Verdict::Error => "warning",
            Verdict::NotCompared => "notice",
            Verdict::Stable | Verdict::InsufficientData => continue,
        };
        out += &command(level, &format!("{}: {}", column.name, badge(column.verdict).1), &column.why);
    }
    for change in &report.schema_changes {
        let level = if change.verdict(&report.policy) == Some(Verdict::Drifted) { "error" } else { "warning" };
        out += &command(level, &format!("{}: schema", change.column), &change.in_words());
    }
    if out.is_empty() {
        out = command("notice", "DriftSiren", &report.sentence);
    }
    out
}

/// Markdown for `$GITHUB_STEP_SUMMARY`.
pub fn summary(report: &Report) -> String {
    super::markdown::render(report)
}

fn message(text: &str) -> String {
    words::printable(text).replace('%', "%25")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

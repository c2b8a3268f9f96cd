//! What a report says in words wherever it is shown: on the page and in every rendering.

use serde::{Deserialize, Serialize};

use super::{ColumnReport, InputSummary, Report, Subject, Test};
use crate::format::{counted, number, p_value, percent};
use crate::metric::Direction;
use crate::policy::{DatasetRule, Method, Preset};
use crate::verdict::Verdict;

/// The effect of a test as it is shown beside its floor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Short name of what was measured: `D`, `nulls`.
    pub name: String,
    /// Its value in words: `0.125`, `8.6 %`.
    pub value: String,
    /// What it is held to, on the same scale.
    pub floor: String,
    /// Value over floor, from 0; absent when the floor is 0.
    pub times: Option<f64>,
}

/// The test that made the column's verdict: the most severe of those that say the same.
pub(crate) fn deciding(column: &ColumnReport) -> Option<&Test> {
    let agrees = |test: &Test| test.verdict == column.verdict;
    column.tests.iter().max_by(|a, b| agrees(a).cmp(&agrees(b)).then(a.severity.total_cmp(&b.severity)))
}

/// The effect behind a column's verdict; absent when it was not judged.
pub(crate) fn deciding_effect(column: &ColumnReport) -> Option<Effect> {
    column.severity.and(deciding(column)).map(|test| effect(column, test))
}

/// The effect of a test.
///
/// Under the `evidently` policy it is Evidently's own score, for an effect made from a p-value says nothing to a reader.
pub(crate) fn effect(column: &ColumnReport, test: &Test) -> Effect {
    let decimals = |value: f64| {
        let is_usual = value == 0.0 || (0.001..10.0).contains(&value);
        if is_usual { format!("{value:.3}") } else { number(value) }
    };
    let times = (test.floor > 0.0).then(|| test.effect / test.floor);
    if let Some((score, threshold)) = evidently(column, test) {
        let value = match test.metric.direction() {
            Direction::Shrinks => p_value(score),
            Direction::Grows => decimals(score),
        };
        return Effect { name: test.metric.short().to_owned(), value, floor: number(threshold), times };
    }
    let (value, floor) = match test.subject {
        Subject::Values | Subject::Shapes | Subject::Alphabet => (decimals(test.effect), number(test.floor)),
        Subject::Nulls
        | Subject::Invalid
        | Subject::Unseen
        | Subject::Infinite
        | Subject::Empty
        | Subject::Duplicates => (percent(test.effect), percent(test.floor)),
    };
    Effect { name: test.metric.short().to_owned(), value, floor, times }
}

/// Score and threshold of Evidently, when they are behind the test.
fn evidently(column: &ColumnReport, test: &Test) -> Option<(f64, f64)> {
    let said = column.evidently.as_ref().filter(|_| column.policy.method == Method::Evidently)?;
    (test.subject == Subject::Values).then(|| said.score.zip(said.threshold)).flatten()
}

/// What the columns and the dataset were held to, in one sentence without a full stop.
pub(crate) fn policy(report: &Report) -> String {
    let policy = &report.policy;
    let n_tests = report.columns.iter().flat_map(|column| &column.tests).filter(|test| test.p_value.is_some()).count();
    let column = match policy.preset {
        Preset::Evidently => "a column drifts as in Evidently 0.7's DataDriftPreset".to_owned(),
        Preset::Default | Preset::Psi | Preset::Strict => format!(
            "a column drifts when its change is real (false-discovery rate {} over {}) and at or above its floor",
            percent(policy.alpha),
            counted(n_tests as u64, "test")
        ),
    };
    let dataset = match policy.dataset {
        DatasetRule::AnyColumn => "one drifted column is enough".to_owned(),
        DatasetRule::Share { share } => format!("the dataset drifts from {} of the columns", percent(share)),
        DatasetRule::WeightedShare { share } => {
            format!("the dataset drifts from {} of the columns by weight", percent(share))
        }
        DatasetRule::Critical => "only critical columns count".to_owned(),
    };
    let fail = match policy.fail_on {
        Some(Verdict::Warning) => "; a warning fails",
        Some(Verdict::NotCompared) => "; a column that was not compared fails",
        Some(_) => "",
        None => "; nothing fails",
    };
    format!("policy {}: {column}; {dataset}{fail}", policy.preset.as_str())
}

/// [`policy`] as sentences of their own, with what is not judged at all.
pub(crate) fn policy_sentence(report: &Report) -> String {
    let text = policy(report);
    let text = text.strip_prefix('p').map_or(text.clone(), |rest| format!("P{rest}"));
    format!("{text}. Sides with fewer than {} are not judged.", counted(report.policy.min_rows, "row"))
}

/// How many rows and cells of an input were read leniently, a line each; empty when none was.
pub(crate) fn findings(input: &InputSummary) -> Vec<String> {
    let found = &input.findings;
    let mut lines: Vec<String> = [
        (found.n_ragged_rows, "with fewer or more cells than the header", "row"),
        (found.n_rejected_rows, "that could not be read", "row"),
        (found.n_decoded_cells, "not in UTF-8, read as Windows-1252", "cell"),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, what, unit)| format!("{} {what}", counted(n, unit)))
    .collect();
    if lines.is_empty() && !found.listed.is_empty() {
        lines.push("cells that do not fit their column".to_owned());
    }
    lines
}

/// The name of a file without its folders: a path tells little and breaks the line.
pub fn file_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().filter(|last| !last.is_empty()).unwrap_or(name)
}

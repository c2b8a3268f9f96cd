//! Words that several renderings share: metrics in short, the policy, and names that are safe to print.

use crate::format::{count, counted, number, p_value, percent};
use crate::policy::{DatasetRule, Method, Preset};
use crate::report::{ColumnReport, InputSummary, Report, Subject, Test};
use crate::verdict::Verdict;

/// The effect of a test with the short name of what was measured: `D`, `0.125`; `nulls`, `8.6 %`.
///
/// Under the `evidently` policy it is Evidently's own score, for an effect made from a p-value says nothing to a reader.
pub(super) fn effect(column: &ColumnReport, test: &Test) -> (String, String) {
    let decimals = |value: f64| if value < 10.0 { format!("{value:.3}") } else { number(value) };
    if let Some((score, _)) = evidently(column, test) {
        let is_p_value = test.metric.ends_with("p_value");
        let name = test.metric.replace(" p_value", " p").replace(" (normed)", "").replace(" distance", "");
        return (name, if is_p_value { p_value(score) } else { decimals(score) });
    }
    let name = match test.metric.as_str() {
        "ks" => "D",
        "total_variation" => "TVD",
        "psi" => "PSI",
        "hour_mix" => "hours",
        "length_mix" => "length",
        "null_share" => "nulls",
        "invalid_share" => "invalid",
        "unseen_share" => "unseen",
        "infinite_share" => "infinite",
        other => other,
    };
    let value = match test.subject {
        Subject::Values => decimals(test.effect),
        Subject::Nulls | Subject::Invalid | Subject::Unseen | Subject::Infinite => percent(test.effect),
    };
    (name.to_owned(), value)
}

/// What the effect is held to, on the scale on which [`effect`] is shown.
pub(super) fn floor(column: &ColumnReport, test: &Test) -> String {
    match (test.subject, evidently(column, test)) {
        (Subject::Values, threshold) => number(threshold.map_or(test.floor, |(_, threshold)| threshold)),
        (Subject::Nulls | Subject::Invalid | Subject::Unseen | Subject::Infinite, _) => percent(test.floor),
    }
}

/// Score and threshold of Evidently, when they are behind the test.
fn evidently(column: &ColumnReport, test: &Test) -> Option<(f64, f64)> {
    let said = column.evidently.as_ref().filter(|_| column.policy.method == Method::Evidently)?;
    (test.subject == Subject::Values).then(|| said.score.zip(said.threshold)).flatten()
}

/// A q-value: `q < 0.001`, `q 0.012`; nothing where the rule is a bare threshold.
pub(super) fn q_value(test: &Test) -> Option<String> {
    test.q_value.map(|q| format!("q {}", p_value(q)))
}

/// What the columns and the dataset were held to, in one sentence without a full stop.
pub(super) fn policy(report: &Report) -> String {
    let policy = &report.policy;
    let n_tests = report.columns.iter().flat_map(|column| &column.tests).filter(|test| test.p_value.is_some()).count();
    let column = match policy.preset {
        Preset::Evidently => "a column drifts as in Evidently 0.7's DataDriftPreset".to_owned(),
        Preset::Default | Preset::Psi | Preset::Strict => format!(
            "a column drifts when its change is real (false-discovery rate {} over {} tests) and at or above its floor",
            percent(policy.alpha),
            count(n_tests as u64)
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
        Some(_) => "",
        None => "; nothing fails",
    };
    format!("policy {}: {column}; {dataset}{fail}", policy.preset.as_str())
}

/// How many rows and cells of an input were read leniently, in words.
pub(super) fn findings(input: &InputSummary) -> Vec<String> {
    let found = &input.findings;
    [
        (found.n_ragged_rows, "with fewer or more cells than the header", "row"),
        (found.n_rejected_rows, "that could not be read", "row"),
        (found.n_decoded_cells, "not in UTF-8, read as Windows-1252", "cell"),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, what, unit)| format!("{} {what}", counted(n, unit)))
    .collect()
}

/// `text` on one line and without characters that steer a terminal or turn the reading direction.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\r' | '\t' => ' ',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            other if other.is_control() => '\u{fffd}',
            other => other,
        })
        .collect()
}

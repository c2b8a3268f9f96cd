//! One column: which tests it gets, and what they come to.

use crate::compare::test::open_test;
use crate::compare::values::{self, Judged, Measured};
use crate::compare::{CompareOptions, Pair, summary, texts};
use crate::explain;
use crate::metric::{self, Metric, MetricId};
use crate::policy::{Method, Policy};
use crate::report::{ColumnReport, ColumnSummary, NotCompared, Subject, Test};
use crate::schema::{ColumnType, Role};
use crate::verdict::Verdict;

/// Level at which "even a drift of one half could not have been seen".
const HALF: f64 = 0.5;

/// Measures the rows of one column under the type that it is seen as.
#[inline(never)]
pub(super) fn measure_column(pair: &Pair<'_>, options: &CompareOptions) -> Measured {
    let (reference, current) = pair.typed();
    let texts = texts::is_text(&pair.schema).then(|| texts::measure(&pair.schema, pair.reference, pair.current));
    if unjudged(pair).is_none() || options.all_metrics {
        return Measured { texts, ..values::measure(&reference, &current, options.all_metrics) };
    }
    let sides = (summary::summarise(&reference), summary::summarise(&current));
    let is_spelled = matches!(reference.kind, ColumnType::Text | ColumnType::Id);
    let cause = if is_spelled { explain::cause(&reference, &current, (&sides.0, &sides.1)) } else { None };
    Measured { texts, cause, sides, ..Measured::default() }
}

/// Why the values of a column are not judged, whatever they are; `None` when they are.
fn unjudged(pair: &Pair<'_>) -> Option<NotCompared> {
    match (pair.schema.role, pair.schema.r#type) {
        (_, ColumnType::Empty) => Some(NotCompared::NoValue),
        (Role::Id, _) | (_, ColumnType::Id) => Some(NotCompared::Identifier),
        // Times are compared by their hours, which a later window shares.
        (Role::Timestamp, kind) if kind != ColumnType::Datetime => Some(NotCompared::Timestamp),
        _ => None,
    }
}

/// Judges one column; verdicts and q-values are still open, because they depend on the other columns.
#[inline(never)]
pub(super) fn judge_column(pair: &Pair<'_>, measured: &Measured, options: &CompareOptions) -> ColumnReport {
    let kind = pair.schema.r#type;
    let policy = options.policy.for_column(&pair.schema.name, kind);
    let mut report = ColumnReport {
        name: pair.schema.name.clone(),
        index: pair.schema.index,
        r#type: kind,
        type_reason: pair.schema.reason.clone(),
        role: pair.schema.role,
        verdict: Verdict::Stable,
        not_compared: unjudged(pair),
        severity: None,
        why: String::new(),
        what_changed: String::new(),
        cause: measured.cause.clone(),
        tests: Vec::new(),
        smallest_detectable: None,
        policy,
        metrics: measured.metrics.clone(),
        reference: measured.sides.0.clone(),
        current: measured.sides.1.clone(),
        contributions: measured.contributions.clone(),
        new_categories: measured.new_categories.clone(),
        vanished_categories: measured.vanished_categories.clone(),
        n_new_categories: measured.n_new_categories,
        n_vanished_categories: measured.n_vanished_categories,
        histogram: measured.histogram.clone(),
        cumulative: measured.cumulative.clone(),
        evidently: None,
    };
    let is_compared = report.not_compared.is_none();
    if is_compared || options.all_metrics {
        let judged = values::judge(measured, kind, || pair.typed(), policy, options.all_metrics);
        adopt(&mut report, judged, is_compared, &options.policy);
    }
    if is_compared && report.reference.n + report.current.n == 0 && report.reference.n_invalid > 0 {
        (report.verdict, report.not_compared) = (Verdict::NotCompared, Some(NotCompared::NothingFits));
        report.why.clear();
    }
    if policy.method == Method::Evidently {
        report.tests.retain(|test| test.subject == Subject::Values);
    } else {
        share_tests(&mut report, &options.policy);
        if let Some(measured) = &measured.texts {
            texts::judge(&mut report, measured, &options.policy);
        }
    }
    if report.not_compared.is_some() && report.verdict == Verdict::Stable {
        report.verdict = Verdict::NotCompared;
    }
    if kind.has_categories() && is_compared && policy.method != Method::Evidently {
        unseen_test(&mut report, measured, &options.policy);
    }
    report
}

/// Takes over what the values came to, and the test unless there are too few.
fn adopt(report: &mut ColumnReport, judged: Judged, is_compared: bool, policy: &Policy) {
    let (n_reference, n_current) = (report.reference.n, report.current.n);
    report.metrics.extend(judged.metric);
    report.evidently = judged.evidently;
    if report.r#type == ColumnType::Datetime && (report.policy.method != Method::Ks && !judged.is_testable) {
        report.contributions.clear();
    }
    if !is_compared {
        return;
    }
    if let Some(refusal) = judged.refusal {
        report.verdict = Verdict::Error;
        report.why = refusal;
        return;
    }
    if report.policy.method == Method::Evidently {
        report.tests.extend(judged.test);
        return;
    }
    report.smallest_detectable = judged.smallest.map(|smallest| smallest(policy.alpha)).filter(|value| *value < 1.0);
    let blind = report.smallest_detectable.is_none_or(|smallest| smallest > HALF);
    if !judged.is_testable && n_reference.min(n_current) >= policy.min_rows {
        report.not_compared = Some(NotCompared::NoTest);
        report.smallest_detectable = None;
    } else if n_reference.min(n_current) < policy.min_rows || blind {
        report.verdict = Verdict::InsufficientData;
        let (side, n) =
            if n_reference <= n_current { ("reference", n_reference) } else { ("current input", n_current) };
        report.why = if n < policy.min_rows {
            format!("{} in the {side}, at least {} needed", values_in_words(n), policy.min_rows)
        } else {
            "too few rows for so many different values: even a change of half the rows could not be seen".to_owned()
        };
        report.smallest_detectable = None;
    } else {
        report.tests.extend(judged.test);
    }
}

fn values_in_words(n: u64) -> String {
    match n {
        0 => "no value".to_owned(),
        1 => "1 value".to_owned(),
        n => format!("{} values", crate::format::count(n)),
    }
}

/// Nulls, cells of another type and infinities: two-proportion tests on the rows.
fn share_tests(report: &mut ColumnReport, policy: &Policy) {
    let floors = report.policy.floors;
    type Count = fn(&ColumnSummary) -> u64;
    let infinite: Count = |side| side.n_pos_inf + side.n_neg_inf;
    let subjects: [(Subject, MetricId, f64, Count); 3] = [
        (Subject::Nulls, MetricId::NullShare, floors.nulls, |side| side.n_null),
        (Subject::Invalid, MetricId::InvalidShare, floors.invalid, |side| side.n_invalid),
        (Subject::Infinite, MetricId::InfiniteShare, floors.invalid, infinite),
    ];
    let (n, m) = (report.reference.n_rows, report.current.n_rows);
    for (subject, id, floor, count) in subjects {
        let (k, l) = (count(&report.reference), count(&report.current));
        if n == 0 || m == 0 {
            let side = if n == 0 { "the reference has no row" } else { "the current input has no row" };
            report.metrics.insert(id, Metric::undefined(side));
            continue;
        }
        let (difference, p_value) = metric::two_proportion(n, k, m, l);
        report.metrics.insert(id, Metric::distance_test(difference.abs(), p_value));
        if k + l > 0 && n.min(m) >= policy.min_rows {
            report.tests.push(open_test(subject, id.into(), difference.abs(), floor, p_value));
        }
    }
}

/// Rows with labels that the reference never had, beyond what a reference of its size misses by chance.
fn unseen_test(report: &mut ColumnReport, measured: &Measured, policy: &Policy) {
    let (n, m) = (report.reference.n, report.current.n);
    if n == 0 || m == 0 || !measured.is_every_label_held {
        let reason = if n == 0 || m == 0 { "one side has no value" } else { "too many labels to hold them all" };
        report.metrics.insert(MetricId::UnseenShare, Metric::undefined(reason));
        return;
    }
    let unseen = metric::unseen_share(&measured.table);
    if unseen.share > 0.0 && n.min(m) >= policy.min_rows {
        let floor = report.policy.floors.unseen;
        let test = open_test(Subject::Unseen, MetricId::UnseenShare.into(), unseen.effect, floor, unseen.p_value);
        report.tests.push(Test { sampling_error: Some(unseen.sampling_error), ..test });
    }
    report.metrics.insert(MetricId::UnseenShare, unseen.metric());
}

/// The column's verdict and severity from its tests.
#[inline(never)]
pub(super) fn conclude(report: &mut ColumnReport, policy: &Policy) {
    let loudest = |verdict| report.tests.iter().any(|test| test.verdict == verdict);
    let quiet = report.verdict;
    report.verdict = if loudest(Verdict::Drifted) {
        Verdict::Drifted
    } else if loudest(Verdict::Warning) {
        Verdict::Warning
    } else {
        quiet
    };
    let severities = report.tests.iter().filter(|test| test.is_real(policy.alpha)).map(|test| test.severity);
    let largest = severities.max_by(f64::total_cmp);
    report.severity = match report.verdict {
        Verdict::Drifted | Verdict::Warning => largest,
        Verdict::Stable => Some(largest.unwrap_or(0.0)),
        Verdict::InsufficientData | Verdict::Error | Verdict::NotCompared => None,
    };
}

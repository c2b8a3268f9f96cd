//! The values of a column: metrics, the primary test, and what the charts need.

use crate::bins::Bins;
use crate::compare::draw;
use crate::compare::summary::{commonest, summarise};
use crate::compare::test::open_test;
use crate::compare::texts::MeasuredTexts;
use crate::explain;
use crate::metric::evidently::{self, EvidentlyColumn};
use crate::metric::{self, Direction, Metric, MetricId, Metrics};
use crate::policy::{ColumnPolicy, Method};
use crate::power;
use crate::profile::{Contingency, TextFacts, TypedColumn, length_label};
use crate::report::{Bin, CategoryCount, Cause, ColumnSummary, Contribution, Cumulative, Histogram, Subject, Test};
use crate::schema::ColumnType;
use crate::verdict::{Verdict, severity};

/// Bars of a contribution chart for labels; the rest is one bar.
const N_CONTRIBUTIONS: usize = 12;

/// The smallest effect that is found with 80 % power at a level.
type Smallest = Box<dyn Fn(f64) -> f64>;

/// What the rows of one column say under any policy: measured once, judged as often as a policy changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured {
    pub sides: (ColumnSummary, ColumnSummary),
    pub cause: Option<Cause>,
    pub metrics: Metrics,
    pub contributions: Vec<Contribution>,
    pub histogram: Option<Histogram>,
    pub cumulative: Option<Cumulative>,
    pub new_categories: Vec<CategoryCount>,
    pub vanished_categories: Vec<CategoryCount>,
    pub n_new_categories: u64,
    pub n_vanished_categories: u64,
    /// Rows by bin, label, hour or length of text.
    pub table: Contingency,
    /// What texts and identifiers look like.
    pub texts: Option<MeasuredTexts>,
    /// Whether every label is held.
    pub is_every_label_held: bool,
    /// Whether times have hours; dates without them have nothing to test.
    pub has_hours: bool,
}

/// What a policy makes of [`Measured`].
#[derive(Default)]
pub(super) struct Judged {
    pub test: Option<Test>,
    /// Whether there is anything to test.
    pub is_testable: bool,
    pub refusal: Option<String>,
    pub smallest: Option<Smallest>,
    /// A metric that only this method needs.
    pub metric: Option<(MetricId, Metric)>,
    pub evidently: Option<EvidentlyColumn>,
}

/// Measures one column.
#[inline(never)]
pub(super) fn measure(reference: &TypedColumn<'_>, current: &TypedColumn<'_>, all_metrics: bool) -> Measured {
    let measured = match reference.kind {
        ColumnType::Numeric => numeric(reference, current, all_metrics),
        ColumnType::Datetime => datetime(reference, current),
        ColumnType::Categorical | ColumnType::Boolean | ColumnType::Id => labels(reference, current, all_metrics),
        ColumnType::Text => text(&reference.column.text_facts, &current.column.text_facts),
        ColumnType::Empty => Measured::default(),
    };
    let sides = (summarise(reference), summarise(current));
    let cause = explain::cause(reference, current, (&sides.0, &sides.1));
    Measured { sides, cause, ..measured }
}

/// Judges one column. The rows themselves are asked for by methods that few use.
#[inline(never)]
pub(super) fn judge<'a>(
    measured: &Measured,
    kind: ColumnType,
    rows: impl Fn() -> (TypedColumn<'a>, TypedColumn<'a>),
    policy: ColumnPolicy,
    all_metrics: bool,
) -> Judged {
    let mut judged = Judged { refusal: policy.refuses(kind), ..Judged::default() };
    let Measured { table, metrics, .. } = measured;
    let smallest_distance = || -> Option<Smallest> {
        let (n, m) = (measured.sides.0.n, measured.sides.1.n);
        Some(Box::new(move |alpha| power::smallest_ks(n, m, alpha)))
    };
    match (kind, policy.method) {
        (ColumnType::Empty, _) => return judged,
        (ColumnType::Datetime, Method::Ks) => {}
        (ColumnType::Datetime, method) => judged.is_testable = measured.has_hours && method != Method::Evidently,
        _ => judged.is_testable = true,
    }
    match (kind, policy.method) {
        (ColumnType::Numeric, Method::Ks | Method::Psi) => {
            let id = if policy.method == Method::Ks { MetricId::Ks } else { MetricId::Psi };
            judged.smallest = smallest_distance();
            judged.test = distance_test(metrics.get(&id), id, policy);
        }
        (ColumnType::Numeric, Method::TotalVariation) => {
            table_test(&mut judged, table, MetricId::TotalVariation, policy)
        }
        (ColumnType::Numeric, Method::Evidently) => {
            let (a, b) = rows();
            let integers = (a.column.is_int64(), b.column.is_int64());
            adopt_evidently(&mut judged, evidently::numeric(&a.sample, &b.sample, integers, all_metrics));
        }
        (ColumnType::Datetime, Method::Ks) => {
            let (a, b) = rows();
            let metric = metric::ks(&a.sample, &b.sample);
            judged.smallest = smallest_distance();
            judged.test = distance_test(Some(&metric), MetricId::Ks, policy);
            judged.metric = Some((MetricId::Ks, metric));
            judged.is_testable = true;
        }
        (ColumnType::Datetime, Method::TotalVariation | Method::Psi) if measured.has_hours => {
            table_test(&mut judged, table, MetricId::HourMix, policy);
        }
        (ColumnType::Categorical | ColumnType::Boolean | ColumnType::Id, method) => match method {
            Method::Ks => {}
            Method::TotalVariation => table_test(&mut judged, table, MetricId::TotalVariation, policy),
            Method::Psi => {
                let (n, m, k) = (table.n_reference(), table.n_current(), metric::n_common(table));
                judged.smallest = Some(Box::new(move |alpha| power::smallest_total_variation(n, m, k, alpha)));
                judged.test = distance_test(metrics.get(&MetricId::Psi), MetricId::Psi, policy);
            }
            Method::Evidently => adopt_evidently(&mut judged, evidently::categorical(table, all_metrics)),
        },
        (ColumnType::Text, Method::Ks | Method::TotalVariation | Method::Psi) => {
            table_test(&mut judged, table, MetricId::LengthMix, policy);
        }
        (ColumnType::Datetime | ColumnType::Text | ColumnType::Empty, _) => {}
    }
    judged
}

#[inline(never)]
fn numeric(reference: &TypedColumn<'_>, current: &TypedColumn<'_>, all_metrics: bool) -> Measured {
    let (a, b) = (&*reference.sample, &*current.sample);
    let bins = Bins::of(a);
    let table = bins_table(&bins.counts(a), &bins.counts(b));
    let is_integer = reference.column.is_integer() && current.column.is_integer();
    let distances = metric::ecdf_distances(a, b);
    Measured {
        metrics: metric::numeric_of(a, b, distances, &bins, all_metrics),
        histogram: draw::histogram(a, b, is_integer),
        contributions: contributions(bins.intervals().map(Bin::Range), &table),
        cumulative: distances.and_then(|distances| draw::cumulative(a, b, distances.widest_at)),
        table,
        ..Measured::default()
    }
}

#[inline(never)]
fn labels(reference: &TypedColumn<'_>, current: &TypedColumn<'_>, all_metrics: bool) -> Measured {
    let table = Contingency::of(&reference.categories, &current.categories);
    let only = |ours: &[u64], theirs: &[u64]| {
        let rows = table.labels.iter().zip(ours.iter().zip(theirs));
        let only: Vec<(&str, u64)> = rows
            .filter(|(label, (ours, theirs))| **ours > 0 && **theirs == 0 && label.is_some())
            .map(|(label, (ours, _))| (label.as_deref().unwrap_or_default(), *ours))
            .collect();
        (only.len() as u64, commonest(only.into_iter()))
    };
    let (n_new_categories, new_categories) = only(&table.current, &table.reference);
    let (n_vanished_categories, vanished_categories) = only(&table.reference, &table.current);
    Measured {
        metrics: metric::categorical(&table, all_metrics),
        contributions: label_contributions(&table),
        n_new_categories,
        new_categories,
        n_vanished_categories,
        vanished_categories,
        is_every_label_held: reference.categories.is_exact() && current.categories.is_exact(),
        table,
        ..Measured::default()
    }
}

/// Times are compared by the mix of their hours: a later window has other dates by nature. By value when asked for.
#[inline(never)]
fn datetime(reference: &TypedColumn<'_>, current: &TypedColumn<'_>) -> Measured {
    let (a, b) = (&*reference.sample, &*current.sample);
    let (ours, theirs) = (&reference.column.time_facts, &current.column.time_facts);
    let hours = bins_table(&ours.hours, &theirs.hours);
    let weekdays = bins_table(&ours.weekdays, &theirs.weekdays);
    let mix = |table: &Contingency| {
        if table.n_reference() == 0 || table.n_current() == 0 {
            return Metric::undefined("one side has no time");
        }
        Metric::distance_test(total_variation_of(table), real(table))
    };
    let has_hours = |counts: &[u64]| counts.iter().filter(|n| **n > 0).count() > 1;
    let widest_at = metric::ecdf_distances(a, b).map_or(0.0, |distances| distances.widest_at);
    Measured {
        metrics: [(MetricId::HourMix, mix(&hours)), (MetricId::WeekdayMix, mix(&weekdays))].into(),
        histogram: draw::histogram(a, b, false),
        cumulative: draw::cumulative(a, b, widest_at),
        contributions: contributions((0..24).map(|hour| Bin::Part(format!("{hour:02}:00"))), &hours),
        has_hours: has_hours(&ours.hours) || has_hours(&theirs.hours),
        table: hours,
        ..Measured::default()
    }
}

#[inline(never)]
fn text(reference: &TextFacts, current: &TextFacts) -> Measured {
    let last = reference.lengths.iter().zip(&current.lengths).rposition(|(a, b)| a + b > 0).map_or(0, |last| last + 1);
    let lengths = bins_table(&reference.lengths[..last], &current.lengths[..last]);
    let length_mix = if lengths.n_reference() == 0 || lengths.n_current() == 0 {
        Metric::undefined("one side has no text")
    } else {
        Metric::distance_test(total_variation_of(&lengths), real(&lengths))
    };
    Measured {
        metrics: [(MetricId::LengthMix, length_mix)].into(),
        contributions: contributions((0..last).map(length_label).map(Bin::Part), &lengths),
        table: lengths,
        ..Measured::default()
    }
}

/// A test whose effect is a metric's distance.
fn distance_test(metric: Option<&Metric>, id: MetricId, policy: ColumnPolicy) -> Option<Test> {
    let metric = metric?;
    let mut test = open_test(Subject::Values, id.into(), metric.distance?, policy.floors.values, metric.p_value?);
    test.half_width = metric.half_width;
    Some(test)
}

/// Chi-square for "real", total variation corrected for chance, within its standard error, for "big enough".
fn table_test(judged: &mut Judged, table: &Contingency, id: MetricId, policy: ColumnPolicy) {
    let (n, m, k) = (table.n_reference(), table.n_current(), metric::n_common(table));
    judged.smallest = Some(Box::new(move |alpha| power::smallest_total_variation(n, m, k.max(2), alpha)));
    judged.test = mix_test(Subject::Values, id, table, policy.floors.values);
}

/// The test of a mix of labels, bins or kinds; `None` when a side has no row.
pub(super) fn mix_test(subject: Subject, id: MetricId, table: &Contingency, floor: f64) -> Option<Test> {
    if table.n_reference() == 0 || table.n_current() == 0 {
        return None;
    }
    let effect = metric::beyond_chance(total_variation_of(table), table);
    let test = open_test(subject, id.into(), effect, floor, real(table));
    Some(Test { sampling_error: Some(metric::sampling_error(table)), ..test })
}

fn adopt_evidently(judged: &mut Judged, said: EvidentlyColumn) {
    if let (Some(method), Some(score), Some(threshold), Some(drifted)) =
        (said.method, said.score, said.threshold, said.drifted)
    {
        // A p-value shrinks with drift: its scale is −log10, so that severity is 0.5 at the threshold for both kinds.
        let scale = |value: f64| match method.direction() {
            Direction::Shrinks => -libm::log10(value.max(1e-300)),
            Direction::Grows => value,
        };
        let (effect, floor) = (scale(score), scale(threshold));
        judged.test = Some(Test {
            verdict: if drifted { Verdict::Drifted } else { Verdict::Stable },
            severity: severity(effect, floor),
            p_value: None,
            ..open_test(Subject::Values, method.into(), effect, floor, 1.0)
        });
    }
    judged.evidently = Some(said);
}

fn bins_table(reference: &[u64], current: &[u64]) -> Contingency {
    Contingency {
        labels: (0..reference.len()).map(|bin| Some(bin.to_string())).collect(),
        reference: reference.to_vec(),
        current: current.to_vec(),
    }
}

fn contributions(bins: impl Iterator<Item = Bin>, table: &Contingency) -> Vec<Contribution> {
    let (n, m) = (table.n_reference().max(1) as f64, table.n_current().max(1) as f64);
    bins.zip(table.reference.iter().zip(&table.current))
        .map(|(label, (a, b))| Contribution { label, reference: *a as f64 / n, current: *b as f64 / m })
        .collect()
}

/// The labels whose shares changed most, and one bar for the others.
fn label_contributions(table: &Contingency) -> Vec<Contribution> {
    let labels = table.labels.iter().map(|label| label.clone().unwrap_or_else(|| "not held".to_owned()));
    let mut all = contributions(labels.map(Bin::Label), table);
    if all.len() > N_CONTRIBUTIONS {
        let change = |bar: &Contribution| (bar.current - bar.reference).abs();
        all.sort_by(|a, b| change(b).total_cmp(&change(a)).then_with(|| a.label.words().cmp(&b.label.words())));
        let rest = all.split_off(N_CONTRIBUTIONS - 1);
        // Thousands of rounded shares can add up to a little more than everything.
        let sum = |side: fn(&Contribution) -> f64| rest.iter().map(side).sum::<f64>().min(1.0);
        all.push(Contribution {
            label: Bin::Other(rest.len() as u64),
            reference: sum(|bar| bar.reference),
            current: sum(|bar| bar.current),
        });
    }
    all
}

pub(super) fn total_variation_of(table: &Contingency) -> f64 {
    metric::total_variation(&table.reference, &table.current).distance.unwrap_or(0.0)
}

/// p-value of the homogeneity test; 1 where nothing can be told.
fn real(table: &Contingency) -> f64 {
    metric::chi_square_calibrated(table).p_value.unwrap_or(1.0)
}

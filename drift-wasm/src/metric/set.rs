//! A column's metrics by name.

use std::collections::BTreeMap;

use crate::bins::Bins;
use crate::metric::{
    EcdfDistances, Metric, anderson_darling, chi_square, chi_square_yates, cramer_von_mises, cramer_von_mises_series,
    cramers_v, ecdf_distances, empty_reason, epps_singleton, fisher_exact, g_test, hellinger, jensen_shannon,
    ks_asymptotic, ks_of, l_infinity, mann_whitney, mann_whitney_asymptotic, psi, psi_textbook, student_t,
    total_variation, two_proportion_z, wasserstein_of, wasserstein_scaled_of, welch_t,
};
use crate::profile::{Contingency, Sample};

const NUMERIC: [&str; 7] =
    ["ks", "wasserstein", "wasserstein_scaled", "psi", "jensen_shannon", "hellinger", "total_variation"];

const NUMERIC_MORE: [&str; 11] = [
    "psi_textbook",
    "energy_distance",
    "anderson_darling",
    "cramer_von_mises",
    "cramer_von_mises_series",
    "mann_whitney",
    "mann_whitney_asymptotic",
    "epps_singleton",
    "welch_t",
    "student_t",
    "ks_asymptotic",
];

const CATEGORICAL: [&str; 7] =
    ["chi_square", "total_variation", "psi", "jensen_shannon", "hellinger", "l_infinity", "cramers_v"];

const CATEGORICAL_MORE: [&str; 5] = ["psi_textbook", "chi_square_yates", "g_test", "fisher_exact", "two_proportion_z"];

/// Metrics of a column of numbers: the seven usual ones, or with `all` every one.
///
/// `bins` are the reference's. When a side is empty every metric is undefined and says which side.
pub fn numeric(reference: &Sample, current: &Sample, bins: &Bins, all: bool) -> BTreeMap<String, Metric> {
    numeric_of(reference, current, ecdf_distances(reference, current), bins, all)
}

/// [`numeric`] from a pass already made.
#[inline(never)]
pub fn numeric_of(
    reference: &Sample,
    current: &Sample,
    distances: Option<EcdfDistances>,
    bins: &Bins,
    all: bool,
) -> BTreeMap<String, Metric> {
    let Some(distances) = distances else {
        return undefined(&NUMERIC, &NUMERIC_MORE, all, reference.is_empty());
    };
    let (left, right) = (bins.counts(reference), bins.counts(current));
    named(NUMERIC.iter().chain(extra(&NUMERIC_MORE, all)), |name| match name {
        "ks" => ks_of(&distances, reference, current),
        "wasserstein" => wasserstein_of(&distances, reference, current),
        "wasserstein_scaled" => wasserstein_scaled_of(&distances, reference, current),
        "psi" => psi(&left, &right),
        "jensen_shannon" => jensen_shannon(&left, &right),
        "hellinger" => hellinger(&left, &right),
        "total_variation" => total_variation(&left, &right)
            .with_half_width((bins.len() - 1) as f64 * (reference.share_error() + current.share_error())),
        "psi_textbook" => psi_textbook_numeric(reference, current),
        "energy_distance" => Metric::distance(distances.energy),
        "anderson_darling" => anderson_darling(reference, current),
        "cramer_von_mises" => cramer_von_mises(reference, current),
        "cramer_von_mises_series" => cramer_von_mises_series(reference, current),
        "mann_whitney" => mann_whitney(reference, current),
        "mann_whitney_asymptotic" => mann_whitney_asymptotic(reference, current),
        "epps_singleton" => epps_singleton(reference, current),
        "welch_t" => welch_t(reference, current),
        "student_t" => student_t(reference, current),
        "ks_asymptotic" => ks_asymptotic(&distances, reference, current),
        _ => Metric::undefined("no such metric"),
    })
}

/// Metrics of a column of labels: the seven usual ones, or with `all` every one.
///
/// When a side is empty every metric is undefined and says which side.
#[inline(never)]
pub fn categorical(table: &Contingency, all: bool) -> BTreeMap<String, Metric> {
    let (left, right) = (&table.reference, &table.current);
    if table.n_reference() == 0 || table.n_current() == 0 {
        let is_reference = table.n_reference() == 0;
        return undefined(&CATEGORICAL, &CATEGORICAL_MORE, all, is_reference);
    }
    named(CATEGORICAL.iter().chain(extra(&CATEGORICAL_MORE, all)), |name| match name {
        "chi_square" => chi_square(table),
        "total_variation" => total_variation(left, right),
        "psi" => psi(left, right),
        "jensen_shannon" => jensen_shannon(left, right),
        "hellinger" => hellinger(left, right),
        "l_infinity" => l_infinity(left, right, |index| table.labels[index].as_deref().unwrap_or("other")),
        "cramers_v" => cramers_v(table),
        "psi_textbook" => psi_textbook(left, right),
        "chi_square_yates" => chi_square_yates(table),
        "g_test" => g_test(table),
        "fisher_exact" => fisher_exact(table),
        "two_proportion_z" => two_proportion_z(table),
        _ => Metric::undefined("no such metric"),
    })
}

/// [`psi_textbook`] of numbers, over the reference's deciles (linear interpolation), ends open.
pub fn psi_textbook_numeric(reference: &Sample, current: &Sample) -> Metric {
    if reference.is_empty() || current.is_empty() {
        return Metric::undefined(empty_reason(reference.is_empty()));
    }
    let mut edges: Vec<f64> = (1..10).filter_map(|tenth| reference.quantile(f64::from(tenth) / 10.0)).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let counts = |sample: &Sample| {
        let mut before = 0;
        let mut counts: Vec<u64> = edges
            .iter()
            .map(|edge| {
                let so_far = sample.n_at_most(*edge);
                let count = so_far - before;
                before = so_far;
                count
            })
            .collect();
        counts.push(sample.n() - before);
        counts
    };
    psi_textbook(&counts(reference), &counts(current))
}

fn extra<'a>(names: &'a [&'static str], all: bool) -> std::slice::Iter<'a, &'static str> {
    if all { names.iter() } else { [].iter() }
}

fn named<'a>(
    names: impl Iterator<Item = &'a &'static str>,
    compute: impl Fn(&str) -> Metric,
) -> BTreeMap<String, Metric> {
    names.map(|name| ((*name).to_owned(), compute(name))).collect()
}

fn undefined(usual: &[&'static str], more: &[&'static str], all: bool, is_reference: bool) -> BTreeMap<String, Metric> {
    named(usual.iter().chain(extra(more, all)), |_| Metric::undefined(empty_reason(is_reference)))
}

//! A column's metrics by name.

use std::collections::BTreeMap;

use crate::bins::Bins;
use crate::metric::{
    EcdfDistances, Metric, MetricId, anderson_darling, chi_square, chi_square_yates, cramer_von_mises,
    cramer_von_mises_series, cramers_v, ecdf_distances, empty_reason, epps_singleton, fisher_exact, g_test, hellinger,
    jensen_shannon, ks_asymptotic, ks_of, l_infinity, mann_whitney, mann_whitney_asymptotic, psi, psi_textbook,
    student_t, total_variation, two_proportion_z, wasserstein_of, wasserstein_scaled_of, welch_t,
};
use crate::profile::{Contingency, Sample};

/// Both sides of a column of numbers, with what several metrics share.
struct Numbers<'a> {
    reference: &'a Sample,
    current: &'a Sample,
    distances: EcdfDistances,
    /// Rows of each of the reference's bins.
    binned: (Vec<u64>, Vec<u64>),
}

/// A metric and how it is computed.
type Row<F> = (MetricId, F);
type OfNumbers = fn(&Numbers<'_>) -> Metric;
type OfLabels = fn(&Contingency) -> Metric;

const NUMERIC: &[Row<OfNumbers>] = &[
    (MetricId::Ks, |of| ks_of(&of.distances, of.reference, of.current)),
    (MetricId::Wasserstein, |of| wasserstein_of(&of.distances, of.reference, of.current)),
    (MetricId::WassersteinScaled, |of| wasserstein_scaled_of(&of.distances, of.reference, of.current)),
    (MetricId::Psi, |of| psi(&of.binned.0, &of.binned.1)),
    (MetricId::JensenShannon, |of| jensen_shannon(&of.binned.0, &of.binned.1)),
    (MetricId::Hellinger, |of| hellinger(&of.binned.0, &of.binned.1)),
    (MetricId::TotalVariation, |of| {
        let n_cuts = (of.binned.0.len() - 1) as f64;
        total_variation(&of.binned.0, &of.binned.1)
            .with_half_width(n_cuts * (of.reference.share_error() + of.current.share_error()))
    }),
];

const NUMERIC_MORE: &[Row<OfNumbers>] = &[
    (MetricId::PsiTextbook, |of| psi_textbook_numeric(of.reference, of.current)),
    (MetricId::EnergyDistance, |of| Metric::distance(of.distances.energy)),
    (MetricId::AndersonDarling, |of| anderson_darling(of.reference, of.current)),
    (MetricId::CramerVonMises, |of| cramer_von_mises(of.reference, of.current)),
    (MetricId::CramerVonMisesSeries, |of| cramer_von_mises_series(of.reference, of.current)),
    (MetricId::MannWhitney, |of| mann_whitney(of.reference, of.current)),
    (MetricId::MannWhitneyAsymptotic, |of| mann_whitney_asymptotic(of.reference, of.current)),
    (MetricId::EppsSingleton, |of| epps_singleton(of.reference, of.current)),
    (MetricId::WelchT, |of| welch_t(of.reference, of.current)),
    (MetricId::StudentT, |of| student_t(of.reference, of.current)),
    (MetricId::KsAsymptotic, |of| ks_asymptotic(&of.distances, of.reference, of.current)),
];

const CATEGORICAL: &[Row<OfLabels>] = &[
    (MetricId::ChiSquare, chi_square),
    (MetricId::TotalVariation, |table| total_variation(&table.reference, &table.current)),
    (MetricId::Psi, |table| psi(&table.reference, &table.current)),
    (MetricId::JensenShannon, |table| jensen_shannon(&table.reference, &table.current)),
    (MetricId::Hellinger, |table| hellinger(&table.reference, &table.current)),
    (MetricId::LInfinity, |table| {
        let label = |index: usize| table.labels[index].as_deref().unwrap_or("other");
        l_infinity(&table.reference, &table.current, label)
    }),
    (MetricId::CramersV, cramers_v),
];

const CATEGORICAL_MORE: &[Row<OfLabels>] = &[
    (MetricId::PsiTextbook, |table| psi_textbook(&table.reference, &table.current)),
    (MetricId::ChiSquareYates, chi_square_yates),
    (MetricId::GTest, g_test),
    (MetricId::FisherExact, fisher_exact),
    (MetricId::TwoProportionZ, two_proportion_z),
];

/// A column's metrics by name.
pub type Metrics = BTreeMap<MetricId, Metric>;

/// Metrics of a column of numbers: the seven usual ones, or with `all` every one.
///
/// `bins` are the reference's. When a side is empty every metric is undefined and says which side.
pub fn numeric(reference: &Sample, current: &Sample, bins: &Bins, all: bool) -> Metrics {
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
) -> Metrics {
    let wanted = wanted(NUMERIC, NUMERIC_MORE, all);
    let Some(distances) = distances else {
        return undefined(wanted, reference.is_empty());
    };
    let binned = (bins.counts(reference), bins.counts(current));
    let of = Numbers { reference, current, distances, binned };
    wanted.map(|(id, compute)| (*id, compute(&of))).collect()
}

/// Metrics of a column of labels: the seven usual ones, or with `all` every one.
///
/// When a side is empty every metric is undefined and says which side.
#[inline(never)]
pub fn categorical(table: &Contingency, all: bool) -> Metrics {
    let wanted = wanted(CATEGORICAL, CATEGORICAL_MORE, all);
    if table.n_reference() == 0 || table.n_current() == 0 {
        return undefined(wanted, table.n_reference() == 0);
    }
    wanted.map(|(id, compute)| (*id, compute(table))).collect()
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

fn wanted<F>(usual: &'static [Row<F>], more: &'static [Row<F>], all: bool) -> impl Iterator<Item = &'static Row<F>> {
    usual.iter().chain(if all { more } else { &[] })
}

fn undefined<F: 'static>(wanted: impl Iterator<Item = &'static Row<F>>, is_reference: bool) -> Metrics {
    wanted.map(|(id, _)| (*id, Metric::undefined(empty_reason(is_reference)))).collect()
}

//! Evidently on a column of numbers.

use super::binned::{Shares, hellinger_of_samples};
use super::{Choice, chi_square_of_fit, chosen, put, put_with, z_test};
use crate::metric::cramer_von_mises::cramer_von_mises_evidently;
use crate::metric::ecdf::ecdf_distances;
use crate::metric::evidently::{EvidentlyColumn, EvidentlyTest};
use crate::metric::ks::ks_of;
use crate::metric::mann_whitney::Ranks;
use crate::metric::{anderson_darling, epps_singleton, student_t};
use crate::profile::{Sample, pooled_runs};

/// Evidently's smallest standard deviation to divide a Wasserstein distance by.
const LEAST_DEVIATION: f64 = 0.001;

/// What Evidently 0.7's DataDriftPreset says of a column of numbers; with `all`, every test it has at its default
/// threshold, plus `bins_tvd` and `bins_linf` over its bins.
///
/// `integers`: whether the reference, and whether the current column, holds whole numbers only and no null (then its
/// bins are at least 1 wide). All is empty when a side is empty, as Evidently fails there.
pub fn numeric(reference: &Sample, current: &Sample, integers: (bool, bool), all: bool) -> EvidentlyColumn {
    let mut column = EvidentlyColumn::default();
    let Some(distances) = ecdf_distances(reference, current) else {
        return column;
    };
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let mut n_distinct = 0_u64;
    pooled_runs(reference, current, |_, a, b| {
        n_distinct += 1;
        if n_distinct <= 5 {
            left.push(a);
            right.push(b);
        }
    });
    let wasserstein = scaled(distances.wasserstein, reference);
    let shares = || Shares::of_samples(reference, current, integers.0 && integers.1);
    let choice = Choice::for_numbers(reference.n(), n_distinct);
    let score = match choice {
        Choice::Ks => ks_of(&distances, reference, current).p_value,
        Choice::Wasserstein => wasserstein,
        Choice::JensenShannon => shares().map(|shares| shares.jensen_shannon()),
        Choice::ChiSquare => chi_square_of_fit(&left, &right).map(|(_, p)| p),
        Choice::Z => z_test(&left, &right),
    };
    chosen(&mut column, choice, score);
    if !all {
        return column;
    }
    put_with(&mut column, "ks", ks_of(&distances, reference, current).p_value, Some(distances.ks));
    put(&mut column, "wasserstein", wasserstein);
    put(&mut column, "ed", Some(distances.energy));
    let anderson = anderson_darling(reference, current);
    put_with(&mut column, "anderson", anderson.p_value, anderson.statistic);
    let cramer = cramer_von_mises_evidently(reference, current);
    put_with(&mut column, "cramer_von_mises", cramer.p_value, cramer.statistic);
    let singleton = epps_singleton(reference, current);
    put_with(&mut column, "es", singleton.p_value, singleton.statistic);
    let student = student_t(reference, current);
    put_with(&mut column, "t_test", student.p_value, student.statistic);
    let less = Ranks::of(reference, current).map(|ranks| ranks.p_less());
    put(&mut column, "mannw", less);
    put(&mut column, "hellinger", hellinger_of_samples(reference, current, integers));
    if let Some(shares) = shares() {
        put(&mut column, "jensenshannon", Some(shares.jensen_shannon()));
        put(&mut column, "kl_div", Some(shares.kl_divergence()));
        put(&mut column, "psi", Some(shares.psi()));
        let (tvd, linf) = shares.gaps();
        for (name, gap) in [("bins_tvd", tvd), ("bins_linf", linf)] {
            let test = EvidentlyTest { score: Some(gap), ..EvidentlyTest::default() };
            column.tests.insert(name.to_owned(), test);
        }
    }
    column
}

/// Divided by the reference's standard deviation. NumPy's overflows where squares do, and the score is then 0; where
/// the sum overflows there is no score.
fn scaled(distance: f64, reference: &Sample) -> Option<f64> {
    match reference.standard_deviation(0) {
        Some(deviation) => Some(distance / deviation.max(LEAST_DEVIATION)),
        None if (reference.mean()? * reference.n() as f64).is_finite() => Some(0.0),
        None => None,
    }
}

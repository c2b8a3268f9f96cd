//! Evidently on a column of labels.

use super::binned::Shares;
use super::{Choice, chi_square_of_fit, chosen, put, put_with, z_test};
use crate::metric::evidently::EvidentlyColumn;
use crate::metric::fisher_exact;
use crate::metric::special::chi_square_upper;
use crate::profile::{Contingency, compensated_sum};

/// SciPy's limit for "the sums agree" in its goodness of fit tests: the root of the rounding unit.
const SAME_SUM: f64 = 1.490_116_119_384_765_6e-8;

/// What Evidently 0.7's DataDriftPreset says of a column of labels; with `all`, every test it has at its default
/// threshold.
///
/// All is empty when a side is empty, as Evidently fails there. Its G and Fisher tests exist for equal sizes only.
pub fn categorical(table: &Contingency, all: bool) -> EvidentlyColumn {
    let mut column = EvidentlyColumn::default();
    let (n1, n2) = (table.n_reference(), table.n_current());
    if n1 == 0 || n2 == 0 {
        return column;
    }
    let cells: Vec<(u64, u64)> = crate::metric::chi_square::cells_of(table);
    let (left, right): (Vec<u64>, Vec<u64>) = cells.into_iter().unzip();
    let shares = Shares::of_counts(&left, &right);
    let fit = chi_square_of_fit(&left, &right);
    let z = z_test(&left, &right);
    let choice = Choice::for_labels(n1, left.len() as u64);
    let score = match choice {
        Choice::ChiSquare => fit.map(|(_, p)| p),
        Choice::Z => z,
        Choice::JensenShannon | Choice::Ks | Choice::Wasserstein => Some(shares.jensen_shannon()),
    };
    chosen(&mut column, choice, score);
    if !all {
        return column;
    }
    put(&mut column, "jensenshannon", Some(shares.jensen_shannon()));
    put(&mut column, "kl_div", Some(shares.kl_divergence()));
    put(&mut column, "psi", Some(shares.psi()));
    put(&mut column, "hellinger", Some(shares.hellinger()));
    if let Some((statistic, p)) = fit {
        put_with(&mut column, "chisquare", Some(p), Some(statistic));
    }
    if left.len() <= 2 {
        put(&mut column, "z", z);
    }
    if (n1 as f64 - n2 as f64).abs() / (n1.min(n2) as f64) <= SAME_SUM {
        put(&mut column, "g_test", g_of_fit(&left, &right));
        if left.len() <= 2 {
            put(&mut column, "fisher_exact", fisher_exact(table).p_value);
        }
    }
    column
}

/// G test of current counts against the reference's.
fn g_of_fit(reference: &[u64], current: &[u64]) -> Option<f64> {
    if reference.len() < 2 {
        return None;
    }
    if reference.contains(&0) {
        return Some(0.0);
    }
    let statistic = 2.0
        * compensated_sum(reference.iter().zip(current).map(|(a, b)| {
            if *b == 0 {
                0.0
            } else {
                let observed = *b as f64;
                observed * libm::log(observed / *a as f64)
            }
        }));
    Some(chi_square_upper(statistic, reference.len() as f64 - 1.0))
}

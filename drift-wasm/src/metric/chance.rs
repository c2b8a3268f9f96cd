//! What chance alone does to the total variation of two samples.

use crate::profile::Contingency;

/// Standard error of total variation: it is the change of one share, that of the labels which grew.
///
/// Without it a change of half as much again as the floor would be missed by one in ten comparisons of 300 rows, though
/// its test is sure of it. The distance D of numbers needs none: a maximum errs upwards.
pub fn sampling_error(table: &Contingency) -> f64 {
    let (n, m) = (table.n_reference(), table.n_current());
    let rows = table.reference.iter().zip(&table.current);
    let grown = rows.filter(|(a, b)| u128::from(**b) * u128::from(n) > u128::from(**a) * u128::from(m));
    let (before, after) = grown.fold((0, 0), |sum, (a, b)| (sum.0 + a, sum.1 + b));
    let variance = |k: u64, n: u64| {
        let share = k as f64 / n as f64;
        share * (1.0 - share) / n as f64
    };
    (variance(before, n) + variance(after, m)).sqrt()
}

/// Total variation without the part that samples of these sizes show by chance: `√max(0, TV² − E²)` with `E` its mean
/// under no change. Near 0 for few categories and many rows; for thousands of categories it is what keeps the effect honest.
pub fn beyond_chance(total_variation: f64, table: &Contingency) -> f64 {
    let (n, m) = (table.n_reference() as f64, table.n_current() as f64);
    let by_chance: f64 = table
        .reference
        .iter()
        .zip(&table.current)
        .map(|(a, b)| {
            let share = (a + b) as f64 / (n + m);
            (share * (1.0 - share) * (1.0 / n + 1.0 / m) * std::f64::consts::FRAC_2_PI).sqrt()
        })
        .sum::<f64>()
        / 2.0;
    (total_variation * total_variation - by_chance * by_chance).max(0.0).sqrt()
}

/// Labels with at least 10 rows on both sides together, and one for the others.
pub fn n_common(table: &Contingency) -> u64 {
    let rows = table.reference.iter().zip(&table.current).map(|(a, b)| a + b).filter(|n| *n > 0);
    let n_rare = rows.clone().filter(|n| *n < 10).count() as u64;
    rows.filter(|n| *n >= 10).count() as u64 + n_rare.min(1)
}

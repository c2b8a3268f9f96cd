//! Chi-square and G tests of homogeneity on the 2×K table, and Cramér's V.

use crate::metric::Metric;
use crate::metric::empty_reason;
use crate::metric::special::chi_square_upper;
use crate::profile::{Contingency, compensated_sum};

/// Totals of a 2×K table and the columns that are not empty.
struct Table {
    n1: u64,
    n2: u64,
    cells: Vec<(u64, u64)>,
}

impl Table {
    fn of(table: &Contingency) -> Result<Self, &'static str> {
        let (n1, n2) = (table.n_reference(), table.n_current());
        if n1 == 0 || n2 == 0 {
            return Err(empty_reason(n1 == 0));
        }
        Ok(Self { n1, n2, cells: cells_of(table) })
    }

    fn freedom(&self) -> f64 {
        self.cells.len() as f64 - 1.0
    }

    fn finish(&self, statistic: f64) -> Metric {
        let p_value = if self.cells.len() < 2 { 1.0 } else { chi_square_upper(statistic, self.freedom()) };
        Metric::test(statistic, p_value).with_degrees_of_freedom(self.freedom())
    }
}

/// Columns of the table that are not empty on both sides.
pub(crate) fn cells_of(table: &Contingency) -> Vec<(u64, u64)> {
    table.reference.iter().zip(&table.current).filter(|(a, b)| **a + **b > 0).map(|(a, b)| (*a, *b)).collect()
}

/// Pearson's statistic of a 2×K table without empty columns: `Σ (a n₂ − b n₁)² / (t n₁ n₂)`.
///
/// Differences are taken in whole numbers, so nothing cancels.
pub(crate) fn pearson(cells: &[(u64, u64)]) -> f64 {
    let n1: u64 = cells.iter().map(|(a, _)| a).sum();
    let n2: u64 = cells.iter().map(|(_, b)| b).sum();
    let whole = n1 as f64 * n2 as f64;
    compensated_sum(cells.iter().map(|(a, b)| {
        let gap = i128::from(*a) * i128::from(n2) - i128::from(*b) * i128::from(n1);
        let gap = gap.unsigned_abs() as f64;
        gap / whole * (gap / (a + b) as f64)
    }))
}

/// Chi-square test of homogeneity: do both sides share one distribution over the labels?
///
/// Pearson's `Σ (observed − expected)² / expected` on the 2×K table, no continuity correction, 0 and up, chi-square
/// with K − 1 degrees of freedom; labels with no row are left out. One label only gives 0 and p = 1.
/// Undefined when a side is empty. Badly calibrated with expected counts under 5:
/// verdicts use [`chi_square_calibrated`](crate::metric::chi_square_calibrated).
/// Same as `scipy.stats.chi2_contingency(correction=False)`.
pub fn chi_square(table: &Contingency) -> Metric {
    match Table::of(table) {
        Ok(table) => table.finish(pearson(&table.cells)),
        Err(reason) => Metric::undefined(reason),
    }
}

/// [`chi_square`] with Yates's continuity correction, for two labels.
///
/// Each `|observed − expected|` is brought half a row nearer to 0. Conservative.
/// Undefined when a side is empty or there are not exactly two labels.
/// Same as `scipy.stats.chi2_contingency(correction=True)`, which NannyML uses.
pub fn chi_square_yates(table: &Contingency) -> Metric {
    let table = match Table::of(table) {
        Ok(table) => table,
        Err(reason) => return Metric::undefined(reason),
    };
    if table.cells.len() != 2 {
        return Metric::undefined("needs exactly two labels");
    }
    let (n1, n2) = (table.n1 as f64, table.n2 as f64);
    let total = n1 + n2;
    let statistic = compensated_sum(table.cells.iter().map(|(a, b)| {
        let gap = i128::from(*a) * i128::from(table.n2) - i128::from(*b) * i128::from(table.n1);
        let gap = (gap.unsigned_abs() as f64 - total / 2.0).max(0.0);
        gap / (n1 * n2) * (gap / (a + b) as f64)
    }));
    table.finish(statistic)
}

/// G test (likelihood ratio) of homogeneity.
///
/// `2 Σ observed ln(observed / expected)` on the 2×K table, 0 and up, chi-square with K − 1 degrees of freedom.
/// As [`chi_square`] in everything else.
/// Same as `scipy.stats.chi2_contingency(correction=False, lambda_="log-likelihood")`.
pub fn g_test(table: &Contingency) -> Metric {
    let table = match Table::of(table) {
        Ok(table) => table,
        Err(reason) => return Metric::undefined(reason),
    };
    let (n1, n2) = (table.n1 as f64, table.n2 as f64);
    let part = |observed: f64, expected: f64| {
        if observed > 0.0 { observed * libm::log(observed / expected) } else { 0.0 }
    };
    let sum = compensated_sum(table.cells.iter().map(|(a, b)| {
        let both = (a + b) as f64 / (n1 + n2);
        part(*a as f64, both * n1) + part(*b as f64, both * n2)
    }));
    table.finish((2.0 * sum).max(0.0))
}

/// Cramér's V: chi-square as an effect size.
///
/// `√(χ² / N)`, 0 for equal shares, 1 for disjoint ones, symmetric. Small when sizes are very unequal.
/// Undefined when a side is empty. Same as `scipy.stats.contingency.association(method="cramer")`.
pub fn cramers_v(table: &Contingency) -> Metric {
    match Table::of(table) {
        Ok(table) => {
            let total = table.n1 as f64 + table.n2 as f64;
            Metric::distance((pearson(&table.cells) / total).clamp(0.0, 1.0).sqrt())
        }
        Err(reason) => Metric::undefined(reason),
    }
}

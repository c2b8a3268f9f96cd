//! Who says what of the same two inputs: this engine by its default policy, and the default rules of others.

use drift::compare::{CompareOptions, compare};
use drift::metric::{self, evidently};
use drift::profile::{Contingency, Profile};
use drift::report::ColumnReport;
use drift::verdict::Verdict;

use crate::nannyml;
use crate::population::Values;

/// A rule that says "drifted" or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// This engine, default policy: the dataset's verdict is `drifted`.
    Ours,
    /// Evidently 0.7: its choice of test and threshold for each column; any column.
    Evidently,
    /// Evidently 0.7: at least half of the columns.
    EvidentlyShare,
    /// A population stability index over tenths of the reference of at least 0.1; any column.
    Psi10,
    /// The same, 0.2.
    Psi20,
    /// Kolmogorov-Smirnov or chi-square at 5 %, column by column; any column. whylogs' limits are these.
    Tests,
    /// NannyML 0.13: Jensen-Shannon of ten chunks against mean and three deviations of the reference's; any chunk.
    NannyMl,
}

impl Rule {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 7] =
        [Self::Ours, Self::Evidently, Self::EvidentlyShare, Self::Psi10, Self::Psi20, Self::Tests, Self::NannyMl];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "DriftSiren",
            Self::Evidently => "Evidently",
            Self::EvidentlyShare => "Evidently, half of the columns",
            Self::Psi10 => "PSI ≥ 0.1",
            Self::Psi20 => "PSI ≥ 0.2",
            Self::Tests => "KS / χ² at 5 %",
            Self::NannyMl => "NannyML",
        }
    }
}

/// What every rule says, in the order of [`Rule::ALL`]; true is "drifted".
pub type Said = [bool; Rule::ALL.len()];

/// Asks every rule.
pub fn ask(profiles: (&Profile, &Profile), values: (&[Values], &[Values])) -> anyhow::Result<Said> {
    let (reference, current) = profiles;
    let report = compare(reference, current, &CompareOptions::default())?;
    let mut n_evidently = 0;
    let mut said = [false; Rule::ALL.len()];
    let mut note = |rule: Rule, is_drifted: bool| said[rule as usize] |= is_drifted;
    note(Rule::Ours, report.verdict == Verdict::Drifted);
    for (index, column) in report.columns.iter().enumerate() {
        let (theirs, psi) = peers_on(column, &reference.columns[index], &current.columns[index]);
        n_evidently += usize::from(theirs);
        note(Rule::Evidently, theirs);
        note(Rule::Psi10, psi >= 0.1);
        note(Rule::Psi20, psi >= 0.2);
        let test = if column.metrics.contains_key("ks") { "ks" } else { "chi_square" };
        let p_value = column.metrics.get(test).and_then(|metric| metric.p_value);
        note(Rule::Tests, p_value.is_some_and(|p| p < 0.05));
        note(Rule::NannyMl, nannyml::alerts(&values.0[index], &values.1[index]));
    }
    note(Rule::EvidentlyShare, 2 * n_evidently >= report.columns.len());
    Ok(said)
}

/// Evidently's word on a column, and its textbook PSI.
fn peers_on(
    column: &ColumnReport,
    reference: &drift::profile::ColumnProfile,
    current: &drift::profile::ColumnProfile,
) -> (bool, f64) {
    let (a, b) = (reference.typed(column.r#type), current.typed(column.r#type));
    let (said, psi) = if a.sample.is_empty() {
        let table = Contingency::of(&a.categories, &b.categories);
        let psi = metric::psi_textbook(&table.reference, &table.current);
        (evidently::categorical(&table, false), psi)
    } else {
        let integers = (reference.is_int64(), current.is_int64());
        let psi = metric::psi_textbook_numeric(&a.sample, &b.sample);
        (evidently::numeric(&a.sample, &b.sample, integers, false), psi)
    };
    (said.drifted.unwrap_or(false), psi.distance.unwrap_or(0.0))
}

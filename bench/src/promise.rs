//! Which promises hold.

use crate::interval;
use crate::population::Family;
use crate::rules::Rule;
use crate::scenario::{Columns, MUST_BE_FOUND, Scenario};
use crate::simulate::Outcome;

/// False alarms that a report may have on unchanged data: 5 % and one point.
pub const MOST_ALARMS: f64 = 0.06;
/// How much power may be missing to the best honest rule.
pub const MARGIN: f64 = 0.01;

/// Values on either side from which a column is judged under the default policy.
const MIN_VALUES: usize = 30;

/// A scenario and what came of it.
pub type Result = (Scenario, Outcome);

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Promises that the simulation refutes, in words.
    pub broken: Vec<String>,
    /// Cells of unchanged data whose interval does not settle it.
    pub n_open: usize,
    /// Cells of unchanged data.
    pub n_unchanged: usize,
    /// Cells of changed data that must be found.
    pub n_changed: usize,
}

/// Judges every cell.
pub fn judge(results: &[Result]) -> Found {
    let mut found = Found::default();
    for (scenario, outcome) in results {
        let place = place(scenario);
        if scenario.change.is_none() {
            found.n_unchanged += 1;
            let (low, high) = interval::share(outcome.n_drifted[Rule::Ours as usize], outcome.n);
            if low > MOST_ALARMS {
                found.broken.push(format!("{place}: false alarms {:.1} %", 100.0 * outcome.rate(Rule::Ours)));
            } else if high > MOST_ALARMS {
                found.n_open += 1;
            }
        } else if is_promised(scenario) {
            found.n_changed += 1;
            let Some(best) = best_honest(results, scenario, outcome) else { continue };
            let (ours, theirs) = (outcome.n_only_ours[best as usize], outcome.n_only_theirs[best as usize]);
            if interval::paired_difference_high(ours, theirs, outcome.n) < -MARGIN {
                let (ours, theirs) = (100.0 * outcome.rate(Rule::Ours), 100.0 * outcome.rate(best));
                found.broken.push(format!("{place}: found {ours:.1} %, {} finds {theirs:.1} %", best.name()));
            }
        }
    }
    found
}

/// Whether the interval of a cell of unchanged data reaches over the limit, or excludes it on the wrong side.
pub fn is_open((scenario, outcome): &Result) -> bool {
    let (_, high) = interval::share(outcome.n_drifted[Rule::Ours as usize], outcome.n);
    scenario.change.is_none() && high > MOST_ALARMS
}

/// Whether the change is large enough that it must be found.
pub fn is_promised(scenario: &Scenario) -> bool {
    let n_values = match scenario.columns {
        // A fifth is missing: with 30 rows too few values are left to be judged at all.
        Columns::One(Family::Nulls) => scenario.n_reference.min(scenario.n_current) * 4 / 5,
        _ => scenario.n_reference.min(scenario.n_current),
    };
    n_values >= MIN_VALUES && scenario.change.is_some_and(|(_, floors)| floors >= MUST_BE_FOUND)
}

/// The rule with the most power among those that keep their own false alarms at these numbers of rows.
pub fn best_honest(results: &[Result], scenario: &Scenario, outcome: &Outcome) -> Option<Rule> {
    let honest = Rule::ALL.into_iter().filter(|rule| *rule != Rule::Ours && is_honest(results, scenario, *rule));
    honest.max_by(|a, b| outcome.rate(*a).total_cmp(&outcome.rate(*b)))
}

/// Whether nothing shows that a rule has more than 6 % false alarms on single columns of this kind and these numbers of
/// rows: on any of them, because a rule does not know which population it will meet.
fn is_honest(results: &[Result], scenario: &Scenario, rule: Rule) -> bool {
    let Columns::One(family) = scenario.columns else { return false };
    results.iter().all(|(other, unchanged)| {
        let is_alike = matches!(other.columns, Columns::One(kind) if kind.is_discrete() == family.is_discrete());
        let is_same_size = (other.n_reference, other.n_current) == (scenario.n_reference, scenario.n_current);
        other.change.is_some()
            || !is_alike
            || !is_same_size
            || interval::share(unchanged.n_drifted[rule as usize], unchanged.n).0 <= MOST_ALARMS
    })
}

fn place(scenario: &Scenario) -> String {
    let change = scenario
        .change
        .map_or_else(|| "unchanged".to_owned(), |(change, floors)| format!("{} of {floors} floors", change.name()));
    format!("{}, {change}, {} v {}", scenario.columns.name(), scenario.n_reference, scenario.n_current)
}

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

/// How honest a rule must be to be measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Honest {
    /// On every simulated population of the kind at these numbers of rows: a rule does not know which it will meet.
    Everywhere,
    /// On the very population that is changed: the reading that is harder on us.
    Here,
}

/// What the simulation says of one promise.
#[derive(Debug, Default)]
pub struct Tally {
    /// Cells whose interval lies within the promise.
    pub n_shown: usize,
    /// Cells whose interval does not settle it, in words.
    pub open: Vec<String>,
    /// Cells whose interval lies outside the promise, in words.
    pub broken: Vec<String>,
}

impl Tally {
    /// `low` and `high` are how far the cell is inside the promise; both below 0 is outside.
    fn add(&mut self, (low, high): (f64, f64), words: String) {
        if high < 0.0 {
            self.broken.push(words);
        } else if low < 0.0 {
            self.open.push(words);
        } else {
            self.n_shown += 1;
        }
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// False alarms on unchanged data.
    pub alarms: Tally,
    /// Power beside rules that are honest on every population of the kind.
    pub power: Tally,
    /// Power beside rules that are honest on the population at hand.
    pub power_here: Tally,
}

/// Judges every cell.
pub fn judge(results: &[Result]) -> Found {
    let mut found = Found::default();
    for result in results {
        let (scenario, outcome) = result;
        if scenario.change.is_none() {
            let rate = 100.0 * outcome.rate(Rule::Ours);
            found.alarms.add(alarm_room(outcome), format!("{}: {rate:.1} %", place(scenario)));
        } else if is_promised(scenario) {
            for (honest, tally) in [(Honest::Everywhere, &mut found.power), (Honest::Here, &mut found.power_here)] {
                match best_honest(results, result, honest) {
                    None => tally.n_shown += 1,
                    Some(best) => {
                        let (ours, theirs) = (100.0 * outcome.rate(Rule::Ours), 100.0 * outcome.rate(best));
                        let words = format!("{}: {ours:.1} %, {} {theirs:.1} %", place(scenario), best.name());
                        tally.add(power_room(outcome, best), words);
                    }
                }
            }
        }
    }
    found
}

fn alarm_room(outcome: &Outcome) -> (f64, f64) {
    let (low, high) = interval::share(outcome.n_drifted[Rule::Ours as usize], outcome.n);
    (MOST_ALARMS - high, MOST_ALARMS - low)
}

fn power_room(outcome: &Outcome, best: Rule) -> (f64, f64) {
    let (ours, theirs) = (outcome.n_only_ours[best as usize], outcome.n_only_theirs[best as usize]);
    let (low, high) = interval::paired_difference(ours, theirs, outcome.n);
    (low + MARGIN, high + MARGIN)
}

/// Whether more comparisons could settle a cell: its interval does not, and for power another rule was seen ahead.
pub fn is_worth_more(results: &[Result], result: &Result) -> bool {
    let (scenario, outcome) = result;
    if scenario.change.is_none() {
        return alarm_room(outcome).0 < 0.0;
    }
    let behind = |best: Rule| power_room(outcome, best).0 < 0.0 && outcome.rate(best) > outcome.rate(Rule::Ours);
    is_promised(scenario) && best_honest(results, result, Honest::Everywhere).is_some_and(behind)
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
pub fn best_honest(results: &[Result], (scenario, outcome): &Result, honest: Honest) -> Option<Rule> {
    let rules = Rule::ALL.into_iter().filter(|rule| *rule != Rule::Ours && is_honest(results, scenario, *rule, honest));
    rules.max_by(|a, b| outcome.rate(*a).total_cmp(&outcome.rate(*b)))
}

/// Whether nothing shows that a rule has more than 6 % false alarms on single columns at these numbers of rows.
fn is_honest(results: &[Result], scenario: &Scenario, rule: Rule, honest: Honest) -> bool {
    let Columns::One(family) = scenario.columns else { return false };
    results.iter().all(|(other, unchanged)| {
        let is_alike = match (other.columns, honest) {
            (Columns::One(kind), Honest::Everywhere) => kind.is_discrete() == family.is_discrete(),
            (Columns::One(kind), Honest::Here) => kind == family,
            _ => false,
        };
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

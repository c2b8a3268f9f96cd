//! Runs scenarios on several threads. What comes out depends on the scenarios alone, not on threads or their order.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context;
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::SeedableRng;

use crate::inputs::profile;
use crate::population::{Change, Population, Values};
use crate::rules::{self, Rule, Said};
use crate::scenario::Scenario;

/// Comparisons that one thread makes before it asks for more.
const CHUNK: u64 = 20;

/// How often each rule said "drifted".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Comparisons.
    pub n: u64,
    /// "Drifted", by rule.
    pub n_drifted: [u64; Rule::ALL.len()],
    /// This engine said "drifted" and the rule did not.
    pub n_only_ours: [u64; Rule::ALL.len()],
    /// The rule said "drifted" and this engine did not.
    pub n_only_theirs: [u64; Rule::ALL.len()],
}

impl Outcome {
    fn add(&mut self, said: &Said) {
        self.n += 1;
        let ours = said[Rule::Ours as usize];
        for (rule, drifted) in said.iter().enumerate() {
            self.n_drifted[rule] += u64::from(*drifted);
            self.n_only_ours[rule] += u64::from(ours && !drifted);
            self.n_only_theirs[rule] += u64::from(!ours && *drifted);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.n += other.n;
        for rule in 0..Rule::ALL.len() {
            self.n_drifted[rule] += other.n_drifted[rule];
            self.n_only_ours[rule] += other.n_only_ours[rule];
            self.n_only_theirs[rule] += other.n_only_theirs[rule];
        }
    }

    /// Share of comparisons in which a rule said "drifted".
    pub fn rate(&self, rule: Rule) -> f64 {
        self.n_drifted[rule as usize] as f64 / self.n.max(1) as f64
    }
}

/// The outcome of every scenario, in their order.
pub fn run(scenarios: &[Scenario], n_threads: usize, seed: u64) -> anyhow::Result<Vec<Outcome>> {
    let mut jobs: Vec<(usize, u64)> = Vec::new();
    for (index, scenario) in scenarios.iter().enumerate() {
        jobs.extend((0..scenario.n_repeats.div_ceil(CHUNK)).map(|chunk| (index, chunk)));
    }
    // The longest first, so that no thread is left alone with one at the end.
    jobs.sort_by_key(|(index, chunk)| (std::cmp::Reverse(scenarios[*index].n_reference), *index, *chunk));
    let outcomes = Mutex::new(vec![Outcome::default(); scenarios.len()]);
    let next = AtomicUsize::new(0);
    let n_done = AtomicUsize::new(0);
    let work = || -> anyhow::Result<()> {
        loop {
            let Some((index, chunk)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)).copied() else {
                return Ok(());
            };
            let scenario = &scenarios[index];
            let outcome = simulate(scenario, chunk, seed).with_context(|| format!("cannot simulate {scenario:?}"))?;
            outcomes.lock().expect("no thread panics while it holds this")[index].merge(&outcome);
            let n_done = n_done.fetch_add(1, Ordering::Relaxed) + 1;
            if n_done.is_multiple_of(500) {
                eprintln!("{} of {} parts done", n_done, jobs.len());
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a simulation panicked"))
    })?;
    Ok(outcomes.into_inner().expect("all threads have ended"))
}

fn simulate(scenario: &Scenario, chunk: u64, seed: u64) -> anyhow::Result<Outcome> {
    let families = scenario.columns.families();
    let population = |change: Option<(Change, f64)>| {
        families
            .iter()
            .map(|family| Population::new(*family, change).context("this family cannot change like that"))
            .collect::<anyhow::Result<Vec<Population>>>()
    };
    let before = population(None)?;
    let after = population(scenario.change.map(|(change, floors)| (change, floors * change.floor())))?;
    let mut outcome = Outcome::default();
    let repeats = chunk * CHUNK..((chunk + 1) * CHUNK).min(scenario.n_repeats);
    for repeat in repeats {
        let mut random = Pcg64Mcg::seed_from_u64(mixed(scenario, seed).wrapping_add(repeat));
        let mut draw = |side: &[Population], n: usize| -> Vec<Values> {
            side.iter().map(|population| population.draw(&mut random, n)).collect()
        };
        let (reference, current) = (draw(&before, scenario.n_reference), draw(&after, scenario.n_current));
        let profiles = (profile("reference", &reference)?, profile("current", &current)?);
        outcome.add(&rules::ask((&profiles.0, &profiles.1), (&reference, &current))?);
    }
    Ok(outcome)
}

/// A seed of its own for every scenario (FNV-1a over its description, which does not name the number of repeats).
fn mixed(scenario: &Scenario, seed: u64) -> u64 {
    let Scenario { columns, change, n_reference, n_current, n_repeats: _ } = scenario;
    let text = format!("{seed} {columns:?} {change:?} {n_reference} {n_current}");
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::Family;
    use crate::scenario::Columns;

    #[test]
    fn outcomes_do_not_depend_on_threads() {
        let scenario = |family, change| Scenario {
            columns: Columns::One(family),
            change,
            n_reference: 60,
            n_current: 40,
            n_repeats: 70,
        };
        let scenarios = [scenario(Family::Normal, Some((Change::Shift, 3.0))), scenario(Family::FewLabels, None)];
        let alone = run(&scenarios, 1, 1).unwrap();
        assert_eq!(alone, run(&scenarios, 3, 1).unwrap());
        assert_eq!(alone[0].n, 70);
        assert!(alone[0].rate(Rule::Ours) > alone[1].rate(Rule::Ours));
    }
}

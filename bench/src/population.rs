//! Where simulated columns come from: known populations, and changes of a known size.

use drift::metric::special::normal_upper;
use rand_distr::weighted::WeightedAliasIndex;
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;

/// Spread of the logarithms of the heavy-tailed population.
const HEAVY: f64 = 2.0;
/// Share of nulls in the population that has some.
const NULLS: f64 = 0.2;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Standard normal numbers.
    Normal,
    /// Log-normal numbers, σ = 2: a tenth of the rows hold most of the sum.
    Heavy,
    /// Whole numbers with ties: Poisson with mean 20.
    Counts,
    /// Whole numbers 1 to 5.
    Ratings,
    /// Normal numbers of which a fifth are missing.
    Nulls,
    /// Two labels, 30 % and 70 %.
    Boolean,
    /// Five labels with shares as 1, 1/2, 1/3 and so on.
    FewLabels,
    /// Two hundred such labels.
    ManyLabels,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Normal,
        Self::Heavy,
        Self::Counts,
        Self::Ratings,
        Self::Nulls,
        Self::Boolean,
        Self::FewLabels,
        Self::ManyLabels,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Heavy => "heavy-tailed",
            Self::Counts => "counts with ties",
            Self::Ratings => "ratings 1–5",
            Self::Nulls => "20 % nulls",
            Self::Boolean => "two labels",
            Self::FewLabels => "5 labels",
            Self::ManyLabels => "200 labels",
        }
    }

    /// Whether its values are labels.
    pub fn is_labels(self) -> bool {
        matches!(self, Self::Boolean | Self::FewLabels | Self::ManyLabels)
    }

    /// Whether rules treat its values as labels: ratings are few enough to be.
    pub fn is_discrete(self) -> bool {
        self.is_labels() || self == Self::Ratings
    }

    /// Shares of the discrete values, from 0 up; `None` for continuous families.
    fn shares(self) -> Option<Vec<f64>> {
        let zipf = |n: u32| shares_of((1..=n).map(|rank| 1.0 / f64::from(rank)).collect());
        match self {
            Self::Normal | Self::Heavy | Self::Nulls => None,
            Self::Counts => Some(poisson(20.0)),
            Self::Ratings => Some(vec![0.05, 0.1, 0.2, 0.4, 0.25]),
            Self::Boolean => Some(vec![0.7, 0.3]),
            Self::FewLabels => Some(zipf(5)),
            Self::ManyLabels => Some(zipf(200)),
        }
    }
}

/// How the current population differs from the reference's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Every value moves by the same amount (heavy tails: is multiplied by the same factor).
    Shift,
    /// The spread grows.
    Scale,
    /// One hump becomes two, mean and variance stay.
    Shape,
    /// A share of the rows moves far out on one side.
    Tail,
    /// Rows move from the commonest label to the rarest (many labels: commonest and rarest change places).
    Mix,
    /// A share of the rows has a label that the reference never had.
    NewLabel,
    /// More values are missing.
    NullSurge,
}

impl Change {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shift => "shift",
            Self::Scale => "wider spread",
            Self::Shape => "two humps",
            Self::Tail => "tail, outliers",
            Self::Mix => "mix",
            Self::NewLabel => "new label",
            Self::NullSurge => "more nulls",
        }
    }

    /// The default policy's floor for this kind of change.
    pub fn floor(self) -> f64 {
        match self {
            Self::NewLabel | Self::NullSurge => 0.05,
            Self::Shift | Self::Scale | Self::Shape | Self::Tail | Self::Mix => 0.10,
        }
    }
}

/// One column as drawn. NaN is a missing number.
pub enum Values {
    /// Numbers, and whether they are whole by nature.
    Numbers(Vec<f64>, bool),
    /// Indexes of labels.
    Labels(Vec<usize>),
}

impl Values {
    /// Rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values, _) => values.len(),
            Self::Labels(values) => values.len(),
        }
    }
}

/// A population that rows can be drawn from.
pub enum Population {
    /// Transformed normal numbers, some of them missing.
    Continuous { transform: Box<dyn Fn(f64, f64) -> f64 + Send + Sync>, nulls: f64 },
    /// Values with given shares.
    Discrete { values: WeightedAliasIndex<f64>, first: usize, is_labels: bool },
}

impl Population {
    /// The population of a family, changed by `change` so that the true effect is `effect`: the largest gap of the
    /// cumulative shares for numbers, the share of rows that move for labels and nulls.
    ///
    /// `None` for a change that the family cannot have.
    pub fn new(family: Family, change: Option<(Change, f64)>) -> Option<Self> {
        match family.shares() {
            Some(shares) => {
                let shares = match change {
                    None => shares,
                    Some((change, effect)) => changed_shares(family, shares, change, effect)?,
                };
                let values = WeightedAliasIndex::new(shares).ok()?;
                let first = usize::from(family == Family::Ratings);
                Some(Self::Discrete { values, first, is_labels: family.is_labels() })
            }
            None => continuous(family, change),
        }
    }

    /// Draws `n` rows.
    pub fn draw(&self, random: &mut Pcg64Mcg, n: usize) -> Values {
        match self {
            Self::Continuous { transform, nulls } => {
                let uniform = rand_distr::StandardUniform;
                let one = |_| {
                    let z: f64 = StandardNormal.sample(random);
                    let u: f64 = uniform.sample(random);
                    // The same number decides twice: below `nulls` it is spent, above it is uniform again.
                    if u < *nulls { f64::NAN } else { transform(z, (u - nulls) / (1.0 - nulls)) }
                };
                Values::Numbers((0..n).map(one).collect(), false)
            }
            Self::Discrete { values, first, is_labels } => {
                let drawn = (0..n).map(|_| values.sample(random) + first);
                if *is_labels {
                    Values::Labels(drawn.collect())
                } else {
                    Values::Numbers(drawn.map(|value| value as f64).collect(), true)
                }
            }
        }
    }
}

fn continuous(family: Family, change: Option<(Change, f64)>) -> Option<Population> {
    let spell = move |x: f64| if family == Family::Heavy { libm::exp(HEAVY * x) } else { x };
    let nulls = if family == Family::Nulls { NULLS } else { 0.0 };
    let plain = |nulls: f64| Population::Continuous { transform: Box::new(move |z, _| spell(z)), nulls };
    let Some((change, effect)) = change else {
        return Some(plain(nulls));
    };
    let transform: Box<dyn Fn(f64, f64) -> f64 + Send + Sync> = match change {
        Change::Shift => {
            let shift = solve(0.0, 8.0, |shift| 1.0 - 2.0 * normal_upper(shift / 2.0), effect);
            Box::new(move |z, _| spell(z + shift))
        }
        Change::Scale => {
            let gap = |scale: f64| widest(|x| normal_upper(x / scale) - normal_upper(x));
            let scale = solve(1.0, 50.0, gap, effect);
            Box::new(move |z, _| spell(z * scale))
        }
        Change::Shape => {
            let gap = |a: f64| {
                let s = (1.0 - a * a).sqrt();
                widest(|x| 0.5 * (normal_upper((x - a) / s) + normal_upper((x + a) / s)) - normal_upper(x))
            };
            let a = solve(0.0, 0.999, gap, effect);
            let s = (1.0 - a * a).sqrt();
            Box::new(move |z, u| spell(s * z + if u < 0.5 { a } else { -a }))
        }
        // Beyond 4 σ the reference has three rows in 100,000.
        Change::Tail => Box::new(move |z, u| spell(if u < effect { 4.0 + z.abs() } else { z })),
        Change::NullSurge => return Some(plain(nulls + effect)),
        Change::Mix | Change::NewLabel => return None,
    };
    Some(Population::Continuous { transform, nulls })
}

fn changed_shares(family: Family, shares: Vec<f64>, change: Change, effect: f64) -> Option<Vec<f64>> {
    match (family, change) {
        (Family::Counts, Change::Shift) => {
            let gap = |mean: f64| {
                let (mut sum, mut most) = (0.0_f64, 0.0_f64);
                for (before, after) in shares.iter().zip(poisson(mean)) {
                    sum += before - after;
                    most = most.max(sum.abs());
                }
                most
            };
            Some(poisson(solve(20.0, 60.0, gap, effect)))
        }
        (Family::ManyLabels, Change::Mix) => {
            let reversed: Vec<f64> = shares.iter().rev().copied().collect();
            let apart = shares.iter().zip(&reversed).map(|(p, q)| (p - q).abs()).sum::<f64>() / 2.0;
            let part = effect / apart;
            Some(shares.iter().zip(&reversed).map(|(p, q)| p * (1.0 - part) + q * part).collect())
        }
        (Family::Boolean | Family::FewLabels, Change::Mix) => {
            let mut shares = shares;
            let last = shares.len() - 1;
            shares[0] -= effect;
            shares[last] += effect;
            Some(shares)
        }
        (Family::Boolean | Family::FewLabels | Family::ManyLabels, Change::NewLabel) => {
            let mut shares: Vec<f64> = shares.into_iter().map(|share| share * (1.0 - effect)).collect();
            shares.push(effect);
            Some(shares)
        }
        _ => None,
    }
}

fn shares_of(weights: Vec<f64>) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

fn poisson(mean: f64) -> Vec<f64> {
    let log = |k: u32| f64::from(k) * libm::log(mean) - mean - libm::lgamma(f64::from(k) + 1.0);
    shares_of((0..140).map(|k| libm::exp(log(k))).collect())
}

/// The largest of `|gap(x)|` on a grid over ±8.
fn widest(gap: impl Fn(f64) -> f64) -> f64 {
    (-8000..=8000).map(|step| gap(f64::from(step) / 1000.0).abs()).fold(0.0, f64::max)
}

/// Where a growing function reaches `target`, by bisection.
fn solve(low: f64, high: f64, function: impl Fn(f64) -> f64, target: f64) -> f64 {
    let (mut low, mut high) = (low, high);
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        if function(middle) < target { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use rand_pcg::rand_core::SeedableRng;

    use super::*;

    fn effect_of(family: Family, change: Change, effect: f64) -> f64 {
        let mut random = Pcg64Mcg::seed_from_u64(7);
        let n = 400_000;
        let before = Population::new(family, None).unwrap().draw(&mut random, n);
        let after = Population::new(family, Some((change, effect))).unwrap().draw(&mut random, n);
        match (before, after) {
            (Values::Numbers(a, _), Values::Numbers(b, _)) => {
                let nulls = |values: &[f64]| values.iter().filter(|x| x.is_nan()).count() as f64 / n as f64;
                if change == Change::NullSurge {
                    return nulls(&b) - nulls(&a);
                }
                let [a, b] = [a, b].map(drift::profile::Sample::exact);
                drift::metric::ks(&a, &b).distance.unwrap()
            }
            (Values::Labels(a), Values::Labels(b)) => {
                let last = *a.iter().chain(&b).max().unwrap();
                let count = |values: &[usize]| {
                    let mut counts = vec![0; last + 1];
                    values.iter().for_each(|label| counts[*label] += 1);
                    counts
                };
                drift::metric::total_variation(&count(&a), &count(&b)).distance.unwrap()
            }
            _ => f64::NAN,
        }
    }

    #[test]
    fn changes_have_the_effect_they_claim() {
        for (family, change) in crate::scenario::CHANGES {
            let effect = 1.5 * change.floor();
            let found = effect_of(*family, *change, effect);
            assert!((found - effect).abs() < 0.01, "{} {}: {found}", family.name(), change.name());
        }
    }
}

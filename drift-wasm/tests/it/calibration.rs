//! False alarms: on unchanged data a p-value under 5 % must come up in at most 6 of 100 comparisons.

use drift::metric::{chi_square_calibrated, psi, two_proportion};
use drift::profile::Contingency;

/// SplitMix64: enough for counting alarms, the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// How labels share the rows.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Even,
    Zipf,
    OneCommon,
}

fn cumulative(shape: Shape, n_labels: usize) -> Vec<f64> {
    let weights: Vec<f64> = (0..n_labels)
        .map(|k| match shape {
            Shape::Even => 1.0,
            Shape::Zipf => 1.0 / (k + 1) as f64,
            Shape::OneCommon if k == 0 => 20.0 * n_labels as f64,
            Shape::OneCommon => 1.0,
        })
        .collect();
    let total: f64 = weights.iter().sum();
    let mut sum = 0.0;
    weights
        .iter()
        .map(|weight| {
            sum += weight / total;
            sum
        })
        .collect()
}

fn draw(random: &mut Random, cumulative: &[f64], n: u64) -> Vec<u64> {
    let mut counts = vec![0; cumulative.len()];
    for _ in 0..n {
        let x = random.unit();
        let label = cumulative.partition_point(|edge| *edge <= x);
        counts[label.min(cumulative.len() - 1)] += 1;
    }
    counts
}

fn repeats() -> u64 {
    std::env::var("DRIFT_REPEATS").ok().and_then(|text| text.parse().ok()).unwrap_or(400)
}

/// Six in a hundred and three standard errors.
fn most(n: u64) -> f64 {
    0.06 + 3.0 * (0.05 * 0.95 / n as f64).sqrt()
}

#[test]
fn calibrated_chi_square_keeps_its_false_alarm_rate() {
    let mut random = Random(7);
    let mut worst = (0.0, String::new());
    for (n1, n2) in [(30, 30), (30, 1000), (1000, 60), (200, 200), (1000, 1000), (5000, 500)] {
        for n_labels in [2, 3, 5, 10, 50, 300, 2000] {
            for shape in [Shape::Even, Shape::Zipf, Shape::OneCommon] {
                let shares = cumulative(shape, n_labels);
                let labels = vec![None; n_labels];
                let repeats = (repeats() * 1000 / (1000 + (n1 + n2) / 2)).max(100);
                let mut alarms = 0;
                for _ in 0..repeats {
                    let table = Contingency {
                        labels: labels.clone(),
                        reference: draw(&mut random, &shares, n1),
                        current: draw(&mut random, &shares, n2),
                    };
                    alarms += u64::from(chi_square_calibrated(&table).p_value.is_some_and(|p| p < 0.05));
                }
                let rate = alarms as f64 / repeats as f64;
                let case = format!("{n1} v {n2}, {n_labels} labels, {shape:?}: {rate:.4}");
                println!("{case}");
                assert!(rate <= most(repeats), "{case}");
                if rate > worst.0 {
                    worst = (rate, case);
                }
            }
        }
    }
    println!("worst: {}", worst.1);
}

#[test]
fn two_proportion_keeps_its_false_alarm_rate() {
    // Exactly, by adding up the probabilities of all outcomes that alarm.
    let mut worst = (0.0, String::new());
    for (n1, n2) in [(30, 30), (30, 100), (60, 250), (100, 100), (300, 300), (50, 1000)] {
        for share in [0.002, 0.01, 0.03, 0.1, 0.2, 0.35, 0.5] {
            let (left, right) = (binomial(n1, share), binomial(n2, share));
            let mut rate = 0.0;
            for (k1, p1) in left.iter().enumerate() {
                for (k2, p2) in right.iter().enumerate() {
                    if p1 * p2 > 1e-9 && two_proportion(n1, k1 as u64, n2, k2 as u64).1 < 0.05 {
                        rate += p1 * p2;
                    }
                }
            }
            let case = format!("{n1} v {n2}, share {share}: {rate:.4}");
            println!("{case}");
            assert!(rate <= 0.06, "{case}");
            if rate > worst.0 {
                worst = (rate, case);
            }
        }
    }
    println!("worst: {}", worst.1);
}

fn binomial(n: u64, share: f64) -> Vec<f64> {
    let mut p = libm::pow(1.0 - share, n as f64);
    let mut density = vec![p];
    for k in 0..n {
        p *= (n - k) as f64 / (k + 1) as f64 * share / (1.0 - share);
        density.push(p);
    }
    density
}

#[test]
fn psi_significance_keeps_its_false_alarm_rate() {
    let mut random = Random(11);
    let shares = cumulative(Shape::Even, 10);
    for (n1, n2) in [(200, 200), (1000, 100), (100, 1000), (1000, 1000)] {
        let repeats = repeats();
        let alarms = (0..repeats)
            .filter(|_| {
                let reference = draw(&mut random, &shares, n1);
                let current = draw(&mut random, &shares, n2);
                psi(&reference, &current).p_value.is_some_and(|p| p < 0.05)
            })
            .count();
        let rate = alarms as f64 / repeats as f64;
        println!("{n1} v {n2}: {rate:.4}");
        assert!(rate <= most(repeats) + 0.005, "{n1} v {n2}: {rate}");
    }
}

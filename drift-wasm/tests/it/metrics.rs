//! What must hold of every metric on any input: equal samples, bounds, symmetry, no NaN, no panic.

use drift::bins::Bins;
use drift::metric::{self, Metric, MetricId};
use drift::profile::{Contingency, Sample};
use proptest::prelude::*;

/// Values that break naive code, and ordinary ones.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => (-5_i32..5).prop_map(f64::from),
        3 => -1e3..1e3_f64,
        1 => Just(0.0),
        1 => Just(-0.0),
        1 => Just(f64::MAX),
        1 => Just(f64::MIN),
        1 => Just(f64::MIN_POSITIVE),
        1 => Just(5e-324),
        1 => Just(1e15),
        1 => any::<f64>(),
    ]
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec(value(), 0..40)
}

fn table() -> impl Strategy<Value = Contingency> {
    let count = prop_oneof![3 => 0_u64..6, 2 => 0_u64..200, 1 => 0_u64..2_000_000];
    proptest::collection::vec((count.clone(), count), 0..12).prop_map(|cells| Contingency {
        labels: (0..cells.len()).map(|i| Some(format!("{i}"))).collect(),
        reference: cells.iter().map(|cell| cell.0).collect(),
        current: cells.iter().map(|cell| cell.1).collect(),
    })
}

fn is_sound(name: &str, metric: &Metric) {
    let numbers = [metric.distance, metric.statistic, metric.p_value, metric.degrees_of_freedom, metric.half_width];
    assert!(numbers.iter().flatten().all(|number| number.is_finite()), "{name}: {metric:?}");
    assert!(metric.undefined.is_some() || numbers.iter().any(Option::is_some), "{name} says nothing");
    if let Some(p) = metric.p_value {
        assert!((0.0..=1.0).contains(&p), "{name}: p = {p}");
    }
    if let (Some(value), Some(id)) = (metric.value(), MetricId::from_word(name)) {
        assert!(id.doc().range.contains(value), "{name} is {value}, its page says {}", id.doc().range);
    }
}

/// Metrics that swap sides without changing (their distance or statistic).
const SYMMETRIC: [&str; 8] =
    ["ks", "wasserstein", "energy_distance", "total_variation", "jensen_shannon", "hellinger", "psi", "cramers_v"];

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * (1.0 + a.abs()),
        (a, b) => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn numbers_never_make_a_nan_or_a_panic(left in values(), right in values()) {
        let (reference, current) = (Sample::exact(left), Sample::exact(right));
        let bins = Bins::of(&reference);
        prop_assert!(bins.is_valid());
        for sample in [&reference, &current] {
            let counts = bins.counts(sample);
            prop_assert_eq!(counts.len(), bins.intervals().count());
            prop_assert_eq!(counts.iter().sum::<u64>(), sample.n());
        }
        let metrics = metric::numeric(&reference, &current, &bins, true);
        for (name, metric) in &metrics {
            is_sound(name.as_str(), metric);
        }
        let swapped = metric::numeric(&current, &reference, &bins, true);
        for name in SYMMETRIC {
            if let (Some(there), Some(back)) = (metrics.get(name), swapped.get(name)) {
                prop_assert!(close(there.distance, back.distance), "{}", name);
            }
        }
        for integers in [(false, false), (true, true)] {
            let column = metric::evidently::numeric(&reference, &current, integers, true);
            for (name, test) in &column.tests {
                prop_assert!(test.score.is_none_or(f64::is_finite), "{}", name);
            }
        }
    }

    #[test]
    fn equal_samples_are_not_apart(numbers in values()) {
        let sample = Sample::exact(numbers);
        prop_assume!(!sample.is_empty());
        for (name, metric) in metric::numeric(&sample, &sample, &Bins::of(&sample), true) {
            if let Some(distance) = metric.distance {
                prop_assert!(distance.abs() < 1e-7, "{} is {}", name, distance);
                prop_assert!(metric.p_value.is_none_or(|p| p > 0.999_999), "{}", name);
            }
        }
    }

    #[test]
    fn labels_never_make_a_nan_or_a_panic(table in table()) {
        let metrics = metric::categorical(&table, true);
        for (name, metric) in &metrics {
            is_sound(name.as_str(), metric);
        }
        is_sound("calibrated", &metric::chi_square_calibrated(&table));
        let swapped = Contingency {
            labels: table.labels.clone(),
            reference: table.current.clone(),
            current: table.reference.clone(),
        };
        let back = metric::categorical(&swapped, true);
        for name in ["chi_square", "g_test", "total_variation", "jensen_shannon", "fisher_exact", "psi"] {
            prop_assert!(close(metrics[name].distance, back[name].distance), "{}", name);
            prop_assert!(close(metrics[name].p_value, back[name].p_value), "{}", name);
        }
        let same = Contingency {
            current: table.reference.clone(),
            ..table.clone()
        };
        for metric in metric::categorical(&same, false).values() {
            prop_assert!(metric.distance.is_none_or(|distance| distance < 1e-7));
            prop_assert!(metric.p_value.is_none_or(|p| p > 0.999_999));
        }
        let column = metric::evidently::categorical(&table, true);
        for (name, test) in &column.tests {
            prop_assert!(test.score.is_none_or(f64::is_finite), "{}", name);
        }
    }

    #[test]
    fn shares_never_make_a_nan_or_a_panic(n1 in 0_u64..3000, k1 in 0_u64..3000, n2 in 0_u64..3000, k2 in 0_u64..3000) {
        let (difference, p) = metric::two_proportion(n1, k1, n2, k2);
        prop_assert!((-1.0..=1.0).contains(&difference));
        prop_assert!((0.0..=1.0).contains(&p));
    }
}

#[test]
fn an_empty_side_makes_every_metric_say_which() {
    let (some, none) = (Sample::exact(vec![1.0]), Sample::default());
    for metric in metric::numeric(&some, &none, &Bins::of(&some), true).values() {
        assert_eq!(metric.undefined.as_deref(), Some("the current side has no value"));
    }
    for metric in metric::numeric(&none, &some, &Bins::of(&none), true).values() {
        assert_eq!(metric.undefined.as_deref(), Some("the reference side has no value"));
    }
}

#[test]
fn bins_read_like_words() {
    let words = |bins: &Bins| bins.intervals().map(|interval| interval.to_string()).collect::<Vec<_>>();
    let ten: Vec<f64> = (1..=100).map(f64::from).collect();
    let labels = words(&Bins::of(&Sample::exact(ten)));
    assert_eq!(labels.len(), 10);
    assert_eq!((&labels[0][..], &labels[1][..], &labels[9][..]), ("≤ 10", "10 to 20", "> 90"));
    let mut zeros = vec![0.0; 50];
    zeros.extend((1..=50).map(f64::from));
    let labels = words(&Bins::of(&Sample::exact(zeros)));
    assert_eq!(labels, ["< 0", "= 0", "0 to 10", "10 to 20", "20 to 30", "30 to 40", "> 40"]);
    let constant = Bins::of(&Sample::exact(vec![7.5; 9]));
    assert_eq!(words(&constant), ["< 7.5", "= 7.5", "> 7.5"]);
    assert_eq!(constant.counts(&Sample::exact(vec![7.0, 7.5])), [1, 1, 0]);
    assert_eq!(words(&Bins::of(&Sample::default())), ["all"]);
}

//! NannyML's default for one column, from its definition: ten chunks a side, Jensen-Shannon distance (base 2) of each
//! chunk to the whole reference, an alert outside the reference chunks' mean ± 3 standard deviations.

use drift::metric::jensen_shannon;

use crate::population::Values;

/// Chunks on either side.
const N_CHUNKS: usize = 10;

/// Whether any chunk of `current` alerts.
pub fn alerts(reference: &Values, current: &Values) -> bool {
    let (n_bins, ours, theirs) = match (reference, current) {
        (Values::Numbers(a, _), Values::Numbers(b, _)) => {
            let (edges, n_bins) = doane(a);
            // Values outside the reference's range are one more bin.
            let binned = |values: &[f64]| values.iter().map(|x| bin(&edges, *x)).collect::<Vec<_>>();
            (n_bins + 1, binned(a), binned(b))
        }
        (Values::Labels(a), Values::Labels(b)) => {
            let n_labels = a.iter().max().map_or(0, |last| last + 1);
            let mut is_known = vec![false; n_labels];
            a.iter().for_each(|label| is_known[*label] = true);
            let binned = |values: &[usize]| {
                let known = |label: usize| is_known.get(label).copied().unwrap_or(false);
                values.iter().map(|label| Some(if known(*label) { *label } else { n_labels })).collect::<Vec<_>>()
            };
            (n_labels + 1, binned(a), binned(b))
        }
        _ => return false,
    };
    let whole = counts(&ours, n_bins);
    let distances = |rows: &[Option<usize>]| -> Vec<f64> {
        let chunks = chunks(rows);
        chunks.filter_map(|chunk| jensen_shannon(&whole, &counts(chunk, n_bins)).distance).collect()
    };
    let usual = distances(&ours);
    let n = usual.len().max(1) as f64;
    let mean = usual.iter().sum::<f64>() / n;
    let deviation = (usual.iter().map(|distance| (distance - mean).powi(2)).sum::<f64>() / n).sqrt();
    let (low, high) = (mean - 3.0 * deviation, mean + 3.0 * deviation);
    distances(&theirs).into_iter().any(|distance| distance > high || (low > 0.0 && distance < low))
}

fn chunks(rows: &[Option<usize>]) -> impl Iterator<Item = &[Option<usize>]> {
    let n = rows.len();
    (0..N_CHUNKS).map(move |chunk| &rows[chunk * n / N_CHUNKS..(chunk + 1) * n / N_CHUNKS])
}

fn counts(rows: &[Option<usize>], n_bins: usize) -> Vec<u64> {
    let mut counts = vec![0; n_bins];
    rows.iter().flatten().for_each(|bin| counts[*bin] += 1);
    counts
}

/// Equal-width bins of the reference by Doane's rule, as NumPy has it: lowest edge, highest edge, number of bins.
fn doane(values: &[f64]) -> ((f64, f64, usize), usize) {
    let held: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    let n = held.len() as f64;
    let (low, high) = held.iter().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
    let mean = held.iter().sum::<f64>() / n;
    let moment = |power: i32| held.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / n;
    let deviation = moment(2).sqrt();
    if held.len() < 3 || deviation <= 0.0 {
        return ((low, high, 1), 1);
    }
    let skew = moment(3) / (deviation * deviation * deviation);
    let spread = (6.0 * (n - 2.0) / ((n + 1.0) * (n + 3.0))).sqrt();
    let n_bins = (1.0 + libm::log2(n) + libm::log2(1.0 + skew.abs() / spread)).ceil() as usize;
    ((low, high, n_bins), n_bins)
}

fn bin((low, high, n_bins): &(f64, f64, usize), x: f64) -> Option<usize> {
    if x.is_nan() {
        None
    } else if x < *low || x > *high {
        Some(*n_bins)
    } else {
        Some((((x - low) / (high - low) * *n_bins as f64) as usize).min(n_bins - 1))
    }
}

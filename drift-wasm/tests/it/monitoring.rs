//! The fold of monitoring against golden files made by an independent implementation of the same rule.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read,
    path::Path,
};

use drift::monitor::{
    AlertsPer1000Windows, Cadence, Channel, Effect, History, Judgement, Opened, OpenedBy, Rule, WindowEffects,
};
use proptest::prelude::*;
use serde::Deserialize;

/// Golden effects have seven digits; what is folded from them differs by more.
const TOLERANCE: f64 = 2e-5;

#[derive(Deserialize)]
struct Golden {
    window: String,
    alerts_per_1000_windows: f64,
    windows: Vec<GoldenWindow>,
}

#[derive(Deserialize)]
struct GoldenWindow {
    start: String,
    columns: Option<BTreeMap<String, BTreeMap<String, serde_json::Value>>>,
    now_limit: Option<f64>,
    evidence_limit: Option<f64>,
    score: Option<f64>,
    evidence: Option<f64>,
    #[serde(default)]
    opened: Vec<GoldenOpened>,
    #[serde(default)]
    resolved: BTreeSet<String>,
    #[serde(default)]
    open: BTreeSet<String>,
}

#[derive(Deserialize)]
struct GoldenOpened {
    column: String,
    channel: Channel,
    by: OpenedBy,
    began: String,
    chance: Option<f64>,
}

#[derive(Deserialize)]
struct GoldenChannel {
    effect: f64,
    real: bool,
    usual_max: Option<f64>,
    z: Option<f64>,
    evidence: Option<f64>,
}

#[test]
fn folded_effects_agree_with_every_golden_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/monitoring");
    let mut n_files = 0;
    for entry in fs::read_dir(folder).expect("golden files") {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_none_or(|ending| ending != "gz") {
            continue;
        }
        let n_compared = compare(&path);
        assert!(n_compared > 1_000, "{}: only {n_compared} numbers were compared", path.display());
        n_files += 1;
    }
    assert!(n_files > 2, "golden files are missing");
}

/// Folds the effects of a golden file and compares all that follows; gives how many numbers were compared.
fn compare(path: &Path) -> usize {
    let mut text = String::new();
    let file = fs::File::open(path).expect("a golden file");
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("gzip");
    let golden: Golden = serde_json::from_str(&text).expect("the form of a golden file");
    let cadence = match golden.window.as_str() {
        "hour" => Cadence::PerDay(24),
        "day" => Cadence::Day,
        _ => Cadence::Longer,
    };
    let budget = AlertsPer1000Windows::new(golden.alerts_per_1000_windows).expect("a budget");
    let rule = Rule::new(cadence).with_budget(budget);
    let mut history = History::default();
    let mut n_compared = 0;
    for window in &golden.windows {
        let Some(columns) = &window.columns else { continue };
        let mut effects = WindowEffects::new(seconds(&window.start));
        let mut channels = BTreeMap::new();
        for (name, found) in columns {
            let of_column = golden_channels(found);
            let measured = of_column.iter().map(|(channel, found)| (*channel, Effect::new(found.effect, found.real)));
            effects = effects.column(name, measured);
            channels.insert(name, of_column);
        }
        let judged = history.fold(&effects, &rule);
        let at = format!("{} {}", path.display(), window.start);
        for (name, of_column) in &channels {
            for (channel, wanted) in of_column {
                let found = judged.columns[*name].channels[channel].usual;
                for (wanted, found) in [
                    (wanted.z, found.map(|usual| usual.z)),
                    (wanted.evidence, found.map(|usual| usual.evidence)),
                    (wanted.usual_max, found.map(|usual| usual.usual_max)),
                ] {
                    assert!(agree(wanted, found), "{at} {name} {channel:?}: {wanted:?} wanted, {found:?} came");
                    n_compared += usize::from(wanted.is_some());
                }
            }
            let is_unusual = columns[*name].contains_key("unusual");
            assert_eq!(judged.columns[*name].is_unusual, is_unusual, "{at} {name}");
        }
        if window.now_limit.is_some() {
            for (wanted, found) in [
                (window.now_limit, judged.now_limit),
                (window.evidence_limit, judged.evidence_limit),
                (window.score, judged.score),
                (window.evidence, judged.evidence),
            ] {
                assert!(agree(wanted, Some(found)), "{at}: {wanted:?} wanted, {found} came");
                n_compared += 1;
            }
        }
        compare_alerts(window, &judged, &at);
    }
    n_compared
}

fn golden_channels(found: &BTreeMap<String, serde_json::Value>) -> BTreeMap<Channel, GoldenChannel> {
    let channel = |name: &str| serde_json::from_value::<Channel>(name.into()).ok();
    let read = |value: &serde_json::Value| serde_json::from_value(value.clone()).expect("a channel");
    found.iter().filter_map(|(name, value)| Some((channel(name)?, read(value)))).collect()
}

fn compare_alerts(window: &GoldenWindow, judged: &Judgement, at: &str) {
    let opened: BTreeMap<&str, &Opened> = judged.opened.iter().map(|one| (one.column.as_str(), one)).collect();
    assert_eq!(opened.len(), window.opened.len(), "{at}: opened {opened:?}");
    for wanted in &window.opened {
        let found = opened[wanted.column.as_str()];
        assert_eq!((found.channel, found.by, found.began), (wanted.channel, wanted.by, seconds(&wanted.began)), "{at}");
        // The exponential makes a difference in the fifth digit of a score one in the fourth of its chance.
        let is_near = match (wanted.chance, found.chance) {
            (Some(wanted), Some(found)) => (wanted - found).abs() <= 1e-3 * wanted,
            (wanted, found) => wanted == found,
        };
        assert!(is_near, "{at}: chance {:?} wanted, {:?} came", wanted.chance, found.chance);
    }
    let resolved: BTreeSet<String> = judged.resolved.iter().map(|one| one.column.clone()).collect();
    assert_eq!(resolved, window.resolved, "{at}: resolved");
    assert_eq!(judged.open.iter().cloned().collect::<BTreeSet<_>>(), window.open, "{at}: open");
}

fn agree(wanted: Option<f64>, found: Option<f64>) -> bool {
    match (wanted, found) {
        (Some(wanted), Some(found)) => (wanted - found).abs() <= TOLERANCE * wanted.abs().max(1.0),
        (wanted, found) => wanted.is_none() && found.is_none(),
    }
}

fn seconds(start: &str) -> i64 {
    let civil: jiff::civil::DateTime = start.parse().expect("a time");
    civil.to_zoned(jiff::tz::TimeZone::UTC).expect("within range").timestamp().as_second()
}

/// Windows of two columns with all channels.
fn windows() -> impl Strategy<Value = Vec<WindowEffects>> {
    let effect = (prop_oneof![0.0..0.05_f64, 0.0..1.0_f64, Just(f64::NAN), Just(0.0), Just(1.0)], any::<bool>());
    let effects = prop::collection::vec(effect, 10);
    prop::collection::vec(effects, 1..80).prop_map(|all| {
        let window = |(at, effects): (usize, Vec<(f64, bool)>)| {
            let of = |half: &[(f64, bool)]| -> Vec<(Channel, Effect)> {
                Channel::ALL
                    .into_iter()
                    .zip(half)
                    .map(|(channel, (effect, real))| (channel, Effect::new(*effect, *real)))
                    .collect()
            };
            WindowEffects::new(at as i64).column("a", of(&effects[..5])).column("b", of(&effects[5..]))
        };
        all.into_iter().enumerate().map(window).collect()
    })
}

fn fold(history: &mut History, windows: &[WindowEffects], rule: &Rule) -> Vec<Judgement> {
    windows.iter().map(|window| history.fold(window, rule)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn folding_on_from_a_stored_history_equals_folding_from_the_start(windows in windows(), cut in 0..80_usize) {
        let rule = Rule::new(Cadence::Day);
        let whole = fold(&mut History::default(), &windows, &rule);
        let cut = cut.min(windows.len());
        let mut history = History::default();
        let mut parts = fold(&mut history, &windows[..cut], &rule);
        let stored = serde_json::to_string(&history).expect("a history is JSON");
        let mut history: History = serde_json::from_str(&stored).expect("what was written");
        parts.extend(fold(&mut history, &windows[cut..], &rule));
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn no_effect_makes_what_is_not_a_number(windows in windows()) {
        for judged in fold(&mut History::default(), &windows, &Rule::new(Cadence::Day)) {
            let of_windows = [judged.now_limit, judged.evidence_limit, judged.score, judged.evidence];
            prop_assert!(of_windows.iter().all(|number| number.is_finite()));
            for column in judged.columns.values() {
                prop_assert!((0.0..1.0).contains(&column.severity));
                for usual in column.channels.values().filter_map(|channel| channel.usual) {
                    prop_assert!(usual.z.is_finite() && usual.evidence >= 0.0 && usual.usual_max.is_finite());
                }
            }
        }
    }

    #[test]
    fn a_constant_stream_never_alerts(effect in 0.0..1.0_f64, is_real in any::<bool>(), n in 1..200_i64) {
        let mut history = History::default();
        for day in 0..n {
            let window = WindowEffects::new(day).column("a", [(Channel::Value, Effect::new(effect, is_real))]);
            prop_assert!(history.fold(&window, &Rule::new(Cadence::Day)).opened.is_empty());
        }
    }
}

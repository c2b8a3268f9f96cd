//! Every metric against the numbers of SciPy, NumPy, Evidently and NannyML (`conformance/`).

mod compare;
mod read;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use compare::{Tally, is_close, number, tolerance};
use drift::bins::Bins;
use drift::metric::evidently::{Choice, EvidentlyColumn};
use drift::metric::{self, Metrics};
use drift::profile::{Contingency, Sample};
use read::{Parse, categories, cells, sample};
use serde_json::Value;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance")
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

enum Ours {
    Number(Option<f64>),
    Verdict(Option<bool>),
}

fn evidently(column: &EvidentlyColumn, name: &str) -> Option<Ours> {
    let of = |name: &str| column.tests.get(name);
    if let Some(name) = name.strip_suffix(".drifted") {
        return Some(Ours::Verdict(of(name).and_then(|test| test.drifted)));
    }
    if let Some(name) = name.strip_suffix(".statistic") {
        return Some(Ours::Number(of(name).and_then(|test| test.statistic)));
    }
    Some(Ours::Number(of(name).and_then(|test| test.score)))
}

fn ours(metrics: &Metrics, column: &EvidentlyColumn, name: &str) -> Option<Ours> {
    if let Some(name) = name.strip_prefix("evidently_bins.") {
        return evidently(column, &format!("bins_{name}"));
    }
    if let Some(name) = name.strip_prefix("evidently.") {
        return evidently(column, name);
    }
    let (metric, field) = match name {
        "wasserstein" | "energy_distance" | "cramers_v" => (name, "distance"),
        "ks.statistic" => ("ks", "distance"),
        "ks.pvalue" => ("ks", "p_value"),
        "ks.pvalue_asymp" => ("ks_asymptotic", "p_value"),
        "psi.textbook" => ("psi_textbook", "distance"),
        "ad.statistic" => ("anderson_darling", "statistic"),
        "ad.pvalue" => ("anderson_darling", "p_value"),
        "cvm.statistic" => ("cramer_von_mises", "statistic"),
        "cvm.pvalue" => ("cramer_von_mises", "p_value"),
        "cvm.pvalue_series" => ("cramer_von_mises_series", "p_value"),
        "mwu.statistic" => ("mann_whitney", "statistic"),
        "mwu.pvalue" => ("mann_whitney", "p_value"),
        "mwu.pvalue_asymptotic" => ("mann_whitney_asymptotic", "p_value"),
        "es.statistic" => ("epps_singleton", "statistic"),
        "es.pvalue" => ("epps_singleton", "p_value"),
        "ttest.welch.statistic" => ("welch_t", "statistic"),
        "ttest.welch.df" => ("welch_t", "degrees_of_freedom"),
        "ttest.welch.pvalue" => ("welch_t", "p_value"),
        "ttest.student.statistic" => ("student_t", "statistic"),
        "ttest.student.df" => ("student_t", "degrees_of_freedom"),
        "ttest.student.pvalue" => ("student_t", "p_value"),
        "tvd" => ("total_variation", "distance"),
        "linf" => ("l_infinity", "distance"),
        "js.base2" => ("jensen_shannon", "distance"),
        "chi2.contingency.statistic" => ("chi_square", "statistic"),
        "chi2.contingency.dof" => ("chi_square", "degrees_of_freedom"),
        "chi2.contingency.pvalue" => ("chi_square", "p_value"),
        "chi2.yates.statistic" => ("chi_square_yates", "statistic"),
        "chi2.yates.pvalue" => ("chi_square_yates", "p_value"),
        "g.contingency.statistic" => ("g_test", "statistic"),
        "g.contingency.pvalue" => ("g_test", "p_value"),
        "fisher.pvalue" => ("fisher_exact", "p_value"),
        "z.statistic" => ("two_proportion_z", "statistic"),
        "z.pvalue" => ("two_proportion_z", "p_value"),
        _ => return None,
    };
    let metric = metrics.get(metric);
    Some(Ours::Number(metric.and_then(|metric| match field {
        "distance" => metric.distance,
        "statistic" => metric.statistic,
        "p_value" => metric.p_value,
        _ => metric.degrees_of_freedom,
    })))
}

/// Counts, moments and quantiles of a sample by the corpus's names.
fn described(reference: &Sample, current: &Sample, name: &str) -> Option<Ours> {
    let (stem, side) = name.rsplit_once('_')?;
    let sample = match side {
        "ref" => reference,
        "cur" => current,
        _ => return None,
    };
    let number = match stem {
        "n" => Some(sample.n() as f64),
        "distinct" => Some(sample.n_distinct() as f64),
        "mean" => sample.mean(),
        "std" => sample.standard_deviation(1),
        "min" => sample.min(),
        "max" => sample.max(),
        _ => {
            let percent: f64 = stem.strip_prefix('q')?.parse().ok()?;
            sample.quantile(percent / 100.0)
        }
    };
    Some(Ours::Number(number))
}

struct Pair {
    id: String,
    golden: Value,
    parse: Parse,
    tables: [Vec<Vec<String>>; 2],
}

impl Pair {
    fn all() -> Vec<Self> {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(corpus().join("golden")).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Self {
        let golden = json(path);
        let parse = Parse::of(&golden);
        let table = |side: &str| parse.table(&corpus().join(golden[side]["path"].as_str().unwrap()));
        let tables = [table("reference"), table("current")];
        Self { id: golden["id"].as_str().unwrap().to_owned(), golden, parse, tables }
    }

    fn cells(&self, column: &Value) -> [Vec<&str>; 2] {
        let name = column["name"].as_str().unwrap();
        let index = column["index"].as_u64().unwrap() as usize;
        let header = &self.tables[0][0];
        let is_twice = header.iter().filter(|other| *other == name).count() > 1;
        let there = if is_twice { index } else { self.tables[1][0].iter().position(|other| other == name).unwrap() };
        [cells(&self.parse, &self.tables[0], index), cells(&self.parse, &self.tables[1], there)]
    }
}

fn integers(column: &Value) -> (bool, bool) {
    (column["dtype"]["ref"] == "int64", column["dtype"]["cur"] == "int64")
}

#[test]
fn golden_metrics_agree_with_the_reference_packages() {
    let tolerances = json(&corpus().join("tolerances.json"));
    let mut tally = Tally::default();
    for pair in Pair::all() {
        for column in pair.golden["columns"].as_array().unwrap() {
            let kind = column["kind"].as_str().unwrap();
            let [left, right] = pair.cells(column);
            let (samples, metrics, preset) = match kind {
                "numeric" => {
                    let reference = sample(&pair.parse, &left);
                    let current = sample(&pair.parse, &right);
                    let bins = Bins::of(&reference);
                    let metrics = metric::numeric(&reference, &current, &bins, true);
                    let preset = metric::evidently::numeric(&reference, &current, integers(column), true);
                    (Some((reference, current)), metrics, preset)
                }
                "categorical" | "boolean" => {
                    let table = Contingency::of(&categories(&left), &categories(&right));
                    (None, metric::categorical(&table, true), metric::evidently::categorical(&table, true))
                }
                _ => continue,
            };
            let find = |name: &str| {
                samples
                    .as_ref()
                    .and_then(|(reference, current)| described(reference, current, name))
                    .or_else(|| ours(&metrics, &preset, name))
            };
            for (name, expected) in column["metrics"].as_object().unwrap() {
                // A sample holds doubles: whole numbers above 2^53 are told apart as labels, not here.
                if pair.id == "edge_int_above_2_53" && name.starts_with("distinct") {
                    continue;
                }
                let Some(got) = find(name) else { continue };
                let spec = tolerance(&tolerances, name);
                let further = column["tol"][name].as_f64();
                let place = format!("{} {} {name}", pair.id, column["name"]);
                match got {
                    Ours::Verdict(got) => {
                        tally.count(name, got == expected.as_bool(), || {
                            format!("{place}: {got:?}, expected {expected}")
                        });
                    }
                    Ours::Number(got) => {
                        let others = column["alt"][name].as_array();
                        let ok = is_close(expected, got, spec, further)
                            || others
                                .into_iter()
                                .flatten()
                                .any(|other| (other.is_null() && got.is_none()) || is_close(other, got, spec, further));
                        tally.count(name, ok, || format!("{place}: {got:?}, expected {expected}"));
                    }
                }
            }
            let Some(undefined) = column["undefined"].as_object() else {
                continue;
            };
            for (name, why) in undefined.iter().filter(|(_, why)| why["strict"] == true) {
                let ok = match find(name) {
                    Some(Ours::Number(got)) => got.is_none(),
                    Some(Ours::Verdict(got)) => got.is_none(),
                    None => continue,
                };
                tally.count("undefined", ok, || format!("{} {} {name}: a number, but {why}", pair.id, column["name"]));
            }
        }
    }
    tally.finish(10_000);
}

#[test]
fn golden_presets_choose_and_decide_as_evidently_does() {
    let tolerances = json(&corpus().join("tolerances.json"));
    let mut tally = Tally::default();
    for pair in Pair::all() {
        for flavour in ["auto", "typed"] {
            let golden = &pair.golden["evidently"][flavour];
            let Some(columns) = golden["columns"].as_object() else {
                continue;
            };
            let mut n_drifted = 0;
            for (name, expected) in columns {
                let Some(column) =
                    pair.golden["columns"].as_array().unwrap().iter().find(|column| column["name"] == name.as_str())
                else {
                    continue;
                };
                let is_number = match flavour {
                    "auto" => golden["inferred_types_current"][name] == "num",
                    _ => column["kind"] == "numeric",
                };
                let [left, right] = pair.cells(column);
                let got = if is_number {
                    metric::evidently::numeric(
                        &sample(&pair.parse, &left),
                        &sample(&pair.parse, &right),
                        integers(column),
                        false,
                    )
                } else {
                    let table = Contingency::of(&categories(&left), &categories(&right));
                    metric::evidently::categorical(&table, false)
                };
                let place = format!("{} {flavour} {name}", pair.id);
                tally.count("method", got.method.map(Choice::as_str) == expected["method"].as_str(), || {
                    format!("{place} method: {:?}, expected {}", got.method, expected["method"])
                });
                let leaf = match expected["method"].as_str() {
                    Some("Wasserstein distance (normed)") => "wasserstein",
                    Some("Jensen-Shannon distance") => "jensenshannon",
                    _ => "pvalue",
                };
                let spec = tolerance(&tolerances, &format!("evidently_{flavour}.score.{leaf}"));
                tally.count("score", is_close(&expected["score"], got.score, spec, None), || {
                    format!("{place} score: {:?}, expected {}", got.score, expected["score"])
                });
                tally.count("threshold", got.threshold == expected["threshold"].as_f64(), || {
                    format!("{place} threshold: {:?}", got.threshold)
                });
                tally.count("drifted", got.drifted == expected["drifted"].as_bool(), || {
                    format!("{place} drifted: {:?}, expected {}", got.drifted, expected["drifted"])
                });
                n_drifted += u64::from(got.drifted == Some(true));
            }
            tally.count("n_drifted", golden["n_drifted"] == n_drifted, || {
                format!("{} {flavour}: {n_drifted} drifted, expected {}", pair.id, golden["n_drifted"])
            });
        }
    }
    tally.finish(1000);
}

#[test]
fn golden_nannyml_agrees_where_its_definition_is_ours() {
    let tolerances = json(&corpus().join("tolerances.json"));
    let mut tally = Tally::default();
    for pair in Pair::all() {
        for column in pair.golden["columns"].as_array().unwrap() {
            let name = column["name"].as_str().unwrap();
            let Some(expected) = pair.golden["nannyml"]["columns"][name].as_object() else {
                continue;
            };
            let [left, right] = pair.cells(column);
            let mut got: BTreeMap<&str, Option<f64>> = BTreeMap::new();
            if column["kind"] == "numeric" {
                let reference = sample(&pair.parse, &left);
                let current = sample(&pair.parse, &right);
                if reference.n() < 10_000 {
                    got.insert("kolmogorov_smirnov", metric::ks(&reference, &current).distance);
                    got.insert("wasserstein", metric::wasserstein(&reference, &current).distance);
                }
            } else {
                let table = Contingency::of(&categories(&left), &categories(&right));
                let metrics = metric::categorical(&table, true);
                let chi_square = if table.len() == 2 { "chi_square_yates" } else { "chi_square" };
                got.insert("chi2", metrics[chi_square].statistic);
                got.insert("l_infinity", metrics["l_infinity"].distance);
            }
            for (metric, ours) in got {
                let Some(expected) = expected.get(metric).filter(|value| number(value).is_some()) else {
                    continue;
                };
                let spec = tolerance(&tolerances, &format!("nannyml.{metric}"));
                let further = column["tol"][if metric == "wasserstein" { metric } else { "" }].as_f64();
                tally.count(metric, is_close(expected, ours, spec, further), || {
                    format!("{} {name} {metric}: {ours:?}, expected {expected}", pair.id)
                });
            }
        }
    }
    tally.finish(300);
}

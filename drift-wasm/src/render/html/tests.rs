//! Size, escaping and independence of the document.

use std::collections::BTreeMap;

use super::*;
use crate::finding::Findings;
use crate::metric::{Metric, MetricId};
use crate::policy::Policy;
use crate::report::*;
use crate::schema::{ColumnType, Role};

fn numeric(shift: f64) -> ColumnSummary {
    let keys = ["q01", "q05", "q10", "q25", "q50", "q75", "q90", "q95", "q99"];
    let quantiles: BTreeMap<String, f64> =
        keys.iter().enumerate().map(|(index, key)| ((*key).to_owned(), 1234.5 * index as f64 + shift)).collect();
    ColumnSummary {
        n_rows: 27_004,
        n: 26_004,
        n_null: 1_000,
        n_distinct: 12_345,
        numeric: Some(NumericSummary {
            mean: Some(31.27 + shift),
            standard_deviation: Some(12.345),
            min: Some(-20.5),
            max: Some(12_345.678),
            quantiles,
            share_error: None,
        }),
        ..ColumnSummary::default()
    }
}

fn column(index: usize, name: &str, verdict: Verdict) -> ColumnReport {
    let policy = Policy::default().for_column(name, ColumnType::Numeric);
    let wave = |bin: usize, step: usize| ((bin * step + 7 * index) % 23) as f64 / 1013.7;
    let n_bins = 80;
    let up = |x: usize, bend: f64| {
        let share = x as f64 / 49.0;
        share * (1.0 - bend) + share * share * bend
    };
    ColumnReport {
        name: name.to_owned(),
        index,
        r#type: ColumnType::Numeric,
        type_reason: "every value of both sides is a number".to_owned(),
        role: Role::Feature,
        verdict,
        not_compared: None,
        severity: Some(0.62),
        why: format!(
            "Values of `{name}` moved up: the median rose from 26.5 to 20.7, and 10.2 % of rows would have to change."
        ),
        what_changed: "median 26.5 → 20.7".to_owned(),
        cause: None,
        tests: vec![Test {
            subject: Subject::Values,
            metric: MetricId::Ks.into(),
            effect: 0.163,
            floor: 0.1,
            p_value: Some(1e-9),
            q_value: Some(1e-8),
            sampling_error: None,
            half_width: None,
            could_flip: false,
            verdict,
            severity: 0.62,
        }],
        smallest_detectable: Some(0.0237),
        policy,
        metrics: MetricId::ALL.into_iter().take(20).map(|id| (id, Metric::distance_test(0.1234, 0.04))).collect(),
        reference: numeric(0.0),
        current: numeric(17.25),
        contributions: (0..10)
            .map(|bin| Contribution {
                label: Bin::Part(format!("{} to {}", bin * 100, bin * 100 + 100)),
                reference: 0.1,
                current: 0.1 + if bin % 2 == 0 { 0.013 } else { -0.013 },
            })
            .collect(),
        new_categories: Vec::new(),
        vanished_categories: Vec::new(),
        n_new_categories: 0,
        n_vanished_categories: 0,
        histogram: Some(Histogram {
            edges: (0..=n_bins).map(|edge| edge as f64 * 12.5).collect(),
            reference: (0..n_bins as usize).map(|bin| wave(bin, 5)).collect(),
            current: (0..n_bins as usize).map(|bin| wave(bin, 11)).collect(),
            below: (0.0, 0.002),
            above: (0.001, 0.004),
        }),
        cumulative: Some(Cumulative {
            x: (0..50).map(|x| f64::from(x) * 20.1).collect(),
            reference: (0..50).map(|x| up(x, 0.0)).collect(),
            current: (0..50).map(|x| up(x, 0.6)).collect(),
            widest: (502.5, 0.51, 0.36),
        }),
        evidently: None,
    }
}

fn report(columns: Vec<ColumnReport>) -> Report {
    let input = InputSummary {
        name: "a<b>.csv".to_owned(),
        format: "csv".to_owned(),
        n_rows: 27_004,
        n_columns: 50,
        n_bytes: 1,
        findings: Findings::default(),
        remarks: Vec::new(),
    };
    Report {
        format: FORMAT.to_owned(),
        verdict: Verdict::Drifted,
        sentence: "25 of 50 columns drifted".to_owned(),
        lead: Some("`x` changed most".to_owned()),
        severity: Some(0.62),
        counts: VerdictCounts::default(),
        reference: input.clone(),
        current: input,
        policy: Policy::default(),
        columns,
        schema_changes: Vec::new(),
        receipt: Receipt::default(),
    }
}

#[test]
fn fifty_columns_stay_under_300_kilobytes() {
    let columns = (0..50)
        .map(|index| {
            let verdict = if index % 2 == 0 { Verdict::Drifted } else { Verdict::Stable };
            column(index, &format!("a_column_of_usual_length_{index}"), verdict)
        })
        .collect();
    let report = report(columns);
    let page = render(&report);
    let n_charts = page.matches("Cumulative share</b>").count();
    assert!(page.len() < 300_000, "{} bytes, {n_charts} with charts", page.len());
    assert_eq!(page.matches("class=\"panel\"").count(), 50);
    assert!(n_charts >= 14, "{n_charts} columns have charts");
    assert!(page.contains("only the "));
    assert_eq!(page, render(&report));
}

#[test]
fn nothing_of_the_data_becomes_markup() {
    let name = "<script>alert(1)</script>";
    let page = render(&report(vec![column(0, name, Verdict::Drifted)]));
    assert!(!page.contains("<script"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains("a<b>"));
}

#[test]
fn the_document_needs_nothing_from_elsewhere() {
    let page = render(&report(vec![column(0, "x", Verdict::Drifted)]));
    assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'; img-src data:"));
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("@import"));
    assert!(page.contains("<summary>Table</summary>"));
}

#[test]
fn numbers_at_the_edge_are_drawn() {
    let mut flat = column(0, "flat", Verdict::Stable);
    flat.histogram = Some(Histogram {
        edges: vec![4.5, 5.5],
        reference: vec![1.0],
        current: vec![1.0],
        below: (0.0, 0.0),
        above: (0.0, 0.0),
    });
    flat.cumulative =
        Some(Cumulative { x: vec![5.0], reference: vec![1.0], current: vec![1.0], widest: (5.0, 1.0, 1.0) });
    let mut empty = column(1, "empty", Verdict::Error);
    empty.histogram = None;
    empty.cumulative = None;
    empty.contributions.clear();
    empty.tests.clear();
    empty.severity = None;
    let page = render(&report(vec![flat, empty]));
    assert!(!page.contains("NaN") && !page.contains(">inf<"));
    assert!(page.contains("<path class=\"f\""));
}

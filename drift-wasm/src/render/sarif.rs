//! SARIF 2.1.0, for code scanning: one result for each test that came out loud.

use serde_json::{Value, json};

use crate::report::{ColumnReport, Report, SchemaChange, Subject, Test};
use crate::verdict::Verdict;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Subject (none for whole columns), id, name and what it means.
const RULES: [(Option<Subject>, &str, &str, &str); 10] = [
    (Some(Subject::Values), "values", "ValuesDrifted", "The distribution of a column's values changed."),
    (Some(Subject::Nulls), "nulls", "NullsDrifted", "The share of nulls in a column changed."),
    (
        Some(Subject::Invalid),
        "invalid",
        "InvalidDrifted",
        "The share of cells that are not of the column's type changed.",
    ),
    (Some(Subject::Unseen), "unseen", "UnseenLabels", "Labels appeared that the reference never had."),
    (Some(Subject::Infinite), "infinite", "InfiniteDrifted", "The share of infinities in a column changed."),
    (Some(Subject::Empty), "empty", "EmptyTextsDrifted", "The share of empty texts in a column changed."),
    (Some(Subject::Duplicates), "duplicates", "DuplicatesDrifted", "The share of rows that repeat a value changed."),
    (Some(Subject::Shapes), "shapes", "ShapesDrifted", "The mix of the shapes of a column's texts changed."),
    (Some(Subject::Alphabet), "alphabet", "AlphabetDrifted", "The mix of characters in a column's texts changed."),
    (None, "columns", "ColumnsChanged", "One of the inputs lacks a column."),
];

pub(super) fn render(report: &Report) -> String {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|(_, id, name, text)| {
            json!({
                "id": id,
                "name": name,
                "shortDescription": { "text": text },
                "defaultConfiguration": { "level": "error" },
            })
        })
        .collect();
    let of_columns = report.schema_changes.iter().filter_map(|change| of_change(report, change));
    let results: Vec<Value> = report
        .columns
        .iter()
        .flat_map(|column| {
            let loud = |test: &&Test| matches!(test.verdict, Verdict::Drifted | Verdict::Warning);
            column.tests.iter().filter(loud).map(move |test| result(report, column, test))
        })
        .chain(of_columns)
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "DriftSiren", "version": report.receipt.engine, "rules": rules } },
            "invocations": [{
                "executionSuccessful": report.verdict != Verdict::Error,
                "toolExecutionNotifications": notifications(report),
            }],
            "artifacts": [{ "location": { "uri": uri(&report.current.name) }, "roles": ["analysisTarget"] }],
            "results": results,
            "properties": { "sentence": report.sentence, "digest": report.receipt.digest },
        }],
    });
    format!("{log:#}\n")
}

fn result(report: &Report, column: &ColumnReport, test: &Test) -> Value {
    let rule = RULES.iter().position(|(subject, ..)| *subject == Some(test.subject)).unwrap_or(0);
    let id = RULES[rule].1;
    let fingerprint = blake3::hash(format!("{id}/{}/{}", column.index, column.name).as_bytes());
    json!({
        "ruleId": id,
        "ruleIndex": rule,
        "level": if test.verdict == Verdict::Drifted { "error" } else { "warning" },
        "message": { "text": column.why },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&report.current.name), "index": 0 },
                "region": { "startLine": 1 },
            },
            "logicalLocations": [{ "name": column.name, "kind": "member" }],
        }],
        "partialFingerprints": { "column/v1": fingerprint.to_hex().to_string() },
        "properties": {
            "metric": test.metric,
            "effect": test.effect,
            "floor": test.floor,
            "qValue": test.q_value,
            "severity": test.severity,
        },
    })
}

/// A column that one input lacks; nothing when that does not count.
fn of_change(report: &Report, change: &SchemaChange) -> Option<Value> {
    let verdict = change.verdict(&report.policy)?;
    let rule = RULES.iter().position(|(subject, ..)| subject.is_none())?;
    let id = RULES[rule].1;
    let fingerprint = blake3::hash(format!("{id}/{}", change.column).as_bytes());
    Some(json!({
        "ruleId": id,
        "ruleIndex": rule,
        "level": if verdict == Verdict::Drifted { "error" } else { "warning" },
        "message": { "text": format!("Column `{}`: {}.", change.column, change.in_words()) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&report.current.name), "index": 0 },
                "region": { "startLine": 1 },
            },
            "logicalLocations": [{ "name": change.column, "kind": "member" }],
        }],
        "partialFingerprints": { "column/v1": fingerprint.to_hex().to_string() },
    }))
}

/// Columns without a verdict: not results, but not to be overlooked either.
fn notifications(report: &Report) -> Vec<Value> {
    let level = |verdict: Verdict| match verdict {
        Verdict::Error => Some("error"),
        Verdict::InsufficientData | Verdict::NotCompared => Some("note"),
        Verdict::Drifted | Verdict::Warning | Verdict::Stable => None,
    };
    report
        .columns
        .iter()
        .filter_map(|column| Some(json!({ "level": level(column.verdict)?, "message": { "text": column.why } })))
        .collect()
}

/// A relative reference to a file name: everything but plain characters percent-encoded.
fn uri(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

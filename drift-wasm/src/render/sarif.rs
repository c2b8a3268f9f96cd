//! SARIF 2.1.0, for code scanning: one result for each test that came out loud.

use serde_json::{Value, json};

use crate::report::{Report, Subject};
use crate::verdict::Verdict;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

const RULES: [(Subject, &str, &str); 5] = [
    (Subject::Values, "values", "The distribution of a column's values changed."),
    (Subject::Nulls, "nulls", "The share of nulls in a column changed."),
    (Subject::Invalid, "invalid", "The share of cells that are not of the column's type changed."),
    (Subject::Unseen, "unseen", "Labels appeared that the reference never had."),
    (Subject::Infinite, "infinite", "The share of infinities in a column changed."),
];

pub(super) fn render(report: &Report) -> String {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|(_, id, text)| json!({ "id": id, "name": format!("{id}-drift"), "shortDescription": { "text": text } }))
        .collect();
    let mut results = Vec::new();
    for column in &report.columns {
        for test in column.tests.iter().filter(|test| matches!(test.verdict, Verdict::Drifted | Verdict::Warning)) {
            let rule = RULES.iter().position(|(subject, _, _)| *subject == test.subject).unwrap_or(0);
            results.push(json!({
                "ruleId": RULES[rule].1,
                "ruleIndex": rule,
                "level": if test.verdict == Verdict::Drifted { "error" } else { "warning" },
                "message": { "text": column.why },
                "locations": [{
                    "physicalLocation": { "artifactLocation": { "uri": uri(&report.current.name) }, "region": { "startLine": 1 } },
                    "logicalLocations": [{ "name": column.name, "kind": "member" }],
                }],
                "partialFingerprints": { "column/v1": blake3::hash(format!("{}/{}", RULES[rule].1, column.name).as_bytes()).to_hex().to_string() },
                "properties": { "effect": test.effect, "floor": test.floor, "severity": test.severity },
            }));
        }
    }
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "DriftSiren", "version": report.receipt.engine, "rules": rules } },
            "results": results,
        }],
    });
    format!("{log:#}\n")
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

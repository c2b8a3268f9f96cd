//! What a report was made from, and the digest by which two reports are the same.

use serde_json::Value;

use crate::report::Report;

/// Significant digits of p- and q-values in the digest: their special functions differ in the last bits by platform.
const P_VALUE_DIGITS: usize = 6;

/// One part of a receipt that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which part: `reference input`, `engine`, `digest`, …
    pub part: String,
    /// What the receipt says.
    pub expected: String,
    /// What was recomputed.
    pub found: String,
}

/// BLAKE3 of the report's canonical JSON, hex.
///
/// Canonical: keys sorted, no white space, numbers as short as they round-trip, p-values, q-values and scores rounded to
/// 6 significant digits; names of inputs, the verdict from which a caller fails and the digest itself left out.
#[inline(never)]
pub fn digest(report: &Report) -> String {
    let mut value = serde_json::to_value(report).expect("a report holds only finite numbers and text keys");
    value["receipt"]["digest"] = Value::Null;
    // When a caller fails is its own affair, not what the report says of the data.
    value["policy"]["fail_on"] = Value::Null;
    for side in ["reference", "current"] {
        value[side]["name"] = Value::Null;
    }
    round(&mut value);
    blake3::hash(value.to_string().as_bytes()).to_hex().to_string()
}

fn round(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                match value {
                    Value::Number(number) if matches!(key.as_str(), "p_value" | "q_value" | "score") => {
                        let rounded = number.as_f64().map(|p| format!("{p:.*e}", P_VALUE_DIGITS - 1));
                        *value = rounded.map_or(Value::Null, Value::String);
                    }
                    other => round(other),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(round),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Holds a report against one made again from the inputs. Empty when the receipt holds.
pub fn verify(report: &Report, recomputed: &Report) -> Vec<Difference> {
    let (ours, theirs) = (&report.receipt, &recomputed.receipt);
    let parts = [
        ("engine", &ours.engine, &theirs.engine),
        ("reference input", &ours.reference_input, &theirs.reference_input),
        ("current input", &ours.current_input, &theirs.current_input),
        ("reading options", &ours.options, &theirs.options),
        ("reference profile", &ours.reference_profile, &theirs.reference_profile),
        ("current profile", &ours.current_profile, &theirs.current_profile),
        ("digest", &ours.digest, &theirs.digest),
    ];
    let mut differences: Vec<Difference> = parts
        .into_iter()
        .filter(|(_, expected, found)| expected != found)
        .map(|(part, expected, found)| Difference {
            part: part.to_owned(),
            expected: expected.clone(),
            found: found.clone(),
        })
        .collect();
    let own = digest(report);
    if own != ours.digest {
        let part = "report (it was changed after it was made)".to_owned();
        differences.push(Difference { part, expected: ours.digest.clone(), found: own });
    }
    differences
}

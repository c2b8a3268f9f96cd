//! Words that several renderings share: q-values, and names that are safe to print.

use crate::format::p_value;
use crate::report::Test;

/// A q-value: `q < 0.001`, `q 0.012`; nothing where the rule is a bare threshold.
pub(super) fn q_value(test: &Test) -> Option<String> {
    test.q_value.map(|q| format!("q {}", p_value(q)))
}

/// `text` on one line and without characters that steer a terminal or turn the reading direction.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\r' | '\t' => ' ',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            other if other.is_control() => '\u{fffd}',
            other => other,
        })
        .collect()
}

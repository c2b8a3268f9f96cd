//! Truth values in any words, and labels with blanks around them.

use super::n_values;
use crate::cell::text::text_of;
use crate::profile::ColumnProfile;

/// The truth value that a word stands for.
pub(super) fn truth(label: &str) -> Option<bool> {
    match label.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Whether a column holds truth values only, whatever they are written as.
pub(super) fn is_truth(column: &ColumnProfile) -> bool {
    let are_words = column.tokens.n_other() == 0
        && column.tokens.len() <= 8
        && column.tokens.iter().all(|(label, _)| truth(&text_of(label)).is_some());
    let are_bits = column.numbers.runs().all(|(value, _)| value == 0.0 || value == 1.0);
    are_words && are_bits && column.n_times() == 0 && n_values(column) > 0
}

/// The distinct words of a column of few, sorted.
pub(super) fn words_of(column: &ColumnProfile) -> Vec<String> {
    let mut words: Vec<String> = column.tokens.iter().map(|(label, _)| text_of(label).into_owned()).collect();
    words.extend(column.numbers.runs().map(|(value, _)| value.to_string()));
    words.sort_unstable();
    words
}

/// Whether a label has blanks around it.
pub(super) fn is_padded(column: &ColumnProfile) -> bool {
    let is_blank = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_whitespace);
    column.tokens.n_other() == 0
        && column.tokens.iter().any(|(label, _)| is_blank(label.first()) || is_blank(label.last()))
}

//! Which of two files is the reference, when both are dropped at once.

use std::cmp::Ordering;

const REFERENCE: [&str; 7] = ["reference", "ref", "baseline", "train", "before", "old", "expected"];
const CURRENT: [&str; 7] = ["current", "cur", "new", "after", "prod", "production", "actual"];

/// Compares two names: `Less` when the first is the reference. Words decide, then numbers such as dates.
pub fn by_name(a: &str, b: &str) -> Ordering {
    side(a).cmp(&side(b)).then_with(|| numbers(a).cmp(&numbers(b)))
}

/// 0 for a reference, 2 for current, 1 for neither.
fn side(name: &str) -> u8 {
    let name = name.to_lowercase();
    let has =
        |words: [&str; 7]| name.split(|character: char| !character.is_alphabetic()).any(|word| words.contains(&word));
    match (has(REFERENCE), has(CURRENT)) {
        (true, false) => 0,
        (false, true) => 2,
        _ => 1,
    }
}

/// The runs of digits in a name, with months in words as their number.
fn numbers(name: &str) -> Vec<u64> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    name.to_lowercase()
        .split(|character: char| !character.is_alphanumeric())
        .flat_map(|word| match word.get(..3).and_then(|start| MONTHS.iter().position(|month| *month == start)) {
            Some(month) if word.chars().all(char::is_alphabetic) => vec![month as u64 + 1],
            _ => word
                .split(|character: char| !character.is_ascii_digit())
                .filter_map(|digits| digits.parse().ok())
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("flights-2013-01.csv", "flights-2013-07.csv", Ordering::Less)]
    #[case("week10.csv", "week9.csv", Ordering::Greater)]
    #[case("current.csv", "reference.csv", Ordering::Greater)]
    #[case("train_2024.parquet", "prod_2023.parquet", Ordering::Less)]
    #[case("jul.csv", "jan.csv", Ordering::Greater)]
    #[case("a.csv", "b.csv", Ordering::Equal)]
    fn words_decide_then_numbers(#[case] a: &str, #[case] b: &str, #[case] expected: Ordering) {
        assert_eq!(by_name(a, b), expected);
    }
}

//! Numbers that cannot be out of range, and words that cannot be unknown: what a setting may hold is decided here, once.
//!
//! Every way in (JSON, TOML, a flag) refuses the same value with the same words, those of [`BadValue`].

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Refusal, RefusalKind};

/// A value that a setting cannot have. Reads as ``found -3, expected a rate above 0 and below 1, such as 0.05``.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found {found}, expected {expected}")]
pub struct BadValue {
    /// What was given: a number as it is, text in backticks.
    pub found: String,
    /// What is allowed.
    pub expected: String,
}

impl BadValue {
    /// A word that is none of `words`.
    pub fn unknown_word(word: &str, words: &[&str]) -> Self {
        Self { found: format!("`{word}`"), expected: alternatives(words) }
    }
}

impl From<BadValue> for Refusal {
    fn from(bad: BadValue) -> Self {
        Self::new(RefusalKind::InvalidOption, bad.found, bad.expected, "")
    }
}

/// "`a`", "`a` or `b`", "`a`, `b` or `c`"; nothing for no words.
pub fn alternatives(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// Gives an enum its words: `ALL`, `WORDS`, `as_str`, `from_word` and [`FromStr`], whose error names every word.
///
/// The words are those of the enum's JSON. A variant left out does not compile.
#[macro_export]
macro_rules! words {
    ($name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// All values, in the order of help and docs.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// Their words, in the same order.
            pub const WORDS: [&'static str; [$($word),+].len()] = [$($word),+];

            /// The word used in JSON, configuration and text.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// The value named `word`, if there is one.
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::bounded::BadValue;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::from_word(word).ok_or_else(|| $crate::bounded::BadValue::unknown_word(word, &Self::WORDS))
            }
        }
    };
}

/// A number with a range, as `bounded!` makes them.
trait Bounded: Sized {
    const EXPECTED: &'static str;

    /// From a number that may have a fraction.
    fn from_f64(value: f64) -> Result<Self, BadValue>;

    /// From a whole number.
    fn from_whole(value: i128) -> Result<Self, BadValue>;

    fn refuse(found: impl fmt::Display) -> BadValue {
        BadValue { found: found.to_string(), expected: Self::EXPECTED.to_owned() }
    }

    /// From text: a whole number if it reads as one, else one with a fraction.
    fn from_text(text: &str) -> Result<Self, BadValue> {
        match (text.parse::<i128>(), text.parse::<f64>()) {
            (Ok(whole), _) => Self::from_whole(whole),
            (Err(_), Ok(value)) => Self::from_f64(value),
            (Err(_), Err(_)) => Err(Self::refuse(format_args!("`{text}`"))),
        }
    }
}

struct NumberVisitor<T>(PhantomData<T>);

impl<T: Bounded> Visitor<'_> for NumberVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<T, E> {
        T::from_f64(value).map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<T, E> {
        T::from_whole(value.into()).map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<T, E> {
        T::from_whole(value.into()).map_err(E::custom)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        Err(E::custom(T::refuse(format_args!("`{text}`"))))
    }
}

/// Declares a number with a range that is checked wherever one is made.
macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident(f64), $expected:literal, $is_valid:expr) => {
        bounded!(@type $(#[$doc])* $name(f64), $expected, $is_valid, |value: f64| value + 0.0);

        impl Bounded for $name {
            const EXPECTED: &'static str = $expected;

            fn from_f64(value: f64) -> Result<Self, BadValue> {
                Self::new(value)
            }

            fn from_whole(value: i128) -> Result<Self, BadValue> {
                Self::new(value as f64)
            }
        }
    };
    ($(#[$doc:meta])* $name:ident(u64), $expected:literal, $is_valid:expr) => {
        bounded!(@type $(#[$doc])* #[derive(Eq)] $name(u64), $expected, $is_valid, |value: u64| value);

        impl Bounded for $name {
            const EXPECTED: &'static str = $expected;

            // Shown with its fraction, though it may be zero: a whole number has none.
            fn from_f64(value: f64) -> Result<Self, BadValue> {
                Err(Self::refuse(format_args!("{value:?}")))
            }

            fn from_whole(value: i128) -> Result<Self, BadValue> {
                u64::try_from(value).map_err(|_| Self::refuse(value)).and_then(Self::new)
            }
        }
    };
    (@type $(#[$meta:meta])* $name:ident($of:ty), $expected:literal, $is_valid:expr, $plain:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct $name($of);

        impl $name {
            #[doc = concat!("Refuses what is not ", $expected, ".")]
            pub fn new(value: $of) -> Result<Self, BadValue> {
                let is_valid: fn(&$of) -> bool = $is_valid;
                let plain: fn($of) -> $of = $plain;
                if is_valid(&value) { Ok(Self(plain(value))) } else { Err(Self::refuse(value)) }
            }

            /// The number.
            pub const fn get(self) -> $of {
                self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    deserializer.deserialize_any(NumberVisitor::<Self>(PhantomData))
                } else {
                    Self::new(<$of>::deserialize(deserializer)?).map_err(D::Error::custom)
                }
            }
        }

        impl FromStr for $name {
            type Err = BadValue;

            fn from_str(text: &str) -> Result<Self, BadValue> {
                Self::from_text(text)
            }
        }
    };
}

bounded!(
    /// A rate of false alarms, above 0 and below 1.
    Rate(f64), "a rate above 0 and below 1, such as 0.05", |value| *value > 0.0 && *value < 1.0
);
bounded!(
    /// A share of rows, columns or of something else, 0–1.
    Share(f64), "a share between 0 and 1", |value| (0.0..=1.0).contains(value)
);
bounded!(
    /// A floor or a weight: finite, at least 0.
    Amount(f64), "a finite number of at least 0", |value| value.is_finite() && *value >= 0.0
);
bounded!(
    /// Rows that an input needs to be judged, at least 1: with none, nothing would ever be too little.
    MinRows(u64), "a whole number of at least 1", |value| *value >= 1
);
bounded!(
    /// Values held exactly for each column, 64 to 2³².
    ExactLimit(u64), "a whole number between 64 and 4294967296", |value| (64..=1 << 32).contains(value)
);

impl Rate {
    /// 0.05, the rate unless set.
    pub const USUAL: Self = Self(0.05);
}

impl Share {
    /// 0.5, from which share of columns Evidently calls a dataset drifted.
    pub const HALF: Self = Self(0.5);
    /// 0.05, the share of rows that may be unreadable unless set.
    pub const UNREADABLE_ROWS: Self = Self(0.05);
    /// 0.2, the share of cells that may not be of the type that was given for their column, unless set.
    pub const INVALID_CELLS: Self = Self(0.2);
}

impl MinRows {
    /// 30, the rows needed unless set.
    pub const USUAL: Self = Self(30);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn from_json<T: for<'de> Deserialize<'de> + fmt::Debug>(json: &str) -> String {
        let error = serde_json::from_str::<T>(json).unwrap_err().to_string();
        error.split(" at line ").next().unwrap_or_default().to_owned()
    }

    #[rstest]
    #[case("-3", "-3", "found -3, expected a rate above 0 and below 1, such as 0.05")]
    #[case("2.50", "2.50", "found 2.5, expected a rate above 0 and below 1, such as 0.05")]
    #[case("1e3", "1e3", "found 1000, expected a rate above 0 and below 1, such as 0.05")]
    #[case("0", "0", "found 0, expected a rate above 0 and below 1, such as 0.05")]
    #[case("high", "\"high\"", "found `high`, expected a rate above 0 and below 1, such as 0.05")]
    fn a_flag_and_json_refuse_a_rate_in_the_same_words(#[case] text: &str, #[case] json: &str, #[case] words: &str) {
        assert_eq!(text.parse::<Rate>().unwrap_err().to_string(), words);
        assert_eq!(from_json::<Rate>(json), words);
    }

    #[rstest]
    #[case("0", "0", "found 0, expected a whole number of at least 1")]
    #[case("-1", "-1", "found -1, expected a whole number of at least 1")]
    #[case("1.5", "1.5", "found 1.5, expected a whole number of at least 1")]
    #[case("30.0", "30.0", "found 30.0, expected a whole number of at least 1")]
    #[case("many", "\"many\"", "found `many`, expected a whole number of at least 1")]
    fn a_flag_and_json_refuse_rows_in_the_same_words(#[case] text: &str, #[case] json: &str, #[case] words: &str) {
        assert_eq!(text.parse::<MinRows>().unwrap_err().to_string(), words);
        assert_eq!(from_json::<MinRows>(json), words);
    }

    #[rstest]
    #[case(f64::NAN)]
    #[case(f64::INFINITY)]
    #[case(f64::NEG_INFINITY)]
    #[case(-0.1)]
    fn nothing_that_is_not_a_number_of_at_least_0_is_an_amount(#[case] value: f64) {
        assert!(Amount::new(value).is_err());
        assert!(Share::new(value).is_err());
        assert!(Rate::new(value).is_err());
    }

    #[test]
    fn minus_zero_is_zero() {
        let zero = Amount::new(-0.0).expect("it is at least 0");
        assert_eq!(serde_json::to_string(&zero).expect("a number"), "0.0");
    }

    proptest! {
        #[test]
        fn a_number_is_written_as_it_was_read(value in 0.0..=1.0_f64) {
            let share = Share::new(value).expect("in range");
            let json = serde_json::to_string(&share).expect("a number");
            prop_assert_eq!(&json, &serde_json::to_string(&value).expect("a number"));
            prop_assert_eq!(serde_json::from_str::<Share>(&json).expect("its own"), share);
        }

        #[test]
        fn no_text_makes_a_number_out_of_range(text in "[-+0-9.eEnaif]{0,12}") {
            if let Ok(rate) = text.parse::<Rate>() {
                prop_assert!(rate.get() > 0.0 && rate.get() < 1.0);
            }
            if let Ok(limit) = text.parse::<ExactLimit>() {
                prop_assert!((64..=1 << 32).contains(&limit.get()));
            }
        }
    }
}

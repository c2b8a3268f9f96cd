//! Passwords: argon2id, and no way to tell an unknown person from a wrong password.

use std::{collections::BTreeSet, sync::LazyLock};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};

/// Characters that a password may have.
pub const LENGTH: std::ops::RangeInclusive<usize> = 12..=1024;

/// Why a password cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("a password needs at least 12 characters")]
    TooShort,
    #[error("a password has at most 1,024 characters")]
    TooLong,
    #[error("a password needs at least 4 different characters other than spaces")]
    TooPlain,
}

/// Different characters that a password needs, white space aside.
const LEAST_DIFFERENT: usize = 4;

/// A password of a length that may be taken.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl Password {
    pub fn new(text: String) -> Result<Self, Unusable> {
        match text.chars().count() {
            n if n < *LENGTH.start() => Err(Unusable::TooShort),
            n if n > *LENGTH.end() => Err(Unusable::TooLong),
            _ if is_plain(&text) => Err(Unusable::TooPlain),
            _ => Ok(Self(text.into())),
        }
    }

    /// The form in which it is kept. Takes tens of milliseconds of processor time on purpose.
    pub fn hash(&self) -> String {
        let hash = argon2().hash_password(self.0.expose_secret().as_bytes());
        hash.expect("a salt from the system and a checked length leave nothing to refuse").to_string()
    }
}

/// Whether a password is blank, or one character or two again and again.
fn is_plain(text: &str) -> bool {
    let different: BTreeSet<char> = text.chars().filter(|sign| !sign.is_whitespace() && !sign.is_control()).collect();
    different.len() < LEAST_DIFFERENT
}

/// Whether a password is the one that was kept. Takes as long when nothing was kept.
pub fn is_right(kept: Option<&str>, given: &SecretString) -> bool {
    static NOBODY: LazyLock<String> = LazyLock::new(|| Password(SecretString::from("nobody's password")).hash());
    let given = given.expose_secret();
    if given.chars().count() > *LENGTH.end() {
        return false;
    }
    let given = given.as_bytes();
    let is_match =
        |hash: &str| PasswordHash::new(hash).is_ok_and(|hash| argon2().verify_password(given, &hash).is_ok());
    match kept {
        Some(hash) => is_match(hash),
        None => {
            is_match(&NOBODY);
            false
        }
    }
}

/// The least that OWASP names: 19 MiB, two passes.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("constants within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_is_right() {
        let hash = Password::new("correct horse battery".to_owned()).expect("long enough").hash();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(is_right(Some(&hash), &"correct horse battery".into()));
        assert!(!is_right(Some(&hash), &"correct horse batterz".into()));
        assert!(!is_right(None, &"correct horse battery".into()));
        assert!(!is_right(None, &"nobody's password".into()));
    }

    #[test]
    fn blank_and_repeated_passwords_are_refused() {
        for text in [
            " ".repeat(12),
            "a".repeat(12),
            "é".repeat(600),
            "abababababab".to_owned(),
            "\t\u{7f}a b\n       ".to_owned(),
        ] {
            assert_eq!(Password::new(text.clone()).err(), Some(Unusable::TooPlain), "{text:?}");
        }
        for text in ["abcabcabcabcd", "correct horse battery", "пароль-пароль"] {
            assert!(Password::new(text.to_owned()).is_ok(), "{text}");
        }
    }

    #[test]
    fn lengths_are_counted_in_characters_and_bounded() {
        assert_eq!(Password::new("x".repeat(11)).err(), Some(Unusable::TooShort));
        assert_eq!(Password::new("x".repeat(1025)).err(), Some(Unusable::TooLong));
    }
}

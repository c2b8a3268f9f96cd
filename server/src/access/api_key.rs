//! The form of an API key: `ds_<environment>_<key id>_<256 bits>_<checksum>`.
//!
//! The prefix lets scanners of leaked secrets find it; the checksum tells a typing error from a wrong key without
//! asking the database.

use crate::access::secret::{self, SecretHash};

const N_ID_DIGITS: usize = 12;

/// A key as its holder shows it.
#[derive(Clone)]
pub struct ApiKey {
    text: String,
    /// Where in the text the id lies.
    id: std::ops::Range<usize>,
}

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a key of DriftSiren, or a part of it is missing")]
pub struct NotAKey;

impl ApiKey {
    /// A new key. The environment is a word such as `live`.
    pub fn new(environment: &str) -> Self {
        let head = format!("ds_{environment}_{}_{}", secret::digits(N_ID_DIGITS), secret::new_secret());
        let text = format!("{head}_{}", checksum(&head));
        Self::parse(&text).expect("a new key has the form of one: environments are checked to be letters and digits")
    }

    /// Takes a key apart, and checks that it was copied whole.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let (head, sum) = text.rsplit_once('_').ok_or(NotAKey)?;
        let parts: Vec<&str> = head.split('_').collect();
        let [prefix, environment, id, digits] = parts[..] else { return Err(NotAKey) };
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_key = prefix == "ds"
            && is_word(environment)
            && is_word(id)
            && id.len() == N_ID_DIGITS
            && is_word(digits)
            && digits.len() == secret::N_DIGITS
            && sum == checksum(head);
        let start = prefix.len() + environment.len() + 2;
        if is_key { Ok(Self { text: text.to_owned(), id: start..start + N_ID_DIGITS }) } else { Err(NotAKey) }
    }

    /// The part that names the key and is no secret.
    pub fn id(&self) -> &str {
        &self.text[self.id.clone()]
    }

    /// What is kept of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.text)
    }

    /// The key itself, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

fn checksum(head: &str) -> String {
    format!("{:08x}", crc32fast::hash(head.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_being_shown_and_read() {
        let key = ApiKey::new("live");
        let read = ApiKey::parse(key.reveal()).expect("a key");
        assert_eq!(read.id(), key.id());
        assert_eq!(read.hash(), key.hash());
        assert!(key.reveal().starts_with(&format!("ds_live_{}_", key.id())));
    }

    #[test]
    fn a_changed_or_cut_key_is_told_without_a_database() {
        let key = ApiKey::new("live").reveal().to_owned();
        for n in 0..key.len() {
            assert!(ApiKey::parse(&key[..n]).is_err(), "{n} characters");
        }
        let at = key.len() - 20;
        let other = if &key[at..=at] == "x" { "y" } else { "x" };
        assert!(ApiKey::parse(&format!("{}{other}{}", &key[..at], &key[at + 1..])).is_err());
        assert!(ApiKey::parse("ds_ä_b_c_d").is_err());
    }
}

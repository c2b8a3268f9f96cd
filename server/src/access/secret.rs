//! Secrets that the server makes: shown once, kept as a hash.

use std::fmt;

use rand::Rng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Digits of base 62 that hold 256 bits.
pub const N_DIGITS: usize = 43;

/// SHA-256 of a secret: what is kept of it. A guess of 256 random bits needs no slower hash.
#[derive(Clone, Copy, Eq)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of a secret as its holder shows it.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// A hash as it was kept; nothing when it is not one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash in hexadecimal digits.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// In a time that does not tell where they differ.
impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl std::hash::Hash for SecretHash {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// 256 bits that nobody can guess, in letters and digits.
pub fn new_secret() -> String {
    digits(N_DIGITS)
}

/// Random letters and digits.
pub fn digits(n: usize) -> String {
    let mut random = rand::rng();
    let mut text = String::with_capacity(n);
    while text.len() < n {
        // Six bits at a time; the two values beyond 61 are thrown again, so that all digits are equally likely.
        let mut bytes = [0_u8; 64];
        random.fill_bytes(&mut bytes);
        let digits = bytes.iter().filter_map(|byte| BASE62.get(usize::from(byte & 63)));
        text.extend(digits.map(|digit| char::from(*digit)).take(n - text.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_256_bits_and_differ() {
        let (one, other) = (new_secret(), new_secret());
        assert_eq!(one.len(), 43);
        assert!(one.bytes().all(|byte| BASE62.contains(&byte)));
        assert_ne!(one, other);
    }

    #[test]
    fn a_hash_does_not_show_itself() {
        let hash = SecretHash::of("secret");
        assert_eq!(format!("{hash:?}"), "SecretHash(…)");
        assert_eq!(SecretHash::from_bytes(hash.as_bytes()), Some(hash));
        assert_ne!(hash, SecretHash::of("Secret"));
    }
}

//! Names in addresses.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but letters, digits, `-` and `_`.
///
/// Stricter than RFC 3986: with the point escaped too, a name `..` leads to no other place on most servers.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// The path to something, each name a segment of its own whatever it holds.
pub fn route(segments: &[&str]) -> String {
    segments.iter().map(|segment| format!("/{}", escaped(segment))).collect()
}

/// A name as a part of an address.
pub fn escaped(name: &str) -> String {
    utf8_percent_encode(name, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_segment_whatever_it_holds() {
        assert_eq!(route(&["orgs", "acme", "datasets", "my_loans-2"]), "/orgs/acme/datasets/my_loans-2");
        assert_eq!(route(&["orgs", "a/b", "datasets", "x?y#z %é"]), "/orgs/a%2Fb/datasets/x%3Fy%23z%20%25%C3%A9");
        assert_eq!(route(&["..", "a+b"]), "/%2E%2E/a%2Bb");
    }
}

//! Names in addresses.

/// The path to something, each name a segment of its own whatever it holds.
pub fn route(segments: &[&str]) -> String {
    segments.iter().map(|segment| format!("/{}", escaped(segment))).collect()
}

/// A name as it stands in an address: all but letters, digits, `-` and `_` as percent signs and hex.
///
/// Stricter than RFC 3986: with the point escaped too, a name `..` leads to no other place on most servers.
pub fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
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

//! Text in addresses.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in a segment and in a parameter as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Text as one segment of a path.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// Text as the name or value of a parameter.
pub fn parameter(text: &str) -> String {
    segment(text)
}

/// The path, if it leads to this server: nothing that a browser takes for another host, drops or reads otherwise.
pub fn own_path(path: &str) -> Option<&str> {
    let is_own = path.starts_with('/') && !path.starts_with("//");
    (is_own && !path.contains('\\') && !path.contains(char::is_control)).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_travel_as_parameters() {
        assert_eq!(parameter("/join?token=a b"), "%2Fjoin%3Ftoken%3Da%20b");
        assert_eq!(segment("a/b?c#d é"), "a%2Fb%3Fc%23d%20%C3%A9");
        assert_eq!(segment("feed_1-a.b~"), "feed_1-a.b~");
    }

    #[test]
    fn the_way_on_stays_on_this_server() {
        assert_eq!(own_path("/orgs/acme?keys=a"), Some("/orgs/acme?keys=a"));
        for path in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "/\t/evil.example",
            "/\n/x",
            "/\0",
            "/\u{85}x",
        ] {
            assert_eq!(own_path(path), None, "{path:?}");
        }
    }
}

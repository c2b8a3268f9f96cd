//! Cookies of a request.

use axum::http::{HeaderMap, header::COOKIE};

/// Every value that a cookie of this name has: another program on the same host may have set one as well, and either may
/// come first.
pub fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(move |(found, _)| *found == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cookie_of_the_name_is_found_in_every_header() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, "a=1; b=2; a=3".parse().expect("a header"));
        headers.append(COOKIE, "a=4;ab=5".parse().expect("a header"));
        assert_eq!(values(&headers, "a").collect::<Vec<_>>(), ["1", "3", "4"]);
        assert_eq!(values(&headers, "c").count(), 0);
    }
}

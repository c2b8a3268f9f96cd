//! Checks of single fields.

use crate::problem::{ApiError, ApiResult};

/// An address in lower case.
pub fn email(pointer: &str, text: &str) -> ApiResult<String> {
    let email = text.trim().to_lowercase();
    let is_email = text.chars().count() <= 254
        && !email.contains(|sign: char| sign.is_whitespace() || sign.is_control())
        && email
            .split_once('@')
            .is_some_and(|(who, place)| !who.is_empty() && !place.is_empty() && !place.contains('@'));
    if is_email { Ok(email) } else { Err(ApiError::field(pointer, "this is no email address")) }
}

/// A name that people read: 1 to 100 characters.
pub fn name(pointer: &str, text: &str) -> ApiResult<String> {
    let name = text.trim();
    // Some control characters are white space: what is trimmed counts too.
    if name.is_empty() || text.chars().count() > 100 || text.contains(char::is_control) {
        return Err(ApiError::field(pointer, "a name has 1 to 100 characters, none of them control characters"));
    }
    Ok(name.to_owned())
}

/// A name in addresses: 1 to 64 small letters, digits, `-` and `_`.
pub fn word(pointer: &str, text: &str) -> ApiResult<String> {
    let is_word = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte));
    if is_word {
        Ok(text.to_owned())
    } else {
        Err(ApiError::field(pointer, "this name has 1 to 64 small letters, digits, `-` and `_`"))
    }
}

/// A word that names something in addresses, where ids stand too: what reads as an id would be taken for one.
pub fn address_name(pointer: &str, text: &str) -> ApiResult<String> {
    let name = word(pointer, text)?;
    if is_id(&name) {
        return Err(ApiError::field(pointer, "this name has the form of an id; add a word to it"));
    }
    Ok(name)
}

fn is_id(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok()
}

/// The name of an org as it stands in addresses.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for sign in name.chars().flat_map(char::to_lowercase) {
        if sign.is_ascii_alphanumeric() {
            slug.push(sign);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(40);
    let slug = slug.trim_matches('-');
    match slug {
        "" => "org".to_owned(),
        // It would be taken for the id of another.
        id if is_id(id) => format!("org-{id}"),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Acme Ltd.", "acme-ltd")]
    #[case("  Ärzte & Söhne ", "rzte-s-hne")]
    #[case("日本", "org")]
    #[case("0198B3C4-1234-7abc-8def-0123456789ab", "org-0198b3c4-1234-7abc-8def-0123456789ab")]
    #[case("0198b3c412347abc8def0123456789ab", "org-0198b3c412347abc8def0123456789ab")]
    fn an_org_gets_an_address_from_its_name(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(slug(name), expected);
    }

    #[rstest]
    #[case(" Ada@Example.org ", Some("ada@example.org"))]
    #[case("ada", None)]
    #[case("@example.org", None)]
    #[case("a b@example.org", None)]
    #[case("a@b@c", None)]
    fn addresses_are_checked_for_their_form_only(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(email("/email", text).ok().as_deref(), expected);
    }

    #[rstest]
    #[case(" Ada ", Some("Ada"))]
    #[case("Ada\u{85}", None)]
    #[case("Ada\n", None)]
    #[case("A\u{7f}da", None)]
    #[case(" ", None)]
    fn names_hold_no_control_characters_not_even_at_their_ends(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(name("/name", text).ok().as_deref(), expected);
    }

    #[test]
    fn what_reads_as_an_id_is_no_name_in_addresses() {
        for text in ["0198b3c4-1234-7abc-8def-0123456789ab", "0198b3c412347abc8def0123456789ab"] {
            assert!(word("/name", text).is_ok() && address_name("/name", text).is_err(), "{text}");
        }
        for text in ["0198b3c4-1234-7abc-8def-0123456789a", "0198b3c4_1234_7abc_8def_0123456789ab", "loans"] {
            assert!(address_name("/name", text).is_ok(), "{text}");
        }
    }

    #[test]
    fn words_fit_into_addresses() {
        assert!(word("/name", "loans_2024-a").is_ok());
        for text in ["", "Loans", "a/b", "a b", &"x".repeat(65)] {
            assert!(word("/name", text).is_err(), "{text}");
        }
    }
}

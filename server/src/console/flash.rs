//! What a page says once after a form, carried over the redirect by a cookie.
//!
//! Every form that worked is answered with a redirect, so that reloading the page sends nothing again. What the next
//! page says of it, a new secret above all, goes with the answer as a cookie that only the server reads; the page that
//! shows it removes it. A cookie, because another server of the same database may answer the next request.

use axum::{
    http::{HeaderMap, HeaderValue, header::SET_COOKIE},
    response::Response,
};
use driftsiren_app::console::Outcome;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{console::forms::escaped, cookies};

/// A page that is not opened within this time no longer says it.
const MAX_AGE_SECONDS: u32 = 120;
/// Browsers drop cookies above 4,096 bytes.
const LONGEST: usize = 3_500;
/// Letters of what a form says when it worked.
const LONGEST_WORDS: usize = 200;
/// Fields of an answer that are readable only now.
const SHOWN_ONCE: [&str; 2] = ["secret", "link"];

/// What a page says once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// The path of the page that says it.
    path: String,
    /// What the form says when it worked.
    words: String,
    /// What can be read only now.
    made: Map<String, Value>,
}

impl Flash {
    /// What the page at `path` says of a form that worked; nothing when there is nothing to say.
    pub fn of(path: &str, words: Option<&str>, answer: &Value) -> Option<Self> {
        let made: Map<String, Value> = SHOWN_ONCE
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), answer.get(name).filter(|value| value.is_string())?.clone())))
            .collect();
        let words: String = words.unwrap_or_default().chars().take(LONGEST_WORDS).collect();
        let is_silent = words.is_empty() && made.is_empty();
        (!is_silent).then(|| Self { path: path.to_owned(), words, made })
    }

    /// What a visitor's next page says, if it is the page at `path`.
    pub fn take(headers: &HeaderMap, path: &str, is_over_tls: bool) -> Option<Outcome> {
        let text = cookies::values(headers, name(is_over_tls)).next()?;
        let json = percent_encoding::percent_decode_str(text).decode_utf8().ok()?;
        let flash: Self = serde_json::from_str(&json).ok().filter(|flash: &Self| flash.path == path)?;
        Some(if flash.made.is_empty() { Outcome::Done(flash.words) } else { Outcome::Made(Value::Object(flash.made)) })
    }

    /// The cookie that carries it; nothing when a browser would drop it.
    pub fn cookie(&self, is_over_tls: bool) -> Option<HeaderValue> {
        let value = escaped(&serde_json::to_string(self).ok()?);
        if value.len() > LONGEST {
            return None;
        }
        cookie(&value, MAX_AGE_SECONDS, is_over_tls)
    }
}

/// Removes the cookie: what it said is on this page.
pub fn forget(mut response: Response, is_over_tls: bool) -> Response {
    if let Some(cookie) = cookie("", 0, is_over_tls) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

fn name(is_over_tls: bool) -> &'static str {
    if is_over_tls { "__Host-driftsiren-flash" } else { "driftsiren-flash" }
}

fn cookie(value: &str, seconds: u32, is_over_tls: bool) -> Option<HeaderValue> {
    let (name, secure) = (name(is_over_tls), if is_over_tls { "; Secure" } else { "" });
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;
    use serde_json::json;

    use super::*;

    fn next_request(flash: &Flash, is_over_tls: bool) -> HeaderMap {
        let cookie = flash.cookie(is_over_tls).expect("short enough");
        let pair = cookie.to_str().expect("ASCII").split(';').next().expect("a first part").to_owned();
        HeaderMap::from_iter([(COOKIE, pair.parse().expect("a cookie"))])
    }

    #[test]
    fn the_next_page_says_what_was_done_and_no_other_page_does() {
        let flash = Flash::of("/orgs/a", Some("Größe; \"ok\", saved."), &json!({})).expect("words");
        for is_over_tls in [false, true] {
            let headers = next_request(&flash, is_over_tls);
            let said = Flash::take(&headers, "/orgs/a", is_over_tls);
            assert_eq!(said, Some(Outcome::Done("Größe; \"ok\", saved.".to_owned())));
            assert_eq!(Flash::take(&headers, "/orgs/b", is_over_tls), None);
            assert_eq!(Flash::take(&headers, "/orgs/a", !is_over_tls), None, "a cookie of another kind");
        }
    }

    #[test]
    fn only_what_is_readable_once_goes_with_it() {
        let answer = json!({"secret": "s", "id": "3", "link": null});
        let flash = Flash::of("/k", Some("Saved."), &answer).expect("a secret");
        let said = Flash::take(&next_request(&flash, false), "/k", false);
        assert_eq!(said, Some(Outcome::Made(json!({"secret": "s"}))));
        assert_eq!(Flash::of("/k", None, &json!({"id": "3"})), None);
    }

    #[test]
    fn a_cookie_that_somebody_made_up_says_nothing() {
        for value in ["", "%7B", "x", "%FF", &"9".repeat(9_000)] {
            let headers = HeaderMap::from_iter([(COOKIE, format!("driftsiren-flash={value}").parse().expect("ASCII"))]);
            assert_eq!(Flash::take(&headers, "/k", false), None, "{value}");
        }
    }
}

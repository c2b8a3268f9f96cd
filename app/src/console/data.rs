//! What a page needs of the API, and what it got.

use std::collections::BTreeMap;

use drift::wire::{OrgBody, Problem, Role};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Something that a page needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Want {
    /// The page's word for it.
    pub name: &'static str,
    /// Address of the API, with what stands behind the question mark.
    pub path: String,
    /// Sent with POST when there is one, else it is GET.
    pub body: Option<Value>,
    /// Asked only for those who are at least this in the org: to others it would be refused, and the refusal kept.
    pub least: Option<Role>,
}

/// All that a page needs, in the order in which it is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Needs {
    /// Nobody sees it without logging in.
    pub is_private: bool,
    pub wants: Vec<Want>,
}

/// What became of a form that was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was refused; what had been filled in is kept.
    Refused { problem: Problem, filled: Vec<(String, String)> },
    /// Something was made that is shown only now.
    Made(Value),
}

/// What the API said to each want.
#[derive(Clone, Debug, Default)]
pub struct Answers(BTreeMap<&'static str, Result<Value, Problem>>);

impl Answers {
    /// Keeps an answer.
    pub fn put(&mut self, name: &'static str, answer: Result<Value, Problem>) {
        self.0.insert(name, answer);
    }

    /// Whether a want is to be asked, from what is known of the org by then.
    pub fn is_wanted(&self, want: &Want) -> bool {
        want.least.is_none_or(|least| {
            let org = self.0.get("org").and_then(|org| org.clone().ok());
            org.and_then(|org| serde_json::from_value::<OrgBody>(org).ok()).is_some_and(|org| org.is_at_least(least))
        })
    }
}

/// All that a page is drawn from.
#[derive(Clone, Debug, Default)]
pub struct PageData {
    pub path: String,
    pub query: BTreeMap<String, String>,
    /// RFC 3339, in UTC.
    pub now: String,
    pub answers: Answers,
    pub outcome: Option<Outcome>,
}

impl PageData {
    /// The address of this page, with one list on another of its pages; on the first without a cursor.
    pub fn address_at(&self, list: &str, cursor: Option<&str>) -> String {
        let others = self.query.iter().filter(|(name, _)| *name != list);
        let others = others.map(|(name, value)| format!("{}={}", url_escape(name), url_escape(value)));
        let pairs: Vec<_> = others.chain(cursor.map(|cursor| format!("{list}={}", url_escape(cursor)))).collect();
        if pairs.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, pairs.join("&")) }
    }

    /// Whether a time has passed, to the second.
    pub fn is_past(&self, at: &str) -> bool {
        // Fractions of a second have no fixed length, and would not compare as text.
        at.get(..19) <= self.now.get(..19)
    }
}

/// The answer to a want.
pub(crate) fn fetched<T: DeserializeOwned>(name: &str) -> Result<T, Box<Problem>> {
    let broken = |detail: String| {
        let title = "The page cannot be drawn".to_owned();
        Box::new(Problem { title, detail, ..Problem::default() })
    };
    let data = page_data();
    let answer = data.answers.0.get(name).cloned().ok_or_else(|| broken(format!("nobody asked for `{name}`")))?;
    serde_json::from_value(answer.map_err(Box::new)?).map_err(|error| broken(error.to_string()))
}

/// The page that is being drawn.
pub(crate) fn page_data() -> PageData {
    use_context().unwrap_or_default()
}

/// A text as the value of a parameter.
pub(crate) fn url_escape(text: &str) -> String {
    text.bytes().fold(String::new(), |escaped, byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => escaped + &char::from(byte).to_string(),
        other => escaped + &format!("%{other:02X}"),
    })
}

fn want(name: &'static str, path: impl Into<String>) -> Want {
    Want { name, path: path.into(), body: None, least: None }
}

/// What the page at an address needs; nothing for addresses that have no such page.
pub fn plan(path: &str, query: &BTreeMap<String, String>) -> Option<Needs> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let open = |wants| Some(Needs { is_private: false, wants });
    let private = |mut wants: Vec<Want>| {
        wants.insert(0, want("me", "/me"));
        Some(Needs { is_private: true, wants })
    };
    // Several lists may stand on a page: a parameter of its name says where each begins.
    let list = |name: &'static str, path: String| match query.get(name) {
        Some(cursor) => want(name, format!("{path}?cursor={}", url_escape(cursor))),
        None => want(name, path),
    };
    match parts[..] {
        ["setup" | "login"] => open(Vec::new()),
        ["join"] => {
            let token = query.get("token").cloned().unwrap_or_default();
            let body = Some(json!({ "token": token }));
            open(vec![Want { body, ..want("welcome", "/invites/look") }])
        }
        ["account"] => private(vec![list("sessions", "/me/sessions".to_owned())]),
        ["orgs"] => private(vec![list("orgs", "/orgs".to_owned())]),
        ["orgs", org, ref rest @ ..] => {
            let at = format!("/orgs/{org}");
            let mut wants = match rest {
                [] => vec![list("datasets", format!("{at}/datasets"))],
                ["people"] => {
                    let invites = Want { least: Some(Role::Admin), ..list("invites", format!("{at}/invites")) };
                    vec![list("members", format!("{at}/members")), invites]
                }
                ["keys"] => vec![list("keys", format!("{at}/keys"))],
                ["usage"] => vec![want("usage", format!("{at}/usage"))],
                ["audit"] => vec![list("audit", format!("{at}/audit"))],
                ["datasets", dataset] => {
                    let at = format!("{at}/datasets/{dataset}");
                    vec![
                        want("dataset", at.clone()),
                        list("batches", format!("{at}/batches")),
                        list("references", format!("{at}/references")),
                    ]
                }
                _ => return None,
            };
            wants.insert(0, want("org", at));
            private(wants)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn private_pages_ask_who_is_there_first() {
        let needs = plan("/orgs/acme/keys", &BTreeMap::new()).expect("a page");
        assert!(needs.is_private);
        let paths: Vec<_> = needs.wants.iter().map(|want| want.path.as_str()).collect();
        assert_eq!(paths, ["/me", "/orgs/acme", "/orgs/acme/keys"]);
        for path in ["/", "/docs", "/orgs/acme/nothing", "/orgs/acme/datasets"] {
            assert_eq!(plan(path, &BTreeMap::new()), None, "{path}");
        }
    }

    #[test]
    fn each_list_of_a_page_has_a_cursor_of_its_own() {
        let query = query(&[("members", "a_b"), ("invites", "x&limit=1")]);
        let wants = plan("/orgs/a/people", &query).expect("a page").wants;
        let paths: Vec<_> = wants.iter().map(|want| want.path.as_str()).collect();
        // What is no cursor is the API's to refuse; it cannot become another parameter.
        assert_eq!(paths[2..], ["/orgs/a/members?cursor=a_b", "/orgs/a/invites?cursor=x%26limit%3D1"]);
        let page = PageData { path: "/orgs/a/people".to_owned(), query, ..PageData::default() };
        assert_eq!(page.address_at("members", Some("c")), "/orgs/a/people?invites=x%26limit%3D1&members=c");
        assert_eq!(page.address_at("invites", None), "/orgs/a/people?members=a_b");
    }

    #[test]
    fn what_a_role_may_not_see_is_not_asked_for() {
        let invites = plan("/orgs/a/people", &BTreeMap::new()).expect("a page").wants.pop().expect("a want");
        let mut answers = Answers::default();
        assert!(!answers.is_wanted(&invites), "nothing is known of the org");
        for (role, expected) in [("member", false), ("admin", true), ("owner", true)] {
            let org = json!({"id": "", "slug": "a", "name": "A", "role": role, "created_at": "", "version": 1});
            answers.put("org", Ok(org));
            assert_eq!(answers.is_wanted(&invites), expected, "{role}");
        }
    }

    #[test]
    fn times_pass() {
        let page = PageData { now: "2026-01-31T08:00:00.5Z".to_owned(), ..PageData::default() };
        assert!(page.is_past("2026-01-31T08:00:00Z") && page.is_past("2025-12-31T23:59:59.123456Z"));
        assert!(!page.is_past("2026-01-31T08:00:01Z"));
    }

    #[test]
    fn addresses_travel_as_parameters() {
        assert_eq!(url_escape("/join?token=a b"), "/join%3Ftoken%3Da%20b");
    }
}

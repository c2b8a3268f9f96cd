//! What a page needs of the API, and what it got.

use std::collections::BTreeMap;

use drift::wire::Problem;
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
}

/// All that a page needs.
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
    Refused { problem: Problem, filled: BTreeMap<String, String> },
    /// Something was made that is shown only now.
    Made(Value),
}

/// All that a page is drawn from.
#[derive(Clone, Debug, Default)]
pub struct PageData {
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub answers: BTreeMap<&'static str, Result<Value, Problem>>,
    pub outcome: Option<Outcome>,
}

/// The answer to a want.
pub(crate) fn fetched<T: DeserializeOwned>(name: &str) -> Result<T, Box<Problem>> {
    let broken = |detail: String| {
        let title = "The page cannot be drawn".to_owned();
        Box::new(Problem { title, detail, ..Problem::default() })
    };
    let data = page_data();
    let answer = data.answers.get(name).cloned().ok_or_else(|| broken(format!("nobody asked for `{name}`")))?;
    serde_json::from_value(answer.map_err(Box::new)?).map_err(|error| broken(error.to_string()))
}

/// The page that is being drawn.
pub(crate) fn page_data() -> PageData {
    use_context().unwrap_or_default()
}

fn want(name: &'static str, path: impl Into<String>) -> Want {
    Want { name, path: path.into(), body: None }
}

/// What the page at an address needs; nothing for addresses that have no such page.
pub fn plan(path: &str, query: &BTreeMap<String, String>) -> Option<Needs> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let open = |wants| Some(Needs { is_private: false, wants });
    let private = |mut wants: Vec<Want>| {
        wants.insert(0, want("me", "/me"));
        Some(Needs { is_private: true, wants })
    };
    let after = |path: String| match query.get("cursor") {
        Some(cursor) if cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => {
            format!("{path}?cursor={cursor}")
        }
        _ => path,
    };
    match parts[..] {
        ["setup" | "login"] => open(Vec::new()),
        ["join"] => {
            let token = query.get("token").cloned().unwrap_or_default();
            let body = Some(json!({ "token": token }));
            open(vec![Want { name: "welcome", path: "/invites/look".to_owned(), body }])
        }
        ["account"] => private(vec![want("sessions", "/me/sessions")]),
        ["orgs"] => private(Vec::new()),
        ["orgs", org] => {
            private(vec![want("org", format!("/orgs/{org}")), want("datasets", format!("/orgs/{org}/datasets"))])
        }
        ["orgs", org, "people"] => private(vec![
            want("org", format!("/orgs/{org}")),
            want("members", format!("/orgs/{org}/members")),
            want("invites", format!("/orgs/{org}/invites")),
        ]),
        ["orgs", org, "keys"] => {
            private(vec![want("org", format!("/orgs/{org}")), want("keys", format!("/orgs/{org}/keys"))])
        }
        ["orgs", org, "audit"] => {
            private(vec![want("org", format!("/orgs/{org}")), want("audit", after(format!("/orgs/{org}/audit")))])
        }
        ["orgs", org, "datasets", dataset] => {
            let at = format!("/orgs/{org}/datasets/{dataset}");
            private(vec![
                want("org", format!("/orgs/{org}")),
                want("batches", after(format!("{at}/batches"))),
                want("references", format!("{at}/references")),
                want("dataset", at),
            ])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_pages_ask_who_is_there_first() {
        let needs = plan("/orgs/acme/keys", &BTreeMap::new()).expect("a page");
        assert!(needs.is_private);
        let paths: Vec<_> = needs.wants.iter().map(|want| want.path.as_str()).collect();
        assert_eq!(paths, ["/me", "/orgs/acme", "/orgs/acme/keys"]);
        assert_eq!(plan("/", &BTreeMap::new()), None);
        assert_eq!(plan("/docs", &BTreeMap::new()), None);
    }

    #[test]
    fn a_cursor_is_passed_on_only_if_it_can_be_one() {
        let with = |cursor: &str| {
            let query = BTreeMap::from([("cursor".to_owned(), cursor.to_owned())]);
            plan("/orgs/a/audit", &query).expect("a page").wants.last().expect("a want").path.clone()
        };
        assert_eq!(with("0198-ab"), "/orgs/a/audit?cursor=0198-ab");
        assert_eq!(with("x&limit=1"), "/orgs/a/audit");
    }
}

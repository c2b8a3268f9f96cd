//! What a page is drawn from: its address, and the answers of the API.

use std::collections::BTreeMap;

use drift::wire::{OrgBody, Problem};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::console::{
    escape::parameter,
    want::{ORG, Request, Want},
};

/// What became of a form that was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was refused; what had been filled in is kept.
    Refused { problem: Problem, filled: Vec<(String, String)> },
    /// It was done; these words say so.
    Done(String),
    /// Something was made that is shown only now.
    Made(Value),
}

/// What the API said to each request.
#[derive(Clone, Debug, Default)]
pub struct Answers(BTreeMap<&'static str, Result<Value, Problem>>);

impl Answers {
    /// Keeps an answer.
    pub fn put(&mut self, request: Request, answer: Result<Value, Problem>) {
        self.0.insert(request.name, answer);
    }

    /// Whether a request is to be made, from what is known of the org by then.
    pub fn is_wanted(&self, request: Request) -> bool {
        request.least.is_none_or(|least| self.get(&ORG).is_ok_and(|org: OrgBody| org.is_at_least(least)))
    }

    /// The answer to a request.
    fn get<T: DeserializeOwned>(&self, want: &Want<T>) -> Result<T, Box<Problem>> {
        let broken = |detail: String| {
            let title = "The page cannot be drawn".to_owned();
            Box::new(Problem { title, detail, ..Problem::default() })
        };
        let name = want.request().name;
        let answer = self.0.get(name).cloned().ok_or_else(|| broken(format!("the page does not ask for `{name}`")))?;
        serde_json::from_value(answer.map_err(Box::new)?).map_err(|error| broken(error.to_string()))
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
        let others = others.map(|(name, value)| format!("{}={}", parameter(name), parameter(value)));
        let pairs: Vec<_> = others.chain(cursor.map(|cursor| format!("{list}={}", parameter(cursor)))).collect();
        if pairs.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, pairs.join("&")) }
    }

    /// Whether a time has passed, to the second.
    pub fn is_past(&self, at: &str) -> bool {
        // Fractions of a second have no fixed length, and would not compare as text.
        at.get(..19) <= self.now.get(..19)
    }
}

/// The answer to a request of the page that is being drawn.
pub(crate) fn fetched<T: DeserializeOwned>(want: Want<T>) -> Result<T, Box<Problem>> {
    page_data().answers.get(&want)
}

/// The page that is being drawn.
pub(crate) fn page_data() -> PageData {
    use_context().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::console::want::{INVITES, MEMBERS};

    #[test]
    fn a_list_goes_on_and_the_others_of_its_page_stay() {
        let query = [("members", "a_b"), ("invites", "x&limit=1")];
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let page = PageData { path: "/orgs/a/people".to_owned(), query, ..PageData::default() };
        assert_eq!(page.address_at("members", Some("c")), "/orgs/a/people?invites=x%26limit%3D1&members=c");
        assert_eq!(page.address_at("invites", None), "/orgs/a/people?members=a_b");
    }

    #[test]
    fn what_a_role_may_not_see_is_not_asked_for() {
        let mut answers = Answers::default();
        assert!(!answers.is_wanted(INVITES.request()), "nothing is known of the org");
        for (role, expected) in [("member", false), ("admin", true), ("owner", true)] {
            let org = json!({"id": "", "slug": "a", "name": "A", "role": role, "created_at": "", "version": 1});
            answers.put(ORG.request(), Ok(org));
            assert_eq!(answers.is_wanted(INVITES.request()), expected, "{role}");
            assert!(answers.is_wanted(MEMBERS.request()));
        }
    }

    #[test]
    fn an_answer_that_is_missing_or_of_another_form_is_a_problem_and_not_nothing() {
        let mut answers = Answers::default();
        assert!(answers.get(&ORG).is_err_and(|problem| problem.detail.contains("`org`")));
        answers.put(ORG.request(), Ok(json!({"id": 3})));
        assert!(answers.get(&ORG).is_err());
    }

    #[test]
    fn times_pass() {
        let page = PageData { now: "2026-01-31T08:00:00.5Z".to_owned(), ..PageData::default() };
        assert!(page.is_past("2026-01-31T08:00:00Z") && page.is_past("2025-12-31T23:59:59.123456Z"));
        assert!(!page.is_past("2026-01-31T08:00:01Z"));
    }
}

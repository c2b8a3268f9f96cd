//! Every address of the console: its path, what its page asks of the API, and who may open it.
//!
//! The server's routes, the pages' router and the links between pages read this table.

use std::collections::BTreeMap;

use drift::wire::Role;

use crate::console::{
    escape::segment,
    want::{
        AUDIT, BATCHES, Call, DATASET, DATASETS, INVITES, KEYS, ME, MEMBERS, ORG, ORGS, REFERENCES, Request, SESSIONS,
        USAGE, WELCOME, filled,
    },
};

/// An address of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    Setup,
    Login,
    Join,
    Account,
    Orgs,
    Datasets,
    Dataset,
    People,
    Keys,
    Usage,
    Audit,
}

/// What is known of an address.
struct Entry {
    /// Its path; `{…}` stand for one segment each.
    pattern: &'static str,
    /// What its page asks for, in this order; its own subject first, because it decides the status.
    requests: &'static [Request],
}

/// All that a page needs, in the order in which it is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Needs {
    /// Which page.
    pub address: Address,
    /// What it asks the API for.
    pub calls: Vec<Call>,
}

impl Address {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Setup,
        Self::Login,
        Self::Join,
        Self::Account,
        Self::Orgs,
        Self::Datasets,
        Self::Dataset,
        Self::People,
        Self::Keys,
        Self::Usage,
        Self::Audit,
    ];

    fn entry(self) -> Entry {
        let (pattern, requests): (_, &'static [Request]) = match self {
            Self::Setup => ("/setup", &[]),
            Self::Login => ("/login", &[]),
            Self::Join => ("/join", const { &[WELCOME.request()] }),
            Self::Account => ("/account", const { &[ME.request(), SESSIONS.request()] }),
            Self::Orgs => ("/orgs", const { &[ME.request(), ORGS.request()] }),
            Self::Datasets => ("/orgs/{org}", const { &[ME.request(), ORG.request(), DATASETS.request()] }),
            Self::Dataset => (
                "/orgs/{org}/datasets/{dataset}",
                const { &[ME.request(), ORG.request(), DATASET.request(), BATCHES.request(), REFERENCES.request()] },
            ),
            Self::People => {
                ("/orgs/{org}/people", const { &[ME.request(), ORG.request(), MEMBERS.request(), INVITES.request()] })
            }
            Self::Keys => ("/orgs/{org}/keys", const { &[ME.request(), ORG.request(), KEYS.request()] }),
            Self::Usage => ("/orgs/{org}/usage", const { &[ME.request(), ORG.request(), USAGE.request()] }),
            Self::Audit => ("/orgs/{org}/audit", const { &[ME.request(), ORG.request(), AUDIT.request()] }),
        };
        Entry { pattern, requests }
    }

    /// Its path, with `{org}` and the like for what differs.
    pub fn pattern(self) -> &'static str {
        self.entry().pattern
    }

    /// Whether nobody sees it without logging in.
    pub fn is_private(self) -> bool {
        self.entry().requests.first() == Some(&ME.request())
    }

    /// Whether its forms send files.
    pub fn takes_files(self) -> bool {
        self == Self::Dataset
    }

    /// The least role in the org that sees it; absent where every member does, or where there is no org.
    pub fn least(self) -> Option<Role> {
        matches!(self, Self::Keys | Self::Audit).then_some(Role::Admin)
    }

    /// The address of a path, with the segments that its pattern leaves open.
    pub fn of(path: &str) -> Option<(Self, Vec<&str>)> {
        let parts: Vec<&str> = path.split('/').collect();
        Self::ALL.into_iter().find_map(|address| {
            let pattern: Vec<&str> = address.pattern().split('/').collect();
            let pairs = || pattern.iter().zip(&parts);
            let is_open = |segment: &str| segment.starts_with('{');
            let fits = |(segment, part): (&&str, &&str)| {
                if is_open(segment) { !part.is_empty() } else { segment == part }
            };
            let is_it = pattern.len() == parts.len() && pairs().all(fits);
            is_it.then(|| (address, pairs().filter(|(segment, _)| is_open(segment)).map(|(_, part)| *part).collect()))
        })
    }

    /// Its path for an org, and a dataset where there is one.
    pub fn href(self, names: &[&str]) -> String {
        let names: Vec<String> = names.iter().map(|name| segment(name)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        filled(self.pattern(), &names)
    }

    /// What the page at a path asks for; nothing for paths without a page.
    pub fn needs(path: &str, query: &BTreeMap<String, String>) -> Option<Needs> {
        let (address, parts) = Self::of(path)?;
        let calls = address.entry().requests.iter().map(|request| request.call(&parts, query)).collect();
        Some(Needs { address, calls })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn query(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn paths(path: &str, query: &BTreeMap<String, String>) -> Vec<String> {
        Address::needs(path, query).expect("a page").calls.into_iter().map(|call| call.path).collect()
    }

    #[test]
    fn private_pages_ask_who_is_there_first() {
        assert_eq!(paths("/orgs/acme/keys", &BTreeMap::new()), ["/me", "/orgs/acme", "/orgs/acme/keys"]);
        for address in Address::ALL {
            let is_open = matches!(address, Address::Setup | Address::Login | Address::Join);
            assert_eq!(address.is_private(), !is_open, "{address:?}");
        }
    }

    #[rstest]
    #[case("/")]
    #[case("/docs")]
    #[case("/orgs/")]
    #[case("/orgs/acme/nothing")]
    #[case("/orgs/acme/datasets")]
    #[case("/orgs/acme/datasets/")]
    #[case("/orgs/acme/datasets/a/b")]
    fn other_paths_have_no_page(#[case] path: &str) {
        assert_eq!(Address::needs(path, &BTreeMap::new()), None);
    }

    #[test]
    fn every_address_is_found_at_the_path_that_it_writes() {
        for address in Address::ALL {
            let path = address.href(&["a/b", "loans"]);
            let (found, parts) = Address::of(&path).expect("its own path");
            assert_eq!(found, address);
            assert_eq!(parts, ["a%2Fb", "loans"][..parts.len()], "{path}");
            assert_eq!(filled(address.pattern(), &parts), path);
        }
    }

    #[test]
    fn each_list_of_a_page_has_a_cursor_of_its_own() {
        let query = query(&[("members", "a_b"), ("invites", "x&limit=1")]);
        // What is not a cursor is the API's to refuse; it cannot become another parameter.
        let expected = ["/orgs/a/members?cursor=a_b", "/orgs/a/invites?cursor=x%26limit%3D1"];
        assert_eq!(paths("/orgs/a/people", &query)[2..], expected);
    }

    #[test]
    fn an_invite_is_looked_up_by_the_secret_of_its_link() {
        let needs = Address::needs("/join", &query(&[("token", "s")])).expect("a page");
        assert_eq!(
            (needs.calls[0].path.as_str(), &needs.calls[0].body),
            ("/invites/look", &Some(json!({"token": "s"})))
        );
    }

    #[test]
    fn no_two_requests_of_a_page_have_one_name() {
        for address in Address::ALL {
            let mut names: Vec<_> = address.entry().requests.iter().map(|request| request.name).collect();
            let n = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), n, "{address:?}");
        }
    }
}

//! Every request that a page makes of the API, with the type of its answer.

use std::{collections::BTreeMap, marker::PhantomData};

use drift::wire::{
    AuditBody, DatasetBody, InviteBody, KeyBody, Me, MemberBody, OrgBody, Page, Receipt, ReferenceBody, Role,
    SessionBody, UsageBody, WelcomeBody,
};
use serde_json::{Value, json};

use crate::console::escape::parameter;

/// A request of the API whose answer is a `T`.
pub struct Want<T> {
    request: Request,
    answer: PhantomData<fn() -> T>,
}

/// What is asked for, without the type of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its word in the answers; of a list also the parameter that says where it begins.
    pub name: &'static str,
    /// Address of the API below its base; `{…}` are filled in order from the address of the page.
    path: &'static str,
    kind: Kind,
    /// Asked only for those who are at least this in the org: to others it would be refused, and the refusal kept.
    pub least: Option<Role>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One thing.
    One,
    /// A list, a page of it at a time.
    List,
    /// Looked up by a secret of the page's address, which is sent in the body.
    LookUp { parameter: &'static str },
}

/// A request for one address.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Which request it is.
    pub request: Request,
    /// Address of the API below its base, with its parameters.
    pub path: String,
    /// Sent with POST when there is one, else it is GET.
    pub body: Option<Value>,
}

impl<T> Want<T> {
    const fn new(name: &'static str, path: &'static str, kind: Kind) -> Self {
        Self { request: Request { name, path, kind, least: None }, answer: PhantomData }
    }

    const fn one(name: &'static str, path: &'static str) -> Self {
        Self::new(name, path, Kind::One)
    }

    const fn for_at_least(self, role: Role) -> Self {
        Self { request: Request { least: Some(role), ..self.request }, answer: PhantomData }
    }

    /// What is asked for.
    pub const fn request(&self) -> Request {
        self.request
    }
}

impl<T> Want<Page<T>> {
    const fn list(name: &'static str, path: &'static str) -> Self {
        Self::new(name, path, Kind::List)
    }
}

impl Request {
    /// The request of a page with these parts of its address and these parameters.
    pub fn call(self, parts: &[&str], query: &BTreeMap<String, String>) -> Call {
        let path = filled(self.path, parts);
        let (path, body) = match self.kind {
            Kind::One => (path, None),
            Kind::List => match query.get(self.name) {
                Some(cursor) => (format!("{path}?cursor={}", parameter(cursor)), None),
                None => (path, None),
            },
            Kind::LookUp { parameter } => {
                (path, Some(json!({ parameter: query.get(parameter).cloned().unwrap_or_default() })))
            }
        };
        Call { request: self, path, body }
    }
}

/// A pattern with its `{…}` filled in order.
pub fn filled(pattern: &str, parts: &[&str]) -> String {
    let mut parts = parts.iter();
    let segments = pattern.split('/').map(|segment| match segment.starts_with('{') {
        true => parts.next().copied().unwrap_or_default(),
        false => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The visitor.
pub const ME: Want<Me> = Want::one("me", "/me");
/// Where the visitor is logged in.
pub const SESSIONS: Want<Page<SessionBody>> = Want::list("sessions", "/me/sessions");
/// The orgs the visitor belongs to.
pub const ORGS: Want<Page<OrgBody>> = Want::list("orgs", "/orgs");
/// What an invite is for.
pub const WELCOME: Want<WelcomeBody> = Want::new("welcome", "/invites/look", Kind::LookUp { parameter: "token" });
/// The org of the page.
pub const ORG: Want<OrgBody> = Want::one("org", "/orgs/{org}");
/// Its datasets.
pub const DATASETS: Want<Page<DatasetBody>> = Want::list("datasets", "/orgs/{org}/datasets");
/// Its members.
pub const MEMBERS: Want<Page<MemberBody>> = Want::list("members", "/orgs/{org}/members");
/// Its open invites.
pub const INVITES: Want<Page<InviteBody>> = Want::list("invites", "/orgs/{org}/invites").for_at_least(Role::Admin);
/// Its keys.
pub const KEYS: Want<Page<KeyBody>> = Want::list("keys", "/orgs/{org}/keys");
/// What it stores.
pub const USAGE: Want<UsageBody> = Want::one("usage", "/orgs/{org}/usage");
/// Its audit log.
pub const AUDIT: Want<Page<AuditBody>> = Want::list("audit", "/orgs/{org}/audit");
/// The dataset of the page.
pub const DATASET: Want<DatasetBody> = Want::one("dataset", "/orgs/{org}/datasets/{dataset}");
/// Its batches.
pub const BATCHES: Want<Page<Receipt>> = Want::list("batches", "/orgs/{org}/datasets/{dataset}/batches");
/// Its references.
pub const REFERENCES: Want<Page<ReferenceBody>> = Want::list("references", "/orgs/{org}/datasets/{dataset}/references");

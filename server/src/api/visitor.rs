//! Who asks: a person with a session, or a program with a key.

use std::fmt;

use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::{HeaderMap, Method, header::AUTHORIZATION, request::Parts},
};

use crate::{
    access::{
        api_key::ApiKey,
        role::{Permission, Role},
        secret::SecretHash,
    },
    cookies, limits,
    problem::{ApiError, ApiResult, kinds},
    state::AppState,
    store::{
        OrgScope, StoreError,
        accounts::Account,
        audit::{self, Deed, Outcome},
        keys::{self, KeyRecord},
        orgs::{self, Org},
        sessions::{self, Session},
    },
};

/// Somebody who proved who it is.
#[derive(Clone)]
pub enum Who {
    Person { account: Account, session: Session },
    Program(KeyRecord),
}

/// Who asks, and what for.
pub struct Visitor {
    pub who: Who,
    /// Method and route, such as `GET /orgs/{org}/keys`: what the audit log says of a refusal.
    asked: Asked,
}

/// A person, whatever else may be allowed to keys.
pub struct Person {
    pub account: Account,
    pub session: Session,
}

/// The name of the session's cookie. Browsers bind the first form to this host and to TLS.
pub fn cookie_name(is_over_tls: bool) -> &'static str {
    if is_over_tls { "__Host-driftsiren" } else { "driftsiren" }
}

/// Cookies of the session's name that are tried: more are none of ours.
const MOST_TOKENS: usize = 4;

/// The session that a request shows, if one of its cookies is one that lives.
pub async fn session(state: &AppState, headers: &HeaderMap) -> ApiResult<Option<(Session, Account)>> {
    let name = cookie_name(state.config.is_public_over_tls());
    for token in cookies::values(headers, name).take(MOST_TOKENS) {
        let found = sessions::resume(&state.store, SecretHash::of(token), state.now()).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn unauthenticated(detail: &str) -> ApiError {
    ApiError::new(kinds::UNAUTHENTICATED, detail)
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        // Found out on the way here, and counted there.
        if let Some(who) = parts.extensions.remove::<Who>() {
            return Ok(Self { who, asked: Asked::of(parts) });
        }
        let who = match parts.headers.get(AUTHORIZATION) {
            Some(value) => program(value.to_str().unwrap_or_default(), state).await?,
            None => Box::pin(person(&parts.headers, state)).await?,
        };
        // Keys are held to the rate of batches where they send them.
        if matches!(who, Who::Person { .. }) {
            who.throttle(state)?;
        }
        Ok(Self { who, asked: Asked::of(parts) })
    }
}

/// Method and route of a request, without what one address has and another has not.
#[derive(Clone)]
struct Asked {
    method: Method,
    route: Option<MatchedPath>,
}

impl Asked {
    fn of(parts: &Parts) -> Self {
        Self { method: parts.method.clone(), route: parts.extensions.get().cloned() }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let route = self.route.as_ref().map_or("", MatchedPath::as_str);
        write!(f, "{} {}", self.method, route.trim_start_matches(super::BASE))
    }
}

// Questions to the database are in boxes of their own: what asks them is part of every request, and most ask none.

async fn program(authorization: &str, state: &AppState) -> ApiResult<Who> {
    let refused = || unauthenticated("the key is not known, was revoked or has expired");
    let token = authorization.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = token else {
        return Err(unauthenticated("send the key as `Authorization: Bearer ds_…`"));
    };
    let key = ApiKey::parse(token.trim()).map_err(|error| unauthenticated(&error.to_string()))?;
    let now = state.now();
    let (record, hash) = match state.keys.get(key.id(), now) {
        Some(known) => known,
        None => {
            let found = Box::pin(keys::find(&state.store, key.id())).await?.ok_or_else(refused)?;
            state.keys.put(key.id().to_owned(), found.clone(), now);
            found
        }
    };
    if hash != key.hash() {
        return Err(refused());
    }
    if !record.is_alive(now) {
        Box::pin(note_dead_key(state, &record)).await;
        return Err(refused());
    }
    let is_worth_noting = record.last_used_at.is_none_or(|at| now.duration_since(at).as_secs() >= 60);
    if is_worth_noting {
        // A full disk stops writing, not reading.
        let org = state.store.org(record.org_id);
        if let Err(error) = Box::pin(keys::note_use(&org, record.id, now)).await {
            tracing::warn!(%error, "the use of a key could not be noted");
        }
        state.keys.forget(key.id());
    }
    Ok(Who::Program(record))
}

/// Writes that somebody has the secret of a key that lets nobody in any more; once a minute, for programs go on trying.
async fn note_dead_key(state: &AppState, key: &KeyRecord) {
    let is_first = state.dead_keys.lock().expect("no code panics with this lock").take(key.id.uuid(), state.now());
    if is_first.is_err() {
        return;
    }
    let why = if key.revoked_at.is_some() { "revoked" } else { "expired" };
    let deed = Deed {
        at: state.now(),
        actor: format!("key:{}", key.id),
        actor_name: key.name.clone(),
        action: "key.use".to_owned(),
        target: why.to_owned(),
        outcome: Outcome::Refused,
    };
    note_refusal(&state.store.org(key.org_id), deed).await;
}

/// A refusal stays one when the log cannot be written.
async fn note_refusal(scope: &OrgScope, deed: Deed) {
    if let Err(error) = audit::record(scope, deed).await {
        tracing::warn!(%error, "a refusal could not be written to the audit log");
    }
}

async fn person(headers: &HeaderMap, state: &AppState) -> ApiResult<Who> {
    let nobody = || unauthenticated("log in, or send a key as `Authorization: Bearer ds_…`");
    let (session, account) = session(state, headers).await?.ok_or_else(nobody)?;
    Ok(Who::Person { account, session })
}

impl FromRequestParts<AppState> for Person {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        match Visitor::from_request_parts(parts, state).await?.who {
            Who::Person { account, session } => Ok(Self { account, session }),
            Who::Program(_) => Err(ApiError::new(kinds::FORBIDDEN, "a key cannot do this; log in")),
        }
    }
}

/// An org, and what the visitor is there.
pub struct OrgAccess {
    pub visitor: Who,
    asked: Asked,
    pub org: Org,
    /// Nothing for a key.
    pub role: Option<Role>,
    pub scope: OrgScope,
}

impl Who {
    /// The account or API key.
    pub fn id(&self) -> uuid::Uuid {
        match self {
            Self::Person { account, .. } => account.id.uuid(),
            Self::Program(key) => key.id.uuid(),
        }
    }

    fn throttle(&self, state: &AppState) -> ApiResult<()> {
        let mut requests = state.requests.lock().expect("no code panics with this lock");
        let taken = requests.take(self.id(), state.now());
        taken.map_err(|wait| {
            let limit = state.config.api_rate.burst;
            let detail = format!("more than {limit} requests in a minute");
            ApiError::new(kinds::RATE_LIMITED, detail).passing(u64::from(limit), None).after(wait)
        })
    }

    /// Refuses a program that asks again and again for what was answered; people are counted when they are found out.
    pub fn throttle_repeat(&self, state: &AppState) -> ApiResult<()> {
        match self {
            Self::Person { .. } => Ok(()),
            Self::Program(_) => self.throttle(state),
        }
    }

    /// Refuses a sender that brings batches faster than it may.
    pub fn throttle_ingest(&self, state: &AppState) -> ApiResult<()> {
        let mut ingests = state.ingests.lock().expect("no code panics with this lock");
        ingests.take(self.id(), state.now()).map_err(|wait| {
            let detail = "batches come faster than this key may send them; put more rows into each";
            ApiError::new(kinds::RATE_LIMITED, detail).passing(u64::from(limits::INGEST_PER_MINUTE), None).after(wait)
        })
    }

    /// As the audit log names it.
    fn actor(&self) -> (String, &str) {
        match self {
            Self::Person { account, .. } => (format!("account:{}", account.id), &account.name),
            Self::Program(key) => (format!("key:{}", key.id), &key.name),
        }
    }
}

impl Visitor {
    /// The org of a slug or id, if the visitor may do this there. An org it does not belong to is not there at all.
    pub async fn enter(self, state: &AppState, org: &str, permission: Permission) -> ApiResult<OrgAccess> {
        let Self { who, asked } = self;
        if permission != Permission::Ingest && matches!(who, Who::Program(_)) {
            who.throttle(state)?;
        }
        let (org, role) = match &who {
            Who::Person { account, .. } => {
                let found = Box::pin(orgs::membership(&state.store, account.id, org)).await?;
                found.map(|(org, role)| (org, Some(role))).ok_or_else(ApiError::not_found)?
            }
            Who::Program(key) => {
                let own = own_org(state, key).await?;
                let is_own = own.slug == org || org.parse() == Ok(own.id);
                if is_own { (own, None) } else { return Err(ApiError::not_found()) }
            }
        };
        let is_allowed = match (&who, role) {
            (_, Some(role)) => permission.is_of_role(role),
            (Who::Program(key), None) => permission.is_of_key(&key.scopes),
            (Who::Person { .. }, None) => false,
        };
        let access = OrgAccess { scope: state.store.org(org.id), visitor: who, asked, org, role };
        if is_allowed {
            return Ok(access);
        }
        let detail = match (&access.visitor, access.role) {
            (Who::Program(key), _) => permission.missing_scope(&key.scopes),
            (Who::Person { .. }, role) => permission.missing_role(role),
        };
        Err(Box::pin(access.refuse(state, ApiError::new(kinds::FORBIDDEN, detail))).await)
    }
}

/// The org of a key, perhaps as it was named half a second ago.
async fn own_org(state: &AppState, key: &KeyRecord) -> ApiResult<Org> {
    if let Some(known) = state.orgs.get(&key.org_id, state.now()) {
        return Ok(known);
    }
    let scope = state.store.org(key.org_id);
    let org = Box::pin(orgs::get(&scope)).await?;
    state.orgs.put(key.org_id, org.clone(), state.now());
    Ok(org)
}

impl OrgAccess {
    /// What the visitor does here, for the audit log: it is written with the change itself.
    pub fn deed(&self, state: &AppState, action: &str, target: impl Into<String>) -> Deed {
        self.line(state, action, target.into(), Outcome::Done)
    }

    /// Writes that the visitor was not allowed what it asked for, and gives the refusal.
    pub async fn refuse(&self, state: &AppState, refusal: ApiError) -> ApiError {
        note_refusal(&self.scope, self.line(state, "access", self.asked.to_string(), Outcome::Refused)).await;
        refusal
    }

    /// What the store answered, with a line in the audit log if a rule of the org stood in the way.
    pub async fn heed<T>(&self, state: &AppState, answer: Result<T, StoreError>) -> ApiResult<T> {
        match answer {
            Err(error @ StoreError::LastOwner) => Err(self.refuse(state, error.into()).await),
            other => Ok(other?),
        }
    }

    fn line(&self, state: &AppState, action: &str, target: String, outcome: Outcome) -> Deed {
        let (actor, actor_name) = self.visitor.actor();
        let (actor_name, action) = (actor_name.to_owned(), action.to_owned());
        Deed { at: state.now(), actor, actor_name, action, target, outcome }
    }
}

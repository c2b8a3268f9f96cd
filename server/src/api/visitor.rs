//! Who asks: a person with a session, or a program with a key.

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap,
        header::{AUTHORIZATION, COOKIE},
        request::Parts,
    },
};

use super::problem::{ApiError, ApiResult};
use crate::{
    access::{
        api_key::ApiKey,
        role::{Permission, Role},
        secret::SecretHash,
    },
    limits,
    state::AppState,
    store::{
        OrgScope,
        accounts::Account,
        audit::{self, Deed, Outcome},
        keys::{self, KeyRecord},
        orgs::{self, Org},
        sessions::{self, Session},
    },
};

/// Somebody who proved who it is.
#[derive(Clone)]
pub enum Visitor {
    Person { account: Account, session: Session },
    Program(KeyRecord),
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

/// The session's secret, if the request has one.
pub fn session_token(headers: &HeaderMap, is_over_tls: bool) -> Option<&str> {
    let name = cookie_name(is_over_tls);
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

fn unauthenticated(detail: &str) -> ApiError {
    ApiError::new(limits::UNAUTHENTICATED, detail)
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let visitor = match parts.headers.get(AUTHORIZATION) {
            Some(value) => program(value.to_str().unwrap_or_default(), state).await?,
            None => person(&parts.headers, state).await?,
        };
        visitor.throttle(state)?;
        Ok(visitor)
    }
}

async fn program(authorization: &str, state: &AppState) -> ApiResult<Visitor> {
    let refused = || unauthenticated("the key is not known, was revoked or has expired");
    let token = authorization.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = token else {
        return Err(unauthenticated("send the key as `Authorization: Bearer ds_…`"));
    };
    let key = ApiKey::parse(token.trim()).map_err(|error| unauthenticated(&error.to_string()))?;
    let now = state.now();
    let (record, hash) = match state.keys.get(&key.id().to_owned(), now) {
        Some(known) => known,
        None => {
            let found = keys::find(&state.store, key.id()).await?.ok_or_else(refused)?;
            state.keys.put(key.id().to_owned(), found.clone(), now);
            found
        }
    };
    if hash != key.hash() || !record.is_alive(state.now()) {
        return Err(refused());
    }
    let is_worth_noting = record.last_used_at.is_none_or(|at| state.now().duration_since(at).as_secs() >= 60);
    if is_worth_noting {
        keys::note_use(&state.store.org(record.org_id), record.id, now).await?;
        state.keys.forget(&key.id().to_owned());
    }
    Ok(Visitor::Program(record))
}

async fn person(headers: &HeaderMap, state: &AppState) -> ApiResult<Visitor> {
    let nobody = || unauthenticated("log in, or send a key as `Authorization: Bearer ds_…`");
    let token = session_token(headers, state.config.is_public_over_tls()).ok_or_else(nobody)?;
    let found = sessions::resume(&state.store, SecretHash::of(token), state.now()).await?;
    let (session, account) = found.ok_or_else(nobody)?;
    Ok(Visitor::Person { account, session })
}

impl FromRequestParts<AppState> for Person {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        match Visitor::from_request_parts(parts, state).await? {
            Visitor::Person { account, session } => Ok(Self { account, session }),
            Visitor::Program(_) => Err(ApiError::new(limits::FORBIDDEN, "a key cannot do this; log in")),
        }
    }
}

/// An org, and what the visitor is there.
pub struct OrgAccess {
    pub visitor: Visitor,
    pub org: Org,
    /// Nothing for a key.
    pub role: Option<Role>,
    pub scope: OrgScope,
}

impl Visitor {
    fn id(&self) -> uuid::Uuid {
        match self {
            Self::Person { account, .. } => account.id.uuid(),
            Self::Program(key) => key.id.uuid(),
        }
    }

    fn throttle(&self, state: &AppState) -> ApiResult<()> {
        // Keys are held to the rate of batches where they send them.
        let Self::Person { account, .. } = self else { return Ok(()) };
        let mut requests = state.requests.lock().expect("no code panics with this lock");
        let taken = requests.take(account.id.uuid(), state.now());
        taken.map_err(|wait| {
            let limit = state.config.api_rate.burst;
            let detail = format!("more than {limit} requests in a minute");
            ApiError::new(limits::RATE_LIMITED, detail).passing(u64::from(limit), None).after(wait)
        })
    }

    /// Refuses a sender that brings batches faster than it may.
    pub fn throttle_ingest(&self, state: &AppState) -> ApiResult<()> {
        let mut ingests = state.ingests.lock().expect("no code panics with this lock");
        ingests.take(self.id(), state.now()).map_err(|wait| {
            let detail = "batches come faster than this key may send them; put more rows into each";
            ApiError::new(limits::RATE_LIMITED, detail).passing(u64::from(limits::INGEST_PER_MINUTE), None).after(wait)
        })
    }

    /// The org of a slug or id, if the visitor may do this there. An org it does not belong to is not there at all.
    pub async fn enter(self, state: &AppState, org: &str, permission: Permission) -> ApiResult<OrgAccess> {
        let (org, role) = match &self {
            Self::Person { account, .. } => {
                let found = orgs::membership(&state.store, account.id, org).await?;
                found.map(|(org, role)| (org, Some(role))).ok_or_else(ApiError::not_found)?
            }
            Self::Program(key) => {
                let own = own_org(state, key).await?;
                let is_own = own.slug == org || org.parse() == Ok(own.id);
                if is_own { (own, None) } else { return Err(ApiError::not_found()) }
            }
        };
        let is_allowed = match (&self, role) {
            (_, Some(role)) => permission.is_of_role(role),
            (Self::Program(key), None) => permission.is_of_key(&key.scopes),
            (Self::Person { .. }, None) => false,
        };
        let access = OrgAccess { scope: state.store.org(org.id), visitor: self, org, role };
        if is_allowed {
            return Ok(access);
        }
        access.record(state, "access", &format!("{permission:?}"), Outcome::Refused).await?;
        let detail = match access.role {
            Some(role) => format!("the role `{}` does not allow this", role.as_str()),
            None => "the key's scopes do not allow this".to_owned(),
        };
        Err(ApiError::new(limits::FORBIDDEN, detail))
    }
}

/// The org of a key, perhaps as it was named half a second ago.
async fn own_org(state: &AppState, key: &KeyRecord) -> ApiResult<Org> {
    if let Some(known) = state.orgs.get(&key.org_id, state.now()) {
        return Ok(known);
    }
    let org = orgs::get(&state.store.org(key.org_id)).await?;
    state.orgs.put(key.org_id, org.clone(), state.now());
    Ok(org)
}

impl OrgAccess {
    /// Writes a line of the audit log.
    pub async fn record(&self, state: &AppState, action: &str, target: &str, outcome: Outcome) -> ApiResult<()> {
        let (actor, actor_name) = match &self.visitor {
            Visitor::Person { account, .. } => (format!("account:{}", account.id), account.name.clone()),
            Visitor::Program(key) => (format!("key:{}", key.id), key.name.clone()),
        };
        let deed = Deed { actor, actor_name, action: action.to_owned(), target: target.to_owned(), outcome };
        Ok(audit::record(&self.scope, deed, state.now()).await?)
    }

    /// Writes that something was done.
    pub async fn done(&self, state: &AppState, action: &str, target: &str) -> ApiResult<()> {
        self.record(state, action, target, Outcome::Done).await
    }
}

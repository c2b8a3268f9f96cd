//! API keys of an org.

use axum::{Json as Answer, extract::State, http::StatusCode};
use drift::wire::{KeyBody, KeyCreate, Page};
use jiff::Timestamp;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    bodies,
    extract::{Json, Path, Query},
    fields,
    page::PageQuery,
    visitor::{Visitor, Who},
};
use crate::{
    access::{
        api_key::ApiKey,
        role::{KeyScope, Permission},
    },
    problem::{ApiError, ApiResult, kinds},
    state::AppState,
    store::{
        id::ApiKeyId,
        keys::{self, NewKey},
    },
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke)).routes(routes!(rotate))
}

/// The keys of an org, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/keys", tag = "keys", params(("org" = String, Path), PageQuery),
    responses((status = 200, body = Page<KeyBody>)))]
async fn list(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(org): Path<String>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Answer<Page<KeyBody>>> {
    let access = visitor.enter(&app, &org, Permission::ManageKeys).await?;
    let (before, limit) = query.read()?;
    let keys = keys::page(&access.scope, before, limit + 1).await?;
    Ok(Answer(query.page(keys, |key| key.id.to_string(), |key| bodies::key(key, None))))
}

/// Makes a key. The secret is in this answer only.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/keys", tag = "keys", request_body = KeyCreate,
    params(("org" = String, Path)), responses((status = 201, body = KeyBody)))]
async fn create(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(org): Path<String>,
    Json(body): Json<KeyCreate>,
) -> ApiResult<(StatusCode, Answer<KeyBody>)> {
    let access = visitor.enter(&app, &org, Permission::ManageKeys).await?;
    let name = fields::name("/name", &body.name)?;
    if body.scopes.is_empty() {
        return Err(ApiError::field("/scopes", "a key needs a scope: ingest, read or manage"));
    }
    if is_wider(&access.visitor, &body.scopes) {
        let refusal = ApiError::field("/scopes", "a key cannot give what it does not have");
        return Err(access.refuse(&app, refusal).await);
    }
    let expires_at = body.expires_at.as_deref().map(|text| expiry(text, app.now())).transpose()?;
    let key = ApiKey::new(&app.config.environment);
    let new = NewKey { name: &name, scopes: &body.scopes, expires_at };
    let record = keys::create(&access.scope, &key, new, access.deed(&app, "key.create", &name)).await?;
    Ok((StatusCode::CREATED, Answer(bodies::key(record, Some(key.reveal().to_owned())))))
}

/// Whether a key asks for one that may do more than itself.
fn is_wider(visitor: &Who, scopes: &[KeyScope]) -> bool {
    matches!(visitor, Who::Program(own) if !scopes.iter().all(|scope| own.scopes.contains(scope)))
}

fn expiry(text: &str, now: Timestamp) -> ApiResult<Timestamp> {
    let at = text.parse::<Timestamp>().ok().filter(|at| *at > now);
    at.ok_or_else(|| ApiError::field("/expires_at", "this must be in the future, such as 2030-01-01T00:00:00Z"))
}

/// Makes a key worthless, at once.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/keys/{key}", tag = "keys",
    params(("org" = String, Path), ("key" = String, Path, format = "uuid")), responses((status = 204)))]
async fn revoke(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, key)): Path<(String, ApiKeyId)>,
) -> ApiResult<StatusCode> {
    let access = visitor.enter(&app, &org, Permission::ManageKeys).await?;
    let record = keys::get(&access.scope, key).await?;
    keys::revoke(&access.scope, key, access.deed(&app, "key.revoke", record.name)).await?;
    app.keys.forget(&record.key_id);
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a key another secret; the old one is worthless at once. The new one is in this answer only.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/keys/{key}/rotate", tag = "keys",
    params(("org" = String, Path), ("key" = String, Path, format = "uuid")),
    responses((status = 201, body = KeyBody)))]
async fn rotate(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, key)): Path<(String, ApiKeyId)>,
) -> ApiResult<(StatusCode, Answer<KeyBody>)> {
    let access = visitor.enter(&app, &org, Permission::ManageKeys).await?;
    let old = keys::get(&access.scope, key).await?;
    if is_wider(&access.visitor, &old.scopes) {
        let refusal = ApiError::new(kinds::FORBIDDEN, "a key cannot get the secret of one that may do more");
        return Err(access.refuse(&app, refusal).await);
    }
    let new = ApiKey::new(&app.config.environment);
    let record = keys::rotate(&access.scope, key, &new, access.deed(&app, "key.rotate", old.name)).await?;
    app.keys.forget(&old.key_id);
    Ok((StatusCode::CREATED, Answer(bodies::key(record, Some(new.reveal().to_owned())))))
}

//! API keys of an org.

use axum::{Json as Answer, extract::State, http::StatusCode};
use drift::wire::{KeyBody, KeyCreate, Page};
use jiff::Timestamp;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    bodies,
    extract::{Json, Path},
    fields,
    problem::{ApiError, ApiResult},
    visitor::Visitor,
};
use crate::{
    access::{api_key::ApiKey, role::Permission},
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
#[utoipa::path(get, path = "/orgs/{org}/keys", tag = "keys", params(("org" = String, Path)),
    responses((status = 200, body = Page<KeyBody>)))]
async fn list(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(org): Path<String>,
) -> ApiResult<Answer<Page<KeyBody>>> {
    let access = visitor.enter(&app, &org, Permission::ManageKeys).await?;
    let keys = keys::all(&access.scope).await?;
    Ok(Answer(Page::whole(keys.into_iter().map(|key| bodies::key(key, None)).collect())))
}

/// Makes a key. The secret is in this answer only.
#[utoipa::path(post, path = "/orgs/{org}/keys", tag = "keys", request_body = KeyCreate,
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
    // A key cannot make one that may do more than itself.
    if let Visitor::Program(own) = &access.visitor
        && !body.scopes.iter().all(|scope| own.scopes.contains(scope))
    {
        return Err(ApiError::field("/scopes", "a key cannot give what it does not have"));
    }
    let expires_at = body.expires_at.as_deref().map(|text| expiry(text, app.now())).transpose()?;
    let key = ApiKey::new(&app.config.environment);
    let new = NewKey { name: &name, scopes: &body.scopes, expires_at };
    let record = keys::create(&access.scope, &key, new, app.now()).await?;
    access.done(&app, "key.create", &name).await?;
    Ok((StatusCode::CREATED, Answer(bodies::key(record, Some(key.reveal().to_owned())))))
}

fn expiry(text: &str, now: Timestamp) -> ApiResult<Timestamp> {
    let at = text.parse::<Timestamp>().ok().filter(|at| *at > now);
    at.ok_or_else(|| ApiError::field("/expires_at", "need a time to come, such as 2030-01-01T00:00:00Z"))
}

/// Makes a key worthless, at once.
#[utoipa::path(delete, path = "/orgs/{org}/keys/{key}", tag = "keys",
    params(("org" = String, Path), ("key" = String, Path, format = "uuid")), responses((status = 204)))]
async fn revoke(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, key)): Path<(String, ApiKeyId)>,
) -> ApiResult<StatusCode> {
    let access = visitor.enter(&app, &org, Permission::ManageKeys).await?;
    let record = keys::get(&access.scope, key).await?;
    keys::revoke(&access.scope, key, app.now()).await?;
    app.keys.forget(&record.key_id);
    access.done(&app, "key.revoke", &record.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a key another secret; the old one is worthless at once. The new one is in this answer only.
#[utoipa::path(post, path = "/orgs/{org}/keys/{key}/rotate", tag = "keys",
    params(("org" = String, Path), ("key" = String, Path, format = "uuid")),
    responses((status = 201, body = KeyBody)))]
async fn rotate(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, key)): Path<(String, ApiKeyId)>,
) -> ApiResult<(StatusCode, Answer<KeyBody>)> {
    let access = visitor.enter(&app, &org, Permission::ManageKeys).await?;
    let old = keys::get(&access.scope, key).await?;
    let new = ApiKey::new(&app.config.environment);
    let record = keys::rotate(&access.scope, key, &new).await?;
    app.keys.forget(&old.key_id);
    access.done(&app, "key.rotate", &record.name).await?;
    Ok((StatusCode::CREATED, Answer(bodies::key(record, Some(new.reveal().to_owned())))))
}

//! What the batches of a dataset are compared with.

use axum::{
    Json as Answer,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use drift::wire::{Page, ReferenceBody};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    batches::check_disk,
    document::File,
    extract::{Path, Query},
    fields,
    intake::{Room, take_in},
    page::PageQuery,
    visitor::Visitor,
};
use crate::{
    access::role::Permission,
    ingest::{self, Reading, Slotting},
    problem::{ApiError, ApiResult},
    state::AppState,
    store::{
        datasets,
        id::ReferenceId,
        references::{self, NewReference, Reference},
    },
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove)).routes(routes!(activate))
}

/// What the dataset's batches can be compared with, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/datasets/{dataset}/references", tag = "datasets",
    params(("org" = String, Path), ("dataset" = String, Path), PageQuery),
    responses((status = 200, body = Page<ReferenceBody>)))]
async fn list(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, dataset)): Path<(String, String)>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Answer<Page<ReferenceBody>>> {
    let access = visitor.enter(&app, &org, Permission::ReadData).await?;
    let (before, limit) = query.read()?;
    let dataset = datasets::get(&access.scope, &dataset).await?;
    let references = references::page(&access.scope, dataset.id, before, limit + 1).await?;
    Ok(Answer(query.page(references, |reference| reference.id.to_string(), body)))
}

/// Names a reference.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReferenceQuery {
    /// 1 to 64 small letters, digits, `-` and `_`.
    #[param(pattern = "^[a-z0-9_-]{1,64}$")]
    name: String,
}

/// Keeps a reference: a file in any format that batches have, or a profile. The first one is active at once.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/datasets/{dataset}/references", tag = "datasets",
    params(("org" = String, Path), ("dataset" = String, Path), ReferenceQuery),
    request_body(content = File, content_type = "application/octet-stream"),
    responses((status = 201, body = ReferenceBody)))]
async fn add(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, dataset)): Path<(String, String)>,
    Query(query): Query<ReferenceQuery>,
    headers: HeaderMap,
    content: Body,
) -> ApiResult<(StatusCode, Answer<ReferenceBody>)> {
    let access = visitor.enter(&app, &org, Permission::ManageData).await?;
    access.visitor.throttle_ingest(&app)?;
    check_disk(&app)?;
    let dataset = datasets::get(&access.scope, &dataset).await?;
    let name = fields::word("/name", &query.name)?;
    let options = ingest::reference_options(&name);
    let reading = Reading::new(options, None, Slotting::of(&dataset, app.now(), None))?;
    let mut room = Room::new(&app);
    let (slotted, _) = take_in(&app, &mut room, &headers, content, Box::new(reading)).await?;
    let part = slotted.parts.into_values().next().ok_or_else(ApiError::internal)?;
    let profile = part.into_profile()?;
    let deed = access.deed(&app, "reference.create", format!("{}/{name}", dataset.name));
    let new = NewReference { name, n_rows: profile.n_rows, profile: profile.encode(), profile_hash: profile.hash() };
    let reference = references::add(&access.scope, dataset.id, new, deed).await?;
    Ok((StatusCode::CREATED, Answer(body(reference))))
}

/// Takes a reference away. The active one can go when it is the last; else another is made active first.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/datasets/{dataset}/references/{reference}", tag = "datasets",
    params(("org" = String, Path), ("dataset" = String, Path), ("reference" = String, Path, format = "uuid")),
    responses((status = 204)))]
async fn remove(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, dataset, reference)): Path<(String, String, ReferenceId)>,
) -> ApiResult<StatusCode> {
    let access = visitor.enter(&app, &org, Permission::ManageData).await?;
    let dataset = datasets::get(&access.scope, &dataset).await?;
    let found = references::get(&access.scope, dataset.id, reference).await?;
    let deed = access.deed(&app, "reference.remove", format!("{}/{}", dataset.name, found.name));
    references::remove(&access.scope, dataset.id, reference, deed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes one reference the active one.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/datasets/{dataset}/references/{reference}/activate", tag = "datasets",
    params(("org" = String, Path), ("dataset" = String, Path), ("reference" = String, Path, format = "uuid")),
    responses((status = 204)))]
async fn activate(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, dataset, reference)): Path<(String, String, ReferenceId)>,
) -> ApiResult<StatusCode> {
    let access = visitor.enter(&app, &org, Permission::ManageData).await?;
    let dataset = datasets::get(&access.scope, &dataset).await?;
    let found = references::get(&access.scope, dataset.id, reference).await?;
    let deed = access.deed(&app, "reference.activate", format!("{}/{}", dataset.name, found.name));
    references::activate(&access.scope, dataset.id, reference, deed).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn body(reference: Reference) -> ReferenceBody {
    let Reference { id, name, n_rows, profile_hash, is_active, created_at } = reference;
    ReferenceBody { id: id.to_string(), name, n_rows, profile_hash, is_active, created_at: created_at.to_string() }
}

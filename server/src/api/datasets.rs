//! Datasets and their references.

use axum::{
    Json as Answer,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use drift::wire::{DatasetBody, DatasetCreate, DatasetPatch, Page, ReferenceBody};
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    document::File,
    extract::{Json, Path, Query, Version},
    fields,
    intake::{Room, take_in},
    orgs::with_version,
    page::PageQuery,
    problem::{ApiError, ApiResult},
    visitor::Visitor,
};
use crate::{
    access::role::Permission,
    ingest::{self, Reading, Slotting},
    state::AppState,
    store::{
        datasets::{self, Dataset, NewDataset, NewReference, Reference},
        id::ReferenceId,
    },
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, remove))
        .routes(routes!(list_references, add_reference))
        .routes(routes!(activate_reference))
}

/// The datasets of an org, by name.
#[utoipa::path(get, path = "/orgs/{org}/datasets", tag = "datasets", params(("org" = String, Path), PageQuery),
    responses((status = 200, body = Page<DatasetBody>)))]
async fn list(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(org): Path<String>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Answer<Page<DatasetBody>>> {
    let access = visitor.enter(&app, &org, Permission::ReadData).await?;
    let (after, limit) = query.read()?;
    let datasets = datasets::page(&access.scope, after, limit + 1).await?;
    Ok(Answer(query.page(datasets, |dataset| dataset.name.clone(), body)))
}

/// Makes a dataset.
#[utoipa::path(post, path = "/orgs/{org}/datasets", tag = "datasets", request_body = DatasetCreate,
    params(("org" = String, Path)), responses((status = 201, body = DatasetBody)))]
async fn create(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(org): Path<String>,
    Json(new): Json<DatasetCreate>,
) -> ApiResult<(StatusCode, Answer<DatasetBody>)> {
    let access = visitor.enter(&app, &org, Permission::ManageData).await?;
    let dataset = datasets::create(&access.scope, checked(new)?, app.now()).await?;
    access.done(&app, "dataset.create", &dataset.name).await?;
    Ok((StatusCode::CREATED, Answer(body(dataset))))
}

fn checked(DatasetCreate { name, time_column, slot_seconds, time_zone }: DatasetCreate) -> ApiResult<NewDataset> {
    const HOUR: u32 = 3_600;
    const DAY: u32 = 86_400;
    let slot_seconds = slot_seconds.unwrap_or(HOUR);
    if !(60..=DAY).contains(&slot_seconds) || !DAY.is_multiple_of(slot_seconds) {
        return Err(ApiError::field("/slot_seconds", "a slot has 60 to 86,400 seconds and divides a day"));
    }
    let time_zone = time_zone.unwrap_or_else(|| "UTC".to_owned());
    if TimeZone::get(&time_zone).is_err() {
        return Err(ApiError::field("/time_zone", "need a name such as UTC or Europe/Berlin"));
    }
    let time_column = time_column.map(|column| time_column_name(&column)).transpose()?;
    Ok(NewDataset { name: fields::word("/name", &name)?, time_column, slot_seconds, time_zone })
}

fn time_column_name(column: &str) -> ApiResult<String> {
    let is_name = (1..=256).contains(&column.chars().count()) && !column.contains('\0');
    if is_name {
        Ok(column.to_owned())
    } else {
        Err(ApiError::field("/time_column", "a name has 1 to 256 characters, none of them of number zero"))
    }
}

/// One dataset, with its columns.
#[utoipa::path(get, path = "/orgs/{org}/datasets/{dataset}", tag = "datasets",
    params(("org" = String, Path), ("dataset" = String, Path)), responses((status = 200, body = DatasetBody)))]
async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, dataset)): Path<(String, String)>,
) -> ApiResult<Response> {
    let access = visitor.enter(&app, &org, Permission::ReadData).await?;
    let dataset = datasets::get(&access.scope, &dataset).await?;
    Ok(with_version(dataset.version, body(dataset)))
}

/// Changes types of columns or the time column, for batches from here on.
#[utoipa::path(patch, path = "/orgs/{org}/datasets/{dataset}", tag = "datasets", request_body = DatasetPatch,
    params(("org" = String, Path), ("dataset" = String, Path), ("If-Match" = String, Header, pattern = "^\"[0-9]{1,18}\"$")),
    responses((status = 200, body = DatasetBody)))]
async fn change(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, dataset)): Path<(String, String)>,
    Version(version): Version,
    Json(patch): Json<DatasetPatch>,
) -> ApiResult<Response> {
    let access = visitor.enter(&app, &org, Permission::ManageData).await?;
    let mut dataset = datasets::get(&access.scope, &dataset).await?;
    dataset.version = version;
    for (name, kind) in patch.column_types {
        let column = dataset.columns.iter_mut().find(|column| column.name == name);
        let missing = || ApiError::field("/column_types", format!("the dataset has no column `{name}`"));
        column.ok_or_else(missing)?.type_override = kind;
    }
    if let Some(column) = patch.time_column {
        dataset.time_column = Some(time_column_name(&column)?);
    }
    let changed = datasets::change(&access.scope, &dataset).await?;
    app.datasets.forget_all();
    access.done(&app, "dataset.change", &changed.name).await?;
    Ok(with_version(changed.version, body(changed)))
}

/// Takes a dataset away, with all that arrived for it.
#[utoipa::path(delete, path = "/orgs/{org}/datasets/{dataset}", tag = "datasets",
    params(("org" = String, Path), ("dataset" = String, Path)), responses((status = 204)))]
async fn remove(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, dataset)): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    let access = visitor.enter(&app, &org, Permission::ManageData).await?;
    let dataset = datasets::get(&access.scope, &dataset).await?;
    datasets::remove(&access.scope, dataset.id).await?;
    app.datasets.forget_all();
    access.done(&app, "dataset.remove", &dataset.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the dataset's batches can be compared with, newest first.
#[utoipa::path(get, path = "/orgs/{org}/datasets/{dataset}/references", tag = "datasets",
    params(("org" = String, Path), ("dataset" = String, Path)), responses((status = 200, body = Page<ReferenceBody>)))]
async fn list_references(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, dataset)): Path<(String, String)>,
) -> ApiResult<Answer<Page<ReferenceBody>>> {
    let access = visitor.enter(&app, &org, Permission::ReadData).await?;
    let dataset = datasets::get(&access.scope, &dataset).await?;
    let references = datasets::references(&access.scope, dataset.id).await?;
    Ok(Answer(Page::whole(references.into_iter().map(reference_body).collect())))
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
#[utoipa::path(post, path = "/orgs/{org}/datasets/{dataset}/references", tag = "datasets",
    params(("org" = String, Path), ("dataset" = String, Path), ReferenceQuery),
    request_body(content = File, content_type = "application/octet-stream"),
    responses((status = 201, body = ReferenceBody)))]
async fn add_reference(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, dataset)): Path<(String, String)>,
    Query(query): Query<ReferenceQuery>,
    headers: HeaderMap,
    content: Body,
) -> ApiResult<(StatusCode, Answer<ReferenceBody>)> {
    let access = visitor.enter(&app, &org, Permission::ManageData).await?;
    let dataset = datasets::get(&access.scope, &dataset).await?;
    let name = fields::word("/name", &query.name)?;
    let options = ingest::reference_options(&name);
    let reading = Reading::new(&options, None, Slotting::of(&dataset, app.now(), None))?;
    let mut room = Room::new(&app);
    let (slotted, _) = take_in(&app, &mut room, &headers, content, Box::new(reading)).await?;
    let part = slotted.parts.into_values().next().ok_or_else(ApiError::internal)?;
    let profile = part.into_profile()?;
    let new = NewReference { name, n_rows: profile.n_rows, profile: profile.encode(), profile_hash: profile.hash() };
    let reference = datasets::add_reference(&access.scope, dataset.id, new, app.now()).await?;
    access.done(&app, "reference.create", &format!("{}/{}", dataset.name, reference.name)).await?;
    Ok((StatusCode::CREATED, Answer(reference_body(reference))))
}

/// Makes one reference the active one.
#[utoipa::path(post, path = "/orgs/{org}/datasets/{dataset}/references/{reference}/activate", tag = "datasets",
    params(("org" = String, Path), ("dataset" = String, Path), ("reference" = String, Path, format = "uuid")),
    responses((status = 204)))]
async fn activate_reference(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, dataset, reference)): Path<(String, String, ReferenceId)>,
) -> ApiResult<StatusCode> {
    let access = visitor.enter(&app, &org, Permission::ManageData).await?;
    let dataset = datasets::get(&access.scope, &dataset).await?;
    datasets::activate(&access.scope, dataset.id, reference).await?;
    access.done(&app, "reference.activate", &format!("{}/{reference}", dataset.name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn body(dataset: Dataset) -> DatasetBody {
    let Dataset { id, name, time_column, slot_seconds, time_zone, columns, created_at, version } = dataset;
    DatasetBody {
        id: id.to_string(),
        name,
        time_column,
        slot_seconds,
        time_zone,
        columns,
        created_at: created_at.to_string(),
        version,
    }
}

fn reference_body(reference: Reference) -> ReferenceBody {
    let Reference { id, name, n_rows, profile_hash, is_active, created_at } = reference;
    ReferenceBody { id: id.to_string(), name, n_rows, profile_hash, is_active, created_at: created_at.to_string() }
}

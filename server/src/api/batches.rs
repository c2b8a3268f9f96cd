//! Rows and profiles that come in.

use std::{sync::Arc, time::Duration};

use axum::{
    Json as Answer,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts},
    response::{IntoResponse, Response},
};
use drift::{
    read::{InputFormat, Part, ReadOptions, Slotted},
    wire::{Page, Receipt, server_options_json},
};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    document::File,
    extract::{Path, Query},
    idempotency,
    intake::{Room, take_in},
    page::PageQuery,
    visitor::{OrgAccess, Visitor},
};
use crate::{
    access::role::Permission,
    ingest::{self, Reading, Slotting},
    problem::{ApiError, ApiResult, kinds},
    state::AppState,
    store::{
        batches::{self, WriteError, Written},
        datasets::{self, Dataset},
        id::DatasetId,
    },
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Where rows and profiles come in.
pub fn intake() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(create_from_profile))
}

/// What holds for all rows of a batch.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BatchQuery {
    /// When the rows happened that have no time of their own, such as `2026-01-31T08:00:00Z`; when they arrive if left out.
    #[param(format = DateTime)]
    at: Option<String>,
}

impl BatchQuery {
    fn at(&self) -> ApiResult<Option<Timestamp>> {
        let Some(text) = self.at.as_deref() else { return Ok(None) };
        let far = "this time lies too far ahead; need one such as 2026-01-31T08:00:00Z";
        let none = "this is no time such as 2026-01-31T08:00:00Z";
        // The year 9999 ends a little later than the times that a zone can be applied to.
        let is_far = || text.parse::<jiff::civil::DateTime>().is_ok() && text.starts_with("9999-");
        let error = |_| ApiError::field("/at", if is_far() { far } else { none });
        text.parse().map(Some).map_err(error)
    }
}

/// What arrived for a dataset, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/datasets/{dataset}/batches", tag = "batches",
    params(("org" = String, Path), ("dataset" = String, Path), PageQuery),
    responses((status = 200, body = Page<Receipt>)))]
async fn list(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, dataset)): Path<(String, String)>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Answer<Page<Receipt>>> {
    let access = visitor.enter(&app, &org, Permission::ReadData).await?;
    let (before, limit) = query.read()?;
    let dataset = datasets::get(&access.scope, &dataset).await?;
    let found = batches::page(&access.scope, dataset.id, before, limit + 1).await?;
    Ok(Answer(query.page(found, |batch| batch.id.to_string(), |batch| batch.receipt)))
}

/// Takes rows in: CSV, TSV, NDJSON, a JSON array, `{"rows": […]}` or Parquet; text also as gzip or zstd. The rows
/// become profiles by time slot and are not kept. The answer comes when that is on the disk; with an
/// `Idempotency-Key` the same request can be sent again without harm.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/datasets/{dataset}/batches", tag = "batches",
    params(("org" = String, Path), ("dataset" = String, Path), BatchQuery,
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$")),
    request_body(content((File = "text/csv"), (File = "text/tab-separated-values"), (File = "application/x-ndjson"),
        (File = "application/json"), (File = "application/vnd.apache.parquet"),
        (File = "application/octet-stream"))),
    responses((status = 201, body = Receipt)))]
async fn create(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(place): Path<(String, String)>,
    Query(query): Query<BatchQuery>,
    request: Request,
) -> ApiResult<Response> {
    let format = content_format(request.headers())?;
    if format == Some(InputFormat::Profile) {
        return Err(ApiError::new(kinds::UNSUPPORTED_MEDIA_TYPE, "send profiles to `…/profiles`"));
    }
    // In a box: a future is moved as it is handed on, and this one is large.
    Box::pin(accept(&app, visitor, place, &query, request, format)).await
}

/// Takes in a profile that `driftsiren push --profile-only` made where the rows are: no row leaves that machine.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/datasets/{dataset}/profiles", tag = "batches",
    params(("org" = String, Path), ("dataset" = String, Path), BatchQuery,
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$")),
    request_body(content = File, content_type = "application/octet-stream"),
    responses((status = 201, body = Receipt)))]
async fn create_from_profile(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(place): Path<(String, String)>,
    Query(query): Query<BatchQuery>,
    request: Request,
) -> ApiResult<Response> {
    Box::pin(accept(&app, visitor, place, &query, request, Some(InputFormat::Profile))).await
}

async fn accept(
    app: &AppState,
    visitor: Visitor,
    (org, dataset): (String, String),
    query: &BatchQuery,
    request: Request,
    format: Option<InputFormat>,
) -> ApiResult<Response> {
    let (Parts { headers, .. }, body) = request.into_parts();
    let access = visitor.enter(app, &org, Permission::Ingest).await?;
    access.visitor.throttle_ingest(app)?;
    check_disk(app)?;
    let dataset = find(app, &access, dataset).await?;
    let key = idempotency::key(&headers)?;
    let _turn = key.as_ref().map(|key| Turn::take(app, dataset.id, key)).transpose()?;
    let at = query.at()?;
    let options = ReadOptions { format, ..ingest::options(&dataset.name) };
    // Times within a profile are not known any more.
    let time_column = dataset.time_column.clone().filter(|_| format != Some(InputFormat::Profile));
    let now = app.now();
    let reading = Reading::new(options, time_column, Slotting::of(&dataset, now, at))?;
    // What was read is held until it is written.
    let mut room = Room::new(app);
    let (mut slotted, seen) = take_in(app, &mut room, &headers, body, Box::new(reading)).await?;
    settle_options(&mut slotted, &dataset, at)?;
    let batch = ingest::batch(access.org.id, &dataset, key, slotted, seen, now);
    if batch.columns.is_some() {
        app.datasets.forget(&(access.org.id, dataset.name.clone()));
    }
    let receipt = batch.receipt.clone();
    match app.batches.write(batch).await? {
        Written::Kept => Ok(kept(receipt)),
        Written::Repeated { receipt } => Ok(kept(receipt)),
        Written::OtherBody => Err(ApiError::new(
            kinds::IDEMPOTENCY_MISMATCH,
            "a batch with this key and another body was kept; give each batch a key of its own",
        )),
    }
}

/// Says of all rows that they were read as a server reads: formats differ, and cells mean the same.
fn settle_options(slotted: &mut Slotted, dataset: &Dataset, at: Option<Timestamp>) -> ApiResult<()> {
    let canonical = server_options_json();
    let is_profile = slotted.format == InputFormat::Profile;
    if is_profile && dataset.time_column.is_some() && at.is_none() {
        let detail =
            "rows of this dataset have times, and a profile has one: say when, such as `?at=2026-01-31T08:00:00Z`";
        return Err(ApiError::field("/at", detail));
    }
    for part in slotted.parts.values_mut() {
        match part {
            Part::Profile(profile) if is_profile && profile.options != canonical => {
                let detail = "the profile was made with other options than a server's, so it cannot be merged with others; \
                              make it with `driftsiren push --profile-only`";
                return Err(ApiError::new(kinds::MALFORMED_PROFILE, detail));
            }
            Part::Profile(profile) => canonical.clone_into(&mut profile.options),
            Part::Few(_) => {}
        }
    }
    Ok(())
}

/// The answer to a batch that is on the disk: its receipt, in JSON already.
fn kept(receipt: String) -> Response {
    (StatusCode::CREATED, [(CONTENT_TYPE, "application/json")], receipt).into_response()
}

/// The dataset, perhaps as it was half a second ago: a stream of small batches asks for it again and again.
async fn find(app: &AppState, access: &OrgAccess, name: String) -> ApiResult<Arc<Dataset>> {
    let key = (access.org.id, name);
    if let Some(known) = app.datasets.get(&key, app.now()) {
        return Ok(known);
    }
    let dataset = Arc::new(Box::pin(datasets::get(&access.scope, &key.1)).await?);
    app.datasets.put(key, dataset.clone(), app.now());
    Ok(dataset)
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::QueueFull => Self::new(kinds::OVERLOADED, "too many batches wait to be written; try again"),
            WriteError::Stopping => Self::new(kinds::SHUTTING_DOWN, "the server is stopping; try again"),
            WriteError::Store(error) => error.into(),
        }
    }
}

/// Holds a key while its request is under way in this process.
struct Turn {
    app: AppState,
    key: (DatasetId, String),
}

impl Turn {
    fn take(app: &AppState, dataset: DatasetId, key: &str) -> ApiResult<Self> {
        let key = (dataset, key.to_owned());
        let is_new = app.keys_in_progress.lock().expect("no code panics with this lock").insert(key.clone());
        if is_new {
            return Ok(Self { app: app.clone(), key });
        }
        Err(idempotency::under_way())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Ok(mut keys) = self.app.keys_in_progress.lock() {
            keys.remove(&self.key);
        }
    }
}

/// The format that the sender names; nothing leaves it to the content.
fn content_format(headers: &HeaderMap) -> ApiResult<Option<InputFormat>> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Ok(Some(match kind.as_str() {
        "" | "application/octet-stream" | "text/plain" | "application/gzip" | "application/zstd" => return Ok(None),
        "text/csv" => InputFormat::Csv,
        "text/tab-separated-values" => InputFormat::Tsv,
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => InputFormat::Ndjson,
        "application/json" => InputFormat::Json,
        "application/vnd.apache.parquet" => InputFormat::Parquet,
        "application/vnd.driftsiren.profile" => InputFormat::Profile,
        other => {
            let detail = format!(
                "`{other}` is not offered; send text/csv, text/tab-separated-values, application/x-ndjson, \
                 application/json, application/vnd.apache.parquet or application/octet-stream"
            );
            return Err(ApiError::new(kinds::UNSUPPORTED_MEDIA_TYPE, detail));
        }
    }))
}

/// Refuses before anything is read what could not be kept.
pub(super) fn check_disk(app: &AppState) -> ApiResult<()> {
    match app.free_disk() {
        Some(free) if free < app.config.min_free_disk => {
            let detail = "the server's disk is nearly full; nothing was kept, try again later";
            Err(ApiError::new(kinds::INSUFFICIENT_STORAGE, detail).after(Duration::from_secs(30)))
        }
        _ => Ok(()),
    }
}

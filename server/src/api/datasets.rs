//! Datasets.

use axum::{Json as Answer, extract::State, http::StatusCode, response::Response};
use drift::wire::{
    DatasetBody, DatasetColumn, DatasetCreate, DatasetPatch, Page, RETENTION_DAYS, USUAL_RETENTION_DAYS,
};
use jiff::tz::TimeZone;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Json, Path, Query, Version, pointer},
    fields,
    orgs::with_version,
    page::PageQuery,
    visitor::Visitor,
};
use crate::{
    access::role::Permission,
    problem::{ApiError, ApiResult},
    state::AppState,
    store::datasets::{self, Dataset, NewDataset},
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, change, remove)).routes(routes!(columns))
}

/// The datasets of an org, by name.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/datasets", tag = "datasets", params(("org" = String, Path), PageQuery),
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
#[utoipa::path(post, path = "/api/v1/orgs/{org}/datasets", tag = "datasets", request_body = DatasetCreate,
    params(("org" = String, Path)), responses((status = 201, body = DatasetBody)))]
async fn create(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(org): Path<String>,
    Json(new): Json<DatasetCreate>,
) -> ApiResult<(StatusCode, Answer<DatasetBody>)> {
    let access = visitor.enter(&app, &org, Permission::ManageData).await?;
    let new = checked(new)?;
    let deed = access.deed(&app, "dataset.create", &new.name);
    let dataset = datasets::create(&access.scope, new, deed).await?;
    Ok((StatusCode::CREATED, Answer(body(dataset))))
}

fn checked(new: DatasetCreate) -> ApiResult<NewDataset> {
    let DatasetCreate { name, time_column, slot_seconds, time_zone, retention_days } = new;
    const HOUR: u32 = 3_600;
    let slot_seconds = checked_slot(slot_seconds.unwrap_or(HOUR))?;
    let time_zone = checked_zone(time_zone.unwrap_or_else(|| "UTC".to_owned()))?;
    let time_column = time_column.map(time_column_name).transpose()?;
    let retention_days = checked_retention(retention_days.unwrap_or(USUAL_RETENTION_DAYS))?;
    Ok(NewDataset { name: fields::address_name("/name", &name)?, time_column, slot_seconds, time_zone, retention_days })
}

fn checked_slot(seconds: u32) -> ApiResult<u32> {
    const DAY: u32 = 86_400;
    if (60..=DAY).contains(&seconds) && DAY.is_multiple_of(seconds) {
        Ok(seconds)
    } else {
        Err(ApiError::field("/slot_seconds", "a slot has 60 to 86,400 seconds and divides a day"))
    }
}

fn checked_zone(name: String) -> ApiResult<String> {
    // These mean what the server's machine means by them.
    let is_of_machine = ["localtime", "posixrules"].contains(&name.to_ascii_lowercase().as_str());
    match TimeZone::get(&name) {
        Ok(_) if !is_of_machine => Ok(name),
        _ => Err(ApiError::field("/time_zone", "need a name such as UTC or Europe/Berlin")),
    }
}

fn checked_retention(days: u32) -> ApiResult<u32> {
    if RETENTION_DAYS.contains(&days) {
        Ok(days)
    } else {
        Err(ApiError::field("/retention_days", "what arrives is kept for 1 to 3,650 days"))
    }
}

fn time_column_name(column: String) -> ApiResult<String> {
    let is_name = (1..=256).contains(&column.chars().count()) && !column.contains('\0');
    if is_name {
        Ok(column)
    } else {
        Err(ApiError::field("/time_column", "a name has 1 to 256 characters, none of them of number zero"))
    }
}

/// One dataset, with its columns.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/datasets/{dataset}", tag = "datasets",
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

/// The columns of a dataset, as they came: what each was taken for and why, what somebody decided instead, and whether
/// the last batch had it.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/datasets/{dataset}/columns", tag = "datasets",
    params(("org" = String, Path), ("dataset" = String, Path), PageQuery),
    responses((status = 200, body = Page<DatasetColumn>)))]
async fn columns(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, dataset)): Path<(String, String)>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Response> {
    let access = visitor.enter(&app, &org, Permission::ReadData).await?;
    let (from, limit) = query.read::<usize>()?;
    let dataset = datasets::get(&access.scope, &dataset).await?;
    // They stand in one row, so a place among them is all that a cursor needs.
    let n = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
    let columns = dataset.columns.into_iter().enumerate().skip(from.unwrap_or(0)).take(n).collect();
    let page = query.page(columns, |(place, _)| (place + 1).to_string(), |(_, column)| column);
    Ok(with_version(dataset.version, page))
}

/// Changes types of columns, the time column, or how rows fall into slots, for batches from here on; or for how long what
/// arrives is kept.
#[utoipa::path(patch, path = "/api/v1/orgs/{org}/datasets/{dataset}", tag = "datasets", request_body = DatasetPatch,
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
    apply(patch, &mut dataset)?;
    let deed = access.deed(&app, "dataset.change", &dataset.name);
    let changed = datasets::change(&access.scope, &dataset, deed).await?;
    app.datasets.forget_all();
    Ok(with_version(changed.version, body(changed)))
}

fn apply(patch: DatasetPatch, dataset: &mut Dataset) -> ApiResult<()> {
    for (name, kind) in patch.column_types {
        let column = dataset.columns.iter_mut().find(|column| column.name == name);
        let missing =
            || ApiError::field(&pointer(["column_types", &name]), format!("the dataset has no column `{name}`"));
        column.ok_or_else(missing)?.type_override = kind;
    }
    if let Some(column) = patch.time_column {
        dataset.time_column = column.map(time_column_name).transpose()?;
    }
    if let Some(seconds) = patch.slot_seconds {
        dataset.slot_seconds = checked_slot(seconds)?;
    }
    if let Some(zone) = patch.time_zone {
        dataset.time_zone = checked_zone(zone)?;
    }
    if let Some(days) = patch.retention_days {
        dataset.retention_days = checked_retention(days)?;
    }
    Ok(())
}

/// Takes a dataset away, with all that arrived for it.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/datasets/{dataset}", tag = "datasets",
    params(("org" = String, Path), ("dataset" = String, Path)), responses((status = 204)))]
async fn remove(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, dataset)): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    let access = visitor.enter(&app, &org, Permission::ManageData).await?;
    let dataset = datasets::get(&access.scope, &dataset).await?;
    datasets::remove(&access.scope, dataset.id, access.deed(&app, "dataset.remove", dataset.name)).await?;
    app.datasets.forget_all();
    Ok(StatusCode::NO_CONTENT)
}

fn body(dataset: Dataset) -> DatasetBody {
    let Dataset { id, name, time_column, slot_seconds, time_zone, retention_days, columns, created_at, version } =
        dataset;
    DatasetBody {
        id: id.to_string(),
        name,
        time_column,
        slot_seconds,
        time_zone,
        retention_days,
        columns,
        created_at: created_at.to_string(),
        version,
    }
}

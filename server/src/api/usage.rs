//! How much an org keeps.

use axum::{Json as Answer, extract::State};
use drift::wire::{DatasetUsageBody, UsageBody};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{extract::Path, visitor::Visitor};
use crate::{
    access::role::Permission,
    problem::ApiResult,
    state::AppState,
    store::usage::{self, DatasetUsage, Usage},
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get))
}

/// What an org keeps, by dataset.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/usage", tag = "orgs", params(("org" = String, Path)),
    responses((status = 200, body = UsageBody)))]
async fn get(State(app): State<AppState>, visitor: Visitor, Path(org): Path<String>) -> ApiResult<Answer<UsageBody>> {
    let access = visitor.enter(&app, &org, Permission::ReadData).await?;
    let Usage { n_members, n_keys, datasets } = usage::of(&access.scope).await?;
    let body = |dataset: DatasetUsage| DatasetUsageBody {
        name: dataset.name,
        n_batches: dataset.n_batches,
        n_rows: dataset.n_rows,
        n_bytes: dataset.n_bytes,
        last_batch_at: dataset.last_batch_at.map(|at| at.to_string()),
    };
    Ok(Answer(UsageBody { n_members, n_keys, datasets: datasets.into_iter().map(body).collect() }))
}

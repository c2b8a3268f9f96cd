//! Two inputs in, a report out; nothing is kept.

use axum::{
    body::Bytes,
    extract::{
        DefaultBodyLimit, Multipart, State,
        multipart::{Field, MultipartError, MultipartRejection},
    },
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use drift::{
    compare,
    profile::Profile,
    read::{ReadOptions, SlotReader},
    render::{Format, RenderOptions, render},
    wire::CheckSettings,
};
use serde::Deserialize;
use tokio::{sync::mpsc, time::Instant};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::pointer,
    incoming::too_large,
    problem::{ApiError, ApiResult},
    visitor::Visitor,
};
use crate::{ingest, limits, state::AppState};

pub fn router() -> OpenApiRouter<AppState> {
    let largest = usize::try_from(limits::INGEST_BODY).unwrap_or(usize::MAX);
    OpenApiRouter::new().routes(routes!(check)).layer(DefaultBodyLimit::max(largest))
}

/// The parts of the form; settings come before the files.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only described; the parts are read as they come")]
struct CheckForm {
    /// JSON; the usual settings when left out.
    settings: Option<CheckSettings>,
    /// What the other is compared with: a file in any format that batches have, or a profile.
    #[schema(value_type = String, format = Binary)]
    reference: Vec<u8>,
    /// What is compared.
    #[schema(value_type = String, format = Binary)]
    current: Vec<u8>,
}

/// Compares two files or profiles and forgets them. The report is the one that `driftsiren check --format json` writes
/// for the same files and settings, with the same digest.
#[utoipa::path(post, path = "/check", tag = "check",
    request_body(content = CheckForm, content_type = "multipart/form-data"),
    responses((status = 200, body = serde_json::Value)))]
async fn check(
    State(app): State<AppState>,
    visitor: Visitor,
    form: Result<Multipart, MultipartRejection>,
) -> ApiResult<Response> {
    visitor.who.throttle_ingest(&app)?;
    let mut form = form.map_err(|error| ApiError::new(limits::UNSUPPORTED_MEDIA_TYPE, error.body_text()))?;
    // Both profiles are held whole, so one request has its turn at a time.
    let _turn = app.checks.acquire().await.map_err(|_| ApiError::internal())?;
    let mut parts = Parts { end: Instant::now() + limits::BODY_TOTAL };
    let mut settings = CheckSettings::default();
    let mut sides: [Option<Profile>; 2] = [None, None];
    while let Some(field) = parts.within(form.next_field()).await? {
        let side = match field.name() {
            Some("reference") => 0,
            Some("current") => 1,
            Some("settings") if sides.iter().all(Option::is_none) => {
                let text = parts.whole(field).await?;
                settings = serde_json::from_slice(&text).map_err(|error| {
                    ApiError::field("/settings", format!("{error}; settings are JSON such as {{\"preset\": \"psi\"}}"))
                })?;
                continue;
            }
            Some("settings") => return Err(ApiError::field("/settings", "settings come before the files")),
            other => {
                let name = other.unwrap_or_default();
                let detail = "the parts of the form are `settings`, `reference` and `current`";
                return Err(ApiError::field(&pointer([name]), detail));
            }
        };
        let pointer = ["/reference", "/current"][side];
        if sides[side].is_some() {
            return Err(ApiError::field(pointer, "this part came twice"));
        }
        let name = field.file_name().unwrap_or(&pointer[1..]).to_owned();
        let options = ReadOptions { limits: limits::CHECK, ..settings.read_options(&name) };
        sides[side] = Some(parts.profile(field, options).await?);
    }
    let [reference, current] = sides;
    let missing = |pointer: &str| ApiError::field(pointer, "this part is missing");
    let reference = reference.ok_or_else(|| missing("/reference"))?;
    let current = current.ok_or_else(|| missing("/current"))?;
    let judge = move || compare::compare(&reference, &current, &settings.compare_options());
    let report = tokio::task::spawn_blocking(judge).await.map_err(|_| ApiError::internal())??;
    let text = render(&report, Format::Json, &RenderOptions::default());
    Ok((StatusCode::OK, [(CONTENT_TYPE, "application/json")], text).into_response())
}

/// Receives a form part by part, in bounded time.
struct Parts {
    end: Instant,
}

impl Parts {
    async fn within<T>(&self, next: impl Future<Output = Result<T, MultipartError>>) -> ApiResult<T> {
        let until = self.end.min(Instant::now() + limits::BODY_IDLE);
        let next = tokio::time::timeout_at(until, next).await;
        let too_slow = |_| {
            let (idle, total) = (limits::BODY_IDLE.as_secs(), limits::BODY_TOTAL.as_secs());
            let detail = format!("nothing came for {idle} seconds, or not all within {total}; send it again");
            ApiError::new(limits::BODY_TIMEOUT, detail)
        };
        next.map_err(too_slow)?.map_err(|error| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(limits::INGEST_BODY, None),
            _ => ApiError::new(limits::MALFORMED_REQUEST, error.body_text()),
        })
    }

    /// A small part.
    async fn whole(&mut self, mut field: Field<'_>) -> ApiResult<Vec<u8>> {
        let mut whole = Vec::new();
        while let Some(piece) = self.within(field.chunk()).await? {
            whole.extend_from_slice(&piece);
            if whole.len() > limits::JSON_BODY {
                let detail = format!("settings have at most {} bytes", limits::JSON_BODY);
                return Err(ApiError::new(limits::BODY_TOO_LARGE, detail).passing(limits::JSON_BODY as u64, None));
            }
        }
        Ok(whole)
    }

    /// A file, read on a thread of its own as it comes.
    async fn profile(&mut self, mut field: Field<'_>, options: ReadOptions) -> ApiResult<Profile> {
        let (send, mut pieces) = mpsc::channel::<ApiResult<Bytes>>(8);
        let read = tokio::task::spawn_blocking(move || {
            // All rows share a slot.
            let mut reader = SlotReader::new(&options, None, |_| 0)?;
            ingest::each_piece(|| pieces.blocking_recv().transpose(), |piece| Ok(reader.push(piece)?))?;
            reader.finish()?.profiles.into_values().next().ok_or_else(ApiError::internal)
        });
        // When the reader has refused it takes no more, and what it says counts.
        while let Some(piece) = self.within(field.chunk()).await.transpose() {
            let is_over = piece.is_err();
            if send.send(piece).await.is_err() || is_over {
                break;
            }
        }
        drop(send);
        read.await.map_err(|_| ApiError::internal())?
    }
}

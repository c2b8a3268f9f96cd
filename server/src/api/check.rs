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
    report::Report,
    wire::CheckSettings,
};
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::pointer,
    incoming::too_large,
    intake::{Room, turn},
    visitor::Visitor,
};
use crate::{
    limits,
    problem::{ApiError, ApiResult, kinds},
    state::AppState,
};

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
#[utoipa::path(post, path = "/api/v1/check", tag = "check",
    request_body(content = CheckForm, content_type = "multipart/form-data"),
    responses((status = 200, body = serde_json::Value)))]
async fn check(
    State(app): State<AppState>,
    visitor: Visitor,
    form: Result<Multipart, MultipartRejection>,
) -> ApiResult<Response> {
    visitor.who.throttle_ingest(&app)?;
    let mut form = form.map_err(|error| ApiError::new(kinds::UNSUPPORTED_MEDIA_TYPE, error.body_text()))?;
    let mut parts = Parts { end: Instant::now() + limits::BODY_TOTAL, room: Room::new(&app), n_bytes: 0 };
    let mut settings = CheckSettings::default();
    let mut sides: [Option<Side>; 2] = [None, None];
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
        sides[side] = Some(Side { options, pieces: parts.file(field).await? });
    }
    let [reference, current] = sides;
    let missing = |pointer: &str| ApiError::field(pointer, "this part is missing");
    let reference = reference.ok_or_else(|| missing("/reference"))?;
    let current = current.ok_or_else(|| missing("/current"))?;
    // Both profiles are held whole, so few requests at a time are read and judged; none waits for another's sender.
    let _turn = turn(&app.checks).await?;
    let judge = move || -> ApiResult<Report> {
        let (reference, current) = (reference.profile()?, current.profile()?);
        Ok(compare::compare(&reference, &current, &settings.compare_options())?)
    };
    let report = tokio::task::spawn_blocking(judge).await.map_err(|_| ApiError::internal())??;
    let text = render(&report, Format::Json, &RenderOptions::default());
    Ok((StatusCode::OK, [(CONTENT_TYPE, "application/json")], text).into_response())
}

/// One of the two, as it came.
struct Side {
    options: ReadOptions,
    pieces: Vec<Bytes>,
}

impl Side {
    fn profile(self) -> ApiResult<Profile> {
        // All rows share a slot.
        let mut reader = SlotReader::new(self.options, None, |_| 0)?;
        for piece in self.pieces {
            reader.push(&piece)?;
        }
        let (slotted, _) = reader.finish()?;
        Ok(slotted.parts.into_values().next().ok_or_else(ApiError::internal)?.into_profile()?)
    }
}

/// Receives a form part by part, in bounded time and room.
struct Parts<'a> {
    end: Instant,
    room: Room<'a>,
    /// Of files, so far.
    n_bytes: usize,
}

impl Parts<'_> {
    async fn within<T>(&self, next: impl Future<Output = Result<T, MultipartError>>) -> ApiResult<T> {
        let until = self.end.min(Instant::now() + limits::BODY_IDLE);
        let next = tokio::time::timeout_at(until, next).await;
        let too_slow = |_| {
            let (idle, total) = (limits::BODY_IDLE.as_secs(), limits::BODY_TOTAL.as_secs());
            let detail = format!("nothing came for {idle} seconds, or not all within {total}; send it again");
            ApiError::new(kinds::BODY_TIMEOUT, detail)
        };
        next.map_err(too_slow)?.map_err(|error| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(limits::INGEST_BODY, None),
            _ => ApiError::new(kinds::MALFORMED_REQUEST, error.body_text()),
        })
    }

    /// A small part.
    async fn whole(&mut self, mut field: Field<'_>) -> ApiResult<Vec<u8>> {
        let mut whole = Vec::new();
        while let Some(piece) = self.within(field.chunk()).await? {
            whole.extend_from_slice(&piece);
            if whole.len() > limits::JSON_BODY {
                let detail = format!("settings have at most {} bytes", limits::JSON_BODY);
                return Err(ApiError::new(kinds::BODY_TOO_LARGE, detail).passing(limits::JSON_BODY as u64, None));
            }
        }
        Ok(whole)
    }

    /// A file, as it comes.
    async fn file(&mut self, mut field: Field<'_>) -> ApiResult<Vec<Bytes>> {
        let mut pieces = Vec::new();
        while let Some(piece) = self.within(field.chunk()).await? {
            self.n_bytes += piece.len();
            self.room.hold(self.n_bytes)?;
            pieces.push(piece);
        }
        Ok(pieces)
    }
}

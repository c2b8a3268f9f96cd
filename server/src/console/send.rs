//! Forms of these pages: each becomes a call of the API.

use std::{collections::BTreeMap, error::Error, sync::Arc};

use axum::{
    Extension, Form,
    body::{Body, Bytes},
    extract::{FromRequest, Multipart, Query, Request, State, multipart::MultipartError},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode, Uri,
        header::{CONTENT_TYPE, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};
use drift::wire::Problem;
use driftsiren_app::console::{Address, Outcome, own_path};
use tokio::sync::mpsc;

use crate::{
    access::source::Source,
    console::{
        body_time::TooSlow,
        flash::Flash,
        forms::{Call, InProcess, Reply, unconfirmed},
        page::{Drawing, login, see_other},
    },
    problem::{ApiError, kinds},
    site::Site,
    state::AppState,
};

type Fields = Vec<(String, String)>;

/// Why no call was made.
enum NoCall {
    /// The form is none of ours.
    Foreign,
    /// It did not arrive whole, or was not meant.
    Refused(Fields, Box<Problem>),
}

/// Takes a form and calls the API. What worked is answered with a redirect, what was refused with the page and why.
pub async fn send(
    State(app): State<AppState>,
    Extension(api): Extension<InProcess>,
    Extension(site): Extension<Arc<Site>>,
    headers: HeaderMap,
    uri: Uri,
    Query(query): Query<BTreeMap<String, String>>,
    request: Request,
) -> Response {
    let api = api.on_behalf_of(request.extensions().get::<Source>().copied());
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let sent = if kind.starts_with("multipart/form-data") {
        with_file(&api, &headers, request).await
    } else {
        without_file(&api, &headers, request).await
    };
    let (fields, reply) = match sent {
        Ok(sent) => sent,
        Err(NoCall::Refused(fields, why)) => (fields, Reply::refused(*why, &headers)),
        Err(NoCall::Foreign) => {
            return (StatusCode::BAD_REQUEST, "this form calls nothing of the API\n").into_response();
        }
    };
    let (status, outcome) = match reply.result() {
        Err(problem) => {
            let is_login_over = problem.status == 401 && !["/login", "/join"].contains(&uri.path());
            if is_login_over {
                return see_other(&login(&uri));
            }
            (reply.status, Outcome::Refused { problem: *problem, filled: fields })
        }
        Ok(made) => {
            let next = Next::of(&uri, &fields);
            let flash = Flash::of(next.path(), field(&fields, "_done"), &made);
            let cookie = flash.as_ref().map(|flash| flash.cookie(app.config.is_public_over_tls()));
            match cookie {
                // What cannot be carried is shown in the answer itself, or it is lost.
                Some(None) => (StatusCode::OK, Outcome::Made(made)),
                Some(Some(cookie)) => {
                    let mut response = with_cookies(see_other(&next.location()), &reply.headers);
                    response.headers_mut().append(SET_COOKIE, cookie);
                    return response;
                }
                None => return with_cookies(see_other(&next.location()), &reply.headers),
            }
        }
    };
    let Ok(request) = Request::builder().uri(uri).body(Body::empty()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let mut response = Drawing { app, api, site, headers, query }.draw(request, Some(outcome)).await;
    if response.status().is_success() {
        *response.status_mut() = status;
    }
    response
}

/// Makes the call of a form.
async fn without_file(api: &InProcess, headers: &HeaderMap, request: Request) -> Result<(Fields, Reply), NoCall> {
    let form = Form::<Fields>::from_request(request, &()).await;
    let Form(fields) = form.map_err(|error| {
        let is_too_large = error.status() == StatusCode::PAYLOAD_TOO_LARGE;
        NoCall::Refused(Fields::new(), broken(&error, is_too_large))
    })?;
    let call = Call::of_form(&fields).ok_or(NoCall::Foreign)?;
    if let Some(why) = unconfirmed(&fields) {
        return Err(NoCall::Refused(fields, Box::new(why)));
    }
    let reply = api.call(call, headers).await;
    Ok((fields, reply))
}

/// Makes the call of a form that ends with a file, handing the file on as it comes.
async fn with_file(api: &InProcess, headers: &HeaderMap, request: Request) -> Result<(Fields, Reply), NoCall> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| NoCall::Foreign)?;
    let mut fields = Fields::new();
    loop {
        let next = form.next_field().await;
        let mut field = next.map_err(|error| unread(&fields, &error))?.ok_or(NoCall::Foreign)?;
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_none() {
            let value = field.text().await.map_err(|error| unread(&fields, &error))?;
            fields.push((name, value));
            continue;
        }
        let call = Call::of_file_form(&fields).ok_or(NoCall::Foreign)?;
        let (send, pieces) = mpsc::channel::<Result<Bytes, MultipartError>>(8);
        let pieces =
            futures_util::stream::unfold(pieces, |mut pieces| async move { Some((pieces.recv().await?, pieces)) });
        let hand_on = async move {
            while let Some(piece) = field.chunk().await.transpose() {
                let is_over = piece.is_err();
                // When the API has refused it takes no more.
                if send.send(piece).await.is_err() || is_over {
                    return;
                }
            }
        };
        let call = api.call_with(call, headers, Some(Body::from_stream(pieces)));
        let (reply, ()) = tokio::join!(call, hand_on);
        return Ok((fields, reply));
    }
}

fn unread(fields: &Fields, error: &MultipartError) -> NoCall {
    NoCall::Refused(fields.clone(), broken(error, error.status() == StatusCode::PAYLOAD_TOO_LARGE))
}

/// Why a form could not be read.
fn broken<'a>(error: &'a (dyn Error + 'static), is_too_large: bool) -> Box<Problem> {
    let mut causes = std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source());
    if let Some(slow) = causes.find_map(|cause| cause.downcast_ref::<TooSlow>()) {
        return Box::new(ApiError::new(kinds::BODY_TIMEOUT, slow.to_string()).problem().clone());
    }
    let kind = if is_too_large { kinds::BODY_TOO_LARGE } else { kinds::MALFORMED_REQUEST };
    Box::new(ApiError::new(kind, format!("the form cannot be read: {error}")).problem().clone())
}

/// Where a form that worked leads.
struct Next<'a> {
    /// Path and parameters.
    address: &'a str,
    /// The part of the page that the form is in: what was changed stays in sight.
    place: Option<&'a str>,
}

impl<'a> Next<'a> {
    fn of(uri: &'a Uri, fields: &'a Fields) -> Self {
        let here = uri.path_and_query().map_or(uri.path(), |here| here.as_str());
        let asked = field(fields, "_next").map(|next| own_path(next).unwrap_or(Address::Orgs.pattern()));
        let is_place =
            |place: &&str| !place.is_empty() && place.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        Self { address: asked.unwrap_or(here), place: field(fields, "_place").filter(is_place) }
    }

    fn path(&self) -> &str {
        self.address.split(['?', '#']).next().unwrap_or_default()
    }

    fn location(&self) -> String {
        match self.place {
            Some(place) => format!("{}#{place}", self.address),
            None => self.address.to_owned(),
        }
    }
}

/// What a form has in one of its fields.
fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

fn with_cookies(mut response: Response, headers: &HeaderMap) -> Response {
    let cookies = headers.get_all(SET_COOKIE).iter().map(|cookie| (SET_COOKIE, cookie.clone()));
    response.headers_mut().extend(cookies.collect::<Vec<(HeaderName, HeaderValue)>>());
    response
}

//! The pages of people, orgs and datasets: what they need is asked of the API in process, and their forms call it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension, Form, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, FromRequest, Multipart, Query, Request, State, multipart::MultipartError},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
        header::{CONTENT_TYPE, LOCATION, SET_COOKIE},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use driftsiren_app::console::{Needs, Outcome, PageData, plan};
use serde_json::Value;
use tokio::sync::mpsc;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::{
    api::{
        BASE,
        forms::{Call, InProcess, Reply, escaped},
    },
    limits, pages,
    site::Site,
    state::AppState,
    store::accounts,
};

/// The addresses of these pages; what each needs stands in [`plan`].
const PATHS: [&str; 10] = [
    "/orgs/{org}",
    "/orgs/{org}/datasets/{dataset}",
    "/setup",
    "/login",
    "/join",
    "/account",
    "/orgs",
    "/orgs/{org}/people",
    "/orgs/{org}/keys",
    "/orgs/{org}/audit",
];

type Fields = Vec<(String, String)>;

pub fn router(state: &AppState, api: InProcess) -> Router {
    let largest = usize::try_from(limits::INGEST_BODY).unwrap_or(usize::MAX);
    let router = PATHS.iter().fold(Router::new(), |router, path| {
        let handlers = get(show).post(send);
        // Only datasets take files.
        let takes_files = path.ends_with("{dataset}");
        router.route(path, if takes_files { handlers.layer(DefaultBodyLimit::max(largest)) } else { handlers })
    });
    // A form that stops coming holds no connection.
    router.with_state(state.clone()).layer(Extension(api)).layer(RequestBodyTimeoutLayer::new(limits::BODY_IDLE))
}

/// Shows a page.
async fn show(
    State(app): State<AppState>,
    Extension(api): Extension<InProcess>,
    Extension(site): Extension<Arc<Site>>,
    headers: HeaderMap,
    Query(query): Query<BTreeMap<String, String>>,
    request: Request,
) -> Response {
    if let Some(way) = way_in(&app, request.uri().path()).await {
        return see_other(way);
    }
    draw(&api, &site, &headers, query, request, None).await
}

/// An empty server is set up first, and one that is set up has no set-up page.
async fn way_in(app: &AppState, path: &str) -> Option<&'static str> {
    let is_empty = accounts::is_empty(&app.store).await.ok()?;
    match (is_empty, path) {
        (true, "/login" | "/orgs") => Some("/setup"),
        (false, "/setup") => Some("/login"),
        _ => None,
    }
}

/// Takes a form, calls the API, and goes on; or shows the page again with what was refused or made.
async fn send(
    Extension(api): Extension<InProcess>,
    Extension(site): Extension<Arc<Site>>,
    headers: HeaderMap,
    uri: Uri,
    Query(query): Query<BTreeMap<String, String>>,
    request: Request,
) -> Response {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let sent = if kind.starts_with("multipart/form-data") {
        with_file(&api, &headers, request).await
    } else {
        without_file(&api, &headers, request).await
    };
    let (fields, reply) = match sent {
        Ok(sent) => sent,
        Err(refused) => return *refused,
    };
    let page = |status: StatusCode, outcome| {
        let request = Request::builder().uri(uri.clone()).body(Body::empty());
        let (api, site, headers, query) = (api.clone(), site.clone(), headers.clone(), query.clone());
        async move {
            let Ok(request) = request else { return StatusCode::BAD_REQUEST.into_response() };
            let mut response = draw(&api, &site, &headers, query, request, Some(outcome)).await;
            if response.status().is_success() {
                *response.status_mut() = status;
            }
            response
        }
    };
    match reply.result() {
        Err(problem) => {
            let is_login_over = problem.status == 401 && !["/login", "/join"].contains(&uri.path());
            if is_login_over {
                return see_other(&login(&uri));
            }
            let filled = fields.into_iter().collect();
            page(reply.status, Outcome::Refused { problem: *problem, filled }).await
        }
        Ok(made) if is_shown_once(&made) => page(StatusCode::OK, Outcome::Made(made)).await,
        Ok(_) => {
            let next = fields.iter().find(|(name, _)| name == "_next").map_or(uri.path(), |(_, next)| own_path(next));
            with_cookies(see_other(next), &reply.headers)
        }
    }
}

fn calls_nothing() -> Box<Response> {
    Box::new((StatusCode::BAD_REQUEST, "this form calls nothing of the API\n").into_response())
}

/// Makes the call of a form.
async fn without_file(
    api: &InProcess,
    headers: &HeaderMap,
    request: Request,
) -> Result<(Fields, Reply), Box<Response>> {
    let form = Form::<Fields>::from_request(request, &()).await;
    let Form(fields) = form.map_err(|error| Box::new(error.into_response()))?;
    let call = Call::of_form(&fields).ok_or_else(calls_nothing)?;
    let reply = api.call(call, headers).await;
    Ok((fields, reply))
}

/// Makes the call of a form that ends with a file, handing the file on as it comes.
async fn with_file(api: &InProcess, headers: &HeaderMap, request: Request) -> Result<(Fields, Reply), Box<Response>> {
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|error| Box::new(error.into_response()))?;
    let broken = |error: MultipartError| Box::new(error.into_response());
    let mut fields = Fields::new();
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_none() {
            fields.push((name, field.text().await.map_err(broken)?));
            continue;
        }
        let call = Call::of_file_form(&fields).ok_or_else(calls_nothing)?;
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
    Err(calls_nothing())
}

/// Only now can these be read; a page that is fetched again would not have them.
fn is_shown_once(made: &Value) -> bool {
    ["secret", "link"].iter().any(|name| made.get(name).is_some_and(Value::is_string))
}

async fn draw(
    api: &InProcess,
    site: &Site,
    headers: &HeaderMap,
    query: BTreeMap<String, String>,
    request: Request,
    outcome: Option<Outcome>,
) -> Response {
    let path = request.uri().path().to_owned();
    let Some(Needs { is_private, wants }) = plan(&path, &query) else {
        return (StatusCode::NOT_FOUND, "not found\n").into_response();
    };
    let mut answers = BTreeMap::new();
    let mut status = StatusCode::OK;
    for want in wants {
        let method = if want.body.is_some() { Method::POST } else { Method::GET };
        let call = Call { method, path: format!("{BASE}{}", want.path), if_match: None, body: want.body };
        let reply = api.call(call, headers).await;
        if is_private && reply.status == StatusCode::UNAUTHORIZED {
            return see_other(&login(request.uri()));
        }
        // The page's own subject is missing or out of reach; lists beside it may be.
        if matches!(want.name, "org" | "dataset" | "welcome" | "keys" | "audit") && !reply.status.is_success() {
            status = reply.status;
        }
        answers.insert(want.name, reply.result().map_err(|problem| *problem));
    }
    let data = PageData { path, query, answers, outcome };
    let mut response = pages::render(site, headers, request, data, true).await;
    if response.status().is_success() {
        *response.status_mut() = status;
    }
    response
}

fn login(uri: &Uri) -> String {
    let parts: Vec<String> = uri.path().split('/').map(escaped).collect();
    format!("/login?next={}", parts.join("/"))
}

/// A path on this server; anything that a browser could take for another host becomes the list of orgs.
fn own_path(path: &str) -> &str {
    let is_own = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    if is_own { path } else { "/orgs" }
}

fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(path) => (StatusCode::SEE_OTHER, [(LOCATION, path)]).into_response(),
        Err(_) => (StatusCode::BAD_REQUEST, "the address cannot be a header\n").into_response(),
    }
}

fn with_cookies(mut response: Response, headers: &HeaderMap) -> Response {
    let cookies = headers.get_all(SET_COOKIE).iter().map(|cookie| (SET_COOKIE, cookie.clone()));
    response.headers_mut().extend(cookies.collect::<Vec<(HeaderName, HeaderValue)>>());
    response
}

//! Pages: what one needs is asked of the API, then it is drawn.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Query, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header::LOCATION},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use driftsiren_app::console::{Address, Answers, Needs, Outcome, PageData};

use crate::{
    api::BASE,
    console::{
        flash::{self, Flash},
        forms::{Call, InProcess, escaped},
        in_time,
        send::send,
    },
    limits, pages,
    site::Site,
    state::AppState,
    store::accounts,
};

/// What a form has beside its file: so a file that is too large meets the limit of files, which says so.
const BESIDE_THE_FILE: u64 = 64 << 10;

pub fn router(state: &AppState, api: InProcess) -> Router {
    let largest = usize::try_from(limits::INGEST_BODY + BESIDE_THE_FILE).unwrap_or(usize::MAX);
    let router = Address::ALL.into_iter().fold(Router::new(), |router, address| {
        let handlers = get(show).post(send);
        let handlers = if address.takes_files() { handlers.layer(DefaultBodyLimit::max(largest)) } else { handlers };
        router.route(address.pattern(), handlers)
    });
    router.with_state(state.clone()).layer(Extension(api)).layer(middleware::map_request(in_time))
}

/// What every page is made with.
#[derive(Clone)]
pub struct Drawing {
    pub app: AppState,
    pub api: InProcess,
    pub site: Arc<Site>,
    pub headers: HeaderMap,
    pub query: BTreeMap<String, String>,
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
    let is_over_tls = app.config.is_public_over_tls();
    let said = Flash::take(&headers, request.uri().path(), is_over_tls);
    let is_said = said.is_some();
    let response = Drawing { app, api, site, headers, query }.draw(request, said).await;
    if is_said { flash::forget(response, is_over_tls) } else { response }
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

impl Drawing {
    /// Draws the page of the request's address, with what became of a form that was sent there.
    pub async fn draw(self, request: Request, outcome: Option<Outcome>) -> Response {
        let path = request.uri().path().to_owned();
        let Some(Needs { address, calls }) = Address::needs(&path, &self.query) else {
            return (StatusCode::NOT_FOUND, "not found\n").into_response();
        };
        let mut answers = Answers::default();
        // What cannot be shown whole is no success; the page's own subject is asked for first.
        let mut status = StatusCode::OK;
        for needed in calls {
            if !answers.is_wanted(needed.request) {
                continue;
            }
            let method = if needed.body.is_some() { Method::POST } else { Method::GET };
            let call = Call { method, path: format!("{BASE}{}", needed.path), if_match: None, body: needed.body };
            let reply = self.api.call(call, &self.headers).await;
            if address.is_private() && reply.status == StatusCode::UNAUTHORIZED {
                return see_other(&login(request.uri()));
            }
            if status.is_success() && !reply.status.is_success() {
                status = reply.status;
            }
            answers.put(needed.request, reply.result().map_err(|problem| *problem));
        }
        let Self { app, site, headers, query, .. } = self;
        let data = PageData { path, query, now: app.now().to_string(), answers, outcome };
        let mut response = pages::render(&site, &headers, request, data, true).await;
        if response.status().is_success() {
            *response.status_mut() = status;
        }
        response
    }
}

/// Where to log in and come back from.
pub fn login(uri: &Uri) -> String {
    let parts: Vec<String> = uri.path().split('/').map(escaped).collect();
    format!("/login?next={}", parts.join("/"))
}

/// Leads on.
pub fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(path) => (StatusCode::SEE_OTHER, [(LOCATION, path)]).into_response(),
        Err(_) => (StatusCode::BAD_REQUEST, "the address cannot be a header\n").into_response(),
    }
}

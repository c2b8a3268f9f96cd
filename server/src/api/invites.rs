//! Letting people in.

use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use drift::wire::{InviteAccept, InviteBody, InviteCreate, InviteToken, Page, WelcomeBody};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    account, bodies,
    extract::{Json, Path, Query},
    fields,
    page::PageQuery,
    visitor::{self, Visitor},
};
use crate::{
    access::{
        role::{Permission, may_touch},
        secret::{self, SecretHash},
    },
    problem::{ApiError, ApiResult, kinds},
    state::AppState,
    store::{
        id::InviteId,
        invites::{self, Guest, Welcome},
    },
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
        .routes(routes!(welcome))
        .routes(routes!(accept))
}

/// The links that still let somebody in, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/invites", security(("session" = [])), tag = "invites",
    params(("org" = String, Path), PageQuery), responses((status = 200, body = Page<InviteBody>)))]
async fn list(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(org): Path<String>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Answer<Page<InviteBody>>> {
    let access = visitor.enter(&app, &org, Permission::ManagePeople).await?;
    let (before, limit) = query.read()?;
    let open = invites::open(&access.scope, app.now(), before, limit + 1).await?;
    Ok(Answer(query.page(open, |invite| invite.id.to_string(), |invite| bodies::invite(invite, None))))
}

/// Makes a link that lets one person in within a week. It is shown in this answer only.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/invites", security(("session" = [])), tag = "invites", request_body = InviteCreate,
    params(("org" = String, Path)), responses((status = 201, body = InviteBody)))]
async fn create(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(org): Path<String>,
    headers: HeaderMap,
    Json(body): Json<InviteCreate>,
) -> ApiResult<(StatusCode, Answer<InviteBody>)> {
    let access = visitor.enter(&app, &org, Permission::ManagePeople).await?;
    if !access.role.is_some_and(|actor| may_touch(actor, body.role)) {
        return Err(access.refuse(&app, ApiError::new(kinds::FORBIDDEN, "only an owner makes owners")).await);
    }
    let email = fields::email("/email", &body.email)?;
    let token = secret::new_secret();
    let deed = access.deed(&app, "invite.create", format!("{email} as {}", body.role.as_str()));
    let invite = invites::create(&access.scope, &email, body.role, SecretHash::of(&token), deed).await?;
    let link = format!("{}/join?token={token}", base(&app, &headers));
    Ok((StatusCode::CREATED, Answer(bodies::invite(invite, Some(link)))))
}

/// Where people reach this server.
fn base(app: &AppState, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("localhost");
    app.config.public_url.clone().unwrap_or_else(|| format!("http://{host}"))
}

/// Takes a link back.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/invites/{invite}", security(("session" = [])), tag = "invites",
    params(("org" = String, Path), ("invite" = String, Path, format = "uuid")), responses((status = 204)))]
async fn revoke(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, invite)): Path<(String, InviteId)>,
) -> ApiResult<StatusCode> {
    let access = visitor.enter(&app, &org, Permission::ManagePeople).await?;
    let deed = access.deed(&app, "invite.revoke", invite.to_string());
    invites::revoke(&access.scope, invite, deed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a link invites to. Changes nothing; the secret travels in the body, where no log sees it.
#[utoipa::path(post, path = "/api/v1/invites/look", security(()), tag = "invites", request_body = InviteToken,
    responses((status = 200, body = WelcomeBody)))]
async fn welcome(State(app): State<AppState>, Json(body): Json<InviteToken>) -> ApiResult<Answer<WelcomeBody>> {
    let Welcome { org_name, invite, has_account, .. } = find(&app, &body.token).await?;
    Ok(Answer(WelcomeBody { org_name, email: invite.email, role: invite.role, has_account }))
}

/// Lets the holder of a link in, and logs it in.
#[utoipa::path(post, path = "/api/v1/invites/accept", security(()), tag = "invites", request_body = InviteAccept,
    responses((status = 204)))]
async fn accept(
    State(app): State<AppState>,
    headers: HeaderMap,
    Json(body): Json<InviteAccept>,
) -> ApiResult<Response> {
    let welcome = find(&app, &body.token).await?;
    let guest = guest(&app, &headers, &welcome, body).await?;
    let known = match &guest {
        Guest::New { password_hash, .. } => Some(account::known_cookie(&app, password_hash)?),
        Guest::Known(_) => None,
    };
    let account = invites::accept(&app.store, &welcome, guest, app.now()).await?;
    let cookie = account::begin_session(&app, account, &headers).await?;
    let mut response = (StatusCode::NO_CONTENT, account::cookies([cookie])).into_response();
    response.headers_mut().extend(known.map(|known| (header::SET_COOKIE, known)));
    Ok(response)
}

async fn find(app: &AppState, token: &str) -> ApiResult<Welcome> {
    let found = invites::welcome(&app.store, SecretHash::of(token), app.now()).await?;
    found.ok_or_else(|| ApiError::new(kinds::NOT_FOUND, "the link was used, was taken back or has expired"))
}

/// Somebody new, or somebody logged in whose address is the link's.
async fn guest(app: &AppState, headers: &HeaderMap, welcome: &Welcome, body: InviteAccept) -> ApiResult<Guest> {
    let missing = |pointer| ApiError::field(pointer, "this is missing");
    if !welcome.has_account {
        let name = fields::name("/name", &body.name.ok_or_else(|| missing("/name"))?)?;
        let password = body.password.ok_or_else(|| missing("/password"))?;
        return Ok(Guest::New { name, password_hash: account::hash(app, "/password", password).await? });
    }
    let found = visitor::session(app, headers).await?;
    let invited = found.filter(|(_, account)| account.email == welcome.invite.email);
    let detail = format!("log in as {} first, then open the link again", welcome.invite.email);
    let (_, account) = invited.ok_or_else(|| ApiError::new(kinds::UNAUTHENTICATED, detail))?;
    Ok(Guest::Known(account))
}

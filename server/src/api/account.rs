//! Logging in and out, and one's own account.

use std::{hash::Hash, sync::Mutex, time::Duration};

use axum::{
    Extension, Json as Answer,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use drift::format::counted;
use drift::wire::{AccountBody, LoginRequest, Me, Page, PasswordChange, SessionBody, SetupRequest};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::{info, warn};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    bodies,
    extract::{Json, Path, Query},
    fields,
    page::PageQuery,
    visitor::{self, Person, Visitor, Who, cookie_name},
};
use crate::{
    access::{
        password::{self, Password},
        secret::{self, SecretHash},
        session,
        source::Source,
        throttle::Throttle,
    },
    cookies, limits,
    problem::{ApiError, ApiResult, kinds},
    state::AppState,
    store::{
        accounts::{self, NewAccount},
        id::{AccountId, SessionId},
        orgs, sessions,
    },
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(set_up))
        .routes(routes!(log_in))
        .routes(routes!(log_out))
        .routes(routes!(me))
        .routes(routes!(change_password))
        .routes(routes!(list_sessions))
        .routes(routes!(end_session))
}

/// Makes the first owner and its org on an empty server, and logs it in.
#[utoipa::path(post, path = "/api/v1/setup", security(()), tag = "account", request_body = SetupRequest,
    responses((status = 201, body = AccountBody)))]
async fn set_up(
    State(app): State<AppState>,
    headers: HeaderMap,
    Json(body): Json<SetupRequest>,
) -> ApiResult<Response> {
    if !accounts::is_empty(&app.store).await? {
        return Err(ApiError::not_found());
    }
    let owner = NewAccount {
        email: fields::email("/email", &body.email)?,
        name: fields::name("/name", &body.name)?,
        password_hash: hash(&app, "/password", body.password).await?,
    };
    let org_name = fields::name("/org_name", &body.org_name)?;
    let account = AccountBody { id: String::new(), email: owner.email.clone(), name: owner.name.clone() };
    let known = known_cookie(&app, &owner.password_hash)?;
    let id = accounts::set_up(&app.store, owner, &fields::slug(&org_name), &org_name, app.now()).await?;
    let cookie = begin_session(&app, id, &headers).await?;
    let account = AccountBody { id: id.to_string(), ..account };
    Ok((StatusCode::CREATED, cookies([cookie, known]), Answer(account)).into_response())
}

/// Logs in with a password; the session travels as a cookie.
#[utoipa::path(post, path = "/api/v1/login", security(()), tag = "account", request_body = LoginRequest,
    responses((status = 200, body = AccountBody)))]
async fn log_in(
    State(app): State<AppState>,
    source: Option<Extension<Source>>,
    headers: HeaderMap,
    Json(body): Json<LoginRequest>,
) -> ApiResult<Response> {
    let email = body.email.trim().to_lowercase();
    let now = app.now();
    // What is no address has no account; looking for a password takes as long.
    let found = match fields::email("/email", &email) {
        Ok(email) => accounts::with_password(&app.store, &email).await?,
        Err(_) => None,
    };
    let (account, kept) = found.unzip();
    // Strangers who guess use up the tries of strangers, and shut nobody out of a browser of theirs.
    let is_known = kept.as_deref().is_some_and(|kept| is_known_browser(&app, &headers, kept));
    let tries = (email, is_known);
    // Taken before the password is looked at, so that guesses in parallel count too.
    let source = source.map(|Extension(source)| source).filter(|_| !is_known);
    if let Some(source) = source {
        take_try(&app.login_sources, source, now)?;
    }
    take_try(&app.logins, tries.clone(), now)?;
    let known = kept.as_deref().map(|kept| known_cookie(&app, kept)).transpose()?;
    let turns = if is_known { &app.known_passwords } else { &app.passwords };
    let is_right = verify(turns, kept, body.password.into()).await?;
    let (Some(account), Some(known), true) = (&account, known, is_right) else {
        match &account {
            Some(account) => warn!(account.id = %account.id, "somebody tried a wrong password"),
            None => info!("somebody tried to log in with an address that has no account"),
        }
        return Err(ApiError::new(kinds::UNAUTHENTICATED, "email or password is not right"));
    };
    app.logins.lock().expect("no code panics with this lock").forget(&tries);
    if let Some(source) = source {
        app.login_sources.lock().expect("no code panics with this lock").give_back(&source);
    }
    if let Some((old, _)) = visitor::session(&app, &headers).await? {
        sessions::end(&app.store, old.account_id, old.id, now).await?;
    }
    let cookie = begin_session(&app, account.id, &headers).await?;
    Ok((cookies([cookie, known]), Answer(bodies::account(account.clone()))).into_response())
}

/// Several cookies; the session's is the first.
pub(super) fn cookies<const N: usize>(cookies: [HeaderValue; N]) -> AppendHeaders<[(HeaderName, HeaderValue); N]> {
    AppendHeaders(cookies.map(|cookie| (header::SET_COOKIE, cookie)))
}

/// How long a browser is known in which somebody has logged in.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(365 * 24);

fn known_name(is_over_tls: bool) -> &'static str {
    if is_over_tls { "__Host-driftsiren-known" } else { "driftsiren-known" }
}

/// What such a browser shows: made of the kept hash, with its random salt, which nobody outside knows. Another password
/// makes another.
fn known_mark(kept: &str) -> String {
    SecretHash::of(&format!("a browser that is known to {kept}")).hex()
}

/// The cookie of a browser in which somebody whose password is kept so has proved who it is.
pub(super) fn known_cookie(app: &AppState, kept: &str) -> ApiResult<HeaderValue> {
    cookie_named(app, known_name(app.config.is_public_over_tls()), &known_mark(kept), KNOWN_FOR.as_secs())
}

fn is_known_browser(app: &AppState, headers: &HeaderMap, kept: &str) -> bool {
    let mark = SecretHash::of(&known_mark(kept));
    cookies::values(headers, known_name(app.config.is_public_over_tls())).any(|shown| SecretHash::of(shown) == mark)
}

/// Takes one of few tries of a password.
fn take_try<K: Eq + Hash>(tries: &Mutex<Throttle<K>>, whose: K, now: Timestamp) -> ApiResult<()> {
    tries.lock().expect("no code panics with this lock").take(whose, now).map_err(|wait| {
        let minutes = counted(wait.as_secs().div_ceil(60), "minute");
        let detail = format!(
            "too many wrong passwords; try again in {minutes}, or log in with a browser that was logged in before"
        );
        ApiError::new(kinds::LOGIN_THROTTLED, detail).passing(u64::from(limits::LOGIN_FAILURES), None).after(wait)
    })
}

/// Ends the session.
#[utoipa::path(post, path = "/api/v1/logout", security(("session" = [])), tag = "account", responses((status = 204)))]
async fn log_out(State(app): State<AppState>, person: Person) -> ApiResult<Response> {
    sessions::end(&app.store, person.account.id, person.session.id, app.now()).await?;
    info!(account.id = %person.account.id, "logged out");
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie(&app, "", 0)?)]).into_response())
}

/// Who asks, and the orgs it belongs to.
#[utoipa::path(get, path = "/api/v1/me", tag = "account", responses((status = 200, body = Me)))]
async fn me(State(app): State<AppState>, visitor: Visitor) -> ApiResult<Answer<Me>> {
    Ok(Answer(match visitor.who {
        Who::Person { account, .. } => {
            let orgs = orgs::of_account(&app.store, account.id).await?;
            let orgs = orgs.into_iter().map(|(org, role)| bodies::org(org, Some(role))).collect();
            Me { account: Some(bodies::account(account)), key: None, scopes: Vec::new(), orgs }
        }
        Who::Program(key) => {
            let org = orgs::get(&app.store.org(key.org_id)).await?;
            Me { account: None, key: Some(key.name), scopes: key.scopes, orgs: vec![bodies::org(org, None)] }
        }
    }))
}

/// Changes one's password. Every session ends; the answer brings a new one.
#[utoipa::path(put, path = "/api/v1/me/password", security(("session" = [])), tag = "account", request_body = PasswordChange,
    responses((status = 204)))]
async fn change_password(
    State(app): State<AppState>,
    person: Person,
    headers: HeaderMap,
    Json(body): Json<PasswordChange>,
) -> ApiResult<Response> {
    let id = person.account.id;
    // Whoever found a browser open has not found the password yet.
    take_try(&app.password_changes, id.uuid(), app.now())?;
    let kept = accounts::with_password(&app.store, &person.account.email).await?.map(|(_, hash)| hash);
    if !verify(&app.known_passwords, kept, body.current.into()).await? {
        warn!(account.id = %id, "somebody logged in gave a wrong password for another one");
        return Err(ApiError::field("/current", "this is not your password"));
    }
    app.password_changes.lock().expect("no code panics with this lock").forget(&id.uuid());
    let new = hash(&app, "/new", body.new).await?;
    let known = known_cookie(&app, &new)?;
    accounts::change_password(&app.store, id, new).await?;
    info!(account.id = %id, "the password was changed, and every session ended");
    let cookie = begin_session(&app, id, &headers).await?;
    Ok((StatusCode::NO_CONTENT, cookies([cookie, known])).into_response())
}

/// The browsers in which one is logged in, newest first.
#[utoipa::path(get, path = "/api/v1/me/sessions", security(("session" = [])), tag = "account", params(PageQuery),
    responses((status = 200, body = Page<SessionBody>)))]
async fn list_sessions(
    State(app): State<AppState>,
    person: Person,
    Query(query): Query<PageQuery>,
) -> ApiResult<Answer<Page<SessionBody>>> {
    let (before, limit) = query.read()?;
    let sessions = sessions::of_account(&app.store, person.account.id, app.now(), before, limit + 1).await?;
    let current = person.session.id;
    Ok(Answer(query.page(sessions, |session| session.id.to_string(), |session| bodies::session(session, current))))
}

/// Logs one browser out.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{session}", security(("session" = [])), tag = "account",
    params(("session" = String, Path, format = "uuid")), responses((status = 204)))]
async fn end_session(
    State(app): State<AppState>,
    person: Person,
    Path(session): Path<SessionId>,
) -> ApiResult<StatusCode> {
    match sessions::end(&app.store, person.account.id, session, app.now()).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found()),
    }
}

/// Logs somebody in: the cookie of a new session.
pub(super) async fn begin_session(app: &AppState, account: AccountId, headers: &HeaderMap) -> ApiResult<HeaderValue> {
    const SHOWN: usize = 120;
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let user_agent: String = user_agent.chars().take(SHOWN).collect();
    let token = secret::new_secret();
    let id = sessions::begin(&app.store, account, SecretHash::of(&token), &user_agent, app.now()).await?;
    info!(account.id = %account, session.id = %id, "logged in");
    cookie(app, &token, session::ABSOLUTE.as_secs())
}

fn cookie(app: &AppState, token: &str, seconds: i64) -> ApiResult<HeaderValue> {
    cookie_named(app, cookie_name(app.config.is_public_over_tls()), token, seconds)
}

fn cookie_named(app: &AppState, name: &str, token: &str, seconds: i64) -> ApiResult<HeaderValue> {
    let is_over_tls = app.config.is_public_over_tls();
    let secure = if is_over_tls { "; Secure" } else { "" };
    let text = format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).map_err(|_| ApiError::internal())
}

/// Hashes a password off the threads that answer requests, a few at a time.
pub(super) async fn hash(app: &AppState, pointer: &str, password: String) -> ApiResult<String> {
    let password = Password::new(password).map_err(|error| ApiError::field(pointer, error.to_string()))?;
    let _turn = turn(&app.passwords, limits::PASSWORD_WAIT).await?;
    tokio::task::spawn_blocking(move || password.hash()).await.map_err(|_| ApiError::internal())
}

async fn verify(turns: &Semaphore, kept: Option<String>, given: SecretString) -> ApiResult<bool> {
    let _turn = turn(turns, limits::PASSWORD_WAIT).await?;
    let check = move || password::is_right(kept.as_deref(), &given);
    tokio::task::spawn_blocking(check).await.map_err(|_| ApiError::internal())
}

/// A turn at a password, if it comes soon: whoever waits holds a connection.
async fn turn(passwords: &Semaphore, wait: Duration) -> ApiResult<SemaphorePermit<'_>> {
    let turn = tokio::time::timeout(wait, passwords.acquire()).await;
    let busy = |_| ApiError::new(kinds::OVERLOADED, "too many passwords are being checked; try again");
    turn.map_err(busy)?.map_err(|_| ApiError::internal())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_waits_for_a_password_for_long() {
        let free = Semaphore::new(1);
        assert!(turn(&free, Duration::ZERO).await.is_ok());
        let _taken = free.acquire().await.expect("it is open");
        let refusal = turn(&free, Duration::ZERO).await.expect_err("nobody gives it back");
        assert_eq!((refusal.slug(), refusal.problem().status), ("overloaded", 503));
    }

    #[test]
    fn a_mark_tells_nothing_of_what_it_is_made_of() {
        let kept = "$argon2id$v=19$m=19456,t=2,p=1$salt$hash";
        assert_ne!(known_mark(kept), SecretHash::of(kept).hex());
        assert_ne!(known_mark(kept), known_mark("$argon2id$v=19$m=19456,t=2,p=1$tlas$hash"));
    }
}

//! Tenants, who belongs to them, and what was done there.

use axum::{
    Json as Answer,
    extract::State,
    http::{StatusCode, header::ETAG},
    response::{IntoResponse, Response},
};
use drift::wire::{AuditBody, MemberBody, OrgBody, OrgCreate, OrgPatch, Page, Role, RoleChange};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    bodies,
    extract::{Json, Path, Query, Version},
    fields,
    page::PageQuery,
    visitor::{OrgAccess, Person, Visitor, Who},
};
use crate::{
    access::role::{Permission, may_touch},
    problem::{ApiError, ApiResult, kinds},
    state::AppState,
    store::{
        StoreError, Unique,
        accounts::{self, Member},
        audit,
        id::AccountId,
        orgs,
    },
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, rename))
        .routes(routes!(members))
        .routes(routes!(member, change_role, remove))
        .routes(routes!(audit_log))
}

/// The orgs that one belongs to, by slug.
#[utoipa::path(get, path = "/api/v1/orgs", tag = "orgs", params(PageQuery),
    responses((status = 200, body = Page<OrgBody>)))]
async fn list(
    State(app): State<AppState>,
    visitor: Visitor,
    Query(query): Query<PageQuery>,
) -> ApiResult<Answer<Page<OrgBody>>> {
    let (after, limit) = query.read::<String>()?;
    let orgs = match visitor.who {
        Who::Person { account, .. } => {
            let orgs = orgs::page_of_account(&app.store, account.id, after, Some(limit + 1)).await?;
            orgs.into_iter().map(|(org, role)| (org, Some(role))).collect()
        }
        Who::Program(key) => {
            let own = orgs::get(&app.store.org(key.org_id)).await?;
            let is_behind = after.is_none_or(|after| own.slug > after);
            Vec::from_iter(is_behind.then_some((own, None)))
        }
    };
    Ok(Answer(query.page(orgs, |(org, _)| org.slug.clone(), |(org, role)| bodies::org(org, role))))
}

/// Makes an org; who makes it owns it.
#[utoipa::path(post, path = "/api/v1/orgs", security(("session" = [])), tag = "orgs", request_body = OrgCreate,
    responses((status = 201, body = OrgBody)))]
async fn create(
    State(app): State<AppState>,
    person: Person,
    Json(body): Json<OrgCreate>,
) -> ApiResult<(StatusCode, Answer<OrgBody>)> {
    let name = fields::name("/name", &body.name)?;
    let slug = fields::slug(&name);
    let first = orgs::create(&app.store, &slug, &name, &person.account, app.now()).await;
    let id = match first {
        Err(StoreError::Taken(Unique::Slug)) => {
            // Another org has this name; the end tells them apart.
            let slug = format!("{slug}-{}", crate::access::secret::digits(6).to_lowercase());
            orgs::create(&app.store, &slug, &name, &person.account, app.now()).await?
        }
        other => other?,
    };
    let org = orgs::get(&app.store.org(id)).await?;
    Ok((StatusCode::CREATED, Answer(bodies::org(org, Some(Role::Owner)))))
}

/// One org.
#[utoipa::path(get, path = "/api/v1/orgs/{org}", tag = "orgs", params(("org" = String, Path)),
    responses((status = 200, body = OrgBody)))]
async fn get(State(app): State<AppState>, visitor: Visitor, Path(org): Path<String>) -> ApiResult<Response> {
    let access = visitor.enter(&app, &org, Permission::ReadData).await?;
    Ok(with_version(access.org.version, bodies::org(access.org, access.role)))
}

/// Renames an org. Its address stays.
#[utoipa::path(patch, path = "/api/v1/orgs/{org}", security(("session" = [])), tag = "orgs", request_body = OrgPatch,
    params(("org" = String, Path), ("If-Match" = String, Header, pattern = "^\"[0-9]{1,18}\"$")), responses((status = 200, body = OrgBody)))]
async fn rename(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(org): Path<String>,
    Version(version): Version,
    Json(body): Json<OrgPatch>,
) -> ApiResult<Response> {
    let access = visitor.enter(&app, &org, Permission::ManagePeople).await?;
    let name = fields::name("/name", &body.name)?;
    let deed = access.deed(&app, "org.rename", &name);
    let renamed = orgs::rename(&access.scope, &name, version, deed).await?;
    Ok(with_version(renamed.version, bodies::org(renamed, access.role)))
}

/// Who belongs to an org; those whose accounts are older come first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/members", security(("session" = [])), tag = "orgs",
    params(("org" = String, Path), PageQuery), responses((status = 200, body = Page<MemberBody>)))]
async fn members(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(org): Path<String>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Answer<Page<MemberBody>>> {
    let access = visitor.enter(&app, &org, Permission::ReadPeople).await?;
    let (after, limit) = query.read()?;
    let members = accounts::members(&access.scope, after, limit + 1).await?;
    Ok(Answer(query.page(members, |member| member.account.id.to_string(), bodies::member)))
}

/// One member of an org.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/members/{account}", security(("session" = [])), tag = "orgs",
    params(("org" = String, Path), ("account" = String, Path, format = "uuid")),
    responses((status = 200, body = MemberBody)))]
async fn member(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, account)): Path<(String, AccountId)>,
) -> ApiResult<Response> {
    let access = visitor.enter(&app, &org, Permission::ReadPeople).await?;
    let member = accounts::member(&access.scope, account).await?;
    Ok(with_version(member.version, bodies::member(member)))
}

/// Gives a member another role; its sessions end.
#[utoipa::path(patch, path = "/api/v1/orgs/{org}/members/{account}", security(("session" = [])), tag = "orgs", request_body = RoleChange,
    params(("org" = String, Path), ("account" = String, Path, format = "uuid"),
        ("If-Match" = String, Header, pattern = "^\"[0-9]{1,18}\"$")),
    responses((status = 200, body = MemberBody)))]
async fn change_role(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, account)): Path<(String, AccountId)>,
    Version(version): Version,
    Json(body): Json<RoleChange>,
) -> ApiResult<Response> {
    let access = visitor.enter(&app, &org, Permission::ManagePeople).await?;
    let member = touchable(&app, &access, account, Some(body.role)).await?;
    let target = format!("{} to {}", member.account.email, body.role.as_str());
    let deed = access.deed(&app, "member.change_role", target);
    let changed = orgs::change_role(&access.scope, account, body.role, version, deed).await;
    let changed = access.heed(&app, changed).await?;
    Ok(with_version(changed.version, bodies::member(changed)))
}

/// Takes somebody out of an org.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/members/{account}", security(("session" = [])), tag = "orgs",
    params(("org" = String, Path), ("account" = String, Path, format = "uuid")), responses((status = 204)))]
async fn remove(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, account)): Path<(String, AccountId)>,
) -> ApiResult<StatusCode> {
    let access = visitor.enter(&app, &org, Permission::ManagePeople).await?;
    let member = touchable(&app, &access, account, None).await?;
    let deed = access.deed(&app, "member.remove", member.account.email);
    let removed = orgs::remove_member(&access.scope, account, deed).await;
    access.heed(&app, removed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A member whom the visitor may change, and give this role.
async fn touchable(app: &AppState, access: &OrgAccess, account: AccountId, to: Option<Role>) -> ApiResult<Member> {
    let member = accounts::member(&access.scope, account).await?;
    let is_allowed =
        access.role.is_some_and(|actor| may_touch(actor, member.role) && to.is_none_or(|role| may_touch(actor, role)));
    if is_allowed {
        Ok(member)
    } else {
        let refusal = ApiError::new(kinds::FORBIDDEN, "only an owner makes, changes or removes owners");
        Err(access.refuse(app, refusal).await)
    }
}

/// What was done or refused, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/audit", security(("session" = [])), tag = "orgs", params(("org" = String, Path), PageQuery),
    responses((status = 200, body = Page<AuditBody>)))]
async fn audit_log(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(org): Path<String>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Answer<Page<AuditBody>>> {
    let access = visitor.enter(&app, &org, Permission::ReadAudit).await?;
    let (before, limit) = query.read()?;
    let entries = audit::page(&access.scope, before, limit + 1).await?;
    Ok(Answer(query.page(entries, |entry| entry.id.to_string(), bodies::audit)))
}

/// An answer that tells which version it is.
pub(super) fn with_version<T: serde::Serialize>(version: i64, body: T) -> Response {
    ([(ETAG, format!("\"{version}\""))], Answer(body)).into_response()
}

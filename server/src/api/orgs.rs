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
    problem::{ApiError, ApiResult},
    visitor::{Person, Visitor},
};
use crate::{
    access::role::{Permission, may_touch},
    limits,
    state::AppState,
    store::{StoreError, accounts, audit, id::AccountId, orgs, sessions},
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, rename))
        .routes(routes!(members))
        .routes(routes!(change_role, remove))
        .routes(routes!(audit_log))
}

/// The orgs that one belongs to.
#[utoipa::path(get, path = "/orgs", tag = "orgs", responses((status = 200, body = Page<OrgBody>)))]
async fn list(State(app): State<AppState>, visitor: Visitor) -> ApiResult<Answer<Page<OrgBody>>> {
    let orgs = match visitor {
        Visitor::Person { account, .. } => {
            let orgs = orgs::of_account(&app.store, account.id).await?;
            orgs.into_iter().map(|(org, role)| bodies::org(org, Some(role))).collect()
        }
        Visitor::Program(key) => vec![bodies::org(orgs::get(&app.store.org(key.org_id)).await?, None)],
    };
    Ok(Answer(Page::whole(orgs)))
}

/// Makes an org; who makes it owns it.
#[utoipa::path(post, path = "/orgs", tag = "orgs", request_body = OrgCreate,
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
        Err(StoreError::Taken("slug")) => {
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
#[utoipa::path(get, path = "/orgs/{org}", tag = "orgs", params(("org" = String, Path)),
    responses((status = 200, body = OrgBody)))]
async fn get(State(app): State<AppState>, visitor: Visitor, Path(org): Path<String>) -> ApiResult<Response> {
    let access = visitor.enter(&app, &org, Permission::ReadData).await?;
    Ok(with_version(access.org.version, bodies::org(access.org, access.role)))
}

/// Renames an org. Its address stays.
#[utoipa::path(patch, path = "/orgs/{org}", tag = "orgs", request_body = OrgPatch,
    params(("org" = String, Path), ("If-Match" = String, Header)), responses((status = 200, body = OrgBody)))]
async fn rename(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(org): Path<String>,
    Version(version): Version,
    Json(body): Json<OrgPatch>,
) -> ApiResult<Response> {
    let access = visitor.enter(&app, &org, Permission::ManagePeople).await?;
    let name = fields::name("/name", &body.name)?;
    let renamed = orgs::rename(&access.scope, &name, version).await?;
    access.done(&app, "org.rename", &name).await?;
    Ok(with_version(renamed.version, bodies::org(renamed, access.role)))
}

/// Who belongs to an org.
#[utoipa::path(get, path = "/orgs/{org}/members", tag = "orgs", params(("org" = String, Path)),
    responses((status = 200, body = Page<MemberBody>)))]
async fn members(
    State(app): State<AppState>,
    visitor: Visitor,
    Path(org): Path<String>,
) -> ApiResult<Answer<Page<MemberBody>>> {
    let access = visitor.enter(&app, &org, Permission::ReadPeople).await?;
    let members = accounts::members(&access.scope).await?;
    Ok(Answer(Page::whole(members.into_iter().map(bodies::member).collect())))
}

/// Gives a member another role; its sessions end.
#[utoipa::path(patch, path = "/orgs/{org}/members/{account}", tag = "orgs", request_body = RoleChange,
    params(("org" = String, Path), ("account" = String, Path, format = "uuid")), responses((status = 204)))]
async fn change_role(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, account)): Path<(String, AccountId)>,
    Json(body): Json<RoleChange>,
) -> ApiResult<StatusCode> {
    let access = visitor.enter(&app, &org, Permission::ManagePeople).await?;
    let member = touchable(&access, account, Some(body.role)).await?;
    orgs::change_role(&access.scope, account, body.role).await?;
    sessions::end_all(&app.store, account).await?;
    access.done(&app, "member.change_role", &format!("{member} to {}", body.role.as_str())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes somebody out of an org.
#[utoipa::path(delete, path = "/orgs/{org}/members/{account}", tag = "orgs",
    params(("org" = String, Path), ("account" = String, Path, format = "uuid")), responses((status = 204)))]
async fn remove(
    State(app): State<AppState>,
    visitor: Visitor,
    Path((org, account)): Path<(String, AccountId)>,
) -> ApiResult<StatusCode> {
    let access = visitor.enter(&app, &org, Permission::ManagePeople).await?;
    let member = touchable(&access, account, None).await?;
    orgs::remove_member(&access.scope, account).await?;
    access.done(&app, "member.remove", &member).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The address of a member whom the visitor may change, and give this role.
async fn touchable(access: &super::visitor::OrgAccess, account: AccountId, to: Option<Role>) -> ApiResult<String> {
    let members = accounts::members(&access.scope).await?;
    let member = members.into_iter().find(|member| member.account.id == account).ok_or_else(ApiError::not_found)?;
    let is_allowed =
        access.role.is_some_and(|actor| may_touch(actor, member.role) && to.is_none_or(|role| may_touch(actor, role)));
    if is_allowed {
        Ok(member.account.email)
    } else {
        Err(ApiError::new(limits::FORBIDDEN, "only an owner makes, changes or removes owners"))
    }
}

/// What was done or refused, newest first.
#[utoipa::path(get, path = "/orgs/{org}/audit", tag = "orgs", params(("org" = String, Path), PageQuery),
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

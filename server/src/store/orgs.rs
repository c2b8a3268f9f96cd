//! Tenants, and who belongs to them.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    Access, OrgScope, Result, Store, StoreError, Whom,
    accounts::{self, Account, Member},
    audit::Deed,
    entity::{account, membership, org, session},
    id::{AccountId, OrgId},
    row::Row,
    scope::OrgTransaction,
    time::to_micros,
};
use crate::access::role::Role;

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Org {
    pub id: OrgId,
    pub slug: String,
    pub name: String,
    pub created_at: Timestamp,
    pub version: i64,
}

impl TryFrom<org::Model> for Org {
    type Error = StoreError;

    fn try_from(row: org::Model) -> Result<Self> {
        let of = Row::new("org", row.id);
        Ok(Self {
            id: row.id.into(),
            slug: row.slug,
            name: row.name,
            created_at: of.time("created_at", row.created_at)?,
            version: row.version,
        })
    }
}

/// Makes an org with its first owner.
pub async fn create(store: &Store, slug: &str, name: &str, owner: &Account, now: Timestamp) -> Result<OrgId> {
    let id = OrgId::new();
    let scope = store.org(id).write().await?;
    let deed = insert_with_owner(&scope, slug, name, (owner.id, &owner.name), now).await?;
    scope.commit_with(deed).await?;
    Ok(id)
}

/// Gives the line of the audit log that is to be kept with it.
pub(super) async fn insert_with_owner(
    scope: &OrgTransaction,
    slug: &str,
    name: &str,
    (owner, owner_name): (AccountId, &str),
    now: Timestamp,
) -> Result<Deed> {
    let at = to_micros(now);
    let row = org::Model { id: scope.org, slug: slug.to_owned(), name: name.to_owned(), created_at: at, version: 1 };
    org::Entity::insert(row.into_active_model()).exec_without_returning(&scope.txn).await?;
    add_member(scope, owner, Role::Owner, now).await?;
    Ok(Deed::of_account(owner, owner_name, "org.create", name, now))
}

pub(super) async fn insert_account(txn: &DatabaseTransaction, row: account::Model) -> Result<()> {
    account::Entity::insert(row.into_active_model()).exec_without_returning(txn).await?;
    Ok(())
}

pub(super) async fn add_member(scope: &OrgTransaction, account: AccountId, role: Role, now: Timestamp) -> Result<()> {
    let row = membership::Model {
        org_id: scope.org,
        account_id: account.0,
        role: role.as_str().to_owned(),
        created_at: to_micros(now),
        version: 1,
    };
    scope.insert::<membership::Entity>(row).await
}

pub(super) fn role_of(row: &membership::Model) -> Result<Role> {
    Row::new("membership", row.account_id).need("role", Role::from_word(&row.role))
}

/// The orgs of an account with its role in each, by slug.
pub async fn of_account(store: &Store, account: AccountId) -> Result<Vec<(Org, Role)>> {
    page_of_account(store, account, None, None).await
}

/// Up to `limit` orgs of an account, by slug, behind the slug `after`.
pub async fn page_of_account(
    store: &Store,
    account: AccountId,
    after: Option<String>,
    limit: Option<u64>,
) -> Result<Vec<(Org, Role)>> {
    let txn = store.begin(Access::Read, Whom::Account(account)).await?;
    let rows = membership::Entity::find().filter(membership::Column::AccountId.eq(account.0)).all(&txn).await?;
    let mut found = org::Entity::find().filter(org::Column::Id.is_in(rows.iter().map(|row| row.org_id)));
    if let Some(after) = after {
        found = found.filter(org::Column::Slug.gt(after));
    }
    let orgs = found.order_by_asc(org::Column::Slug).limit(limit).all(&txn).await?;
    let with_role = |org: org::Model| {
        // One of the rows by which the orgs were found.
        let row = rows.iter().find(|row| row.org_id == org.id).ok_or(StoreError::NotFound)?;
        Ok((org.try_into()?, role_of(row)?))
    };
    orgs.into_iter().map(with_role).collect()
}

/// The org of a slug or id and the account's role in it; nothing when it does not belong there.
pub async fn membership(store: &Store, account: AccountId, org: &str) -> Result<Option<(Org, Role)>> {
    let orgs = of_account(store, account).await?;
    let id = org.parse::<OrgId>().ok();
    Ok(orgs.into_iter().find(|(found, _)| found.slug == org || Some(found.id) == id))
}

/// The org behind a door.
pub async fn get(scope: &OrgScope) -> Result<Org> {
    let scope = scope.read().await?;
    let row = org::Entity::find_by_id(scope.org).one(&scope.txn).await?;
    row.ok_or(StoreError::NotFound)?.try_into()
}

/// Renames an org that nobody changed since `version`; gives the new version.
pub async fn rename(org: &OrgScope, name: &str, version: i64, deed: Deed) -> Result<Org> {
    let scope = org.write().await?;
    let changed = org::Entity::update_many()
        .col_expr(org::Column::Name, Expr::value(name))
        .col_expr(org::Column::Version, Expr::col(org::Column::Version).add(1))
        .filter(org::Column::Id.eq(scope.org))
        .filter(org::Column::Version.eq(version))
        .exec(&scope.txn)
        .await?;
    let now = org::Entity::find_by_id(scope.org).one(&scope.txn).await?.ok_or(StoreError::NotFound)?;
    if changed.rows_affected == 0 {
        return Err(StoreError::Stale(now.version));
    }
    scope.commit_with(deed).await?;
    now.try_into()
}

/// Gives a member that nobody changed since `version` another role, and ends its sessions; the last owner stays one.
pub async fn change_role(org: &OrgScope, account: AccountId, role: Role, version: i64, deed: Deed) -> Result<Member> {
    let scope = org.write().await?;
    lock(&scope).await?;
    let changed = scope
        .update::<membership::Entity>()
        .col_expr(membership::Column::Role, Expr::value(role.as_str()))
        .col_expr(membership::Column::Version, Expr::col(membership::Column::Version).add(1))
        .filter(membership::Column::AccountId.eq(account.0))
        .filter(membership::Column::Version.eq(version))
        .exec(&scope.txn)
        .await?;
    let now = accounts::find_member(&scope, account).await?;
    if changed.rows_affected == 0 {
        return Err(StoreError::Stale(now.version));
    }
    // Another role, another session.
    session::Entity::delete_many().filter(session::Column::AccountId.eq(account.0)).exec(&scope.txn).await?;
    commit_with_an_owner(scope, deed).await?;
    Ok(now)
}

/// Takes somebody out of an org; the last owner stays.
pub async fn remove_member(org: &OrgScope, account: AccountId, deed: Deed) -> Result<()> {
    let scope = org.write().await?;
    lock(&scope).await?;
    let removed = scope
        .delete::<membership::Entity>()
        .filter(membership::Column::AccountId.eq(account.0))
        .exec(&scope.txn)
        .await?;
    if removed.rows_affected == 0 {
        return Err(StoreError::NotFound);
    }
    commit_with_an_owner(scope, deed).await
}

/// Lets others who change the members wait: two owners who remove each other would each still see the other one.
async fn lock(scope: &OrgTransaction) -> Result<()> {
    // SQLite has one writer at a time, and no such words.
    let row = org::Entity::find_by_id(scope.org).lock_exclusive().one(&scope.txn).await?;
    row.map(drop).ok_or(StoreError::NotFound)
}

async fn commit_with_an_owner(scope: OrgTransaction, deed: Deed) -> Result<()> {
    let owners = scope.find::<membership::Entity>().filter(membership::Column::Role.eq(Role::Owner.as_str()));
    if owners.count(&scope.txn).await? == 0 {
        return Err(StoreError::LastOwner);
    }
    scope.commit_with(deed).await
}

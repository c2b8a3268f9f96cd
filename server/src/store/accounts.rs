//! People.

use std::fmt;

use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{
    Access, OrgScope, Result, Store, StoreError, Whom,
    entity::{account, membership, session},
    id::{AccountId, OrgId},
    orgs,
    row::Row,
    scope::OrgTransaction,
    time::to_micros,
};
use crate::access::role::Role;

/// Somebody who can log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub email: String,
    pub name: String,
}

impl From<account::Model> for Account {
    fn from(row: account::Model) -> Self {
        Self { id: row.id.into(), email: row.email, name: row.name }
    }
}

/// Somebody who is to be let in.
#[derive(Clone)]
pub struct NewAccount {
    /// In lower case.
    pub email: String,
    pub name: String,
    pub password_hash: String,
}

/// Without the hash, which guesses could be tried on.
impl fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { email, name, .. } = self;
        f.debug_struct("NewAccount").field("email", email).field("name", name).finish_non_exhaustive()
    }
}

impl NewAccount {
    pub(super) fn into_row(self, id: AccountId, now: Timestamp) -> account::Model {
        let Self { email, name, password_hash } = self;
        account::Model { id: id.0, email, name, password_hash, created_at: to_micros(now) }
    }
}

/// An account with the hash of its password.
pub async fn with_password(store: &Store, email: &str) -> Result<Option<(Account, String)>> {
    let txn = store.begin(Access::Read, Whom::Nobody).await?;
    let row = account::Entity::find().filter(account::Column::Email.eq(email)).one(&txn).await?;
    Ok(row.map(|row| (row.clone().into(), row.password_hash)))
}

/// Whether nobody can log in yet.
pub async fn is_empty(store: &Store) -> Result<bool> {
    let txn = store.begin(Access::Read, Whom::Nobody).await?;
    Ok(account::Entity::find().count(&txn).await? == 0)
}

/// The first account and its org, on an empty database. Of two that try at once, one gets [`StoreError::NotFound`].
pub async fn set_up(store: &Store, owner: NewAccount, slug: &str, org: &str, now: Timestamp) -> Result<AccountId> {
    let (account, id) = (AccountId::new(), OrgId::new());
    let scope = store.org(id).write().await?;
    if store.is_postgres() {
        use sea_orm::ConnectionTrait;
        scope.txn.execute_unprepared("lock table account in exclusive mode").await?;
    }
    if account::Entity::find().count(&scope.txn).await? > 0 {
        return Err(StoreError::NotFound);
    }
    let name = owner.name.clone();
    orgs::insert_account(&scope.txn, owner.into_row(account, now)).await?;
    let deed = orgs::insert_with_owner(&scope, slug, org, (account, &name), now).await?;
    scope.commit_with(deed).await?;
    Ok(account)
}

/// Changes a password and ends every session of the account.
pub async fn change_password(store: &Store, id: AccountId, hash: String) -> Result<()> {
    let txn = store.begin(Access::Write, Whom::Nobody).await?;
    account::Entity::update_many()
        .col_expr(account::Column::PasswordHash, Expr::value(hash))
        .filter(account::Column::Id.eq(id.0))
        .exec(&txn)
        .await?;
    session::Entity::delete_many().filter(session::Column::AccountId.eq(id.0)).exec(&txn).await?;
    store.commit(txn).await
}

/// A member of an org.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub account: Account,
    pub role: Role,
    pub since: Timestamp,
    pub version: i64,
}

fn member_of(row: &membership::Model, account: account::Model) -> Result<Member> {
    let since = Row::new("membership", row.account_id).time("created_at", row.created_at)?;
    let role = orgs::role_of(row)?;
    Ok(Member { account: account.into(), role, since, version: row.version })
}

/// Up to `limit` members of an org, behind the account `after`: those whose accounts are older come first.
pub async fn members(org: &OrgScope, after: Option<AccountId>, limit: u64) -> Result<Vec<Member>> {
    let scope = org.read().await?;
    let mut found = scope.find::<membership::Entity>();
    if let Some(after) = after {
        found = found.filter(membership::Column::AccountId.gt(after.0));
    }
    let rows = found.order_by_asc(membership::Column::AccountId).limit(limit).all(&scope.txn).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.account_id).collect();
    let accounts = account::Entity::find().filter(account::Column::Id.is_in(ids)).all(&scope.txn).await?;
    let member = |row: &membership::Model| {
        // Without its account it was removed between the two questions.
        let account = accounts.iter().find(|account| account.id == row.account_id)?;
        Some(member_of(row, account.clone()))
    };
    rows.iter().filter_map(member).collect()
}

/// One member of an org.
pub async fn member(org: &OrgScope, id: AccountId) -> Result<Member> {
    find_member(&org.read().await?, id).await
}

pub(super) async fn find_member(scope: &OrgTransaction, id: AccountId) -> Result<Member> {
    let found = scope.find::<membership::Entity>().filter(membership::Column::AccountId.eq(id.0));
    let row = found.one(&scope.txn).await?.ok_or(StoreError::NotFound)?;
    let account = account::Entity::find_by_id(id.0).one(&scope.txn).await?;
    member_of(&row, account.ok_or(StoreError::NotFound)?)
}

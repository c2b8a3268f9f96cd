//! Links that let people in.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{
    Access, OrgScope, Result, Store, StoreError, Whom,
    accounts::{Account, NewAccount},
    audit::Deed,
    entity::{account, invite, org},
    id::{AccountId, InviteId, OrgId},
    orgs,
    row::Row,
    time::to_micros,
};
use crate::access::{role::Role, secret::SecretHash};

/// How long a link lets somebody in.
pub const LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A link that was not used yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    pub id: InviteId,
    pub email: String,
    pub role: Role,
    pub expires_at: Timestamp,
}

fn from_row(row: &invite::Model) -> Result<Invite> {
    let of = Row::new("invite", row.id);
    Ok(Invite {
        id: row.id.into(),
        email: row.email.clone(),
        role: of.need("role", Role::from_word(&row.role))?,
        expires_at: of.time("expires_at", row.expires_at)?,
    })
}

/// Notes a link for somebody.
pub async fn create(org: &OrgScope, email: &str, role: Role, token: SecretHash, deed: Deed) -> Result<Invite> {
    let scope = org.write().await?;
    let row = invite::Model {
        org_id: scope.org,
        id: InviteId::new().0,
        token_hash: token.as_bytes().to_vec(),
        email: email.to_owned(),
        role: role.as_str().to_owned(),
        created_at: to_micros(deed.at),
        expires_at: to_micros(deed.at + LIFE),
        accepted_at: None,
    };
    let invite = from_row(&row)?;
    scope.insert::<invite::Entity>(row).await?;
    scope.commit_with(deed).await?;
    Ok(invite)
}

/// Up to `limit` links of an org that still let somebody in, newest first, older than `before`.
pub async fn open(org: &OrgScope, now: Timestamp, before: Option<InviteId>, limit: u64) -> Result<Vec<Invite>> {
    let scope = org.read().await?;
    let mut found = scope
        .find::<invite::Entity>()
        .filter(invite::Column::AcceptedAt.is_null())
        .filter(invite::Column::ExpiresAt.gt(to_micros(now)));
    if let Some(before) = before {
        found = found.filter(invite::Column::Id.lt(before.0));
    }
    let rows = found.order_by_desc(invite::Column::Id).limit(limit).all(&scope.txn).await?;
    rows.iter().map(from_row).collect()
}

/// Takes a link back.
pub async fn revoke(org: &OrgScope, id: InviteId, deed: Deed) -> Result<()> {
    let scope = org.write().await?;
    let gone = scope
        .delete::<invite::Entity>()
        .filter(invite::Column::Id.eq(id.0))
        .filter(invite::Column::AcceptedAt.is_null())
        .exec(&scope.txn)
        .await?;
    if gone.rows_affected == 0 {
        return Err(StoreError::NotFound);
    }
    scope.commit_with(deed).await
}

/// What somebody with a link sees before using it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    pub org_id: OrgId,
    pub org_name: String,
    pub invite: Invite,
    /// Somebody of this address has an account and only needs to log in.
    pub has_account: bool,
}

/// The link of this secret, if it still lets somebody in.
pub async fn welcome(store: &Store, token: SecretHash, now: Timestamp) -> Result<Option<Welcome>> {
    let hex = token.hex();
    let txn = store.begin(Access::Read, Whom::Holder(&hex)).await?;
    let row = invite::Entity::find().filter(invite::Column::TokenHash.eq(token.as_bytes().to_vec())).one(&txn).await?;
    let Some(row) = row.filter(|row| row.accepted_at.is_none() && row.expires_at > to_micros(now)) else {
        return Ok(None);
    };
    let org_id = OrgId::from(row.org_id);
    store.work_for(&txn, Whom::Org(org_id)).await?;
    let org = org::Entity::find_by_id(row.org_id).one(&txn).await?;
    let account = account::Entity::find().filter(account::Column::Email.eq(&row.email)).one(&txn).await?;
    let Some(org) = org else { return Ok(None) };
    let invite = from_row(&row)?;
    Ok(Some(Welcome { org_id, org_name: org.name, invite, has_account: account.is_some() }))
}

/// Who uses a link.
#[derive(Clone, Debug)]
pub enum Guest {
    /// Somebody who has no account yet; its address is the link's.
    New { name: String, password_hash: String },
    /// Somebody who is logged in.
    Known(Account),
}

/// Lets the holder of a link in, once.
pub async fn accept(store: &Store, welcome: &Welcome, guest: Guest, now: Timestamp) -> Result<AccountId> {
    let scope = store.org(welcome.org_id).write().await?;
    let used = scope
        .update::<invite::Entity>()
        .col_expr(invite::Column::AcceptedAt, Expr::value(to_micros(now)))
        .filter(invite::Column::Id.eq(welcome.invite.id.0))
        .filter(invite::Column::AcceptedAt.is_null())
        .filter(invite::Column::ExpiresAt.gt(to_micros(now)))
        .exec(&scope.txn)
        .await?;
    if used.rows_affected == 0 {
        return Err(StoreError::NotFound);
    }
    let (account, name) = match guest {
        Guest::Known(account) => (account.id, account.name),
        Guest::New { name, password_hash } => {
            let id = AccountId::new();
            let account = NewAccount { email: welcome.invite.email.clone(), name: name.clone(), password_hash };
            orgs::insert_account(&scope.txn, account.into_row(id, now)).await?;
            (id, name)
        }
    };
    orgs::add_member(&scope, account, welcome.invite.role, now).await?;
    let target = format!("{} as {}", welcome.invite.email, welcome.invite.role.as_str());
    scope.commit_with(Deed::of_account(account, &name, "invite.accept", &target, now)).await?;
    Ok(account)
}

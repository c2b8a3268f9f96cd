//! What has passed its time is deleted, a little at a time: SQLite has one writer, and others wait for it.
//!
//! Each function deletes up to so many rows in one transaction and gives their number, until that is zero. Rows are
//! looked for before anything is written. Several servers may do it at once: what one has deleted, another does not find.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    Access, OrgScope, Result, Store, Whom,
    entity::{OrgOwned, account, batch, event, idempotency_record, invite, membership, session, slot_profile},
    id::{AccountId, DatasetId, OrgId},
    sessions,
    time::to_micros,
};

/// Up to `limit` accounts, by id, behind the account `after`.
pub async fn accounts(store: &Store, after: Option<AccountId>, limit: u64) -> Result<Vec<AccountId>> {
    let txn = store.begin(Access::Read, Whom::Nobody).await?;
    let mut found = account::Entity::find().select_only().column(account::Column::Id);
    if let Some(after) = after {
        found = found.filter(account::Column::Id.gt(after.0));
    }
    let ids: Vec<Uuid> = found.order_by_asc(account::Column::Id).limit(limit).into_tuple().all(&txn).await?;
    Ok(ids.into_iter().map(AccountId::from).collect())
}

/// The orgs of an account. Row-level security shows an org to its members alone, so whoever looks for every org asks for
/// those of every account: an org has an owner at all times.
pub async fn orgs_of(store: &Store, account: AccountId) -> Result<Vec<OrgId>> {
    let txn = store.begin(Access::Read, Whom::Account(account)).await?;
    let own = membership::Entity::find()
        .select_only()
        .column(membership::Column::OrgId)
        .filter(membership::Column::AccountId.eq(account.0));
    let own: Vec<Uuid> = own.into_tuple().all(&txn).await?;
    Ok(own.into_iter().map(OrgId::from).collect())
}

/// What an account or API key did under idempotency keys before a time.
pub async fn idempotency_records(store: &Store, visitor: Uuid, before: Timestamp, limit: u64) -> Result<u64> {
    let is_old = || {
        let of_visitor = idempotency_record::Column::VisitorId.eq(visitor);
        of_visitor.and(idempotency_record::Column::ClaimedAt.lt(to_micros(before)))
    };
    let txn = store.begin(Access::Read, Whom::Visitor(visitor)).await?;
    let old = idempotency_record::Entity::find()
        .select_only()
        .column(idempotency_record::Column::KeyHash)
        .filter(is_old())
        .limit(limit);
    let old: Vec<Vec<u8>> = old.into_tuple().all(&txn).await?;
    store.commit(txn).await?;
    if old.is_empty() {
        return Ok(0);
    }
    let txn = store.begin(Access::Write, Whom::Visitor(visitor)).await?;
    let deleted = idempotency_record::Entity::delete_many()
        // One of them may have been used again a moment ago.
        .filter(is_old())
        .filter(idempotency_record::Column::KeyHash.is_in(old))
        .exec(&txn)
        .await?;
    store.commit(txn).await?;
    Ok(deleted.rows_affected)
}

/// Batches of a dataset that were received before a time.
pub async fn batches(org: &OrgScope, dataset: DatasetId, before: Timestamp, limit: u64) -> Result<u64> {
    let of_dataset = || batch::Column::DatasetId.eq(dataset.0);
    let scope = org.read().await?;
    // In the order of their ids, which is that of their arrival but for moments: no index by time is needed.
    let oldest = scope
        .find::<batch::Entity>()
        .select_only()
        .columns([batch::Column::Id, batch::Column::ReceivedAt])
        .filter(of_dataset())
        .order_by_asc(batch::Column::Id)
        .limit(limit);
    let oldest: Vec<(Uuid, i64)> = oldest.into_tuple().all(&scope.txn).await?;
    scope.commit().await?;
    let old: Vec<Uuid> = oldest.into_iter().filter(|(_, at)| *at < to_micros(before)).map(|(id, _)| id).collect();
    if old.is_empty() {
        return Ok(0);
    }
    delete::<batch::Entity>(org, of_dataset().and(batch::Column::Id.is_in(old))).await
}

/// Profiles of a dataset's slots that begin before a time.
pub async fn slot_profiles(org: &OrgScope, dataset: DatasetId, before: Timestamp, limit: u64) -> Result<u64> {
    let of_dataset = || slot_profile::Column::DatasetId.eq(dataset.0);
    let scope = org.read().await?;
    let oldest = scope
        .find::<slot_profile::Entity>()
        .select_only()
        .columns([slot_profile::Column::SlotAt, slot_profile::Column::Id])
        .filter(of_dataset())
        .filter(slot_profile::Column::SlotAt.lt(to_micros(before)))
        .order_by_asc(slot_profile::Column::SlotAt)
        .order_by_asc(slot_profile::Column::Id)
        .limit(limit);
    let oldest: Vec<(i64, Uuid)> = oldest.into_tuple().all(&scope.txn).await?;
    scope.commit().await?;
    let Some((last, _)) = oldest.last().copied() else { return Ok(0) };
    let ids: BTreeSet<Uuid> = oldest.into_iter().map(|(_, id)| id).collect();
    let found = slot_profile::Column::SlotAt.lte(last).and(slot_profile::Column::Id.is_in(ids));
    delete::<slot_profile::Entity>(org, of_dataset().and(found)).await
}

/// Events of an org before a time.
pub async fn events(org: &OrgScope, before: Timestamp, limit: u64) -> Result<u64> {
    let scope = org.read().await?;
    let oldest = scope
        .find::<event::Entity>()
        .select_only()
        .columns([event::Column::N, event::Column::At])
        .order_by_asc(event::Column::N)
        .limit(limit);
    let oldest: Vec<(i64, i64)> = oldest.into_tuple().all(&scope.txn).await?;
    scope.commit().await?;
    let old: Vec<i64> = oldest.into_iter().filter(|(_, at)| *at < to_micros(before)).map(|(n, _)| n).collect();
    if old.is_empty() {
        return Ok(0);
    }
    delete::<event::Entity>(org, event::Column::N.is_in(old)).await
}

/// Invites of an org that expired before a time, used or not.
pub async fn invites(org: &OrgScope, before: Timestamp, limit: u64) -> Result<u64> {
    let scope = org.read().await?;
    let expired = scope
        .find::<invite::Entity>()
        .select_only()
        .column(invite::Column::Id)
        .filter(invite::Column::ExpiresAt.lt(to_micros(before)))
        .limit(limit);
    let expired: Vec<Uuid> = expired.into_tuple().all(&scope.txn).await?;
    scope.commit().await?;
    if expired.is_empty() {
        return Ok(0);
    }
    delete::<invite::Entity>(org, invite::Column::Id.is_in(expired)).await
}

/// Deletes rows of an org that were found, in a transaction of their own.
async fn delete<E: OrgOwned>(org: &OrgScope, found: Expr) -> Result<u64> {
    let scope = org.write().await?;
    let deleted = scope.delete::<E>().filter(found).exec(&scope.txn).await?;
    scope.commit().await?;
    Ok(deleted.rows_affected)
}

/// Sessions of all accounts that had ended by a time.
pub async fn sessions(store: &Store, by: Timestamp, limit: u64) -> Result<u64> {
    let txn = store.begin(Access::Read, Whom::Nobody).await?;
    let ended = session::Entity::find().select_only().column(session::Column::Id).filter(sessions::is_over(by));
    let ended: Vec<Uuid> = ended.limit(limit).into_tuple().all(&txn).await?;
    store.commit(txn).await?;
    if ended.is_empty() {
        return Ok(0);
    }
    let txn = store.begin(Access::Write, Whom::Nobody).await?;
    let deleted = session::Entity::delete_many()
        .filter(session::Column::Id.is_in(ended))
        // It may have been used a moment ago.
        .filter(sessions::is_over(by))
        .exec(&txn)
        .await?;
    store.commit(txn).await?;
    Ok(deleted.rows_affected)
}

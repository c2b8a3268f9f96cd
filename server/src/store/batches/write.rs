//! Batches on their way into the tables.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};
use uuid::Uuid;

use super::{
    NewBatch, Written,
    slots::{self, SlotFile},
};
use crate::store::{
    Access, Result, Store, StoreError, Whom, datasets,
    entity::{batch, event, event_cursor, slot_profile},
    id::{DatasetId, OrgId},
    scope::OrgTransaction,
    time::to_micros,
};

/// Writes batches of any orgs in one transaction.
pub async fn write_all(store: &Store, batches: &[NewBatch]) -> Result<Vec<Written>> {
    let mut by_org: BTreeMap<OrgId, Vec<usize>> = BTreeMap::new();
    for (index, batch) in batches.iter().enumerate() {
        by_org.entry(batch.org).or_default().push(index);
    }
    let mut txn = store.begin(Access::Write, Whom::Nobody).await?;
    let mut written = vec![Written::Kept; batches.len()];
    for (org, indices) in by_org {
        store.work_for(&txn, Whom::Org(org)).await?;
        let scope = OrgTransaction { txn, org: org.0 };
        let of_org: Vec<&NewBatch> = indices.iter().map(|index| &batches[*index]).collect();
        for (index, outcome) in indices.iter().zip(write_org(&scope, &of_org).await?) {
            written[*index] = outcome;
        }
        txn = scope.txn;
    }
    txn.commit().await?;
    Ok(written)
}

async fn write_org(scope: &OrgTransaction, batches: &[&NewBatch]) -> Result<Vec<Written>> {
    let kept = insert(scope, batches).await?;
    let is_kept = |batch: &NewBatch| kept.contains(&batch.id.0);
    let new: Vec<&NewBatch> = batches.iter().copied().filter(|batch| is_kept(batch)).collect();
    if !new.is_empty() {
        write_slots(scope, &new).await?;
        write_events(scope, &new).await?;
        for batch in &new {
            if let Some((version, columns)) = &batch.columns {
                datasets::note_columns(scope, batch.dataset, *version, columns).await?;
            }
        }
    }
    let mut outcomes = Vec::with_capacity(batches.len());
    for batch in batches {
        outcomes.push(if is_kept(batch) { Written::Kept } else { repeated(scope, batch).await? });
    }
    Ok(outcomes)
}

/// Inserts batches, but for those whose key is there already; gives the ids of the others.
///
/// The statement is written out: there are many of them, and what active models ask about each value is known here.
async fn insert(scope: &OrgTransaction, batches: &[&NewBatch]) -> Result<BTreeSet<Uuid>> {
    use batch::Column::{BodyHash, DatasetId, Id, IdempotencyKey, NRows, OrgId, Receipt, ReceivedAt};
    let mut insert = Query::insert();
    insert.into_table(batch::Entity).columns([
        OrgId,
        DatasetId,
        Id,
        IdempotencyKey,
        BodyHash,
        ReceivedAt,
        NRows,
        Receipt,
    ]);
    for batch in batches {
        insert.values_panic([
            scope.org.into(),
            batch.dataset.0.into(),
            batch.id.0.into(),
            batch.idempotency_key.clone().into(),
            batch.body_hash.clone().into(),
            to_micros(batch.received_at).into(),
            i64::try_from(batch.n_rows).unwrap_or(i64::MAX).into(),
            batch.receipt.clone().into(),
        ]);
    }
    if batches.iter().all(|batch| batch.idempotency_key.is_none()) {
        scope.txn.execute(&insert).await?;
        return Ok(batches.iter().map(|batch| batch.id.0).collect());
    }
    insert.on_conflict(OnConflict::new().do_nothing().to_owned()).returning_col(Id);
    let kept = scope.txn.query_all(&insert).await?;
    Ok(kept.iter().map(|row| row.try_get_by_index::<Uuid>(0)).collect::<std::result::Result<_, _>>()?)
}

/// The databases take so many values in one statement at least.
const VALUES_AT_ONCE: usize = 30_000;

async fn write_slots(scope: &OrgTransaction, batches: &[&NewBatch]) -> Result<()> {
    // What was read once cannot fail; if it does, nothing of the group is kept.
    let files = slots::files(batches).map_err(|error| StoreError::Unexpected(DbErr::Custom(error.to_string())))?;
    let row = |SlotFile { dataset, at, id, n_rows, profile }: SlotFile| {
        let row = slot_profile::Model {
            org_id: scope.org,
            dataset_id: dataset.0,
            slot_at: to_micros(at),
            id: id.0,
            n_rows: i64::try_from(n_rows).unwrap_or(i64::MAX),
            profile,
        };
        row.into_active_model()
    };
    let mut rows: Vec<_> = files.into_iter().map(row).collect();
    while !rows.is_empty() {
        let later = rows.split_off(rows.len().min(VALUES_AT_ONCE / 6));
        slot_profile::Entity::insert_many(rows).exec_without_returning(&scope.txn).await?;
        rows = later;
    }
    Ok(())
}

/// One event for each dataset: who follows them looks at all that is new.
async fn write_events(scope: &OrgTransaction, batches: &[&NewBatch]) -> Result<()> {
    let last: BTreeMap<DatasetId, Timestamp> = batches.iter().map(|batch| (batch.dataset, batch.received_at)).collect();
    let n = i64::try_from(last.len()).unwrap_or(0);
    let first = event_cursor::Model { org_id: scope.org, n };
    let cursor = event_cursor::Entity::insert(first.into_active_model())
        .on_conflict(
            OnConflict::column(event_cursor::Column::OrgId)
                .value(event_cursor::Column::N, Expr::col((event_cursor::Entity, event_cursor::Column::N)).add(n))
                .to_owned(),
        )
        .exec_with_returning(&scope.txn)
        .await?;
    let rows = (cursor.n - n + 1..=cursor.n).zip(last).map(|(n, (dataset, at))| {
        let row = event::Model {
            org_id: scope.org,
            n,
            at: to_micros(at),
            kind: "batch.accepted".to_owned(),
            target: dataset.0,
        };
        row.into_active_model()
    });
    event::Entity::insert_many(rows).exec_without_returning(&scope.txn).await?;
    Ok(())
}

/// What stands under the key of a batch that was not kept.
async fn repeated(scope: &OrgTransaction, new: &NewBatch) -> Result<Written> {
    let Some(key) = &new.idempotency_key else { return Err(StoreError::NotFound) };
    let found = find_key(scope, new.dataset, key).await?.ok_or(StoreError::NotFound)?;
    Ok(outcome_of(found, &new.body_hash))
}

async fn find_key(scope: &OrgTransaction, dataset: DatasetId, key: &str) -> Result<Option<batch::Model>> {
    let found = scope
        .find::<batch::Entity>()
        .filter(batch::Column::DatasetId.eq(dataset.0))
        .filter(batch::Column::IdempotencyKey.eq(key))
        .one(&scope.txn)
        .await?;
    Ok(found)
}

fn outcome_of(found: batch::Model, body_hash: &str) -> Written {
    if found.body_hash == body_hash { Written::Repeated { receipt: found.receipt } } else { Written::OtherBody }
}

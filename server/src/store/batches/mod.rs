//! What arrived.
//!
//! Batches are written by one task, many in one transaction: waiting for the disk is what costs, and it costs the
//! same for one batch and for sixty. Nobody is told that a batch is kept before that transaction is.

mod slots;
mod write;
mod writer;

use drift::wire::{DatasetColumn, Receipt};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

pub use self::{
    slots::{Content, NewSlot},
    writer::{BatchWriter, WriteError},
};
use super::{
    OrgScope, Result, StoreError,
    entity::{batch, slot_profile},
    id::{BatchId, DatasetId, OrgId},
    row::Row,
    time::to_micros,
};

/// A batch to be kept.
#[derive(Clone, Debug)]
pub struct NewBatch {
    pub id: BatchId,
    pub org: OrgId,
    pub dataset: DatasetId,
    pub idempotency_key: Option<String>,
    pub body_hash: String,
    pub received_at: Timestamp,
    pub n_rows: u64,
    /// The answer, in JSON.
    pub receipt: String,
    pub slots: Vec<NewSlot>,
    /// The dataset's columns after this batch, if it changed them, and the version that they change.
    pub columns: Option<(i64, Vec<DatasetColumn>)>,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is on the disk.
    Kept,
    /// A batch with this key is; this is its receipt.
    Repeated { receipt: String },
    /// A batch with this key and another body is.
    OtherBody,
}

/// A batch of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub id: BatchId,
    pub received_at: Timestamp,
    pub n_rows: u64,
    /// The answer it got.
    pub receipt: Receipt,
}

impl TryFrom<batch::Model> for Batch {
    type Error = StoreError;

    fn try_from(row: batch::Model) -> Result<Self> {
        let of = Row::new("batch", row.id);
        Ok(Self {
            id: row.id.into(),
            received_at: of.time("received_at", row.received_at)?,
            n_rows: of.number("n_rows", row.n_rows)?,
            receipt: of.json("receipt", &row.receipt)?,
        })
    }
}

/// Up to `limit` batches of a dataset, newest first, older than `before`.
pub async fn page(org: &OrgScope, dataset: DatasetId, before: Option<BatchId>, limit: u64) -> Result<Vec<Batch>> {
    let scope = org.read().await?;
    let mut found = scope.find::<batch::Entity>().filter(batch::Column::DatasetId.eq(dataset.0));
    if let Some(before) = before {
        found = found.filter(batch::Column::Id.lt(before.0));
    }
    let rows = found.order_by_desc(batch::Column::Id).limit(limit).all(&scope.txn).await?;
    rows.into_iter().map(Batch::try_from).collect()
}

/// Profile files of a dataset's rows from one time to another, in the order in which they arrived.
pub async fn slot_profiles(org: &OrgScope, dataset: DatasetId, from: Timestamp, to: Timestamp) -> Result<Vec<Vec<u8>>> {
    let scope = org.read().await?;
    let rows = scope
        .find::<slot_profile::Entity>()
        .filter(slot_profile::Column::DatasetId.eq(dataset.0))
        .filter(slot_profile::Column::SlotAt.gte(to_micros(from)))
        .filter(slot_profile::Column::SlotAt.lt(to_micros(to)))
        .order_by_asc(slot_profile::Column::SlotAt)
        .order_by_asc(slot_profile::Column::Id)
        .all(&scope.txn)
        .await?;
    Ok(rows.into_iter().map(|row| row.profile).collect())
}

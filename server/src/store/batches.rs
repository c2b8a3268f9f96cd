//! What arrived.
//!
//! Batches are written by one task, many in one transaction: waiting for the disk is what costs, and it costs the
//! same for one batch and for sixty. Nobody is told that a batch is kept before that transaction is.

use std::{collections::BTreeMap, time::Duration};

use drift::wire::DatasetColumn;
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{
    Access, OrgScope, Result, Store, StoreError, Whom, datasets,
    entity::{batch, event, event_cursor, slot_profile},
    id::{BatchId, DatasetId, OrgId},
    scope::OrgTransaction,
    time::{from_micros, to_micros},
};

/// Most batches in one transaction.
const GROUP: usize = 64;
/// How long the first batch of a group waits for others.
const GATHER: Duration = Duration::from_millis(2);
/// Batches that may wait to be written; more are turned away.
const QUEUE: usize = 256;

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
    /// Profile files by start of slot, with their rows.
    pub slots: Vec<(Timestamp, u64, Vec<u8>)>,
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

struct Job {
    batch: NewBatch,
    reply: oneshot::Sender<Result<Written>>,
}

/// Hands batches to the task that writes them.
#[derive(Clone)]
pub struct BatchWriter {
    jobs: mpsc::Sender<Job>,
}

/// Why a batch was not even tried.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("too many batches wait to be written")]
    QueueFull,
    #[error("the server is stopping")]
    Stopping,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BatchWriter {
    /// Starts the task; it ends when `stop` is cancelled and every batch that waits is written.
    pub fn start(store: Store, stop: CancellationToken) -> (Self, tokio::task::JoinHandle<()>) {
        let (jobs, queue) = mpsc::channel(QUEUE);
        (Self { jobs }, tokio::spawn(run(store, queue, stop)))
    }

    /// Keeps a batch; answers when it is on the disk.
    pub async fn write(&self, batch: NewBatch) -> std::result::Result<Written, WriteError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(Job { batch, reply }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => WriteError::QueueFull,
            mpsc::error::TrySendError::Closed(_) => WriteError::Stopping,
        })?;
        Ok(answer.await.map_err(|_| WriteError::Stopping)??)
    }
}

async fn run(store: Store, mut queue: mpsc::Receiver<Job>, stop: CancellationToken) {
    let mut group = Vec::new();
    loop {
        tokio::select! {
            biased;
            n = queue.recv_many(&mut group, GROUP) => if n == 0 { return },
            () = stop.cancelled(), if !queue.is_closed() => {
                queue.close();
                continue;
            }
        }
        gather(&mut queue, &mut group).await;
        write_group(&store, std::mem::take(&mut group)).await;
    }
}

/// Waits a moment for others when the first did not come alone: a single sender is not slowed down.
async fn gather(queue: &mut mpsc::Receiver<Job>, group: &mut Vec<Job>) {
    if group.len() < 2 {
        return;
    }
    let until = tokio::time::Instant::now() + GATHER;
    while group.len() < GROUP {
        let room = GROUP - group.len();
        match tokio::time::timeout_at(until, queue.recv_many(group, room)).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

async fn write_group(store: &Store, group: Vec<Job>) {
    let (batches, replies): (Vec<_>, Vec<_>) = group.into_iter().map(|job| (job.batch, job.reply)).unzip();
    match write_all(store, &batches).await {
        Ok(written) => {
            for (reply, written) in replies.into_iter().zip(written) {
                // Whoever asked may have gone away.
                let _ = reply.send(Ok(written));
            }
        }
        // One batch that cannot be written must not take the others with it.
        Err(StoreError::Unexpected(_) | StoreError::NotFound | StoreError::Taken(_)) if batches.len() > 1 => {
            for (batch, reply) in batches.iter().zip(replies) {
                let written = write_all(store, std::slice::from_ref(batch)).await;
                let written = written.and_then(|mut written| written.pop().ok_or(StoreError::NotFound));
                let _ = reply.send(written);
            }
        }
        Err(error) => {
            // Errors cannot be copied; each learns the kind.
            let copy = |error: &StoreError| match error {
                StoreError::DiskFull => StoreError::DiskFull,
                StoreError::NotFound => StoreError::NotFound,
                other => StoreError::Unavailable(sea_orm::DbErr::Custom(other.to_string())),
            };
            tracing::warn!(%error, n_batches = replies.len(), "batches could not be kept");
            for reply in replies {
                let _ = reply.send(Err(copy(&error)));
            }
        }
    }
}

/// Writes batches of any orgs in one transaction.
async fn write_all(store: &Store, batches: &[NewBatch]) -> Result<Vec<Written>> {
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
    let rows = batches.iter().map(|batch| row(scope, batch).into_active_model());
    let inserted = batch::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_with_returning_keys(&scope.txn)
        .await;
    let kept: Vec<uuid::Uuid> = match inserted {
        Ok(keys) => keys.into_iter().map(|(_, id)| id).collect(),
        Err(DbErr::RecordNotInserted) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
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

fn row(scope: &OrgTransaction, batch: &NewBatch) -> batch::Model {
    batch::Model {
        org_id: scope.org,
        id: batch.id.0,
        dataset_id: batch.dataset.0,
        idempotency_key: batch.idempotency_key.clone(),
        body_hash: batch.body_hash.clone(),
        received_at: to_micros(batch.received_at),
        n_rows: i64::try_from(batch.n_rows).unwrap_or(i64::MAX),
        receipt: batch.receipt.clone(),
    }
}

/// The databases take so many values in one statement at least.
const VALUES_AT_ONCE: usize = 30_000;

async fn write_slots(scope: &OrgTransaction, batches: &[&NewBatch]) -> Result<()> {
    let mut rows = Vec::new();
    for batch in batches {
        rows.extend(batch.slots.iter().map(|(slot_at, n_rows, profile)| {
            let row = slot_profile::Model {
                org_id: scope.org,
                batch_id: batch.id.0,
                slot_at: to_micros(*slot_at),
                dataset_id: batch.dataset.0,
                n_rows: i64::try_from(*n_rows).unwrap_or(i64::MAX),
                profile: profile.clone(),
            };
            row.into_active_model()
        }));
    }
    while !rows.is_empty() {
        let later = rows.split_off(rows.len().min(VALUES_AT_ONCE / 6));
        slot_profile::Entity::insert_many(rows).exec_without_returning(&scope.txn).await?;
        rows = later;
    }
    Ok(())
}

async fn write_events(scope: &OrgTransaction, batches: &[&NewBatch]) -> Result<()> {
    let n = i64::try_from(batches.len()).unwrap_or(0);
    let first = event_cursor::Model { org_id: scope.org, n };
    event_cursor::Entity::insert(first.into_active_model())
        .on_conflict(
            OnConflict::column(event_cursor::Column::OrgId)
                .value(event_cursor::Column::N, Expr::col((event_cursor::Entity, event_cursor::Column::N)).add(n))
                .to_owned(),
        )
        .exec_without_returning(&scope.txn)
        .await?;
    let cursor = scope.find::<event_cursor::Entity>().one(&scope.txn).await?.ok_or(StoreError::NotFound)?;
    let rows = (cursor.n - n + 1..=cursor.n).zip(batches).map(|(n, batch)| {
        let row = event::Model {
            org_id: scope.org,
            n,
            at: to_micros(batch.received_at),
            kind: "batch.accepted".to_owned(),
            target: batch.id.0,
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

/// A batch of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub id: BatchId,
    pub received_at: Timestamp,
    pub n_rows: u64,
    /// The answer it got, in JSON.
    pub receipt: String,
}

impl From<batch::Model> for Batch {
    fn from(row: batch::Model) -> Self {
        Self {
            id: row.id.into(),
            received_at: from_micros(row.received_at),
            n_rows: u64::try_from(row.n_rows).unwrap_or(0),
            receipt: row.receipt,
        }
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
    Ok(rows.into_iter().map(Batch::from).collect())
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
        .order_by_asc(slot_profile::Column::BatchId)
        .all(&scope.txn)
        .await?;
    Ok(rows.into_iter().map(|row| row.profile).collect())
}

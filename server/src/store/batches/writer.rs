//! The task that writes batches.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{NewBatch, Written, write::write_all};
use crate::store::{Result, Store, StoreError};

/// Most batches in one transaction.
const GROUP: usize = 64;
/// How long a group waits for others at the most.
const GATHER: Duration = Duration::from_millis(10);
/// Batches that may wait to be written; more are turned away.
const QUEUE: usize = 256;

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
    let mut n_expected = 1;
    loop {
        tokio::select! {
            biased;
            n = queue.recv_many(&mut group, GROUP) => if n == 0 { return },
            () = stop.cancelled(), if !queue.is_closed() => {
                queue.close();
                continue;
            }
        }
        gather(&mut queue, &mut group, n_expected).await;
        let n_written = group.len();
        write_group(&store, std::mem::take(&mut group)).await;
        n_expected = (n_written + queue.len()).min(GROUP);
    }
}

/// Waits a moment for as many batches as were written last, and came while they were: the senders of those were answered
/// at once, and what they send next is under way. A sender that is alone is not kept waiting.
async fn gather(queue: &mut mpsc::Receiver<Job>, group: &mut Vec<Job>, n_expected: usize) {
    if group.len() >= n_expected {
        return;
    }
    let patience = tokio::time::sleep(GATHER);
    tokio::pin!(patience);
    while group.len() < n_expected {
        let room = GROUP - group.len();
        tokio::select! {
            biased;
            n = queue.recv_many(group, room) => if n == 0 { return },
            () = &mut patience => return,
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
        Err(StoreError::Unexpected(_) | StoreError::NotFound | StoreError::Taken(_) | StoreError::Corrupt { .. })
            if batches.len() > 1 =>
        {
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
                StoreError::UnknownOnDisk(cause) => {
                    StoreError::UnknownOnDisk(sea_orm::DbErr::Custom(cause.to_string()))
                }
                other => StoreError::Unavailable(sea_orm::DbErr::Custom(other.to_string())),
            };
            tracing::warn!(%error, n_batches = replies.len(), "batches could not be kept");
            for reply in replies {
                let _ = reply.send(Err(copy(&error)));
            }
        }
    }
}

//! What has passed its time is let go: when the server starts, and every hour from then on.
//!
//! Any number of servers may do it on one database. What is old is decided in [`crate::retention`].

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use crate::{
    retention,
    store::{
        OrgScope, Store, StoreError,
        datasets::{self, Dataset},
        expiry,
        id::OrgId,
        keys,
    },
};

const EVERY: Duration = Duration::from_secs(3600);

/// Rows that are deleted in one transaction.
const ROWS: u64 = 500;
/// Profiles have a hundred kilobytes or so, and not a few hundred bytes.
const PROFILES: u64 = 100;
/// Accounts, and datasets or keys of an org, that are asked for at once.
const PAGE: u64 = 100;

/// How much was let go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub n_batches: u64,
    pub n_slot_profiles: u64,
    pub n_events: u64,
    pub n_invites: u64,
    pub n_sessions: u64,
    /// Whose idempotency keys are new again.
    pub n_requests: u64,
}

/// Sweeps again and again, until `stop`.
pub async fn run(store: Store, clock: fn() -> Timestamp, stop: CancellationToken) {
    loop {
        match sweep(&store, clock(), &stop).await {
            Ok(swept) if swept == Swept::default() => {}
            Ok(swept) => info!(?swept, "let go of what has passed its time"),
            Err(error) => warn!(%error, "what has passed its time stays for another hour"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Lets go of everything that has passed its time by `now`, in steps between which others write; stops between two.
///
/// # Errors
/// When the database is away. An org that fails otherwise does not keep the others.
pub async fn sweep(store: &Store, now: Timestamp, stop: &CancellationToken) -> Result<Swept, StoreError> {
    let mut sweep = Sweep { store, now, stop, swept: Swept::default() };
    sweep.all().await?;
    Ok(sweep.swept)
}

/// One round.
struct Sweep<'a> {
    store: &'a Store,
    now: Timestamp,
    stop: &'a CancellationToken,
    swept: Swept,
}

impl Sweep<'_> {
    async fn all(&mut self) -> Result<(), StoreError> {
        let ended = retention::ends_from(self.now);
        in_steps(&mut self.swept.n_sessions, self.stop, || expiry::sessions(self.store, ended, ROWS)).await?;
        for id in self.accounts().await? {
            match self.org(&self.store.org(id)).await {
                Err(error @ (StoreError::Unavailable(_) | StoreError::DiskFull)) => return Err(error),
                Err(error) => warn!(%error, org.id = %id, "what has passed its time in an org stays for another hour"),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    /// Gives the orgs that the accounts belong to: every org, for each has an owner.
    async fn accounts(&mut self) -> Result<BTreeSet<OrgId>, StoreError> {
        let mut orgs = BTreeSet::new();
        let mut after = None;
        while !self.stop.is_cancelled() {
            let page = expiry::accounts(self.store, after, PAGE).await?;
            for account in &page {
                self.requests(account.uuid()).await?;
                orgs.extend(expiry::orgs_of(self.store, *account).await?);
            }
            let Some(last) = page.last() else { break };
            after = Some(*last);
        }
        Ok(orgs)
    }

    async fn org(&mut self, org: &OrgScope) -> Result<(), StoreError> {
        let (events, ended) = (retention::events_from(self.now), retention::ends_from(self.now));
        in_steps(&mut self.swept.n_events, self.stop, || expiry::events(org, events, ROWS)).await?;
        in_steps(&mut self.swept.n_invites, self.stop, || expiry::invites(org, ended, ROWS)).await?;
        let mut before = None;
        while !self.stop.is_cancelled() {
            let page = keys::page(org, before, PAGE).await?;
            for key in &page {
                self.requests(key.id.uuid()).await?;
            }
            let Some(last) = page.last() else { break };
            before = Some(last.id);
        }
        let mut after = None;
        while !self.stop.is_cancelled() {
            let page = datasets::page(org, after, PAGE).await?;
            for dataset in &page {
                self.dataset(org, dataset).await?;
            }
            let Some(last) = page.last() else { break };
            after = Some(last.name.clone());
        }
        Ok(())
    }

    async fn dataset(&mut self, org: &OrgScope, dataset: &Dataset) -> Result<(), StoreError> {
        let (id, days) = (dataset.id, dataset.retention_days);
        let (batches, slots) = (retention::batches_from(self.now, days), retention::slots_from(self.now, days));
        let Swept { n_batches, n_slot_profiles, .. } = &mut self.swept;
        in_steps(n_batches, self.stop, || expiry::batches(org, id, batches, ROWS)).await?;
        in_steps(n_slot_profiles, self.stop, || expiry::slot_profiles(org, id, slots, PROFILES)).await
    }

    /// Of an account or API key.
    async fn requests(&mut self, visitor: Uuid) -> Result<(), StoreError> {
        let (n, from) = (&mut self.swept.n_requests, retention::requests_from(self.now));
        in_steps(n, self.stop, || expiry::idempotency_records(self.store, visitor, from, ROWS)).await
    }
}

/// Takes steps until one deletes nothing, and counts what they deleted.
async fn in_steps<F>(n: &mut u64, stop: &CancellationToken, step: impl Fn() -> F) -> Result<(), StoreError>
where
    F: Future<Output = Result<u64, StoreError>>,
{
    while !stop.is_cancelled() {
        match step().await? {
            0 => break,
            deleted => *n += deleted,
        }
    }
    Ok(())
}

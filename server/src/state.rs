//! What handlers share.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use tokio::{sync::Semaphore, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    access::{
        secret::SecretHash,
        source::Source,
        throttle::{Rate, Throttle},
    },
    config::Config,
    fresh::Fresh,
    housekeeping, limits,
    store::{
        Store, StoreError,
        batches::BatchWriter,
        datasets::Dataset,
        id::{DatasetId, OrgId},
        keys::KeyRecord,
        orgs::Org,
    },
};

/// Passwords that are checked at once: each takes 19 MiB and a core.
const PASSWORDS_AT_ONCE: usize = 2;

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    inner: Arc<Inner>,
}

/// What an [`AppState`] gives access to.
pub struct Inner {
    pub config: Config,
    pub store: Store,
    /// Failed logins by email address, of strangers and of browsers that have been logged in before.
    pub logins: Mutex<Throttle<(String, bool)>>,
    /// Failed logins by where they come from, of browsers that are not known.
    pub login_sources: Mutex<Throttle<Source>>,
    /// Wrong passwords of people who are logged in.
    pub password_changes: Mutex<Throttle<Uuid>>,
    /// Lets few passwords be checked at a time.
    pub passwords: Semaphore,
    /// The same for known browsers: strangers who guess do not stand in their way.
    pub known_passwords: Semaphore,
    /// Requests of one person or key.
    pub requests: Mutex<Throttle<Uuid>>,
    /// Tries of a key that lets nobody in any more.
    pub dead_keys: Mutex<Throttle<Uuid>>,
    /// Batches of one key or person.
    pub ingests: Mutex<Throttle<Uuid>>,
    /// Keys of requests that are under way.
    pub keys_in_progress: Mutex<HashSet<(DatasetId, String)>>,
    /// KiB of bodies that may be read at once.
    pub ingest_kib: Semaphore,
    /// Large bodies that are read at once.
    pub readers: Semaphore,
    /// Comparisons that nobody keeps.
    pub checks: Semaphore,
    pub batches: BatchWriter,
    /// Ends what runs beside the requests.
    pub stop: CancellationToken,
    pub datasets: Fresh<(OrgId, String), Arc<Dataset>>,
    pub keys: Fresh<String, (KeyRecord, SecretHash)>,
    pub orgs: Fresh<OrgId, Org>,
    free_disk: Fresh<(), Option<u64>>,
    /// What runs beside the requests, until `stop`.
    beside: Mutex<Vec<JoinHandle<()>>>,
    clock: fn() -> Timestamp,
}

impl std::ops::Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl AppState {
    /// What a server shares. Time comes from `clock` and nowhere else.
    pub fn new(config: Config, store: Store, clock: fn() -> Timestamp) -> Self {
        let tries = Rate { burst: limits::LOGIN_FAILURES, every: limits::LOGIN_RECOVERY };
        let sources = Rate { burst: limits::SOURCE_FAILURES, every: limits::SOURCE_RECOVERY };
        let dead_keys = Mutex::new(Throttle::new(Rate::per_minute(1, 1)));
        let requests = Mutex::new(Throttle::new(config.api_rate));
        let passwords = Semaphore::new(PASSWORDS_AT_ONCE);
        let rate = Rate::per_minute(limits::INGEST_PER_MINUTE, limits::INGEST_BURST);
        let ingests = Mutex::new(Throttle::new(config.ingest_rate.unwrap_or(rate)));
        let stop = CancellationToken::new();
        let (batches, writing) = BatchWriter::start(store.clone(), stop.clone());
        let n_readers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let inner = Inner {
            config,
            store,
            logins: Mutex::new(Throttle::new(tries)),
            login_sources: Mutex::new(Throttle::new(sources)),
            password_changes: Mutex::new(Throttle::new(tries)),
            passwords,
            known_passwords: Semaphore::new(1),
            requests,
            dead_keys,
            ingests,
            keys_in_progress: Mutex::default(),
            ingest_kib: Semaphore::new(usize::try_from(limits::INGEST_IN_FLIGHT / 1024).unwrap_or(usize::MAX)),
            readers: Semaphore::new(n_readers),
            checks: Semaphore::new(limits::CHECKS_AT_ONCE),
            batches,
            stop,
            datasets: Fresh::new(),
            keys: Fresh::new(),
            orgs: Fresh::new(),
            free_disk: Fresh::new(),
            beside: Mutex::new(vec![writing]),
            clock,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Deletes what has passed its time, every hour, for as long as the server runs.
    pub fn expire(&self) {
        let expiring = tokio::spawn(housekeeping::run(self.store.clone(), self.clock, self.stop.clone()));
        self.beside.lock().expect("no code panics with this lock").push(expiring);
    }

    /// Writes what waits to be written, and lets the database go.
    pub async fn finish(&self) -> Result<(), StoreError> {
        self.stop.cancel();
        let beside = std::mem::take(&mut *self.beside.lock().expect("no code panics with this lock"));
        for task in beside {
            // It ends by itself; a panic there was logged.
            let _ = task.await;
        }
        self.store.close().await
    }

    /// Bytes that were free a moment ago where the database writes, if that is on this machine.
    pub fn free_disk(&self) -> Option<u64> {
        let now = self.now();
        self.free_disk.get(&(), now).unwrap_or_else(|| {
            let free = self.store.free_disk();
            self.free_disk.put((), free, now);
            free
        })
    }

    /// The time of this request.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

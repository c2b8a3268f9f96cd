//! What handlers share.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::{
    access::throttle::{Rate, Throttle},
    config::Config,
    limits,
    store::Store,
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
    /// Failed logins by email address.
    pub logins: Mutex<Throttle<String>>,
    /// Lets few passwords be checked at a time.
    pub passwords: Semaphore,
    /// Requests of one person or key.
    pub requests: Mutex<Throttle<Uuid>>,
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
        let logins = Mutex::new(Throttle::new(Rate { burst: limits::LOGIN_FAILURES, every: limits::LOGIN_RECOVERY }));
        let requests = Mutex::new(Throttle::new(Rate::per_minute(limits::API_PER_MINUTE, limits::API_BURST)));
        let passwords = Semaphore::new(PASSWORDS_AT_ONCE);
        Self { inner: Arc::new(Inner { config, store, logins, passwords, requests, clock }) }
    }

    /// The time of this request.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

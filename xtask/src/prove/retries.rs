//! P2: a retry is safe.

use std::{
    collections::BTreeSet,
    sync::{
        Barrier,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{anyhow, ensure};

use super::{
    Place,
    client::{Agent, Reply},
};
use crate::server::Server;

/// Senders of one batch at once.
const AT_ONCE: usize = 64;
/// Before a sender that met another tries again.
const PAUSE: Duration = Duration::from_millis(20);

pub fn prove(place: &Place) -> anyhow::Result<String> {
    let n_keys = if place.is_short { 8 } else { 200 };
    let server = Server::start_on("127.0.0.1:0", place.database, 60_000)?;
    let (agent, _) = Agent::of_new_owner(place.home, &server.url)?;
    agent.make_dataset("numbers")?;
    let n_in_progress = AtomicU64::new(0);
    for n in 0..n_keys {
        let (key, body) = (format!("key-{n}"), format!("number\n{n}\n"));
        let receipts = at_once(&agent, &key, body.as_bytes(), &n_in_progress)?;
        ensure!(receipts.len() == 1, "{AT_ONCE} retries of one batch got {} different answers", receipts.len());
        let other = agent.post("numbers", &key, b"number\n-1\n")?;
        ensure!(
            other.status == 422 && other.body.contains("idempotency-mismatch"),
            "another body under a used key: {} {}",
            other.status,
            other.body
        );
    }
    let kept = agent.batches("numbers")?;
    let different: BTreeSet<&String> = kept.iter().collect();
    ensure!(kept.len() == n_keys && different.len() == n_keys, "{n_keys} batches were sent, {} were kept", kept.len());
    let n_in_progress = n_in_progress.into_inner();
    ensure!(n_in_progress > 0, "no two requests met, so nothing is proven");
    Ok(format!("{n_keys} batches, {AT_ONCE} times each at once: one each, one answer; 409 {n_in_progress} times"))
}

/// Sends one batch many times at once, and those again that met another; gives the different answers.
fn at_once(agent: &Agent, key: &str, body: &[u8], n_in_progress: &AtomicU64) -> anyhow::Result<BTreeSet<String>> {
    let start = Barrier::new(AT_ONCE);
    let persist = || -> anyhow::Result<String> {
        start.wait();
        loop {
            let Reply { status, body, .. } = agent.post("numbers", key, body)?;
            match status {
                201 => return Ok(body),
                409 => {
                    n_in_progress.fetch_add(1, Ordering::Relaxed);
                    // As a sender does; without a pause the 64 would only be in each other's way.
                    std::thread::sleep(PAUSE);
                }
                _ => return Err(anyhow!("a retry got {status}: {body}")),
            }
        }
    };
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(persist)).collect();
        senders.into_iter().map(|sender| sender.join().map_err(|_| anyhow!("a sender broke"))?).collect()
    })
}

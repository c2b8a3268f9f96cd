//! P1: an acknowledged batch is never lost when the process dies.

use std::{path::Path, time::Duration};

use anyhow::ensure;

use super::{
    client::{Agent, Random},
    wait::wait_for,
    watched::{Watched, Watcher},
};
use crate::{port, server::Server};

/// Senders at once.
const SENDERS: usize = 3;
/// Files that each sender gets before a kill.
const FILES: u64 = 4;
/// From the last kill until everything has arrived.
const ALL_SENT_WITHIN: Duration = Duration::from_secs(180);
/// More than the spools of this proof ever hold, in MiB.
const SPOOL_LIMIT: u64 = 1024;

/// A folder with its sender.
struct Source {
    watched: Watched,
    watcher: Watcher,
    n_added: u64,
}

/// Agents send numbered batches while the server is killed at random times and started again.
pub fn prove(home: &Path, database: &str, n_kills: u32) -> anyhow::Result<String> {
    let addr = format!("127.0.0.1:{}", port::outside_of_outgoing()?);
    let mut server = Server::start_on(&addr, database, 60_000)?;
    let (agent, _) = Agent::of_new_owner(home, &server.url)?;
    agent.make_dataset("numbers")?;
    let mut sources = Vec::new();
    for n in 0..SENDERS {
        let watched = Watched::new(home, &format!("agent-{n}"), "numbers", SPOOL_LIMIT)?;
        let watcher = watched.start(&agent)?;
        sources.push(Source { watched, watcher, n_added: 0 });
    }
    let mut random = Random::new(u64::from(n_kills));
    let mut n_sender_kills = 0;
    for kill in 0..n_kills {
        for (index, source) in sources.iter_mut().enumerate() {
            for _ in 0..FILES {
                source.n_added += 1;
                let n = source.n_added;
                source.watched.add(n, &format!("number,agent\n{n},{index}\n"))?;
            }
        }
        // A random moment in the life of the server: this is the fault itself, not a wait for something.
        std::thread::sleep(Duration::from_millis(200 + random.below(900)));
        drop(server);
        if kill % 7 == 3 {
            // The senders die too, and are started again once they have ended: their spool is locked.
            let source = sources.swap_remove(usize::try_from(random.below(SENDERS as u64)).unwrap_or(0));
            let Source { watched, watcher, n_added } = source;
            watcher.kill()?;
            n_sender_kills += 1;
            let watcher = watched.start(&agent)?;
            sources.push(Source { watched, watcher, n_added });
        }
        server = Server::start_on(&addr, database, 60_000)?;
    }
    let n_not_sent =
        |sources: &[Source]| -> u64 { sources.iter().map(|one| one.watched.n_not_sent(one.n_added)).sum() };
    let all_sent = wait_for("the last batch to be acknowledged", ALL_SENT_WITHIN, || {
        sources.iter_mut().try_for_each(|source| source.watcher.ensure_running())?;
        Ok(n_not_sent(&sources) == 0)
    });
    let n_added: u64 = sources.iter().map(|source| source.n_added).sum();
    let mut kept = agent.batches("numbers")?;
    let n_kept = kept.len() as u64;
    kept.sort();
    kept.dedup();
    let n_different = kept.len() as u64;
    let n_not_sent = n_not_sent(&sources);
    // What was acknowledged is no longer in a spool: of that, nothing may be missing.
    let n_acknowledged = n_added.saturating_sub(n_not_sent);
    let (n_lost, n_doubled) = (n_acknowledged.saturating_sub(n_different), n_kept - n_different);
    ensure!(
        n_lost == 0 && n_doubled == 0,
        "{n_added} batches, {n_not_sent} not sent, {n_acknowledged} acknowledged: {n_lost} lost, {n_doubled} doubled"
    );
    all_sent.map_err(|error| error.context(format!("{n_not_sent} of {n_added} batches were not sent")))?;
    ensure!(n_kills > 0 && n_added > 0, "nothing was broken, so nothing is proven");
    ensure!(n_kills < 4 || n_sender_kills > 0, "no sender was killed, so nothing is proven of that");
    Ok(format!("{n_kills} kills, {n_sender_kills} of senders, {n_added} batches, 0 lost, 0 doubled"))
}

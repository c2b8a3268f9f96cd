//! P1: an acknowledged batch is never lost when the process dies.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Child,
    time::{Duration, Instant},
};

use super::client::{Agent, Random};
use crate::server::Server;
use anyhow::{Context, ensure};

/// Agents send numbered batches while the server is killed at random times and started again.
pub fn prove(home: &Path, database: &str, n_kills: u32) -> anyhow::Result<String> {
    const AGENTS: usize = 3;
    let mut server = Server::start_on("127.0.0.1:0", database, 60_000)?;
    let addr = server.url.trim_start_matches("http://").to_owned();
    let (agent, _) = Agent::of_new_owner(home, &server.url)?;
    agent.make_dataset("numbers")?;
    let sources: Vec<PathBuf> = (0..AGENTS).map(|n| home.join(format!("agent-{n}"))).collect();
    let mut watchers = Vec::new();
    for source in &sources {
        fs::create_dir_all(source)?;
        watchers.push(Watcher::start(&agent, source)?);
    }
    let mut n_sent = 0_u64;
    let mut random = Random::new(u64::from(n_kills));
    for kill in 0..n_kills {
        for (index, source) in sources.iter().enumerate() {
            for _ in 0..4 {
                n_sent += 1;
                let unfinished = source.join(format!(".{n_sent}"));
                fs::write(&unfinished, format!("number,agent\n{n_sent},{index}\n"))?;
                // Old enough to count as settled.
                let long_ago = std::time::SystemTime::now() - Duration::from_secs(60);
                fs::File::options().write(true).open(&unfinished)?.set_modified(long_ago)?;
                fs::rename(&unfinished, source.join(format!("{n_sent:06}.csv")))?;
            }
        }
        std::thread::sleep(Duration::from_millis(200 + random.below(900)));
        drop(server);
        if kill % 7 == 3 {
            // The senders die too, and are started again.
            let index = usize::try_from(random.below(AGENTS as u64)).unwrap_or(0);
            watchers[index] = Watcher::start(&agent, &sources[index])?;
        }
        server = Server::start_on(&addr, database, 60_000)?;
    }
    let deadline = Instant::now() + Duration::from_secs(120);
    let mut kept = agent.batches("numbers")?;
    while (kept.len() as u64) < n_sent && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(500));
        kept = agent.batches("numbers")?;
    }
    drop(watchers);
    let n_kept = kept.len() as u64;
    kept.sort();
    kept.dedup();
    let (n_lost, n_doubled) = (n_sent - (kept.len() as u64).min(n_sent), n_kept - kept.len() as u64);
    ensure!(n_kills > 0 && n_sent > 0, "nothing was broken, so nothing is proven");
    ensure!(n_lost == 0 && n_doubled == 0, "{n_sent} batches, {n_lost} lost, {n_doubled} doubled");
    Ok(format!("{n_kills} kills, {n_sent} batches, 0 lost, 0 doubled"))
}

/// A watching agent that is killed when this value goes.
struct Watcher(Child);

impl Watcher {
    fn start(agent: &Agent, source: &Path) -> anyhow::Result<Self> {
        let source = source.to_string_lossy();
        let mut command = agent.command(&["--quiet", "watch", &source, "--dataset", "numbers", "--interval", "1"]);
        Ok(Self(command.spawn().context("cannot start the agent")?))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

//! P3: the agent loses nothing while the server is away.

use std::{collections::BTreeSet, fs, time::Duration};

use anyhow::ensure;

use super::{
    Place,
    client::{Agent, Random},
    proxy::Proxy,
    wait::wait,
    wait::wait_for,
    watched::Watched,
};
use crate::server::Server;

const LONG: Duration = Duration::from_secs(60);

/// What was done to the agent.
#[derive(Default)]
struct Harm {
    n_kills: u64,
    n_broken: u64,
}

pub fn prove(place: &Place) -> anyhow::Result<String> {
    let rounds = if place.is_short { 3 } else { 25 };
    let server = Server::start_on("127.0.0.1:0", place.database, 60_000)?;
    let (agent, _) = Agent::of_new_owner(place.home, &server.url)?;
    agent.make_dataset("files")?;
    agent.make_dataset("full")?;
    let proxy = Proxy::start(server.url.trim_start_matches("http://").parse()?)?;
    let through = agent.at(&format!("http://{}", proxy.addr));
    let watched = Watched::new(place.home, "files", "files", 1024)?;
    let mut random = Random::new(7);
    let mut harm = Harm::default();
    let mut sent = 0;
    for _ in 0..rounds {
        proxy.cut();
        let n_cut = proxy.n_cut();
        let mut watcher = watched.start(&through)?;
        for _ in 0..6 {
            sent += 1;
            watched.add(sent, &format!("number\n{sent}\n"))?;
        }
        wait_for("the files to be in the spool", LONG, || {
            watcher.ensure_running()?;
            Ok(watched.waiting().len() >= 6)
        })?;
        wait("the agent to miss the server", LONG, || proxy.n_cut() > n_cut)?;
        watcher.kill()?;
        harm.n_kills += 1;
        harm.n_broken += watched.break_tail(&mut random)?;
        let mut watcher = watched.start(&through)?;
        proxy.restore();
        wait_for("the spool to be empty", LONG, || {
            watcher.ensure_running()?;
            Ok(watched.waiting().is_empty() && watched.all_seen(sent))
        })?;
        watcher.kill()?;
    }
    let kept = agent.batches("files")?;
    let different: BTreeSet<&String> = kept.iter().collect();
    let (n_lost, n_doubled) = (sent - different.len() as u64, kept.len() - different.len());
    ensure!(n_lost == 0 && n_doubled == 0, "{sent} files, {n_lost} lost, {n_doubled} doubled");
    let Harm { n_kills, n_broken } = harm;
    let n_cut = proxy.n_cut();
    ensure!(n_cut > 0 && n_broken > 0, "{n_cut} connections cut, {n_broken} entries broken: nothing is proven");
    let cap = cap(place, &agent, &through, &proxy)?;
    Ok(format!(
        "{sent} files, {n_cut} connections cut, {n_kills} kills, {n_broken} entries of the spool broken: 0 lost, 0 \
         doubled; {cap}"
    ))
}

/// More than the spool may hold stays where it is, and the agent says so.
fn cap(place: &Place, agent: &Agent, through: &Agent, proxy: &Proxy) -> anyhow::Result<String> {
    const MIB: usize = 1 << 20;
    const FILES: u64 = 8;
    let watched = Watched::new(place.home, "full", "full", 1)?;
    for n in 0..FILES {
        watched.add(n, &format!("number\n{n}\n{}", "1\n".repeat(MIB / 6)))?;
    }
    proxy.cut();
    let watcher = watched.start(through)?;
    wait("the agent to say that its spool is full", LONG, || watched.log().contains("the spool is full"))?;
    let n_waiting = watched.waiting().len() as u64;
    let size: u64 = watched.waiting().iter().filter_map(|path| Some(fs::metadata(path).ok()?.len())).sum();
    ensure!(size <= MIB as u64 + (8 << 10), "the spool of 1 MiB holds {size} bytes");
    ensure!(
        n_waiting > 0 && n_waiting < FILES,
        "{n_waiting} of {FILES} files are in the spool: its cap was not reached"
    );
    proxy.restore();
    wait("everything to arrive", LONG, || agent.batches("full").is_ok_and(|kept| kept.len() as u64 == FILES))?;
    watcher.kill()?;
    Ok(format!("with room for {n_waiting} of {FILES} the agent said so, and all {FILES} came later"))
}

//! P13: the database going away is survived.

use std::{
    collections::BTreeSet,
    net::{SocketAddr, ToSocketAddrs},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};

use super::{
    Place,
    client::{Agent, send},
    proxy::Proxy,
    wait::wait,
};
use crate::server::Server;

/// Senders at once.
const SENDERS: u64 = 4;
/// From the database's return to the server's readiness.
const READY_WITHIN: Duration = Duration::from_secs(5);

/// What the senders were told.
#[derive(Default)]
struct Told {
    /// Bodies that were acknowledged.
    kept: Mutex<Vec<String>>,
    n_refused: AtomicU64,
    /// Anything else: there must be none.
    odd: Mutex<Vec<String>>,
}

pub fn prove(place: &Place) -> anyhow::Result<String> {
    let (n_cuts, away) = if place.is_short { (2, Duration::from_secs(3)) } else { (3, Duration::from_secs(60)) };
    let (address, rest) = address(place.database)?;
    let proxy = Proxy::start(address)?;
    let database = rest.replace("{}", &proxy.addr.to_string());
    let server = Server::start_on("127.0.0.1:0", &database, 60_000)?;
    let (agent, _) = Agent::of_new_owner(place.home, &server.url)?;
    agent.make_dataset("numbers")?;
    let (told, is_over) = (Told::default(), AtomicBool::new(false));
    let mut slowest = Duration::ZERO;
    let outcome = {
        let (agent, told, is_over) = (&agent, &told, &is_over);
        std::thread::scope(|scope| -> anyhow::Result<()> {
            let senders: Vec<_> =
                (0..SENDERS).map(|sender| scope.spawn(move || keep_sending(agent, sender, told, is_over))).collect();
            let outcome = (0..n_cuts).try_for_each(|_| {
                slowest = slowest.max(cut_once(&server, &proxy, told, away)?);
                anyhow::Ok(())
            });
            is_over.store(true, Ordering::SeqCst);
            senders.into_iter().for_each(|sender| drop(sender.join()));
            outcome
        })
    };
    outcome?;
    let Told { kept, n_refused, odd } = told;
    let (kept, odd) = (kept.into_inner().unwrap_or_default(), odd.into_inner().unwrap_or_default());
    ensure!(odd.is_empty(), "while the database was away {} were told this: {}", odd.len(), odd[0]);
    let there: BTreeSet<String> = agent.batches("numbers")?.into_iter().collect();
    let hash = |body: &String| blake3::hash(body.as_bytes()).to_hex().to_string();
    let n_lost = kept.iter().filter(|body| !there.contains(&hash(body))).count();
    ensure!(n_lost == 0, "{} batches were acknowledged, {n_lost} of them are not there", kept.len());
    let (n_cut, n_refused) = (proxy.n_cut(), n_refused.into_inner());
    ensure!(n_cut > 0 && n_refused > 0, "nothing was cut, so nothing is proven");
    Ok(format!(
        "{n_cuts} cuts of {} s, {n_cut} connections lost, {} batches acknowledged and there, {n_refused} refused with \
         503; ready again within {:.1} s",
        away.as_secs(),
        kept.len(),
        slowest.as_secs_f64()
    ))
}

/// Where the database listens, and its address with that left out.
fn address(url: &str) -> anyhow::Result<(SocketAddr, String)> {
    let (head, rest) = url.rsplit_once('@').context("the database's address names no role")?;
    let (host, name) = rest.split_once('/').context("the database's address names no database")?;
    let address = host.to_socket_addrs()?.next().context("the database's host has no address")?;
    Ok((address, format!("{head}@{{}}/{name}")))
}

/// Sends batches, each with a content of its own, one after another.
fn keep_sending(agent: &Agent, sender: u64, told: &Told, is_over: &AtomicBool) {
    let mut n = 0_u64;
    while !is_over.load(Ordering::SeqCst) {
        n += 1;
        let body = format!("sender,number\n{sender},{n}\n");
        match agent.post("numbers", &format!("{sender}-{n}"), body.as_bytes()) {
            Ok(reply) if reply.status == 201 => told.kept.lock().map(|mut kept| kept.push(body)).unwrap_or_default(),
            Ok(reply) if reply.status == 503 => {
                told.n_refused.fetch_add(1, Ordering::SeqCst);
            }
            other => told.odd.lock().map(|mut odd| odd.push(format!("{other:?}"))).unwrap_or_default(),
        }
    }
}

/// Cuts the wire for a while; gives how long the server took to be ready again.
fn cut_once(server: &Server, proxy: &Proxy, told: &Told, away: Duration) -> anyhow::Result<Duration> {
    // The senders have got through at least once more before each cut.
    let n_kept = || told.kept.lock().map_or(0, |kept| kept.len());
    let before = n_kept();
    wait("a batch to be kept", Duration::from_secs(30), || n_kept() > before)?;
    let is_ready = || send(&server.url, "GET /readyz", &[], b"").is_ok_and(|reply| reply.status == 200);
    proxy.cut();
    let cut_at = Instant::now();
    wait("the server to notice", Duration::from_secs(30), || !is_ready())?;
    // The outage itself: it lasts as long as was asked for.
    while cut_at.elapsed() < away {
        ensure!(!is_ready(), "the server says that it is ready without a database");
        std::thread::sleep(Duration::from_millis(100));
    }
    proxy.restore();
    let restored_at = Instant::now();
    wait("the server to be ready again", READY_WITHIN, is_ready)?;
    let took = restored_at.elapsed();
    let before = n_kept();
    wait("a batch to be kept again", Duration::from_secs(30), || n_kept() > before)?;
    Ok(took)
}

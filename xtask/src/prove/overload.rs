//! P11: overload sheds, never falls over.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;

use super::{
    Place,
    client::{Agent, send},
    wait::wait,
};
use crate::server::Server;

/// Senders that a server of two cores keeps up with.
const FEW: usize = 8;
/// How many times as many are too many: each holds what was read of its body, and the buffer of a reader, and all may
/// hold 256 MiB.
const TIMES: usize = 10;
/// Bytes of one batch: about a buffer.
const BODY: usize = 4 << 20;
const MOST_MEMORY: u64 = 512 << 20;
const RECOVERS_WITHIN: Duration = Duration::from_secs(5);

/// What the senders were told, and how often.
type Statuses = BTreeMap<String, u64>;

pub fn prove(place: &Place) -> anyhow::Result<String> {
    let per_round = if place.is_short { Duration::from_secs(4) } else { Duration::from_secs(20) };
    let server = Server::start_on("127.0.0.1:0", place.database, 60_000)?;
    let (agent, _) = Agent::of_new_owner(place.home, &server.url)?;
    agent.make_dataset("numbers")?;
    let body = "number,word\n".to_owned() + &"31,cook\n".repeat(BODY / 8);
    let calm = press(&agent, &body, FEW, per_round)?;
    ensure!(calm.keys().eq(["201"]), "{FEW} senders are not too many, and got {calm:?}");
    let mut peaks = Vec::new();
    let mut pressed = Statuses::new();
    for _ in 0..2 {
        for (status, n) in press(&agent, &body, FEW * TIMES, per_round)? {
            *pressed.entry(status).or_default() += n;
        }
        peaks.push(server.peak_memory()?);
    }
    let started_at = Instant::now();
    wait("a batch to be kept and a question answered", RECOVERS_WITHIN, || {
        let is_ready = send(&server.url, "GET /readyz", &[], b"").is_ok_and(|reply| reply.status == 200);
        is_ready && agent.post("numbers", "after", b"number,word\n1,a\n").is_ok_and(|reply| reply.status == 201)
    })?;
    let took = started_at.elapsed();
    let n = |status: &str| pressed.get(status).copied().unwrap_or(0);
    let n_shed = n("429") + n("503");
    let odd: Vec<&String> = pressed.keys().filter(|status| !["201", "429", "503"].contains(&status.as_str())).collect();
    ensure!(odd.is_empty(), "overload was answered with {odd:?}: {pressed:?}");
    ensure!(n_shed > 0, "nothing was refused, so nothing is proven: {pressed:?}");
    ensure!(n("201") > 0, "nothing got through: {pressed:?}");
    let (first, last) = (peaks[0], peaks[1]);
    ensure!(last <= MOST_MEMORY, "{} MiB were taken, at most {} may be", last >> 20, MOST_MEMORY >> 20);
    ensure!(last <= first + first / 4, "memory grew from {} to {} MiB under the same load", first >> 20, last >> 20);
    let there = agent.batches("numbers")?.len() as u64;
    let acknowledged = calm["201"] + n("201") + 1;
    ensure!(there == acknowledged, "{acknowledged} batches were acknowledged, {there} are there");
    Ok(format!(
        "{FEW} senders of {} MiB: all of {} kept; {} senders: {} kept, {n_shed} refused with 429 or 503, nothing else; \
         peak memory {} then {} MiB; in service again after {:.1} s",
        BODY >> 20,
        calm["201"],
        FEW * TIMES,
        n("201"),
        first >> 20,
        last >> 20,
        took.as_secs_f64()
    ))
}

/// Lets so many senders send without a pause for a while.
fn press(agent: &Agent, body: &str, n_senders: usize, how_long: Duration) -> anyhow::Result<Statuses> {
    static N: AtomicU64 = AtomicU64::new(0);
    let statuses = Mutex::new(Statuses::new());
    let until = Instant::now() + how_long;
    let sender = || {
        while Instant::now() < until {
            let key = format!("batch-{}", N.fetch_add(1, Ordering::Relaxed));
            let status = match agent.post("numbers", &key, body.as_bytes()) {
                Ok(reply) => reply.status.to_string(),
                Err(error) => format!("no answer: {error}"),
            };
            if let Ok(mut statuses) = statuses.lock() {
                *statuses.entry(status).or_default() += 1;
            }
        }
    };
    std::thread::scope(|scope| (0..n_senders).for_each(|_| drop(scope.spawn(sender))));
    statuses.into_inner().map_err(|_| anyhow::anyhow!("a sender broke"))
}

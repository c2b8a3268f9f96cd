//! P17: hostile input is refused in bounded time and memory, never with a panic; by the server and the command line.

mod files;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use wait4::Wait4;

use self::files::Hostile;
use super::{
    Place,
    client::{Agent, send},
};
use crate::server::Server;

const LEAST_FILES: usize = 500;
const MOST_TIME: Duration = Duration::from_secs(10);
const MOST_MEMORY: u64 = 512 << 20;

/// The worst that was seen.
#[derive(Default)]
struct Worst {
    time: (Duration, String),
    memory: (u64, String),
}

impl Worst {
    fn note(&mut self, name: &str, time: Duration, memory: u64) -> anyhow::Result<()> {
        ensure!(
            time <= MOST_TIME,
            "{name}: took {:.1} s, at most {} s are allowed",
            time.as_secs_f64(),
            MOST_TIME.as_secs()
        );
        ensure!(memory <= MOST_MEMORY, "{name}: took {} MiB, at most {} are allowed", memory >> 20, MOST_MEMORY >> 20);
        if time > self.time.0 {
            self.time = (time, name.to_owned());
        }
        if memory > self.memory.0 {
            self.memory = (memory, name.to_owned());
        }
        Ok(())
    }

    fn said(&self) -> String {
        let ((time, slow), (memory, large)) = (&self.time, &self.memory);
        format!("at most {:.1} s ({slow}) and {} MiB ({large})", time.as_secs_f64(), memory >> 20)
    }
}

pub fn prove(place: &Place) -> anyhow::Result<String> {
    let files = files::all()?;
    ensure!(files.len() >= LEAST_FILES, "only {} files, need {LEAST_FILES}", files.len());
    // The short form takes every bomb and a part of the damage.
    let files: Vec<&Hostile> = files
        .iter()
        .enumerate()
        .filter(|(n, _)| !place.is_short || *n < 60 || n % 5 == 0)
        .map(|(_, file)| file)
        .collect();
    let server = Server::start_on("127.0.0.1:0", place.database, 60_000)?;
    let (agent, _) = Agent::of_new_owner(place.home, &server.url)?;
    agent.make_dataset("hostile")?;
    let (mut of_server, mut of_agent) = (Worst::default(), Worst::default());
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    for file in &files {
        for status in at_server(&server, &agent, file, &mut of_server)? {
            *statuses.entry(status).or_default() += 1;
        }
        at_agent(place.home, &agent, file, &mut of_agent)?;
    }
    let n_refused: u64 = statuses.iter().filter(|(status, _)| **status >= 400).map(|(_, n)| n).sum();
    ensure!(n_refused > 0, "nothing was refused, so nothing is proven");
    let alive = agent.post("hostile", "after", b"a\n1\n")?;
    ensure!(alive.status == 201, "after all that the server says {}: {}", alive.status, alive.body);
    Ok(format!("{} files; server: {statuses:?}, {}; command line: {}", files.len(), of_server.said(), of_agent.said()))
}

/// Sends a file as rows and as a profile.
fn at_server(server: &Server, agent: &Agent, file: &Hostile, worst: &mut Worst) -> anyhow::Result<[u16; 2]> {
    let bearer = format!("Bearer {}", agent.key);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/octet-stream")];
    let ask = |route: &str, worst: &mut Worst| -> anyhow::Result<u16> {
        let started_at = Instant::now();
        let what = format!("POST /api/v1/orgs/acme/datasets/hostile/{route}");
        let reply = send(&server.url, &what, &headers, &file.content).with_context(|| file.name.clone())?;
        worst.note(&file.name, started_at.elapsed(), server.peak_memory()?)?;
        let is_answer =
            reply.status == 201 || ((400..500).contains(&reply.status) && reply.body.contains("/problems/"));
        ensure!(is_answer, "{}: the server says {}: {}", file.name, reply.status, reply.body);
        Ok(reply.status)
    };
    Ok([ask("batches", worst)?, ask("profiles", worst)?])
}

/// Gives a file to the command line.
fn at_agent(home: &Path, agent: &Agent, file: &Hostile, worst: &mut Worst) -> anyhow::Result<()> {
    let path = home.join("hostile.bin");
    fs::write(&path, &file.content)?;
    let started_at = Instant::now();
    let mut inspect = agent.command(&["--quiet", "inspect"]);
    let said = home.join("hostile.stderr");
    let ended = inspect.arg(&path).stdout(Stdio::null()).stderr(File::create(&said)?).spawn()?.wait4()?;
    worst.note(&file.name, started_at.elapsed(), ended.rusage.maxrss)?;
    let code = ended.status.code();
    // 101 is a panic; none at all is a signal.
    ensure!(code.is_some_and(|code| code < 100), "{}: the command line ended with {}", file.name, ended.status);
    let said = fs::read_to_string(&said)?;
    ensure!(!said.contains("a bug in driftsiren"), "{}: the command line says {said}", file.name);
    Ok(())
}

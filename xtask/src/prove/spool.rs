//! P3: the agent loses nothing while the server is away.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, SystemTime},
};

use anyhow::{Context, ensure};

use super::{
    Place,
    client::{Agent, Random},
    database_cut::wait,
    proxy::Proxy,
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
    let watched = Watched::new(place.home, "files", 1024)?;
    let mut random = Random::new(7);
    let mut harm = Harm::default();
    let mut sent = 0;
    for _ in 0..rounds {
        proxy.cut();
        let n_cut = proxy.n_cut();
        let watcher = watched.start(&through)?;
        for _ in 0..6 {
            sent += 1;
            watched.give(sent, &format!("number\n{sent}\n"))?;
        }
        wait("the files to be in the spool", LONG, || watched.waiting().len() >= 6)?;
        wait("the agent to miss the server", LONG, || proxy.n_cut() > n_cut)?;
        drop(watcher);
        harm.n_kills += 1;
        harm.n_broken += watched.break_tail(&mut random)?;
        let watcher = watched.start(&through)?;
        proxy.mend();
        wait("the spool to be empty", LONG, || watched.waiting().is_empty() && watched.all_seen(sent))?;
        drop(watcher);
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
    let watched = Watched::new(place.home, "full", 1)?;
    for n in 0..FILES {
        watched.give(n, &format!("number\n{n}\n{}", "1\n".repeat(MIB / 6)))?;
    }
    proxy.cut();
    let watcher = watched.start(through)?;
    wait("the agent to say that its spool is full", LONG, || watched.said().contains("stays where it is"))?;
    let n_waiting = watched.waiting().len() as u64;
    let size: u64 = watched.waiting().iter().filter_map(|path| Some(fs::metadata(path).ok()?.len())).sum();
    ensure!(size <= MIB as u64 + (8 << 10), "the spool of 1 MiB holds {size} bytes");
    ensure!(
        n_waiting > 0 && n_waiting < FILES,
        "{n_waiting} of {FILES} files are in the spool: its cap was not reached"
    );
    proxy.mend();
    wait("everything to arrive", LONG, || agent.batches("full").is_ok_and(|kept| kept.len() as u64 == FILES))?;
    drop(watcher);
    Ok(format!("with room for {n_waiting} of {FILES} the agent said so, and all {FILES} came later"))
}

/// A folder, its spool, and what the agent says about them.
struct Watched {
    dataset: &'static str,
    source: PathBuf,
    spool: PathBuf,
    log: PathBuf,
    limit: u64,
}

impl Watched {
    fn new(home: &Path, dataset: &'static str, limit: u64) -> anyhow::Result<Self> {
        let at = |kind: &str| home.join(format!("{dataset}-{kind}"));
        let watched = Self { dataset, source: at("source"), spool: at("spool"), log: at("log.txt"), limit };
        fs::create_dir_all(&watched.source)?;
        fs::create_dir_all(&watched.spool)?;
        Ok(watched)
    }

    /// A file that looks as if it had been there for a while.
    fn give(&self, n: u64, content: &str) -> anyhow::Result<()> {
        let unfinished = self.source.join(format!(".{n}"));
        fs::write(&unfinished, content)?;
        let long_ago = SystemTime::now() - Duration::from_secs(60);
        fs::File::options().write(true).open(&unfinished)?.set_modified(long_ago)?;
        Ok(fs::rename(&unfinished, self.source.join(format!("{n:06}.csv")))?)
    }

    fn start(&self, agent: &Agent) -> anyhow::Result<Watcher> {
        let (limit, source, spool) =
            (self.limit.to_string(), self.source.to_string_lossy(), self.spool.to_string_lossy());
        let arguments = [
            "watch",
            &source,
            "--dataset",
            self.dataset,
            "--spool",
            &spool,
            "--spool-limit",
            &limit,
            "--interval",
            "1",
        ];
        let log = fs::File::options().create(true).append(true).open(&self.log)?;
        let child = agent.command(&arguments).stderr(log).stdout(Stdio::null()).spawn();
        Ok(Watcher(child.context("cannot start the agent")?))
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// What is in the spool.
    fn waiting(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(&self.spool).into_iter().flatten().filter_map(|file| Some(file.ok()?.path()));
        let mut entries: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|ending| ending == "batch")).collect();
        entries.sort();
        entries
    }

    /// Whether every file has been taken.
    fn all_seen(&self, n: u64) -> bool {
        let seen = fs::read_to_string(self.spool.join("seen.txt")).unwrap_or_default();
        seen.lines().count() as u64 >= n
    }

    /// Breaks what was written last, as a disk does whose power fails; and leaves something half-written.
    fn break_tail(&self, random: &mut Random) -> anyhow::Result<u64> {
        let waiting = self.waiting();
        let [.., one, other] = &waiting[..] else { return Ok(0) };
        let mut content = fs::read(one)?;
        if let Some(byte) = content.last_mut() {
            *byte ^= 1;
        }
        fs::write(one, content)?;
        let content = fs::read(other)?;
        let left = usize::try_from(random.below(content.len() as u64)).unwrap_or(0);
        fs::write(other, &content[..left])?;
        fs::write(self.spool.join("99999999999999999999.tmp"), "half")?;
        Ok(2)
    }
}

/// A watching agent that is killed when this value goes.
struct Watcher(Child);

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

//! P12: a full disk stops acknowledging and corrupts nothing.
//!
//! A small file system in memory where this process may mount one; elsewhere a limit on the size of the server's
//! files, which fails its writes in the same places.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, ensure};

use super::{Place, client::Agent, wait::wait};
use crate::{program, server::Server};

/// Room for the database, in MiB.
const ROOM: u64 = 8;
/// Batches that are tried before the disk counts as endless.
const MOST: u64 = 20_000;

/// A disk that can be filled and emptied.
enum Disk {
    /// A file system of its own, and the file that fills it.
    Mounted { folder: PathBuf },
    /// A limit on each file of the server.
    Limited { folder: PathBuf },
}

pub fn prove(place: &Place) -> anyhow::Result<String> {
    let disk = Disk::new(&place.home.join("disk"))?;
    let database = format!("sqlite:{}", disk.folder().join("data.db").display());
    // The server's own margin is proven by itself below: here the disk really fills.
    let settings = [("DRIFTSIREN_MIN_FREE_DISK_MIB", "0"), ("DRIFTSIREN_INGEST_PER_MINUTE", "60000")];
    let server = disk.start(&database, &settings)?;
    let (agent, _) = Agent::of_new_owner(place.home, &server.url)?;
    agent.make_dataset("numbers")?;
    let mut kept = Vec::new();
    let mut n_refused = 0;
    let rounds = if place.is_short { 2 } else { 10 };
    for round in 0..rounds {
        disk.fill(&server)?;
        n_refused += send_until_full(&agent, round, &mut kept)?;
        let (n_there, n_kept) = (agent.batches("numbers")?.len(), kept.len());
        ensure!(n_there == n_kept, "while the disk is full {n_there} batches can be read, {n_kept} were acknowledged");
        disk.empty(&server)?;
        // Without a restart, and without anybody's help.
        wait("batches to be kept again", Duration::from_secs(30), || {
            let body = format!("round,number\n{round},again\n");
            let reply = agent.post("numbers", &format!("{round}-again"), body.as_bytes());
            reply.is_ok_and(|reply| reply.status == 201) && {
                kept.push(body);
                true
            }
        })?;
    }
    drop(server);
    // What the disk holds after a sudden end opens, and has everything that was acknowledged.
    let server = Server::start_with("127.0.0.1:0", &database, &settings)?;
    let agent = agent.at(&server.url);
    let there = agent.batches("numbers")?;
    let different: BTreeSet<&String> = there.iter().collect();
    let hash = |body: &String| blake3::hash(body.as_bytes()).to_hex().to_string();
    let n_lost = kept.iter().filter(|body| !different.contains(&hash(body))).count();
    ensure!(
        n_lost == 0 && there.len() == kept.len(),
        "{} acknowledged, {n_lost} lost, {} there",
        kept.len(),
        there.len()
    );
    ensure!(n_refused > 0, "the disk was never full, so nothing is proven");
    drop(server);
    let margin = margin(place, &disk)?;
    Ok(format!(
        "{}: full {rounds} times, {n_refused} answers of 507, {} batches acknowledged and there; {margin}",
        disk.kind(),
        kept.len()
    ))
}

/// Sends batches until one is refused for want of room, and some more; gives how many were refused.
fn send_until_full(agent: &Agent, round: u64, kept: &mut Vec<String>) -> anyhow::Result<u64> {
    let mut n_refused = 0;
    for n in 0..MOST {
        let body = format!("round,number\n{round},{n}\n{}", "1,2\n".repeat(20_000));
        let reply = agent.post("numbers", &format!("{round}-{n}"), body.as_bytes())?;
        match reply.status {
            201 => kept.push(body),
            507 => {
                ensure!(reply.head.contains("retry-after:"), "a 507 says when to come again: {}", reply.head);
                n_refused += 1;
                if n_refused == 5 {
                    return Ok(n_refused);
                }
            }
            other => anyhow::bail!("with a full disk somebody was told {other}: {}", reply.body),
        }
    }
    anyhow::bail!("{MOST} batches did not fill {ROOM} MiB")
}

/// The server stops taking batches in before the disk is full.
fn margin(place: &Place, disk: &Disk) -> anyhow::Result<String> {
    let home = place.home.join("margin");
    fs::create_dir_all(&home)?;
    let database = format!("sqlite:{}", home.join("data.db").display());
    // More than any disk has.
    let settings = [("DRIFTSIREN_MIN_FREE_DISK_MIB", "1000000000")];
    let server = Server::start_with("127.0.0.1:0", &database, &settings)?;
    let (agent, _) = Agent::of_new_owner(&home, &server.url)?;
    agent.make_dataset("numbers")?;
    let reply = agent.post("numbers", "first", b"a\n1\n")?;
    ensure!(reply.status == 507, "below the margin of free space a batch got {}: {}", reply.status, reply.body);
    ensure!(disk.folder().exists(), "the other disk is still there");
    Ok("507 below the margin too".to_owned())
}

impl Disk {
    fn new(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={ROOM}m"), "tmpfs"]).arg(folder);
        let is_mounted = mount.stdin(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        let folder = folder.to_owned();
        if is_mounted {
            return Ok(Self::Mounted { folder });
        }
        println!("  no file system may be mounted here: the sizes of the server's files are limited instead");
        program::find("prlimit").context("prlimit is missing; it comes with util-linux")?;
        Ok(Self::Limited { folder })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Mounted { .. } => "a file system of 8 MiB",
            Self::Limited { .. } => "files of at most 8 MiB",
        }
    }

    fn folder(&self) -> &Path {
        match self {
            Self::Mounted { folder, .. } | Self::Limited { folder } => folder,
        }
    }

    fn start(&self, database: &str, settings: &[(&str, &str)]) -> anyhow::Result<Server> {
        match self {
            Self::Mounted { .. } => Server::start_with("127.0.0.1:0", database, settings),
            // A write beyond the limit shall fail, not end the process.
            Self::Limited { .. } => Server::start_behind("trap '' XFSZ", database, settings),
        }
    }

    /// Leaves little room.
    fn fill(&self, server: &Server) -> anyhow::Result<()> {
        const LEFT: usize = 256 << 10;
        match self {
            Self::Mounted { folder } => {
                let path = folder.join("ballast");
                let mut ballast = fs::File::create(&path)?;
                let piece = vec![1; 64 << 10];
                let mut n_bytes = 0;
                while ballast.write_all(&piece).is_ok() {
                    n_bytes += piece.len();
                }
                ballast.set_len(n_bytes.saturating_sub(LEFT) as u64)?;
                Ok(())
            }
            Self::Limited { folder } => {
                let largest = fs::read_dir(folder)?.filter_map(|file| Some(file.ok()?.metadata().ok()?.len())).max();
                limit(server, &format!("{}:", largest.unwrap_or(0) + LEFT as u64))
            }
        }
    }

    fn empty(&self, server: &Server) -> anyhow::Result<()> {
        match self {
            Self::Mounted { folder } => Ok(fs::remove_file(folder.join("ballast"))?),
            Self::Limited { .. } => limit(server, "unlimited:"),
        }
    }
}

/// Sets how large the server's files may become.
fn limit(server: &Server, size: &str) -> anyhow::Result<()> {
    program::run(Command::new("prlimit").args(["--pid", &server.id().to_string(), &format!("--fsize={size}")]))
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Self::Mounted { folder } = self {
            let _ = Command::new("umount").arg("--lazy").arg(folder).status();
        }
    }
}

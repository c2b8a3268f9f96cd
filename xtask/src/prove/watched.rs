//! A folder that `driftsiren watch` sends, its spool, and the watching process.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, SystemTime},
};

use anyhow::{Context, bail};

use super::client::{Agent, Random};

/// A folder, its spool, and what the agent says about them.
pub struct Watched {
    dataset: &'static str,
    source: PathBuf,
    spool: PathBuf,
    log: PathBuf,
    /// The spool's limit, in MiB.
    limit: u64,
}

impl Watched {
    /// Makes the folders of one watch below `home`; `name` tells it from others.
    pub fn new(home: &Path, name: &str, dataset: &'static str, limit: u64) -> anyhow::Result<Self> {
        let at = |kind: &str| home.join(format!("{name}-{kind}"));
        let watched = Self { dataset, source: at("source"), spool: at("spool"), log: at("log.txt"), limit };
        fs::create_dir_all(&watched.source)?;
        fs::create_dir_all(&watched.spool)?;
        Ok(watched)
    }

    /// Adds a file that looks as if it had been there for a while.
    pub fn add(&self, n: u64, content: &str) -> anyhow::Result<()> {
        let unfinished = self.source.join(format!(".{n}"));
        fs::write(&unfinished, content)?;
        let long_ago = SystemTime::now() - Duration::from_secs(60);
        fs::File::options().write(true).open(&unfinished)?.set_modified(long_ago)?;
        Ok(fs::rename(&unfinished, self.source.join(format!("{n:06}.csv")))?)
    }

    /// Starts a sender. Only one may run at a time: the spool is locked.
    pub fn start(&self, agent: &Agent) -> anyhow::Result<Watcher> {
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
        Ok(Watcher {
            child: child.context("cannot start the agent")?,
            source: self.source.clone(),
            log: self.log.clone(),
        })
    }

    /// Everything that the senders of this folder have printed.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The entries of the spool that have not been acknowledged, in order.
    pub fn waiting(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(&self.spool).into_iter().flatten().filter_map(|file| Some(file.ok()?.path()));
        let mut entries: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|ending| ending == "batch")).collect();
        entries.sort();
        entries
    }

    /// Whether the agent has taken so many files from the folder.
    pub fn all_seen(&self, n: u64) -> bool {
        self.n_seen() >= n
    }

    /// Of `n_added` files, those that no server has acknowledged: not yet taken, or waiting in the spool.
    pub fn n_not_sent(&self, n_added: u64) -> u64 {
        n_added.saturating_sub(self.n_seen()) + self.waiting().len() as u64
    }

    fn n_seen(&self) -> u64 {
        fs::read_to_string(self.spool.join("seen.txt")).unwrap_or_default().lines().count() as u64
    }

    /// Breaks what was written last, as a disk does whose power fails; and leaves something half-written.
    /// Gives how many entries it broke.
    pub fn break_tail(&self, random: &mut Random) -> anyhow::Result<u64> {
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

/// A sender; killed when this value is dropped.
pub struct Watcher {
    child: Child,
    source: PathBuf,
    log: PathBuf,
}

impl Watcher {
    /// Fails when the sender has ended by itself: then nobody sends any more, and the proof would wait in vain.
    pub fn ensure_running(&mut self) -> anyhow::Result<()> {
        let Some(status) = self.child.try_wait()? else { return Ok(()) };
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let last = log.lines().last().unwrap_or("it printed nothing");
        bail!("the sender of {} ended by itself ({status}): {last}", self.source.display());
    }

    /// Kills the sender and waits for its end, so that another may take its spool.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.ensure_running()?;
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // Errors mean that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stand-in for the agent: any program that ends at once.
    fn watcher_of(mut command: std::process::Command, home: &Path) -> Watcher {
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program exists");
        Watcher { child, source: home.join("source"), log: home.join("log.txt") }
    }

    #[test]
    fn a_sender_that_ended_by_itself_fails_by_name() {
        let home = std::env::temp_dir().join(format!("driftsiren-watched-{}", std::process::id()));
        fs::create_dir_all(&home).expect("a temporary folder");
        fs::write(home.join("log.txt"), "error: the spool is in use\n").expect("a log");
        let mut watcher = watcher_of(std::process::Command::new("false"), &home);
        watcher.child.wait().expect("it ends");
        let refused = watcher.kill().expect_err("it had ended").to_string();
        assert!(refused.contains("source ended by itself") && refused.contains("the spool is in use"), "{refused}");
        let mut running = std::process::Command::new("sleep");
        running.arg("60");
        watcher_of(running, &home).kill().expect("it runs, and is killed");
        let _ = fs::remove_dir_all(&home);
    }

    #[test]
    fn what_is_not_sent_is_told_from_what_is_lost() {
        let home = std::env::temp_dir().join(format!("driftsiren-not-sent-{}", std::process::id()));
        let watched = Watched::new(&home, "one", "numbers", 1).expect("folders");
        assert_eq!(watched.n_not_sent(3), 3, "nothing was taken");
        fs::write(watched.spool.join("seen.txt"), "a\nb\nc\n").expect("seen");
        fs::write(watched.spool.join("1.batch"), "").expect("an entry");
        assert_eq!(watched.n_not_sent(3), 1, "one waits in the spool");
        let _ = fs::remove_dir_all(&home);
    }
}

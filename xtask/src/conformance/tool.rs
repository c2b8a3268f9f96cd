//! Calling the command line on a pair.

use std::{
    env, fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use serde_json::Value;

use super::{
    corpus::{self, Pair},
    mapping::Run,
};

const TIME_LIMIT: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(5);
/// What a panic exits with.
const PANIC: i32 = 101;
/// What a shell says of a program that was aborted, or that touched memory it must not.
const SIGNALLED: [i32; 2] = [134, 139];

/// How a call ended.
pub struct Answer {
    /// None when it was killed.
    pub code: Option<i32>,
    pub report: Option<Value>,
    pub message: String,
}

impl Answer {
    /// Whether the program gave up by itself, in an orderly way.
    pub fn is_orderly(&self) -> bool {
        self.code.is_some_and(|code| code != PANIC && !SIGNALLED.contains(&code))
            && !self.message.contains("panicked at")
    }

    pub fn shown(&self) -> String {
        let code = self.code.map_or("none".to_owned(), |code| code.to_string());
        format!("exit {code}: {}", self.message.replace('\n', " "))
    }
}

/// A folder that goes away.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> anyhow::Result<Self> {
        let folder = env::temp_dir().join(format!("driftsiren-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self(folder))
    }

    pub fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.0.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left over lies in the system's folder for that.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A pair, ready to be read.
pub struct Prepared {
    work: PathBuf,
    reference: PathBuf,
    current: PathBuf,
    schema: PathBuf,
}

impl Prepared {
    /// Unpacks the files where they are packed, and writes the schema.
    pub fn new(corpus: &Path, pair: &Pair, work: PathBuf) -> anyhow::Result<Self> {
        let schema = work.join("schema.json");
        fs::write(&schema, serde_json::to_vec(&pair.schema())?)
            .with_context(|| format!("cannot write {}", schema.display()))?;
        Ok(Self {
            reference: plain(corpus, &pair.reference, work.join("reference.csv"))?,
            current: plain(corpus, &pair.current, work.join("current.csv"))?,
            schema,
            work,
        })
    }

    /// Compares the two with the program.
    pub fn check(&self, program: &Path, run: Run) -> anyhow::Result<Answer> {
        let mut command = Command::new(program);
        command
            .arg("check")
            .args([&self.reference, &self.current])
            .arg("--schema")
            .arg(&self.schema)
            .args(["--all-metrics", "--fail-on", "never", "-f", "json"])
            .args(["--policy", run.name()])
            .current_dir(&self.work);
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("DRIFTSIREN_") {
                command.env_remove(name);
            }
        }
        call(&mut command, &self.work)
    }
}

fn plain(corpus: &Path, file: &corpus::File, target: PathBuf) -> anyhow::Result<PathBuf> {
    let path = corpus.join(&file.path);
    if path.extension().is_none_or(|extension| extension != "gz") {
        return Ok(path);
    }
    let output = fs::File::create(&target).with_context(|| format!("cannot write {}", target.display()))?;
    let status = Command::new("gzip")
        .arg("-dc")
        .arg(&path)
        .stdin(Stdio::null())
        .stdout(output)
        .status()
        .context("cannot start gzip")?;
    if !status.success() {
        bail!("gzip cannot unpack {}", path.display());
    }
    Ok(target)
}

fn call(command: &mut Command, work: &Path) -> anyhow::Result<Answer> {
    // Files instead of pipes: nothing to drain while it runs.
    let (printed, told) = (work.join("stdout"), work.join("stderr"));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(fs::File::create(&printed)?)
        .stderr(fs::File::create(&told)?)
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
    let started_at = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if started_at.elapsed() > TIME_LIMIT {
            child.kill()?;
            child.wait()?;
            break None;
        }
        thread::sleep(PAUSE);
    };
    let mut message = String::from_utf8_lossy(&fs::read(&told)?).trim().to_owned();
    if status.is_none() {
        message.push_str("stopped after 300 s");
    }
    let mut text = Vec::new();
    fs::File::open(&printed)?.read_to_end(&mut text)?;
    let report = if text.trim_ascii().is_empty() {
        None
    } else {
        match serde_json::from_slice(&text) {
            Ok(report) => Some(report),
            Err(error) => {
                message.push_str(&format!("the output is not JSON: {error}"));
                None
            }
        }
    };
    Ok(Answer { code: status.and_then(|status| status.code()), report, message })
}

//! A PostgreSQL server of our own: in a temporary folder, on a free port, thrown away at the end.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;

use crate::{port, program};

/// A server that is stopped, and forgotten with all its databases, when this value goes.
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    pub port: u16,
}

/// The role that tests log in as: it may make databases, and row-level security binds it.
const ROLE: &str = "tester";

impl Postgres {
    /// Makes and starts a server.
    pub fn start() -> anyhow::Result<Self> {
        let programs = programs().context("PostgreSQL's programs are not there; cargo xtask setup installs them")?;
        let folder = std::env::temp_dir().join(format!("driftsiren-postgres-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        if is_root() {
            // PostgreSQL refuses to run as root; its package brings a user for it.
            program::run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let server = Self { programs, folder, port: port::outside_of_outgoing()? };
        let data = server.folder.join("data");
        server.run("initdb", &["-D", &text(&data), "-U", "admin", "-A", "trust", "-E", "UTF8", "--no-sync"])?;
        let options = format!("-p {} -k {} -c listen_addresses=127.0.0.1", server.port, server.folder.display());
        let log = text(&server.folder.join("log"));
        server.run("pg_ctl", &["-D", &text(&data), "-o", &options, "-l", &log, "-w", "start"])?;
        let port = server.port.to_string();
        let make = format!("create role {ROLE} login createdb");
        server.run("psql", &["-h", "127.0.0.1", "-p", &port, "-U", "admin", "-q", "-c", &make, "postgres"])?;
        Ok(server)
    }

    /// Its address, without a database.
    pub fn url(&self) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}", self.port)
    }

    /// Makes an empty database; gives its address.
    pub fn database(&self, name: &str) -> anyhow::Result<String> {
        self.run("createdb", &["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", ROLE, name])?;
        Ok(format!("{}/{name}", self.url()))
    }

    /// The number of its first process, of which all others are children.
    pub fn id(&self) -> anyhow::Result<u32> {
        let path = self.folder.join("data/postmaster.pid");
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(text.lines().next().unwrap_or_default().parse()?)
    }

    /// Where files lie that its programs are to read.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs psql on a database; `arguments` say what.
    pub fn psql(&self, database: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let url = format!("{}/{database}", self.url());
        self.run("psql", &[&[url.as_str(), "-q", "-v", "ON_ERROR_STOP=1"], arguments].concat())
    }

    fn run(&self, name: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let output = command.args(arguments).current_dir(&self.folder).stdin(std::process::Stdio::null());
        // The started server would keep a pipe open for ever.
        let status =
            output.stdout(std::process::Stdio::null()).status().with_context(|| format!("cannot start {name}"))?;
        anyhow::ensure!(status.success(), "{name} failed ({status}); see {}", self.folder.join("log").display());
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = text(&self.folder.join("data"));
        // Errors mean that it is gone already.
        let _ = self.run("pg_ctl", &["-D", &data, "-m", "immediate", "stop"]);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The folder of the newest installed version's programs.
pub fn programs() -> Option<PathBuf> {
    let debian = Path::new("/usr/lib/postgresql");
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(debian)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .filter(|(_, programs)| programs.join("initdb").is_file())
        .collect();
    versions.sort();
    let newest = versions.pop().map(|(_, programs)| programs);
    newest.or_else(|| Some(program::find("initdb")?.parent()?.to_owned()))
}

fn is_root() -> bool {
    program::answer(Command::new("id").arg("-u")).as_deref() == Some("0")
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

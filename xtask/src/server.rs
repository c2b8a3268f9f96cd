//! Starting the server and stopping it again.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::Context;

use crate::{
    native,
    program::{self, cargo, command},
    site, workspace,
};

/// A server that is stopped when this value goes.
pub struct Server {
    process: Child,
    pub url: String,
}

/// Compiles the debug server alone, which is quicker than [`native::everything`] for those who only want to run it.
pub fn build() -> anyhow::Result<()> {
    program::run(&mut cargo(&["build", "--package", "driftsiren-server"]))
}

/// Becomes the built server: it prints its address, and signals to us are signals to it.
pub fn serve(addr: Option<&str>) -> anyhow::Result<()> {
    let mut server = built(addr);
    #[cfg(unix)]
    let error = std::os::unix::process::CommandExt::exec(&mut server);
    #[cfg(not(unix))]
    let error = match server.status() {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    Err(error).context("cannot start the server")
}

fn built(addr: Option<&str>) -> Command {
    let mut server = command(native::server());
    server.stdin(Stdio::null()).env("DRIFTSIREN_SITE", site::folder());
    if let Some(addr) = addr {
        server.env("DRIFTSIREN_ADDR", addr);
    }
    server
}

impl Server {
    /// Starts the built server on `addr`, on a database, and waits until it listens. A key may send so many batches
    /// in a minute.
    pub fn start_on(addr: &str, database: &str, ingest_per_minute: u32) -> anyhow::Result<Self> {
        Self::start_with(addr, database, &[("DRIFTSIREN_INGEST_PER_MINUTE", &ingest_per_minute.to_string())])
    }

    /// The same, with other settings.
    pub fn start_with(addr: &str, database: &str, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        Self::start_through(built(Some(addr)), database, settings)
    }

    /// The same, started by a shell that first does something, such as setting a limit.
    #[cfg(unix)]
    pub fn start_behind(shell: &str, database: &str, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let plain = built(Some("127.0.0.1:0"));
        let mut server = command("sh");
        server.arg("-c").arg(format!("{shell}; exec \"$0\"")).arg(plain.get_program()).stdin(Stdio::null());
        plain.get_envs().for_each(|(name, value)| {
            if let Some(value) = value {
                server.env(name, value);
            }
        });
        Self::start_through(server, database, settings)
    }

    fn start_through(mut server: Command, database: &str, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        server.env("DRIFTSIREN_DATABASE_URL", database);
        server.env("DRIFTSIREN_LOG", "error");
        server.envs(settings.iter().copied());
        // Nothing here looks at scripts, so none need be built.
        server.env_remove("DRIFTSIREN_SITE");
        Self::listening(server)
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Most memory that it has had, in bytes.
    pub fn peak_memory(&self) -> anyhow::Result<u64> {
        memory(self.process.id(), "VmHWM:")
    }

    /// Starts the built server on `addr` with a database that nobody else has, and waits until it listens.
    pub fn start(addr: &str) -> anyhow::Result<Self> {
        let mut server = built(Some(addr));
        let folder = workspace::target_dir().join(format!("test-data-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        server.env("DRIFTSIREN_DATABASE_URL", format!("sqlite:{}", folder.join("driftsiren.db").display()));
        Self::listening(server)
    }

    /// Starts a program that prints `listening on <address>` when it does, and waits for that.
    pub fn listening(mut server: Command) -> anyhow::Result<Self> {
        server.stdout(Stdio::piped());
        let mut process = server.spawn().context("cannot start the server")?;
        let stdout = process.stdout.take().expect("its output is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let Some(url) = line.trim().strip_prefix("listening on ").map(str::to_owned) else {
            let status = process.wait()?;
            anyhow::bail!("the server did not start ({status})");
        };
        Ok(Self { process, url })
    }
}

/// A size from the kernel's account of a process.
fn memory(process: u32, field: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).context("is the server gone?")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).context("this kernel does not tell")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib << 10)
}

impl Drop for Server {
    fn drop(&mut self) {
        // Errors mean that it is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

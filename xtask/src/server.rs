//! Starting the server and stopping it again.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use anyhow::Context;

use crate::{
    program::{self, cargo, command},
    workspace,
};

/// A server that is stopped when this value goes.
pub struct Server {
    process: Child,
    pub url: String,
}

/// Compiles the debug server.
pub fn build() -> anyhow::Result<()> {
    program::run(&mut cargo(&["build", "--package", "driftsiren-server"]))
}

impl Server {
    /// Starts the built server on `addr` and waits until it listens.
    pub fn start(addr: Option<&str>) -> anyhow::Result<Self> {
        let path = workspace::target_dir().join("debug/driftsiren-server");
        let mut server = command(path);
        server.stdin(Stdio::null()).stdout(Stdio::piped());
        if let Some(addr) = addr {
            server.env("DRIFTSIREN_ADDR", addr);
        }
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

    /// Waits until it stops by itself, as on ctrl-c.
    pub fn wait(mut self) -> anyhow::Result<()> {
        let status = self.process.wait()?;
        anyhow::ensure!(status.success(), "the server stopped ({status})");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Errors mean that it is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

//! `cargo xtask test`: everything that must hold, in steps with a name.
//!
//! A step that cannot run fails. Only a part that needs what this machine cannot reach, such as the database of
//! advisories, may be left out, and the end of the run says so.

use std::time::{Duration, Instant};

use anyhow::Context;
use clap::{Args, ValueEnum};

use crate::{
    native,
    postgres::Postgres,
    program::{self, cargo, command, find},
    prove,
    requirement::{self, Area},
    server::Server,
    setup, site,
    wasm::{self, Effort},
    workspace,
};

/// Which steps to run.
#[derive(Args)]
pub struct Options {
    /// Run only this step; may be given again
    #[arg(long, value_name = "STEP")]
    only: Vec<Step>,
    /// Leave this step out; may be given again
    #[arg(long, value_name = "STEP")]
    skip: Vec<Step>,
}

/// The steps, in their order: what is quick to fail comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// The code is formatted
    Format,
    /// Clippy has nothing to say
    Clippy,
    /// Every dependency is used
    Unused,
    /// Unit, property and integration tests
    Unit,
    /// The server's tests once more, on PostgreSQL
    Postgres,
    /// The promises about whole processes, in short: server and command line on both databases
    Prove,
    /// The API answers as its document says: schemathesis, in short
    Api,
    /// The documentation builds without warnings, and its examples run
    Doc,
    /// The engine agrees with the golden values
    Conformance,
    /// The engine in WebAssembly gives the same digests as the native one
    Wasm,
    /// Licences and advisories of the dependencies
    Deny,
    /// The pages, in a browser
    E2e,
}

/// How a step that did not fail ended.
enum Outcome {
    Passed,
    /// All of it that could be checked here; what could not, and why.
    PassedWithout(&'static str),
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let started_at = Instant::now();
    let mut ended = Vec::new();
    for step in options.steps() {
        println!("\n── {}", step.name());
        let step_started_at = Instant::now();
        let outcome = step.run().with_context(|| format!("step `{}` failed", step.name()))?;
        let took = step_started_at.elapsed();
        println!("── {}: {} in {}", step.name(), outcome.word(), shown(took));
        ended.push((step, outcome, took));
    }
    println!("\nAll steps passed in {}:", shown(started_at.elapsed()));
    for (step, outcome, took) in ended {
        println!("  {:<12} {:>8}  {}", step.name(), shown(took), outcome.word());
    }
    Ok(())
}

impl Options {
    fn steps(&self) -> impl Iterator<Item = Step> {
        let is_wanted = |step: &Step| (self.only.is_empty() || self.only.contains(step)) && !self.skip.contains(step);
        Step::value_variants().iter().copied().filter(is_wanted)
    }
}

impl Outcome {
    fn word(&self) -> String {
        match self {
            Self::Passed => "passed".to_owned(),
            Self::PassedWithout(what) => format!("passed, NOT CHECKED: {what}"),
        }
    }
}

impl Step {
    fn name(self) -> String {
        let value = self.to_possible_value().expect("every step can be named");
        value.get_name().to_owned()
    }

    fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Self::Format => passed(&["fmt", "--all", "--check"]),
            Self::Clippy => passed(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]),
            Self::Unused => {
                setup::ensure(&[Area::Lint])?;
                program::run(&mut cargo(&["machete"]))?;
                Ok(Outcome::Passed)
            }
            Self::Unit => unit(),
            Self::Postgres => postgres(),
            Self::Prove => {
                setup::ensure(&[Area::Build, Area::Postgres])?;
                prove::short()?;
                Ok(Outcome::Passed)
            }
            Self::Api => {
                setup::ensure(&[Area::Build, Area::Api])?;
                prove::short_api()?;
                Ok(Outcome::Passed)
            }
            Self::Doc => doc(),
            Self::Conformance => conformance(),
            Self::Wasm => {
                wasm::run(&wasm::Options { node_only: false, parquet: false, compare: true })?;
                Ok(Outcome::Passed)
            }
            Self::Deny => deny(),
            Self::E2e => end_to_end(),
        }
    }
}

fn passed(arguments: &[&str]) -> anyhow::Result<Outcome> {
    setup::ensure(&[Area::Build])?;
    program::run(&mut cargo(arguments))?;
    Ok(Outcome::Passed)
}

fn unit() -> anyhow::Result<Outcome> {
    if find("cargo-nextest").is_some() {
        passed(&["nextest", "run", "--workspace"])
    } else {
        passed(&["test", "--workspace", "--all-targets"])
    }
}

fn postgres() -> anyhow::Result<Outcome> {
    setup::ensure(&[Area::Build, Area::Postgres])?;
    let server = Postgres::start()?;
    // The whole workspace is named, so that nothing is compiled anew: see `build`.
    let arguments: &[&str] = if find("cargo-nextest").is_some() {
        &["nextest", "run", "--workspace", "--filterset", "binary_id(driftsiren-server::server)"]
    } else {
        &["test", "--workspace", "--test", "server"]
    };
    program::run(cargo(arguments).env("DRIFTSIREN_TEST_POSTGRES", server.url()))?;
    Ok(Outcome::Passed)
}

fn doc() -> anyhow::Result<Outcome> {
    setup::ensure(&[Area::Build])?;
    let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"]);
    program::run(doc.env("RUSTDOCFLAGS", "--deny warnings --allow rustdoc::private_intra_doc_links"))?;
    passed(&["test", "--workspace", "--doc"])
}

fn conformance() -> anyhow::Result<Outcome> {
    crate::conformance::run(&crate::conformance::Options::default())?;
    Ok(Outcome::Passed)
}

fn deny() -> anyhow::Result<Outcome> {
    setup::ensure(&[Area::Lint])?;
    program::run(&mut cargo(&["deny", "check", "bans", "licenses", "sources"]))?;
    // Fetching is asked apart from checking: a database that cannot be reached is not a finding.
    if program::run(&mut cargo(&["deny", "fetch", "db"])).is_err() {
        return Ok(Outcome::PassedWithout("advisories: their database cannot be reached from this machine"));
    }
    program::run(&mut cargo(&["deny", "check", "--disable-fetch", "advisories"]))?;
    Ok(Outcome::Passed)
}

fn end_to_end() -> anyhow::Result<Outcome> {
    setup::ensure(&[Area::Build, Area::Node, Area::End2end])?;
    let chromium = requirement::chromium().context("the browser is gone")?;
    // Journeys compare what the page says with what the command line says.
    native::everything()?;
    site::make(Effort::Small)?;
    let server = Server::start("127.0.0.1:0")?;
    let folder = workspace::root().join("end2end");
    program::run(
        command(folder.join("node_modules/.bin/playwright"))
            .arg("test")
            .current_dir(folder)
            .env("DRIFTSIREN_URL", &server.url)
            .env("DRIFTSIREN_AGENT", native::command_line())
            .env("DRIFTSIREN_CHROMIUM", chromium),
    )?;
    Ok(Outcome::Passed)
}

fn shown(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

//! P19: every answer of the API is what the OpenAPI document says, asked by schemathesis in three roles.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use anyhow::{Context, ensure};
use serde_json::json;

use super::{
    Place,
    client::{Agent, call},
};
use crate::{
    bench::python,
    program::{self, command},
    server::Server,
    workspace,
};

/// Where the configuration, the hooks and the version are.
const FOLDER: &str = "xtask/schemathesis";
const PASSWORD: &str = "correct horse battery";
const SPARE_MEMBERS: usize = 4;
/// Calls of the long form, all roles together.
const LEAST_CALLS: u64 = 10_000;

/// Who asks. Those who can break less come first: an owner may take the others' rights away.
#[derive(Clone, Copy)]
enum Role {
    Viewer,
    Program,
    Owner,
}

pub fn prove(place: &Place) -> anyhow::Result<String> {
    let python = python::environment(&format!("{FOLDER}/requirements.txt"))?;
    // What is asked here is the API; how safely it writes is proven elsewhere.
    let settings = [
        ("DRIFTSIREN_API_PER_MINUTE", "60000"),
        ("DRIFTSIREN_INGEST_PER_MINUTE", "60000"),
        ("DRIFTSIREN_SQLITE_SYNCHRONOUS", "normal"),
    ];
    let server = Server::start_with("127.0.0.1:0", place.database, &settings)?;
    let (agent, cookie) = Agent::of_new_owner(place.home, &server.url)?;
    agent.make_dataset("loans")?;
    let reply = agent.post("loans", "first", b"age,job\n31,cook\n44,smith\n")?;
    ensure!(reply.status == 201, "the first batch was refused: {}", reply.body);
    invite(&server.url, &cookie, "vera@example.org", "viewer")?;
    // Members whom an owner may change and send away.
    (0..SPARE_MEMBERS).try_for_each(|n| invite(&server.url, &cookie, &format!("spare{n}@example.org"), "member"))?;
    write_files(&agent)?;
    let mut answers = Answers::default();
    for role in [Role::Viewer, Role::Program, Role::Owner] {
        let log = place.home.join(format!("{}.json", role.name()));
        let mut schemathesis = role.command(&python, &agent, place, &log);
        program::run(&mut schemathesis)
            .with_context(|| format!("asked by {}, the API answered what its document does not say", role.name()))?;
        answers.add(&log)?;
    }
    answers.judge(place.is_short)
}

/// Files that batches, references and checks may hold.
fn write_files(agent: &Agent) -> anyhow::Result<()> {
    let rows = agent.home.join("rows.csv");
    fs::write(&rows, "age,job\n31,cook\n44,smith\n52,cook\n")?;
    let rows = rows.to_str().context("the folder's name is no text")?;
    let profile = agent.home.join("rows.dsprof");
    let made = agent.command(&["profile", rows, "--quiet", "-o"]).arg(&profile).status()?;
    ensure!(made.success(), "the profile was not made");
    Ok(())
}

/// Lets somebody in.
fn invite(url: &str, cookie: &str, email: &str, role: &str) -> anyhow::Result<()> {
    let body = json!({"email": email, "role": role});
    let (_, made) = call(url, "POST /api/v1/orgs/acme/invites", &[("cookie", cookie)], Some(&body))?;
    let made: serde_json::Value = serde_json::from_str(&made)?;
    let token = made["link"].as_str().and_then(|link| link.split_once("token=")).context("the invite has no link")?.1;
    let body = json!({"token": token, "name": role, "password": PASSWORD});
    call(url, "POST /api/v1/invites/accept", &[], Some(&body))?;
    Ok(())
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Program => "program",
            Self::Owner => "owner",
        }
    }

    fn command(self, python: &Path, agent: &Agent, place: &Place, log: &Path) -> Command {
        let examples = if place.is_short { "8" } else { "90" };
        let mut schemathesis = command(python.with_file_name("st"));
        schemathesis
            .args(["--no-color", "run"])
            .arg(format!("{}/api/v1/openapi.json", agent.url))
            .args(["--max-examples", examples, "--warnings", "off"])
            // The same questions each time in the test command, others each time in the long form.
            .args(if place.is_short { &["--seed", "1"][..] } else { &[] })
            .current_dir(workspace::root().join(FOLDER))
            .env("SCHEMATHESIS_HOOKS", "hooks")
            .env("PYTHONPATH", workspace::root().join(FOLDER))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("DRIFTSIREN_ANSWERS", log)
            .env("DRIFTSIREN_FILES", &agent.home)
            .env("DRIFTSIREN_URL", &agent.url);
        match self {
            Self::Viewer => schemathesis.env("DRIFTSIREN_EMAIL", "vera@example.org"),
            Self::Owner => schemathesis.env("DRIFTSIREN_EMAIL", "ada@example.org"),
            Self::Program => schemathesis.env("DRIFTSIREN_API_KEY", &agent.key),
        };
        schemathesis.env("DRIFTSIREN_PASSWORD", PASSWORD);
        schemathesis
    }
}

/// Routes that answer well only to secrets which nobody can guess: an empty server's set-up, an invite's link, a
/// password. Journeys and tests go there.
const SECRET: [&str; 5] = [
    "POST /api/v1/setup",
    "POST /api/v1/login",
    "PUT /api/v1/me/password",
    "POST /api/v1/invites/look",
    "POST /api/v1/invites/accept",
];

/// How often each route gave each status.
#[derive(Default)]
struct Answers(BTreeMap<String, BTreeMap<String, u64>>);

impl Answers {
    fn add(&mut self, log: &Path) -> anyhow::Result<()> {
        let text = fs::read_to_string(log).context("schemathesis left no record of what it asked")?;
        let found: BTreeMap<String, BTreeMap<String, u64>> = serde_json::from_str(&text)?;
        for (route, statuses) in found {
            let of_route = self.0.entry(route).or_default();
            statuses.into_iter().for_each(|(status, n)| *of_route.entry(status).or_default() += n);
        }
        Ok(())
    }

    /// Answers that are all refusals would prove little: every route must have done its work for somebody.
    fn judge(&self, is_short: bool) -> anyhow::Result<String> {
        let n: u64 = self.0.values().flat_map(BTreeMap::values).sum();
        let n_good: u64 = self.0.values().flatten().filter(|(status, _)| status.starts_with('2')).map(|(_, n)| n).sum();
        ensure!(is_short || n >= LEAST_CALLS, "only {n} calls, need {LEAST_CALLS}");
        let idle: Vec<String> = self
            .0
            .iter()
            .filter(|(route, statuses)| {
                !SECRET.contains(&route.as_str()) && !statuses.keys().any(|status| status.starts_with('2'))
            })
            .map(|(route, statuses)| format!("{route} {statuses:?}"))
            .collect();
        ensure!(is_short || idle.is_empty(), "these routes refused everything that was asked: {}", idle.join(", "));
        Ok(format!("{n} calls of {} routes in 3 roles, {n_good} of them done, 0 failures", self.0.len()))
    }
}

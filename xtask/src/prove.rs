//! `cargo xtask prove`: promises about whole processes, broken on purpose and counted.

use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::{
    postgres::Postgres,
    program::{self, cargo},
    server::{self, Server},
    workspace,
};

/// What to prove, and how long.
#[derive(Args)]
pub struct Options {
    /// What to prove; everything when left out
    promise: Vec<Promise>,
    /// How often the server is killed
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Only on SQLite, without PostgreSQL
    #[arg(long)]
    sqlite_only: bool,
}

/// A promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Promise {
    /// A new owner, an org, a key, a pushed file, the batch on the dataset's page
    Journey,
    /// An acknowledged batch outlives the end of the process, and none is doubled
    Acknowledged,
}

/// The promises that the test command checks in a short form.
pub fn short() -> anyhow::Result<()> {
    run(&Options { promise: Vec::new(), kills: 5, sqlite_only: false })
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    server::build()?;
    program::run(&mut cargo(&["build", "--package", "driftsiren"]))?;
    let postgres = if options.sqlite_only { None } else { Some(Postgres::start()?) };
    for promise in Promise::value_variants() {
        if !options.promise.is_empty() && !options.promise.contains(promise) {
            continue;
        }
        let folder = Folder::new(&format!("{promise:?}"))?;
        let mut databases = vec![("SQLite", format!("sqlite:{}", folder.0.join("data.db").display()))];
        if let Some(postgres) = &postgres {
            databases.push(("PostgreSQL", postgres.database(&format!("{promise:?}").to_lowercase())?));
        }
        for (name, url) in databases {
            let said = match promise {
                Promise::Journey => journey(&folder.0.join(name), &url)?,
                Promise::Acknowledged => acknowledged(&folder.0.join(name), &url, options.kills)?,
            };
            println!("  {promise:?} on {name}: {said}");
        }
    }
    Ok(())
}

/// A folder that goes with this value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("driftsiren-prove-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The command line, logged in at a server.
struct Agent {
    home: PathBuf,
    url: String,
    key: String,
}

impl Agent {
    /// Sets an empty server up: an owner, its org, a key.
    fn of_new_owner(home: &Path, url: &str) -> anyhow::Result<(Self, String)> {
        fs::create_dir_all(home)?;
        let body = json!({
            "email": "ada@example.org", "name": "Ada", "password": "correct horse battery", "org_name": "Acme",
        });
        let (head, _) = call(url, "POST /api/v1/setup", &[], Some(&body))?;
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie =
            cookie.and_then(|cookie| cookie.split(';').next()).context("setting up gave no cookie")?.to_owned();
        let body = json!({"name": "prove", "scopes": ["ingest", "read", "manage"]});
        let (_, made) = call(url, "POST /api/v1/orgs/acme/keys", &[("cookie", &cookie)], Some(&body))?;
        let key = serde_json::from_str::<Value>(&made)?["secret"].as_str().context("no key was made")?.to_owned();
        Ok((Self { home: home.to_owned(), url: url.to_owned(), key }, cookie))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut agent = Command::new(workspace::target_dir().join("debug/driftsiren"));
        agent
            .args(arguments)
            .stdin(Stdio::null())
            .env("HOME", &self.home)
            .env("XDG_STATE_HOME", self.home.join("state"))
            .env("DRIFTSIREN_URL", &self.url)
            .env("DRIFTSIREN_API_KEY", &self.key);
        agent
    }
}

/// One request over a connection of its own; gives head and body.
fn call(url: &str, what: &str, headers: &[(&str, &str)], body: Option<&Value>) -> anyhow::Result<(String, String)> {
    let host = url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(host)?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut request =
        format!("{what} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    if !body.is_empty() {
        request += "content-type: application/json\r\n";
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{request}\r\n{body}").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no end of its head")?;
    ensure!(head.starts_with("HTTP/1.1 2"), "{what}: {head}\n{body}");
    // Without compression and with `connection: close` bodies of known length come as they are; chunks do not.
    let body = if head.contains("transfer-encoding: chunked") { unchunked(body) } else { body.to_owned() };
    Ok((head.to_owned(), body))
}

fn unchunked(mut text: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let n = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        let Some(chunk) = rest.get(..n).filter(|_| n > 0) else { break };
        whole.push_str(chunk);
        text = rest.get(n + 2..).unwrap_or_default();
    }
    whole
}

/// What a first user does, with the programs that users have.
fn journey(home: &Path, database: &str) -> anyhow::Result<String> {
    let server = Server::start_on("127.0.0.1:0", database, 60)?;
    let (agent, cookie) = Agent::of_new_owner(home, &server.url)?;
    let mut n_rows = 0;
    let files = real_files()?;
    for (name, file) in &files {
        let file = file.to_string_lossy();
        let dataset = name.as_str();
        for more in [&[][..], &["--profile-only"][..]] {
            let arguments = [&["push", &file, "--dataset", dataset, "--create"], more].concat();
            let done = agent.command(&arguments).stderr(Stdio::piped()).output()?;
            ensure!(done.status.success(), "push {file}: {}", String::from_utf8_lossy(&done.stderr));
        }
        let (_, batches) = call(
            &server.url,
            &format!("GET /api/v1/orgs/acme/datasets/{dataset}/batches"),
            &[("cookie", &cookie)],
            None,
        )?;
        let batches: Value = serde_json::from_str(&batches)?;
        let counts: Vec<u64> =
            batches["data"].as_array().into_iter().flatten().filter_map(|b| b["n_rows_accepted"].as_u64()).collect();
        ensure!(counts.len() == 2 && counts[0] == counts[1], "{dataset}: rows and profile differ: {counts:?}");
        n_rows += counts[0];
        let (_, page) = call(&server.url, &format!("GET /orgs/acme/datasets/{dataset}"), &[("cookie", &cookie)], None)?;
        // Thousands are told apart by commas.
        let is_there = page.replace(',', "").contains(&format!("{} rows", counts[0]));
        ensure!(is_there, "the batch of {dataset} is not on its page");
    }
    Ok(format!("{} real files, {n_rows} rows pushed, as rows and as profiles", files.len()))
}

/// Real data of the corpus that is small enough to be quick.
fn real_files() -> anyhow::Result<Vec<(String, PathBuf)>> {
    const LARGEST: u64 = 4 << 20;
    const MOST: usize = 8;
    let mut found = Vec::new();
    for entry in fs::read_dir(workspace::root().join("conformance/data"))? {
        let folder = entry?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for file in fs::read_dir(&folder)? {
            let file = file?.path();
            let is_current = file.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with("cur"));
            let size = fs::metadata(&file)?.len();
            if is_current && !name.starts_with("edge_") && !name.starts_with("syn") && (1..LARGEST).contains(&size) {
                found.push((name.clone(), file));
            }
        }
    }
    found.sort();
    found.truncate(MOST);
    ensure!(!found.is_empty(), "the corpus under conformance/data has no real pair");
    Ok(found)
}

/// P1: agents send numbered batches while the server is killed at random times and started again.
fn acknowledged(home: &Path, database: &str, n_kills: u32) -> anyhow::Result<String> {
    const AGENTS: usize = 3;
    let mut server = Server::start_on("127.0.0.1:0", database, 60_000)?;
    let addr = server.url.trim_start_matches("http://").to_owned();
    let (agent, cookie) = Agent::of_new_owner(home, &server.url)?;
    let made = agent.command(&["dataset", "create", "numbers"]).stdout(Stdio::null()).status()?;
    ensure!(made.success(), "the dataset was not made");
    let sources: Vec<PathBuf> = (0..AGENTS).map(|n| home.join(format!("agent-{n}"))).collect();
    let mut watchers = Vec::new();
    for source in &sources {
        fs::create_dir_all(source)?;
        watchers.push(Watcher::start(&agent, source)?);
    }
    let mut n_sent = 0_u64;
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ u64::from(n_kills));
    for kill in 0..n_kills {
        for (index, source) in sources.iter().enumerate() {
            for _ in 0..4 {
                n_sent += 1;
                let unfinished = source.join(format!(".{n_sent}"));
                fs::write(&unfinished, format!("number,agent\n{n_sent},{index}\n"))?;
                // Old enough to count as settled.
                let long_ago = std::time::SystemTime::now() - Duration::from_secs(60);
                fs::File::options().write(true).open(&unfinished)?.set_modified(long_ago)?;
                fs::rename(&unfinished, source.join(format!("{n_sent:06}.csv")))?;
            }
        }
        std::thread::sleep(Duration::from_millis(200 + random.below(900)));
        drop(server);
        if kill % 7 == 3 {
            // The senders die too, and are started again.
            let index = usize::try_from(random.below(AGENTS as u64)).unwrap_or(0);
            watchers[index] = Watcher::start(&agent, &sources[index])?;
        }
        server = Server::start_on(&addr, database, 60_000)?;
    }
    let deadline = Instant::now() + Duration::from_secs(120);
    let mut kept = numbers(&server.url, &cookie)?;
    while (kept.len() as u64) < n_sent && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(500));
        kept = numbers(&server.url, &cookie)?;
    }
    drop(watchers);
    let n_kept = kept.len() as u64;
    kept.sort();
    kept.dedup();
    let (n_lost, n_doubled) = (n_sent - (kept.len() as u64).min(n_sent), n_kept - kept.len() as u64);
    ensure!(n_kills > 0 && n_sent > 0, "nothing was broken, so nothing is proven");
    ensure!(n_lost == 0 && n_doubled == 0, "{n_sent} batches, {n_lost} lost, {n_doubled} doubled");
    Ok(format!("{n_kills} kills, {n_sent} batches, 0 lost, 0 doubled"))
}

/// The hashes of all batches that the server has: each batch has a content of its own.
fn numbers(url: &str, cookie: &str) -> anyhow::Result<Vec<String>> {
    let mut hashes = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("GET /api/v1/orgs/acme/datasets/numbers/batches?limit=200{cursor}");
        let (_, page) = call(url, &path, &[("cookie", cookie)], None)?;
        let page: Value = serde_json::from_str(&page)?;
        let found = page["data"].as_array().into_iter().flatten();
        hashes.extend(found.filter_map(|batch| batch["body_hash"].as_str().map(str::to_owned)));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(hashes),
        }
    }
}

/// A watching agent that is killed when this value goes.
struct Watcher(Child);

impl Watcher {
    fn start(agent: &Agent, source: &Path) -> anyhow::Result<Self> {
        let source = source.to_string_lossy();
        let mut command = agent.command(&["--quiet", "watch", &source, "--dataset", "numbers", "--interval", "1"]);
        Ok(Self(command.spawn().context("cannot start the agent")?))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

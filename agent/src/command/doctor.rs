//! `driftsiren doctor`: what this program sees of its surroundings.

use std::env;
use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::path::Path;

use crate::arguments::{Color, Common};
use crate::config;
use crate::credentials;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{self, Target, write_stdout};
use crate::server::{Server, ServerFlags};
use crate::suggest;
use crate::version;

/// What our variables begin with.
const PREFIX: &str = "DRIFTSIREN_";

/// Variables that are looked at.
const VARIABLES: [&str; 17] = [
    "DRIFTSIREN_ALPHA",
    "DRIFTSIREN_API_KEY",
    "DRIFTSIREN_COLOR",
    "DRIFTSIREN_CONFIG",
    "DRIFTSIREN_DATASET",
    "DRIFTSIREN_EXACT_LIMIT",
    "DRIFTSIREN_FAIL_ON",
    "DRIFTSIREN_FORMAT",
    "DRIFTSIREN_MIN_ROWS",
    "DRIFTSIREN_NO_PROGRESS",
    "DRIFTSIREN_ORG",
    "DRIFTSIREN_POLICY",
    "DRIFTSIREN_QUIET",
    "DRIFTSIREN_SPOOL",
    "DRIFTSIREN_STRICT",
    "DRIFTSIREN_THREADS",
    "DRIFTSIREN_URL",
];

/// Prints what it sees; fails when a configuration file is wrong, or the server that it is logged in to does not answer.
pub fn run(flags: &ServerFlags, common: &Common) -> Outcome {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<12}{value}");
    };
    line("version", &format!("driftsiren {}, engine {}", env!("CARGO_PKG_VERSION"), version::VERSION));
    line("formats", &format!("{}, {}", drift::report::FORMAT, version::profile_format()));
    line("system", &format!("{} {}", env::consts::OS, env::consts::ARCH));
    let n_threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    line("threads", &n_threads.to_string());
    line("memory", &memory().unwrap_or_else(|| "unknown".to_owned()));

    let found = config::locate(common.config.as_deref());
    let mut broken = None;
    for (what, path) in [("project", &found.project), ("user", &found.user)] {
        match path {
            None => line(what, "no configuration file"),
            Some(path) => match config::load_one(path) {
                Ok(_) => line(what, &format!("{}, valid", path.display())),
                Err(failure) => {
                    line(what, &format!("{}, not valid", path.display()));
                    broken.get_or_insert(failure);
                }
            },
        }
    }

    match server(flags) {
        None => line("server", "none; run `driftsiren login URL`"),
        Some(Ok(found)) => line("server", &found),
        Some(Err(failure)) => {
            line("server", &failure.line());
            broken.get_or_insert(failure);
        }
    }

    let seen = |is_terminal| {
        if is_terminal { "terminal" } else { "not a terminal" }
    };
    let color = common.color.unwrap_or(Color::Auto);
    let is_coloured = output::is_coloured(color, &Target::Stdout);
    line(
        "stdout",
        &format!(
            "{}, {} columns, {}",
            seen(io::stdout().is_terminal()),
            output::width(&Target::Stdout),
            if is_coloured { "colour" } else { "no colour" }
        ),
    );
    line("stderr", &format!("{}, progress bars only on a terminal", seen(io::stderr().is_terminal())));
    for (name, value) in environment() {
        line("environment", &format!("{name}={value}"));
    }
    write_stdout(text.as_bytes())?;
    broken.map_or(Ok(Exit::Clean), Err::<Exit, Failure>)
}

/// The server, who we are there, and whether it is of our version; nothing when none is named.
fn server(flags: &ServerFlags) -> Option<Outcome<String>> {
    let is_named = flags.url.is_some() || credentials::read().is_ok_and(|kept| kept.is_some());
    let look = || {
        let server = Server::open(flags)?;
        let (me, version) = server.look()?;
        let who = me.key.map_or_else(|| "a person".to_owned(), |key| format!("the key `{key}`"));
        let orgs: Vec<String> = me.orgs.into_iter().map(|org| org.slug).collect();
        let other = if version == version::VERSION { "" } else { ", which differs from this program" };
        Ok(format!("{}, as {who} of {}, version {version}{other}", server.url, orgs.join(", ")))
    };
    is_named.then(look)
}

/// Our variables in order, secrets covered, unknown ones marked.
fn environment() -> Vec<(String, String)> {
    let mut ours: Vec<(String, String)> = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .filter(|(name, _)| name.starts_with(PREFIX) || ["NO_COLOR", "CLICOLOR_FORCE"].contains(&name.as_str()))
        .collect();
    ours.sort();
    for (name, value) in &mut ours {
        if ["KEY", "TOKEN", "SECRET", "PASSWORD"].iter().any(|word| name.contains(word)) {
            *value = "(covered)".to_owned();
        }
        let is_known = VARIABLES.contains(&name.as_str()) || !name.starts_with(PREFIX);
        if !is_known {
            // All begin alike, so only the rest tells them apart.
            let ends = VARIABLES.map(|name| name.trim_start_matches(PREFIX));
            let near = suggest::near(name.trim_start_matches(PREFIX), ends);
            let near = near.first().map(|end| format!("{PREFIX}{end}"));
            let hint = near.map_or_else(String::new, |name| format!(": did you mean `{name}`?"));
            value.push_str(&format!("  (unknown variable{hint})"));
        }
    }
    ours
}

/// Memory in total and free, where the system says.
fn memory() -> Option<String> {
    let text = std::fs::read_to_string(Path::new("/proc/meminfo")).ok()?;
    let field = |name: &str| -> Option<u64> {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    let shown = |kib: u64| indicatif::BinaryBytes(kib * 1024).to_string();
    Some(format!("{}, {} free", shown(field("MemTotal:")?), shown(field("MemAvailable:")?)))
}

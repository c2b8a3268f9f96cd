//! What can be set, where it was set, and what holds when it is not.
//!
//! Defaults < `driftsiren-server.toml` < environment < flags. One table, [`SETTINGS`], makes the names of all four,
//! the help, and `.env.example`.

mod layers;
mod settings;

use std::{fmt, net::SocketAddr, path::PathBuf};

use axum::http::Uri;
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::filter::Targets;

pub use self::{
    layers::{Layers, Origin, Resolved, unknown_variables},
    settings::{FILE, SETTINGS, Setting, env_example},
};
use crate::{
    access::throttle::Rate,
    store::{Durability, Location},
};

/// A rate that is counted in milliseconds cannot be higher.
const MOST_PER_MINUTE: u32 = 10_000_000;

/// The settings of one server.
#[derive(Clone)]
pub struct Config {
    /// Where to listen; port 0 takes any free port.
    pub addr: SocketAddr,
    /// How people reach the server, without a slash at the end; links in invites begin with it.
    pub public_url: Option<String>,
    /// The folder with the browser's part; without it pages have no scripts.
    pub site: Option<PathBuf>,
    /// The database; its address may hold a password.
    database_url: SecretString,
    n_connections: u32,
    durability: Durability,
    /// The word in new API keys that tells where they belong.
    pub environment: String,
    /// What is logged, in the form of `tracing`'s filters.
    pub log: String,
    /// How fast one key may send batches, if not as usual.
    pub ingest_rate: Option<Rate>,
    /// How fast one person may send requests.
    pub api_rate: Rate,
    /// Free space below which nothing is taken in any more, in bytes.
    pub min_free_disk: u64,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    #[error("{origin} is `{value}`, need {need}")]
    Value { origin: String, value: String, need: &'static str },
    #[error("`{name}` in {file} is no setting{hint}")]
    Unknown { name: String, file: String, hint: String },
    #[error("cannot read {file}: {reason}")]
    File { file: String, reason: String },
}

impl Config {
    /// Reads the settings through `variable`, which gives the value of an environment variable; no file, no flags.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Self::of(&Layers::default().with_variables(variable).resolve())
    }

    /// The settings that hold.
    pub fn of(resolved: &Resolved) -> Result<Self, ConfigError> {
        let optional = |name| Some(resolved.value(name)).filter(|value| !value.is_empty());
        Ok(Self {
            addr: resolved.parse("addr", "an address and a port such as 127.0.0.1:3000")?,
            public_url: optional("public_url").map(|url| public_url(resolved, url)).transpose()?,
            site: optional("site").map(PathBuf::from),
            database_url: database_url(resolved)?.into(),
            n_connections: resolved.check("database_connections", "a number from 1 to 1000", |value| {
                value.parse().ok().filter(|n| (1..=1000).contains(n))
            })?,
            durability: resolved.check("sqlite_synchronous", "`full` or `normal`", |value| match value {
                "full" => Some(Durability::Full),
                "normal" => Some(Durability::Normal),
                _ => None,
            })?,
            environment: resolved.check("environment", "1 to 16 letters and digits such as `live`", |value| {
                let is_word = (1..=16).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
                is_word.then(|| value.to_owned())
            })?,
            log: resolved.check("log", "a filter such as info or driftsiren_server=debug", |value| {
                // Anything would be taken for the name of a module, such as a list of TOML.
                let is_filter = |sign: char| sign.is_ascii_alphanumeric() || "_:=,-. ".contains(sign);
                let is_filter = !value.trim().is_empty() && value.chars().all(is_filter);
                (is_filter && value.parse::<Targets>().is_ok()).then(|| value.to_owned())
            })?,
            ingest_rate: resolved.check("ingest_per_minute", "a number of batches from 1 up, such as 60", |value| {
                let n: u32 = value.parse().ok().filter(|n| *n > 0)?;
                Some(Some(Rate::per_minute(n.min(MOST_PER_MINUTE), n.saturating_mul(2).min(MOST_PER_MINUTE))))
            })?,
            api_rate: resolved.check("api_per_minute", "a number of requests from 1 to 60000", |value| {
                let n: u32 = value.parse().ok().filter(|n| (1..=MOST_PER_MINUTE).contains(n))?;
                Some(Rate::per_minute(n, n))
            })?,
            min_free_disk: resolved.parse::<u64>("min_free_disk_mib", "a number of MiB such as 256")? << 20,
        })
    }

    /// Whether people reach the server over TLS.
    pub fn is_public_over_tls(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// Where the database is.
    pub fn database(&self) -> Location {
        Location {
            url: self.database_url.expose_secret().to_owned(),
            n_connections: self.n_connections,
            durability: self.durability,
        }
    }
}

/// Without the secrets.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { addr, public_url, site, .. } = self;
        f.debug_struct("Config")
            .field("addr", addr)
            .field("public_url", public_url)
            .field("site", site)
            .finish_non_exhaustive()
    }
}

fn public_url(resolved: &Resolved, url: &str) -> Result<String, ConfigError> {
    let origin = url.trim_end_matches('/');
    // Pages lie at the root, and browsers name a site without any path.
    let is_origin = origin.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
            && uri.path() == "/"
            && uri.query().is_none()
    });
    if is_origin && !origin.contains('#') {
        Ok(origin.to_owned())
    } else {
        Err(resolved.refuse("public_url", "an address that begins with http:// or https:// and has no path"))
    }
}

fn database_url(resolved: &Resolved) -> Result<String, ConfigError> {
    let is_known = |url: &&str| ["sqlite:", "postgres://", "postgresql://"].iter().any(|kind| url.starts_with(kind));
    resolved.check("database_url", "an address that begins with sqlite: or postgres://", |url| {
        Some(url).filter(is_known).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &'static str) -> Result<Config, ConfigError> {
        Config::from_variables(|asked| (asked == name).then(|| value.to_owned()))
    }

    #[test]
    fn nothing_set_listens_on_this_machine_only_and_keeps_a_file() {
        let config = Config::from_variables(|_| None).expect("the defaults hold");
        assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
        assert!(!config.is_public_over_tls());
        assert_eq!(config.database().url, "sqlite:data/driftsiren.db");
        assert_eq!(config.database().durability, Durability::Full);
    }

    #[test]
    fn an_address_without_a_port_is_refused_by_name() {
        let error = with("DRIFTSIREN_ADDR", "localhost").expect_err("no port");
        assert_eq!(
            error.to_string(),
            "DRIFTSIREN_ADDR is `localhost`, need an address and a port such as 127.0.0.1:3000"
        );
    }

    #[test]
    fn a_list_is_no_filter_and_no_batch_at_all_is_no_rate() {
        for (name, value) in [("DRIFTSIREN_LOG", "[\"a\"]"), ("DRIFTSIREN_INGEST_PER_MINUTE", "0")] {
            assert!(with(name, value).is_err(), "{name}={value}");
        }
        assert!(with("DRIFTSIREN_LOG", "info,driftsiren_server::api=debug").is_ok());
    }

    #[test]
    fn a_public_url_says_whether_there_is_tls() {
        let of = |url| with("DRIFTSIREN_PUBLIC_URL", url).map(|config| config.is_public_over_tls());
        assert_eq!(of("https://drift.example.org"), Ok(true));
        assert_eq!(of("http://drift.example.org"), Ok(false));
        assert!(of("drift.example.org").is_err());
        assert_eq!(of("https://drift.example.org:8443/"), Ok(true));
        let cut = ["https://", "https://x.org/drift", "https://x.org?a=1", "https://x.org#a", "https://a@x.org"];
        for address in cut {
            assert!(of(address).is_err(), "{address}");
        }
    }

    #[test]
    fn what_the_start_would_refuse_is_refused_by_name() {
        let error = with("DRIFTSIREN_LOG", "driftsiren_server=loud").expect_err("no such level");
        assert!(error.to_string().starts_with("DRIFTSIREN_LOG is `driftsiren_server=loud`, need a filter"), "{error}");
    }

    #[test]
    fn the_password_of_the_database_is_shown_nowhere() {
        let config = with("DATABASE_URL", "postgres://app:hunter2@db/x").expect("sound");
        assert_eq!(config.database().url, "postgres://app:hunter2@db/x");
        assert!(!format!("{config:?}").contains("hunter2"));
        let error = with("DRIFTSIREN_DATABASE_URL", "mysql://app:hunter2@db/x").expect_err("unknown");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

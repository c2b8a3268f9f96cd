//! What can be set from the environment, and what holds when it is not.

use std::{net::SocketAddr, path::PathBuf};

/// The address when none is given: reachable from this machine only.
const DEFAULT_ADDR: &str = "127.0.0.1:3000";

/// The settings of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `DRIFTSIREN_ADDR`: where to listen; port 0 takes any free port.
    pub addr: SocketAddr,
    /// Whether people reach the server over TLS: `DRIFTSIREN_PUBLIC_URL` begins with `https://`.
    pub is_public_over_tls: bool,
    /// `DRIFTSIREN_SITE`: the folder with the browser's part; without it pages have no scripts.
    pub site: Option<PathBuf>,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    #[error("DRIFTSIREN_ADDR is `{value}`, need an address and a port such as {DEFAULT_ADDR}")]
    Addr { value: String },
    #[error("DRIFTSIREN_PUBLIC_URL is `{value}`, need an address that begins with http:// or https://")]
    PublicUrl { value: String },
}

impl Config {
    /// Reads the settings through `variable`, which gives the value of an environment variable.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let addr = variable("DRIFTSIREN_ADDR").unwrap_or_else(|| DEFAULT_ADDR.to_owned());
        let public_url = variable("DRIFTSIREN_PUBLIC_URL");
        Ok(Self {
            is_public_over_tls: public_url.map_or(Ok(false), is_https)?,
            site: variable("DRIFTSIREN_SITE").map(PathBuf::from),
            addr: addr.parse().map_err(|_| ConfigError::Addr { value: addr })?,
        })
    }
}

fn is_https(url: String) -> Result<bool, ConfigError> {
    match url.split_once("://") {
        Some(("https", _)) => Ok(true),
        Some(("http", _)) => Ok(false),
        _ => Err(ConfigError::PublicUrl { value: url }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &'static str) -> Result<Config, ConfigError> {
        Config::from_variables(|asked| (asked == name).then(|| value.to_owned()))
    }

    #[test]
    fn nothing_set_listens_on_this_machine_only() {
        let config = Config::from_variables(|_| None).expect("the defaults hold");
        assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
        assert!(!config.is_public_over_tls);
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
    fn a_public_url_says_whether_there_is_tls() {
        let of = |url| with("DRIFTSIREN_PUBLIC_URL", url).map(|config| config.is_public_over_tls);
        assert_eq!(of("https://drift.example.org"), Ok(true));
        assert_eq!(of("http://drift.example.org"), Ok(false));
        assert!(of("drift.example.org").is_err());
    }
}

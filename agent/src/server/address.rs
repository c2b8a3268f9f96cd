//! Which server, org and key: from flags and the environment, else from what `login` kept.

use clap::Args;

use crate::credentials::{self, Credentials};
use crate::exit::{Exit, Failure, Outcome};
use crate::server::{Server, checked};

/// Which server and org.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Server")]
pub struct ServerFlags {
    /// Address of the server; default the one saved by `driftsiren login`.
    #[arg(long, global = true, value_name = "URL", env = "DRIFTSIREN_URL", hide_env_values = true)]
    pub url: Option<String>,
    /// Org to work in; default the org of the key.
    #[arg(long, global = true, value_name = "ORG", env = "DRIFTSIREN_ORG", hide_env_values = true)]
    pub org: Option<String>,
}

/// The variable that holds a key; a flag would show it to every user of the machine.
pub const KEY_VARIABLE: &str = "DRIFTSIREN_API_KEY";

/// What is known of a server before it is asked anything. It holds a key, so it cannot be printed.
pub struct Address {
    pub url: Option<String>,
    pub org: Option<String>,
    key: Option<String>,
}

impl Address {
    /// What flags, environment and file say.
    pub fn find(flags: &ServerFlags) -> Outcome<Self> {
        let kept = credentials::read()?;
        // Files and secrets that variables are set from often end with a line break.
        let key = std::env::var(KEY_VARIABLE).ok().map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
        Ok(Self::of(flags, kept, key))
    }

    fn of(flags: &ServerFlags, kept: Option<Credentials>, key: Option<String>) -> Self {
        let (kept_url, kept_key, kept_org) =
            kept.map_or((None, None, None), |Credentials { url, key, org }| (Some(url), Some(key), Some(org)));
        // A variable that is set to nothing says nothing.
        let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        let url = given(&flags.url);
        // A key is for the server and org it was kept with, and for no other.
        let is_kept_server = url.is_none() || url.as_deref().map(trimmed) == kept_url.as_deref();
        let kept_key = kept_key.filter(|_| is_kept_server);
        let kept_org = kept_org.filter(|_| is_kept_server && key.is_none());
        Self { url: url.or(kept_url), org: given(&flags.org).or(kept_org), key: key.or(kept_key) }
    }

    /// The server there.
    pub fn open(self) -> Outcome<Server> {
        let none = |what: &str, variable: &str| {
            Failure::new(Exit::Server, format!("no {what} is set"))
                .help(format!("log in with `driftsiren login URL`, or set {variable}"))
        };
        let url = self.url.ok_or_else(|| none("server", "DRIFTSIREN_URL"))?;
        let url = checked(&url)?;
        Server::with(url, self.key.ok_or_else(|| none("API key", KEY_VARIABLE))?, self.org)
    }
}

/// An address without a slash at the end.
pub fn trimmed(url: &str) -> &str {
    url.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Option<Credentials> {
        Some(Credentials { url: "https://one".to_owned(), key: "kept".to_owned(), org: "acme".to_owned() })
    }

    fn flags(url: Option<&str>) -> ServerFlags {
        ServerFlags { url: url.map(str::to_owned), org: None }
    }

    #[test]
    fn a_kept_key_goes_to_the_server_it_was_kept_with_and_to_no_other() {
        assert_eq!(Address::of(&flags(None), kept(), None).key.as_deref(), Some("kept"));
        assert_eq!(Address::of(&flags(Some("https://one/")), kept(), None).key.as_deref(), Some("kept"));
        assert_eq!(Address::of(&flags(Some("https://two")), kept(), None).key, None);
    }

    #[test]
    fn a_variable_that_is_set_to_nothing_says_nothing() {
        let empty = ServerFlags { url: Some(String::new()), org: Some(String::new()) };
        let address = Address::of(&empty, kept(), None);
        assert_eq!((address.url.as_deref(), address.org.as_deref()), (Some("https://one"), Some("acme")));
    }

    #[test]
    fn another_key_may_belong_to_another_org() {
        let address = Address::of(&flags(None), kept(), Some("other".to_owned()));
        assert_eq!((address.key.as_deref(), address.org), (Some("other"), None));
        assert_eq!(Address::of(&flags(None), kept(), None).org.as_deref(), Some("acme"));
    }
}

//! Everything that can be set.

/// The file of settings, beside the place where the server is started.
pub const FILE: &str = "driftsiren-server.toml";

/// One thing that can be set.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name in the file. The variable is `DRIFTSIREN_` and the same in capitals, the flag `--` with dashes.
    pub name: &'static str,
    /// What holds when it is not set.
    pub default: &'static str,
    pub about: &'static str,
    /// Never shown, and not to be given as a flag, where other users of the machine see it.
    pub is_secret: bool,
}

impl Setting {
    /// The environment variable.
    pub fn variable(&self) -> String {
        format!("DRIFTSIREN_{}", self.name.to_uppercase())
    }

    /// The flag, without its dashes.
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }
}

const fn setting(name: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting { name, default, about, is_secret: false }
}

pub const SETTINGS: [Setting; 11] = [
    setting(
        "addr",
        "127.0.0.1:3000",
        "Where to listen. Port 0 takes any free port; the first line of output tells it.",
    ),
    setting(
        "public_url",
        "",
        "How people reach the server, such as https://drift.example.org. Cookies are bound to TLS when it begins with https://.",
    ),
    setting("site", "", "Folder with the browser's part, as cargo xtask builds it. Empty: pages without scripts."),
    Setting {
        name: "database_url",
        default: "sqlite:data/driftsiren.db",
        about: "sqlite:<file>, or postgres://user:password@host/database (version 15 or later). DATABASE_URL is read too.",
        is_secret: true,
    },
    setting("database_connections", "10", "PostgreSQL connections that may be open at once."),
    setting(
        "sqlite_synchronous",
        "full",
        "full: an acknowledged batch outlives a power cut. normal: only the end of the process; for benchmarks.",
    ),
    setting("environment", "live", "A word in new API keys that tells where they belong, such as live or test."),
    setting("log", "info", "What is logged, such as info or driftsiren_server=debug."),
    setting(
        "ingest_per_minute",
        "60",
        "Batches that one key may send in a minute; twice as many at once after a rest.",
    ),
    setting(
        "api_per_minute",
        "600",
        "Requests that one person may send in a minute, and as many at once after a rest.",
    ),
    setting("min_free_disk_mib", "256", "Free space on SQLite's disk below which nothing is taken in any more."),
];

/// The content of `.env.example`.
pub fn env_example() -> String {
    let head = "# Settings of driftsiren-server, with what holds when they are not set.\n\
                # The same names in small letters stand in driftsiren-server.toml; flags win over both.\n";
    SETTINGS.iter().fold(head.to_owned(), |text, setting| {
        format!("{text}\n# {}\n#{}={}\n", setting.about, setting.variable(), setting.default)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_in_the_repository_is_this_table() {
        assert_eq!(
            include_str!("../../../.env.example"),
            env_example(),
            "write `driftsiren-server config example` there"
        );
    }
}

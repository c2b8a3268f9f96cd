//! Where the server is and the key to it: from the environment, or from a file that only its owner can read.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::exit::{Failure, Outcome};

/// What `login` keeps.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// Address of the server, without a slash at the end.
    pub url: String,
    /// API key.
    pub key: String,
    /// The org that the key belongs to, as in addresses.
    pub org: String,
}

/// Without the key, which would end up in logs.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, key: _, org } = self;
        f.debug_struct("Credentials").field("url", url).field("key", &"(covered)").field("org", org).finish()
    }
}

/// The file of credentials.
pub fn path() -> Outcome<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = variable("XDG_CONFIG_HOME").or_else(|| Some(variable("HOME")?.join(".config")));
    let folder = folder.or_else(|| variable("APPDATA"));
    let none = || Failure::usage("no folder for credentials: neither XDG_CONFIG_HOME nor HOME is set");
    Ok(folder.ok_or_else(none)?.join("driftsiren").join("credentials.toml"))
}

/// What was kept, if anything was.
pub fn read() -> Outcome<Option<Credentials>> {
    let Ok(path) = path() else { return Ok(None) };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::usage(format!("cannot read {}", path.display())).caused_by(&error)),
    };
    let broken = |error: toml::de::Error| {
        let message = format!("{} is not a valid file of credentials: {}", path.display(), error.message());
        Failure::usage(message).help("log in again: driftsiren login URL")
    };
    toml::from_str(&text).map(Some).map_err(broken)
}

/// Keeps credentials, readable by their owner alone from the first byte.
pub fn write(credentials: &Credentials) -> Outcome<PathBuf> {
    let path = path()?;
    let unwritable =
        |error: std::io::Error| Failure::input(format!("cannot write {}", path.display())).caused_by(&error);
    let folder = path.parent().ok_or_else(|| Failure::input("the file of credentials has no folder"))?;
    fs::create_dir_all(folder).map_err(unwritable)?;
    let text = toml::to_string(credentials).map_err(|error| Failure::usage(error.to_string()))?;
    // Temporary files are made with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(unwritable)?;
    file.write_all(text.as_bytes()).map_err(unwritable)?;
    file.persist(&path).map_err(|error| unwritable(error.error))?;
    Ok(path)
}

/// Forgets what was kept; gives whether there was anything.
pub fn forget() -> Outcome<bool> {
    let path = path()?;
    match fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::input(format!("cannot remove {}", path.display())).caused_by(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_printed() {
        let credentials =
            Credentials { url: "https://one".to_owned(), key: "ds_hush".to_owned(), org: "acme".to_owned() };
        let printed = format!("{credentials:?} {credentials:#?}");
        assert!(printed.contains("https://one") && printed.contains("acme"), "{printed}");
        assert!(!printed.contains("hush"), "{printed}");
    }
}

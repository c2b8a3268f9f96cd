//! Finds configuration files: the project's, searched upward, and the user's.

use std::env;
use std::path::{Path, PathBuf};

use crate::config::explain::toml_failure;
use crate::config::file::ConfigFile;
use crate::config::layers::Over;
use crate::exit::{Failure, Outcome};

/// Name of a project's file.
pub const FILE_NAME: &str = "driftsiren.toml";

/// Which files were found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Named by `--config`, or the nearest upward.
    pub project: Option<PathBuf>,
    /// The user's own.
    pub user: Option<PathBuf>,
}

/// The files that apply: `named` if given, else the nearest driftsiren.toml upward from here; and the user's.
pub fn locate(named: Option<&Path>) -> Found {
    let upward = || {
        let here = env::current_dir().ok()?;
        let mut candidates = here.ancestors().map(|folder| folder.join(FILE_NAME));
        candidates.find(|path| path.is_file())
    };
    Found { project: named.map(Path::to_path_buf).or_else(upward), user: user_file().filter(|path| path.is_file()) }
}

/// Where a user's own file would be.
fn user_file() -> Option<PathBuf> {
    let folder = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = folder("XDG_CONFIG_HOME")
        .or_else(|| folder("APPDATA"))
        .or_else(|| folder("HOME").map(|home| home.join(".config")))?;
    Some(base.join("driftsiren").join("config.toml"))
}

/// The settings of all files that apply, the project's over the user's.
pub fn load(named: Option<&Path>) -> Outcome<ConfigFile> {
    let found = locate(named);
    let mut config = ConfigFile::default();
    for path in [found.project, found.user].into_iter().flatten() {
        config = config.over(load_one(&path)?);
    }
    Ok(config)
}

/// The settings of one file.
pub fn load_one(path: &Path) -> Outcome<ConfigFile> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!("cannot read the configuration {}", path.display()))
            .caused_by(&error)
            .help("name a TOML file that can be read, or write one with `driftsiren init`")
    })?;
    parse(path, &text)
}

/// The settings in the text of the file at `path`.
pub fn parse(path: &Path, text: &str) -> Outcome<ConfigFile> {
    toml::from_str(text).map_err(|error| toml_failure(path, text, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> (String, String) {
        let failure = parse(Path::new("d.toml"), text).expect_err("the test's file is wrong");
        assert_eq!(failure.exit, crate::exit::Exit::Usage);
        (failure.message, failure.help.join("\n"))
    }

    #[test]
    fn errors_name_file_line_key_and_what_is_expected() {
        let (message, help) = refusal("[policy]\nalhpa = 0.1\n");
        assert_eq!(message, "d.toml, line 2, `policy.alhpa`: unknown key `alhpa`");
        assert!(help.starts_with("did you mean `alpha`?"), "{help}");

        let (message, help) = refusal("[policy]\npreset = \"evidentley\"\n");
        assert_eq!(message, "d.toml, line 2, `policy.preset`: unknown value `evidentley`");
        assert!(help.contains("`evidently`"), "{help}");

        let (message, _) = refusal("[policy]\nfloor_nulls = 1.5\n");
        assert!(message.contains("line 2") && message.contains("between 0 and 1"), "{message}");

        let (message, _) = refusal("\n[policy]\nmin_rows = \"many\"\n");
        assert!(message.contains("line 3") && message.contains("whole number"), "{message}");

        let (message, _) = refusal("[policy]\ndataset = { rule = \"share\" }\n");
        assert!(message.contains("needs a share"), "{message}");

        let (message, _) = refusal("[output]\nformat = \"jsn\"\n");
        assert!(message.contains("unknown value `jsn`"), "{message}");

        let (message, _) = refusal("[policy\n");
        assert!(message.starts_with("d.toml, line 1"), "{message}");

        let (message, help) = refusal("[polcy]\n");
        assert!(message.contains("`polcy`") && help.contains("`policy`"), "{message} {help}");

        let (message, help) = refusal("[types.numerc]\nfloor = 1\n");
        assert!(message.contains("`numerc`") && help.contains("`numeric`"), "{message} {help}");
    }
}

//! Where settings come from, and which of them holds.

use std::{collections::BTreeMap, fmt, path::Path, str::FromStr};

use super::{
    ConfigError,
    settings::{SETTINGS, Setting},
};

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    File(String),
    Variable(String),
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(file) => f.write_str(file),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => write!(f, "--{name}"),
        }
    }
}

type Values = BTreeMap<&'static str, (String, Origin)>;

/// What was set, in each place.
#[derive(Clone, Default)]
pub struct Layers {
    file: Values,
    variables: Values,
    flags: Values,
}

/// Only what was set, not what to: one of the values may hold a password.
impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, variables, flags } = self;
        let names = |values: &Values| values.keys().copied().collect::<Vec<_>>();
        f.debug_struct("Layers")
            .field("file", &names(file))
            .field("variables", &names(variables))
            .field("flags", &names(flags))
            .finish()
    }
}

impl Layers {
    /// Adds the file's text. A name that is no setting is refused: it would silently do nothing.
    pub fn with_file(mut self, path: &Path, text: &str) -> Result<Self, ConfigError> {
        let file = path.display().to_string();
        let table: toml::Table =
            text.parse().map_err(|error| ConfigError::File { file: file.clone(), reason: reason(&error, text) })?;
        for (name, value) in table {
            let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
                let names = SETTINGS.iter().map(|setting| setting.name).collect::<Vec<_>>().join(", ");
                return Err(ConfigError::Unknown { name, file, hint: format!("; there are {names}") });
            };
            let value = match value {
                toml::Value::String(text) => text,
                other => other.to_string(),
            };
            self.file.insert(setting.name, (value, Origin::File(format!("`{name}` in {file}"))));
        }
        Ok(self)
    }

    /// Adds what the environment sets.
    pub fn with_variables(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        for setting in &SETTINGS {
            let own = setting.variable();
            // Platforms that offer a database set this one.
            let others = if setting.name == "database_url" { &["DATABASE_URL"][..] } else { &[] };
            let names = std::iter::once(own.as_str()).chain(others.iter().copied());
            let found = names.filter_map(|name| Some((variable(name)?, name))).find(|(value, _)| !value.is_empty());
            if let Some((value, name)) = found {
                self.variables.insert(setting.name, (value, Origin::Variable(name.to_owned())));
            }
        }
        self
    }

    /// Adds what the command line sets.
    pub fn with_flags(mut self, flag: impl Fn(&Setting) -> Option<String>) -> Self {
        for setting in SETTINGS.iter().filter(|setting| !setting.is_secret) {
            if let Some(value) = flag(setting) {
                self.flags.insert(setting.name, (value, Origin::Flag(setting.flag())));
            }
        }
        self
    }

    /// What holds.
    pub fn resolve(&self) -> Resolved {
        let of = |setting: &'static Setting| {
            let layers = [&self.flags, &self.variables, &self.file];
            let set = layers.into_iter().find_map(|layer| layer.get(setting.name).cloned());
            (setting.name, set.unwrap_or_else(|| (setting.default.to_owned(), Origin::Default)))
        };
        Resolved(SETTINGS.iter().map(of).collect())
    }
}

/// What is wrong, and where. The error's own text shows the line, which may hold a password.
fn reason(error: &toml::de::Error, text: &str) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map(|before| format!("line {}: ", before.matches('\n').count() + 1));
    format!("{}{}", line.unwrap_or_default(), error.message())
}

/// Variables that look like settings and are none: they silently do nothing. Those of the command line, which may
/// well be set beside them, are left out.
pub fn unknown_variables(names: impl IntoIterator<Item = String>) -> Vec<String> {
    const OF_THE_COMMAND_LINE: [&str; 3] = ["DRIFTSIREN_URL", "DRIFTSIREN_ORG", "DRIFTSIREN_API_KEY"];
    let is_known =
        |name: &str| OF_THE_COMMAND_LINE.contains(&name) || SETTINGS.iter().any(|setting| setting.variable() == name);
    let mut unknown: Vec<String> =
        names.into_iter().filter(|name| name.starts_with("DRIFTSIREN_") && !is_known(name)).collect();
    unknown.sort();
    unknown
}

/// The value of each setting, with where it was found.
#[derive(Clone)]
pub struct Resolved(Values);

impl Resolved {
    pub(super) fn value(&self, name: &str) -> &str {
        &self.0[name].0
    }

    pub(super) fn parse<T: FromStr>(&self, name: &'static str, need: &'static str) -> Result<T, ConfigError> {
        self.check(name, need, |value| value.parse().ok())
    }

    pub(super) fn check<T>(
        &self,
        name: &'static str,
        need: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        read(self.value(name)).ok_or_else(|| self.refuse(name, need))
    }

    pub(super) fn refuse(&self, name: &'static str, need: &'static str) -> ConfigError {
        let (_, origin) = &self.0[name];
        ConfigError::Value { origin: origin.to_string(), value: self.shown(name), need }
    }

    /// The value as it may be shown.
    fn shown(&self, name: &str) -> String {
        let value = self.value(name);
        match SETTINGS.iter().any(|setting| setting.name == name && setting.is_secret) {
            true => redacted(value),
            false => value.to_owned(),
        }
    }
}

/// Every setting on a line, with where it comes from.
impl fmt::Display for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SETTINGS.iter().try_for_each(|setting| {
            let (_, origin) = &self.0[setting.name];
            writeln!(f, "{:<22} {:<40} {origin}", setting.name, self.shown(setting.name))
        })
    }
}

/// An address without what stands before its `@`, where passwords are, and without its parameters.
fn redacted(url: &str) -> String {
    let url = url.split('?').next().unwrap_or(url);
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((kind, _)), Some((_, place))) => format!("{kind}://…@{place}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn flags_win_over_variables_over_the_file_over_defaults() {
        let file = "addr = \"1.1.1.1:1\"\nlog = \"warn\"\ndatabase_connections = 3\n";
        let resolved = Layers::default()
            .with_file(Path::new("x.toml"), file)
            .expect("all are settings")
            .with_variables(|name| match name {
                "DRIFTSIREN_ADDR" => Some("2.2.2.2:2".to_owned()),
                "DRIFTSIREN_LOG" => Some("debug".to_owned()),
                _ => None,
            })
            .with_flags(|setting| (setting.name == "addr").then(|| "3.3.3.3:3".to_owned()))
            .resolve();
        assert_eq!(resolved.value("addr"), "3.3.3.3:3");
        assert_eq!(resolved.value("log"), "debug");
        assert_eq!(resolved.value("database_connections"), "3");
        assert_eq!(resolved.value("environment"), "live");
        let shown = resolved.to_string();
        assert!(shown.contains("--addr") && shown.contains("DRIFTSIREN_LOG") && shown.contains("x.toml"), "{shown}");
    }

    #[test]
    fn a_name_that_is_no_setting_is_refused_with_those_that_are() {
        let error = Layers::default().with_file(Path::new("x.toml"), "adr = 1").expect_err("a typing error");
        assert!(error.to_string().starts_with("`adr` in x.toml is no setting; there are addr, "), "{error}");
    }

    #[test]
    fn a_file_that_is_no_toml_is_refused_by_line_and_without_its_text() {
        let text = "log = \"warn\"\n\ndatabase_url = \"postgres://app:hunter2@db/x\n";
        let error = Layers::default().with_file(Path::new("x.toml"), text).expect_err("no end of the text");
        let said = error.to_string();
        assert!(said.starts_with("cannot read x.toml: line 3: ") && !said.contains("hunter2"), "{said}");
    }

    #[test]
    fn layers_show_names_and_no_values() {
        let layers = Layers::default()
            .with_variables(|name| (name == "DATABASE_URL").then(|| "postgres://app:hunter2@db/x".to_owned()));
        let shown = format!("{layers:?}");
        assert!(shown.contains("database_url") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_variable_that_sets_nothing_is_told() {
        let names = ["DRIFTSIREN_ADRR", "DRIFTSIREN_ADDR", "DRIFTSIREN_API_KEY", "PATH"].map(str::to_owned);
        assert_eq!(unknown_variables(names), ["DRIFTSIREN_ADRR"]);
    }

    #[rstest]
    #[case("postgres://app:secret@db:5432/x?password=y", "postgres://…@db:5432/x")]
    #[case("postgres://app:p@ss@db/x", "postgres://…@db/x")]
    #[case("sqlite:data/x.db", "sqlite:data/x.db")]
    fn what_stands_before_the_at_is_not_shown(#[case] url: &str, #[case] expected: &str) {
        assert_eq!(redacted(url), expected);
    }
}

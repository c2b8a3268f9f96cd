//! The same comparison elsewhere: on the command line and in a workflow.

use drift::monitor::Method;

use crate::settings::{Settings, quoted};

/// What the inputs are called.
pub struct Names {
    pub reference: String,
    pub current: String,
}

/// One line for a shell.
pub fn line(names: &Names, settings: &Settings) -> String {
    let mut words = vec!["driftsiren check".to_owned(), quoted(&names.reference), quoted(&names.current)];
    words.extend(settings.flags());
    if !settings.methods.is_empty() {
        words.push("--config driftsiren.toml".to_owned());
    }
    words.join(" ")
}

/// A step for a GitHub workflow: it fails when the data drifted.
pub fn github_step(names: &Names, settings: &Settings) -> String {
    let line = line(names, settings);
    format!(
        "- name: Has the data changed?\n  run: |\n    cargo install --locked --git https://github.com/driftsiren/driftsiren driftsiren\n    {line} --format github\n"
    )
}

/// The settings as `driftsiren.toml`, where methods of single columns are set.
pub fn settings_file(_: &Names, settings: &Settings) -> String {
    let mut text = format!("[policy]\npreset = \"{}\"\n", settings.preset.as_str());
    if let Some(floor) = settings.floor {
        text += &format!("floor = {floor}\n");
    }
    let mut columns: Vec<&String> = settings.types.keys().chain(settings.methods.keys()).collect();
    columns.sort();
    columns.dedup();
    for column in columns {
        text += &format!("\n[columns.{}]\n", toml_key(column));
        if let Some(kind) = settings.types.get(column) {
            text += &format!("type = \"{}\"\n", kind.as_str());
        }
        if let Some(method) = settings.methods.get(column) {
            text += &format!("method = \"{}\"\n", method_word(*method));
        }
    }
    text
}

fn method_word(method: Method) -> &'static str {
    match method {
        Method::Ks => "ks",
        Method::TotalVariation => "total_variation",
        Method::Psi => "psi",
        Method::Evidently => "evidently",
    }
}

/// A quoted key; JSON's escapes are TOML's.
fn toml_key(name: &str) -> String {
    serde_json::to_string(name).expect("text is JSON")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use drift::monitor::Preset;

    use super::*;

    fn names() -> Names {
        Names { reference: "jan 2013.csv".to_owned(), current: "jul.csv".to_owned() }
    }

    #[test]
    fn a_line_repeats_the_comparison() {
        let settings = Settings { preset: Preset::Psi, floor: Some(0.3), ..Settings::default() };
        assert_eq!(line(&names(), &settings), "driftsiren check 'jan 2013.csv' jul.csv --policy psi --floor 0.3");
    }

    #[test]
    fn methods_of_columns_go_into_the_settings_file() {
        let methods = BTreeMap::from([("a \"b\"".to_owned(), Method::Psi)]);
        let settings = Settings { methods, ..Settings::default() };
        assert!(line(&names(), &settings).ends_with("--config driftsiren.toml"));
        let file = settings_file(&names(), &settings);
        assert!(file.contains("[columns.\"a \\\"b\\\"\"]\nmethod = \"psi\"\n"), "{file}");
    }
}

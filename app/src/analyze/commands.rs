//! The same comparison elsewhere: on the command line and in a workflow.

use drift::policy::Method;

use crate::analyze::settings::{Settings, quoted};

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

/// One call of a server's API, for machines without the program. The key stays in the shell's environment.
pub fn curl(origin: &str, names: &Names, settings: &Settings) -> String {
    let part = |flag: &str, name: &str, value: String| format!(" \\\n  {flag} {}", quoted(&format!("{name}={value}")));
    let mut call = "curl --fail-with-body --header \"Authorization: Bearer $DRIFTSIREN_API_KEY\"".to_owned();
    if *settings != Settings::default() {
        call += &part(
            "--form-string",
            "settings",
            serde_json::to_string(settings).expect("settings hold finite numbers and text keys"),
        );
    }
    // curl takes a name in quotes to the letter, commas and semicolons included.
    let file = |name: &str| format!("@\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
    call += &part("--form", "reference", file(&names.reference));
    call += &part("--form", "current", file(&names.current));
    format!("{call} \\\n  {}", quoted(&format!("{origin}/api/v1/check")))
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

    use drift::policy::Preset;

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
    fn a_call_says_what_the_server_needs() {
        let expected = "curl --fail-with-body --header \"Authorization: Bearer $DRIFTSIREN_API_KEY\" \\\n  \
                        --form 'reference=@\"jan 2013.csv\"' \\\n  --form 'current=@\"jul.csv\"' \\\n  \
                        https://drift.example.org/api/v1/check";
        assert_eq!(curl("https://drift.example.org", &names(), &Settings::default()), expected);
        let settings = Settings { preset: Preset::Psi, floor: Some(0.3), ..Settings::default() };
        let call = curl("http://127.0.0.1:3000", &names(), &settings);
        let part = call.split("--form-string ").nth(1).expect("settings").split(" \\\n").next();
        let part = part.expect("the first").trim_matches('\'');
        let sent = part.strip_prefix("settings=").expect("settings come first");
        let read: drift::wire::CheckSettings = serde_json::from_str(sent).expect("what the server takes");
        assert_eq!((read.preset, read.floor), (Preset::Psi, Some(0.3)));
        assert_eq!(read.compare_options().policy, settings.policy(), "judged the same way there");
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

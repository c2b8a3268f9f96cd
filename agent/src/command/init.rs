//! `driftsiren init`: a commented driftsiren.toml, with the types of a file's columns when one is given.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use drift::compare;
use drift::schema::ColumnSchema;

use crate::arguments::{Common, TEMPLATE};
use crate::config::{self, FILE_NAME};
use crate::exit::{Exit, Failure, Outcome};
use crate::flags::ReadFlags;
use crate::input::{self, Input};
use crate::output::{Target, note, write_stdout};
use crate::progress::Bars;

const EXAMPLES: &str = "\
Examples:
  driftsiren init
  driftsiren init reference.csv
  driftsiren init --schema > driftsiren.config.1.json
";

/// The file without columns: what each key does, all of them commented out.
const COMMENTED: &str = include_str!("init.toml");

/// Flags of `init`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct InitArgs {
    /// Fill in the columns of this file with the types inferred from it; `-` is stdin.
    #[arg(value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// File to write; `-` is stdout.
    #[arg(short, long, value_name = "FILE", default_value = FILE_NAME)]
    pub output: PathBuf,
    /// Overwrite an existing file.
    #[arg(long)]
    pub force: bool,
    /// Print the JSON Schema of the configuration (for editors) and exit.
    #[arg(long = "schema", conflicts_with_all = ["input", "force"])]
    pub json_schema: bool,
}

/// Writes the file.
pub fn run(args: &InitArgs, common: &Common) -> Outcome {
    if args.json_schema {
        write_stdout(config::JSON_SCHEMA.as_bytes())?;
        return Ok(Exit::Clean);
    }
    let inputs: Vec<&Path> = args.input.iter().map(PathBuf::as_path).collect();
    let target = Target::new(Some(&args.output), &inputs)?;
    if let Target::File(path) = &target
        && path.exists()
        && !args.force
    {
        return Err(Failure::usage(format!("{} exists already", path.display()))
            .help("overwrite it with --force, or name another file with -o"));
    }
    let mut text = COMMENTED.to_owned();
    if let Some(path) = &args.input {
        text.push_str(&columns_of(path, common)?);
    }
    target.write(text.as_bytes())?;
    if let Target::File(path) = &target {
        note(
            common.quiet,
            &format!("wrote {}; `driftsiren check` reads it in this folder and in folders below it", path.display()),
        );
    }
    Ok(Exit::Clean)
}

/// The `[columns]` part for a file. No configuration applies: it is about to be written.
fn columns_of(path: &Path, common: &Common) -> Outcome<String> {
    let flags = ReadFlags::default();
    let options = input::read_options(&flags, &config::ConfigFile::default())?;
    let bars = Bars::new(common);
    let mut inputs = Input::open_all(&[path], common)?;
    let Some(input) = inputs.pop() else {
        return Err(Failure::new(Exit::Bug, "a path did not give an input"));
    };
    let name = input.name.clone();
    let profile = input.profile(&options, input::n_threads(&flags), &bars)?;
    bars.clear();
    Ok(columns_section(&name, compare::describe(&profile).into_iter().map(|(column, _)| column)))
}

fn columns_section(name: &str, columns: impl Iterator<Item = ColumnSchema>) -> String {
    let mut text =
        format!("\n# The columns of {}, with the reason for each type. Correct what is wrong.\n", comment(name));
    let mut written = Vec::new();
    for column in columns {
        if written.contains(&column.name) {
            let _ =
                writeln!(text, "\n# A second column is called {} too; both get the type above.", comment(&column.name));
            continue;
        }
        let _ = writeln!(text, "\n# {}", comment(&column.reason));
        let _ = writeln!(text, "[columns.{}]\ntype = \"{}\"", key(&column.name), column.r#type.as_str());
        written.push(column.name);
    }
    text
}

/// Text that cannot end a comment.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A TOML key: bare when it can be, else a basic string.
fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(is_bare) {
        return name.to_owned();
    }
    let mut quoted = String::from('"');
    for c in name.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use drift::schema::{ColumnType, Role};

    fn validated(text: &str) -> config::ConfigFile {
        let schema: serde_json::Value = serde_json::from_str(config::JSON_SCHEMA).expect("the schema is JSON");
        let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
        let value: toml::Table = toml::from_str(text).expect("the file is TOML");
        let value = serde_json::to_value(value).expect("TOML fits JSON");
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        toml::from_str(text).expect("the file is a configuration")
    }

    #[test]
    fn the_written_file_is_valid_and_changes_nothing() {
        assert_eq!(validated(COMMENTED), config::ConfigFile::default());
    }

    #[test]
    fn every_commented_key_is_valid_when_uncommented() {
        let lines = COMMENTED
            .lines()
            .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with([' ', ':'])).unwrap_or(line));
        let config = validated(&lines.collect::<Vec<_>>().join("\n"));
        assert_eq!(config.policy.alpha.map(|rate| rate.0), Some(0.05));
        assert!(config.columns.contains_key("age"));
    }

    #[test]
    fn the_example_in_the_docs_is_valid() {
        let docs = include_str!("../../../docs/config.md");
        let blocks: Vec<&str> = docs.split("```toml\n").skip(1).collect();
        for block in &blocks {
            validated(block.split("```").next().expect("a block ends"));
        }
        assert_eq!(blocks.len(), 1);
    }

    #[test]
    fn odd_column_names_survive() {
        let names = ["age", "income (€)", "a\"b\\c", "tab\there", "", "new\nline", "age"];
        let columns = names.iter().enumerate().map(|(index, name)| ColumnSchema {
            name: (*name).to_owned(),
            index,
            r#type: ColumnType::Numeric,
            reason: "reason\n[columns.evil]".to_owned(),
            role: Role::Feature,
        });
        let config = validated(&format!("{COMMENTED}{}", columns_section("x\ny.csv", columns)));
        assert_eq!(config.columns.len(), 6);
        assert!(names.iter().all(|name| config.columns.contains_key(*name)));
    }
}

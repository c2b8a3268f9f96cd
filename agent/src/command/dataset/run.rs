//! Datasets: list, show, make, change, remove.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args, Subcommand};
use drift::schema::ColumnType;
use drift::wire::{DatasetBody, DatasetCreate, DatasetPatch};
use ureq::http::Method;

use crate::arguments::TEMPLATE;
use crate::command::dataset::reference;
use crate::exit::{Exit, Failure, Outcome};
use crate::flags;
use crate::output::write_stdout;
use crate::server::{Server, ServerFlags, route};
use crate::suggest;

const EXAMPLES: &str = "\
Examples:
  driftsiren dataset list
  driftsiren dataset create loans --time-column paid_at --retention 30d
  driftsiren dataset change loans --type zip=categorical --type age=inferred
  driftsiren dataset reference loans train.parquet --name training --activate
  driftsiren dataset remove loans
";

/// Flags of `dataset`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct DatasetArgs {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    server: ServerFlags,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List datasets, one per line.
    List,
    /// Show a dataset and its columns in JSON.
    Show {
        /// Name of the dataset.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        name: String,
    },
    /// Create a dataset.
    Create {
        /// Name of the dataset: lowercase letters, digits, `-` and `_`.
        name: String,
        /// Column with the time of each row; by default a row has the time at which it arrives.
        #[arg(long, value_name = "COLUMN")]
        time_column: Option<String>,
        /// Length of a time slot in seconds; default 3600.
        #[arg(long, value_name = "SECONDS")]
        slot_seconds: Option<u32>,
        /// Time zone in which days begin, such as Europe/Berlin; default UTC.
        #[arg(long, value_name = "ZONE")]
        time_zone: Option<String>,
        /// How long data is kept, such as 30d; default 90d.
        #[arg(long, value_name = "DAYS", value_parser = flags::retention)]
        retention: Option<u32>,
    },
    /// Change column types, time column, slots or retention; applies to later batches.
    #[command(group(ArgGroup::new("what").required(true).multiple(true)
        .args(["types", "time_column", "no_time_column", "slot_seconds", "time_zone", "retention"])))]
    Change {
        /// Name of the dataset.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        name: String,
        /// Type of a column: numeric, categorical, boolean, datetime, text, id, empty; `inferred` undoes an earlier
        /// choice. Repeatable.
        #[arg(long = "type", value_name = "COL=TYPE", value_parser = flags::column_type_or_inferred)]
        types: Vec<(String, Option<ColumnType>)>,
        /// Column with the time of each row.
        #[arg(long, value_name = "COLUMN")]
        time_column: Option<String>,
        /// Give each row the time at which it arrives.
        #[arg(long, conflicts_with = "time_column")]
        no_time_column: bool,
        /// Length of a time slot in seconds; must divide a day.
        #[arg(long, value_name = "SECONDS")]
        slot_seconds: Option<u32>,
        /// Time zone in which days begin, such as Europe/Berlin.
        #[arg(long, value_name = "ZONE")]
        time_zone: Option<String>,
        /// How long data is kept, such as 30d. After a reduction, older data is deleted within an hour.
        #[arg(long, value_name = "DAYS", value_parser = flags::retention)]
        retention: Option<u32>,
    },
    /// Delete a dataset and all its data; asks for its name first.
    Remove {
        /// Name of the dataset.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        name: String,
        /// Delete without asking.
        #[arg(long)]
        yes: bool,
    },
    /// List references, one per line: id, name, `active` or `-`, rows, creation time.
    References {
        /// Name of the dataset.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        dataset: String,
    },
    /// Store a file or a profile as a reference; the first reference of a dataset becomes active.
    Reference {
        /// Name of the dataset.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        dataset: String,
        /// Rows in any format that `push` reads, or a profile; `-` reads stdin.
        file: PathBuf,
        /// Name of the reference: lowercase letters, digits, `-` and `_`.
        #[arg(long)]
        name: String,
        /// Make it the active reference.
        #[arg(long)]
        activate: bool,
    },
    /// Make a reference active: later data is compared with it.
    Activate {
        /// Name of the dataset.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        dataset: String,
        /// Name or id of the reference.
        reference: String,
    },
}

/// Runs the action.
pub fn run(args: &DatasetArgs) -> Outcome {
    let server = Server::open(&args.server)?;
    // Local mistakes are reported before any request is sent.
    if let Action::Remove { name, yes: false } = &args.action {
        confirm(name)?;
    }
    let mut upload = None;
    if let Action::Reference { file, name, .. } = &args.action {
        upload = Some(reference::pack(file, name)?);
    }
    let org = server.org()?;
    let all = route(&["orgs", &org, "datasets"]);
    let one = |name: &str| route(&["orgs", &org, "datasets", name]);
    match &args.action {
        Action::List => {
            let datasets: Vec<DatasetBody> = server.list(&all)?;
            let names: String = datasets.iter().map(|dataset| format!("{}\n", dataset.name)).collect();
            write_stdout(names.as_bytes())?;
        }
        Action::Show { name } => print(&server.get(&one(name))?)?,
        Action::Create { name, time_column, slot_seconds, time_zone, retention } => {
            let body = DatasetCreate {
                name: name.clone(),
                time_column: time_column.clone(),
                slot_seconds: *slot_seconds,
                time_zone: time_zone.clone(),
                retention_days: *retention,
            };
            print(&server.post(&all, &body)?)?;
        }
        Action::Change { name, types, time_column, no_time_column, slot_seconds, time_zone, retention } => {
            let known: DatasetBody = server.get(&one(name))?;
            let patch = DatasetPatch {
                column_types: checked(types, &known)?,
                // Null takes it away; what is left out stays.
                time_column: if *no_time_column { Some(None) } else { time_column.clone().map(Some) },
                slot_seconds: *slot_seconds,
                time_zone: time_zone.clone(),
                retention_days: *retention,
            };
            print(&server.patch(&one(name), known.version, &patch)?)?;
        }
        Action::Remove { name, .. } => server.act(Method::DELETE, &one(name))?,
        Action::References { dataset } => reference::list(&server, &one(dataset))?,
        Action::Reference { dataset, name, activate, .. } => {
            let upload = upload.expect("the upload was prepared above");
            reference::add(&server, &one(dataset), &upload, name, *activate)?;
        }
        Action::Activate { dataset, reference } => reference::activate(&server, &one(dataset), reference)?,
    }
    Ok(Exit::Clean)
}

/// Types by column, all of which the dataset has.
fn checked(
    types: &[(String, Option<ColumnType>)],
    dataset: &DatasetBody,
) -> Outcome<BTreeMap<String, Option<ColumnType>>> {
    for (name, _) in types {
        if !dataset.columns.iter().any(|column| column.name == *name) {
            let names = dataset.columns.iter().map(|column| column.name.as_str());
            let near = suggest::did_you_mean(name, names).unwrap_or_default();
            let message = format!("--type names column `{name}`, which {} does not have", dataset.name);
            return Err(Failure::usage(message).help(near));
        }
    }
    Ok(types.iter().cloned().collect())
}

/// Asks for the name of what is about to be deleted.
fn confirm(name: &str) -> Outcome<()> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::usage("cannot ask for confirmation: stdin is not a terminal")
            .help(format!("add --yes to delete `{name}` and all its data without asking")));
    }
    let _ = write!(anstream::stderr(), "this deletes `{name}` and all its data; type its name to confirm: ");
    let mut typed = String::new();
    let unreadable = |error: std::io::Error| Failure::usage("cannot read the answer").caused_by(&error);
    stdin.lock().read_line(&mut typed).map_err(unreadable)?;
    if typed.trim() == name { Ok(()) } else { Err(Failure::usage("the name does not match; nothing was deleted")) }
}

fn print(dataset: &DatasetBody) -> Outcome<()> {
    let text = serde_json::to_string_pretty(dataset).expect("plain data serialises");
    write_stdout(format!("{text}\n").as_bytes())
}

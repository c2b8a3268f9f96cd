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
    /// One a line.
    List,
    /// Its columns, in JSON.
    Show {
        /// The dataset.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        name: String,
    },
    /// Make one.
    Create {
        /// Small letters, digits, `-` and `_`.
        name: String,
        /// The column that says when a row happened; else rows are of when they arrive.
        #[arg(long, value_name = "COLUMN")]
        time_column: Option<String>,
        /// Length of a time slot in seconds; an hour unless given.
        #[arg(long, value_name = "SECONDS")]
        slot_seconds: Option<u32>,
        /// Zone in which days begin, such as Europe/Berlin; UTC unless given.
        #[arg(long, value_name = "ZONE")]
        time_zone: Option<String>,
        /// For how long what arrives is kept, such as 30d; 90d unless given.
        #[arg(long, value_name = "DAYS", value_parser = flags::retention)]
        retention: Option<u32>,
    },
    /// Change types of columns, the time column or the slots, for batches from here on; or the retention.
    #[command(group(ArgGroup::new("what").required(true).multiple(true)
        .args(["types", "time_column", "no_time_column", "slot_seconds", "time_zone", "retention"])))]
    Change {
        /// The dataset.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        name: String,
        /// Type of a column: numeric, categorical, boolean, datetime, text, id, empty; inferred to go back to what its
        /// data look like. Repeatable.
        #[arg(long = "type", value_name = "COL=TYPE", value_parser = flags::column_type_or_inferred)]
        types: Vec<(String, Option<ColumnType>)>,
        /// The column that says when a row happened.
        #[arg(long, value_name = "COLUMN")]
        time_column: Option<String>,
        /// Rows happen when they arrive.
        #[arg(long, conflicts_with = "time_column")]
        no_time_column: bool,
        /// Length of a time slot in seconds, a divisor of a day.
        #[arg(long, value_name = "SECONDS")]
        slot_seconds: Option<u32>,
        /// Zone in which days begin, such as Europe/Berlin.
        #[arg(long, value_name = "ZONE")]
        time_zone: Option<String>,
        /// For how long what arrives is kept, such as 30d. Less than before: what is older is deleted within an hour.
        #[arg(long, value_name = "DAYS", value_parser = flags::retention)]
        retention: Option<u32>,
    },
    /// Remove one, with all that arrived for it; asks for its name first.
    Remove {
        /// The dataset.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        name: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// What data can be compared with, one a line: id, name, whether it is active, rows, when it was made.
    References {
        /// The dataset.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        dataset: String,
    },
    /// Keep a file or a profile as what later data is compared with; the first one is active at once.
    Reference {
        /// The dataset.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        dataset: String,
        /// Rows in any format that `push` takes, or a profile; `-` is stdin.
        file: PathBuf,
        /// Name of the reference: small letters, digits, `-` and `_`.
        #[arg(long)]
        name: String,
        /// Make it the active one.
        #[arg(long)]
        activate: bool,
    },
    /// Compare later data with another reference.
    Activate {
        /// The dataset.
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        dataset: String,
        /// Name or id of the reference.
        reference: String,
    },
}

/// Does what was asked.
pub fn run(args: &DatasetArgs) -> Outcome {
    let server = Server::open(&args.server)?;
    // What is wrong on this side is said before anybody is asked.
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
            let upload = upload.expect("it was packed above");
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

/// Has the name typed by whoever is about to lose something.
fn confirm(name: &str) -> Outcome<()> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::usage("cannot ask for confirmation: stdin is not a terminal")
            .help(format!("add --yes to delete `{name}` and all its data without asking")));
    }
    let _ = write!(anstream::stderr(), "this removes `{name}` with all that arrived for it; type its name to go on: ");
    let mut typed = String::new();
    let unreadable = |error: std::io::Error| Failure::usage("cannot read the answer").caused_by(&error);
    stdin.lock().read_line(&mut typed).map_err(unreadable)?;
    if typed.trim() == name { Ok(()) } else { Err(Failure::usage("this is not its name; nothing was removed")) }
}

fn print(dataset: &DatasetBody) -> Outcome<()> {
    let text = serde_json::to_string_pretty(dataset).expect("plain data serialises");
    write_stdout(format!("{text}\n").as_bytes())
}

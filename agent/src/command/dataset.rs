//! `driftsiren dataset`: datasets on a server.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use drift::wire::{DatasetBody, DatasetCreate, ReferenceBody};
use ureq::http::Method;

use crate::cli::TEMPLATE;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::write_stdout;
use crate::server::{Server, ServerFlags};

const EXAMPLES: &str = "\
Examples:
  driftsiren dataset list
  driftsiren dataset create loans --time-column paid_at
  driftsiren dataset show loans
  driftsiren dataset reference loans train.parquet --name training --activate
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
    },
    /// Keep a file or a profile as what later data is compared with; the first one is active at once.
    Reference {
        /// The dataset.
        dataset: String,
        /// Rows in any format that `push` takes, or a profile.
        file: PathBuf,
        /// Name of the reference: small letters, digits, `-` and `_`.
        #[arg(long)]
        name: String,
        /// Make it the active one.
        #[arg(long)]
        activate: bool,
    },
}

/// Does what was asked.
pub fn run(args: &DatasetArgs) -> Outcome {
    let server = Server::open(&args.server)?;
    let base = format!("/orgs/{}/datasets", server.org()?);
    match &args.action {
        Action::List => {
            let datasets: Vec<DatasetBody> = server.list(&base)?;
            let names: String = datasets.iter().map(|dataset| format!("{}\n", dataset.name)).collect();
            write_stdout(names.as_bytes())?;
            Ok(Exit::Clean)
        }
        Action::Show { name } => print(&server.get::<DatasetBody>(&format!("{base}/{name}"))?),
        Action::Create { name, time_column, slot_seconds, time_zone } => {
            let body = DatasetCreate {
                name: name.clone(),
                time_column: time_column.clone(),
                slot_seconds: *slot_seconds,
                time_zone: time_zone.clone(),
            };
            print(&server.post::<DatasetBody>(&base, &body)?)
        }
        Action::Reference { dataset, file, name, activate } => {
            let references = format!("{base}/{dataset}/references");
            let kept = add_reference(&server, &references, file, name)?;
            if *activate && !kept.is_active {
                server.act(Method::POST, &format!("{references}/{}/activate", kept.id))?;
            }
            write_stdout(format!("{}\n", kept.id).as_bytes())?;
            Ok(Exit::Clean)
        }
    }
}

fn add_reference(server: &Server, references: &str, path: &Path, name: &str) -> Outcome<ReferenceBody> {
    let unreadable = |error: std::io::Error| Failure::input(format!("cannot read {}: {error}", path.display()));
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len().to_string();
    let is_name = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
    if !is_name {
        return Err(Failure::usage(format!("`{name}` is no name of a reference"))
            .help("use small letters, digits, `-` and `_`"));
    }
    let headers = [("content-type", "application/octet-stream"), ("content-length", length.as_str())];
    Ok(server.upload(&format!("{references}?name={name}"), &headers, file)?)
}

fn print(dataset: &DatasetBody) -> Outcome {
    let text = serde_json::to_string_pretty(dataset).expect("plain data serialises");
    write_stdout(format!("{text}\n").as_bytes())?;
    Ok(Exit::Clean)
}

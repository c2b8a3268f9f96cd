//! `driftsiren dataset`: datasets on a server.

use clap::{Args, Subcommand};
use drift::wire::{DatasetBody, DatasetCreate, Page};

use crate::cli::TEMPLATE;
use crate::exit::{Exit, Outcome};
use crate::output::write_stdout;
use crate::server::{Server, ServerFlags};

const EXAMPLES: &str = "\
Examples:
  driftsiren dataset list
  driftsiren dataset create loans --time-column paid_at
  driftsiren dataset show loans
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
    Show { name: String },
    /// Make one.
    Create {
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
}

/// Does what was asked.
pub fn run(args: &DatasetArgs) -> Outcome {
    let server = Server::open(&args.server)?;
    let base = format!("/orgs/{}/datasets", server.org()?);
    match &args.action {
        Action::List => {
            let mut cursor = String::new();
            loop {
                let page: Page<DatasetBody> = server.get(&format!("{base}?limit=200{cursor}"))?;
                let names: String = page.data.iter().map(|dataset| format!("{}\n", dataset.name)).collect();
                write_stdout(names.as_bytes())?;
                match page.next_cursor {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => return Ok(Exit::Clean),
                }
            }
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
    }
}

fn print(dataset: &DatasetBody) -> Outcome {
    let text = serde_json::to_string_pretty(dataset).expect("plain data serialises");
    write_stdout(format!("{text}\n").as_bytes())?;
    Ok(Exit::Clean)
}

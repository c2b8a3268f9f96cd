//! `driftsiren push`: rows, or only their profile, to a server.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use drift::format::counted;
use drift::wire::{DatasetBody, DatasetCreate, Receipt, server_options};

use crate::cli::{Common, TEMPLATE};
use crate::engine;
use crate::exit::{Exit, Failure, Outcome};
use crate::input::Input;
use crate::output::{note, write_stdout};
use crate::progress::Bars;
use crate::server::{Server, ServerFlags, Trouble, with_patience};

const EXAMPLES: &str = "\
Examples:
  driftsiren push today.csv --dataset loans
  driftsiren push today.parquet --dataset loans --profile-only
  zcat today.csv.gz | driftsiren push - --dataset loans --create --time-column paid_at
";

/// Flags of `push`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct PushArgs {
    /// The rows: CSV, TSV, NDJSON, JSON or Parquet, text also compressed; `-` is stdin.
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
    /// The dataset on the server.
    #[arg(short, long, value_name = "NAME", env = "DRIFTSIREN_DATASET")]
    pub dataset: String,
    /// Make the dataset if there is none of this name.
    #[arg(long)]
    pub create: bool,
    /// With --create: the column that says when a row happened.
    #[arg(long, value_name = "COLUMN", requires = "create")]
    pub time_column: Option<String>,
    /// Summarise the rows here and send the profile: no row leaves this machine.
    #[arg(long)]
    pub profile_only: bool,
    /// The sender's name for this batch; the content's hash unless given, so that the same file is one batch.
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// When the rows happened, such as 2026-01-31T08:00:00Z, unless their time column says so; else when they arrive.
    #[arg(long, value_name = "TIME")]
    pub at: Option<jiff::Timestamp>,
    /// Say what would be sent, and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The server.
    #[command(flatten)]
    pub server: ServerFlags,
}

/// What is sent.
struct Parcel {
    file: File,
    n_bytes: u64,
    key: String,
    route: &'static str,
}

/// Sends and prints the receipt.
pub fn run(args: &PushArgs, common: &Common) -> Outcome {
    let bars = Bars::new(common);
    let mut parcel = if args.profile_only { profile(args, &bars)? } else { rows(&args.file)? };
    if let Some(at) = args.at {
        // The same rows at another time are another batch.
        parcel.key += &format!("@{at}");
    }
    if let Some(key) = &args.idempotency_key {
        parcel.key.clone_from(key);
    }
    if args.dry_run {
        let Parcel { n_bytes, key, route, .. } = &parcel;
        let text = format!("would send {n_bytes} bytes to {}/{route} with the key {key}\n", args.dataset);
        write_stdout(text.as_bytes())?;
        return Ok(Exit::Clean);
    }
    let server = Server::open(&args.server)?;
    let org = server.org()?;
    if args.create {
        create(&server, &org, args)?;
    }
    let receipt = send(&server, &org, args, &parcel, &bars)?;
    bars.clear();
    report(&receipt, common);
    Ok(Exit::Clean)
}

fn rows(path: &Path) -> Outcome<Parcel> {
    let unreadable = |error: std::io::Error| Failure::input(format!("cannot read {}: {error}", path.display()));
    // A pipe is kept until it is sent: sending may have to begin again.
    let mut file = if path == Path::new("-") {
        let mut kept = tempfile::tempfile().map_err(unreadable)?;
        std::io::copy(&mut std::io::stdin().lock(), &mut kept).map_err(unreadable)?;
        kept
    } else {
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.is_dir() {
            return Err(Failure::input(format!("{} is a folder", path.display()))
                .help(format!("send its files one by one, or all that come: driftsiren watch {}", path.display())));
        }
        file
    };
    file.rewind().map_err(unreadable)?;
    let mut hasher = blake3::Hasher::new();
    let n_bytes = std::io::copy(&mut file, &mut hasher).map_err(unreadable)?;
    Ok(Parcel { file, n_bytes, key: hasher.finalize().to_hex().to_string(), route: "batches" })
}

fn profile(args: &PushArgs, bars: &Bars) -> Outcome<Parcel> {
    let input = Input::open(&args.file)?;
    let options = server_options(&input.name);
    let profile = input.profile(&options, 1, bars)?;
    let bytes = engine::encode(&profile);
    let kept = || -> std::io::Result<File> {
        let mut file = tempfile::tempfile()?;
        file.write_all(&bytes)?;
        Ok(file)
    };
    let file = kept().map_err(|error| Failure::input(format!("cannot write a temporary file: {error}")))?;
    let key = blake3::hash(&bytes).to_hex().to_string();
    Ok(Parcel { file, n_bytes: bytes.len() as u64, key, route: "profiles" })
}

fn create(server: &Server, org: &str, args: &PushArgs) -> Outcome<()> {
    let body = DatasetCreate {
        name: args.dataset.clone(),
        time_column: args.time_column.clone(),
        slot_seconds: None,
        time_zone: None,
    };
    match server.try_post::<DatasetBody>(&format!("/orgs/{org}/datasets"), &body) {
        Ok(_) => Ok(()),
        Err(Trouble::Refused(problem)) if problem.status == 409 => Ok(()),
        Err(trouble) => Err(trouble.into()),
    }
}

fn send(server: &Server, org: &str, args: &PushArgs, parcel: &Parcel, bars: &Bars) -> Outcome<Receipt> {
    let dataset = &args.dataset;
    let at = args.at.map_or_else(String::new, |at| format!("?at={at}"));
    let path = format!("/orgs/{org}/datasets/{dataset}/{}{at}", parcel.route);
    let length = parcel.n_bytes.to_string();
    let headers = [
        ("content-type", "application/octet-stream"),
        ("content-length", length.as_str()),
        ("idempotency-key", parcel.key.as_str()),
    ];
    let bar = bars.upload(dataset, parcel.n_bytes);
    let receipt = with_patience(|| {
        let broken = |error: std::io::Error| Trouble::Passing { message: error.to_string(), retry_after: None };
        let mut file = parcel.file.try_clone().map_err(broken)?;
        file.seek(SeekFrom::Start(0)).map_err(broken)?;
        bar.set_position(0);
        server.upload(&path, &headers, bar.wrap_read(file))
    });
    receipt.map_err(|failure: Failure| {
        if failure.message.contains("(404)") { failure.help("make the dataset with --create") } else { failure }
    })
}

fn report(receipt: &Receipt, common: &Common) {
    let Receipt { batch_id, dataset, n_rows_accepted, n_rows_rejected, slots, schema_changes, .. } = receipt;
    // A reader that has gone away does not undo what was sent.
    let _ = write_stdout(format!("{batch_id}\n").as_bytes());
    note(
        common.quiet,
        &format!("{} in {} of {dataset}", counted(*n_rows_accepted, "row"), counted(slots.len() as u64, "time slot")),
    );
    if *n_rows_rejected > 0 {
        note(common.quiet, &format!("{} could not be read", counted(*n_rows_rejected, "row")));
    }
    for change in schema_changes {
        note(common.quiet, &format!("columns: {}", serde_json::to_string(change).unwrap_or_default()));
    }
}

//! Sending, and making the dataset when there is none.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{BoolishValueParser, NonEmptyStringValueParser};
use clap::{ArgAction, Args};
use drift::format::counted;
use drift::wire::{DatasetBody, DatasetCreate, Receipt};

use crate::arguments::{Common, TEMPLATE};
use crate::command::push::plan::{self, Plan};
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{note, write_stdout};
use crate::progress::Bars;
use crate::server::{Address, RequestError, Server, ServerFlags, route, with_retries};
use crate::upload::Upload;

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
    /// Rows as CSV, TSV, NDJSON, JSON or Parquet, text also compressed; `-` reads stdin.
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
    /// Name of the dataset on the server.
    #[arg(short, long, value_name = "NAME", env = "DRIFTSIREN_DATASET", hide_env_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub dataset: String,
    /// Create the dataset if it does not exist.
    #[arg(long)]
    pub create: bool,
    /// With --create: column with the time of each row.
    #[arg(long, value_name = "COLUMN", requires = "create")]
    pub time_column: Option<String>,
    /// Summarise the rows here and send only the profile: no row leaves this machine.
    #[arg(long)]
    pub profile_only: bool,
    /// Idempotency key of the batch; default the hash of the content, so that sending a file twice stores it once.
    #[arg(long, value_name = "KEY", value_parser = idempotency_key)]
    pub idempotency_key: Option<String>,
    /// Time of rows without a time of their own, such as 2026-01-31T08:00:00Z; default the time at which they arrive.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub at: Option<jiff::Timestamp>,
    /// Exit with 3 if the server remarks on the batch: unreadable rows or times, new or missing columns. The batch is
    /// stored anyway.
    #[arg(long, action = ArgAction::SetTrue, env = "DRIFTSIREN_STRICT", hide_env_values = true, value_parser = BoolishValueParser::new())]
    pub strict: bool,
    /// Show what would be sent and where, and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Seconds to keep retrying while the server is unavailable or busy; 0 tries once.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub wait: u64,
    /// The server.
    #[command(flatten)]
    pub server: ServerFlags,
}

/// Sends and prints the receipt.
pub fn run(args: &PushArgs, common: &Common) -> Outcome {
    let bars = Bars::new(common);
    let address = Address::find(&args.server)?;
    if args.dry_run {
        return dry_run(args, &address, &bars);
    }
    // Before anything is read: stdin could not be read again.
    let server = address.open()?;
    let upload = pack(args, &bars)?;
    let key = key(args, &upload);
    let mut sender = Sender { server: &server, args, upload: &upload, key: &key, bars: &bars, org: None };
    let sent = with_retries(Duration::from_secs(args.wait), common.quiet, || sender.send());
    bars.clear();
    report(&sent?, args.strict, common)
}

fn pack(args: &PushArgs, bars: &Bars) -> Outcome<Upload> {
    if args.profile_only { Upload::of_profile(&args.file, bars) } else { Upload::of_rows(&args.file) }
}

fn key(args: &PushArgs, upload: &Upload) -> String {
    match (&args.idempotency_key, args.at) {
        (Some(key), _) => key.clone(),
        // The same rows at another time are another batch.
        (None, Some(at)) => format!("{}@{at}", upload.hash),
        (None, None) => upload.hash.clone(),
    }
}

fn time(text: &str) -> Result<jiff::Timestamp, &'static str> {
    text.parse().map_err(|_| "expected a time with its offset, such as 2026-01-31T08:00:00Z")
}

/// What a server takes as the name of a batch.
fn idempotency_key(text: &str) -> Result<String, &'static str> {
    let is_key = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_key { Ok(text.to_owned()) } else { Err("expected 1 to 255 visible ASCII characters") }
}

fn dry_run(args: &PushArgs, address: &Address, bars: &Bars) -> Outcome {
    let upload = pack(args, bars)?;
    let (name, key, n_bytes) = (upload.name.clone(), key(args, &upload), upload.n_bytes);
    let profile = upload.into_profile(bars)?;
    bars.clear();
    let plan = Plan {
        name: &name,
        address,
        dataset: &args.dataset,
        is_creating: args.create,
        is_profile_only: args.profile_only,
        at: args.at,
        n_bytes,
        key: &key,
    };
    write_stdout(plan::describe(&plan, &profile).as_bytes())?;
    Ok(Exit::Clean)
}

struct Sender<'a> {
    server: &'a Server,
    args: &'a PushArgs,
    upload: &'a Upload,
    key: &'a str,
    bars: &'a Bars,
    /// Known after the first answer.
    org: Option<String>,
}

impl Sender<'_> {
    /// Sends; makes the dataset only when it turns out that there is none: most keys may not, and need not.
    fn send(&mut self) -> Result<Receipt, RequestError> {
        let org = match &self.org {
            Some(org) => org.clone(),
            None => self.org.insert(self.server.org()?).clone(),
        };
        match self.upload(&org) {
            Err(error) if error.is_refusal(404) && self.args.create => {
                self.create(&org)?;
                self.upload(&org)
            }
            Err(error) if error.is_refusal(404) => {
                Err(RequestError::Local(Failure::from(error).help("create the dataset with --create")))
            }
            other => other,
        }
    }

    fn upload(&self, org: &str) -> Result<Receipt, RequestError> {
        let at = self.args.at.map_or_else(String::new, |at| format!("?at={at}"));
        let path = route(&["orgs", org, "datasets", &self.args.dataset, self.upload.route]) + &at;
        let content = self.upload.content().map_err(RequestError::Local)?;
        let bar = self.bars.upload(&self.args.dataset, self.upload.n_bytes);
        let sent = self.server.upload(&path, self.upload.n_bytes, Some(self.key), bar.wrap_read(content));
        // Notes are not drawn over.
        bar.finish_and_clear();
        sent
    }

    fn create(&self, org: &str) -> Result<(), RequestError> {
        let name = &self.args.dataset;
        let body = DatasetCreate {
            name: name.clone(),
            time_column: self.args.time_column.clone(),
            slot_seconds: None,
            time_zone: None,
            retention_days: None,
        };
        match self.server.post::<DatasetBody>(&route(&["orgs", org, "datasets"]), &body) {
            Ok(_) => Ok(()),
            // Another client created it first.
            Err(error) if error.is_refusal(409) => Ok(()),
            Err(error) if error.is_refusal(403) => {
                let message = format!(
                    "there is no dataset `{name}`, and this key may not create one: it lacks the scope `manage` ({})",
                    error.line()
                );
                let help = format!("create it once with a key that has the scope: driftsiren dataset create {name}");
                Err(RequestError::Local(Failure::server(message).help(help)))
            }
            Err(error) if error.is_refusal(404) => {
                Err(RequestError::Local(Failure::from(error).help("check the org: driftsiren whoami")))
            }
            Err(error) => Err(error),
        }
    }
}

/// Prints what became of the batch; with --strict, fails when anything about it was not as expected.
fn report(receipt: &Receipt, is_strict: bool, common: &Common) -> Outcome {
    let Receipt { batch_id, dataset, n_rows_accepted, slots, .. } = receipt;
    // A reader that has gone away does not undo what was sent.
    let _ = write_stdout(format!("{batch_id}\n").as_bytes());
    note(
        common.quiet,
        &format!("{} in {} of {dataset}", counted(*n_rows_accepted, "row"), counted(slots.len() as u64, "time slot")),
    );
    let remarks = receipt.remarks();
    for remark in &remarks {
        note(common.quiet, remark);
    }
    if is_strict && !remarks.is_empty() {
        let n = counted(remarks.len() as u64, "remark");
        return Err(Failure::input(format!("batch {batch_id} was stored with {n}, which --strict does not allow")));
    }
    Ok(Exit::Clean)
}

//! `driftsiren key`: API keys on a server.

use clap::{Args, Subcommand};
use drift::wire::{KeyBody, KeyCreate, KeyScope};
use ureq::http::Method;

use crate::cli::TEMPLATE;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::write_stdout;
use crate::server::{Server, ServerFlags};

const EXAMPLES: &str = "\
Examples:
  driftsiren key list
  driftsiren key create nightly --scope ingest > key.txt
  driftsiren key revoke 01890a5d-ac96-774b-bcce-b302099a8057
";

/// Flags of `key`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct KeyArgs {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    server: ServerFlags,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// One a line: id, name, scopes, when it was last used.
    List,
    /// Make one; the key is printed, this once.
    Create {
        /// What people will know it by.
        name: String,
        /// What it may be used for: ingest, read or manage. Repeatable.
        #[arg(long = "scope", value_name = "SCOPE", required = true)]
        scopes: Vec<String>,
    },
    /// Give a key another secret, which is printed, this once; the old one is worthless at once.
    Rotate {
        /// As `key list` shows it.
        id: String,
    },
    /// Make a key worthless, at once.
    Revoke {
        /// As `key list` shows it.
        id: String,
    },
}

/// Does what was asked.
pub fn run(args: &KeyArgs) -> Outcome {
    let server = Server::open(&args.server)?;
    let base = format!("/orgs/{}/keys", server.org()?);
    match &args.action {
        Action::List => {
            let keys: Vec<KeyBody> = server.list(&base)?;
            let lines: String = keys.iter().map(line).collect();
            write_stdout(lines.as_bytes())?;
        }
        Action::Create { name, scopes } => {
            let scope = |word: &String| {
                let unknown =
                    || Failure::usage(format!("`{word}` is no scope")).help("there are ingest, read and manage");
                KeyScope::from_word(word).ok_or_else(unknown)
            };
            let scopes = scopes.iter().map(scope).collect::<Outcome<_>>()?;
            let body = KeyCreate { name: name.clone(), scopes, expires_at: None };
            print_secret(server.post(&base, &body)?)?;
        }
        Action::Rotate { id } => {
            print_secret(server.post(&format!("{base}/{id}/rotate"), &serde_json::json!({}))?)?;
        }
        Action::Revoke { id } => {
            server.act(Method::DELETE, &format!("{base}/{id}"))?;
        }
    }
    Ok(Exit::Clean)
}

fn line(key: &KeyBody) -> String {
    let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let state = match (&key.revoked_at, &key.last_used_at) {
        (Some(_), _) => "revoked",
        (None, Some(at)) => at.as_str(),
        (None, None) => "never used",
    };
    format!("{}\t{}\t{}\t{state}\n", key.id, key.name, scopes.join(","))
}

fn print_secret(key: KeyBody) -> Outcome<()> {
    let secret = key.secret.ok_or_else(|| Failure::server("the server did not send the key"))?;
    write_stdout(format!("{secret}\n").as_bytes())
}

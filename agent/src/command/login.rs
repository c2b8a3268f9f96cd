//! `driftsiren login`, `logout` and `whoami`.

use std::io::{BufRead, IsTerminal};

use clap::Args;

use crate::arguments::TEMPLATE;
use crate::credentials::{self, Credentials};
use crate::exit::{Exit, Failure, Outcome};
use crate::output::write_stdout;
use crate::server::{KEY_VARIABLE, Server, ServerFlags, checked};

const EXAMPLES: &str = "\
Examples:
  driftsiren login https://drift.example.org
  driftsiren login http://127.0.0.1:3000 < key.txt
";

/// Flags of `login`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct LoginArgs {
    /// Address of the server.
    #[arg(value_name = "URL")]
    pub url: String,
}

/// Checks a key that is read from stdin, and saves it.
pub fn login(args: &LoginArgs) -> Outcome {
    // Before anybody types a key.
    checked(&args.url)?;
    let key = match std::env::var(KEY_VARIABLE) {
        Ok(key) if !key.trim().is_empty() => key.trim().to_owned(),
        _ => read_key()?,
    };
    let server = Server::with(&args.url, key.clone(), None)?;
    let org = server.org()?;
    let path = credentials::write(&Credentials { url: server.url.clone(), key, org: org.clone() })?;
    write_stdout(format!("logged in at {} for {org}; saved in {}\n", server.url, path.display()).as_bytes())?;
    Ok(Exit::Clean)
}

/// The key, typed without echo, or from a pipe.
fn read_key() -> Outcome<String> {
    let stdin = std::io::stdin();
    let read = if stdin.is_terminal() {
        rpassword::prompt_password("API key (create one on the page Keys; it is not shown as you type): ")
    } else {
        let mut line = String::new();
        stdin.lock().read_line(&mut line).map(|_| line)
    };
    let line = read.map_err(|error| Failure::usage("cannot read the key").caused_by(&error))?;
    let key = line.trim().to_owned();
    if key.is_empty() {
        return Err(Failure::usage("no key on stdin").help(format!("type the key, pipe it in, or set {KEY_VARIABLE}")));
    }
    Ok(key)
}

/// Deletes the saved key. It stays valid on the server: revoke it there.
pub fn logout() -> Outcome {
    let text = match credentials::forget()? {
        true => "deleted from this machine; the key stays valid until it is revoked on the server\n",
        false => "nothing was saved\n",
    };
    write_stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// Says whose key the server knows it as.
pub fn whoami(flags: &ServerFlags) -> Outcome {
    let server = Server::open(flags)?;
    let me = server.me()?;
    let scopes: Vec<_> = me.scopes.iter().map(|scope| scope.as_str()).collect();
    let orgs: Vec<_> = me.orgs.iter().map(|org| org.slug.as_str()).collect();
    let who = me.key.map(|key| format!("key `{key}`")).or(me.account.map(|account| account.email));
    let who = who.unwrap_or_default();
    let text = format!("{who} at {}\norg {}\nmay {}\n", server.url, orgs.join(", "), scopes.join(", "));
    write_stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}

//! `driftsiren key`: API keys on a server.

use clap::{Args, Subcommand};
use drift::wire::{KeyBody, KeyCreate, KeyScope};
use jiff::{SignedDuration, Timestamp};
use ureq::http::Method;

use crate::arguments::TEMPLATE;
use crate::exit::{Exit, Failure, Outcome};
use crate::flags;
use crate::output::write_stdout;
use crate::server::{Server, ServerFlags, route};

const EXAMPLES: &str = "\
Examples:
  driftsiren key list
  driftsiren key create nightly --scope ingest --expires 90d > key.txt
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
    /// List keys, one per line: id, name, scopes, last use, expiry.
    List,
    /// Create a key and print it; it is shown only once.
    Create {
        /// Name of the key.
        name: String,
        /// What the key may do: ingest, read or manage. Repeatable.
        #[arg(long = "scope", value_name = "SCOPE", required = true, hide_possible_values = true,
              value_parser = flags::words(KeyScope::ALL.map(|scope| (scope.as_str(), scope)).to_vec()))]
        scopes: Vec<KeyScope>,
        /// When the key expires: a day (2030-01-31), a time (2030-01-31T08:00:00Z), or days or hours from now (90d,
        /// 12h). Never by default.
        #[arg(long, value_name = "TIME", value_parser = Expiry::read)]
        expires: Option<Expiry>,
    },
    /// Replace a key's secret; it is printed once and the old one stops working at once.
    Rotate {
        /// Id of the key, as shown by `key list`.
        id: String,
    },
    /// Revoke a key; it stops working at once.
    Revoke {
        /// Id of the key, as shown by `key list`.
        id: String,
    },
}

/// Runs the action.
pub fn run(args: &KeyArgs) -> Outcome {
    let server = Server::open(&args.server)?;
    if let Action::Create { expires: Some(expiry), .. } = &args.action {
        expiry.after(Timestamp::now())?;
    }
    let org = server.org()?;
    let all = route(&["orgs", &org, "keys"]);
    let one = |id: &str| route(&["orgs", &org, "keys", id]);
    match &args.action {
        Action::List => {
            let keys: Vec<KeyBody> = server.list(&all)?;
            let now = Timestamp::now();
            let lines: String = keys.iter().map(|key| line(key, now)).collect();
            write_stdout(lines.as_bytes())?;
        }
        Action::Create { name, scopes, expires } => {
            let expires_at = expires.map(|expiry| expiry.after(Timestamp::now())).transpose()?;
            let expires_at = expires_at.map(|at| at.to_string());
            print_secret(server.post(&all, &KeyCreate { name: name.clone(), scopes: scopes.clone(), expires_at })?)?;
        }
        Action::Rotate { id } => {
            print_secret(server.post(&(one(id) + "/rotate"), &serde_json::json!({}))?)?;
        }
        Action::Revoke { id } => {
            server.act(Method::DELETE, &one(id))?;
        }
    }
    Ok(Exit::Clean)
}

/// When a key stops working.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expiry {
    At(Timestamp),
    In(SignedDuration),
}

impl Expiry {
    fn read(text: &str) -> Result<Self, String> {
        let wrong = || {
            "expected a day (2030-01-31), a time (2030-01-31T08:00:00Z), or days or hours from now (90d, 12h)"
                .to_owned()
        };
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Self::At(at));
        }
        if let Ok(day) = text.parse::<jiff::civil::Date>() {
            let start = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| wrong())?;
            return Ok(Self::At(start.timestamp()));
        }
        let hours = match text.strip_suffix('d') {
            Some(days) => days.parse::<u32>().map(|days| i64::from(days) * 24),
            None => text.strip_suffix('h').unwrap_or_default().parse::<u32>().map(i64::from),
        };
        hours.map(|hours| Self::In(SignedDuration::from_hours(hours))).map_err(|_| wrong())
    }

    fn after(self, now: Timestamp) -> Outcome<Timestamp> {
        let at = match self {
            Self::At(at) => Some(at),
            // A duration in days does not carry microseconds.
            Self::In(duration) => now.checked_add(duration).and_then(|at| Timestamp::from_second(at.as_second())).ok(),
        };
        let at = at.filter(|at| *at > now);
        at.ok_or_else(|| Failure::usage("--expires must be in the future").help("give one such as 90d"))
    }
}

fn line(key: &KeyBody, now: Timestamp) -> String {
    let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let state = match (&key.revoked_at, &key.last_used_at) {
        (Some(_), _) => "revoked",
        (None, Some(at)) => at.as_str(),
        (None, None) => "never used",
    };
    let expiry = match &key.expires_at {
        None => "never expires".to_owned(),
        Some(at) if at.parse::<Timestamp>().is_ok_and(|at| at <= now) => format!("expired {at}"),
        Some(at) => format!("expires {at}"),
    };
    format!("{}\t{}\t{}\t{state}\t{expiry}\n", key.id, key.name, scopes.join(","))
}

fn print_secret(key: KeyBody) -> Outcome<()> {
    let secret = key.secret.ok_or_else(|| Failure::server("the server did not send the key"))?;
    write_stdout(format!("{secret}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOW: &str = "2026-01-31T08:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().expect("a time")
    }

    #[rstest]
    #[case::time("2026-02-01T09:30:00+01:00", "2026-02-01T08:30:00Z")]
    #[case::day("2030-01-31", "2030-01-31T00:00:00Z")]
    #[case::days("90d", "2026-05-01T08:00:00Z")]
    #[case::hours("12h", "2026-01-31T20:00:00Z")]
    fn an_expiry_is_a_time_a_day_or_a_while(#[case] text: &str, #[case] expected: &str) {
        let now = now() + SignedDuration::from_millis(3);
        let at = Expiry::read(text).expect("an expiry").after(now).expect("to come");
        assert_eq!(at.to_string(), expected);
    }

    #[rstest]
    #[case::word("soon")]
    #[case::unit("90")]
    #[case::sign("-3d")]
    #[case::nothing("")]
    #[case::no_day("2026-02-30")]
    fn what_is_no_expiry_is_refused(#[case] text: &str) {
        assert!(Expiry::read(text).is_err());
    }

    #[rstest]
    #[case::past("2026-01-31")]
    #[case::now(NOW)]
    #[case::no_while("0d")]
    #[case::beyond_all_time("4294967295d")]
    fn an_expiry_is_to_come(#[case] text: &str) {
        assert!(Expiry::read(text).expect("an expiry").after(now()).is_err());
    }

    #[test]
    fn a_list_says_when_keys_expire() {
        let key = KeyBody {
            id: "1".to_owned(),
            key_id: "k".to_owned(),
            name: "nightly".to_owned(),
            scopes: vec![KeyScope::Ingest, KeyScope::Read],
            created_at: String::new(),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
            secret: None,
        };
        assert_eq!(line(&key, now()), "1\tnightly\tingest,read\tnever used\tnever expires\n");
        let expiring = |at: &str| line(&KeyBody { expires_at: Some(at.to_owned()), ..key.clone() }, now());
        assert!(expiring("2026-03-01T00:00:00Z").ends_with("\texpires 2026-03-01T00:00:00Z\n"));
        assert!(expiring(NOW).ends_with("\texpired 2026-01-31T08:00:00Z\n"));
    }
}

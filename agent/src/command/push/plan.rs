//! What `push --dry-run` says.

use std::fmt::Write;

use drift::compare;
use drift::format::{count, counted};

use crate::output::harmless;
use crate::server::Address;
use drift::profile::Profile;

/// What would be sent, and to whom.
pub struct Plan<'a> {
    pub name: &'a str,
    pub address: &'a Address,
    pub dataset: &'a str,
    /// Whether the dataset is made when there is none.
    pub is_creating: bool,
    /// Whether the profile is sent instead of the rows.
    pub is_profile_only: bool,
    pub at: Option<jiff::Timestamp>,
    pub n_bytes: u64,
    pub key: &'a str,
}

/// One fact per line, then the columns. No request was sent, so an org that only the server knows is not named.
pub fn describe(plan: &Plan<'_>, profile: &Profile) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<12}{}", harmless(value).replace('\n', "\u{fffd}"));
    };
    line("would send", plan.name);
    line("server", plan.address.url.as_deref().unwrap_or("none; run `driftsiren login URL`"));
    line("org", plan.address.org.as_deref().unwrap_or("the org of the key"));
    line(
        "dataset",
        &format!("{}{}", plan.dataset, if plan.is_creating { ", created if it does not exist" } else { "" }),
    );
    let format = profile.format.as_str();
    line("format", &if plan.is_profile_only { format!("a profile of {format}; no rows") } else { format.to_owned() });
    line("at", &plan.at.map_or_else(|| "the time column, or the time of arrival".to_owned(), |at| at.to_string()));
    line("bytes", &count(plan.n_bytes));
    line("rows", &count(profile.n_rows));
    line("key", plan.key);
    let columns = compare::describe(profile);
    let width = columns.iter().map(|(schema, _)| schema.name.chars().count()).max().unwrap_or(0).min(32);
    let _ = writeln!(text, "{}", counted(columns.len() as u64, "column"));
    for (schema, _) in &columns {
        let name = harmless(&schema.name).replace('\n', "\u{fffd}");
        let _ = writeln!(text, "  {name:<width$}  {:<11}  {}", schema.r#type.as_str(), harmless(&schema.reason));
    }
    text
}

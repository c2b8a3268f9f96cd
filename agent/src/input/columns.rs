//! Columns that are named must exist.

use drift::profile::Profile;

use crate::exit::{Failure, Outcome};
use crate::suggest;

/// Names of the columns of a profile, in order.
pub fn column_names(profile: &Profile) -> Vec<String> {
    profile.columns.iter().map(|column| column.name.clone()).collect()
}

/// Refuses names of columns, given on the command line, that no input has.
pub fn check_names<'a>(names: impl IntoIterator<Item = (&'static str, &'a str)>, columns: &[String]) -> Outcome<()> {
    for (flag, name) in names {
        if columns.iter().any(|column| column == name) {
            continue;
        }
        let failure = Failure::usage(format!("{flag} names column `{name}`, which no input has"));
        return Err(match suggest::did_you_mean(name, columns.iter().map(String::as_str)) {
            Some(hint) => failure.help(hint),
            None => failure.help(listed(columns)),
        });
    }
    Ok(())
}

/// "the columns are a, b, c and 12 more".
fn listed(columns: &[String]) -> String {
    const MOST: usize = 12;
    let first: Vec<String> = columns.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    match columns.len().saturating_sub(MOST) {
        0 => format!("the columns are {}", first.join(", ")),
        more => format!("the columns are {} and {more} more", first.join(", ")),
    }
}

//! Input that was not read is no good news: beyond these limits a side is refused, not compared.

use crate::bounded::Share;
use crate::error::{Refusal, RefusalKind, Result};
use crate::format::{count, counted, percent};
use crate::options::{ParseOptions, Ragged, ReadOptions};
use crate::profile::Profile;
use crate::report::{ColumnReport, ColumnSummary};

/// Places that a refusal names.
const PLACES: usize = 3;

/// Refuses a side of which too many rows could not be read, or of which too many cells do not fit the
/// type that was given for their column.
#[inline(never)]
pub(super) fn refuse_unread(
    profile: &Profile,
    columns: &[ColumnReport],
    side: fn(&ColumnReport) -> &ColumnSummary,
) -> Result<()> {
    let parse = ReadOptions::from_json(&profile.name, &profile.options)?.parse;
    check_rows(profile, &parse)?;
    for report in columns {
        check_cells(profile, &report.name, side(report), &parse)?;
    }
    Ok(())
}

/// Refuses an input of which more rows than [`ParseOptions::max_unreadable_rows`] could not be read.
///
/// Rows of too few or too many cells count as unreadable unless they were to be padded.
pub fn check_rows(profile: &Profile, parse: &ParseOptions) -> Result<()> {
    let found = &profile.findings;
    let n_ragged = if parse.ragged == Some(Ragged::Pad) { 0 } else { found.n_ragged_rows };
    let n_rows = profile.n_rows + found.n_rejected_rows;
    if n_rows == 0 {
        // The report says "too few rows", and who asked must not take it for good news: the command line ends with 3.
        return Ok(());
    }
    let n = n_ragged + found.n_rejected_rows;
    let most = parse.max_unreadable_rows.unwrap_or(Share::UNREADABLE_ROWS);
    if !is_beyond(n, n_rows, most) {
        return Ok(());
    }
    let places = found.listed.iter().filter(|finding| finding.column.is_none());
    let places = places.map(|finding| format!("row {}: {}", count(finding.row), finding.found));
    let what = if n_ragged > 0 { "with too few or too many cells" } else { "that cannot be read" };
    let flag = if n_ragged > 0 { "fill missing cells with `--ragged pad`, or " } else { "" };
    let mend =
        format!("is the delimiter right? fix the rows, {flag}allow more of them with `--max-unreadable-rows SHARE`");
    let said = format!("{} of {} {what}{}", count(n), counted(n_rows, "row"), listed(places));
    Err(beyond(said, most, mend).in_file(&profile.name).into())
}

/// Refuses a column of a given type when too many of its cells are not of that type.
fn check_cells(profile: &Profile, name: &str, side: &ColumnSummary, parse: &ParseOptions) -> Result<()> {
    let Some(column) = profile.columns.iter().find(|column| column.name == name) else { return Ok(()) };
    let Some(given) = column.hint.as_ref().and_then(|hint| hint.r#type) else { return Ok(()) };
    let n_cells = side.n_rows - side.n_null;
    let most = parse.max_invalid_cells.unwrap_or(Share::INVALID_CELLS);
    if !is_beyond(side.n_invalid, n_cells, most) {
        return Ok(());
    }
    let places = column.odd.iter().map(|(row, cell)| format!("row {}: `{cell}`", count(*row)));
    let said = format!(
        "{} of {} that are not {}{}",
        count(side.n_invalid),
        counted(n_cells, "cell"),
        given.as_str(),
        listed(places)
    );
    let mend = "give the column another type, or allow more such cells with `--max-invalid-cells SHARE`";
    Err(beyond(said, most, mend.to_owned()).in_file(&profile.name).in_column(name).into())
}

fn is_beyond(n: u64, of: u64, most: Share) -> bool {
    n as f64 > most.get() * of as f64
}

fn listed(places: impl Iterator<Item = String>) -> String {
    let places: Vec<String> = places.take(PLACES).collect();
    if places.is_empty() { String::new() } else { format!(" ({})", places.join("; ")) }
}

fn beyond(found: String, most: Share, mend: String) -> Refusal {
    Refusal::new(RefusalKind::MalformedInput, found, format!("at most {}", percent(most.get())), mend)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::compare::{CompareOptions, compare};
    use crate::error::RefusalKind;
    use crate::options::{ParseOptions, Ragged, ReadOptions};
    use crate::read::profile_bytes;
    use crate::schema::{ColumnHint, ColumnType};

    fn check(current: &str, parse: &ParseOptions, r#type: Option<ColumnType>) -> Result<(), (RefusalKind, String)> {
        let hint = ColumnHint { name: "a".to_owned(), index: None, r#type, role: None };
        let hints = r#type.map(|_| hint).into_iter().collect();
        let options = ReadOptions { parse: parse.clone(), hints, ..ReadOptions::new("") };
        let reference = "a,b\n".to_owned() + &"1,x\n2,y\n".repeat(50);
        let [reference, current] = [("ref.csv", reference.as_str()), ("cur.csv", current)]
            .map(|(name, text)| profile_bytes(name, text.as_bytes(), &options).expect("readable"));
        let report = compare(&reference, &current, &CompareOptions::default());
        report.map(|_| ()).map_err(|error| (error.0.kind, error.to_string()))
    }

    /// `n` of a hundred rows are `odd`.
    fn rows(n: usize, odd: &str) -> String {
        format!("a,b\n{}{}", format!("{odd}\n").repeat(n), "1,x\n".repeat(100 - n))
    }

    #[rstest]
    #[case::few(5, None, None, true)]
    #[case::many(6, None, None, false)]
    #[case::padded_as_asked(60, Some(Ragged::Pad), None, true)]
    #[case::allowed(60, None, Some(0.6), true)]
    #[case::none_allowed(1, None, Some(0.0), false)]
    fn rows_that_were_not_read_are_limited(
        #[case] n: usize,
        #[case] ragged: Option<Ragged>,
        #[case] most: Option<f64>,
        #[case] is_read: bool,
    ) {
        let most = most.map(|share| crate::bounded::Share::new(share).expect("a share"));
        let parse = ParseOptions { ragged, max_unreadable_rows: most, ..ParseOptions::default() };
        let checked = check(&rows(n, "1"), &parse, None);
        assert_eq!(checked.is_ok(), is_read, "{checked:?}");
        if let Err((kind, said)) = checked {
            assert_eq!(kind, RefusalKind::MalformedInput);
            for word in ["cur.csv", &format!("{n} of 100 rows"), "row 2: 1 cells", "--max-unreadable-rows"] {
                assert!(said.contains(word), "{said}");
            }
        }
    }

    #[rstest]
    #[case::few(20, Some(ColumnType::Numeric), None, true)]
    #[case::many(21, Some(ColumnType::Numeric), None, false)]
    #[case::all(100, Some(ColumnType::Datetime), None, false)]
    #[case::allowed(90, Some(ColumnType::Numeric), Some(0.9), true)]
    #[case::not_given(90, None, None, true)]
    fn cells_that_do_not_fit_a_given_type_are_limited(
        #[case] n: usize,
        #[case] r#type: Option<ColumnType>,
        #[case] most: Option<f64>,
        #[case] is_read: bool,
    ) {
        let most = most.map(|share| crate::bounded::Share::new(share).expect("a share"));
        let checked =
            check(&rows(n, "many,x"), &ParseOptions { max_invalid_cells: most, ..ParseOptions::default() }, r#type);
        if r#type == Some(ColumnType::Datetime) {
            // The reference holds no times either, and comes first.
            assert!(checked.is_err_and(|(_, said)| {
                said.contains("ref.csv, column `a`: found 100 of 100 cells that are not datetime")
            }));
            return;
        }
        assert_eq!(checked.is_ok(), is_read, "{checked:?}");
        if let Err((_, said)) = checked {
            for word in ["cur.csv, column `a`", "21 of 100 cells", "row 2: `many`", "--max-invalid-cells"] {
                assert!(said.contains(word), "{said}");
            }
        }
    }
}

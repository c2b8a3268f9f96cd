//! What is refused is named by the row that a text editor shows.

use drift::error::RefusalKind;
use drift::read::{Limits, NoProgress, ReadOptions, profile_bytes, profile_source};
use rstest::rstest;

fn options(header: Option<bool>) -> ReadOptions {
    let mut options = ReadOptions::new("rows");
    options.limits = Limits { max_cell_bytes: 8, max_record_bytes: 64, ..Limits::default() };
    options.parse.header = header;
    options
}

#[rstest]
#[case::with_header("a,b\n1,2\n3,too long a cell\n5,6\n", None, 3, "b")]
#[case::without_header("1,2\n3,too long a cell\n", Some(false), 2, "column_2")]
#[case::the_first_of_two("a,b\n1,too long a cell\nthis one too,2\n", None, 2, "b")]
fn a_long_cell(#[case] text: &str, #[case] header: Option<bool>, #[case] row: u64, #[case] column: &str) {
    let refusal = profile_bytes("rows", text.as_bytes(), &options(header)).unwrap_err().0;
    assert_eq!(refusal.kind, RefusalKind::CellTooLong);
    assert_eq!((refusal.row, refusal.column.as_deref()), (Some(row), Some(column)));
}

#[rstest]
#[case::with_header("a,b\n", None, 4)]
#[case::without_header("", Some(false), 3)]
fn a_record_that_does_not_end(#[case] above: &str, #[case] header: Option<bool>, #[case] row: u64) {
    let text = format!("{above}1,2\n3,4\n5,{}", "x".repeat(4 << 20));
    let mut options = options(header);
    options.limits.max_cell_bytes = 16 << 20;
    options.limits.max_record_bytes = 1 << 20;
    for n_threads in [1, 2] {
        let refusal = profile_source(text.as_bytes(), &options, n_threads, &NoProgress).unwrap_err().0;
        assert_eq!((refusal.kind, refusal.row), (RefusalKind::RecordTooLong, Some(row)), "{n_threads} threads");
    }
}

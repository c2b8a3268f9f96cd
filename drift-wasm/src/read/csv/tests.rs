//! Tables as people write them, and what is made of their form.

use std::fmt::Write;

use proptest::prelude::*;
use rstest::rstest;

use crate::error::RefusalKind;
use crate::options::{ParseOptions, ReadOptions};
use crate::profile::Profile;
use crate::read::profile_bytes;
use crate::remark::RemarkKind;

fn read_with(text: &str, parse: ParseOptions) -> crate::Result<Profile> {
    profile_bytes("t.csv", text.as_bytes(), &ReadOptions { parse, ..ReadOptions::new("t.csv") })
}

fn read(text: &str) -> Profile {
    read_with(text, ParseOptions::default()).expect("readable")
}

fn names(profile: &Profile) -> Vec<&str> {
    profile.columns.iter().map(|column| column.name.as_str()).collect()
}

fn kinds(profile: &Profile) -> Vec<RemarkKind> {
    profile.remarks.iter().map(|remark| remark.kind).collect()
}

/// A header, and `n` rows that `row` writes.
fn table(header: &str, n: usize, row: impl Fn(usize) -> String) -> String {
    let rows: Vec<String> = (0..n).map(row).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

/// A time with seconds on another minute of a day for each `n`.
fn at(n: usize) -> String {
    format!("2026-11-{:02}T{:02}:{:02}:{:02}", n / 1440 % 28 + 1, n / 60 % 24, n % 60, n * 7 % 60)
}

#[rstest]
#[case::a_time_and_a_count("time,count", 2, |n| format!("{},{n}", at(n)))]
#[case::an_offset("time,amount,region", 3, |n| format!("{}+00:00,{}.5,eu", at(n), n))]
#[case::two_times("start,end,a,b", 4, |n| format!("{},{},{n},x", at(n), at(n + 1)))]
#[case::a_mac_address("time,device,mac,rssi,ok", 5, |n| format!("{},d{n},aa:bb:cc:dd:{:02x}:ff,-{},true", at(n), n % 256, n % 90))]
#[case::ipv6("ip,bytes", 2, |n| format!("2001:db8:85a3:0:0:8a2e:370:{:x},{n}", n % 9999))]
#[case::json("id,payload", 2, |n| format!("{n},\"{{\"\"a\"\":{n},\"\"b\"\":\"\"x;y|z\"\"}}\""))]
#[case::lists("id,list", 2, |n| format!("{n},{}", ["1;2;3", "4;5;6", "7;8;9"][n % 3]))]
#[case::addresses_under_tabs("id\tlocation", 2, |n| format!("{n}\tVia Roma {n}, 00100 Rome, Italy"))]
#[case::json_under_tabs("id\tpayload", 2, |n| format!("{n}\t{{\"a\":{n},\"b\":[1,2],\"c\":\"x\"}}"))]
#[case::decimal_commas("a;b;c", 3, |n| format!("{n},5;{n},25;1.000,{n}"))]
#[case::one_decimal_comma("id;x", 2, |n| format!("{n};{n},5"))]
#[case::commas_in_names("Name;Weight, kg;Height, cm", 3, |n| format!("Bob;{n},5;180,{n}"))]
#[case::pipes("a|b|c", 3, |n| format!("{n}|x, y|{}", at(n)))]
#[case::colons("user:shell:id", 3, |n| format!("user{n}:/bin/sh:{n}"))]
#[case::blanks("station temp wind", 3, |n| format!("s{n} {n}.5 {n}"))]
#[case::lined_up("  station   temp", 2, |n| format!("{:>9}{:>7}.5", format!("s{n}"), n))]
#[case::two_blanks("city         temp", 2, |n| format!("New York     {n}.5"))]
#[case::one_column_of_times("time", 1, at)]
#[case::one_column_of_numbers("x", 1, |n: usize| n.to_string())]
#[case::one_column_of_sentences("text", 1, |n| format!("hello world, it is {n}"))]
#[case::one_column_of_words("text", 1, |n: usize| ["one two", "three", "four five six"][n % 3].to_owned())]
#[case::one_column_of_macs("mac", 1, |n| format!("aa:bb:cc:dd:{:02x}:ff", n % 256))]
fn the_delimiter_makes_rows_alike_and_divides_the_header(
    #[case] header: &str,
    #[case] n_columns: usize,
    #[case] row: fn(usize) -> String,
) {
    for n_rows in [1, 2, 5, 200, 5_000] {
        if n_rows < 5 && (header.contains(' ') || header.contains(':')) && !header.contains(',') {
            // Blanks and colons need more than a row to be believed.
            continue;
        }
        let profile = read(&table(header, n_rows, row));
        assert_eq!(profile.columns.len(), n_columns, "{n_rows} rows: {:?}", names(&profile));
        assert_eq!((profile.n_rows, profile.findings.n_ragged_rows), (n_rows as u64, 0));
    }
}

#[test]
fn times_without_a_header_are_one_column() {
    let text: String = (0..50).fold(String::new(), |text, n| text + &at(n)[11..] + "\n");
    let profile = read(&text);
    assert_eq!((names(&profile), profile.n_rows), (vec!["column_1"], 50));
    let text: String = (0..50).fold(String::new(), |text, n| text + &at(n).replace('T', " ") + "\n");
    assert_eq!(names(&read(&text)), ["column_1"]);
}

/// A cell of a column of the kind `kind`.
fn cell(kind: usize, n: usize) -> String {
    let word = ["red", "green", "blue", "a-b", "x.y"][n % 5];
    match kind {
        0 => n.to_string(),
        1 => format!("{}.{:02}", n / 100, n % 100),
        2 => at(n),
        3 => format!("aa:bb:{:02x}:00:11:22", n % 256),
        4 => format!("{word}{n}"),
        5 => format!("New {word} {}", n % 7),
        _ => format!("2001:db8::{:x}", n % 9_999),
    }
}

/// Columns of some kinds, and some rows of them.
fn columns() -> impl Strategy<Value = Vec<Vec<String>>> {
    let kinds = proptest::collection::vec(0_usize..7, 2..7);
    (kinds, proptest::collection::vec(0_usize..40_000, 2..40)).prop_map(|(kinds, seeds)| {
        let row =
            |seed: &usize| kinds.iter().enumerate().map(|(index, kind)| cell(*kind, seed / (index + 1))).collect();
        seeds.iter().map(row).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_table_is_read_back_whatever_divides_its_cells(
        delimiter in prop_oneof![Just(','), Just('\t'), Just(';'), Just('|')],
        rows in columns(),
        quoted in any::<bool>(),
    ) {
        let n_columns = rows[0].len();
        let mut text = (0..n_columns).map(|n| format!("name_{}", ["a", "b", "c", "d", "e", "f"][n])).collect::<Vec<_>>().join(&delimiter.to_string());
        for row in &rows {
            let cells: Vec<String> = row.iter().map(|cell| if quoted { format!("\"{cell}\"") } else { cell.clone() }).collect();
            write!(text, "\n{}", cells.join(&delimiter.to_string())).expect("a text grows");
        }
        let profile = read(&text);
        prop_assert_eq!(profile.columns.len(), n_columns, "{}", text);
        prop_assert_eq!(profile.n_rows, rows.len() as u64);
        prop_assert_eq!(&profile.remarks, &[], "{}", text);
        prop_assert_eq!(profile.columns[0].name.as_str(), "name_a");
    }
}

#[rstest]
#[case::sep("sep=;\na;b\n1;2\n3;4\n", &["a", "b"], 2, &[RemarkKind::SeparatorLine])]
#[case::sep_quoted("\"SEP=|\"\r\na|b\r\n1|2\r\n3|4\r\n", &["a", "b"], 2, &[RemarkKind::SeparatorLine])]
#[case::sep_against_the_rows("sep=;\na,x;b\n1,5;2\n3,5;4\n", &["a,x", "b"], 2, &[RemarkKind::SeparatorLine])]
#[case::comments("# made by x\n# on Monday, late\na,b\n1,2\n# half\n3,4\n", &["a", "b"], 2, &[RemarkKind::CommentLines])]
#[case::slashes("// made by x\na,b\n1,2\n3,4\n", &["a", "b"], 2, &[RemarkKind::CommentLines])]
#[case::percents("% made by x\na,b\n1,2\n3,4\n", &["a", "b"], 2, &[RemarkKind::CommentLines])]
#[case::exclamations("!made by x\na\tb\n1\t2\n3\t4\n", &["a", "b"], 2, &[RemarkKind::CommentLines])]
#[case::comments_between("a,b\n1,2\n# a break\n3,4\n5,6\n", &["a", "b"], 3, &[RemarkKind::CommentLines])]
#[case::a_commented_header("#chrom\tpos\nx\t1\nx\t2\ny\t3\n", &["chrom", "pos"], 3, &[RemarkKind::CommentLines])]
#[case::a_log("#Version: 1.0\n#Fields: date time status\n2026-01-01 10:00:00 200\n2026-01-01 10:00:01 404\n2026-01-01 10:00:02 200\n",
    &["date", "time", "status"], 3, &[RemarkKind::AlignedColumns, RemarkKind::CommentLines])]
#[case::a_title("Monthly report\na,b\n1,2\n3,4\n", &["a", "b"], 2, &[RemarkKind::LinesAboveHeader])]
#[case::a_title_of_a_sheet("Monthly report,,\n,,\na,b,c\n1,2,3\n3,4,5\n", &["a", "b", "c"], 2, &[RemarkKind::LinesAboveHeader])]
#[case::a_title_and_blanks("Sales of 2024\nmade by: x\n\na;b;c\n1,5;2;x\n3,5;4;y\n3,5;4;y\n", &["a", "b", "c"], 3, &[RemarkKind::LinesAboveHeader])]
#[case::a_title_with_commas("Sales, EU, 2024\na,b,c,d\n1,2,3,x\n3,4,5,y\n", &["a", "b", "c", "d"], 2, &[RemarkKind::LinesAboveHeader])]
#[case::units("time,temp,wind\n,(°C),(m/s)\n2026-01-01,1,2\n2026-01-02,3,4\n2026-01-03,3,4\n", &["time", "temp", "wind"], 3, &[RemarkKind::TwoHeaderLines])]
#[case::two_lines("temp,,wind,\nmin,max,speed,gust\n1,2,3,4\n5,6,7,8\n5,6,7,8\n", &["temp min", "temp max", "wind speed", "wind gust"], 3, &[RemarkKind::TwoHeaderLines])]
#[case::no_header("1,6.09,0\n0,5.5,1\n1,5.25,1\n", &["column_1", "column_2", "column_3"], 3, &[RemarkKind::NoHeader])]
#[case::no_header_and_times("2026-01-01 10:00:00,5,x\n2026-01-01 10:01:00,6,y\n", &["column_1", "column_2", "column_3"], 2, &[RemarkKind::NoHeader])]
#[case::no_header_of_letters("p,x,s\ne,x,s\np,f,s\ne,x,y\n", &["column_1", "column_2", "column_3"], 4, &[RemarkKind::NoHeader])]
#[case::years_are_names("country,2019,2020\nIT,1.5,2.5\nDE,1.5,3.5\n", &["country", "2019", "2020"], 2, &[])]
#[case::a_year_is_a_name("country,2019\nIT,1.5\nDE,2.5\n", &["country", "2019"], 2, &[])]
#[case::counted_names(",0,1,2\na,1.5,2.5,7\nb,1.5,3.5,8\n", &["column_1", "0", "1", "2"], 2, &[])]
#[case::years_are_data("2007,1998\n2003,2001\n1999,2002\n", &["column_1", "column_2"], 3, &[RemarkKind::NoHeader])]
#[case::days_are_names("country,2020-01-22,2020-01-23\nIT,1,2\nDE,1,3\n", &["country", "2020-01-22", "2020-01-23"], 2, &[])]
#[case::text_alone("a,b\nx,y\nz,w\n", &["a", "b"], 2, &[])]
#[case::twice_the_same_name("a,a\n1,2\n3,4\n", &["a", "a"], 2, &[])]
#[case::row_names("\"len\" \"width\"\n\"1\" 5.1 3.5\n\"2\" 4.9 3\n\"3\" 4.7 3.2\n", &["column_1", "len", "width"], 3,
    &[RemarkKind::AlignedColumns, RemarkKind::ExtraCells])]
#[case::a_delimiter_at_the_end("a,b\n1,x,\n3,y,\n5,z,\n", &["a", "b", "column_3"], 3, &[RemarkKind::ExtraCells])]
#[case::single_quotes("'a','b'\n'x, y',1\n'z, w',2\n", &["a", "b"], 2, &[RemarkKind::SingleQuotes])]
#[case::apostrophes("a,b\n'tis,1\n'twas,2\nit's,3\n", &["a", "b"], 3, &[])]
#[case::escapes("n,said\n1,\"He said \\\"hi\\\", then left\"\n2,\"no\"\n3,\"a \\\"b\\\"\"\n", &["n", "said"], 3, &[RemarkKind::BackslashEscapes])]
#[case::a_path_ends_with_a_backslash("n,path\n1,\"C:\\a\\\"\n2,\"C:\\b, c\\\"\n", &["n", "path"], 2, &[])]
#[case::one_column_with_commas("price\n1,5\n2,5\n3,7\n", &["price"], 3, &[RemarkKind::OneColumn])]
fn the_form_of_a_file_is_recognised_and_said(
    #[case] text: &str,
    #[case] expected: &[&str],
    #[case] n_rows: u64,
    #[case] remarks: &[RemarkKind],
) {
    let profile = read(text);
    assert_eq!(names(&profile), expected, "{:?}", profile.remarks);
    assert_eq!((profile.n_rows, profile.findings.n_ragged_rows), (n_rows, 0));
    assert_eq!(kinds(&profile), remarks);
}

#[test]
fn cells_keep_what_a_backslash_or_a_single_quote_held() {
    let profile = read("n,said\n1,\"He \\\"said\\\", \\\\ then\"\n2,\"\\n\"\n");
    let mut labels: Vec<_> =
        profile.columns[1].tokens.iter().map(|(label, _)| String::from_utf8_lossy(label)).collect();
    labels.sort();
    assert_eq!(labels, ["He \"said\", \\ then", "\\n"]);
    let profile = read("'a','b'\n'x, y',1\n'it''s',2\n'z',3\n");
    assert!(profile.columns[0].tokens.iter().any(|(label, _)| label == b"it's"));
}

#[rstest]
#[case::skip_lines(ParseOptions { skip_lines: Some(2), ..ParseOptions::default() }, &["c", "d"], 2)]
#[case::header_line(ParseOptions { header_line: Some(2), ..ParseOptions::default() }, &["a", "b"], 3)]
#[case::no_header(ParseOptions { header: Some(false), skip_lines: Some(1), ..ParseOptions::default() }, &["column_1", "column_2"], 4)]
#[case::no_comments(ParseOptions { comment: Some(String::new()), skip_lines: Some(0), ..ParseOptions::default() }, &["#t", "u"], 4)]
fn a_setting_settles_it(#[case] parse: ParseOptions, #[case] expected: &[&str], #[case] n_rows: u64) {
    let profile = read_with("#t,u\na,b\nc,d\n1,2\n3,4\n", parse).expect("readable");
    assert_eq!((names(&profile), profile.n_rows), (expected.to_vec(), n_rows));
}

#[test]
fn a_mark_of_comments_is_given() {
    let parse = ParseOptions { comment: Some("--".to_owned()), ..ParseOptions::default() };
    let profile = read_with("-- x\na,b\n1,2\n-- y, z\n-3,4\n", parse).expect("readable");
    assert_eq!((names(&profile), profile.n_rows), (vec!["a", "b"], 2));
}

#[test]
fn rows_are_counted_as_lines_of_the_file() {
    let profile = read("# x\n\nTitle\na,b\n1,2\n# y\n3\n4,5\n6,7\n");
    assert_eq!(names(&profile), ["a", "b"]);
    assert_eq!(profile.findings.listed.iter().map(|finding| finding.row).collect::<Vec<_>>(), [7]);
}

#[test]
fn a_header_that_does_not_go_with_its_rows_is_refused() {
    let error = read_with("a,b\n1,2,3,4\n5,6,7,8\n9,6,7,8\n", ParseOptions::default()).unwrap_err();
    assert_eq!((error.0.kind, error.0.row), (RefusalKind::MalformedInput, Some(1)));
    assert!(error.to_string().contains("`a | b`") && error.0.mend.contains("--skip-lines 1"), "{error}");
}

#[rstest]
#[case::never_closed(|n| if n == 100 { format!("{n},\"open") } else { format!("{n},x") })]
#[case::closed_by_a_cell_below(|n| match n { 100 => format!("{n},\"open"), 150 => format!("{n},\"x\""), _ => format!("{n},x") })]
#[case::closed_at_the_start_of_a_line(|n| match n { 100 => format!("{n},\"open"), 150 => "\"y\",x".to_owned(), _ => format!("{n},x") })]
#[case::below_cells_of_several_lines(|n| match n { 40 => format!("{n},\"a\n\nb\""), 98 => format!("{n},\"open"), _ => format!("{n},x") })]
fn an_open_quote_is_refused_with_its_line(#[case] row: fn(usize) -> String) {
    let text = table("a,b", 260, row);
    let error = read_with(&text, ParseOptions::default()).unwrap_err();
    assert_eq!((error.0.kind, error.0.row), (RefusalKind::MalformedInput, Some(102)), "{error}");
    assert!(error.to_string().contains("line 102"), "{error}");
}

#[test]
fn an_open_quote_after_many_blocks_is_refused_with_its_line() {
    let mut text =
        table("a,b", 500_000, |n| if n % 1000 == 0 { format!("{n},\"x\ny\"") } else { format!("{n},abcdefg") });
    let n_lines = text.bytes().filter(|byte| *byte == b'\n').count();
    text += "1,\"open\n2,x\n";
    let error = read_with(&text, ParseOptions::default()).unwrap_err();
    assert_eq!(error.0.row, Some(n_lines as u64 + 1));
}

#[test]
fn a_header_of_too_many_cells_is_refused_before_they_are_listed() {
    let refused = profile_bytes("wide.csv", &vec![b','; 1 << 20], &ReadOptions::new("wide.csv"));
    let refused = refused.expect_err("a million columns").to_string();
    assert!(refused.contains("more than 10000 columns"), "{refused}");
}

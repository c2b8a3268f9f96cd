use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::options::{InputFormat, Limits};
use crate::profile::{Profile, ProfileBuilder};
use crate::read::csv::RowSplitter;

fn options() -> ReadOptions {
    ReadOptions::new("rows.json")
}

/// Profiles lines in blocks of `block_bytes`.
fn lines(text: &[u8], options: &ReadOptions, block_bytes: usize) -> Result<Profile> {
    let mut builder = ProfileBuilder::new(&[], options);
    let mut splitter = RowSplitter::new(LINE_MARKS, block_bytes, options.limits.max_record_bytes);
    let mut absorb = |block: Block| builder.absorb(&profile_block(&block, options)?);
    splitter.push(text, &mut absorb)?;
    splitter.finish(&mut absorb)?;
    Ok(builder.finish(InputFormat::Ndjson, 0, String::new(), 1))
}

fn split(pieces: &[&[u8]], limits: &Limits) -> Result<Vec<u8>> {
    let mut splitter = ArraySplitter::new(limits);
    let mut output = Vec::new();
    for piece in pieces {
        splitter.push(piece, &mut |lines| {
            output.extend_from_slice(lines);
            Ok(())
        })?;
    }
    splitter.finish()?;
    Ok(output)
}

/// Name, rows, nulls and labels of each column; numbers are printed.
fn summary(profile: &Profile) -> String {
    let columns = profile.columns.iter().map(|column| {
        let tokens: Vec<String> =
            column.tokens.iter().map(|(label, n)| format!("{}×{n}", String::from_utf8_lossy(label))).collect();
        let counts = &column.counts;
        format!(
            "{}: {} rows, {} null, {} nan, {} inf, [{}]",
            column.name,
            counts.n_rows,
            counts.n_null,
            counts.n_nan,
            counts.n_pos_inf + counts.n_neg_inf,
            tokens.join(" ")
        )
    });
    columns.collect::<Vec<_>>().join("\n")
}

#[test]
fn members_are_columns_and_missing_ones_are_null() {
    let text = br#"{"a": 1, "b": "x", "c": true}

{"b": "\u00e9\n\ud83d\ude00", "a": null, "late": {"x": 1.5, "deep": {"y": "z", "deeper": {"w": 1}}}}
{"list": [1, {"q": "]"}], "a": 12345678901234567890123, "c": "12"}
{"a": NaN, "c": -Infinity, "late": {}}"#;
    let profile = lines(text, &options(), 1 << 20).unwrap();
    assert_eq!(profile.n_rows, 4);
    assert_eq!(
        summary(&profile),
        "a: 4 rows, 2 null, 1 nan, 0 inf, [12345678901234567890123×1]\n\
         b: 4 rows, 2 null, 0 nan, 0 inf, [x×1 é\n😀×1]\n\
         c: 4 rows, 1 null, 0 nan, 1 inf, [true×1 12×1]\n\
         late.x: 4 rows, 3 null, 0 nan, 0 inf, []\n\
         late.deep.y: 4 rows, 3 null, 0 nan, 0 inf, [z×1]\n\
         late.deep.deeper: 4 rows, 3 null, 0 nan, 0 inf, [{\"w\": 1}×1]\n\
         list: 4 rows, 3 null, 0 nan, 0 inf, [[1, {\"q\": \"]\"}]×1]"
    );
    let by_small_blocks = lines(text, &options(), 64).unwrap();
    assert_eq!(summary(&by_small_blocks), summary(&profile));
}

#[rstest]
#[case::no_object(b"[1]", "`[` at byte 1", "one object a row")]
#[case::trailing_comma(b"{\"a\":1,}", "`}` at byte 8", "a name in quotes")]
#[case::comment(b"{\"a\":1} // no", "`/` at byte 9 (JSON has no comments)", "nothing behind the object")]
#[case::two(b"{\"a\":1}{\"a\":2}", "`{` at byte 8", "nothing behind the object")]
#[case::cut(b"{\"a\":1, \"b", "the end of the line", "`\"` at the end of a text")]
#[case::single_quotes(b"{'a':1}", "`'` at byte 2", "a name in quotes")]
#[case::leading_zero(b"{\"a\":01}", "`0` at byte 6", "a number without leading zeros")]
#[case::lone_sign(b"{\"a\":-}", "`}` at byte 7", "a digit")]
#[case::python(b"{\"a\":None}", "`N` at byte 6", "a value")]
#[case::bad_escape(b"{\"a\":\"\\x\"}", "`x` at byte 8", "an escape that JSON has")]
#[case::control(
    b"{\"a\":\"\x01\"}",
    "a byte that does not belong at byte 7",
    "no control character in a text (write \\n as an escape)"
)]
#[case::in_list(b"{\"a\":[1,]}", "`]` at byte 9", "a value")]
fn a_bad_row_is_left_out_or_refused(#[case] bad: &[u8], #[case] found: &str, #[case] expected: &str) {
    let text = [b"{\"a\":5}\n", bad, b"\n{\"a\":7}\n"].concat();
    let profile = lines(&text, &options(), 1 << 20).unwrap();
    assert_eq!(profile.n_rows, 2);
    assert_eq!(profile.columns.len(), 1, "a rejected row leaves no column behind");
    assert_eq!(profile.findings.n_rejected_rows, 1);
    let finding = &profile.findings.listed[0];
    assert_eq!((finding.row, finding.found.as_str(), finding.expected.as_str()), (2, found, expected));
    let strict = ReadOptions { strict: true, ..options() };
    let refusal = lines(&text, &strict, 1 << 20).unwrap_err().0;
    assert_eq!((refusal.row, refusal.file.as_deref()), (Some(2), Some("rows.json")));
    assert_eq!(refusal.kind, RefusalKind::MalformedInput);
}

#[test]
fn the_last_of_two_equal_names_counts() {
    let profile = lines(b"{\"a\":\"x\",\"a\":\"y\"}\n", &options(), 1 << 20).unwrap();
    assert_eq!(summary(&profile), "a: 1 rows, 0 null, 0 nan, 0 inf, [y×1]");
    assert_eq!(profile.findings.listed[0].column.as_deref(), Some("a"));
}

#[test]
fn limits_refuse_even_when_reading_is_lenient() {
    let limits = Limits { max_columns: 2, max_cell_bytes: 10, max_json_depth: 4, ..Limits::default() };
    let options = ReadOptions { limits, ..options() };
    let kind = |text: &[u8]| lines(text, &options, 1 << 20).unwrap_err().0.kind;
    assert_eq!(kind(b"{\"a\":1,\"b\":2,\"c\":3}"), RefusalKind::TooManyColumns);
    assert_eq!(kind(b"{\"a\":\"12345678901\"}"), RefusalKind::CellTooLong);
    assert_eq!(kind(b"{\"a\":[[[[1]]]]}"), RefusalKind::JsonTooDeep);
    let deep = [b"{\"a\":".to_vec(), vec![b'['; 100_000]].concat();
    assert_eq!(kind(&deep), RefusalKind::JsonTooDeep);
}

#[rstest]
#[case::array(b" [ {\"a\":\n1} ,\n{\"b\":\"},]\"}, 3, \"x\"]\n", "{\"a\": 1}\n{\"b\":\"},]\"}\n3\n\"x\"\n")]
#[case::empty(b"[]", "")]
#[case::mark(b"\xef\xbb\xbf[{}]", "{}\n")]
#[case::rows(b"{\"schema\":{\"rows\":[1]},\"data\":[{\"a\":1},{\"a\":[2]}],\"n\":[2]}", "{\"a\":1}\n{\"a\":[2]}\n")]
#[case::escapes(br#"[{"a":"\\"},{"a":"\"]"}]"#, "{\"a\":\"\\\\\"}\n{\"a\":\"\\\"]\"}\n")]
fn elements_become_lines(#[case] text: &[u8], #[case] expected: &str) {
    assert_eq!(String::from_utf8(split(&[text], &Limits::default()).unwrap()).unwrap(), expected);
}

#[rstest]
#[case::cut(b"[{\"a\":1},{\"a\"", Some(2), "the end of the input within the array")]
#[case::cut_behind(b"[{\"a\":1}", Some(1), "the end of the input within the array")]
#[case::trailing_comma(b"[{\"a\":1},]", Some(1), "a comma before `]`")]
#[case::missing_comma(b"[{\"a\":1}{\"a\":2}]", Some(1), "`{`")]
#[case::comment(b"[ // rows\n{}]", None, "`/` (JSON has no comments)")]
#[case::two(b"[{}] [{}]", Some(1), "`[` behind the end")]
#[case::one_object(b"{\n \"a\": 1\n}", None, "an object without rows")]
#[case::no_array(b"x", None, "`x`")]
fn a_broken_array_is_refused_with_its_row(#[case] text: &[u8], #[case] row: Option<u64>, #[case] found: &str) {
    let refusal = split(&[text], &Limits::default()).unwrap_err().0;
    assert_eq!((refusal.row, refusal.found.as_str()), (row, found));
    assert_eq!(refusal.kind, RefusalKind::MalformedInput);
}

#[test]
fn elements_are_bounded() {
    let limits = Limits { max_record_bytes: 16, max_json_depth: 3, ..Limits::default() };
    assert_eq!(split(&[b"[{\"a\":\"0123456789\"}]"], &limits).unwrap_err().0.kind, RefusalKind::RecordTooLong);
    assert_eq!(split(&[b"[{\"a\":[[[1"], &limits).unwrap_err().0.kind, RefusalKind::JsonTooDeep);
}

proptest! {
    #[test]
    fn any_pieces_give_the_same_lines(
        rows in proptest::collection::vec((any::<i32>(), "[a-z\"\\\\\\]{},\n]{0,6}"), 0..20),
        wrapped in any::<bool>(),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let objects: Vec<serde_json::Value> =
            rows.iter().map(|(n, text)| serde_json::json!({"n": n, "text": text, "list": [n]})).collect();
        let document = if wrapped { serde_json::json!({"x": [1], "rows": objects}) } else { serde_json::json!(objects) };
        let text = serde_json::to_vec_pretty(&document).unwrap();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        cuts.sort_unstable();
        cuts.push(text.len());
        let mut start = 0;
        let pieces: Vec<&[u8]> = cuts.iter().map(|cut| &text[std::mem::replace(&mut start, *cut)..*cut]).collect();
        let output = split(&pieces, &Limits::default()).unwrap();
        let lines: Vec<serde_json::Value> =
            output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_slice(line).unwrap()).collect();
        prop_assert_eq!(lines, objects);
    }

    #[test]
    fn no_line_makes_a_panic(text in proptest::collection::vec(
        prop_oneof![Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b'"'), Just(b':'), Just(b','), Just(b'\\'), Just(b'u'), Just(b'-'), Just(b'1'), Just(b'\n'), any::<u8>()],
        0..60)) {
        let _ = lines(&text, &options(), 16);
        let _ = split(&[&text], &Limits::default());
    }
}

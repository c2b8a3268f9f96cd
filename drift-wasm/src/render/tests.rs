use rstest::rstest;
use serde_json::Value;

use super::*;
use crate::compare::{CompareOptions, compare};
use crate::policy::{Policy, Preset};
use crate::read::{self, ReadOptions};
use crate::report::{SchemaChange, SchemaChangeKind};

const REPORT_SCHEMA: &str = include_str!("../../../schemas/driftsiren.report.1.json");
const SARIF_SCHEMA: &str = include_str!("../../tests/fixture/sarif-schema-2.1.0.json");

/// NYC flights, January against July 2013, with one column for each verdict.
fn fixture() -> Report {
    serde_json::from_str(include_str!("../../tests/fixture/report.json")).expect("the fixture is a report")
}

/// The fixture with names that someone could have chosen to do harm.
fn hostile() -> Report {
    let mut report = fixture();
    let names = [
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "a`b``c | d",
        "line\nbreak\r::error::x",
        "\u{1b}[31mred\u{202e}",
        "@team #1 [x](http://x) ![y](z)",
        "],,\"'&amp;",
        "100 %, a:b",
    ];
    for (column, name) in report.columns.iter_mut().zip(names) {
        column.why = column.why.replace(&column.name, name);
        column.what_changed = format!("{name}: 1 → 2");
        name.clone_into(&mut column.name);
    }
    report.lead = Some(report.columns[0].why.clone());
    names[3].clone_into(&mut report.current.name);
    report.schema_changes.push(SchemaChange::new(SchemaChangeKind::Added, names[2], names[0]));
    report
}

fn as_default(report: &Report, format: Format) -> String {
    render(report, format, &RenderOptions::default())
}

fn errors(schema: &str, document: &str) -> Vec<String> {
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let document: Value = serde_json::from_str(document).expect("the document is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[rstest]
#[case::text(Format::Text)]
#[case::markdown(Format::Markdown)]
#[case::csv(Format::Csv)]
#[case::junit(Format::Junit)]
#[case::sarif(Format::Sarif)]
#[case::github(Format::Github)]
fn the_fixture_renders_as_reviewed(#[case] format: Format) {
    insta::assert_snapshot!(format.as_str(), as_default(&fixture(), format));
}

#[test]
fn a_narrow_terminal_gets_lines_that_fit() {
    let text = render(&fixture(), Format::Text, &RenderOptions { color: false, width: 80 });
    let widest = text.lines().map(|line| line.chars().count()).max().expect("there are lines");
    assert!(widest <= 80, "{widest}\n{text}");
    insta::assert_snapshot!("text_80", text);
}

#[test]
fn a_hundred_columns_stay_readable_on_a_narrow_terminal() {
    let mut report = fixture();
    let one = report.columns[1].clone();
    report.columns = (0..100)
        .map(|index| ColumnReport { name: format!("measurement_of_sensor_{index}"), index, ..one.clone() })
        .collect();
    let text = render(&report, Format::Text, &RenderOptions { color: false, width: 80 });
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.lines().count() < 220);
}

#[test]
fn colour_is_only_there_when_asked_for_and_changes_no_word() {
    let plain = render(&fixture(), Format::Text, &RenderOptions { color: false, width: 100 });
    let coloured = render(&fixture(), Format::Text, &RenderOptions { color: true, width: 100 });
    assert!(!plain.contains('\x1b'));
    let mut stripped = String::new();
    for (n, part) in coloured.split('\x1b').enumerate() {
        stripped.push_str(if n == 0 { part } else { part.split_once('m').expect("a colour code").1 });
    }
    assert_eq!(stripped, plain);
}

#[test]
fn under_the_evidently_policy_its_own_score_is_shown() {
    let mut report = fixture();
    let column = &mut report.columns[1];
    column.policy.method = crate::policy::Method::Evidently;
    column.tests[0].metric = crate::metric::evidently::Choice::Ks.into();
    (column.tests[0].effect, column.tests[0].floor) = (1.92, 1.3);
    column.evidently = Some(crate::metric::evidently::EvidentlyColumn {
        score: Some(0.012),
        threshold: Some(0.05),
        ..crate::metric::evidently::EvidentlyColumn::default()
    });
    assert!(as_default(&report, Format::Text).contains("K-S p 0.012"));
    assert!(as_default(&report, Format::Markdown).contains("| K-S p 0.012 | 0.05 |"));
}

#[rstest]
#[case::text(Format::Text)]
#[case::markdown(Format::Markdown)]
#[case::html(Format::Html)]
#[case::json(Format::Json)]
fn what_was_decided_about_an_input_is_said_with_the_flag_that_decides_otherwise(#[case] format: Format) {
    use crate::remark::{Remark, RemarkKind};

    let mut report = fixture();
    let remark = Remark::new(RemarkKind::NoHeader, "the first row is data").remedy("--header-line", Some("1"));
    report.current.remarks.push(remark.at_rows([1]));
    let text = as_default(&report, format);
    assert!(text.contains("the first row is data") && text.contains("--header-line"), "{text}");
    if format == Format::Json {
        assert_eq!(errors(REPORT_SCHEMA, &text), Vec::<String>::new());
    }
}

#[test]
fn every_format_has_one_word() {
    for format in Format::ALL {
        assert_eq!(Format::from_word(format.as_str()), Some(format));
    }
    assert_eq!(Format::from_word("pdf"), None);
}

#[test]
fn the_same_report_renders_to_the_same_bytes() {
    for format in Format::ALL {
        assert_eq!(as_default(&fixture(), format), as_default(&fixture(), format));
    }
}

#[rstest]
#[case::fixture(fixture())]
#[case::hostile(hostile())]
fn a_report_is_valid_against_its_schema(#[case] report: Report) {
    assert_eq!(errors(REPORT_SCHEMA, &as_default(&report, Format::Json)), Vec::<String>::new());
}

/// Rows of every type; `shift` moves them.
fn rows(n: u64, shift: u64) -> Vec<u8> {
    let mut csv = "id,amount,label,flag,at,note,sparse\n".to_owned();
    for row in 0..n {
        let mixed = (row * 7919 + shift * 31) % 1009;
        let label = ["red", "green", "blue", "black"][(mixed as usize + shift as usize) % (3 + shift as usize)];
        let note = "word ".repeat((mixed % 5 + 1 + shift) as usize);
        let sparse = if mixed % 9 < 7 + shift { String::new() } else { mixed.to_string() };
        csv += &format!(
            "u{shift}{row:06},{},{label},{},2024-03-{:02}T{:02}:00:00Z,{note}{mixed},{sparse}\n",
            mixed as f64 / 8.0 + shift as f64 * 40.0,
            mixed.is_multiple_of(2 + shift),
            1 + row % 28,
            (mixed + shift * 5) % 24
        );
    }
    csv.into_bytes()
}

#[rstest]
fn what_the_engine_writes_is_valid_against_the_schemas(
    #[values(Preset::Default, Preset::Psi, Preset::Evidently, Preset::Strict)] preset: Preset,
    #[values(20, 400)] n: u64,
) {
    let profile = |name: &str, bytes: Vec<u8>| {
        let options = ReadOptions { exact_limit: 64, ..ReadOptions::new(name) };
        read::profile_source(bytes.as_slice(), &options, 1, &read::NoProgress).expect("the rows can be read")
    };
    let options = CompareOptions { policy: Policy::preset(preset), all_metrics: true, ..CompareOptions::default() };
    let report = compare(&profile("a.csv", rows(n, 0)), &profile("b.csv", rows(n, 1)), &options).expect("they compare");
    assert_eq!(errors(REPORT_SCHEMA, &as_default(&report, Format::Json)), Vec::<String>::new());
    assert_eq!(errors(SARIF_SCHEMA, &as_default(&report, Format::Sarif)), Vec::<String>::new());
}

#[rstest]
#[case::another_version("\"driftsiren.report/1\"", "\"driftsiren.report/2\"")]
#[case::a_verdict_we_do_not_have("\"verdict\": \"stable\"", "\"verdict\": \"fine\"")]
#[case::a_field_we_do_not_have("\"sentence\"", "\"headline\"")]
#[case::a_share_above_one("\"alpha\": 0.05", "\"alpha\": 5")]
#[case::a_count_below_zero("\"n_new_categories\": ", "\"n_new_categories\": -1")]
#[case::a_number_as_text("\"n_rows\": ", "\"n_rows\": \"9\", \"n_x\": ")]
#[case::a_digest_that_is_none("\"digest\": \"", "\"digest\": \"x")]
fn a_mangled_report_is_not_valid(#[case] from: &str, #[case] to: &str) {
    let json = as_default(&fixture(), Format::Json);
    assert!(json.contains(from), "{from}");
    assert_ne!(errors(REPORT_SCHEMA, &json.replace(from, to)), Vec::<String>::new());
}

#[test]
fn a_report_reads_back_as_it_was() {
    let json = as_default(&fixture(), Format::Json);
    assert_eq!(serde_json::from_str::<Report>(&json).expect("it reads back"), fixture());
}

#[rstest]
#[case::fixture(fixture())]
#[case::hostile(hostile())]
fn sarif_is_valid_against_the_official_schema(#[case] report: Report) {
    let sarif = as_default(&report, Format::Sarif);
    assert_eq!(errors(SARIF_SCHEMA, &sarif), Vec::<String>::new());
    assert_ne!(errors(SARIF_SCHEMA, &sarif.replace("\"text\"", "\"txt\"")), Vec::<String>::new());
}

#[test]
fn csv_disarms_formulas_and_leaves_numbers_alone() {
    let csv = as_default(&hostile(), Format::Csv);
    assert!(csv.contains("\"'=cmd|' /C calc'!A0\""), "{csv}");
    assert!(csv.contains("\"'@team #1 [x](http://x) ![y](z)\""), "{csv}");
    assert!(csv.contains("\"],,\"\"'&amp;\""), "{csv}");
    // Records end in CR LF; what is inside a cell stays as it was.
    let n_quotes_before = |at: usize| csv[..at].matches('"').count();
    let records = csv.match_indices("\r\n").filter(|(at, _)| n_quotes_before(*at).is_multiple_of(2)).count();
    let is_listed = |change: &&SchemaChange| change.kind != SchemaChangeKind::Retyped;
    let n_changes = hostile().schema_changes.iter().filter(is_listed).count();
    assert_eq!(records, hostile().columns.len() + n_changes + 1);
}

#[test]
fn text_holds_no_control_character_from_a_name() {
    let text = as_default(&hostile(), Format::Text);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
    assert!(!text.contains('\u{202e}'));
}

#[test]
fn a_name_cannot_start_a_workflow_command() {
    let github = as_default(&hostile(), Format::Github);
    for line in github.lines() {
        assert!(
            line.starts_with("::error file=line break %3A%3Aerror%3A%3Ax,title=")
                || line.starts_with("::warning file="),
            "{line}"
        );
    }
    assert!(github.contains("title=100 %25%2C a%3Ab%3A error::"), "{github}");
}

#[test]
fn markdown_holds_no_tag_link_or_mention_from_a_name() {
    let markdown = as_default(&hostile(), Format::Markdown);
    let outside_code = without_code(&markdown);
    for bad in ["<script", "](http", "![", "@team"] {
        assert!(!outside_code.contains(bad), "{bad}\n{markdown}");
    }
    let rows = markdown.lines().filter(|line| line.starts_with("| "));
    for row in rows {
        let cells = row.replace("\\\\", "").replace("\\|", "").matches('|').count();
        assert_eq!(cells, 8, "{row}");
    }
}

/// Markdown without what stands between runs of backticks of the same length.
fn without_code(markdown: &str) -> String {
    let (mut out, mut rest) = (String::new(), markdown);
    while let Some(at) = rest.find('`') {
        let is_escaped = rest[..at].ends_with('\\');
        let run = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        out += &rest[..at];
        rest = &rest[at + run..];
        let fence = "`".repeat(run);
        let mut ends = rest
            .match_indices(&fence)
            .filter(|(end, _)| !rest[..*end].ends_with('`') && !rest[end + run..].starts_with('`'));
        if let Some((end, _)) = ends.next().filter(|_| !is_escaped) {
            rest = &rest[end + run..];
        }
    }
    out + rest
}

#[rstest]
#[case::drifted_fails(Some(Verdict::Drifted), 4)]
#[case::a_warning_fails(Some(Verdict::Warning), 7)]
#[case::nothing_fails(None, 0)]
fn junit_fails_what_the_policy_fails(#[case] fail_on: Option<Verdict>, #[case] n_failures: usize) {
    let mut report = fixture();
    report.policy.fail_on = fail_on;
    let junit = as_default(&report, Format::Junit);
    assert_eq!(junit.matches("<failure ").count(), n_failures);
    assert!(junit.contains(&format!("failures=\"{n_failures}\" errors=\"1\" skipped=\"1\"")));
}

#[test]
fn junit_is_well_formed_whatever_the_names() {
    let junit = as_default(&hostile(), Format::Junit);
    assert!(!junit.contains("<script"));
    assert!(junit.chars().all(|c| matches!(c, '\n' | '\r') || !c.is_control()));
    assert_eq!(junit.matches("<testcase ").count(), junit.matches("</testcase>").count());
}

#[test]
fn without_columns_every_format_still_says_something() {
    let mut report = fixture();
    report.columns.clear();
    report.schema_changes.clear();
    for format in Format::ALL {
        assert!(!as_default(&report, format).is_empty(), "{}", format.as_str());
    }
    assert!(as_default(&report, Format::Github).starts_with("::notice "));
}

#[test]
fn a_floor_of_zero_draws_a_full_bar() {
    let mut report = fixture();
    for column in &mut report.columns {
        for test in &mut column.tests {
            test.floor = 0.0;
        }
    }
    assert!(as_default(&report, Format::Text).contains("━━━━━╋━━━━"));
}

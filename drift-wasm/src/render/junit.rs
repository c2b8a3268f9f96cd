//! One test case a column, for continuous integration.

use crate::render::escape;
use crate::report::words::policy;
use crate::report::{Report, SchemaChange, SchemaChangeKind};
use crate::verdict::Verdict;

pub(super) fn render(report: &Report) -> String {
    let fails = |verdict: Verdict| match report.policy.fail_on {
        Some(Verdict::Warning) => matches!(verdict, Verdict::Drifted | Verdict::Warning),
        Some(Verdict::NotCompared) => matches!(verdict, Verdict::Drifted | Verdict::NotCompared),
        Some(_) => verdict == Verdict::Drifted,
        None => false,
    };
    let missing: Vec<&SchemaChange> =
        report.schema_changes.iter().filter(|change| change.kind != SchemaChangeKind::Retyped).collect();
    let change_fails = |change: &&&SchemaChange| change.verdict(&report.policy).is_some_and(fails);
    let n = |wanted: &dyn Fn(Verdict) -> bool| report.columns.iter().filter(|column| wanted(column.verdict)).count();
    let n_failures = n(&fails) + missing.iter().filter(change_fails).count();
    let n_errors = n(&|verdict| verdict == Verdict::Error);
    let n_skipped = n(&|verdict| matches!(verdict, Verdict::InsufficientData | Verdict::NotCompared));
    let counts = format!(
        "tests=\"{}\" failures=\"{n_failures}\" errors=\"{n_errors}\" skipped=\"{n_skipped}\"",
        report.columns.len() + missing.len()
    );
    let suite = escape(&format!("{} against {}", report.current.name, report.reference.name));
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"driftsiren\" {counts}>\n  <testsuite name=\"{suite}\" {counts}>\n"
    );
    out += &format!(
        "    <properties>\n      <property name=\"policy\" value=\"{}\"/>\n      <property name=\"digest\" value=\"{}\"/>\n    </properties>\n",
        escape(&policy(report)),
        escape(&report.receipt.digest)
    );
    for column in &report.columns {
        let (name, why) = (escape(&column.name), escape(&column.why));
        let inside = match column.verdict {
            verdict if fails(verdict) => {
                format!("<failure message=\"{why}\" type=\"{}\"/>", verdict.as_str())
            }
            Verdict::InsufficientData | Verdict::NotCompared => format!("<skipped message=\"{why}\"/>"),
            Verdict::Error => format!("<error message=\"{why}\" type=\"error\"/>"),
            Verdict::Drifted | Verdict::Warning | Verdict::Stable => {
                format!("<system-out>{why}</system-out>")
            }
        };
        out += &format!("    <testcase classname=\"driftsiren\" name=\"{name}\">{inside}</testcase>\n");
    }
    for change in &missing {
        let (name, text) = (escape(&change.column), escape(&change.in_words()));
        let inside = if change_fails(&change) {
            format!("<failure message=\"{text}\" type=\"missing\"/>")
        } else {
            format!("<system-out>{text}</system-out>")
        };
        out += &format!("    <testcase classname=\"driftsiren\" name=\"{name}\">{inside}</testcase>\n");
    }
    out + "  </testsuite>\n</testsuites>\n"
}

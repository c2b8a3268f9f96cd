//! Two profiles in, a report out. Pure: the same profiles and options give the same report.
//!
//! The steps, and what they call for every column, are `#[inline(never)]`: a browser compiles a function that runs often a
//! second time, as a whole and while it is wanted, so a comparison in one piece would wait for its own compilation.

mod column;
mod draw;
mod near_names;
mod options;
mod receipt;
mod schema_change;
mod summary;
mod test;
mod texts;
mod unread;
mod values;

use std::borrow::Cow;
use std::collections::BTreeMap;

pub use options::CompareOptions;
pub use summary::{describe, summarise};
use values::Measured;

use self::unread::refuse_unread;
use crate::error::{Refusal, RefusalKind, Result};
use crate::explain;
use crate::finding::Finding;
use crate::format;
use crate::infer::infer;
use crate::policy::{DatasetRule, Policy};
use crate::profile::{ColumnProfile, Profile, TypedColumn, respell};
use crate::remark::Remark;
use crate::report::{self, ColumnReport, InputSummary, Report, Subject, Test, VerdictCounts};
use crate::schema::{ColumnSchema, ColumnType};
use crate::verdict::{Verdict, benjamini_hochberg, judge};

/// A column of both inputs.
struct Pair<'a> {
    schema: ColumnSchema,
    reference: &'a ColumnProfile,
    current: &'a ColumnProfile,
}

/// The position of a column in the reference, and both sides as their profiles have them.
type Matched<'a> = (usize, &'a ColumnProfile, &'a ColumnProfile);

/// Both sides as their spelling is read.
fn sides(reference: &ColumnProfile, current: &ColumnProfile) -> Sides {
    let mut sides = Sides::default();
    for (at, seen) in respell(reference, current).into_iter().enumerate() {
        sides.remarks[at] = seen.remarks;
        sides.columns[at] = match seen.column {
            Cow::Owned(column) => Some(column),
            Cow::Borrowed(_) => None,
        };
    }
    sides
}

impl<'a> Pair<'a> {
    /// The pair as it is compared.
    fn of((index, reference, current): Matched<'a>, respelled: &'a BTreeMap<usize, Sides>) -> Self {
        let seen = |at: usize| respelled.get(&index).and_then(|sides| sides.columns[at].as_ref());
        let (reference, current) = (seen(0).unwrap_or(reference), seen(1).unwrap_or(current));
        Self { schema: infer(index, reference, Some(current)), reference, current }
    }

    /// Both sides seen as the column's type.
    fn typed(&self) -> (TypedColumn<'a>, TypedColumn<'a>) {
        (self.reference.typed(self.schema.r#type), self.current.typed(self.schema.r#type))
    }
}

/// What two profiles said of their columns, kept so that another policy is judged without a look at the rows.
#[derive(Debug, Clone, Default)]
pub struct Measurements {
    all_metrics: bool,
    columns: BTreeMap<(usize, ColumnType), Measured>,
    /// Columns of which a comparison sees more than the profile says, by their position in the reference.
    respelled: BTreeMap<usize, Sides>,
    profiles: Option<(String, String)>,
}

/// Both sides of a column as their spelling is read as a whole; absent where they are as the profile has them.
#[derive(Debug, Clone, Default)]
struct Sides {
    columns: [Option<ColumnProfile>; 2],
    remarks: [Vec<Remark>; 2],
}

impl Measurements {
    /// The profiles' hashes are to be made again: what is said of a column has changed, though not its rows.
    pub fn forget_profiles(&mut self) {
        self.profiles = None;
        self.respelled.clear();
    }
}

/// Compares `current` with `reference`.
///
/// Columns are matched by name, and by occurrence when an input uses a name twice. Refused when they have no column
/// in common, when one has no rows or too many that could not be read, when too many cells are not of the type that was
/// given for their column, or when the inputs were read strictly and a cell is not of its column's type.
pub fn compare(reference: &Profile, current: &Profile, options: &CompareOptions) -> Result<Report> {
    compare_again(reference, current, options, &mut Measurements::default())
}

/// [`compare`], measuring only what `measurements` does not hold yet. They must be those of the same two profiles.
pub fn compare_again(
    reference: &Profile,
    current: &Profile,
    options: &CompareOptions,
    measurements: &mut Measurements,
) -> Result<Report> {
    let matched = match_columns(reference, current, options)?;
    let mut respelled = std::mem::take(&mut measurements.respelled);
    let new: Vec<&Matched<'_>> = matched.iter().filter(|(index, ..)| !respelled.contains_key(index)).collect();
    respelled
        .extend(crate::parallel::map(new, options.n_threads, |(index, ours, theirs)| (*index, sides(ours, theirs))));
    let pairs: Vec<Pair<'_>> = matched.iter().map(|matched| Pair::of(*matched, &respelled)).collect();
    let policy = &options.policy;
    if measurements.all_metrics != options.all_metrics {
        *measurements = Measurements { all_metrics: options.all_metrics, ..Measurements::default() };
    }
    let key = |pair: &Pair<'_>| (pair.schema.index, pair.schema.r#type);
    let missing: Vec<&Pair<'_>> = pairs.iter().filter(|pair| !measurements.columns.contains_key(&key(pair))).collect();
    let measured =
        crate::parallel::map(missing, options.n_threads, |pair| (key(pair), column::measure_column(pair, options)));
    measurements.columns.extend(measured);
    let mut columns: Vec<ColumnReport> = crate::parallel::map(pairs.iter().collect(), options.n_threads, |pair| {
        column::judge_column(pair, &measurements.columns[&key(pair)], options)
    });
    settle(&mut columns, policy);
    let findings = |profile: &Profile, of: fn(&ColumnReport) -> u64| input_summary(profile, &columns, of);
    let mut reference_summary = findings(reference, |column| column.reference.n_invalid);
    let mut current_summary = findings(current, |column| column.current.n_invalid);
    for pair in &pairs {
        let remarks = respelled.get(&pair.schema.index).map(|sides| &sides.remarks);
        for (remarks, summary) in remarks.into_iter().flatten().zip([&mut reference_summary, &mut current_summary]) {
            crate::remark::add(&mut summary.remarks, remarks.iter().cloned());
        }
    }
    for (profile, summary) in [(reference, &reference_summary), (current, &current_summary)] {
        refuse_if_strict(profile, summary)?;
    }
    refuse_unread(reference, &columns, |column| &column.reference)?;
    refuse_unread(current, &columns, |column| &column.current)?;
    let counts = count(&columns);
    let schema_changes = schema_change::changes(reference, current, options, &pairs);
    let verdict = dataset_verdict(&columns, policy).max_with(schema_change::verdict(&schema_changes, policy));
    let severity = columns.iter().filter_map(|column| column.severity).max_by(f64::total_cmp);
    let worst = columns
        .iter()
        .filter(|column| matches!(column.verdict, Verdict::Drifted | Verdict::Warning))
        .max_by(|a, b| a.severity.unwrap_or(0.0).total_cmp(&b.severity.unwrap_or(0.0)).then(b.index.cmp(&a.index)));
    let mut report = Report {
        format: report::FORMAT.to_owned(),
        verdict,
        sentence: sentence(&counts, columns.len(), &schema_change::missing(&schema_changes, policy)),
        lead: worst.map(|column| column.why.clone()),
        severity,
        counts,
        reference: reference_summary,
        current: current_summary,
        policy: policy.clone(),
        schema_changes,
        columns,
        receipt: report::Receipt::default(),
    };
    let profiles = measurements.profiles.get_or_insert_with(|| (reference.hash(), current.hash()));
    report.receipt = receipt::receipt(&report, (reference, current), profiles, options);
    drop(pairs);
    measurements.respelled = respelled;
    Ok(report)
}

#[inline(never)]
fn match_columns<'a>(
    reference: &'a Profile,
    current: &'a Profile,
    options: &CompareOptions,
) -> Result<Vec<Matched<'a>>> {
    let keys = |profile: &'a Profile| {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let key = move |column: &'a ColumnProfile| {
            let occurrence = *seen.entry(&column.name).and_modify(|n| *n += 1).or_insert(0);
            ((column.name.as_str(), occurrence), column)
        };
        profile.columns.iter().map(key).collect::<Vec<_>>()
    };
    let theirs: BTreeMap<_, _> = keys(current).into_iter().collect();
    let pairs: Vec<Matched<'_>> = keys(reference)
        .into_iter()
        .enumerate()
        .filter(|(_, ((name, _), _))| options.wants(name))
        .filter_map(|(index, (key, column))| {
            let current = *theirs.get(&key)?;
            Some((index, column, current))
        })
        .collect();
    if pairs.is_empty() {
        let names = |profile: &Profile| {
            let names: Vec<&str> = profile.columns.iter().take(5).map(|column| column.name.as_str()).collect();
            names.join(", ")
        };
        return Err(Refusal::new(
            RefusalKind::NotComparable,
            format!("no column in common (reference has {}; current has {})", names(reference), names(current)),
            "at least one column of the same name to compare",
            "check the header, the delimiter, and the column filters",
        )
        .into());
    }
    Ok(pairs)
}

/// Controls the false-discovery rate over all tests of the report, then gives each test, column and why its last word.
#[inline(never)]
fn settle(columns: &mut [ColumnReport], policy: &Policy) {
    let tests = columns.iter().flat_map(|column| column.tests.iter().map(|test| (test, column.current.n)));
    let tests: Vec<(f64, f64)> = tests.filter_map(|(test, n)| Some((test.p_value?, weight_of(test, n)))).collect();
    let (p_values, weights): (Vec<f64>, Vec<f64>) = tests.into_iter().unzip();
    let q_values = benjamini_hochberg(&p_values, &weights);
    let mut next = q_values.into_iter();
    for column in columns.iter_mut() {
        let floors = column.policy.floors;
        for test in &mut column.tests {
            if test.p_value.is_none() {
                continue;
            }
            test.q_value = next.next();
            let is_real = test.is_real(policy.alpha);
            let judged = |effect: f64| judge(effect, test.floor, floors.warning_from, is_real);
            let effect = if test.effect > 0.0 { test.effect + test.sampling_error.unwrap_or(0.0) } else { 0.0 };
            test.verdict = judged(effect);
            let half_width = test.half_width.unwrap_or(0.0);
            test.could_flip = half_width > 0.0
                && (judged(effect + half_width) != test.verdict || judged(effect - half_width) != test.verdict);
        }
        column::conclude(column, policy);
        explain::explain(column, policy.alpha);
    }
}

/// Rows of a new label that can just be told from chance.
const TELLING_ROWS: f64 = 5.0;

/// A column's part of the false-discovery rate that goes to a test of its `n` current values.
///
/// Values are what most changes are in. The shares of nulls, invalid cells and infinities, and what texts and
/// identifiers look like, all of which change by much when they change, get a twentieth, so that a column which has some does not lose sight of its values. Unseen labels get
/// a half, and less where their floor is a row or two, which no test can tell from chance. Weights follow from sizes
/// and floors alone, never from what the rows say, so the rate holds.
fn weight_of(test: &Test, n: u64) -> f64 {
    match test.subject {
        Subject::Values => 1.0,
        Subject::Unseen => {
            let telling = (n as f64 * test.floor / TELLING_ROWS).clamp(0.01, 1.0);
            0.5 * telling * telling
        }
        Subject::Nulls
        | Subject::Invalid
        | Subject::Infinite
        | Subject::Empty
        | Subject::Duplicates
        | Subject::Shapes
        | Subject::Alphabet => 0.05,
    }
}

fn count(columns: &[ColumnReport]) -> VerdictCounts {
    let n = |verdict: Verdict| columns.iter().filter(|column| column.verdict == verdict).count() as u64;
    VerdictCounts {
        n_drifted: n(Verdict::Drifted),
        n_warning: n(Verdict::Warning),
        n_stable: n(Verdict::Stable),
        n_insufficient_data: n(Verdict::InsufficientData),
        n_error: n(Verdict::Error),
        n_not_compared: n(Verdict::NotCompared),
    }
}

/// The worst that the dataset's rule sees.
#[inline(never)]
fn dataset_verdict(columns: &[ColumnReport], policy: &Policy) -> Verdict {
    let judged = |column: &&ColumnReport| {
        matches!(column.verdict, Verdict::Drifted | Verdict::Warning | Verdict::Stable)
            && (column.evidently.is_none() || column.evidently.as_ref().is_some_and(|said| said.drifted.is_some()))
    };
    let any = |verdict: Verdict, only_critical: bool| {
        columns.iter().any(|column| column.verdict == verdict && (!only_critical || column.policy.critical))
    };
    let by_share = |share: f64, weight: fn(&ColumnReport) -> f64| {
        let all: f64 = columns.iter().filter(judged).map(weight).sum();
        let bad = columns.iter().filter(judged).filter(|column| column.verdict == Verdict::Drifted);
        let bad: f64 = bad.map(weight).sum();
        all > 0.0 && bad / all >= share
    };
    let is_drifted = match policy.dataset {
        DatasetRule::AnyColumn => any(Verdict::Drifted, false),
        DatasetRule::Critical => any(Verdict::Drifted, true),
        DatasetRule::Share { share } => by_share(share, |_| 1.0) || any(Verdict::Drifted, true),
        DatasetRule::WeightedShare { share } => {
            by_share(share, |column| column.policy.weight) || any(Verdict::Drifted, true)
        }
    };
    let only_critical = policy.dataset == DatasetRule::Critical;
    let some_judged = columns.iter().any(|column| judged(&column));
    if is_drifted {
        Verdict::Drifted
    } else if any(Verdict::Warning, only_critical) || any(Verdict::Drifted, only_critical) {
        Verdict::Warning
    } else if some_judged {
        Verdict::Stable
    } else if columns.iter().any(|column| column.verdict == Verdict::InsufficientData) {
        Verdict::InsufficientData
    } else if columns.iter().any(|column| column.verdict == Verdict::Error) {
        Verdict::Error
    } else {
        Verdict::NotCompared
    }
}

/// The answer: what is missing, what drifted, and what was not looked at.
fn sentence(counts: &VerdictCounts, n_columns: usize, missing: &[&str]) -> String {
    let n_columns = n_columns as u64;
    let of = |n: u64| format!("{} of {}", format::count(n), format::counted(n_columns, "column"));
    let is_missing = !missing.is_empty();
    let changed = if counts.n_drifted > 0 {
        format!("{} drifted", of(counts.n_drifted))
    } else if counts.n_stable + counts.n_warning > 0 {
        let other = if is_missing { "no other column drifted" } else { "No column drifted" };
        if counts.n_warning > 0 {
            format!("{other}; {} changed enough to watch", of(counts.n_warning))
        } else {
            other.to_owned()
        }
    } else if counts.n_insufficient_data > 0 {
        let few = if is_missing { "too few rows to say" } else { "Too few rows to say" };
        return join(missing_in_words(missing), few.to_owned());
    } else {
        let none = if is_missing { "no column could be compared" } else { "No column could be compared" };
        return join(missing_in_words(missing), none.to_owned());
    };
    let answer = join(missing_in_words(missing), changed);
    let n_open = counts.n_not_compared + counts.n_error;
    if n_open == 0 {
        return answer;
    }
    let verb = if n_open == 1 { "was" } else { "were" };
    format!("{answer}; {} of {} {verb} not compared", format::count(n_open), format::count(n_columns))
}

fn join(first: Option<String>, then: String) -> String {
    first.map_or(then.clone(), |first| format!("{first}; {then}"))
}

/// "`income` is missing in the current input"; up to three by name.
fn missing_in_words(missing: &[&str]) -> Option<String> {
    let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("{one} is missing in the current input")),
        [one, two] => Some(format!("{one} and {two} are missing in the current input")),
        [one, two, three] => Some(format!("{one}, {two} and {three} are missing in the current input")),
        more => Some(format!("{} are missing in the current input", format::counted(more.len() as u64, "column"))),
    }
}

#[inline(never)]
fn input_summary(profile: &Profile, columns: &[ColumnReport], n_invalid: fn(&ColumnReport) -> u64) -> InputSummary {
    let mut findings = profile.findings.clone();
    for report in columns.iter().filter(|column| n_invalid(column) > 0) {
        let Some(column) = profile.columns.iter().find(|column| column.name == report.name) else {
            continue;
        };
        findings.listed.extend(column.odd.iter().map(|(row, cell)| Finding {
            row: *row,
            column: Some(report.name.clone()),
            found: format!("`{cell}`"),
            expected: format!("a value of type {}", report.r#type.as_str()),
        }));
    }
    findings.listed.sort_by(|a, b| (a.row, &a.column).cmp(&(b.row, &b.column)));
    findings.listed.truncate(20);
    InputSummary {
        name: profile.name.clone(),
        format: profile.format.as_str().to_owned(),
        n_rows: profile.n_rows,
        n_columns: profile.columns.len() as u64,
        n_bytes: profile.n_bytes,
        findings,
        remarks: profile.remarks.clone(),
    }
}

#[inline(never)]
fn refuse_if_strict(profile: &Profile, summary: &InputSummary) -> Result<()> {
    let is_strict = crate::read::ReadOptions::from_json(&profile.name, &profile.options)?.strict;
    match summary.findings.listed.first() {
        Some(finding) if is_strict => {
            let mend = "mend the cell, give the column another type, or read leniently";
            let mut refusal =
                Refusal::new(RefusalKind::MalformedInput, finding.found.clone(), finding.expected.clone(), mend)
                    .in_file(&profile.name)
                    .at_row(finding.row);
            refusal.column.clone_from(&finding.column);
            Err(refusal.into())
        }
        _ => Ok(()),
    }
}

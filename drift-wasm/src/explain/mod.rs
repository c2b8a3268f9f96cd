//! What happened, in words: one sentence, a few words for a table cell, and a likely cause.

mod cause;

pub use cause::cause;

use crate::format::{count, number, percent, percents};
use crate::metric::MetricId;
use crate::report::{Bin, ColumnReport, ColumnSummary, Contribution, NumericSummary, Subject, Test};
use crate::schema::ColumnType;
use crate::verdict::Verdict;

/// Fills in `why` and `what_changed`, and drops a cause that explains nothing because nothing changed.
#[inline(never)]
pub fn explain(column: &mut ColumnReport, alpha: f64) {
    if let (Verdict::NotCompared, Some(reason)) = (column.verdict, column.not_compared) {
        column.what_changed = reason.words().to_owned();
        column.why = format!("`{}` was not compared: {}.", column.name, reason.words());
        column.cause = None;
        return;
    }
    if matches!(column.verdict, Verdict::InsufficientData | Verdict::Error) {
        column.what_changed.clone_from(&column.why);
        column.why = format!("`{}` was not judged: {}.", column.name, column.why);
        column.cause = None;
        return;
    }
    let loud = column.tests.iter().filter(|test| matches!(test.verdict, Verdict::Drifted | Verdict::Warning));
    let worst = loud.max_by(|a, b| a.severity.total_cmp(&b.severity));
    let Some(worst) = worst else {
        column.cause = None;
        column.what_changed = quiet(column, alpha);
        column.why = format!("`{}` did not change enough to matter: {}.", column.name, column.what_changed);
        return;
    };
    let mut sentence = match worst.subject {
        Subject::Values => values(column, worst),
        Subject::Nulls => share(column, "nulls", |side| side.n_null),
        Subject::Invalid => {
            share(column, &format!("values that are not {}", column.r#type.as_str()), |side| side.n_invalid)
        }
        Subject::Infinite => share(column, "infinities", |side| side.n_pos_inf + side.n_neg_inf),
        Subject::Unseen => unseen(column),
        Subject::Empty => share(column, "empty texts", |side| side.n_empty),
        Subject::Duplicates => repeats(column, worst),
        Subject::Shapes => {
            let few =
                detail(column, worst).map_or_else(|| "shapes changed".to_owned(), |shapes| format!("shape {shapes}"));
            (format!("the shape of the texts changed: {few} of rows"), few)
        }
        Subject::Alphabet => {
            let text = detail(column, worst).unwrap_or("other kinds of characters").to_owned();
            (text.clone(), text)
        }
    };
    column.what_changed.clone_from(&sentence.1);
    if let Some(cause) = &column.cause {
        sentence.0 = format!("{} ({})", sentence.0, cause.text);
    }
    column.why = format!("`{}`: {}.", column.name, sentence.0);
}

fn quiet(column: &ColumnReport, alpha: f64) -> String {
    match column.tests.iter().find(|test| test.subject == Subject::Values) {
        Some(test) if test.p_value.is_some() => {
            let what =
                if test.is_real(alpha) { "a real change, but a small one" } else { "no more than chance would do" };
            format!("{} {}, {what}", test.metric.phrase(), number(test.effect))
        }
        Some(test) => format!("{} below its threshold", test.metric),
        None if column.r#type == ColumnType::Datetime => match (&column.reference.numeric, &column.current.numeric) {
            (Some(a), Some(b)) => {
                format!("{} → {}", range(a.min, a.max), range(b.min, b.max))
            }
            _ => "times are not compared by value".to_owned(),
        },
        None => "nothing to compare by value".to_owned(),
    }
}

fn range(min: Option<f64>, max: Option<f64>) -> String {
    let day = |seconds: Option<f64>| seconds.map_or("–".to_owned(), crate::format::date);
    format!("{} to {}", day(min), day(max))
}

/// Sentence and few words about the values.
fn values(column: &ColumnReport, test: &Test) -> (String, String) {
    match column.r#type {
        ColumnType::Numeric => numeric(column),
        ColumnType::Categorical | ColumnType::Boolean | ColumnType::Id => labels(column),
        ColumnType::Datetime => {
            let bar = largest(column);
            let text = bar
                .map_or_else(|| "the times moved".to_owned(), |bar| format!("share at {} {}", bar.label, shares(bar)));
            (text.clone(), text)
        }
        ColumnType::Text => {
            let mean = |side: &ColumnSummary| side.text.as_ref().map_or(0.0, |text| text.mean_length);
            let (a, b) = (mean(&column.reference), mean(&column.current));
            let bar = largest(column).filter(|_| (b - a).abs() < 0.02 * a);
            let text = match bar {
                Some(bar) => format!("texts of {} characters {}", bar.label, shares(bar)),
                None => format!("mean length {} → {} characters", number(a), number(b)),
            };
            (text.clone(), text)
        }
        ColumnType::Empty => {
            let text = format!("{} {}", test.metric.phrase(), number(test.effect));
            (text.clone(), text)
        }
    }
}

fn numeric(column: &ColumnReport) -> (String, String) {
    let (Some(a), Some(b)) = (&column.reference.numeric, &column.current.numeric) else {
        return ("the values changed".to_owned(), "values changed".to_owned());
    };
    let q = |name: &str| Some((*a.quantiles.get(name)?, *b.quantiles.get(name)?));
    let Some(((low, low_now), (median, median_now), (high, high_now))) =
        q("q25").zip(q("q50")).zip(q("q75")).map(|((low, median), high)| (low, median, high))
    else {
        return ("the values changed".to_owned(), "values changed".to_owned());
    };
    if let (Some(before), Some(after)) = (only_value(a), only_value(b)) {
        let text = format!("always {} before, always {} now", number(before), number(after));
        return (text.clone(), text);
    }
    let spread = (high - low).abs();
    let moved = (median_now - median).abs();
    let widened = ((high_now - low_now) - (high - low)).abs();
    let top = largest(column).map(|bar| {
        let (before, after) = percents(bar.reference, bar.current);
        format!("the share of values {} went from {before} to {after}", within(&bar.label))
    });
    let (first, few) = if moved >= 0.5 * widened && moved > 0.02 * spread {
        let verb = if median_now > median { "rose" } else { "fell" };
        let by = relative(median, median_now, spread).map_or(String::new(), |by| format!(" {by}"));
        let arrow = format!("{} → {}", number(median), number(median_now));
        (format!("typical value {verb}{by} ({arrow})"), format!("median {arrow}"))
    } else if widened > 0.02 * spread {
        let verb = if high_now - low_now > high - low { "widened" } else { "narrowed" };
        let arrow = format!("{} → {}", number(high - low), number(high_now - low_now));
        (format!("the spread {verb} (interquartile range {arrow})"), format!("spread {verb}, IQR {arrow}"))
    } else {
        let few = largest(column).map_or("shape changed".to_owned(), |bar| format!("{}: {}", bar.label, shares(bar)));
        ("the shape changed".to_owned(), few)
    };
    (top.map_or(first.clone(), |top| format!("{first}; {top} of rows")), few)
}

fn within(bin: &Bin) -> String {
    match bin {
        Bin::Range(interval) => match interval.ends() {
            Some((low, high)) => format!("between {low} and {high}"),
            None => interval.to_string(),
        },
        Bin::Part(_) | Bin::Label(_) | Bin::Other(_) => bin.to_string(),
    }
}

/// The value of a column that has no other.
fn only_value(side: &NumericSummary) -> Option<f64> {
    side.min.filter(|min| side.max == Some(*min))
}

/// `18 %`, when both are on one side of zero and the ratio is worth saying: not when zero lies among the values.
fn relative(before: f64, after: f64, spread: f64) -> Option<String> {
    if before.abs() < spread / 4.0 {
        return None;
    }
    let ratio = after / before;
    if !ratio.is_finite() || ratio <= 0.0 {
        return None;
    }
    let change = (ratio - 1.0).abs();
    Some(if ratio >= 3.0 { format!("to {} times as much", number(ratio)) } else { percent(change) })
}

/// Labels from which a single one says little beside those that came and went.
const MANY_LABELS: u64 = 30;
/// A share below this is that of an event, of which one says how much more often it happens.
const RARE_EVENT: f64 = 0.1;

fn labels(column: &ColumnReport) -> (String, String) {
    let bar = telling(column);
    let came_and_went = came_and_went(column);
    let change = bar.map_or(0.0, |bar| (bar.current - bar.reference).abs());
    let n_new_rows: u64 = column.new_categories.iter().map(|new| new.n).sum();
    let n_gone_rows: u64 = column.vanished_categories.iter().map(|gone| gone.n).sum();
    let new = n_new_rows as f64 / column.current.n.max(1) as f64;
    let gone = n_gone_rows as f64 / column.reference.n.max(1) as f64;
    let is_many = column.reference.n_distinct.max(column.current.n_distinct) >= MANY_LABELS;
    let text = bar.map_or_else(|| "the mix changed".to_owned(), label_in_words);
    let few = bar.map_or_else(|| "mix changed".to_owned(), |bar| format!("{}: {}", bar.label, shares(bar)));
    match came_and_went {
        None => (text, few),
        // What moved most rows comes first.
        Some(labels) if is_many || new.max(gone) >= change => {
            let of_rows = match (new > 0.0, gone > 0.0) {
                (true, true) => {
                    format!("{labels}; {} of rows are new, {} of the reference's gone", percent(new), percent(gone))
                }
                (true, false) => format!("{labels}, {} of rows", percent(new)),
                _ => format!("{labels}, {} of the reference's rows", percent(gone)),
            };
            let is_told = change < new.max(gone) / 2.0;
            (if is_told { of_rows } else { format!("{of_rows}; {text}") }, labels)
        }
        Some(labels) => (format!("{text}; {labels}"), few),
    }
}

/// "3 new and 1 vanished category"; `None` when neither.
fn came_and_went(column: &ColumnReport) -> Option<String> {
    let category = |n: u64| if n == 1 { "category" } else { "categories" };
    Some(match (column.n_new_categories, column.n_vanished_categories) {
        (0, 0) => return None,
        (new, 0) => format!("{} new {}", count(new), category(new)),
        (0, gone) => format!("{} vanished {}", count(gone), category(gone)),
        (new, gone) => format!("{} new and {} vanished {}", count(new), count(gone), category(gone)),
    })
}

/// The label to speak of: of those that changed about as much as the most changed one, the rarest. Of two labels that
/// is the event, not its absence.
fn telling(column: &ColumnReport) -> Option<&Contribution> {
    let most = largest(column)?;
    let change = |bar: &Contribution| (bar.current - bar.reference).abs();
    let named = column.contributions.iter().filter(|bar| !matches!(bar.label, Bin::Other(_)));
    named
        .filter(|bar| change(bar) >= 0.99 * change(most))
        .min_by(|a, b| (a.reference + a.current).total_cmp(&(b.reference + b.current)))
}

fn label_in_words(bar: &Contribution) -> String {
    let (before, after) = percents(bar.reference, bar.current);
    let ratio = bar.current / bar.reference;
    let is_event = bar.reference > 0.0 && bar.current > 0.0 && bar.reference.max(bar.current) < RARE_EVENT;
    let verb = match ratio {
        _ if !is_event => return format!("the share of `{}` went from {before} to {after}", bar.label),
        1.9..2.1 => "doubled".to_owned(),
        0.48..0.52 => "halved".to_owned(),
        2.1.. => format!("became {} times as frequent", number(ratio)),
        ..0.48 => format!("became {} times as rare", number(1.0 / ratio)),
        _ if ratio > 1.0 => "became more frequent".to_owned(),
        _ => "became rarer".to_owned(),
    };
    format!("`{}` {verb}, {before} → {after} of rows", bar.label)
}

fn unseen(column: &ColumnReport) -> (String, String) {
    let share = column.metrics.get(&MetricId::UnseenShare).and_then(|metric| metric.distance).unwrap_or(0.0);
    let names: Vec<String> = column.new_categories.iter().take(3).map(|new| format!("`{}`", new.label)).collect();
    let n = column.n_new_categories;
    let what = if n == 1 { "category" } else { "categories" };
    let which = if names.is_empty() { String::new() } else { format!(", first of all {}", names.join(", ")) };
    (
        format!("{} {what} that the reference never had make up {} of rows{which}", count(n), percent(share)),
        format!("{} unseen {what}, {} of rows", count(n), percent(share)),
    )
}

fn share(column: &ColumnReport, what: &str, n: impl Fn(&ColumnSummary) -> u64) -> (String, String) {
    let share = |side: &ColumnSummary| n(side) as f64 / side.n_rows.max(1) as f64;
    let (a, b) = (share(&column.reference), share(&column.current));
    let verb = if b > a { "rose" } else { "fell" };
    let (before, after) = percents(a, b);
    (format!("{what} {verb} from {before} to {after} of rows"), format!("{what} {before} → {after}"))
}

fn detail<'a>(column: &'a ColumnReport, test: &Test) -> Option<&'a str> {
    column.metrics.get(test.metric.as_str())?.detail.as_deref()
}

fn repeats(column: &ColumnReport, test: &Test) -> (String, String) {
    let text = detail(column, test).unwrap_or("more or fewer rows repeat a value").to_owned();
    (text.clone(), text)
}

/// The bin or label whose share changed most.
fn largest(column: &ColumnReport) -> Option<&Contribution> {
    let change = |bar: &&Contribution| (bar.current - bar.reference).abs();
    let named = || column.contributions.iter().filter(|bar| !matches!(bar.label, Bin::Other(_)));
    named().rev().max_by(|a, b| change(a).total_cmp(&change(b)))
}

fn shares(bar: &Contribution) -> String {
    let (before, after) = percents(bar.reference, bar.current);
    format!("{before} → {after}")
}

//! What happened, in words: one sentence, a few words for a table cell, and a likely cause.

mod cause;

pub use cause::cause;

use crate::format::{count, number, percent};
use crate::report::{ColumnReport, ColumnSummary, Contribution, Subject, Test};
use crate::schema::ColumnType;
use crate::verdict::Verdict;

/// Fills in `why` and `what_changed`, and drops a cause that explains nothing because nothing changed.
#[inline(never)]
pub fn explain(column: &mut ColumnReport) {
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
        column.what_changed = quiet(column);
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
            let few = detail(column, worst).map_or_else(|| "shapes changed".to_owned(), |shapes| format!("shape {shapes}"));
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

fn quiet(column: &ColumnReport) -> String {
    match column.tests.iter().find(|test| test.subject == Subject::Values) {
        Some(test) if test.p_value.is_some() => {
            let real = test.q_value.is_some_and(|q| q <= 0.05);
            let what = if real { "a real change, but a small one" } else { "no more than chance would do" };
            format!("{} {}, {what}", effect_name(test), number(test.effect))
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

fn effect_name(test: &Test) -> &str {
    match test.metric.as_str() {
        "ks" => "D",
        "total_variation" => "total variation",
        "psi" => "PSI",
        "hour_mix" => "change of hours",
        "length_mix" => "change of lengths",
        other => other,
    }
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
            let text = format!("mean length {} → {} characters", number(a), number(b));
            (text.clone(), text)
        }
        ColumnType::Empty => {
            let text = format!("{} {}", effect_name(test), number(test.effect));
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
    let spread = (high - low).abs();
    let moved = (median_now - median).abs();
    let widened = ((high_now - low_now) - (high - low)).abs();
    let top = largest(column).map(|bar| {
        format!(
            "the share of values {} went from {} to {}",
            in_bin(&bar.label),
            percent(bar.reference),
            percent(bar.current)
        )
    });
    let (first, few) = if moved >= 0.5 * widened && moved > 0.02 * spread {
        let verb = if median_now > median { "rose" } else { "fell" };
        let by = relative(median, median_now).map_or(String::new(), |by| format!(" {by}"));
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

fn in_bin(label: &str) -> String {
    match label.split_once(" to ") {
        Some((low, high)) => format!("between {low} and {high}"),
        None => label.to_owned(),
    }
}

/// `18 %`, when both are on one side of zero and the ratio is worth saying.
fn relative(before: f64, after: f64) -> Option<String> {
    let ratio = after / before;
    if !ratio.is_finite() || ratio <= 0.0 {
        return None;
    }
    let change = (ratio - 1.0).abs();
    Some(if ratio >= 3.0 { format!("to {} times as much", number(ratio)) } else { percent(change) })
}

fn labels(column: &ColumnReport) -> (String, String) {
    let bar = largest(column);
    let few = match (column.n_new_categories, column.n_vanished_categories) {
        (0, 0) => bar.map_or("mix changed".to_owned(), |bar| format!("{}: {}", bar.label, shares(bar))),
        (new, 0) => format!("{} new", count(new)),
        (0, vanished) => format!("{} vanished", count(vanished)),
        (new, vanished) => format!("{} new, {} vanished", count(new), count(vanished)),
    };
    let mut text = bar.map_or("the mix changed".to_owned(), |bar| {
        format!("the share of `{}` went from {} to {}", bar.label, percent(bar.reference), percent(bar.current))
    });
    if column.n_new_categories + column.n_vanished_categories > 0 {
        text = format!(
            "{text}; {few} {}",
            if column.n_new_categories + column.n_vanished_categories == 1 { "category" } else { "categories" }
        );
    }
    (text, few)
}

fn unseen(column: &ColumnReport) -> (String, String) {
    let share = column.metrics.get("unseen_share").and_then(|metric| metric.distance).unwrap_or(0.0);
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
    (
        format!("{what} {verb} from {} to {} of rows", percent(a), percent(b)),
        format!("{what} {} → {}", percent(a), percent(b)),
    )
}

fn detail<'a>(column: &'a ColumnReport, test: &Test) -> Option<&'a str> {
    column.metrics.get(&test.metric)?.detail.as_deref()
}

fn repeats(column: &ColumnReport, test: &Test) -> (String, String) {
    let text = detail(column, test).unwrap_or("more or fewer rows repeat a value").to_owned();
    (text.clone(), text)
}

/// The bin or label whose share changed most.
fn largest(column: &ColumnReport) -> Option<&Contribution> {
    let change = |bar: &&Contribution| (bar.current - bar.reference).abs();
    let named = || column.contributions.iter().filter(|bar| !bar.label.starts_with("other ("));
    named().rev().max_by(|a, b| change(a).total_cmp(&change(b)))
}

fn shares(bar: &Contribution) -> String {
    format!("{} → {}", percent(bar.reference), percent(bar.current))
}

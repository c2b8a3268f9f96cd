//! The same value, whatever it is written in: labels of a column that are numbers, times, truth values or nulls after
//! all, as its whole shows.
//!
//! Cells are told apart one by one while they are read, by the plainest spelling. What only a column as a whole can
//! decide is decided here, from its distinct labels: marks of decimals and thousands, the order of day and month, marks
//! for null, epochs. Each decision is a remark with the flag that decides otherwise. The file's own profile stays as it
//! is; a comparison sees both columns through here.

use std::borrow::Cow;

use crate::cell::spelled_date::{self, Order};
use crate::cell::spelled_number::{self, Marks};
use crate::cell::text::text_of;
use crate::format;
use crate::profile::facts::{TextFacts, TimeFacts};
use crate::profile::quantiles::Quantiles;
use crate::profile::tokens::Tokens;
use crate::profile::{ColumnProfile, Sample};
use crate::remark::{Remark, RemarkKind};
use crate::schema::ColumnType;

/// Share of values that must fit for a column to be of a kind.
const MOSTLY: f64 = 0.9;
/// Share of values that must be numbers or times for an odd label among them to be a mark for null.
const HALF: f64 = 0.5;

/// Labels that stand for a missing value among numbers or times, in small letters.
const NULL_WORDS: [&str; 38] = [
    "?",
    "-",
    "--",
    "---",
    ".",
    "..",
    "*",
    "n/a",
    "na",
    "n.a.",
    "n.a",
    "#n/a",
    "#n/a n/a",
    "#na",
    "#value!",
    "#ref!",
    "#div/0!",
    "#num!",
    "#null!",
    "#name?",
    "null",
    "(null)",
    "<null>",
    "nil",
    "none",
    "<na>",
    "nat",
    "missing",
    "unknown",
    "not available",
    "not applicable",
    "nan",
    "-nan",
    "1.#qnan",
    "-1.#ind",
    "\u{2013}",
    "\u{2014}",
    "void",
];

/// A column as its whole reads, and what was decided.
pub(crate) struct Respelled<'a> {
    pub column: Cow<'a, ColumnProfile>,
    pub remarks: Vec<Remark>,
}

/// Both columns of a pair, each read by its own spelling; what one leaves open the other decides.
pub(crate) fn respell<'a>(reference: &'a ColumnProfile, current: &'a ColumnProfile) -> [Respelled<'a>; 2] {
    let given = reference.hint.as_ref().and_then(|hint| hint.r#type);
    let sides = [reference, current];
    if matches!(
        given,
        Some(ColumnType::Categorical | ColumnType::Boolean | ColumnType::Text | ColumnType::Id | ColumnType::Empty)
    ) {
        return sides.map(|column| Respelled { column: Cow::Borrowed(column), remarks: Vec::new() });
    }
    let orders = sides.map(date_order);
    let order = |at: usize| orders[at].proven.or(orders[1 - at].proven);
    let mut plans = [0, 1].map(|at| {
        let is_number_there = mostly(sides[1 - at].n_numbers(), n_values(sides[1 - at]));
        Plan::of(sides[at], given, order(at), is_number_there)
    });
    let are_times = [0, 1].map(|at| plans[at].times(sides[at]));
    for at in [0, 1] {
        plans[at].epoch = epoch(sides[at], given, are_times[1 - at]).filter(|_| !are_times[at]);
    }
    let are_truths = given.is_none() && [0, 1].iter().all(|at| plans[*at].is_idle() && is_truth(sides[*at]));
    // A label more or less is a change; other words for the same are not.
    let is_part = |some: &[String], of: &[String]| some.iter().all(|word| of.contains(word));
    if are_truths {
        let (ours, theirs) = (words_of(reference), words_of(current));
        let speak_alike = is_part(&ours, &theirs) || is_part(&theirs, &ours);
        plans.iter_mut().for_each(|plan| plan.is_truth = !speak_alike);
    }
    if sides.iter().any(|column| is_padded(column)) {
        plans.iter_mut().for_each(|plan| plan.is_trimmed = true);
    }
    [0, 1].map(|at| plans[at].apply(sides[at]))
}

fn n_values(column: &ColumnProfile) -> u64 {
    column.n_numbers() + column.n_times() + column.n_labels()
}

fn mostly(part: u64, n: u64) -> bool {
    n > 0 && part as f64 >= MOSTLY * n as f64
}

/// How the labels of one column are read.
#[derive(Debug, Clone, Default, PartialEq)]
struct Plan {
    /// Labels that stand for null, as they are written.
    nulls: Vec<String>,
    numbers: Option<Marks>,
    /// Whether the marks of numbers could be read the other way round.
    is_open_number: bool,
    dates: Option<Order>,
    /// Whether day and month of times that were read month first change places.
    swaps: bool,
    /// Whether nothing says if day or month comes first.
    is_open_date: bool,
    epoch: Option<Epoch>,
    is_truth: bool,
    is_trimmed: bool,
}

/// What a number counts when it is a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Epoch {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
    /// `20240131`
    CalendarDay,
}

/// What a column says of the order of day and month.
struct DateOrder {
    proven: Option<Order>,
}

fn date_order(column: &ColumnProfile) -> DateOrder {
    let labels: Vec<String> = column.tokens.iter().map(|(label, _)| text_of(label).into_owned()).collect();
    let only = |one: Order, other: Order| {
        labels
            .iter()
            .any(|label| spelled_date::parse(label, one).is_some() && spelled_date::parse(label, other).is_none())
    };
    let facts = &column.time_facts;
    let is_month_first = facts.n_month_proven > 0 || only(Order::Month, Order::Day);
    let is_day_first = only(Order::Day, Order::Month);
    let proven = match (is_day_first, is_month_first) {
        (true, false) => Some(Order::Day),
        (false, true) => Some(Order::Month),
        _ => None,
    };
    DateOrder { proven }
}

impl Plan {
    fn is_idle(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the column is one of times, with what the plan reads.
    fn times(&self, column: &ColumnProfile) -> bool {
        self.dates.is_some() || mostly(column.n_times(), n_values(column) - self.n_null(column))
    }

    fn n_null(&self, column: &ColumnProfile) -> u64 {
        column.tokens.iter().filter(|(label, _)| self.is_null(&text_of(label))).map(|(_, n)| n).sum()
    }

    fn is_null(&self, label: &str) -> bool {
        self.nulls.iter().any(|null| null == label)
    }

    fn of(column: &ColumnProfile, given: Option<ColumnType>, order: Option<Order>, is_number_there: bool) -> Self {
        let mut plan = Self::default();
        let facts = &column.time_facts;
        let all_month_first = facts.n_month_first > 0 && facts.n_month_first == column.n_times();
        plan.swaps = all_month_first && facts.n_month_proven == 0 && order == Some(Order::Day);
        plan.is_open_date = all_month_first && facts.n_month_proven == 0 && order.is_none();
        if column.n_labels() == 0 || column.tokens.n_other() > 0 {
            return plan;
        }
        let labels: Vec<(Cow<'_, str>, u64)> = column.tokens.iter().map(|(label, n)| (text_of(label), n)).collect();
        let is_word = |label: &str| NULL_WORDS.contains(&label.trim().to_lowercase().as_str());
        let (words, rest): (Vec<_>, Vec<_>) = labels.iter().partition(|(label, _)| is_word(label));
        let count = |labels: &[&(Cow<'_, str>, u64)]| labels.iter().map(|(_, n)| n).sum::<u64>();
        let n = n_values(column) - count(&words);
        let numbers = (given != Some(ColumnType::Datetime)).then(|| best_marks(&rest)).flatten();
        let dates = (given != Some(ColumnType::Numeric) && (given.is_none() || column.n_times() == 0))
            .then(|| best_order(&rest, order))
            .flatten();
        let fits = |own: u64, found: u64, share: f64| n > 0 && (own + found) as f64 >= share * n as f64;
        // Texts that a format keeps apart from numbers may be codes: they are numbers when the other side has numbers,
        // or when they are too many for labels.
        let is_plain = |marks: &Marks| marks.thousands.is_none() && marks.decimal == '.';
        let is_likely = |(marks, found): &(Marks, u64)| {
            !is_plain(marks)
                || is_number_there
                || given == Some(ColumnType::Numeric)
                || column.n_numbers() > 0
                || rest.iter().any(|(label, _)| label.parse::<f64>().is_err())
                || (rest.len() as f64 > HALF * *found as f64 && rest.iter().any(|(label, _)| label.contains('.')))
        };
        let numbers = numbers.filter(is_likely);
        let found_numbers = numbers.map_or(0, |(_, found)| found);
        let found_dates = dates.map_or(0, |(_, found)| found);
        let as_numbers = fits(column.n_numbers(), found_numbers, MOSTLY);
        let as_dates = fits(column.n_times(), found_dates, MOSTLY);
        let own =
            |labels: &[&(Cow<'_, str>, u64)]| labels.iter().map(|(label, _)| label.to_string()).collect::<Vec<_>>();
        if as_numbers && column.n_numbers() + found_numbers > 0 {
            plan.numbers = numbers.map(|(marks, _)| marks);
            plan.nulls = own(&words);
        } else if as_dates && column.n_times() + found_dates > 0 {
            plan.dates = dates.map(|(order, _)| order);
            plan.nulls = own(&words);
        } else {
            // One or two odd words, each several times, among numbers or times.
            let reads = |label: &str| {
                numbers.is_some_and(|(marks, _)| spelled_number::parse(label, marks).is_some())
                    || dates.is_some_and(|(order, _)| spelled_date::parse(label, order).is_some())
            };
            let odd: Vec<&(Cow<'_, str>, u64)> = rest.iter().copied().filter(|(label, _)| !reads(label)).collect();
            let n_odd = count(&odd);
            let are_marks = given.is_none()
                && (1..=2).contains(&odd.len())
                && odd.iter().all(|(label, n)| *n > 1 && label.len() <= 16);
            let as_numbers =
                column.n_numbers() + found_numbers == n - n_odd && fits(column.n_numbers(), found_numbers, HALF);
            let as_dates = column.n_times() + found_dates == n - n_odd && fits(column.n_times(), found_dates, HALF);
            if are_marks && (as_numbers || as_dates) && n > n_odd {
                plan.numbers = numbers.filter(|_| as_numbers).map(|(marks, _)| marks);
                plan.dates = dates.filter(|_| !as_numbers).map(|(order, _)| order);
                plan.nulls = own(&words);
                plan.nulls.extend(own(&odd));
            } else if !words.is_empty() && as_numbers {
                plan.nulls = own(&words);
            }
        }
        plan.is_open_number = plan.numbers.is_some_and(|marks| {
            let read = rest.iter().filter(|(label, _)| spelled_number::parse(label, marks).is_some());
            let mut grouped = read.filter(|(label, _)| label.contains([',', '.'])).peekable();
            grouped.peek().is_some() && grouped.all(|(label, _)| spelled_number::is_open(label, marks))
        });
        plan.is_open_date |= plan.dates.is_some()
            && order.is_none()
            && rest.iter().any(|(label, _)| {
                let read = |order| spelled_date::parse(label, order);
                read(Order::Day) != read(Order::Month)
            });
        plan
    }

    /// The column as the plan reads it.
    fn apply<'a>(&self, column: &'a ColumnProfile) -> Respelled<'a> {
        if self.is_idle() {
            return Respelled { column: Cow::Borrowed(column), remarks: Vec::new() };
        }
        let mut made = column.clone();
        let (mut numbers, mut times, mut tokens) = (Vec::new(), Vec::new(), Tokens::default());
        for (label, n) in column.tokens.iter() {
            let text = text_of(label);
            let repeated = |value: f64| std::iter::repeat_n(value, usize::try_from(n).unwrap_or(usize::MAX));
            if self.is_null(&text) {
                made.counts.n_null += n;
            } else if let Some(value) = self.numbers.and_then(|marks| spelled_number::parse(&text, marks)) {
                made.counts.n_float += if value.fract() == 0.0 { 0 } else { n };
                numbers.extend(repeated(value));
            } else if let Some(micros) = self.dates.and_then(|order| spelled_date::parse(&text, order)) {
                times.extend(repeated(micros as f64));
            } else if let Some(micros) = self.epoch.and_then(|epoch| epoch.micros(text.trim().parse().ok()?)) {
                times.extend(repeated(micros));
            } else if self.is_truth {
                tokens.add(if truth(&text) == Some(true) { b"true" } else { b"false" }, n);
            } else if self.is_trimmed {
                tokens.add(text.trim().as_bytes(), n);
            } else {
                tokens.add(label, n);
            }
        }
        if self.is_truth {
            column.numbers.runs().for_each(|(value, n)| tokens.add(if value == 0.0 { b"false" } else { b"true" }, n));
            made.numbers = Sample::default();
            made.counts.n_float = 0;
        } else if let Some(epoch) = self.epoch {
            let read = column.numbers.runs().filter_map(|(value, n)| Some((epoch.micros(value)?, n)));
            times.extend(read.flat_map(|(micros, n)| std::iter::repeat_n(micros, usize::try_from(n).unwrap_or(0))));
            made.numbers = Sample::default();
            made.counts.n_float = 0;
        } else if self.numbers.is_some_and(|marks| marks.thousands == Some('.')) {
            // `1.299` was read as a fraction before the column as a whole showed that the point marks thousands.
            let whole = |value: f64| if value.fract() == 0.0 { value } else { (value * 1e3).round() };
            let read = column
                .numbers
                .runs()
                .flat_map(|(value, n)| std::iter::repeat_n(whole(value), usize::try_from(n).unwrap_or(0)));
            made.numbers = sampled(&Sample::default(), &read.collect::<Vec<_>>());
        }
        if self.swaps {
            let read = column
                .times
                .runs()
                .flat_map(|(micros, n)| std::iter::repeat_n(swapped(micros), usize::try_from(n).unwrap_or(0)));
            times.extend(read);
            made.times = Sample::default();
        }
        if !numbers.is_empty() {
            made.numbers = sampled(&made.numbers, &numbers);
        }
        if !times.is_empty() {
            made.times = sampled(&made.times, &times);
            made.time_facts = TimeFacts::default();
            for (micros, n) in made.times.runs() {
                (0..n).for_each(|_| made.time_facts.add(micros as i64));
            }
        }
        made.text_facts = TextFacts::of(&tokens);
        let is_left = |cell: &str| tokens.iter().any(|(label, _)| text_of(label) == cell);
        made.odd.retain(|(_, cell)| is_left(cell));
        if numbers.len() + times.len() > 0 || !self.nulls.is_empty() {
            made.counts.n_leading_zero = 0;
        }
        made.tokens = tokens;
        Respelled { column: Cow::Owned(made), remarks: self.remarks(column, numbers.len() as u64) }
    }

    fn remarks(&self, column: &ColumnProfile, n_numbers: u64) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let about = |kind: RemarkKind, text: String| Remark::new(kind, text).in_column(&column.name);
        if !self.nulls.is_empty() {
            let names: Vec<String> = self.nulls.iter().map(|null| format!("`{}`", null.trim())).collect();
            let n = self.n_null(column);
            let text =
                format!("{} {} null", names.join(", "), if names.len() == 1 { "is read as" } else { "are read as" });
            let text = format!("{text} ({})", format::counted(n, "cell"));
            remarks.push(
                about(RemarkKind::NullMarkers, text).remedy("--type", Some(&format!("{}=categorical", column.name))),
            );
        }
        if let Some(marks) = self.numbers.filter(|_| n_numbers > 0) {
            let how = match (marks.decimal, marks.thousands) {
                ('.', None) => "with their signs left out".to_owned(),
                (decimal, None) => format!("with `{decimal}` before decimals"),
                (decimal, Some(' ')) => format!("with `{decimal}` before decimals and blanks between thousands"),
                (decimal, Some(mark)) => format!("with `{decimal}` before decimals and `{mark}` between thousands"),
            };
            let text = format!("{} are read as numbers, {how}", format::counted(n_numbers, "text"));
            let other = if marks.thousands == Some(',') || marks.decimal == ',' {
                if marks.decimal == '.' { "," } else { "." }
            } else {
                ","
            };
            let remark = if self.is_open_number {
                about(RemarkKind::NumbersInText, format!("{text}; they can be read the other way"))
                    .remedy("--decimal", Some(other))
            } else {
                about(RemarkKind::NumbersInText, text).remedy("--type", Some(&format!("{}=categorical", column.name)))
            };
            remarks.push(remark);
        }
        if self.is_open_date {
            let first = match self.dates {
                Some(Order::Day) => "day",
                _ => "month",
            };
            let other = if first == "day" { "%m/%d/%Y" } else { "%d/%m/%Y" };
            let text = format!("dates are read with the {first} first; nothing in them decides");
            remarks.push(about(RemarkKind::DateOrder, text).remedy("--time-format", Some(other)));
        } else if self.swaps || self.dates == Some(Order::Day) {
            remarks.push(about(RemarkKind::DateOrder, "dates are read with the day first".to_owned()));
        }
        if let Some(epoch) = self.epoch {
            let text = format!("numbers are read as times, {}", epoch.words());
            remarks.push(about(RemarkKind::Epoch, text).remedy("--type", Some(&format!("{}=numeric", column.name))));
        }
        remarks
    }
}

/// A sample with more values.
fn sampled(sample: &Sample, more: &[f64]) -> Sample {
    let mut all = Quantiles::new((sample.values().len() + more.len()).max(64));
    all.absorb(sample);
    all.extend(more);
    all.seal()
}

/// The marks by which most labels are numbers, and how many; the plainer when several do as well.
fn best_marks(labels: &[&(Cow<'_, str>, u64)]) -> Option<(Marks, u64)> {
    let count = |marks: Marks| {
        let read = labels.iter().filter(|(label, _)| spelled_number::parse(label, marks).is_some());
        read.map(|(_, n)| n).sum::<u64>()
    };
    let mut best: Option<(Marks, u64)> = None;
    for marks in spelled_number::ALL {
        let found = count(marks);
        if found > best.map_or(0, |(_, most)| most) {
            best = Some((marks, found));
        }
    }
    best
}

/// The order by which most labels are dates, and how many.
fn best_order(labels: &[&(Cow<'_, str>, u64)], proven: Option<Order>) -> Option<(Order, u64)> {
    let slashes = labels.iter().filter(|(label, _)| label.contains('/')).count() * 2 > labels.len();
    let mut orders = Order::ALL;
    // With slashes the month comes first where nothing decides, as it does in ISO-like readers.
    if proven == Some(Order::Month) || (proven.is_none() && slashes) {
        orders.swap(0, 1);
    }
    let mut best: Option<(Order, u64)> = None;
    for order in orders {
        let read = labels.iter().filter(|(label, _)| spelled_date::parse(label, order).is_some());
        let found = read.map(|(_, n)| n).sum::<u64>();
        if found > best.map_or(0, |(_, most)| most) {
            best = Some((order, found));
        }
    }
    best
}

/// A time whose day and month change places; as it is when that is no date.
fn swapped(micros: f64) -> f64 {
    let spelled = crate::cell::time::spelled(micros as i64);
    let (Some(year), Some(month), Some(day)) = (spelled.get(..4), spelled.get(5..7), spelled.get(8..10)) else {
        return micros;
    };
    let turned = format!("{year}-{day}-{month}{}", spelled.get(10..).unwrap_or_default());
    crate::cell::time::parse(turned.as_bytes()).map_or(micros, |turned| turned as f64)
}

/// What the numbers of a column count when they are times: the type is given, or the other side has times.
fn epoch(column: &ColumnProfile, given: Option<ColumnType>, is_time_there: bool) -> Option<Epoch> {
    let is_wanted = given == Some(ColumnType::Datetime) || (given.is_none() && is_time_there);
    if !is_wanted || column.n_times() > 0 {
        return None;
    }
    let labels = column.tokens.iter().filter_map(|(label, n)| Some((text_of(label).trim().parse::<f64>().ok()?, n)));
    let numbers: Vec<(f64, u64)> = labels.chain(column.numbers.runs()).collect();
    let fits = |epoch: Epoch| {
        let read = numbers.iter().filter(|(value, _)| epoch.micros(*value).is_some());
        mostly(read.map(|(_, n)| n).sum(), n_values(column))
    };
    [Epoch::CalendarDay, Epoch::Seconds, Epoch::Milliseconds, Epoch::Microseconds, Epoch::Nanoseconds]
        .into_iter()
        .find(|epoch| fits(*epoch))
}

impl Epoch {
    /// Microseconds since 1970; `None` for what lies outside of the years 1973 to 2286, or is no date.
    fn micros(self, value: f64) -> Option<f64> {
        let per = match self {
            Self::CalendarDay => {
                let is_day = value.fract() == 0.0 && (19_000_101.0..=21_001_231.0).contains(&value);
                let text = is_day.then(|| format!("{value:.0}"))?;
                let spelled = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..8]);
                return crate::cell::time::parse(spelled.as_bytes()).map(|micros| micros as f64);
            }
            Self::Seconds => 1e6,
            Self::Milliseconds => 1e3,
            Self::Microseconds => 1.0,
            Self::Nanoseconds => 1e-3,
        };
        let micros = value * per;
        (1e14..1e16).contains(&micros).then(|| micros.floor())
    }

    fn words(self) -> &'static str {
        match self {
            Self::Seconds => "epoch seconds",
            Self::Milliseconds => "epoch milliseconds",
            Self::Microseconds => "epoch microseconds",
            Self::Nanoseconds => "epoch nanoseconds",
            Self::CalendarDay => "days as yyyymmdd",
        }
    }
}

/// The truth value that a word stands for.
fn truth(label: &str) -> Option<bool> {
    match label.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Whether a column holds truth values only, whatever they are written as.
fn is_truth(column: &ColumnProfile) -> bool {
    let are_words = column.tokens.n_other() == 0
        && column.tokens.len() <= 8
        && column.tokens.iter().all(|(label, _)| truth(&text_of(label)).is_some());
    let are_bits = column.numbers.runs().all(|(value, _)| value == 0.0 || value == 1.0);
    are_words && are_bits && column.n_times() == 0 && n_values(column) > 0
}

/// The distinct words of a column of few, sorted.
fn words_of(column: &ColumnProfile) -> Vec<String> {
    let mut words: Vec<String> = column.tokens.iter().map(|(label, _)| text_of(label).into_owned()).collect();
    words.extend(column.numbers.runs().map(|(value, _)| value.to_string()));
    words.sort_unstable();
    words
}

/// Whether a label has blanks around it.
fn is_padded(column: &ColumnProfile) -> bool {
    let is_blank = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_whitespace);
    column.tokens.n_other() == 0
        && column.tokens.iter().any(|(label, _)| is_blank(label.first()) || is_blank(label.last()))
}

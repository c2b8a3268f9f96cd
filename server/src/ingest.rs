//! A body becomes a batch: profiles by slot, with what was odd about it. Decisions here are pure; the rows are not kept.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use axum::body::Bytes;
use drift::{
    profile::Profile,
    read::{ReadOptions, SlotReader, Slotted},
    schema::ColumnType,
    wire::{BatchFinding, DatasetColumn, Receipt, SchemaChange, SlotCount, server_options},
};
use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};

use crate::{
    api::problem::{ApiError, ApiResult},
    limits,
    store::{
        batches::NewBatch,
        datasets::Dataset,
        id::{BatchId, OrgId},
    },
};

/// Most slots that the rows of one batch may fall into.
const MOST_SLOTS: usize = 2_500;
const LISTED: usize = 20;

/// How bodies are read.
pub fn options(name: &str) -> ReadOptions {
    ReadOptions { limits: limits::READ, ..server_options(name) }
}

/// How profiles and references are read: whole files, of any options.
pub fn reference_options(name: &str) -> ReadOptions {
    ReadOptions { limits: limits::READ, ..ReadOptions::new(name) }
}

/// How times become slots.
#[derive(Clone, Debug)]
pub struct Slotting {
    seconds: i64,
    zone: TimeZone,
    now: Timestamp,
    /// When rows without a time of their own happened.
    at: Timestamp,
}

impl Slotting {
    /// The slots of a dataset; its zone is checked when the dataset is made.
    pub fn of(dataset: &Dataset, now: Timestamp, at: Option<Timestamp>) -> Self {
        let zone = TimeZone::get(&dataset.time_zone).unwrap_or(TimeZone::UTC);
        Self { seconds: dataset.slot_seconds.into(), zone, now, at: at.unwrap_or(now) }
    }

    /// The start of the slot of a time: slots are counted from the day's beginning in the dataset's zone.
    pub fn start(&self, at: Timestamp) -> Timestamp {
        const DAY: i64 = 86_400;
        if self.zone == TimeZone::UTC {
            let second = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
            let start = second.div_euclid(self.seconds) * self.seconds;
            return Timestamp::from_second(start).unwrap_or(at);
        }
        let local = at.to_zoned(self.zone.clone());
        let Ok(midnight) = local.start_of_day() else { return at };
        if self.seconds >= DAY {
            return midnight.timestamp();
        }
        // By the clock on the wall of that day's beginning: a day of 23 hours has one slot of an hour less.
        let since = at.duration_since(midnight.timestamp()).as_secs();
        let start = midnight.timestamp() + SignedDuration::from_secs(since / self.seconds * self.seconds);
        Zoned::new(start, self.zone.clone()).timestamp()
    }
}

/// What a reader saw of times on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// A row that lies too far ahead.
    pub ahead: Option<Timestamp>,
    /// A row older than what is kept.
    pub too_old: Option<Timestamp>,
    pub is_late: bool,
    /// Rows whose time is missing or cannot be read.
    pub n_without_time: u64,
}

impl Seen {
    /// Notes a row's time, and gives the start of its slot in microseconds.
    pub fn note(&mut self, time: Option<i64>, slotting: &Slotting) -> i64 {
        let now = slotting.now;
        let at = time.and_then(|micros| Timestamp::from_microsecond(micros).ok());
        self.n_without_time += u64::from(at.is_none());
        let at = at.unwrap_or(slotting.at);
        let age = now.duration_since(at);
        if age < -limits::EVENT_AHEAD {
            self.ahead.get_or_insert(at);
        } else if age > limits::RETENTION {
            self.too_old.get_or_insert(at);
        } else if age > limits::LATENESS {
            self.is_late = true;
        }
        slotting.start(at).as_microsecond()
    }

    /// Refuses times that cannot be.
    pub fn check(&self) -> ApiResult<()> {
        if let Some(at) = self.ahead {
            let detail = format!("a row is of {at}, more than 5 minutes ahead; is its time zone right?");
            return Err(ApiError::new(limits::TIMESTAMP_IN_FUTURE, detail));
        }
        if let Some(at) = self.too_old {
            let detail = format!("a row is of {at}, older than 90 days; use it as a reference instead");
            return Err(ApiError::new(limits::TIMESTAMP_TOO_OLD, detail));
        }
        Ok(())
    }
}

/// Reads a body to its end. Runs on a thread of its own: pieces come through `next`, which ends with `None`.
pub fn read(
    options: &ReadOptions,
    time_column: Option<String>,
    slotting: &Slotting,
    next: impl FnMut() -> ApiResult<Option<Bytes>>,
) -> ApiResult<(Slotted, Seen)> {
    let mut seen = Seen::default();
    let has_times = time_column.is_some();
    let slotted = {
        let mut reader = SlotReader::new(options, time_column, |time| seen.note(time, slotting))?;
        each_piece(next, |piece| {
            reader.push(piece)?;
            if reader.n_slots() > MOST_SLOTS { Err(too_many_slots()) } else { Ok(()) }
        })?;
        reader.finish()?
    };
    if slotted.profiles.len() > MOST_SLOTS {
        return Err(too_many_slots());
    }
    seen.n_without_time *= u64::from(has_times);
    seen.check()?;
    check_columns(&slotted)?;
    Ok((slotted, seen))
}

/// Hands on the pieces of a body to its end. The first is long enough to recognise the content by.
pub fn each_piece(
    mut next: impl FnMut() -> ApiResult<Option<Bytes>>,
    mut push: impl FnMut(&[u8]) -> ApiResult<()>,
) -> ApiResult<()> {
    const ENOUGH: usize = 8;
    let mut head = Vec::new();
    while let Some(piece) = next()? {
        if head.len() >= ENOUGH {
            push(&piece)?;
        } else if head.is_empty() && piece.len() >= ENOUGH {
            head.extend_from_slice(&piece[..ENOUGH]);
            push(&piece)?;
        } else {
            head.extend_from_slice(&piece);
            if head.len() >= ENOUGH {
                push(&head)?;
            }
        }
    }
    if head.len() < ENOUGH && !head.is_empty() { push(&head) } else { Ok(()) }
}

fn too_many_slots() -> ApiError {
    let detail = format!("the rows fall into more than {MOST_SLOTS} slots; send them in several batches");
    ApiError::new(limits::TOO_MANY_ROWS, detail).passing(MOST_SLOTS as u64, None)
}

fn check_columns(slotted: &Slotted) -> ApiResult<()> {
    const LONGEST: usize = 256;
    for profile in slotted.profiles.values() {
        let mut names = BTreeSet::new();
        for column in &profile.columns {
            let is_new = names.insert(column.name.as_str());
            if column.name.is_empty() || column.name.len() > LONGEST || !is_new {
                let shown: String = column.name.chars().take(40).collect();
                let detail = format!("column `{shown}`: a name has 1 to {LONGEST} bytes and is used once");
                return Err(ApiError::new(limits::INVALID_COLUMN_NAME, detail));
            }
        }
    }
    Ok(())
}

/// The columns of a dataset after a batch, if it changes them, and how the batch differs from them before.
pub fn meet(known: &[DatasetColumn], slotted: &Slotted) -> (Option<Vec<DatasetColumn>>, Vec<SchemaChange>) {
    let mut columns = Cow::Borrowed(known);
    let mut changes = Vec::new();
    // The slot with the most rows tells types best.
    let Some(largest) = slotted.profiles.values().max_by_key(|profile| profile.n_rows) else {
        return (None, changes);
    };
    for (index, name) in largest.columns.iter().map(|column| column.name.as_str()).enumerate() {
        // Most batches have the columns of those before, in their order.
        let is_at = |at: usize| known.get(at).is_some_and(|column| column.name == name);
        let at = if is_at(index) { Some(index) } else { columns.iter().position(|column| column.name == name) };
        let Some(at) = at else {
            if !known.is_empty() {
                changes.push(SchemaChange::New { column: name.to_owned() });
            }
            let schema = largest.schema(index);
            columns.to_mut().push(DatasetColumn {
                name: name.to_owned(),
                inferred_type: schema.r#type,
                reason: schema.reason,
                type_override: None,
                is_missing: false,
            });
            continue;
        };
        if columns[at].is_missing {
            columns.to_mut()[at].is_missing = false;
        }
        // A few rows cannot tell some types apart.
        if largest.n_rows < FEW_ROWS {
            continue;
        }
        let (from, to) = (columns[at].inferred_type, largest.schema(index).r#type);
        // An empty column says nothing about its type.
        if from != to && ![from, to].contains(&ColumnType::Empty) {
            changes.push(SchemaChange::Retyped { column: name.to_owned(), from, to });
        }
    }
    if let Some(names) = names_besides(known, slotted) {
        for at in 0..columns.len() {
            if !names.contains(columns[at].name.as_str()) {
                changes.push(SchemaChange::Missing { column: columns[at].name.clone() });
                if !columns[at].is_missing {
                    columns.to_mut()[at].is_missing = true;
                }
            }
        }
    }
    let changed = match columns {
        Cow::Borrowed(_) => None,
        Cow::Owned(columns) => (columns != known).then_some(columns),
    };
    (changed, changes)
}

/// The names of a batch's columns; nothing when they are just those that are known.
fn names_besides<'a>(known: &[DatasetColumn], slotted: &'a Slotted) -> Option<BTreeSet<&'a str>> {
    let mut profiles = slotted.profiles.values();
    let names = |profile: &'a Profile| profile.columns.iter().map(|column| column.name.as_str());
    let is_known = |profile| names(profile).eq(known.iter().map(|column| column.name.as_str()));
    if profiles.clone().all(is_known) { None } else { Some(profiles.by_ref().flat_map(names).collect()) }
}

/// Fewer rows than this do not say what a column is.
const FEW_ROWS: u64 = 100;

/// The batch that is kept, with the receipt that is answered.
pub fn batch(
    org: OrgId,
    dataset: &Dataset,
    idempotency_key: Option<String>,
    slotted: &Slotted,
    seen: Seen,
    now: Timestamp,
) -> NewBatch {
    let id = BatchId::new();
    let (columns, schema_changes) = meet(&dataset.columns, slotted);
    let at = |slot: i64| Timestamp::from_microsecond(slot).unwrap_or(now);
    let profiles = &slotted.profiles;
    let receipt = Receipt {
        batch_id: id.to_string(),
        dataset: dataset.name.clone(),
        received_at: now.to_string(),
        body_hash: slotted.input_hash.clone(),
        n_rows_accepted: profiles.values().map(|profile| profile.n_rows).sum(),
        n_rows_rejected: profiles.values().map(|profile| profile.findings.n_rejected_rows).sum(),
        findings: findings(profiles, seen, dataset),
        slots: profiles
            .iter()
            .map(|(slot, p)| SlotCount { slot_at: at(*slot).to_string(), n_rows: p.n_rows })
            .collect(),
        schema_changes,
        late: seen.is_late,
    };
    NewBatch {
        id,
        org,
        dataset: dataset.id,
        idempotency_key,
        body_hash: slotted.input_hash.clone(),
        received_at: now,
        n_rows: receipt.n_rows_accepted,
        receipt: serde_json::to_string(&receipt).expect("plain data serialises"),
        slots: profiles.iter().map(|(slot, profile)| (at(*slot), profile.n_rows, profile.encode())).collect(),
        columns: columns.map(|columns| (dataset.version, columns)),
    }
}

fn findings(profiles: &BTreeMap<i64, Profile>, seen: Seen, dataset: &Dataset) -> Vec<BatchFinding> {
    let without_time = (seen.n_without_time > 0).then(|| BatchFinding {
        row: None,
        column: dataset.time_column.clone(),
        detail: format!(
            "{} rows have no time that can be read; they count as rows of no time of their own",
            seen.n_without_time
        ),
    });
    let listed = profiles.values().flat_map(|profile| &profile.findings.listed).map(|finding| BatchFinding {
        row: Some(finding.row),
        column: finding.column.clone(),
        detail: format!("found {}, expected {}", finding.found, finding.expected),
    });
    without_time.into_iter().chain(listed).take(LISTED).collect()
}

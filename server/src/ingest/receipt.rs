//! The batch that is kept, and the answer to who sent it.

use std::collections::BTreeMap;

use drift::{
    read::{Part, Slotted},
    wire::{BatchFinding, MOST_FINDINGS, Receipt, SlotCount},
};
use jiff::Timestamp;

use super::{columns::meet, slotting::Seen};
use crate::store::{
    batches::{Content, NewBatch, NewSlot},
    datasets::Dataset,
    id::{BatchId, OrgId},
};

/// The batch that is kept, with the receipt that is answered.
pub fn batch(
    org: OrgId,
    dataset: &Dataset,
    idempotency_key: Option<String>,
    slotted: Slotted,
    seen: Seen,
    now: Timestamp,
) -> NewBatch {
    let id = BatchId::new();
    let (columns, schema_changes) = meet(&dataset.columns, &slotted);
    let at = |slot: i64| Timestamp::from_microsecond(slot).unwrap_or(now);
    let Slotted { parts, input_hash, .. } = slotted;
    let receipt = Receipt {
        batch_id: id.to_string(),
        dataset: dataset.name.clone(),
        received_at: now.to_string(),
        body_hash: input_hash.clone(),
        n_rows_accepted: parts.values().map(Part::n_rows).sum(),
        n_rows_rejected: parts.values().map(|part| part.findings().n_rejected_rows).sum(),
        findings: findings(&parts, seen, dataset),
        slots: parts
            .iter()
            .map(|(slot, part)| SlotCount { slot_at: at(*slot).to_string(), n_rows: part.n_rows() })
            .collect(),
        schema_changes,
        late: seen.is_late,
    };
    NewBatch {
        id,
        org,
        dataset: dataset.id,
        idempotency_key,
        body_hash: input_hash,
        received_at: now,
        n_rows: receipt.n_rows_accepted,
        receipt: serde_json::to_string(&receipt).expect("plain data serialises"),
        slots: parts.into_iter().map(|(slot, part)| new_slot(at(slot), part)).collect(),
        columns: columns.map(|columns| (dataset.version, columns)),
    }
}

fn new_slot(at: Timestamp, part: Part) -> NewSlot {
    let n_rows = part.n_rows();
    let content = match part {
        Part::Profile(profile) => Content::File(profile.encode()),
        Part::Few(rows) => Content::Rows(rows),
    };
    NewSlot { at, n_rows, content }
}

fn findings(parts: &BTreeMap<i64, Part>, seen: Seen, dataset: &Dataset) -> Vec<BatchFinding> {
    let without_time = (seen.n_without_time > 0).then(|| BatchFinding {
        row: None,
        column: dataset.time_column.clone(),
        detail: format!(
            "{} rows have no time that can be read; they count as rows of no time of their own",
            seen.n_without_time
        ),
    });
    let listed = parts.values().flat_map(|part| &part.findings().listed).map(|finding| BatchFinding {
        row: Some(finding.row),
        column: finding.column.clone(),
        detail: format!("found {}, expected {}", finding.found, finding.expected),
    });
    without_time.into_iter().chain(listed).take(MOST_FINDINGS).collect()
}

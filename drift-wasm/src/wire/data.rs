use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::schema::ColumnType;

/// Days for which a dataset may keep what arrives.
pub const RETENTION_DAYS: RangeInclusive<u32> = 1..=3_650;

/// Days for which a dataset keeps what arrives, unless somebody says otherwise.
pub const USUAL_RETENTION_DAYS: u32 = 90;

/// A new dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DatasetCreate {
    #[cfg_attr(feature = "openapi", schema(value_type = super::text::AddressName))]
    pub name: String,
    /// The column that says when a row happened; without it rows belong to the slot in which they arrive.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<super::text::ColumnName>))]
    pub time_column: Option<String>,
    /// Length of a slot in seconds: a divisor of a day, or a day. An hour when left out.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 60, maximum = 86_400))]
    pub slot_seconds: Option<u32>,
    /// IANA name of the zone in which days begin. UTC when left out.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Days for which what arrives is kept; older rows are refused. 90 when left out.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 3_650))]
    pub retention_days: Option<u32>,
}

/// What of a dataset is to change; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DatasetPatch {
    /// Types by column, which then hold whatever the data look like; null goes back to the inferred one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, Option<String>>))]
    pub column_types: std::collections::BTreeMap<String, Option<ColumnType>>,
    /// Another time column; batches from here on go by it. Null: rows belong to the slot in which they arrive.
    #[serde(default, deserialize_with = "null_or", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<super::text::ColumnName>))]
    pub time_column: Option<Option<String>>,
    /// Another length of slots in seconds, a divisor of a day, or a day; what is kept stays in the slots it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 60, maximum = 86_400))]
    pub slot_seconds: Option<u32>,
    /// IANA name of another zone in which days begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Days for which what arrives is kept. Fewer than before: what is older is deleted within an hour or so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 3_650))]
    pub retention_days: Option<u32>,
}

/// Tells a field that is null from one that is left out.
fn null_or<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// A named stream of batches with one schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatasetBody {
    pub id: String,
    pub name: String,
    pub time_column: Option<String>,
    pub slot_seconds: u32,
    pub time_zone: String,
    /// Days for which what arrives is kept.
    pub retention_days: u32,
    /// As the batches had them; empty before the first.
    pub columns: Vec<DatasetColumn>,
    pub created_at: String,
    pub version: i64,
}

/// One column of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatasetColumn {
    pub name: String,
    /// As the first batch looked that had it and enough rows.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub inferred_type: ColumnType,
    /// Why.
    pub reason: String,
    /// What somebody decided instead.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub type_override: Option<ColumnType>,
    /// The last batch did not have it.
    #[serde(default)]
    pub is_missing: bool,
    /// Rows by which the type was inferred; a few do not settle it.
    #[serde(default)]
    pub n_rows: u64,
}

/// How a batch's columns differ from the dataset's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SchemaChange {
    /// The dataset has not had it before.
    New { column: String },
    /// The dataset has it, the batch does not.
    Missing { column: String },
    /// It looks like another type.
    Retyped {
        column: String,
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        from: ColumnType,
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        to: ColumnType,
    },
}

/// What arrived in one request, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    pub batch_id: String,
    pub dataset: String,
    pub received_at: String,
    /// BLAKE3 of the body as it came.
    pub body_hash: String,
    pub n_rows_accepted: u64,
    pub n_rows_rejected: u64,
    /// Up to 20 reasons of rejected rows and cells.
    pub findings: Vec<BatchFinding>,
    /// Start of each slot that the rows fell into, with how many did.
    pub slots: Vec<SlotCount>,
    pub schema_changes: Vec<SchemaChange>,
    /// Some rows are older than the dataset waits for.
    pub late: bool,
}

/// Something that was odd in a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchFinding {
    pub row: Option<u64>,
    pub column: Option<String>,
    pub detail: String,
}

/// Rows in one slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SlotCount {
    pub slot_at: String,
    pub n_rows: u64,
}

/// What batches are compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReferenceBody {
    pub id: String,
    pub name: String,
    pub n_rows: u64,
    pub profile_hash: String,
    pub is_active: bool,
    pub created_at: String,
}

/// What an org keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageBody {
    pub n_members: u64,
    /// Keys that were not revoked.
    pub n_keys: u64,
    /// By name.
    pub datasets: Vec<DatasetUsageBody>,
}

/// What one dataset keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatasetUsageBody {
    pub name: String,
    pub n_batches: u64,
    pub n_rows: u64,
    /// Of profiles and references; rows are not kept.
    pub n_bytes: u64,
    /// Null before the first.
    pub last_batch_at: Option<String>,
}

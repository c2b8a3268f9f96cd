//! Named streams of batches, and what they are compared with.

use drift::wire::DatasetColumn;
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    OrgScope, Result, StoreError,
    entity::{dataset, reference},
    id::{DatasetId, ReferenceId},
    scope::OrgTransaction,
    time::{from_micros, to_micros},
};

/// A stream of batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    pub id: DatasetId,
    pub name: String,
    pub time_column: Option<String>,
    pub slot_seconds: u32,
    pub time_zone: String,
    pub columns: Vec<DatasetColumn>,
    pub created_at: Timestamp,
    pub version: i64,
}

impl From<dataset::Model> for Dataset {
    fn from(row: dataset::Model) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            time_column: row.time_column,
            slot_seconds: u32::try_from(row.slot_seconds).unwrap_or(u32::MAX),
            time_zone: row.time_zone,
            columns: serde_json::from_str(&row.columns).unwrap_or_default(),
            created_at: from_micros(row.created_at),
            version: row.version,
        }
    }
}

/// A dataset to be made.
#[derive(Clone, Debug)]
pub struct NewDataset {
    pub name: String,
    pub time_column: Option<String>,
    pub slot_seconds: u32,
    pub time_zone: String,
}

/// Makes a dataset.
pub async fn create(org: &OrgScope, new: NewDataset, now: Timestamp) -> Result<Dataset> {
    let scope = org.write().await?;
    let NewDataset { name, time_column, slot_seconds, time_zone } = new;
    let row = dataset::Model {
        org_id: scope.org,
        id: DatasetId::new().0,
        name,
        time_column,
        slot_seconds: slot_seconds.into(),
        time_zone,
        columns: "[]".to_owned(),
        created_at: to_micros(now),
        version: 1,
    };
    scope.insert::<dataset::Entity>(row.clone()).await?;
    scope.commit().await?;
    Ok(row.into())
}

/// Up to `limit` datasets by name, behind the name `after`.
pub async fn page(org: &OrgScope, after: Option<String>, limit: u64) -> Result<Vec<Dataset>> {
    let scope = org.read().await?;
    let mut found = scope.find::<dataset::Entity>();
    if let Some(after) = after {
        found = found.filter(dataset::Column::Name.gt(after));
    }
    let rows = found.order_by_asc(dataset::Column::Name).limit(limit).all(&scope.txn).await?;
    Ok(rows.into_iter().map(Dataset::from).collect())
}

/// The dataset of a name or id.
pub async fn get(org: &OrgScope, name: &str) -> Result<Dataset> {
    let scope = org.read().await?;
    find(&scope, name).await
}

async fn find(scope: &OrgTransaction, name: &str) -> Result<Dataset> {
    let named = match name.parse::<DatasetId>() {
        Ok(id) => dataset::Column::Id.eq(id.0),
        Err(_) => dataset::Column::Name.eq(name),
    };
    let row = scope.find::<dataset::Entity>().filter(named).one(&scope.txn).await?;
    row.map(Dataset::from).ok_or(StoreError::NotFound)
}

/// Changes columns and time column of a dataset that nobody changed since its version.
pub async fn change(org: &OrgScope, dataset: &Dataset) -> Result<Dataset> {
    let scope = org.write().await?;
    let changed = scope
        .update::<dataset::Entity>()
        .col_expr(dataset::Column::Columns, Expr::value(columns_text(&dataset.columns)))
        .col_expr(dataset::Column::TimeColumn, Expr::value(dataset.time_column.clone()))
        .col_expr(dataset::Column::Version, Expr::col(dataset::Column::Version).add(1))
        .filter(dataset::Column::Id.eq(dataset.id.0))
        .filter(dataset::Column::Version.eq(dataset.version))
        .exec(&scope.txn)
        .await?;
    let now = find(&scope, &dataset.id.to_string()).await?;
    if changed.rows_affected == 0 {
        return Err(StoreError::Stale(now.version));
    }
    scope.commit().await?;
    Ok(now)
}

/// Notes the columns that a batch brought, unless somebody changed the dataset in the meantime: the next batch will.
pub(super) async fn note_columns(
    scope: &OrgTransaction,
    id: DatasetId,
    version: i64,
    columns: &[DatasetColumn],
) -> Result<()> {
    scope
        .update::<dataset::Entity>()
        .col_expr(dataset::Column::Columns, Expr::value(columns_text(columns)))
        .col_expr(dataset::Column::Version, Expr::col(dataset::Column::Version).add(1))
        .filter(dataset::Column::Id.eq(id.0))
        .filter(dataset::Column::Version.eq(version))
        .exec(&scope.txn)
        .await?;
    Ok(())
}

fn columns_text(columns: &[DatasetColumn]) -> String {
    serde_json::to_string(columns).expect("plain data serialises")
}

/// Takes a dataset away, with its batches and references.
pub async fn remove(org: &OrgScope, id: DatasetId) -> Result<()> {
    let scope = org.write().await?;
    let gone = scope.delete::<dataset::Entity>().filter(dataset::Column::Id.eq(id.0)).exec(&scope.txn).await?;
    if gone.rows_affected == 0 {
        return Err(StoreError::NotFound);
    }
    scope.commit().await
}

/// What batches are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub id: ReferenceId,
    pub name: String,
    pub n_rows: u64,
    pub profile_hash: String,
    pub is_active: bool,
    pub created_at: Timestamp,
}

impl From<reference::Model> for Reference {
    fn from(row: reference::Model) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            n_rows: u64::try_from(row.n_rows).unwrap_or(0),
            profile_hash: row.profile_hash,
            is_active: row.is_active,
            created_at: from_micros(row.created_at),
        }
    }
}

/// A reference to be kept.
#[derive(Clone, Debug)]
pub struct NewReference {
    pub name: String,
    pub n_rows: u64,
    /// A profile file of the engine.
    pub profile: Vec<u8>,
    pub profile_hash: String,
}

/// Keeps a reference; the first of a dataset is active at once.
pub async fn add_reference(org: &OrgScope, dataset: DatasetId, new: NewReference, now: Timestamp) -> Result<Reference> {
    let scope = org.write().await?;
    let others = scope.find::<reference::Entity>().filter(reference::Column::DatasetId.eq(dataset.0));
    let is_first = others.one(&scope.txn).await?.is_none();
    let NewReference { name, n_rows, profile, profile_hash } = new;
    let row = reference::Model {
        org_id: scope.org,
        id: ReferenceId::new().0,
        dataset_id: dataset.0,
        name,
        n_rows: i64::try_from(n_rows).unwrap_or(i64::MAX),
        profile,
        profile_hash,
        is_active: is_first,
        created_at: to_micros(now),
    };
    scope.insert::<reference::Entity>(row.clone()).await?;
    scope.commit().await?;
    Ok(row.into())
}

/// The references of a dataset, newest first.
pub async fn references(org: &OrgScope, dataset: DatasetId) -> Result<Vec<Reference>> {
    let scope = org.read().await?;
    let rows = scope
        .find::<reference::Entity>()
        .filter(reference::Column::DatasetId.eq(dataset.0))
        .order_by_desc(reference::Column::Id)
        .all(&scope.txn)
        .await?;
    Ok(rows.into_iter().map(Reference::from).collect())
}

/// Makes one reference of a dataset the active one.
pub async fn activate(org: &OrgScope, dataset: DatasetId, id: ReferenceId) -> Result<()> {
    let scope = org.write().await?;
    let of_dataset = || reference::Column::DatasetId.eq(dataset.0);
    scope
        .update::<reference::Entity>()
        .col_expr(reference::Column::IsActive, Expr::value(false))
        .filter(of_dataset())
        .exec(&scope.txn)
        .await?;
    let chosen = scope
        .update::<reference::Entity>()
        .col_expr(reference::Column::IsActive, Expr::value(true))
        .filter(of_dataset())
        .filter(reference::Column::Id.eq(id.0))
        .exec(&scope.txn)
        .await?;
    if chosen.rows_affected == 0 {
        return Err(StoreError::NotFound);
    }
    scope.commit().await
}

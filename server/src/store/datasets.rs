//! Named streams of batches.

use drift::wire::DatasetColumn;
use jiff::{Timestamp, tz::TimeZone};
use sea_orm::{
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    OrgScope, Result, StoreError, audit::Deed, entity::dataset, id::DatasetId, row::Row, scope::OrgTransaction,
    time::to_micros,
};

/// A stream of batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    pub id: DatasetId,
    pub name: String,
    pub time_column: Option<String>,
    pub slot_seconds: u32,
    pub time_zone: String,
    pub retention_days: u32,
    pub columns: Vec<DatasetColumn>,
    pub created_at: Timestamp,
    pub version: i64,
}

impl TryFrom<dataset::Model> for Dataset {
    type Error = StoreError;

    fn try_from(row: dataset::Model) -> Result<Self> {
        let of = Row::new("dataset", row.id);
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            time_column: row.time_column,
            slot_seconds: of.number("slot_seconds", row.slot_seconds)?,
            time_zone: of.need("time_zone", Some(row.time_zone).filter(|zone| TimeZone::get(zone).is_ok()))?,
            retention_days: of.number("retention_days", row.retention_days)?,
            columns: of.json("columns", &row.columns)?,
            created_at: of.time("created_at", row.created_at)?,
            version: row.version,
        })
    }
}

/// A dataset to be made.
#[derive(Clone, Debug)]
pub struct NewDataset {
    pub name: String,
    pub time_column: Option<String>,
    pub slot_seconds: u32,
    pub time_zone: String,
    pub retention_days: u32,
}

/// Makes a dataset.
pub async fn create(org: &OrgScope, new: NewDataset, deed: Deed) -> Result<Dataset> {
    let scope = org.write().await?;
    let NewDataset { name, time_column, slot_seconds, time_zone, retention_days } = new;
    let row = dataset::Model {
        org_id: scope.org,
        id: DatasetId::new().0,
        name,
        time_column,
        slot_seconds: slot_seconds.into(),
        time_zone,
        retention_days: retention_days.into(),
        columns: "[]".to_owned(),
        created_at: to_micros(deed.at),
        version: 1,
    };
    scope.insert::<dataset::Entity>(row.clone()).await?;
    scope.commit_with(deed).await?;
    row.try_into()
}

/// Up to `limit` datasets by name, behind the name `after`.
pub async fn page(org: &OrgScope, after: Option<String>, limit: u64) -> Result<Vec<Dataset>> {
    let scope = org.read().await?;
    let mut found = scope.find::<dataset::Entity>();
    if let Some(after) = after {
        found = found.filter(dataset::Column::Name.gt(after));
    }
    let rows = found.order_by_asc(dataset::Column::Name).limit(limit).all(&scope.txn).await?;
    rows.into_iter().map(Dataset::try_from).collect()
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
    row.ok_or(StoreError::NotFound)?.try_into()
}

/// Changes columns, slotting and retention of a dataset that nobody changed since its version.
pub async fn change(org: &OrgScope, dataset: &Dataset, deed: Deed) -> Result<Dataset> {
    let scope = org.write().await?;
    let changed = scope
        .update::<dataset::Entity>()
        .col_expr(dataset::Column::Columns, Expr::value(columns_text(&dataset.columns)))
        .col_expr(dataset::Column::TimeColumn, Expr::value(dataset.time_column.clone()))
        .col_expr(dataset::Column::SlotSeconds, Expr::value(i64::from(dataset.slot_seconds)))
        .col_expr(dataset::Column::TimeZone, Expr::value(dataset.time_zone.clone()))
        .col_expr(dataset::Column::RetentionDays, Expr::value(i64::from(dataset.retention_days)))
        .col_expr(dataset::Column::Version, Expr::col(dataset::Column::Version).add(1))
        .filter(dataset::Column::Id.eq(dataset.id.0))
        .filter(dataset::Column::Version.eq(dataset.version))
        .exec(&scope.txn)
        .await?;
    let now = find(&scope, &dataset.id.to_string()).await?;
    if changed.rows_affected == 0 {
        return Err(StoreError::Stale(now.version));
    }
    scope.commit_with(deed).await?;
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
pub async fn remove(org: &OrgScope, id: DatasetId, deed: Deed) -> Result<()> {
    let scope = org.write().await?;
    let gone = scope.delete::<dataset::Entity>().filter(dataset::Column::Id.eq(id.0)).exec(&scope.txn).await?;
    if gone.rows_affected == 0 {
        return Err(StoreError::NotFound);
    }
    scope.commit_with(deed).await
}

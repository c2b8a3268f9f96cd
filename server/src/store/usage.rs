//! How much an org keeps.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, Func},
};
use uuid::Uuid;

use super::{
    OrgScope, Result,
    entity::{api_key, batch, dataset, membership, reference, slot_profile},
    row::Row,
};

/// What one dataset keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetUsage {
    pub name: String,
    pub n_batches: u64,
    pub n_rows: u64,
    /// Of profiles and references: rows are not kept.
    pub n_bytes: u64,
    pub last_batch_at: Option<Timestamp>,
}

/// What an org keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    pub n_members: u64,
    pub n_keys: u64,
    /// By name.
    pub datasets: Vec<DatasetUsage>,
}

/// Counts everything of an org.
pub async fn of(org: &OrgScope) -> Result<Usage> {
    let scope = org.read().await?;
    let batches: Vec<(Uuid, i64, Option<i64>, Option<i64>)> = scope
        .find::<batch::Entity>()
        .select_only()
        .column(batch::Column::DatasetId)
        .column_as(batch::Column::Id.count(), "n")
        .column_as(whole(batch::Column::NRows.sum()), "n_rows")
        .column_as(batch::Column::ReceivedAt.max(), "last")
        .group_by(batch::Column::DatasetId)
        .into_tuple()
        .all(&scope.txn)
        .await?;
    let profiles: Vec<(Uuid, Option<i64>)> = scope
        .find::<slot_profile::Entity>()
        .select_only()
        .column(slot_profile::Column::DatasetId)
        .column_as(n_bytes(slot_profile::Column::Profile), "n_bytes")
        .group_by(slot_profile::Column::DatasetId)
        .into_tuple()
        .all(&scope.txn)
        .await?;
    let references: Vec<(Uuid, Option<i64>)> = scope
        .find::<reference::Entity>()
        .select_only()
        .column(reference::Column::DatasetId)
        .column_as(n_bytes(reference::Column::Profile), "n_bytes")
        .group_by(reference::Column::DatasetId)
        .into_tuple()
        .all(&scope.txn)
        .await?;
    let datasets = scope.find::<dataset::Entity>().order_by_asc(dataset::Column::Name).all(&scope.txn).await?;
    let usage = |dataset: dataset::Model| -> Result<DatasetUsage> {
        let of = Row::new("dataset", dataset.id);
        let (_, n_batches, n_rows, last) =
            batches.iter().find(|found| found.0 == dataset.id).copied().unwrap_or((dataset.id, 0, None, None));
        let sums = profiles.iter().chain(&references).filter(|found| found.0 == dataset.id);
        Ok(DatasetUsage {
            name: dataset.name,
            n_batches: of.number("n_batches", n_batches)?,
            n_rows: of.number("n_rows", n_rows.unwrap_or(0))?,
            n_bytes: of.number("n_bytes", sums.map(|(_, n)| n.unwrap_or(0)).sum())?,
            last_batch_at: of.time_if_any("received_at", last)?,
        })
    };
    Ok(Usage {
        n_members: scope.find::<membership::Entity>().count(&scope.txn).await?,
        n_keys: scope.find::<api_key::Entity>().filter(api_key::Column::RevokedAt.is_null()).count(&scope.txn).await?,
        datasets: datasets.into_iter().map(usage).collect::<Result<_>>()?,
    })
}

/// A sum as a whole number: PostgreSQL sums to its decimals otherwise.
fn whole(sum: Expr) -> Expr {
    sum.cast_as(Alias::new("bigint"))
}

/// The bytes of all values of a column; both databases count them with `length`.
fn n_bytes(column: impl ColumnTrait) -> Expr {
    whole(Func::cust(Alias::new("length")).arg(column.into_expr()).sum())
}

//! What the batches of a dataset are compared with.

use jiff::Timestamp;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{
    OrgScope, Result, StoreError,
    audit::Deed,
    entity::{dataset, reference},
    id::{DatasetId, ReferenceId},
    row::Row,
    scope::OrgTransaction,
    time::to_micros,
};

/// A profile that batches are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub id: ReferenceId,
    pub name: String,
    pub n_rows: u64,
    pub profile_hash: String,
    pub is_active: bool,
    pub created_at: Timestamp,
}

impl TryFrom<reference::Model> for Reference {
    type Error = StoreError;

    fn try_from(row: reference::Model) -> Result<Self> {
        let of = Row::new("reference", row.id);
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            n_rows: of.number("n_rows", row.n_rows)?,
            profile_hash: row.profile_hash,
            is_active: row.is_active,
            created_at: of.time("created_at", row.created_at)?,
        })
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
pub async fn add(org: &OrgScope, dataset: DatasetId, new: NewReference, deed: Deed) -> Result<Reference> {
    let scope = org.write().await?;
    lock(&scope, dataset).await?;
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
        created_at: to_micros(deed.at),
    };
    scope.insert::<reference::Entity>(row.clone()).await?;
    scope.commit_with(deed).await?;
    row.try_into()
}

/// Lets others who change the references of a dataset wait: two first ones at once would each be the only one.
async fn lock(scope: &OrgTransaction, dataset: DatasetId) -> Result<()> {
    // SQLite has one writer at a time, and no such words.
    let found = scope.find::<dataset::Entity>().filter(dataset::Column::Id.eq(dataset.0));
    let row = found.lock_exclusive().one(&scope.txn).await?;
    row.map(drop).ok_or(StoreError::NotFound)
}

/// Up to `limit` references of a dataset, newest first, older than `before`.
pub async fn page(
    org: &OrgScope,
    dataset: DatasetId,
    before: Option<ReferenceId>,
    limit: u64,
) -> Result<Vec<Reference>> {
    let scope = org.read().await?;
    let mut found = scope.find::<reference::Entity>().filter(reference::Column::DatasetId.eq(dataset.0));
    if let Some(before) = before {
        found = found.filter(reference::Column::Id.lt(before.0));
    }
    let rows = found.order_by_desc(reference::Column::Id).limit(limit).all(&scope.txn).await?;
    rows.into_iter().map(Reference::try_from).collect()
}

/// One reference of a dataset.
pub async fn get(org: &OrgScope, dataset: DatasetId, id: ReferenceId) -> Result<Reference> {
    find(&org.read().await?, dataset, id).await
}

async fn find(scope: &OrgTransaction, dataset: DatasetId, id: ReferenceId) -> Result<Reference> {
    let found = scope
        .find::<reference::Entity>()
        .filter(reference::Column::DatasetId.eq(dataset.0))
        .filter(reference::Column::Id.eq(id.0))
        .one(&scope.txn)
        .await?;
    found.ok_or(StoreError::NotFound)?.try_into()
}

/// Makes one reference of a dataset the active one.
pub async fn activate(org: &OrgScope, dataset: DatasetId, id: ReferenceId, deed: Deed) -> Result<()> {
    let scope = org.write().await?;
    lock(&scope, dataset).await?;
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
    scope.commit_with(deed).await
}

/// Takes a reference away. The active one stays as long as there are others that could take its place.
pub async fn remove(org: &OrgScope, dataset: DatasetId, id: ReferenceId, deed: Deed) -> Result<()> {
    let scope = org.write().await?;
    lock(&scope, dataset).await?;
    let of_dataset = || reference::Column::DatasetId.eq(dataset.0);
    let is_active = find(&scope, dataset, id).await?.is_active;
    let others = scope.find::<reference::Entity>().filter(of_dataset()).filter(reference::Column::Id.ne(id.0));
    if is_active && others.one(&scope.txn).await?.is_some() {
        return Err(StoreError::ActiveReference);
    }
    scope
        .delete::<reference::Entity>()
        .filter(of_dataset())
        .filter(reference::Column::Id.eq(id.0))
        .exec(&scope.txn)
        .await?;
    scope.commit_with(deed).await
}

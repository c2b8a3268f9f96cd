//! What an org owns, and nothing else.

use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, DatabaseTransaction, DeleteMany, IntoActiveModel, QueryFilter,
    Select, UpdateMany,
};
use uuid::Uuid;

use super::{
    Access, Result, Store, Whom,
    audit::{self, Deed, Outcome},
    entity::OrgOwned,
    id::OrgId,
    idempotency,
};

/// The door to one org. Every query that it makes names the org; nobody else makes queries on what orgs own.
#[derive(Clone)]
pub struct OrgScope {
    store: Store,
    org: OrgId,
}

impl OrgScope {
    pub(super) fn new(store: Store, org: OrgId) -> Self {
        Self { store, org }
    }

    /// The org behind the door.
    pub fn id(&self) -> OrgId {
        self.org
    }

    pub(super) async fn read(&self) -> Result<OrgTransaction> {
        self.begin(Access::Read).await
    }

    pub(super) async fn write(&self) -> Result<OrgTransaction> {
        self.begin(Access::Write).await
    }

    async fn begin(&self, access: Access) -> Result<OrgTransaction> {
        let txn = self.store.begin(access, Whom::Org(self.org)).await?;
        Ok(OrgTransaction { store: self.store.clone(), txn, org: self.org.0 })
    }
}

/// Work on one org's rows that holds together.
pub(super) struct OrgTransaction {
    pub store: Store,
    pub txn: DatabaseTransaction,
    pub org: Uuid,
}

impl OrgTransaction {
    pub fn find<E: OrgOwned>(&self) -> Select<E> {
        E::find().filter(E::ORG.eq(self.org))
    }

    pub fn update<E: OrgOwned>(&self) -> UpdateMany<E> {
        E::update_many().filter(E::ORG.eq(self.org))
    }

    pub fn delete<E: OrgOwned>(&self) -> DeleteMany<E> {
        E::delete_many().filter(E::ORG.eq(self.org))
    }

    /// Inserts a row, of this org whatever it says.
    pub async fn insert<E>(&self, row: E::Model) -> Result<()>
    where
        E: OrgOwned,
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        let mut row = row.into_active_model();
        row.set(E::ORG, self.org.into());
        E::insert(row).exec_without_returning(&self.txn).await?;
        Ok(())
    }

    /// Keeps what was done, with the line of the audit log that tells of it, and the note under its idempotency key:
    /// none stays without the others.
    pub async fn commit_with(self, deed: Deed) -> Result<()> {
        if deed.outcome == Outcome::Done {
            idempotency::note_done(&self.txn, deed.at).await?;
        }
        audit::insert(&self, deed).await?;
        self.commit().await
    }

    /// Keeps what the audit log does not tell of.
    pub async fn commit(self) -> Result<()> {
        self.store.commit(self.txn).await
    }
}

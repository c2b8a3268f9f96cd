//! Who changed what, or was refused.

use jiff::Timestamp;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    OrgScope, Result, StoreError,
    entity::audit_entry,
    id::{AccountId, AuditEntryId},
    row::Row,
    scope::OrgTransaction,
    time::to_micros,
};

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    Refused,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Done, Self::Refused].into_iter().find(|outcome| outcome.as_str() == word)
    }
}

/// Something that somebody did or tried. What is done is written together with the change that it tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    pub at: Timestamp,
    /// Such as `account:<id>` or `key:<id>`.
    pub actor: String,
    pub actor_name: String,
    /// Such as `key.create`.
    pub action: String,
    pub target: String,
    pub outcome: Outcome,
}

impl Deed {
    /// What somebody with an account did.
    pub(super) fn of_account(id: AccountId, name: &str, action: &str, target: &str, at: Timestamp) -> Self {
        Self {
            at,
            actor: format!("account:{id}"),
            actor_name: name.to_owned(),
            action: action.to_owned(),
            target: target.to_owned(),
            outcome: Outcome::Done,
        }
    }
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    pub id: AuditEntryId,
    pub deed: Deed,
}

/// Writes a line about something that changed nothing: a refusal.
pub async fn record(org: &OrgScope, deed: Deed) -> Result<()> {
    org.write().await?.commit_with(deed).await
}

/// Writes a line in the transaction of what it tells of.
pub(super) async fn insert(scope: &OrgTransaction, deed: Deed) -> Result<()> {
    let Deed { at, actor, actor_name, action, target, outcome } = deed;
    let row = audit_entry::Model {
        org_id: scope.org,
        id: AuditEntryId::new().0,
        at: to_micros(at),
        actor,
        actor_name,
        action,
        target,
        outcome: outcome.as_str().to_owned(),
    };
    scope.insert::<audit_entry::Entity>(row).await
}

/// Up to `limit` lines, newest first, older than `before`.
pub async fn page(org: &OrgScope, before: Option<AuditEntryId>, limit: u64) -> Result<Vec<AuditEntry>> {
    let scope = org.read().await?;
    let mut lines = scope.find::<audit_entry::Entity>();
    if let Some(before) = before {
        lines = lines.filter(audit_entry::Column::Id.lt(before.0));
    }
    let rows = lines.order_by_desc(audit_entry::Column::Id).limit(limit).all(&scope.txn).await?;
    rows.into_iter().map(AuditEntry::try_from).collect()
}

impl TryFrom<audit_entry::Model> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: audit_entry::Model) -> Result<Self> {
        let of = Row::new("audit_entry", row.id);
        let audit_entry::Model { id, at, actor, actor_name, action, target, outcome, .. } = row;
        let (at, outcome) = (of.time("at", at)?, of.need("outcome", Outcome::from_word(&outcome))?);
        Ok(Self { id: id.into(), deed: Deed { at, actor, actor_name, action, target, outcome } })
    }
}

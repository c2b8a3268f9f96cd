//! Who changed what, or was refused.

use jiff::Timestamp;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    OrgScope, Result,
    entity::audit_entry,
    id::{AccountId, AuditEntryId},
    scope::OrgTransaction,
    time::{from_micros, to_micros},
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
}

/// Something that somebody did or tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
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
    pub(super) fn of_account(id: AccountId, name: &str, action: &str, target: &str) -> Self {
        Self {
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
    pub at: Timestamp,
    pub deed: Deed,
}

/// Writes a line.
pub async fn record(org: &OrgScope, deed: Deed, now: Timestamp) -> Result<()> {
    let scope = org.write().await?;
    insert(&scope, deed, now).await?;
    scope.commit().await
}

/// Writes a line together with what it tells of.
pub(super) async fn insert(scope: &OrgTransaction, deed: Deed, now: Timestamp) -> Result<()> {
    let Deed { actor, actor_name, action, target, outcome } = deed;
    let row = audit_entry::Model {
        org_id: scope.org,
        id: AuditEntryId::new().0,
        at: to_micros(now),
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
    Ok(rows.into_iter().map(entry).collect())
}

fn entry(row: audit_entry::Model) -> AuditEntry {
    let outcome = if row.outcome == "done" { Outcome::Done } else { Outcome::Refused };
    AuditEntry {
        id: row.id.into(),
        at: from_micros(row.at),
        deed: Deed { actor: row.actor, actor_name: row.actor_name, action: row.action, target: row.target, outcome },
    }
}

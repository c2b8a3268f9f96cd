//! Logins.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use super::{
    Access, Result, Store, StoreError, Whom,
    accounts::Account,
    entity::{account, session},
    id::{AccountId, SessionId},
    idempotency,
    row::Row,
    time::to_micros,
};
use crate::access::{secret::SecretHash, session as rules};

/// One browser that is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub account_id: AccountId,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    pub user_agent: String,
}

impl TryFrom<session::Model> for Session {
    type Error = StoreError;

    fn try_from(row: session::Model) -> Result<Self> {
        let of = Row::new("session", row.id);
        Ok(Self {
            id: row.id.into(),
            account_id: row.account_id.into(),
            created_at: of.time("created_at", row.created_at)?,
            last_used_at: of.time("last_used_at", row.last_used_at)?,
            user_agent: row.user_agent,
        })
    }
}

/// Sessions that have ended by themselves.
pub(super) fn is_over(now: Timestamp) -> Condition {
    Condition::any()
        .add(session::Column::LastUsedAt.lte(to_micros(now - rules::IDLE)))
        .add(session::Column::CreatedAt.lte(to_micros(now - rules::ABSOLUTE)))
}

/// Notes a login. Sessions of the account that have ended are swept away.
pub async fn begin(
    store: &Store,
    account_id: AccountId,
    token: SecretHash,
    user_agent: &str,
    now: Timestamp,
) -> Result<SessionId> {
    let id = SessionId::new();
    let txn = store.begin(Access::Write, Whom::Nobody).await?;
    session::Entity::delete_many()
        .filter(session::Column::AccountId.eq(account_id.0))
        .filter(is_over(now))
        .exec(&txn)
        .await?;
    let row = session::Model {
        id: id.0,
        token_hash: token.as_bytes().to_vec(),
        account_id: account_id.0,
        created_at: to_micros(now),
        last_used_at: to_micros(now),
        user_agent: user_agent.to_owned(),
    };
    session::Entity::insert(row.into_active_model()).exec_without_returning(&txn).await?;
    store.commit(txn).await?;
    Ok(id)
}

/// Who shows this token, if the session is alive.
pub async fn resume(store: &Store, token: SecretHash, now: Timestamp) -> Result<Option<(Session, Account)>> {
    let txn = store.begin(Access::Read, Whom::Nobody).await?;
    let found = session::Entity::find()
        .filter(session::Column::TokenHash.eq(token.as_bytes().to_vec()))
        .one(&txn)
        .await?
        .map(Session::try_from)
        .transpose()?
        .filter(|session| rules::is_alive(session.created_at, session.last_used_at, now));
    let Some(session) = found else { return Ok(None) };
    let account = account::Entity::find_by_id(session.account_id.0).one(&txn).await?;
    store.commit(txn).await?;
    if rules::is_worth_noting(session.last_used_at, now)
        && let Err(error) = note_use(store, session.id, now).await
    {
        // A full disk stops writing, not reading.
        tracing::warn!(%error, "the use of a session could not be noted");
    }
    Ok(account.map(|account| (session, account.into())))
}

async fn note_use(store: &Store, id: SessionId, now: Timestamp) -> Result<()> {
    let txn = store.begin(Access::Write, Whom::Nobody).await?;
    session::Entity::update_many()
        .col_expr(session::Column::LastUsedAt, Expr::value(to_micros(now)))
        .filter(session::Column::Id.eq(id.0))
        .exec(&txn)
        .await?;
    store.commit(txn).await
}

/// Up to `limit` sessions of an account that are alive, newest first, older than `before`.
pub async fn of_account(
    store: &Store,
    account: AccountId,
    now: Timestamp,
    before: Option<SessionId>,
    limit: u64,
) -> Result<Vec<Session>> {
    let txn = store.begin(Access::Read, Whom::Nobody).await?;
    let mut found = session::Entity::find().filter(session::Column::AccountId.eq(account.0)).filter(is_over(now).not());
    if let Some(before) = before {
        found = found.filter(session::Column::Id.lt(before.0));
    }
    let rows = found.order_by_desc(session::Column::Id).limit(limit).all(&txn).await?;
    rows.into_iter().map(Session::try_from).collect()
}

/// Ends a session of this account; gives whether there was one.
pub async fn end(store: &Store, account: AccountId, id: SessionId, now: Timestamp) -> Result<bool> {
    let txn = store.begin(Access::Write, Whom::Nobody).await?;
    let ended = session::Entity::delete_many()
        .filter(session::Column::AccountId.eq(account.0))
        .filter(session::Column::Id.eq(id.0))
        .exec(&txn)
        .await?;
    let is_ended = ended.rows_affected > 0;
    if is_ended {
        idempotency::note_done(&txn, now).await?;
    }
    store.commit(txn).await?;
    Ok(is_ended)
}

//! What was done under an idempotency key, so that it is not done again.
//!
//! A request claims its key before anything else is written. What it changes and the note that this is done are one
//! transaction, whatever the change is (`note_done`); the answer is kept right after it. So a change that was made is
//! known to be made wherever a server dies, and a request that lost its key meanwhile changes nothing.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    Access, Result, Store, StoreError, Whom,
    entity::idempotency_record::{self as record, Column},
    row::Row,
    time::to_micros,
    work_for,
};
use crate::access::idempotency::{Answer, BodyHash, Hash, Progress, Record, Standing, VisitorKey, standing};

/// The hold of a request on its key.
#[derive(Clone, Debug)]
pub struct Claim {
    key: VisitorKey,
    id: Uuid,
    body: BodyHash,
}

impl Claim {
    fn is_held(&self) -> Condition {
        of_key(&self.key).add(Column::ClaimId.eq(self.id))
    }
}

fn of_key(key: &VisitorKey) -> Condition {
    Condition::all().add(Column::VisitorId.eq(key.visitor)).add(Column::KeyHash.eq(key.hash.to_vec()))
}

tokio::task_local! {
    /// The claim of the request that this task answers, if it has a key.
    static CLAIM: Claim;
}

/// Answers a request that holds its key: what is changed on the way is noted as done under it.
pub async fn holding<F: Future>(claim: Claim, answer: F) -> F::Output {
    CLAIM.scope(claim, answer).await
}

/// Who has a key.
#[derive(Clone, Debug)]
pub enum Claimed {
    /// This request, from here on.
    Mine(Claim),
    /// A request before it.
    Before(Record),
}

/// Claims a key for a request, unless it was used before and still stands for that.
pub async fn claim(store: &Store, key: VisitorKey, request: Hash, body: BodyHash, now: Timestamp) -> Result<Claimed> {
    let txn = store.begin(Access::Write, Whom::Visitor(key.visitor)).await?;
    let claim = Claim { key, id: Uuid::now_v7(), body };
    let row = record::Model {
        visitor_id: key.visitor,
        key_hash: key.hash.to_vec(),
        request_hash: request.to_vec(),
        body_hash: None,
        claim_id: claim.id,
        claimed_at: to_micros(now),
        done_at: None,
        status: None,
        headers: None,
        body: None,
    };
    let new = record::Entity::insert(row.clone().into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&txn)
        .await?;
    if new > 0 {
        store.commit(txn).await?;
        return Ok(Claimed::Mine(claim));
    }
    let under_way = Record { request_hash: request, body_hash: None, claimed_at: now, progress: Progress::UnderWay };
    // It was let go of a moment ago: whoever asks again finds that.
    let found = record::Entity::find().filter(of_key(&key)).one(&txn).await?;
    let Some(found) = found else { return Ok(Claimed::Before(under_way)) };
    let (holder, known) = (found.claim_id, from_row(found)?);
    if standing(&known, &request, now) != Standing::Free {
        return Ok(Claimed::Before(known));
    }
    let taken = record::Entity::delete_many()
        .filter(of_key(&key))
        .filter(Column::ClaimId.eq(holder))
        .filter(if known.progress == Progress::UnderWay {
            Column::DoneAt.is_null()
        } else {
            Column::DoneAt.is_not_null()
        })
        .exec(&txn)
        .await?;
    if taken.rows_affected == 0 {
        // It has just been done after all, or another request was quicker.
        return Ok(Claimed::Before(under_way));
    }
    record::Entity::insert(row.into_active_model()).exec_without_returning(&txn).await?;
    store.commit(txn).await?;
    Ok(Claimed::Mine(claim))
}

fn from_row(row: record::Model) -> Result<Record> {
    let of = Row::new("idempotency_record", row.claim_id);
    let record::Model { request_hash, body_hash, claimed_at, done_at, status, headers, body, .. } = row;
    let hash = |column, bytes: Vec<u8>| of.need(column, Hash::try_from(bytes).ok());
    let answer = match status {
        Some(status) => Some(Answer {
            status: of.number("status", status)?,
            headers: of.json("headers", headers.as_deref().unwrap_or("[]"))?,
            body,
        }),
        None => None,
    };
    Ok(Record {
        request_hash: hash("request_hash", request_hash)?,
        body_hash: body_hash.map(|bytes| hash("body_hash", bytes)).transpose()?,
        claimed_at: of.time("claimed_at", claimed_at)?,
        progress: match (done_at, answer) {
            (Some(_), Some(answer)) => Progress::Answered(answer),
            (Some(at), None) => Progress::Done(of.time("done_at", at)?),
            (None, _) => Progress::UnderWay,
        },
    })
}

/// Notes in the transaction of a change that the request of this task makes it. Fails when another request has the key
/// by now; without a key there is nothing to note.
pub(super) async fn note_done(txn: &DatabaseTransaction, at: Timestamp) -> Result<()> {
    let Ok(claim) = CLAIM.try_with(Clone::clone) else { return Ok(()) };
    work_for(txn, Whom::Visitor(claim.key.visitor)).await?;
    let noted = record::Entity::update_many()
        .col_expr(Column::DoneAt, Expr::value(to_micros(at)))
        .col_expr(Column::BodyHash, Expr::value(claim.body.whole().map(Vec::from)))
        .filter(claim.is_held())
        .exec(txn)
        .await?;
    if noted.rows_affected == 0 { Err(StoreError::Overtaken) } else { Ok(()) }
}

/// Keeps the answer to a request that was done.
pub async fn keep(store: &Store, claim: &Claim, answer: Answer, now: Timestamp) -> Result<()> {
    let Answer { status, headers, body } = answer;
    let headers = serde_json::to_string(&headers).expect("plain data serialises");
    let txn = store.begin(Access::Write, Whom::Visitor(claim.key.visitor)).await?;
    record::Entity::update_many()
        .col_expr(Column::DoneAt, Expr::value(to_micros(now)))
        .col_expr(Column::BodyHash, Expr::value(claim.body.whole().map(Vec::from)))
        .col_expr(Column::Status, Expr::value(i64::from(status)))
        .col_expr(Column::Headers, Expr::value(headers))
        .col_expr(Column::Body, Expr::value(body))
        .filter(claim.is_held())
        .exec(&txn)
        .await?;
    store.commit(txn).await
}

/// Lets go of the key of a request that changed nothing; what was done stays noted.
pub async fn release(store: &Store, claim: &Claim) -> Result<()> {
    let txn = store.begin(Access::Write, Whom::Visitor(claim.key.visitor)).await?;
    record::Entity::delete_many().filter(claim.is_held()).filter(Column::DoneAt.is_null()).exec(&txn).await?;
    store.commit(txn).await
}

/// Lets go of the keys of all requests that did not end, on SQLite: one server has the file, so they died with the one
/// before. Elsewhere they may live on another server.
pub async fn release_dead(store: &Store) -> Result<()> {
    if store.is_postgres() {
        return Ok(());
    }
    let txn = store.begin(Access::Write, Whom::Nobody).await?;
    record::Entity::delete_many().filter(Column::DoneAt.is_null()).exec(&txn).await?;
    store.commit(txn).await
}

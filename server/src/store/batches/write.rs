//! Batches on their way into the tables.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryTrait, Statement,
    StatementBuilder,
    sea_query::{Expr, ExprTrait, InsertStatement, OnConflict, Query},
};
use uuid::Uuid;

use super::{
    NewBatch, Written,
    slots::{self, SlotFile},
};
use crate::store::{
    Access, Result, Store, StoreError, Whom, datasets,
    entity::{batch, event, event_cursor, slot_profile},
    id::{DatasetId, OrgId},
    scope::OrgTransaction,
    time::to_micros,
};

/// Writes batches of any orgs in one transaction.
pub async fn write_all(store: &Store, batches: &[NewBatch]) -> Result<Vec<Written>> {
    let mut by_org: BTreeMap<OrgId, Vec<usize>> = BTreeMap::new();
    for (index, batch) in batches.iter().enumerate() {
        by_org.entry(batch.org).or_default().push(index);
    }
    let mut txn = store.begin(Access::Write, Whom::Nobody).await?;
    let mut written = vec![Written::Kept; batches.len()];
    for (org, indices) in by_org {
        store.work_for(&txn, Whom::Org(org)).await?;
        let scope = OrgTransaction { store: store.clone(), txn, org: org.0 };
        let of_org: Vec<&NewBatch> = indices.iter().map(|index| &batches[*index]).collect();
        for (index, outcome) in indices.iter().zip(write_org(&scope, &of_org).await?) {
            written[*index] = outcome;
        }
        txn = scope.txn;
    }
    store.commit(txn).await?;
    Ok(written)
}

async fn write_org(scope: &OrgTransaction, batches: &[&NewBatch]) -> Result<Vec<Written>> {
    let inserted = insert_of(scope, batches);
    if batches.iter().all(|batch| batch.idempotency_key.is_none()) {
        // None of them can be a repetition.
        let database = scope.txn.get_database_backend();
        write_new(scope, vec![StatementBuilder::build(&inserted, &database)], batches).await?;
        return Ok(vec![Written::Kept; batches.len()]);
    }
    let kept = insert_unless_repeated(scope, inserted).await?;
    let is_kept = |batch: &NewBatch| kept.contains(&batch.id.0);
    let new: Vec<&NewBatch> = batches.iter().copied().filter(|batch| is_kept(batch)).collect();
    if !new.is_empty() {
        write_new(scope, Vec::new(), &new).await?;
    }
    let mut outcomes = Vec::with_capacity(batches.len());
    for batch in batches {
        outcomes.push(if is_kept(batch) { Written::Kept } else { repeated(scope, batch).await? });
    }
    Ok(outcomes)
}

/// Writes what batches bring beside themselves, behind statements that come before.
async fn write_new(scope: &OrgTransaction, before: Vec<Statement>, batches: &[&NewBatch]) -> Result<()> {
    let mut all = before;
    all.extend(slot_statements(scope, batches)?);
    all.extend(event_statements(scope, batches));
    run_all(scope, all).await?;
    for batch in batches {
        if let Some((version, columns)) = &batch.columns {
            datasets::note_columns(scope, batch.dataset, *version, columns).await?;
        }
    }
    Ok(())
}

/// Runs statements in their order. SQLite's driver hands what it is asked to a thread and waits for that: there they go
/// over as one, with their values one behind the other.
async fn run_all(scope: &OrgTransaction, statements: Vec<Statement>) -> Result<()> {
    let database = scope.txn.get_database_backend();
    if database != DbBackend::Sqlite {
        for statement in statements {
            scope.txn.execute_raw(statement).await?;
        }
        return Ok(());
    }
    let sql: Vec<&str> = statements.iter().map(|statement| statement.sql.as_str()).collect();
    let sql = sql.join(";");
    let values = statements.into_iter().filter_map(|statement| statement.values).flat_map(|values| values.0);
    scope.txn.execute_raw(Statement::from_sql_and_values(database, sql, values)).await?;
    Ok(())
}

/// The statement is written out: there are many of them, and what active models ask about each value is known here.
fn insert_of(scope: &OrgTransaction, batches: &[&NewBatch]) -> InsertStatement {
    use batch::Column::{BodyHash, DatasetId, Id, IdempotencyKey, NRows, OrgId, Receipt, ReceivedAt};
    let mut insert = Query::insert();
    insert.into_table(batch::Entity).columns([
        OrgId,
        DatasetId,
        Id,
        IdempotencyKey,
        BodyHash,
        ReceivedAt,
        NRows,
        Receipt,
    ]);
    for batch in batches {
        insert.values_panic([
            scope.org.into(),
            batch.dataset.0.into(),
            batch.id.0.into(),
            batch.idempotency_key.clone().into(),
            batch.body_hash.clone().into(),
            to_micros(batch.received_at).into(),
            i64::try_from(batch.n_rows).unwrap_or(i64::MAX).into(),
            batch.receipt.clone().into(),
        ]);
    }
    insert
}

/// Inserts batches, but for those whose key is there already; gives the ids of the others.
async fn insert_unless_repeated(scope: &OrgTransaction, mut insert: InsertStatement) -> Result<BTreeSet<Uuid>> {
    insert.on_conflict(OnConflict::new().do_nothing().to_owned()).returning_col(batch::Column::Id);
    let kept = scope.txn.query_all(&insert).await?;
    Ok(kept.iter().map(|row| row.try_get_by_index::<Uuid>(0)).collect::<std::result::Result<_, _>>()?)
}

/// The databases take so many values in one statement at least.
const VALUES_AT_ONCE: usize = 30_000;

fn slot_statements(scope: &OrgTransaction, batches: &[&NewBatch]) -> Result<Vec<Statement>> {
    // What was read once cannot fail; if it does, nothing of the group is kept.
    let files = slots::files(batches).map_err(|error| StoreError::Unexpected(DbErr::Custom(error.to_string())))?;
    let row = |SlotFile { dataset, at, id, n_rows, profile }: SlotFile| {
        let row = slot_profile::Model {
            org_id: scope.org,
            dataset_id: dataset.0,
            slot_at: to_micros(at),
            id: id.0,
            n_rows: i64::try_from(n_rows).unwrap_or(i64::MAX),
            profile,
        };
        row.into_active_model()
    };
    let mut rows: Vec<_> = files.into_iter().map(row).collect();
    let mut statements = Vec::new();
    while !rows.is_empty() {
        let later = rows.split_off(rows.len().min(VALUES_AT_ONCE / 6));
        statements.push(slot_profile::Entity::insert_many(rows).build(scope.txn.get_database_backend()));
        rows = later;
    }
    Ok(statements)
}

/// One event for each dataset: who follows them looks at all that is new.
fn event_statements(scope: &OrgTransaction, batches: &[&NewBatch]) -> [Statement; 2] {
    use event::Column::{At, Kind, N, OrgId, Target};
    let last: BTreeMap<DatasetId, Timestamp> = batches.iter().map(|batch| (batch.dataset, batch.received_at)).collect();
    let n = i64::try_from(last.len()).unwrap_or(0);
    let counted = || Expr::col((event_cursor::Entity, event_cursor::Column::N));
    let mut count = Query::insert();
    count
        .into_table(event_cursor::Entity)
        .columns([event_cursor::Column::OrgId, event_cursor::Column::N])
        .values_panic([scope.org.into(), n.into()])
        .on_conflict(
            OnConflict::column(event_cursor::Column::OrgId).value(event_cursor::Column::N, counted().add(n)).to_owned(),
        );
    let mut insert = Query::insert();
    insert.into_table(event::Entity).columns([OrgId, N, At, Kind, Target]);
    for (before, (dataset, at)) in (0..n).zip(last.into_iter().rev()) {
        let mut cursor = Query::select();
        cursor
            .expr(counted().sub(before))
            .from(event_cursor::Entity)
            .and_where(event_cursor::Column::OrgId.eq(scope.org));
        let cursor = Expr::SubQuery(None, Box::new(cursor.into()));
        insert.values_panic([
            scope.org.into(),
            cursor,
            to_micros(at).into(),
            "batch.accepted".into(),
            dataset.0.into(),
        ]);
    }
    let database = scope.txn.get_database_backend();
    [&count, &insert].map(|statement| StatementBuilder::build(statement, &database))
}

/// What stands under the key of a batch that was not kept.
async fn repeated(scope: &OrgTransaction, new: &NewBatch) -> Result<Written> {
    let Some(key) = &new.idempotency_key else { return Err(StoreError::NotFound) };
    let found = find_key(scope, new.dataset, key).await?.ok_or(StoreError::NotFound)?;
    Ok(outcome_of(found, &new.body_hash))
}

async fn find_key(scope: &OrgTransaction, dataset: DatasetId, key: &str) -> Result<Option<batch::Model>> {
    let found = scope
        .find::<batch::Entity>()
        .filter(batch::Column::DatasetId.eq(dataset.0))
        .filter(batch::Column::IdempotencyKey.eq(key))
        .one(&scope.txn)
        .await?;
    Ok(found)
}

fn outcome_of(found: batch::Model, body_hash: &str) -> Written {
    if found.body_hash == body_hash { Written::Repeated { receipt: found.receipt } } else { Written::OtherBody }
}

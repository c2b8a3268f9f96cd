//! API keys.

use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{
    Access, OrgScope, Result, Store, StoreError, Whom,
    audit::Deed,
    entity::api_key,
    id::{ApiKeyId, OrgId},
    row::Row,
    scope::OrgTransaction,
    time::to_micros,
};
use crate::access::{api_key::ApiKey, role::KeyScope, secret::SecretHash};

/// A key as its org sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    pub id: ApiKeyId,
    pub org_id: OrgId,
    pub key_id: String,
    pub name: String,
    pub scopes: Vec<KeyScope>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

impl KeyRecord {
    /// Whether it lets anybody in.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| now < at)
    }
}

impl TryFrom<api_key::Model> for KeyRecord {
    type Error = StoreError;

    fn try_from(row: api_key::Model) -> Result<Self> {
        let of = Row::new("api_key", row.id);
        let scopes = row.scopes.split(' ').filter(|word| !word.is_empty());
        let scopes = scopes.map(|word| of.need("scopes", KeyScope::from_word(word)));
        Ok(Self {
            id: row.id.into(),
            org_id: row.org_id.into(),
            key_id: row.key_id,
            name: row.name,
            scopes: scopes.collect::<Result<_>>()?,
            created_at: of.time("created_at", row.created_at)?,
            expires_at: of.time_if_any("expires_at", row.expires_at)?,
            revoked_at: of.time_if_any("revoked_at", row.revoked_at)?,
            last_used_at: of.time_if_any("last_used_at", row.last_used_at)?,
        })
    }
}

/// A key to be noted.
#[derive(Clone, Debug)]
pub struct NewKey<'a> {
    pub name: &'a str,
    pub scopes: &'a [KeyScope],
    pub expires_at: Option<Timestamp>,
}

/// Notes a key.
pub async fn create(org: &OrgScope, key: &ApiKey, new: NewKey<'_>, deed: Deed) -> Result<KeyRecord> {
    let scope = org.write().await?;
    let row = api_key::Model {
        org_id: scope.org,
        id: ApiKeyId::new().0,
        key_id: key.id().to_owned(),
        secret_hash: key.hash().as_bytes().to_vec(),
        name: new.name.to_owned(),
        scopes: new.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "),
        created_at: to_micros(deed.at),
        expires_at: new.expires_at.map(to_micros),
        revoked_at: None,
        last_used_at: None,
    };
    scope.insert::<api_key::Entity>(row.clone()).await?;
    scope.commit_with(deed).await?;
    row.try_into()
}

/// Up to `limit` keys of an org, newest first, older than `before`.
pub async fn page(org: &OrgScope, before: Option<ApiKeyId>, limit: u64) -> Result<Vec<KeyRecord>> {
    let scope = org.read().await?;
    let mut found = scope.find::<api_key::Entity>();
    if let Some(before) = before {
        found = found.filter(api_key::Column::Id.lt(before.0));
    }
    let rows = found.order_by_desc(api_key::Column::Id).limit(limit).all(&scope.txn).await?;
    rows.into_iter().map(KeyRecord::try_from).collect()
}

/// One key of an org.
pub async fn get(org: &OrgScope, id: ApiKeyId) -> Result<KeyRecord> {
    find_own(&org.read().await?, id).await
}

async fn find_own(scope: &OrgTransaction, id: ApiKeyId) -> Result<KeyRecord> {
    let row = scope.find::<api_key::Entity>().filter(api_key::Column::Id.eq(id.0)).one(&scope.txn).await?;
    row.ok_or(StoreError::NotFound)?.try_into()
}

/// Puts another secret in a key's place; the old one is worth nothing from here on.
pub async fn rotate(org: &OrgScope, id: ApiKeyId, key: &ApiKey, deed: Deed) -> Result<KeyRecord> {
    let scope = org.write().await?;
    let changed = scope
        .update::<api_key::Entity>()
        .col_expr(api_key::Column::KeyId, Expr::value(key.id()))
        .col_expr(api_key::Column::SecretHash, Expr::value(key.hash().as_bytes().to_vec()))
        .filter(api_key::Column::Id.eq(id.0))
        .filter(api_key::Column::RevokedAt.is_null())
        .exec(&scope.txn)
        .await?;
    if changed.rows_affected == 0 {
        return Err(StoreError::NotFound);
    }
    let rotated = find_own(&scope, id).await?;
    scope.commit_with(deed).await?;
    Ok(rotated)
}

/// Makes a key worthless.
pub async fn revoke(org: &OrgScope, id: ApiKeyId, deed: Deed) -> Result<()> {
    let scope = org.write().await?;
    let changed = scope
        .update::<api_key::Entity>()
        .col_expr(api_key::Column::RevokedAt, Expr::value(to_micros(deed.at)))
        .filter(api_key::Column::Id.eq(id.0))
        .filter(api_key::Column::RevokedAt.is_null())
        .exec(&scope.txn)
        .await?;
    if changed.rows_affected == 0 {
        return Err(StoreError::NotFound);
    }
    scope.commit_with(deed).await
}

/// The key of this name with the hash of its secret, alive or not.
pub async fn find(store: &Store, key_id: &str) -> Result<Option<(KeyRecord, SecretHash)>> {
    let txn = store.begin(Access::Read, Whom::Holder(key_id)).await?;
    let row = api_key::Entity::find().filter(api_key::Column::KeyId.eq(key_id)).one(&txn).await?;
    let Some(row) = row else { return Ok(None) };
    let hash = Row::new("api_key", row.id).need("secret_hash", SecretHash::from_bytes(&row.secret_hash))?;
    Ok(Some((row.try_into()?, hash)))
}

/// Notes that a key was used.
pub async fn note_use(org: &OrgScope, id: ApiKeyId, now: Timestamp) -> Result<()> {
    let scope = org.write().await?;
    scope
        .update::<api_key::Entity>()
        .col_expr(api_key::Column::LastUsedAt, Expr::value(to_micros(now)))
        .filter(api_key::Column::Id.eq(id.0))
        .exec(&scope.txn)
        .await?;
    scope.commit().await
}

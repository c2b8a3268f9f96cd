//! The tables as SeaORM sees them; nobody outside `store` does.

pub mod account;
pub mod api_key;
pub mod audit_entry;
pub mod batch;
pub mod dataset;
pub mod event;
pub mod event_cursor;
pub mod idempotency_record;
pub mod invite;
pub mod membership;
pub mod org;
pub mod reference;
pub mod session;
pub mod slot_profile;

use sea_orm::EntityTrait;

/// A table of which every row belongs to one org.
pub trait OrgOwned: EntityTrait {
    /// The column that says which.
    const ORG: Self::Column;
}

macro_rules! org_owned {
    ($($table:ident),*) => {
        $(impl OrgOwned for $table::Entity {
            const ORG: Self::Column = $table::Column::OrgId;
        })*
    };
}

org_owned!(api_key, audit_entry, batch, dataset, event, event_cursor, invite, membership, reference, slot_profile);

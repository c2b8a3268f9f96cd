-- Small batches are written with less: a batch is one entry in one tree, and no longer four; one profile holds the rows
-- of small batches that are written together, so it belongs to a slot, and no longer to a batch.
-- SQLite cannot change a key in place.

create table batch_before as select * from batch;
create table slot_profile_before as select * from slot_profile;
drop table slot_profile;
drop table batch;

-- What arrived in one request. Never changes.
create table batch (
    org_id uuid not null,
    dataset_id uuid not null,
    -- Of version 7: newer batches have greater ones, so the key lists the batches of one dataset.
    id uuid not null,
    -- Null when the sender gave none: then a retry is another batch.
    idempotency_key text,
    -- BLAKE3 of the body as it came.
    body_hash text not null,
    received_at bigint not null,
    n_rows bigint not null,
    -- The receipt as it was answered, in JSON, so that a retry gets the same.
    receipt text not null,
    constraint batch_pk primary key (org_id, dataset_id, id),
    constraint batch_dataset_fk foreign key (org_id, dataset_id) references dataset (org_id, id) on delete cascade
) without rowid;

-- The batch of a sender's key.
create unique index batch_idempotency_key on batch (org_id, dataset_id, idempotency_key)
    where idempotency_key is not null;

-- Rows that belong to one slot, summarised: of one batch, or of several small ones that were written together.
create table slot_profile (
    org_id uuid not null,
    dataset_id uuid not null,
    -- Start of the slot. The key lists the profiles of one window: a dataset, from a slot to a slot.
    slot_at bigint not null,
    -- The id of the first batch whose rows these are.
    id uuid not null,
    n_rows bigint not null,
    -- A profile file of the engine.
    profile bytea not null,
    constraint slot_profile_pk primary key (org_id, dataset_id, slot_at, id),
    constraint slot_profile_dataset_fk foreign key (org_id, dataset_id) references dataset (org_id, id)
        on delete cascade
);

insert into batch (org_id, dataset_id, id, idempotency_key, body_hash, received_at, n_rows, receipt)
    select org_id, dataset_id, id, idempotency_key, body_hash, received_at, n_rows, receipt from batch_before;
insert into slot_profile (org_id, dataset_id, slot_at, id, n_rows, profile)
    select org_id, dataset_id, slot_at, batch_id, n_rows, profile from slot_profile_before;
drop table batch_before;
drop table slot_profile_before;

-- Datasets and what arrived for them. Rows are not kept: a batch leaves one profile for each time slot.

-- A named stream of batches with one schema.
create table dataset (
    id uuid not null,
    org_id uuid not null,
    name text not null,
    -- Null: rows belong to the slot in which they arrive.
    time_column text,
    slot_seconds bigint not null,
    -- IANA name, in which days begin.
    time_zone text not null,
    -- JSON: columns with type, reason and override; empty before the first batch.
    columns text not null,
    created_at bigint not null,
    -- Counts changes, for If-Match.
    version bigint not null,
    constraint dataset_pk primary key (org_id, id),
    constraint dataset_name_key unique (org_id, name),
    constraint dataset_org_fk foreign key (org_id) references org (id) on delete cascade
);

-- What batches are compared with.
create table reference (
    id uuid not null,
    org_id uuid not null,
    dataset_id uuid not null,
    name text not null,
    n_rows bigint not null,
    -- A profile file of the engine.
    profile bytea not null,
    -- BLAKE3 of its content.
    profile_hash text not null,
    is_active boolean not null,
    created_at bigint not null,
    constraint reference_pk primary key (org_id, id),
    constraint reference_name_key unique (org_id, dataset_id, name),
    constraint reference_dataset_fk foreign key (org_id, dataset_id) references dataset (org_id, id) on delete cascade
);

-- What arrived in one request. Never changes.
create table batch (
    id uuid not null,
    org_id uuid not null,
    dataset_id uuid not null,
    -- Null when the sender gave none: then a retry is another batch.
    idempotency_key text,
    -- BLAKE3 of the body as it came.
    body_hash text not null,
    received_at bigint not null,
    n_rows bigint not null,
    -- The receipt as it was answered, in JSON, so that a retry gets the same.
    receipt text not null,
    constraint batch_pk primary key (org_id, id),
    constraint batch_idempotency_key unique (org_id, dataset_id, idempotency_key),
    constraint batch_dataset_fk foreign key (org_id, dataset_id) references dataset (org_id, id) on delete cascade
);

-- The batches of one dataset, newest first.
create index batch_dataset_idx on batch (org_id, dataset_id, id);

-- The rows of one batch that belong to one slot, summarised.
create table slot_profile (
    org_id uuid not null,
    batch_id uuid not null,
    -- Start of the slot.
    slot_at bigint not null,
    dataset_id uuid not null,
    n_rows bigint not null,
    -- A profile file of the engine.
    profile bytea not null,
    constraint slot_profile_pk primary key (org_id, batch_id, slot_at),
    constraint slot_profile_batch_fk foreign key (org_id, batch_id) references batch (org_id, id) on delete cascade
);

-- The profiles of one window: a dataset, from a slot to a slot.
create index slot_profile_slot_idx on slot_profile (org_id, dataset_id, slot_at);

-- The last event's number in each org. Counted up in the transaction that writes the event, so that readers who
-- follow the numbers never skip one that commits late.
create table event_cursor (
    org_id uuid not null,
    n bigint not null,
    constraint event_cursor_pk primary key (org_id),
    constraint event_cursor_org_fk foreign key (org_id) references org (id) on delete cascade
);

-- Something changed; readers fetch what.
create table event (
    org_id uuid not null,
    n bigint not null,
    at bigint not null,
    -- Such as `batch.accepted`.
    kind text not null,
    -- Id of what changed.
    target uuid not null,
    constraint event_pk primary key (org_id, n),
    constraint event_org_fk foreign key (org_id) references org (id) on delete cascade
);

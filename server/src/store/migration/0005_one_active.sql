-- What must hold whoever asks at once.

-- The active reference of a dataset, of which there is one.
create unique index reference_active_key on reference (org_id, dataset_id) where is_active;

-- Counts changes of the role, for If-Match.
alter table membership add column version bigint not null default 1;

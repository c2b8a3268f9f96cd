-- Small batches are written with less: a batch is in two indexes at most, and no longer in three; one profile holds the
-- rows of small batches that are written together, so it belongs to a slot, and no longer to a batch.

alter table slot_profile drop constraint slot_profile_batch_fk;
alter table slot_profile drop constraint slot_profile_pk;
drop index slot_profile_slot_idx;
-- The id of the first batch whose rows these are.
alter table slot_profile rename column batch_id to id;
-- Lists the profiles of one window: a dataset, from a slot to a slot.
alter table slot_profile add constraint slot_profile_pk primary key (org_id, dataset_id, slot_at, id);
alter table slot_profile add constraint slot_profile_dataset_fk
    foreign key (org_id, dataset_id) references dataset (org_id, id) on delete cascade;

-- Lists the batches of one dataset: their ids are of version 7, and newer ones have greater ones.
alter table batch drop constraint batch_pk;
alter table batch add constraint batch_pk primary key (org_id, dataset_id, id);
drop index batch_dataset_idx;

-- The batch of a sender's key.
alter table batch drop constraint batch_idempotency_key;
create unique index batch_idempotency_key on batch (org_id, dataset_id, idempotency_key)
    where idempotency_key is not null;

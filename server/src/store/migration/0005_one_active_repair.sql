-- PostgreSQL only, where two references that were added at once could both become the active one: the newest stays so.

-- This transaction works for no org, so the policy would hide every row from it.
alter table reference no force row level security;

update reference set is_active = false
where is_active and exists (
    select 1 from reference as other
    where other.org_id = reference.org_id and other.dataset_id = reference.dataset_id
        and other.is_active and other.id > reference.id
);

alter table reference force row level security;

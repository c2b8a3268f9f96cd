-- PostgreSQL only: the database itself keeps orgs apart, should a query of ours ever forget to.
--
-- Each transaction says for whom it works (`set_config('app.…', …, true)`); what is not said is null, and null
-- equals nothing. `force` binds the owner of the tables too.

-- The org of this transaction.
create function app_org() returns uuid language sql stable as
    $$ select nullif(current_setting('app.org', true), '')::uuid $$;

-- The account of this transaction, to find out its orgs.
create function app_account() returns uuid language sql stable as
    $$ select nullif(current_setting('app.account', true), '')::uuid $$;

-- What a caller without an org holds in hand: the name of a key, or the hash of an invite's secret.
create function app_held() returns text language sql stable as
    $$ select nullif(current_setting('app.held', true), '') $$;

alter table membership enable row level security;
alter table membership force row level security;
create policy membership_org on membership
    using (org_id = app_org() or account_id = app_account());

alter table org enable row level security;
alter table org force row level security;
create policy org_read on org for select
    using (id = app_org() or exists (select 1 from membership where org_id = org.id and account_id = app_account()));
create policy org_insert on org for insert with check (id = app_org());
create policy org_update on org for update using (id = app_org());
create policy org_delete on org for delete using (id = app_org());

alter table invite enable row level security;
alter table invite force row level security;
create policy invite_org on invite
    using (org_id = app_org() or encode(token_hash, 'hex') = app_held())
    with check (org_id = app_org());

alter table api_key enable row level security;
alter table api_key force row level security;
create policy api_key_org on api_key
    using (org_id = app_org() or key_id = app_held())
    with check (org_id = app_org());

alter table audit_entry enable row level security;
alter table audit_entry force row level security;
create policy audit_entry_org on audit_entry using (org_id = app_org());

alter table dataset enable row level security;
alter table dataset force row level security;
create policy dataset_org on dataset using (org_id = app_org());

alter table reference enable row level security;
alter table reference force row level security;
create policy reference_org on reference using (org_id = app_org());

alter table batch enable row level security;
alter table batch force row level security;
create policy batch_org on batch using (org_id = app_org());

alter table slot_profile enable row level security;
alter table slot_profile force row level security;
create policy slot_profile_org on slot_profile using (org_id = app_org());

alter table event_cursor enable row level security;
alter table event_cursor force row level security;
create policy event_cursor_org on event_cursor using (org_id = app_org());

alter table event enable row level security;
alter table event force row level security;
create policy event_org on event using (org_id = app_org());

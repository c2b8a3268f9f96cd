-- PostgreSQL only: a transaction sees the records of the visitor for whom it works, and no others. That is narrower than
-- an org, and some requests, such as one for a new org, belong to none.

-- The account or API key of this transaction.
create function app_visitor() returns uuid language sql stable as
    $$ select nullif(current_setting('app.visitor', true), '')::uuid $$;

alter table idempotency_record enable row level security;
alter table idempotency_record force row level security;
create policy idempotency_record_visitor on idempotency_record using (visitor_id = app_visitor());

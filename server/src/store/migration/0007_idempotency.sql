-- Requests that change something and name themselves by an `Idempotency-Key`: what was done under a key is not done
-- again. Batches have theirs in their own table.
create table idempotency_record (
    -- The account or API key that asks: the same key of another visitor is another one.
    visitor_id uuid not null,
    -- BLAKE3 of visitor and key; the key itself is not kept.
    key_hash bytea not null,
    -- BLAKE3 of method, path and query.
    request_hash bytea not null,
    -- BLAKE3 of the body, noted with the change. Null before, and for a body that nobody read.
    body_hash bytea,
    -- The request that holds the key. Another one takes the key when this one has not ended in time, and changes
    -- nothing any more.
    claim_id uuid not null,
    claimed_at bigint not null,
    -- Noted in the transaction of the change. Null before.
    done_at bigint,
    -- Status of the answer. Null until the answer is kept, which is after the change.
    status bigint,
    -- Headers of the answer that are repeated, as JSON. Null with the status.
    headers text,
    -- Body of the answer. Null with the status, and when it showed a secret.
    body bytea,
    constraint idempotency_record_pk primary key (visitor_id, key_hash)
);

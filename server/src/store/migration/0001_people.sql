-- People, what they belong to, and how they are let in.
--
-- One text for SQLite and PostgreSQL. Times are microseconds since 1970 (UTC); ids are UUIDv7, so that they sort
-- by when they were made. Secrets are kept as SHA-256 only.

-- A person who can log in.
create table account (
    id uuid not null,
    -- Lower case: one mailbox, one account.
    email text not null,
    name text not null,
    -- argon2id in PHC form.
    password_hash text not null,
    created_at bigint not null,
    constraint account_pk primary key (id),
    constraint account_email_key unique (email)
);

-- One browser of one account.
create table session (
    -- Names the session to people; it lets nobody in.
    id uuid not null,
    -- SHA-256 of the cookie's value.
    token_hash bytea not null,
    account_id uuid not null,
    created_at bigint not null,
    last_used_at bigint not null,
    -- What the browser called itself, cut short: it tells sessions apart in the list.
    user_agent text not null,
    constraint session_pk primary key (id),
    constraint session_token_key unique (token_hash),
    constraint session_account_fk foreign key (account_id) references account (id) on delete cascade
);

-- The sessions of one account.
create index session_account_idx on session (account_id);

-- A tenant: owns everything below.
create table org (
    id uuid not null,
    -- In addresses.
    slug text not null,
    name text not null,
    created_at bigint not null,
    -- Counts changes, for If-Match.
    version bigint not null,
    constraint org_pk primary key (id),
    constraint org_slug_key unique (slug)
);

-- Who belongs to an org, and as what.
create table membership (
    org_id uuid not null,
    account_id uuid not null,
    role text not null,
    created_at bigint not null,
    constraint membership_pk primary key (org_id, account_id),
    constraint membership_role_check check (role in ('owner', 'admin', 'member', 'viewer')),
    constraint membership_org_fk foreign key (org_id) references org (id) on delete cascade,
    constraint membership_account_fk foreign key (account_id) references account (id) on delete cascade
);

-- The orgs of one account.
create index membership_account_idx on membership (account_id);

-- A link that lets one person in, once.
create table invite (
    id uuid not null,
    org_id uuid not null,
    -- SHA-256 of the link's secret.
    token_hash bytea not null,
    email text not null,
    role text not null,
    created_at bigint not null,
    expires_at bigint not null,
    -- Null until it is used.
    accepted_at bigint,
    constraint invite_pk primary key (org_id, id),
    constraint invite_token_key unique (token_hash),
    constraint invite_role_check check (role in ('owner', 'admin', 'member', 'viewer')),
    constraint invite_org_fk foreign key (org_id) references org (id) on delete cascade
);

-- What was changed or refused, by whom. Written once, never changed.
create table audit_entry (
    id uuid not null,
    org_id uuid not null,
    at bigint not null,
    -- `account:<id>`, `key:<id>` or `server`.
    actor text not null,
    -- The actor's name as it was then.
    actor_name text not null,
    -- Such as `key.create`.
    action text not null,
    -- What it was done to, as people know it.
    target text not null,
    -- `done` or `refused`.
    outcome text not null,
    constraint audit_entry_pk primary key (org_id, id),
    constraint audit_entry_org_fk foreign key (org_id) references org (id) on delete cascade
);

-- A program's way in.
create table api_key (
    id uuid not null,
    org_id uuid not null,
    -- The part of the key that names it.
    key_id text not null,
    -- SHA-256 of the whole key.
    secret_hash bytea not null,
    name text not null,
    -- `ingest`, `read`, `manage`; separated by spaces.
    scopes text not null,
    created_at bigint not null,
    -- Null for a key that does not expire.
    expires_at bigint,
    -- Null until it is revoked.
    revoked_at bigint,
    -- Null until it is used; to the minute.
    last_used_at bigint,
    constraint api_key_pk primary key (org_id, id),
    constraint api_key_key_id_key unique (key_id),
    constraint api_key_org_fk foreign key (org_id) references org (id) on delete cascade
);

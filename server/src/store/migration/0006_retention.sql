-- For how long a dataset keeps what arrives: older rows are refused, and what is kept of them is deleted.

-- In days.
alter table dataset add column retention_days bigint not null default 90
    constraint dataset_retention_check check (retention_days between 1 and 3650);

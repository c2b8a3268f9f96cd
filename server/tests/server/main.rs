//! The server from outside: its router and its store, on databases of their own.

mod audit;
mod check;
mod client;
mod console;
mod corrupt;
mod database;
mod datasets;
mod housekeeping;
mod http;
mod idempotency;
mod ingest;
mod intake;
mod limits;
mod listen;
mod lists;
mod log;
mod login;
mod people;
mod problems;
mod revocation;
mod store;
mod tenancy;
mod together;

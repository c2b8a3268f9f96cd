//! The server from outside: its router and its store, on databases of their own.

mod check;
mod client;
mod database;
mod http;
mod ingest;
mod people;
mod store;
mod tenancy;

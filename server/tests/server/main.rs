//! The server from outside: its router and its store, on databases of their own.

mod check;
mod client;
mod console;
mod database;
mod http;
mod ingest;
mod listen;
mod people;
mod revocation;
mod store;
mod tenancy;

//! The server from outside: its router and its store, on databases of their own.

mod database;
mod http;
mod store;

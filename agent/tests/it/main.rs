//! Drives the real binary: exit codes, streams, files, configuration, help.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should end there")]

mod bad_input;
mod check;
mod config;
mod documents;
mod fake;
mod help;
mod output;
mod push;
mod remote;
mod server;
mod signals;
mod watch;
mod world;

//! One file a command: its flags, and what it does.

pub mod check;
pub mod completions;
pub mod dataset;
pub mod doctor;
pub mod init;
pub mod inspect;
pub mod key;
pub mod login;
pub mod man;
pub mod merge;
pub mod profile;
pub mod push;
pub mod verify;
pub mod watch;

//! `driftsiren push`: rows, or only their profile, to a server.
//!
//! | file | job |
//! |---|---|
//! | `run.rs` | flags, sending, making the dataset when there is none |
//! | `plan.rs` | what `--dry-run` says |

mod plan;
mod run;

pub use run::{PushArgs, run};

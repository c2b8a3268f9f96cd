//! `driftsiren dataset`: datasets on a server, and what they are compared with.
//!
//! | file | job |
//! |---|---|
//! | `run.rs` | flags; datasets |
//! | `reference.rs` | their references |

mod reference;
mod run;

pub use run::{DatasetArgs, run};

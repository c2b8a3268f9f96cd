//! Inputs: opened, read into profiles, and their columns checked against what was asked.
//!
//! | file | job |
//! |---|---|
//! | `open.rs` | a path or stdin becomes bytes or a profile |
//! | `options.rs` | how it is read: flags over the schema file over configuration |
//! | `both.rs` | two inputs at once, threads shared by their sizes |
//! | `columns.rs` | columns that are named must exist |

mod both;
mod columns;
mod open;
mod options;

pub use both::profile_both;
pub use columns::{check_names, column_names};
pub use open::{Input, not_opened};
pub use options::{n_threads, read_options};

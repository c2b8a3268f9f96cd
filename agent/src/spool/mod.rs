//! What waits to be sent, on disk: it outlives this program and the server's absence.
//!
//! | file | job |
//! |---|---|
//! | `folder.rs` | the folder: numbers, room, who may use it |
//! | `entry.rs` | one entry as a file, and what its head says |
//! | `private.rs` | files and folders that only their owner can read |

mod entry;
mod folder;
mod private;

pub use entry::{Entry, Followed, Found, Head};
pub use folder::{Kept, Spool};

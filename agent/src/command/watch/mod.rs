//! `driftsiren watch`: new files of a folder, or the lines that a file grows by, to a server.
//!
//! Everything goes through a spool on disk. What the source has given is noted only when it is in the spool, and
//! it leaves the spool only when the server has it; so this program may be killed at any moment.
//!
//! | file | job |
//! |---|---|
//! | `run.rs` | flags, the rhythm of looking and sending, how it ends |
//! | `source.rs` | a folder or a file, whichever is watched |
//! | `look.rs` | how a source is looked at, whichever it is |
//! | `folder.rs` | files that come into a folder |
//! | `lines.rs` | lines that a file grows by, also when it is replaced or cut |
//! | `identity.rs` | whether the file under a name is still the one that was followed |
//! | `delivery.rs` | from the spool to the server |

mod delivery;
mod folder;
mod identity;
mod lines;
mod look;
mod run;
mod source;

pub use run::{WatchArgs, run};

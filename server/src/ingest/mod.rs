//! A body becomes a batch: rows by slot, with what was odd about them. Decisions here are pure; the rows are not kept.

mod columns;
mod reading;
mod receipt;
mod slotting;

pub use columns::meet;
pub use reading::{Reading, options, reference_options};
pub use receipt::batch;
pub use slotting::{Seen, Slotting};

//! What the pages of the console are made of.

mod copy;
mod field;
mod form;
mod frame;
mod icon;
mod list;

pub use copy::Copyable;
pub use field::{Check, Field, File, Select};
pub use form::{Act, Confirm, Form, Hidden, Submit};
pub use frame::{Console, Lone, Refused, When};
pub use list::Pager;

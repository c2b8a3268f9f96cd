//! Pages of people, orgs and datasets. The server renders them whole; they work without JavaScript.
//!
//! A page says what it needs of the API ([`plan`]), the server asks for it, and the page is drawn from the answers.

mod copy;
mod data;
mod field;
mod form;
mod frame;
mod icon;
mod list;

pub use copy::Copyable;
pub use data::{Answers, Needs, Outcome, PageData, Want, plan};
pub(crate) use data::{fetched, page_data, url_escape};
pub use field::{Check, Field, File, Select};
pub use form::{Act, Confirm, Form, Hidden, Submit};
pub use frame::{Console, Lone, Refused, When};
pub use list::Pager;

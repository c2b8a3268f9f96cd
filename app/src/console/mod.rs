//! Pages of people, orgs and datasets. The server renders them whole; they work without JavaScript.
//!
//! A page says what it needs of the API ([`plan`]), the server asks for it, and the page is drawn from the answers.

mod data;
mod form;
mod frame;

pub use data::{Needs, Outcome, PageData, Want, plan};
pub(crate) use data::{fetched, page_data};
pub use form::{Act, Field, File, Form, Hidden, Select, Submit};
pub use frame::{Console, Lone, Refused, When};

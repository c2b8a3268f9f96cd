//! Pages of people, orgs and datasets. The server renders them whole; they work without JavaScript.
//!
//! A page says what it needs of the API ([`plan`]), the server asks for it, and the page is drawn from the answers.
//! One file a page; `kit` holds what they are made of.

pub mod account;
pub mod audit;
mod data;
pub mod dataset;
pub mod datasets;
pub mod entrance;
pub mod keys;
mod kit;
pub mod people;
pub mod usage;

pub use data::{Answers, Needs, Outcome, PageData, Want, plan};

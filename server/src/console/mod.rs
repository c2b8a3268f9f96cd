//! The pages of people, orgs and datasets: what they need is asked of the API in process, and their forms call it.

mod body_time;
mod flash;
pub mod forms;
mod page;
mod send;

pub use body_time::in_time;
pub use page::router;

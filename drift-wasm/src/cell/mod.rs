//! What a cell says: text, a number, a time. Below reading and profiling, which both ask it.

pub(crate) mod number;
pub(crate) mod spelled_date;
pub(crate) mod spelled_number;
pub(crate) mod text;
pub(crate) mod time;

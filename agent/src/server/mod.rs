//! Talking to a server.
//!
//! | file | job |
//! |---|---|
//! | `address.rs` | which server, org and key |
//! | `client.rs` | requests and answers |
//! | `error.rs` | why a call got no answer that counts |
//! | `backoff.rs` | when to try again, and when to give up |
//! | `route.rs` | names in addresses |

mod address;
mod backoff;
mod client;
mod error;
mod route;

pub use address::{Address, KEY_VARIABLE, ServerFlags};
pub use backoff::{Backoff, seconds, with_retries};
pub use client::{Server, checked};
pub use error::RequestError;
pub use route::{escaped, route};

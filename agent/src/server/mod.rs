//! Talking to a server.
//!
//! | file | job |
//! |---|---|
//! | `address.rs` | which server, org and key |
//! | `client.rs` | requests and answers |
//! | `trouble.rs` | why a call got no answer that counts |
//! | `patience.rs` | when to try again, and when to give up |
//! | `route.rs` | names in addresses |

mod address;
mod client;
mod patience;
mod route;
mod trouble;

pub use address::{Address, KEY_VARIABLE, ServerFlags};
pub use client::Server;
pub use patience::{Patience, seconds, with_patience};
pub use route::{escaped, route};
pub use trouble::Trouble;

//! Who may do what: decisions without a database, a clock or a network.

pub mod api_key;
pub mod idempotency;
pub mod password;
pub mod role;
pub mod secret;
pub mod session;
pub mod source;
pub mod throttle;

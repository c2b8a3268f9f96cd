//! Every limit of the server, in one place: handlers, documents and tests read it here.

use std::time::Duration;

/// Wrong passwords for one address before others have to wait.
pub const LOGIN_FAILURES: u32 = 5;

/// One more try after each of these: five in fifteen minutes.
pub const LOGIN_RECOVERY: Duration = Duration::from_secs(180);

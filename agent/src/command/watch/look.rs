//! How a source is looked at, whichever it is.

use std::io;
use std::path::Path;

use crate::exit::Failure;

/// How a look is made.
#[derive(Clone, Copy)]
pub struct Look {
    /// There will be no later one, so that nothing waits until it has settled.
    pub is_last: bool,
    pub is_quiet: bool,
}

/// The failure of a spool, which nothing can go on without.
pub fn spool_fails(spool: &Path) -> impl Fn(io::Error) -> Failure {
    move |error| Failure::input(format!("cannot use the spool {}", spool.display())).caused_by(&error)
}

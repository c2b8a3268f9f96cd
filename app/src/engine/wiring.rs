//! Who talks to whom: every reader with the session, every leader of an input with every helper.

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{MessageChannel, MessagePort};

use super::N_LEADERS;
use super::call::{Failure, object};

/// The ports between the session and its readers, of which the first lead an input each and the others help.
pub(super) struct Wiring {
    /// The session's end of each reader's port.
    pub to_session: Array,
    readers: Vec<Ends>,
}

/// One reader's ends.
struct Ends {
    session: MessagePort,
    helpers: Array,
    leaders: Array,
}

impl Wiring {
    /// Ports for `n` readers.
    pub fn new(n: usize) -> Result<Self, Failure> {
        let channel = || MessageChannel::new().map_err(|_| Failure::broken("the browser opened no channel"));
        let to_session = Array::new();
        let mut readers = Vec::new();
        for _ in 0..n {
            let channel = channel()?;
            to_session.push(&channel.port1());
            readers.push(Ends { session: channel.port2(), helpers: Array::new(), leaders: Array::new() });
        }
        let (leaders, helpers) = readers.split_at_mut(N_LEADERS.min(n));
        for leader in leaders {
            for helper in &mut *helpers {
                let channel = channel()?;
                leader.helpers.push(&channel.port1());
                helper.leaders.push(&channel.port2());
            }
        }
        Ok(Self { to_session, readers })
    }

    /// What the reader at `position` is told, and the ports that move to it.
    pub fn of(&self, position: usize) -> (JsValue, Array) {
        let Ends { session, helpers, leaders } = &self.readers[position];
        let told = object(&[("session", session.into()), ("toHelpers", helpers.into()), ("toLeaders", leaders.into())]);
        (told, Array::of1(session).concat(helpers).concat(leaders))
    }
}

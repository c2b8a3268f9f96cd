//! What was read a moment ago: saves asking the database for the same thing many times a second.

use std::{borrow::Borrow, collections::HashMap, hash::Hash, sync::Mutex};

use jiff::{SignedDuration, Timestamp};

/// How long something counts as fresh. A key that is revoked on another server lets nobody in for longer than this.
const FRESH: SignedDuration = SignedDuration::from_millis(500);
/// More is not worth keeping.
const MOST: usize = 4096;

/// Values by key, each for a moment.
#[derive(Debug)]
pub struct Fresh<K, V> {
    values: Mutex<HashMap<K, (V, Timestamp)>>,
}

impl<K: Eq + Hash, V: Clone> Fresh<K, V> {
    pub fn new() -> Self {
        Self { values: Mutex::new(HashMap::new()) }
    }

    /// The value, if it is fresh.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q, now: Timestamp) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let values = self.values.lock().ok()?;
        let (value, at) = values.get(key)?;
        let age = now.duration_since(*at);
        (!age.is_negative() && age < FRESH).then(|| value.clone())
    }

    /// Keeps a value that was just read.
    pub fn put(&self, key: K, value: V, now: Timestamp) {
        if let Ok(mut values) = self.values.lock() {
            if values.len() >= MOST {
                values.clear();
            }
            values.insert(key, (value, now));
        }
    }

    /// Lets go of one value: it has changed.
    pub fn forget<Q: Eq + Hash + ?Sized>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        if let Ok(mut values) = self.values.lock() {
            values.remove(key);
        }
    }

    /// Lets go of everything.
    pub fn forget_all(&self) {
        if let Ok(mut values) = self.values.lock() {
            values.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_fresh_for_half_a_second_and_not_after_a_change() {
        let at = |millis: i64| Timestamp::from_millisecond(1_000_000 + millis).expect("a time");
        let fresh = Fresh::new();
        fresh.put("a", 1, at(0));
        assert_eq!(fresh.get(&"a", at(499)), Some(1));
        assert_eq!(fresh.get(&"a", at(500)), None);
        assert_eq!(fresh.get(&"a", at(-1)), None, "a clock that went back proves nothing");
        fresh.forget(&"a");
        assert_eq!(fresh.get(&"a", at(0)), None);
    }
}

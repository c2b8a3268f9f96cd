//! Idempotency keys: what a request is known by, and what becomes of one whose key was used before.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use uuid::Uuid;

use crate::limits;

/// Of BLAKE3.
pub type Hash = [u8; 32];

/// A key of one visitor. The key itself cannot be read from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitorKey {
    /// The account or API key that asks.
    pub visitor: Uuid,
    pub hash: Hash,
}

impl VisitorKey {
    /// The key that a visitor sent.
    pub fn new(visitor: Uuid, key: &str) -> Self {
        let hash = *blake3::Hasher::new().update(visitor.as_bytes()).update(key.as_bytes()).finalize().as_bytes();
        Self { visitor, hash }
    }
}

/// What a request asks for, but for its body.
pub fn request_hash(method: &str, path_and_query: &str) -> Hash {
    // No method holds a space.
    *blake3::hash(format!("{method} {path_and_query}").as_bytes()).as_bytes()
}

/// The hash of a body that is on its way; copies are of the same body.
#[derive(Clone, Debug, Default)]
pub struct BodyHash(Arc<Mutex<Hashing>>);

#[derive(Debug, Default)]
struct Hashing {
    hasher: blake3::Hasher,
    is_whole: bool,
}

impl BodyHash {
    /// Takes the next piece.
    pub fn add(&self, piece: &[u8]) {
        self.0.lock().expect("no code panics with this lock").hasher.update(piece);
    }

    /// The body has ended.
    pub fn end(&self) {
        self.0.lock().expect("no code panics with this lock").is_whole = true;
    }

    /// The hash, if the body was read to its end.
    pub fn whole(&self) -> Option<Hash> {
        let hashing = self.0.lock().expect("no code panics with this lock");
        hashing.is_whole.then(|| *hashing.hasher.finalize().as_bytes())
    }
}

/// What is known of the request that used a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub request_hash: Hash,
    /// Nothing for a body that was not read.
    pub body_hash: Option<Hash>,
    pub claimed_at: Timestamp,
    pub progress: Progress,
}

/// How far it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    UnderWay,
    /// What it asked for was done at this time, and its answer is not kept yet.
    Done(Timestamp),
    Answered(Answer),
}

/// An answer that can be given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// Nothing when it showed a secret.
    pub body: Option<Vec<u8>>,
}

/// Where a request stands whose key was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The key can be used again: it was used long ago, or its request ended without a trace.
    Free,
    UnderWay,
    /// The key was used for another method, path or query.
    OtherRequest,
    Done,
}

/// Where a request stands that comes with the key of `record`.
pub fn standing(record: &Record, request_hash: &Hash, now: Timestamp) -> Standing {
    let age = now.duration_since(record.claimed_at);
    let is_dead = record.progress == Progress::UnderWay && age >= limits::IDEMPOTENCY_LEASE;
    if age >= limits::IDEMPOTENCY_KEPT || is_dead {
        return Standing::Free;
    }
    if record.request_hash != *request_hash {
        return Standing::OtherRequest;
    }
    match &record.progress {
        Progress::UnderWay => Standing::UnderWay,
        // The answer is on its way to where it is kept.
        Progress::Done(at) if now.duration_since(*at) < limits::IDEMPOTENCY_ANSWER => Standing::UnderWay,
        Progress::Done(_) | Progress::Answered(_) => Standing::Done,
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use rstest::rstest;

    use super::*;

    fn now() -> Timestamp {
        "2026-01-31T12:00:00Z".parse().expect("a time")
    }

    fn ago(seconds: i64) -> Timestamp {
        now() - SignedDuration::from_secs(seconds)
    }

    fn record(seconds_ago: i64, progress: Progress) -> Record {
        let claimed_at = ago(seconds_ago);
        Record { request_hash: request_hash("POST", "/a"), body_hash: None, claimed_at, progress }
    }

    const DAY: i64 = 86_400;

    fn answered() -> Progress {
        Progress::Answered(Answer { status: 204, headers: Vec::new(), body: Some(Vec::new()) })
    }

    #[rstest]
    #[case::answered(answered(), 1, "/a", Standing::Done)]
    #[case::answered_long_ago(answered(), DAY - 1, "/a", Standing::Done)]
    #[case::answered_to_another(answered(), 1, "/b", Standing::OtherRequest)]
    #[case::being_answered(Progress::Done(ago(14)), 100, "/a", Standing::UnderWay)]
    #[case::answer_lost(Progress::Done(ago(15)), 100, "/a", Standing::Done)]
    #[case::lost_long_ago(Progress::Done(ago(DAY - 1)), DAY - 1, "/a", Standing::Done)]
    #[case::forgotten(answered(), DAY, "/a", Standing::Free)]
    #[case::forgotten_for_all(answered(), DAY, "/b", Standing::Free)]
    #[case::other(Progress::Done(ago(10)), 10, "/b", Standing::OtherRequest)]
    #[case::under_way(Progress::UnderWay, 10, "/a", Standing::UnderWay)]
    #[case::another_is_under_way(Progress::UnderWay, 10, "/b", Standing::OtherRequest)]
    #[case::dead(Progress::UnderWay, 60, "/a", Standing::Free)]
    #[case::dead_and_other(Progress::UnderWay, 60, "/b", Standing::Free)]
    fn a_key_stands_for_one_request(
        #[case] progress: Progress,
        #[case] seconds_ago: i64,
        #[case] path: &str,
        #[case] expected: Standing,
    ) {
        assert_eq!(standing(&record(seconds_ago, progress), &request_hash("POST", path), now()), expected);
    }

    #[test]
    fn requests_differ_by_method_path_and_query() {
        let requests = [("POST", "/a"), ("PUT", "/a"), ("POST", "/a?b"), ("POST", "/b")];
        let hashes: std::collections::BTreeSet<_> =
            requests.iter().map(|(method, path)| request_hash(method, path)).collect();
        assert_eq!(hashes.len(), requests.len());
    }

    #[test]
    fn the_same_key_of_another_visitor_is_another() {
        let (ada, eve) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(VisitorKey::new(ada, "k"), VisitorKey::new(ada, "k"));
        assert_ne!(VisitorKey::new(ada, "k").hash, VisitorKey::new(eve, "k").hash);
        assert_ne!(VisitorKey::new(ada, "k").hash, VisitorKey::new(ada, "l").hash);
    }

    #[test]
    fn a_body_has_a_hash_at_its_end_however_it_was_cut() {
        let hash = |pieces: &[&str]| {
            let hash = BodyHash::default();
            pieces.iter().for_each(|piece| hash.add(piece.as_bytes()));
            assert_eq!(hash.whole(), None);
            hash.clone().end();
            hash.whole().expect("it has ended")
        };
        assert_eq!(hash(&["ab", "c"]), hash(&["abc"]));
        assert_ne!(hash(&[]), hash(&["abc"]));
    }
}

//! A file that comes by once, from its beginning: what came last is kept until its row group is read.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Bytes that are kept at most; what belongs to a larger row group is read from the file again.
const MOST_BYTES: u64 = 64 << 20;

/// The last bytes of a file of which some came by.
#[derive(Debug, Default)]
pub struct Kept {
    /// Where each piece begins in the file; one ends where the next begins.
    pieces: VecDeque<(u64, Bytes)>,
    end: u64,
}

impl Kept {
    /// Takes the next bytes of the file.
    pub fn push(&mut self, bytes: Bytes) {
        let start = self.end;
        self.end += bytes.len() as u64;
        self.pieces.push_back((start, bytes));
        self.forget(self.end.saturating_sub(MOST_BYTES));
    }

    /// Lets go all pieces that lie before `at`.
    pub fn forget(&mut self, at: u64) {
        while self.pieces.front().is_some_and(|(start, bytes)| start + bytes.len() as u64 <= at) {
            self.pieces.pop_front();
        }
    }

    /// `length` bytes from `start` on; `None` when not all of them are kept. Copies only what lies in several pieces.
    pub fn get(&self, start: u64, length: usize) -> Option<Bytes> {
        let end = start.checked_add(length as u64)?;
        if end > self.end || self.pieces.front()?.0 > start {
            return None;
        }
        let first = self.pieces.partition_point(|(at, _)| *at <= start) - 1;
        let (at, bytes) = &self.pieces[first];
        let skipped = (start - at) as usize;
        if skipped + length <= bytes.len() {
            return Some(bytes.slice(skipped..skipped + length));
        }
        let mut whole = BytesMut::with_capacity(length);
        whole.extend_from_slice(&bytes[skipped..]);
        for (_, bytes) in self.pieces.range(first + 1..) {
            whole.extend_from_slice(&bytes[..bytes.len().min(length - whole.len())]);
        }
        Some(whole.freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_by_is_there_until_it_is_let_go() {
        let file: Vec<u8> = (0..=255).collect();
        let mut kept = Kept::default();
        assert_eq!(kept.get(0, 0), None);
        for piece in file.chunks(7) {
            kept.push(Bytes::copy_from_slice(piece));
        }
        for (start, length) in [(0, 0), (0, 256), (3, 4), (3, 5), (6, 20), (250, 6), (256, 0)] {
            let expected = &file[start..start + length];
            assert_eq!(kept.get(start as u64, length).as_deref(), Some(expected), "{length} bytes from {start} on");
        }
        assert_eq!(kept.get(250, 7), None);
        assert_eq!(kept.get(u64::MAX, 7), None);
        kept.forget(20);
        assert_eq!(kept.get(13, 2), None);
        assert_eq!(kept.get(14, 2).as_deref(), Some(&file[14..16]));
        kept.forget(256);
        assert_eq!(kept.get(255, 1), None);
    }

    #[test]
    fn not_more_is_kept_than_there_is_room_for() {
        let piece = Bytes::from(vec![1; 16 << 20]);
        let mut kept = Kept::default();
        (0..6).for_each(|_| kept.push(piece.clone()));
        assert_eq!(kept.get((32 << 20) - 1, 1), None);
        assert!(kept.get(32 << 20, 64 << 20).is_some());
    }
}

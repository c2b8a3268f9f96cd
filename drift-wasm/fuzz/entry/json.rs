//! Any bytes as an array of objects, in two pieces and in one, and as one object a line.

use drift::read::csv::Block;
use drift::read::json::{ArraySplitter, profile_block};
use drift::read::{Limits, ReadOptions};

fn lines(pieces: &[&[u8]], limits: &Limits) -> Option<Vec<u8>> {
    let mut splitter = ArraySplitter::new(limits);
    let mut lines = Vec::new();
    for piece in pieces {
        let mut emit = |more: &[u8]| {
            lines.extend_from_slice(more);
            Ok(())
        };
        splitter.push(piece, &mut emit).ok()?;
    }
    splitter.finish().ok()?;
    Some(lines)
}

/// Panics when the promise breaks.
pub fn run(bytes: &[u8]) {
    let limits = Limits { max_columns: 200, ..Limits::default() };
    let options = ReadOptions { limits, ..ReadOptions::new("fuzz.json") };
    let whole = lines(&[bytes], &limits);
    let (head, tail) = bytes.split_at(bytes.len() / 2);
    assert_eq!(whole, lines(&[head, tail], &limits));
    for text in [Some(bytes.to_vec()), whole].into_iter().flatten() {
        let _ = profile_block(&Block { bytes: text, first_row: 0, irregular: false }, &options);
    }
}

//! Inputs as workers read them. The module with this alone is small, and is loaded before any file is dropped.
//!
//! One worker leads an input: it takes all bytes and cuts them into blocks, which it profiles or passes to helpers.

use wasm_bindgen::prelude::*;

use crate::profile::{Piece, Pieces};
use crate::read::{BlockReader, PushReader};
use crate::worker::settings;

/// One input while it is being read.
#[wasm_bindgen]
pub struct Reader {
    reader: PushReader,
}

#[wasm_bindgen]
impl Reader {
    /// A reader for an input called `name`, of `n_bytes` bytes, with options as the session gives them.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, options: &[u8], n_bytes: f64) -> Result<Reader, JsError> {
        Ok(Self { reader: PushReader::new(&settings::taken(name, options)?, n_bytes as u64)? })
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), JsError> {
        Ok(self.reader.push(bytes)?)
    }

    /// Blocks that wait to be profiled, here or elsewhere.
    #[wasm_bindgen(getter)]
    pub fn waiting(&self) -> usize {
        self.reader.n_waiting()
    }

    /// Ends the input; the last blocks wait. What it gives, the session takes after all blocks.
    pub fn finish(&mut self) -> Result<Vec<u8>, JsError> {
        Ok(self.reader.finish()?.encode())
    }

    /// Profiles the next block, if one waits.
    pub fn profile(&mut self) -> Result<Option<Profiled>, JsError> {
        Ok(self.reader.profile_next()?.map(Profiled::new))
    }

    /// The next block as a helper takes it, if one waits.
    pub fn block(&mut self) -> Option<Vec<u8>> {
        self.reader.take_next()
    }

    /// What helpers must know; nothing before there was a block.
    pub fn table(&self) -> Option<Vec<u8>> {
        self.reader.table()
    }
}

/// Profiles blocks that another worker's [`Reader`] has cut.
#[wasm_bindgen]
pub struct Helper {
    blocks: BlockReader,
}

#[wasm_bindgen]
impl Helper {
    /// A helper for the input that `table` describes.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, options: &[u8], table: &[u8]) -> Result<Helper, JsError> {
        Ok(Self { blocks: BlockReader::new(&settings::taken(name, options)?, table)? })
    }

    /// The profile of a block.
    pub fn profile(&self, block: &[u8]) -> Result<Profiled, JsError> {
        Ok(Profiled::new(self.blocks.profile(block)?))
    }
}

/// The profile of a block on its way to the session, in pieces.
#[wasm_bindgen]
pub struct Profiled {
    pieces: Pieces,
    piece: Piece,
}

impl Profiled {
    pub(super) fn new(pieces: Pieces) -> Self {
        Self { pieces, piece: Piece::default() }
    }
}

#[wasm_bindgen]
impl Profiled {
    /// Rows of the block.
    #[wasm_bindgen(getter)]
    pub fn rows(&self) -> f64 {
        self.pieces.n_rows() as f64
    }

    /// Goes to the next piece and gives its bytes; 0 after the last.
    pub fn next(&mut self) -> usize {
        self.piece = self.pieces.next().unwrap_or_default();
        self.piece.n_bytes()
    }

    /// Puts the piece into `into`, which has room for just that.
    #[wasm_bindgen(js_name = copyTo)]
    pub fn copy_to(&self, into: &js_sys::Uint8Array) {
        let mut at = 0;
        for run in self.piece.runs() {
            let end = at + run.len() as u32;
            into.subarray(at, end).copy_from(run);
            at = end;
        }
    }
}

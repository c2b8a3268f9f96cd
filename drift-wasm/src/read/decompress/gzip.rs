//! gzip of one or more members (RFC 1952).

use flate2::{Decompress, FlushDecompress, Status};

use crate::error::Result;
use crate::read::decompress::{Emit, Meter, PIECE_BYTES, damaged, truncated};

/// The window that every deflate stream fits.
const WINDOW_BITS: u8 = 15;

/// Decompresses members one after the other; zeros behind the last one are padding.
pub struct Gzip {
    member: Decompress,
    place: Place,
    buffer: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first member.
    Start,
    /// Within a member.
    Member,
    /// Behind a complete member.
    Between,
    /// In zeros behind the last member.
    Padding,
}

impl Gzip {
    pub fn new() -> Self {
        Self { member: Decompress::new_gzip(WINDOW_BITS), place: Place::Start, buffer: vec![0; PIECE_BYTES] }
    }

    pub fn push(&mut self, mut bytes: &[u8], meter: &mut Meter, out: Emit) -> Result<()> {
        while let Some(first) = bytes.first() {
            if self.place == Place::Padding || (self.place == Place::Between && *first == 0) {
                self.place = Place::Padding;
                if bytes.iter().any(|byte| *byte != 0) {
                    return Err(damaged("gzip", "bytes behind its end"));
                }
                return Ok(());
            }
            if self.place == Place::Between {
                self.member = Decompress::new_gzip(WINDOW_BITS);
            }
            self.place = Place::Member;
            let (n_in, n_out) = (self.member.total_in(), self.member.total_out());
            let status = self.member.decompress(bytes, &mut self.buffer, FlushDecompress::None);
            let status = status.map_err(|error| damaged("gzip", error))?;
            let n_in = (self.member.total_in() - n_in) as usize;
            let n_out = (self.member.total_out() - n_out) as usize;
            bytes = &bytes[n_in..];
            if n_out > 0 {
                meter.count(n_out)?;
                out(&self.buffer[..n_out])?;
            }
            match status {
                Status::StreamEnd => self.place = Place::Between,
                Status::Ok | Status::BufError if n_in == 0 && n_out == 0 => {
                    return Err(damaged("gzip", "no progress"));
                }
                Status::Ok | Status::BufError => {}
            }
            // The output may have been too small for what was taken in: ask for the rest before more is read.
            if bytes.is_empty() && n_out == self.buffer.len() && self.place == Place::Member {
                self.drain(meter, out)?;
            }
        }
        Ok(())
    }

    fn drain(&mut self, meter: &mut Meter, out: Emit) -> Result<()> {
        loop {
            let before = self.member.total_out();
            let status = self.member.decompress(&[], &mut self.buffer, FlushDecompress::None);
            let status = status.map_err(|error| damaged("gzip", error))?;
            let n_out = (self.member.total_out() - before) as usize;
            if n_out > 0 {
                meter.count(n_out)?;
                out(&self.buffer[..n_out])?;
            }
            if status == Status::StreamEnd {
                self.place = Place::Between;
                return Ok(());
            }
            if n_out < self.buffer.len() {
                return Ok(());
            }
        }
    }

    pub fn finish(self) -> Result<()> {
        match self.place {
            Place::Between | Place::Padding => Ok(()),
            Place::Start | Place::Member => Err(truncated("gzip")),
        }
    }
}

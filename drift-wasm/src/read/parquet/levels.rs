//! The RLE / bit-packing hybrid of definition levels and dictionary keys.

use bytes::Bytes;

/// Reads integers of `width` bits, run by run.
pub struct Hybrid {
    bytes: Bytes,
    at: usize,
    width: u32,
    run: Run,
}

/// What is left of the current run.
#[derive(Debug, Clone, Copy)]
enum Run {
    Same {
        value: u32,
        n: usize,
    },
    /// Packed values whose first bit stands at `bit` of the byte at `start`.
    Packed {
        start: usize,
        bit: usize,
        n: usize,
    },
}

impl Hybrid {
    /// A reader; `None` for more than 32 bits.
    pub fn new(bytes: Bytes, width: u32) -> Option<Self> {
        (width <= 32).then_some(Self { bytes, at: 0, width, run: Run::Same { value: 0, n: 0 } })
    }

    /// Reads `n` values: `same` gets runs, `one` single values. `None` when there are fewer, or a run is malformed.
    #[inline]
    pub fn read(&mut self, mut n: usize, mut same: impl FnMut(u32, usize), mut one: impl FnMut(u32)) -> Option<()> {
        while n > 0 {
            match &mut self.run {
                Run::Same { n: 0, .. } | Run::Packed { n: 0, .. } => self.next_run()?,
                Run::Same { value, n: left } => {
                    let now = n.min(*left);
                    same(*value, now);
                    *left -= now;
                    n -= now;
                }
                Run::Packed { start, bit, n: left } => {
                    let now = n.min(*left);
                    let width = self.width as usize;
                    let mask = (1_u64 << width) - 1;
                    let bytes = &self.bytes[*start..];
                    let mut position = *bit;
                    let mut done = 0;
                    // While eight bytes can be loaded at once; the rest goes byte by byte.
                    while done < now
                        && let Some(word) = bytes.get(position / 8..).and_then(<[u8]>::first_chunk::<8>)
                    {
                        one((u64::from_le_bytes(*word) >> (position % 8) & mask) as u32);
                        position += width;
                        done += 1;
                    }
                    while done < now {
                        let mut word = [0; 8];
                        let rest = &bytes[(position / 8).min(bytes.len())..];
                        let length = rest.len().min(8);
                        word[..length].copy_from_slice(&rest[..length]);
                        one((u64::from_le_bytes(word) >> (position % 8) & mask) as u32);
                        position += width;
                        done += 1;
                    }
                    *bit = position;
                    *left -= now;
                    n -= now;
                }
            }
        }
        Some(())
    }

    fn next_run(&mut self) -> Option<()> {
        let mut header = 0_u64;
        let mut shift = 0;
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            header |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
            shift += 7;
            if shift > 35 {
                return None;
            }
        }
        let n = usize::try_from(header >> 1).ok()?;
        if header & 1 == 0 {
            let n_bytes = self.width.div_ceil(8) as usize;
            let bytes = self.bytes.get(self.at..self.at + n_bytes)?;
            let value = bytes.iter().rev().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
            self.at += n_bytes;
            self.run = Run::Same { value, n };
        } else {
            let n_bytes = n.checked_mul(self.width as usize)?;
            let start = self.at;
            let left = self.bytes.len() - start;
            // Some writers cut the zeros that fill up the last group.
            let n = if n_bytes <= left { n.checked_mul(8)? } else { (left * 8).checked_div(self.width as usize)? };
            if n == 0 {
                return None;
            }
            self.at += n_bytes.min(left);
            self.run = Run::Packed { start, bit: 0, n };
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &'static [u8], width: u32, n: usize) -> Option<Vec<u32>> {
        let values = std::cell::RefCell::new(Vec::new());
        let mut hybrid = Hybrid::new(Bytes::from_static(bytes), width)?;
        for _ in 0..n {
            hybrid.read(
                1,
                |value, n| values.borrow_mut().extend(std::iter::repeat_n(value, n)),
                |value| values.borrow_mut().push(value),
            )?;
        }
        Some(values.into_inner())
    }

    #[test]
    fn runs_and_packed_values_are_read() {
        // The example of the format's specification: 0 to 7 in 3 bits each.
        assert_eq!(all(&[3, 0x88, 0xc6, 0xfa], 3, 8), Some((0..8).collect()));
        assert_eq!(all(&[10, 2, 3, 0x88, 0xc6, 0xfa], 3, 7), Some(vec![2, 2, 2, 2, 2, 0, 1]));
        assert_eq!(all(&[6], 0, 3), Some(vec![0, 0, 0]));
    }

    #[test]
    fn too_few_bytes_are_no_values() {
        assert_eq!(all(&[10], 3, 1), None);
        assert_eq!(all(&[10, 2], 3, 6), None);
        assert_eq!(all(&[0xff; 12], 3, 1), None);
        assert_eq!(all(&[3], 3, 1), None);
        assert!(Hybrid::new(Bytes::new(), 33).is_none());
    }
}

//! Bit masks of the marks in 64 bytes of text: the one place with processor-specific code.
//!
//! Follows Langdale and Lemire, "Parsing Gigabytes of JSON per Second" (2019): compare 64 bytes at once, turn the
//! result into a 64-bit mask, and find what is inside quotes by a prefix XOR over the quote mask.

/// Where delimiters, line ends and quotes stand in 64 bytes; bit 0 is the first byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Masks {
    /// Delimiters.
    pub delimiter: u64,
    /// Line ends.
    pub newline: u64,
    /// Quotes.
    pub quote: u64,
}

/// The marks to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// Between cells.
    pub delimiter: u8,
    /// After rows: `\n`, or `\r` for files without `\n`.
    pub newline: u8,
    /// Around cells.
    pub quote: u8,
}

/// Bit `i` is set when an odd number of quotes stands at or before `i`.
#[inline(always)]
pub fn prefix_xor(mut mask: u64) -> u64 {
    mask ^= mask << 1;
    mask ^= mask << 2;
    mask ^= mask << 4;
    mask ^= mask << 8;
    mask ^= mask << 16;
    mask ^ (mask << 32)
}

/// Calls `visit(offset, masks, length)` for each 64 bytes of `bytes`, in order, until it answers `false`.
///
/// The last call may cover fewer bytes; its masks are 0 beyond them.
#[inline]
pub fn scan(bytes: &[u8], marks: Marks, visit: impl FnMut(usize, Masks, usize) -> bool) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[allow(unsafe_code, reason = "the processor was just found to have AVX2")]
        // SAFETY: AVX2 is available, checked on the line above.
        unsafe {
            x86::scan_avx2(bytes, marks, visit);
        }
        return;
    }
    scan_with(bytes, marks, masks_of, visit);
}

#[inline(always)]
fn scan_with(
    bytes: &[u8],
    marks: Marks,
    masks: impl Fn(&[u8; 64], Marks) -> Masks,
    mut visit: impl FnMut(usize, Masks, usize) -> bool,
) {
    let (blocks, tail) = bytes.as_chunks::<64>();
    let mut offset = 0;
    for block in blocks {
        if !visit(offset, masks(block, marks), 64) {
            return;
        }
        offset += 64;
    }
    if !tail.is_empty() {
        let mut block = [0_u8; 64];
        block[..tail.len()].copy_from_slice(tail);
        let within = (1_u64 << tail.len()) - 1;
        let found = masks(&block, marks);
        let found =
            Masks { delimiter: found.delimiter & within, newline: found.newline & within, quote: found.quote & within };
        visit(offset, found, tail.len());
    }
}

#[cfg(target_arch = "x86_64")]
use x86::masks_sse2 as masks_of;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use wasm::masks_simd128 as masks_of;

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
use portable_masks as masks_of;

/// Eight bytes at a time in a plain integer; what every processor can do.
#[cfg_attr(
    any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")),
    allow(dead_code, reason = "the reference that the processor-specific code is tested against")
)]
#[inline]
fn portable_masks(block: &[u8; 64], marks: Marks) -> Masks {
    let mut masks = Masks::default();
    for (index, byte) in block.iter().enumerate() {
        let bit = 1_u64 << index;
        masks.delimiter |= if *byte == marks.delimiter { bit } else { 0 };
        masks.newline |= if *byte == marks.newline { bit } else { 0 };
        masks.quote |= if *byte == marks.quote { bit } else { 0 };
    }
    masks
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "vector loads; every load is within the 64 bytes of its argument")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Marks, Masks, scan_with};

    #[inline(always)]
    pub fn masks_sse2(block: &[u8; 64], marks: Marks) -> Masks {
        let pointer = block.as_ptr().cast::<__m128i>();
        // SAFETY: SSE2 is part of x86-64, and the four unaligned loads cover exactly the 64 bytes of `block`.
        unsafe {
            let parts = [
                _mm_loadu_si128(pointer),
                _mm_loadu_si128(pointer.add(1)),
                _mm_loadu_si128(pointer.add(2)),
                _mm_loadu_si128(pointer.add(3)),
            ];
            let mask = |mark: u8| {
                let mark = _mm_set1_epi8(mark as i8);
                parts.iter().enumerate().fold(0_u64, |mask, (index, part)| {
                    let bits = _mm_movemask_epi8(_mm_cmpeq_epi8(*part, mark)) as u32;
                    mask | u64::from(bits) << (16 * index)
                })
            };
            Masks { delimiter: mask(marks.delimiter), newline: mask(marks.newline), quote: mask(marks.quote) }
        }
    }

    /// [`super::scan`] with 32 bytes a comparison.
    ///
    /// # Safety
    /// The processor must have AVX2.
    #[target_feature(enable = "avx2,popcnt,bmi1,lzcnt")]
    pub unsafe fn scan_avx2(bytes: &[u8], marks: Marks, visit: impl FnMut(usize, Masks, usize) -> bool) {
        scan_with(
            bytes,
            marks,
            #[inline(always)]
            |block, marks| {
                let pointer = block.as_ptr().cast::<__m256i>();
                // SAFETY: the caller vouches for AVX2, and the two unaligned loads cover the 64 bytes of `block`.
                unsafe {
                    let (low, high) = (_mm256_loadu_si256(pointer), _mm256_loadu_si256(pointer.add(1)));
                    let mask = |mark: u8| {
                        let mark = _mm256_set1_epi8(mark as i8);
                        let bits = |part| _mm256_movemask_epi8(_mm256_cmpeq_epi8(part, mark)) as u32;
                        u64::from(bits(low)) | u64::from(bits(high)) << 32
                    };
                    Masks { delimiter: mask(marks.delimiter), newline: mask(marks.newline), quote: mask(marks.quote) }
                }
            },
            visit,
        );
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[allow(unsafe_code, reason = "vector loads; every load is within the 64 bytes of its argument")]
mod wasm {
    use std::arch::wasm32::*;

    use super::{Marks, Masks};

    #[inline(always)]
    pub fn masks_simd128(block: &[u8; 64], marks: Marks) -> Masks {
        let pointer = block.as_ptr().cast::<v128>();
        // SAFETY: the four loads cover exactly the 64 bytes of `block`; wasm loads need no alignment.
        let parts = unsafe {
            [v128_load(pointer), v128_load(pointer.add(1)), v128_load(pointer.add(2)), v128_load(pointer.add(3))]
        };
        let mask = |mark: u8| {
            let mark = u8x16_splat(mark);
            parts.iter().enumerate().fold(0_u64, |mask, (index, part)| {
                mask | u64::from(u8x16_bitmask(u8x16_eq(*part, mark))) << (16 * index)
            })
        };
        Masks { delimiter: mask(marks.delimiter), newline: mask(marks.newline), quote: mask(marks.quote) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MARKS: Marks = Marks { delimiter: b',', newline: b'\n', quote: b'"' };

    proptest! {
        #[test]
        fn every_way_of_scanning_finds_the_same_marks(bytes in proptest::collection::vec(
            prop_oneof![Just(b','), Just(b'\n'), Just(b'"'), any::<u8>()], 0..400)) {
            let mut fast = Vec::new();
            scan(&bytes, MARKS, |offset, masks, length| { fast.push((offset, masks, length)); true });
            let mut slow = Vec::new();
            scan_with(&bytes, MARKS, portable_masks, |offset, masks, length| { slow.push((offset, masks, length)); true });
            prop_assert_eq!(fast, slow);
        }

        #[test]
        fn prefix_xor_is_the_parity_of_the_bits_so_far(mask in any::<u64>()) {
            let mut parity = 0;
            for bit in 0..64 {
                parity ^= mask >> bit & 1;
                prop_assert_eq!(prefix_xor(mask) >> bit & 1, parity);
            }
        }
    }
}

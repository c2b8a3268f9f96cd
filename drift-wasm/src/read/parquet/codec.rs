//! Page codecs; the size of the output is known. All are in Rust for the browser, so that its build needs no C compiler;
//! native builds take zstd from its C library, which is four times as fast.

use std::io::Read;

use ::parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};

use crate::read::decompress::decompress_whole;
use crate::read::sniff::Compression as Whole;

/// The codec that the format gives a number to.
pub fn numbered(codec: i64) -> Option<Compression> {
    Some(match codec {
        0 => Compression::UNCOMPRESSED,
        1 => Compression::SNAPPY,
        2 => Compression::GZIP(GzipLevel::default()),
        3 => Compression::LZO,
        4 => Compression::BROTLI(BrotliLevel::default()),
        5 => Compression::LZ4,
        6 => Compression::ZSTD(ZstdLevel::default()),
        7 => Compression::LZ4_RAW,
        _ => return None,
    })
}

/// Undoes a page's compression; `Err` says why not.
pub fn decompress(codec: Compression, input: &[u8], n_bytes: usize) -> Result<Vec<u8>, String> {
    let output = match codec {
        Compression::UNCOMPRESSED => input.to_vec(),
        Compression::SNAPPY => snappy(input, n_bytes)?,
        Compression::GZIP(_) => decompress_whole(Whole::Gzip, input, n_bytes).map_err(|error| error.0.found.clone())?,
        Compression::ZSTD(_) => zstd(input, n_bytes)?,
        Compression::BROTLI(_) => {
            let mut output = Vec::with_capacity(n_bytes);
            let reader = brotli_decompressor::Decompressor::new(input, 4096);
            reader.take(n_bytes as u64 + 1).read_to_end(&mut output).map_err(|error| format!("brotli: {error}"))?;
            output
        }
        Compression::LZ4_RAW => lz4_raw(input, n_bytes)?,
        // Three framings were in use under this name.
        Compression::LZ4 => match lz4_hadoop(input, n_bytes) {
            Some(output) => output,
            None => lz4_frame(input, n_bytes).or_else(|_| lz4_raw(input, n_bytes))?,
        },
        Compression::LZO => return Err("LZO, which no current writer uses; write it as snappy or zstd".to_owned()),
    };
    if output.len() == n_bytes {
        Ok(output)
    } else {
        Err(format!("{} bytes after decompression where its header says {n_bytes}", output.len()))
    }
}

fn snappy(input: &[u8], n_bytes: usize) -> Result<Vec<u8>, String> {
    let claimed = snap::raw::decompress_len(input).map_err(|error| format!("snappy: {error}"))?;
    if claimed != n_bytes {
        return Err(format!("{claimed} bytes after decompression where its header says {n_bytes}"));
    }
    let mut output = vec![0; n_bytes];
    snap::raw::Decoder::new().decompress(input, &mut output).map_err(|error| format!("snappy: {error}"))?;
    Ok(output)
}

#[cfg(not(target_arch = "wasm32"))]
fn zstd(input: &[u8], n_bytes: usize) -> Result<Vec<u8>, String> {
    ::zstd::bulk::decompress(input, n_bytes).map_err(|error| format!("zstd: {error}"))
}

#[cfg(target_arch = "wasm32")]
fn zstd(input: &[u8], n_bytes: usize) -> Result<Vec<u8>, String> {
    decompress_whole(Whole::Zstd, input, n_bytes).map_err(|error| error.0.found.clone())
}

fn lz4_raw(input: &[u8], n_bytes: usize) -> Result<Vec<u8>, String> {
    lz4_flex::block::decompress(input, n_bytes).map_err(|error| format!("lz4: {error}"))
}

fn lz4_frame(input: &[u8], n_bytes: usize) -> Result<Vec<u8>, String> {
    let mut output = Vec::with_capacity(n_bytes);
    let reader = lz4_flex::frame::FrameDecoder::new(input);
    reader.take(n_bytes as u64 + 1).read_to_end(&mut output).map_err(|error| format!("lz4: {error}"))?;
    Ok(output)
}

/// Hadoop's framing: for each block both sizes, big-endian, before its bytes.
fn lz4_hadoop(mut input: &[u8], n_bytes: usize) -> Option<Vec<u8>> {
    let mut output = Vec::with_capacity(n_bytes);
    while !input.is_empty() {
        let (sizes, rest) = input.split_first_chunk::<8>()?;
        let size = |at: usize| u32::from_be_bytes([sizes[at], sizes[at + 1], sizes[at + 2], sizes[at + 3]]) as usize;
        let (uncompressed, compressed) = (size(0), size(4));
        if compressed > rest.len() || uncompressed > n_bytes - output.len() {
            return None;
        }
        let (block, rest) = rest.split_at(compressed);
        output.extend(lz4_flex::block::decompress(block, uncompressed).ok()?);
        input = rest;
    }
    (output.len() == n_bytes).then_some(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_framings_of_lz4_are_read() {
        let text = b"abcabcabcabcabcabcabcabc, and so on".repeat(9);
        let raw = lz4_flex::block::compress(&text);
        let sizes = [(text.len() as u32).to_be_bytes(), (raw.len() as u32).to_be_bytes()].concat();
        let hadoop = [sizes, raw.clone()].concat();
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        std::io::Write::write_all(&mut encoder, &text).unwrap();
        let frame = encoder.finish().unwrap();
        for input in [raw, hadoop, frame] {
            assert_eq!(decompress(Compression::LZ4, &input, text.len()), Ok(text.clone()));
        }
    }

    #[test]
    fn a_size_that_is_not_true_is_refused() {
        let text = b"abcabcabcabcabc".repeat(20);
        let snappy = snap::raw::Encoder::new().compress_vec(&text).unwrap();
        assert!(decompress(Compression::SNAPPY, &snappy, text.len() + 1).is_err());
        assert!(decompress(Compression::LZ4_RAW, &lz4_flex::block::compress(&text), text.len() - 1).is_err());
        assert!(decompress(Compression::UNCOMPRESSED, &text, 3).is_err());
    }
}

use std::io::Write;

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn compress(compression: Compression, bytes: &[u8]) -> Vec<u8> {
    match compression {
        Compression::None => bytes.to_vec(),
        Compression::Gzip => gzip(bytes),
        Compression::Zstd => zstd(bytes),
    }
}

fn decompress(compression: Compression, limits: &Limits, pieces: &[&[u8]]) -> Result<Vec<u8>> {
    let mut decompressor = Decompressor::new(compression, limits);
    let mut output = Vec::new();
    let mut out = |piece: &[u8]| {
        output.extend_from_slice(piece);
        Ok(())
    };
    for piece in pieces {
        decompressor.push(piece, &mut out)?;
    }
    decompressor.finish(&mut out)?;
    Ok(output)
}

fn table(n_rows: usize) -> Vec<u8> {
    (0..n_rows).flat_map(|row| format!("{row},{},label {}\n", row * 7919 % 1000, row % 13).into_bytes()).collect()
}

#[rstest]
fn several_members_are_one_input(#[values(Compression::Gzip, Compression::Zstd)] compression: Compression) {
    let (a, b) = (table(40_000), table(10));
    let mut bytes = compress(compression, &a);
    if compression == Compression::Zstd {
        bytes.extend_from_slice(b"\x52\x2a\x4d\x18\x03\0\0\0abc");
    }
    bytes.extend(compress(compression, &b));
    if compression == Compression::Gzip {
        bytes.extend([0; 512]);
    }
    assert_eq!(decompress(compression, &Limits::default(), &[&bytes]), Ok([a, b].concat()));
}

#[rstest]
fn a_truncated_stream_is_refused(#[values(Compression::Gzip, Compression::Zstd)] compression: Compression) {
    let bytes = compress(compression, &table(2_000));
    for length in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
        let result = decompress(compression, &Limits::default(), &[&bytes[..length]]);
        if length == 0 && compression == Compression::Zstd {
            continue;
        }
        let error = result.unwrap_err();
        assert_eq!(error.0.kind, RefusalKind::MalformedInput);
        assert!(error.0.found.contains("ends early"), "{error}");
    }
}

#[rstest]
fn a_damaged_stream_never_passes(#[values(Compression::Gzip, Compression::Zstd)] compression: Compression) {
    let text = table(3_000);
    let bytes = compress(compression, &text);
    for index in (0..bytes.len()).step_by(13) {
        let mut bytes = bytes.clone();
        bytes[index] ^= 0x5a;
        if let Ok(output) = decompress(compression, &Limits::default(), &[&bytes]) {
            // Header fields such as gzip's time are not covered by a checksum.
            assert!(output == text || output.is_empty(), "byte {index}");
        }
    }
}

#[rstest]
fn a_bomb_is_refused_early(#[values(Compression::Gzip, Compression::Zstd)] compression: Compression) {
    let bytes = compress(compression, &vec![b'a'; 32 << 20]);
    let by_ratio = Limits { max_compression_ratio: 100, ..Limits::default() };
    let error = decompress(compression, &by_ratio, &[&bytes]).unwrap_err();
    assert_eq!(error.0.kind, RefusalKind::DecompressedTooLarge);
    let by_size = Limits { max_decompressed_bytes: 1 << 20, max_compression_ratio: u64::MAX, ..Limits::default() };
    let error = decompress(compression, &by_size, &[&bytes]).unwrap_err();
    assert_eq!(error.0.kind, RefusalKind::DecompressedTooLarge);
}

#[test]
fn a_zstd_window_beyond_memory_is_refused_before_it_is_reserved() {
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 1, 0, 0];
    let error = decompress(Compression::Zstd, &Limits::default(), &[&frame]).unwrap_err();
    assert_eq!(error.0.kind, RefusalKind::DecompressedTooLarge);
    let single_segment = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0];
    let error = decompress(Compression::Zstd, &Limits::default(), &[&single_segment]).unwrap_err();
    assert_eq!(error.0.kind, RefusalKind::DecompressedTooLarge);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_pieces_give_the_same_bytes(
        which in 0..3_usize,
        n_rows in 0..4_000_usize,
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let compression = [Compression::None, Compression::Gzip, Compression::Zstd][which];
        let text = table(n_rows);
        let bytes = compress(compression, &text);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        let mut start = 0;
        for cut in cuts.into_iter().chain([bytes.len()]) {
            pieces.push(&bytes[start..cut]);
            start = cut;
        }
        prop_assert_eq!(decompress(compression, &Limits::default(), &pieces).unwrap(), text);
    }
}

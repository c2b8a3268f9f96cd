//! A profile depends on the bytes of an input alone: not on their source, their pieces, the threads that read them, or
//! the order in which its blocks are profiled.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write as _};
use std::path::Path;

use drift::compare::{CompareOptions, compare};
use drift::profile::{Profile, ProfileBuilder};
use drift::read::csv::BLOCK_BYTES;
use drift::read::{InputFormat, NoProgress, ReadOptions, TextReader, profile_bytes, profile_file, profile_source};
use proptest::prelude::*;
use rstest::rstest;

/// A source that gives its bytes in pieces of the sizes in turn, as pipes and sockets do.
struct Pieces<'a> {
    bytes: &'a [u8],
    sizes: &'a [usize],
    n_given: usize,
}

impl<'a> Pieces<'a> {
    fn new(bytes: &'a [u8], sizes: &'a [usize]) -> Self {
        Self { bytes, sizes, n_given: 0 }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.sizes[self.n_given % self.sizes.len()].min(buffer.len());
        self.n_given += 1;
        self.bytes.read(&mut buffer[..size])
    }
}

/// One row: what a strange number decides. Labels hold delimiters, quotes and line ends; cells change their kind.
fn row(x: u64) -> [Option<String>; 4] {
    let number = (!x.is_multiple_of(7)).then(|| match x % 5 {
        0 => format!("{}", x % 1000),
        1 => format!("-{}.{}", x % 97, x % 89),
        2 => format!("{}e-3", x % 1013),
        3 => format!("{}", (1_u64 << 53) + x % 11),
        _ => format!("{}.5", x % 13),
    });
    let label = (!x.is_multiple_of(11)).then(|| match x % 6 {
        0 => "a,b".to_owned(),
        1 => "say \"so\"".to_owned(),
        2 => "two\nlines".to_owned(),
        3 => "Zürich".to_owned(),
        4 => format!("k{}", x % 300),
        _ => "plain".to_owned(),
    });
    let time = (!x.is_multiple_of(13)).then(|| format!("2024-0{}-1{}T0{}:30:00Z", 1 + x % 9, x % 10, x % 8));
    let mixed = Some(if x.is_multiple_of(17) { "n/k".to_owned() } else { format!("{}", x % 50) });
    [number, label, time, mixed]
}

const NAMES: [&str; 4] = ["number", "label", "time", "mixed"];

fn text(format: InputFormat, rows: &[u64]) -> Vec<u8> {
    let mut out = String::new();
    match format {
        InputFormat::Csv => {
            out += &format!("{}\n", NAMES.join(","));
            for x in rows {
                let cells = row(*x).map(|cell| match cell {
                    Some(text) if text.contains([',', '"', '\n']) => format!("\"{}\"", text.replace('"', "\"\"")),
                    Some(text) => text,
                    None => String::new(),
                });
                let _ = writeln!(out, "{}", cells.join(","));
            }
        }
        _ => {
            let objects = rows.iter().map(|x| {
                let cells = row(*x).into_iter().zip(NAMES).enumerate().map(|(index, (cell, name))| {
                    let value = match cell {
                        None => "null".to_owned(),
                        Some(number) if index == 0 => number,
                        Some(text) => serde_json::to_string(&text).unwrap(),
                    };
                    format!("\"{name}\": {value}")
                });
                format!("{{{}}}", cells.collect::<Vec<_>>().join(", "))
            });
            let objects: Vec<String> = objects.collect();
            out = match format {
                InputFormat::Json => format!("[{}]", objects.join(",\n")),
                _ => objects.join("\n") + "\n",
            };
        }
    }
    out.into_bytes()
}

/// Reads with small blocks, pushed in `sizes`, profiled last block first.
fn in_blocks(bytes: &[u8], sizes: &[usize], block_bytes: usize, options: &ReadOptions) -> (Profile, usize) {
    let mut reader = TextReader::with_block_bytes(options.clone(), block_bytes);
    let mut blocks = Vec::new();
    let mut emit = |_: &_, block| {
        blocks.push(block);
        Ok(())
    };
    let mut source = Pieces::new(bytes, sizes);
    let mut buffer = [0; 5000];
    loop {
        let n = source.read(&mut buffer).unwrap();
        if n == 0 {
            break;
        }
        reader.push(&buffer[..n], &mut emit).unwrap();
    }
    let table = reader.finish(&mut emit).unwrap();
    let mut profiles: Vec<_> = blocks.iter().rev().map(|block| table.profile_block(block).unwrap()).collect();
    profiles.reverse();
    let mut builder = ProfileBuilder::new(table.columns(), options);
    profiles.iter().for_each(|profile| builder.absorb(profile).unwrap());
    (builder.finish(table.format, bytes.len() as u64, String::new(), 1), profiles.len())
}

fn options(exact_limit: usize) -> ReadOptions {
    ReadOptions { exact_limit, ..ReadOptions::new("rows") }
}

fn any_text() -> impl Strategy<Value = (InputFormat, Vec<u64>)> {
    let format = prop_oneof![Just(InputFormat::Csv), Just(InputFormat::Ndjson), Just(InputFormat::Json)];
    (format, prop::collection::vec(0_u64..1_000_000, 1..600))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pieces_and_the_order_of_blocks_do_not_matter(
        (format, rows) in any_text(),
        sizes in prop::collection::vec(1_usize..3000, 1..20),
        block_bytes in 100_usize..4000,
        exact_limit in prop_oneof![Just(64_usize), Just(1 << 20)],
    ) {
        let (bytes, options) = (text(format, &rows), options(exact_limit));
        let (whole, n_blocks) = in_blocks(&bytes, &[usize::MAX], block_bytes, &options);
        prop_assert!(n_blocks > 1 || bytes.len() < 3 * block_bytes, "{n_blocks} blocks");
        prop_assert_eq!(in_blocks(&bytes, &sizes, block_bytes, &options).0.hash(), whole.hash());
        prop_assert_eq!(whole.n_rows, rows.len() as u64);
    }

    #[test]
    fn under_the_exact_limit_the_size_of_blocks_does_not_matter_either(
        (format, rows) in any_text(),
        block_bytes in 100_usize..4000,
    ) {
        let (bytes, options) = (text(format, &rows), options(1 << 20));
        let expected = profile_bytes("rows", &bytes, &options).unwrap();
        prop_assert_eq!(in_blocks(&bytes, &[777], block_bytes, &options).0.hash(), expected.hash());
    }

    #[test]
    fn halves_merge_to_the_whole((format, rows) in any_text(), cut in 0.0..1.0_f64) {
        let cut = ((rows.len() as f64 * cut) as usize).clamp(1, rows.len());
        let options = options(1 << 20);
        let read = |rows: &[u64]| profile_bytes("rows", &text(format, rows), &options).unwrap();
        let whole = read(&rows);
        prop_assume!(cut < rows.len());
        let merged = read(&rows[..cut]).merge(&read(&rows[cut..])).unwrap();
        prop_assert_eq!(merged.hash(), whole.hash());
    }

    #[test]
    fn compacted_halves_merge_the_same_way_every_time_and_within_the_error_they_claim(
        rows in prop::collection::vec(0_u64..1_000_000, 300..900),
        others in prop::collection::vec(0_u64..1_000_000, 300..900),
    ) {
        let read = |rows: &[u64], limit| profile_bytes("rows", &text(InputFormat::Csv, rows), &options(limit)).unwrap();
        let (head, tail) = rows.split_at(rows.len() / 3);
        let merge = || read(head, 64).merge(&read(tail, 64)).unwrap();
        prop_assert_eq!(merge().hash(), merge().hash());
        let distance = |profile: &Profile| {
            let other = read(&others, 1 << 20);
            let report = compare(&other, profile, &CompareOptions::default()).unwrap();
            report.columns[3].metrics["ks"].clone()
        };
        let (claimed, exact) = (distance(&merge()), distance(&read(&rows, 1 << 20)));
        let gap = (claimed.distance.unwrap() - exact.distance.unwrap()).abs();
        prop_assert!(gap <= claimed.half_width.unwrap() + 1e-12, "{gap} off, {:?} claimed", claimed.half_width);
    }
}

/// Everything that must not depend on how the bytes came.
fn said(reference: &Profile, current: &Profile) -> (String, String) {
    let report = compare(reference, current, &CompareOptions { n_threads: 2, ..CompareOptions::default() }).unwrap();
    (current.hash(), report.receipt.digest)
}

fn temporary(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    file
}

#[rstest]
#[case::csv(InputFormat::Csv, 1 << 20)]
#[case::csv_compacted(InputFormat::Csv, 1000)]
#[case::ndjson(InputFormat::Ndjson, 1 << 20)]
#[case::json(InputFormat::Json, 5000)]
fn threads_and_sources_do_not_matter(#[case] format: InputFormat, #[case] exact_limit: usize) {
    let rows: Vec<u64> = (0..200_000_u64).map(|row| row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40).collect();
    let bytes = text(format, &rows);
    // Whatever the format, more blocks than one.
    let bytes = if bytes.len() > 2 * BLOCK_BYTES { bytes } else { text(format, &[rows.clone(), rows].concat()) };
    assert!(bytes.len() > 2 * BLOCK_BYTES);
    let options = options(exact_limit);
    let reference = profile_bytes("reference", &text(format, &[1, 2, 3, 4, 5, 6, 7, 8]), &options).unwrap();
    let expected = profile_source(&bytes[..], &options, 1, &NoProgress).unwrap();
    let expected = said(&reference, &expected);
    for n_threads in [1, 2, 3, 8] {
        let piped = profile_source(Pieces::new(&bytes, &[1, 70_000, 3, 4096]), &options, n_threads, &NoProgress);
        assert_eq!(said(&reference, &piped.unwrap()), expected, "{n_threads} threads, piped");
        let file = profile_file(temporary(&bytes), &options, n_threads, &NoProgress).unwrap();
        assert_eq!(said(&reference, &file), expected, "{n_threads} threads, a file");
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&bytes).unwrap();
    let packed = encoder.finish().unwrap();
    for n_threads in [1, 3] {
        let unpacked = profile_source(Pieces::new(&packed, &[10_000, 7]), &options, n_threads, &NoProgress).unwrap();
        // The digest names the bytes of the input, and those are others.
        assert_eq!(unpacked.hash(), expected.0, "{n_threads} threads, compressed");
    }
}

#[rstest]
#[case("codec_snappy")]
#[case("small_pages")]
#[case("page_v2")]
#[case("delta")]
#[case("dictionary_overflow")]
fn parquet_is_the_same_from_a_file_and_a_pipe_and_with_any_threads(#[case] name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet").join(format!("{name}.parquet"));
    let bytes = std::fs::read(path).unwrap();
    let options = options(64);
    let expected = profile_bytes("rows", &bytes, &options).unwrap();
    let expected = said(&expected, &expected);
    for n_threads in [1, 2, 3, 8] {
        let piped = profile_source(Pieces::new(&bytes, &[1, 300, 7]), &options, n_threads, &NoProgress).unwrap();
        let file = profile_file(temporary(&bytes), &options, n_threads, &NoProgress).unwrap();
        assert_eq!(said(&piped, &piped), expected, "{n_threads} threads, piped");
        assert_eq!(said(&file, &file), expected, "{n_threads} threads, a file");
    }
}

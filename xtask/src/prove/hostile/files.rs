//! Files made to break readers: bombs, lies about sizes, and real files that were damaged.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::ensure;
use flate2::{Compression, write::GzEncoder};

use super::super::client::Random;
use crate::workspace;

/// A file by the name that tells what is wrong with it.
pub struct Hostile {
    pub name: String,
    pub content: Vec<u8>,
}

fn named(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Hostile {
    Hostile { name: name.into(), content: content.into() }
}

/// All of them.
pub fn all() -> anyhow::Result<Vec<Hostile>> {
    let mut all = bombs()?;
    all.extend(damaged()?);
    Ok(all)
}

fn gzip(content: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

/// A frame of zstd that claims to hold so many bytes: one block after another that says "this byte, 128 KiB of it".
fn zstd_of_runs(n_blocks: u32) -> Vec<u8> {
    const RUN: u32 = 128 << 10;
    // Magic number; no checksum, no size of the content; a window of 128 KiB.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    for block in 0..n_blocks {
        let is_last = u32::from(block + 1 == n_blocks);
        let header = is_last | (1 << 1) | (RUN << 3);
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(b'1');
    }
    frame
}

/// A Parquet file that is nothing but a footer which says something about its size.
fn parquet_of_footer(footer: &[u8], length: u32) -> Vec<u8> {
    [b"PAR1".as_slice(), footer, &length.to_le_bytes(), b"PAR1"].concat()
}

fn bombs() -> anyhow::Result<Vec<Hostile>> {
    const MIB: usize = 1 << 20;
    let one_line = vec![b'1'; 48 * MIB];
    let rows = b"a,b\n1,2\n".repeat(8 * MIB);
    let inner = gzip(&vec![b'0'; 64 * MIB])?;
    let wide: String = (0..100_000).map(|n| format!("c{n},")).collect();
    let deep = |open: &str, close: &str, n: usize| format!("[{{\"a\":{}1{}}}]", open.repeat(n), close.repeat(n));
    let keys: String = (0..100_000).map(|n| format!("\"k{n}\":1,")).collect();
    let mut bombs = vec![
        named("one line of 48 MiB", one_line.clone()),
        named("one line of 48 MiB, as gzip", gzip(&one_line)?),
        named("64 MiB of short rows, as gzip", gzip(&rows)?),
        named("gzip in gzip", gzip(&inner)?),
        named("zeros, as gzip", gzip(&vec![0; 64 * MIB])?),
        named("many members of gzip", gzip(b"a,b\n1,2\n")?.repeat(50_000)),
        named("8 GiB of one byte, as zstd", zstd_of_runs(65_536)),
        named("128 KiB of one byte, as zstd", zstd_of_runs(1)),
        named("zstd with a window of 2 GiB", [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00]),
        named("zstd that claims 16 EiB", [&[0x28, 0xb5, 0x2f, 0xfd, 0xe0][..], &[0xff; 8], &[1, 0, 0]].concat()),
        named("100,000 columns", wide.clone() + "\n" + &"1,".repeat(100_000)),
        named("100,000 columns in rows of one", wide + "\n" + &"1\n".repeat(10_000)),
        named("a quote that never ends", "a,b\n\"".to_owned() + &"x,y\n".repeat(4 * MIB)),
        named("nothing but quotes", vec![b'"'; 16 * MIB]),
        named("nothing but separators", vec![b','; 16 * MIB]),
        named("nothing but new lines", vec![b'\n'; 16 * MIB]),
        named("nothing but carriage returns", vec![b'\r'; 16 * MIB]),
        named("rows that grow", (0..4000).map(|n| "1,".repeat(n) + "\n").collect::<String>()),
        named("millions of short rows", b"1\n".repeat(12 * MIB)),
        named("every value another", (0..1_500_000).map(|n| format!("{n},word{n}\n")).collect::<String>()),
        named("no text at all", (0..=255_u8).cycle().take(MIB).collect::<Vec<_>>()),
        named("UTF-16 of an odd length", [0xff, 0xfe, b'a', 0, b'\n', 0, b'1']),
        named("UTF-16 with halves of pairs", [&[0xff, 0xfe][..], &[0x00, 0xd8].repeat(10_000)].concat()),
        named("UTF-8 that is none", b"a\n\xff\xfe\xc3\x28\xf8\x88\x80\x80\x80\n".repeat(1000)),
        named(
            "numbers beyond all bounds",
            "a\n".to_owned() + &"1e999999999\n-1e999999999\n1e-999999999\n".repeat(1000),
        ),
        named("a number of a million digits", "a\n".to_owned() + &"9".repeat(MIB)),
        named("times beyond all bounds", "at\n".to_owned() + &"999999-99-99T99:99:99Z\n-262144-01-01\n".repeat(1000)),
        named("JSON: a million brackets", "[".repeat(MIB)),
        named("JSON: a million braces", "{\"a\":".repeat(MIB)),
        named("JSON: deep lists", deep("[", "]", 100_000)),
        named("JSON: deep objects", deep("{\"a\":", "}", 100_000)),
        named("JSON: 31 deep, a million times", format!("[{}]", vec![deep("[", "]", 15); 20_000].join(","))),
        named("JSON: an object of 100,000 keys", format!("[{{{keys}\"z\":1}}]")),
        named("JSON: one key, 100,000 times", format!("[{{{}\"a\":1}}]", "\"a\":1,".repeat(100_000))),
        named("JSON: other keys in each row", (0..20_000).map(|n| format!("{{\"k{n}\":1}}\n")).collect::<String>()),
        named("JSON: a string that never ends", "[{\"a\":\"".to_owned() + &"x".repeat(16 * MIB)),
        named("JSON: escapes that are none", "{\"a\":\"\\ud800\\u12\\q\"}\n".repeat(1000)),
        named("JSON: a number of a million digits", format!("[{{\"a\":{}}}]", "9".repeat(MIB))),
        named("Parquet: a footer of 4 GiB", parquet_of_footer(&[], u32::MAX)),
        named("Parquet: a footer of its own size", parquet_of_footer(&[0x15; 64], 64)),
        named(
            "Parquet: a list of 2^63 things",
            parquet_of_footer(&[0x15, 2, 0x19, 0xfc, 255, 255, 255, 255, 255, 255, 255, 255, 127], 13),
        ),
        named("Parquet: structures in structures", parquet_of_footer(&[0x1c; 1 << 16], 1 << 16)),
        named("Parquet: only its name", *b"PAR1PAR1"),
    ];
    for size in 0..8 {
        bombs.push(named(format!("{size} bytes of a name"), &b"PAR1\x1f\x8b\x08\x00"[..size]));
    }
    Ok(bombs)
}

/// The kept corpus of the fuzzers, each file cut, flipped, stretched and lied to in many places.
fn damaged() -> anyhow::Result<Vec<Hostile>> {
    const EACH: u64 = 24;
    let mut found = Vec::new();
    for seed in seeds(&workspace::root().join("drift-wasm/fuzz/corpus"))? {
        let content = fs::read(&seed)?;
        let name = seed.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut random = Random::new(content.len() as u64 + 1);
        for n in 0..EACH {
            found.push(named(format!("{name}, damage {n}"), damage(content.clone(), n, &mut random)));
        }
    }
    ensure!(!found.is_empty(), "the corpus of the fuzzers is gone");
    Ok(found)
}

fn seeds(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(seeds(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

fn damage(mut content: Vec<u8>, n: u64, random: &mut Random) -> Vec<u8> {
    let mut place = |content: &Vec<u8>| usize::try_from(random.below(content.len().max(1) as u64)).unwrap_or(0);
    match n % 6 {
        // The end is missing.
        0 => content.truncate(place(&content)),
        // The beginning is missing.
        1 => drop(content.drain(..place(&content))),
        // Some bits are wrong.
        2 => {
            for _ in 0..1 + n {
                let at = place(&content);
                if let Some(byte) = content.get_mut(at) {
                    *byte ^= 1 << (n % 8);
                }
            }
        }
        // A size is as large as can be: such numbers stand near the end in Parquet, at the start elsewhere.
        3 => {
            let at = place(&content);
            let end = content.len().min(at + 4);
            content[at.min(end)..end].fill(0xff);
        }
        // A part is there a thousand times.
        4 => {
            let at = place(&content);
            let part: Vec<u8> = content[at..].iter().copied().take(64).collect();
            content.splice(at..at, part.repeat(1000));
        }
        // A part is missing.
        _ => {
            let at = place(&content);
            let end = content.len().min(at + 16);
            content.drain(at..end);
        }
    }
    content
}

use bytes::Bytes;
use rstest::rstest;

use super::*;
use crate::options::Limits;

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/parquet/{name}.parquet", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

fn options() -> ReadOptions {
    ReadOptions::new("rows.parquet")
}

fn read_all(bytes: Vec<u8>, options: &ReadOptions) -> Result<Vec<BlockProfile>> {
    let table = ParquetTable::open("rows.parquet", Bytes::from(bytes), options)?;
    let mut blocks = Vec::new();
    for row_group in 0..table.n_row_groups() {
        table.profile_row_group(row_group, &mut |block| {
            blocks.push(block);
            Ok(())
        })?;
    }
    Ok(blocks)
}

/// Each column in one line: counts, the first numbers or times, labels with their counts.
fn summary(blocks: &[BlockProfile]) -> Vec<String> {
    let names = &blocks[0].names;
    let describe = |index: usize| {
        let columns = blocks.iter().map(|block| &block.columns[index]);
        let sum = |count: fn(&crate::profile::ColumnBuilder) -> u64| columns.clone().map(count).sum::<u64>();
        let first = |values: Vec<f64>| -> Vec<String> {
            let shown = values.iter().take(4).map(|value| format!("{value:?}"));
            shown.chain([format!("n={}", values.len())]).collect()
        };
        let numbers: Vec<f64> = columns.clone().flat_map(|column| column.numbers.clone()).collect();
        let times: Vec<f64> = columns.clone().flat_map(|column| column.times.clone()).collect();
        let mut labels = std::collections::BTreeMap::<String, u64>::new();
        for column in columns.clone() {
            for (label, n) in column.tokens.iter() {
                *labels.entry(String::from_utf8_lossy(label).into_owned()).or_default() += n;
            }
        }
        let mut parts = vec![format!("{} null={}", names[index], sum(|column| column.n_null))];
        let odd = sum(|column| column.n_nan + column.n_pos_inf + column.n_neg_inf + column.n_empty);
        if odd > 0 {
            parts.push(format!("odd={odd}"));
        }
        if !numbers.is_empty() {
            parts.push(format!("numbers {}", first(numbers).join(" ")));
        }
        if !times.is_empty() {
            parts.push(format!("times {}", first(times).join(" ")));
        }
        if !labels.is_empty() {
            let shown = labels.iter().take(4).map(|(label, n)| format!("{label}×{n}"));
            parts.push(format!("labels {} of {}", shown.collect::<Vec<_>>().join(" "), labels.len()));
        }
        parts.join("; ")
    };
    (0..names.len()).map(describe).collect()
}

#[test]
fn every_type_means_what_its_writer_meant() {
    let blocks = read_all(fixture("codec_none"), &options()).unwrap();
    assert_eq!(blocks.iter().map(BlockProfile::n_rows).collect::<Vec<_>>(), [25, 15]);
    assert_eq!(blocks[1].first_row, 26);
    insta::assert_snapshot!(summary(&blocks).join("\n"));
    let findings: Vec<_> = blocks[0].findings.iter().map(|finding| finding.column.clone().unwrap()).collect();
    assert_eq!(findings, ["list.list.element"]);
}

#[rstest]
fn every_codec_encoding_and_page_version_gives_the_same(
    #[values(
        "codec_snappy",
        "codec_gzip",
        "codec_brotli",
        "codec_lz4",
        "codec_zstd",
        "plain",
        "page_v2",
        "page_v2_plain",
        "small_pages",
        "delta",
        "checksums"
    )]
    name: &str,
) {
    let expected = summary(&read_all(fixture("codec_none"), &options()).unwrap());
    let actual = summary(&read_all(fixture(name), &options()).unwrap());
    for line in &actual {
        assert!(expected.contains(line), "{name}: {line}");
    }
    assert!(actual.len() == expected.len() || name == "delta");
}

#[test]
fn the_time_stamps_of_old_writers_are_read() {
    let expected = summary(&read_all(fixture("codec_none"), &options()).unwrap());
    for line in summary(&read_all(fixture("int96"), &options()).unwrap()) {
        assert!(expected.contains(&line), "{line}");
    }
}

#[test]
fn a_dictionary_that_overflows_is_counted_with_what_follows() {
    let blocks = read_all(fixture("dictionary_overflow"), &options()).unwrap();
    assert_eq!(blocks[0].columns[0].tokens.len(), 600);
    assert!(blocks[0].columns[0].tokens.iter().all(|(_, n)| n == 5));
}

#[test]
fn no_rows_and_equal_names_are_no_error() {
    assert!(read_all(fixture("no_rows"), &options()).unwrap().iter().all(|block| block.n_rows() == 0));
    assert_eq!(read_all(fixture("same_name"), &options()).unwrap()[0].names, ["same", "same"]);
}

fn refusal(bytes: Vec<u8>, options: &ReadOptions) -> Refusal {
    *read_all(bytes, options).unwrap_err().0
}

/// The crate reads all of a footer; what we read of it must be the same.
#[rstest]
fn row_groups_are_as_the_crate_reads_them(
    #[values("codec_none", "codec_brotli", "codec_zstd", "delta", "int96", "plain", "no_rows", "same_name")] name: &str,
) {
    use ::parquet::basic::Encoding::{DELTA_BYTE_ARRAY, DELTA_LENGTH_BYTE_ARRAY};
    use ::parquet::file::metadata::ParquetMetaDataReader;

    let bytes = fixture(name);
    let end = bytes.len() - 8;
    let n_bytes = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) as usize;
    let footer = &bytes[end - n_bytes..end];
    let theirs = ParquetMetaDataReader::decode_metadata(footer).unwrap();
    let (schema, ours) = footer::read(&Bytes::from(bytes.clone()), &options()).unwrap();
    assert_eq!(schema.root_schema(), theirs.file_metadata().schema_descr().root_schema());
    assert_eq!(ours.len(), theirs.num_row_groups());
    for (ours, theirs) in ours.iter().zip(theirs.row_groups()) {
        assert_eq!((ours.n_rows, ours.columns.len()), (theirs.num_rows(), theirs.num_columns()));
        for (ours, theirs) in ours.columns.iter().zip(theirs.columns()) {
            let is_delta = |encoding| matches!(encoding, DELTA_BYTE_ARRAY | DELTA_LENGTH_BYTE_ARRAY);
            assert_eq!(ours.has_delta_texts, theirs.encodings().any(is_delta));
            assert_eq!(codec::numbered(ours.codec), Some(theirs.compression()));
            assert_eq!(ours.data_page_at, theirs.data_page_offset());
            assert_eq!(ours.dictionary_page_at, theirs.dictionary_page_offset());
            assert_eq!(ours.n_bytes, theirs.compressed_size());
            assert!(!ours.is_elsewhere);
        }
    }
}

#[test]
fn a_file_that_is_cut_short_is_refused_wherever_it_is_cut() {
    let bytes = fixture("codec_snappy");
    for length in (0..bytes.len()).step_by(251) {
        let refusal = refusal(bytes[..length].to_vec(), &options());
        assert_eq!(refusal.kind, RefusalKind::MalformedParquet);
        assert_eq!(refusal.file.as_deref(), Some("rows.parquet"));
    }
    assert!(refusal(bytes[..5000].to_vec(), &options()).found.contains("cut short"));
}

#[test]
fn an_encrypted_file_is_refused_by_that_name() {
    let mut bytes = fixture("codec_none");
    let end = bytes.len();
    bytes[end - 1] = b'E';
    assert_eq!(refusal(bytes, &options()).found, "an encrypted Parquet file");
}

#[test]
fn a_footer_that_lies_about_its_length_is_refused() {
    let mut bytes = fixture("codec_none");
    let at = bytes.len() - 8;
    bytes[at..at + 4].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    assert_eq!(refusal(bytes, &options()).kind, RefusalKind::MalformedParquet);
}

#[rstest]
#[case::footer(Limits { parquet_max_footer_bytes: 100, ..Limits::default() }, RefusalKind::ParquetLimit)]
#[case::row_groups(Limits { parquet_max_row_groups: 1, ..Limits::default() }, RefusalKind::ParquetLimit)]
#[case::page(Limits { parquet_max_page_bytes: 8, ..Limits::default() }, RefusalKind::ParquetLimit)]
#[case::columns(Limits { max_columns: 30, ..Limits::default() }, RefusalKind::TooManyColumns)]
#[case::rows(Limits { max_rows: 39, ..Limits::default() }, RefusalKind::TooManyRows)]
#[case::cell(Limits { max_cell_bytes: 4, ..Limits::default() }, RefusalKind::CellTooLong)]
fn limits_hold(#[case] limits: Limits, #[case] kind: RefusalKind) {
    let refusal = refusal(fixture("codec_none"), &ReadOptions { limits, ..options() });
    assert_eq!(refusal.kind, kind, "{refusal}");
    assert!(!refusal.mend.is_empty());
}

/// The first page of the first column with another claim of its size.
#[test]
fn a_page_that_claims_two_gigabytes_is_refused_before_it_is_reserved() {
    let mut bytes = fixture("same_name");
    // Field 1 (kind), field 2 (uncompressed size) as a varint, at the beginning of the first page's header.
    assert_eq!(bytes[4], 0x15);
    assert_eq!(bytes[6], 0x15);
    let header = thrift::page_header(&bytes[4..]).unwrap();
    let claim = [0x15, bytes[5], 0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0x15];
    bytes[4..4 + claim.len()].copy_from_slice(&claim);
    assert!(header.uncompressed_bytes < 1000);
    let refusal = refusal(bytes, &options());
    assert_eq!(refusal.kind, RefusalKind::ParquetLimit);
    assert_eq!(refusal.found, "a page that claims 2147483647 bytes");
    assert_eq!((refusal.column.as_deref(), refusal.row), (Some("same"), Some(1)));
}

#[test]
fn damaged_bytes_never_panic_past_the_reader() {
    let mut state = 7_u64;
    for name in ["codec_none", "page_v2", "delta", "codec_zstd", "dictionary_overflow"] {
        let original = fixture(name);
        for _ in 0..150 {
            let mut bytes = original.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let at = (state >> 33) as usize % bytes.len();
                bytes[at] ^= (state >> 20) as u8 | 1;
            }
            let limits = Limits { max_rows: 1 << 22, ..Limits::default() };
            let _ = read_all(bytes, &ReadOptions { limits, ..options() });
        }
    }
}

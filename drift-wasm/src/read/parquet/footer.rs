//! A Parquet file's footer: checked before it is decoded, and once more afterwards.

use ::parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
};
use ::parquet::file::reader::ChunkReader;

use crate::error::{Refusal, RefusalKind, Result};
use crate::read::options::ReadOptions;
use crate::read::parquet::pages::malformed;
use crate::read::parquet::thrift::footer_counts;

/// Magic at both ends.
const MAGIC: &[u8] = b"PAR1";
/// Magic of a file whose footer is encrypted.
const ENCRYPTED: &[u8] = b"PARE";

/// Reads the footer of a file.
pub fn read<R: ChunkReader>(reader: &R, options: &ReadOptions) -> Result<ParquetMetaData> {
    let length = reader.len();
    let at = |start: u64, n: usize| -> Result<bytes::Bytes> {
        let bytes = reader
            .get_bytes(start, n)
            .map_err(|error| Refusal::new(RefusalKind::Io, format!("{error}"), "to read the file to its end", ""))?;
        if bytes.len() < n { Err(truncated(length)) } else { Ok(bytes) }
    };
    if length < 12 {
        return Err(truncated(length));
    }
    let (head, tail) = (at(0, 4)?, at(length - 8, 8)?);
    if &head[..] == ENCRYPTED || &tail[4..] == ENCRYPTED {
        let mend = "write it without encryption, or decrypt it first";
        let kind = RefusalKind::UnsupportedFormat;
        return Err(Refusal::new(kind, "an encrypted Parquet file", "one that can be read", mend).into());
    }
    if &head[..] != MAGIC {
        return Err(malformed("no `PAR1` at the beginning", "a Parquet file"));
    }
    if &tail[4..] != MAGIC {
        return Err(truncated(length));
    }
    let n_bytes = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]) as usize;
    let max = options.limits.parquet_max_footer_bytes;
    if n_bytes as u64 > length - 12 {
        return Err(malformed(
            format!("a footer of {n_bytes} bytes in a file of {length}"),
            "a footer within the file",
        ));
    }
    if n_bytes > max {
        return Err(limit(format!("a footer of {n_bytes} bytes"), max, "write the file with fewer, larger row groups"));
    }
    let footer = at(length - 8 - n_bytes as u64, n_bytes)?;
    check_counts(&footer, options)?;
    let metadata = ParquetMetaDataReader::decode_metadata_with_options(&footer, Some(&without_statistics()))
        .map_err(|error| malformed(format!("a footer that cannot be read ({error})"), "a Parquet footer"))?;
    check(&metadata, length, options)?;
    Ok(metadata)
}

/// Statistics tell readers what they may skip; all is read here.
fn without_statistics() -> ParquetMetaDataOptions {
    ParquetMetaDataOptions::new()
        .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll)
}

fn truncated(length: u64) -> crate::error::Error {
    let found = format!("no `PAR1` at the end of its {length} bytes: the file is cut short");
    let mend = "copy it again, or wait until its writer has closed it";
    Refusal::new(RefusalKind::MalformedParquet, found, "a complete Parquet file", mend).into()
}

fn limit(found: String, max: usize, mend: &str) -> crate::error::Error {
    Refusal::new(RefusalKind::ParquetLimit, found, format!("at most {max}"), mend).into()
}

/// Counts lists without decoding them, because decoding reserves memory for what they claim.
fn check_counts(footer: &[u8], options: &ReadOptions) -> Result<()> {
    let counts =
        footer_counts(footer).map_err(|_| malformed("a footer that is not well-formed", "a Parquet footer"))?;
    let limits = &options.limits;
    // Groups of the schema, and two levels around each list, are elements too.
    if counts.n_schema_elements > limits.max_columns as u64 * 4 + 1 {
        let found = format!("a schema of {} elements", counts.n_schema_elements);
        let mend = "write fewer columns";
        return Err(Refusal::new(
            RefusalKind::TooManyColumns,
            found,
            format!("at most {} columns", limits.max_columns),
            mend,
        )
        .into());
    }
    if counts.n_row_groups > limits.parquet_max_row_groups as u64 {
        let found = format!("{} row groups", counts.n_row_groups);
        return Err(limit(found, limits.parquet_max_row_groups, "write the file with larger row groups"));
    }
    Ok(())
}

fn check(metadata: &ParquetMetaData, length: u64, options: &ReadOptions) -> Result<()> {
    let n_leaves = metadata.file_metadata().schema_descr().num_columns();
    let limits = &options.limits;
    if n_leaves > limits.max_columns {
        let kind = RefusalKind::TooManyColumns;
        let expected = format!("at most {}", limits.max_columns);
        return Err(Refusal::new(kind, format!("{n_leaves} columns"), expected, "write fewer columns").into());
    }
    let mut n_rows = 0_u64;
    for row_group in metadata.row_groups() {
        let n = u64::try_from(row_group.num_rows()).ok().and_then(|n| n_rows.checked_add(n));
        n_rows = n.ok_or_else(|| malformed(format!("a row group of {} rows", row_group.num_rows()), "a count"))?;
        if row_group.num_columns() != n_leaves {
            let found = format!("a row group of {} columns", row_group.num_columns());
            return Err(malformed(found, &format!("{n_leaves} as in the schema")));
        }
        for column in row_group.columns() {
            if column.file_path().is_some() {
                let kind = RefusalKind::UnsupportedFormat;
                let found = "a file that keeps its columns in other files";
                return Err(Refusal::new(kind, found, "one that holds its data", "give the data files").into());
            }
            if row_group.num_rows() > 0 && chunk_range(column, length).is_none() {
                let error = malformed("a column that lies outside the file", "one within it; is the file complete?");
                return Err(error.0.in_column(&column.column_path().parts().join(".")).into());
            }
        }
    }
    if n_rows > limits.max_rows {
        let expected = format!("at most {}", limits.max_rows);
        return Err(
            Refusal::new(RefusalKind::TooManyRows, format!("{n_rows} rows"), expected, "split the input").into()
        );
    }
    Ok(())
}

/// Where a column chunk begins and ends, when that is within a file of `length` bytes.
pub fn chunk_range(column: &ColumnChunkMetaData, length: u64) -> Option<(u64, u64)> {
    let data = column.data_page_offset();
    // Some writers say 0 where there is no dictionary.
    let start = column.dictionary_page_offset().filter(|offset| *offset > 0 && *offset < data).unwrap_or(data);
    let start = u64::try_from(start).ok()?;
    let end = start.checked_add(u64::try_from(column.compressed_size()).ok()?)?;
    (start >= 4 && end <= length - 8).then_some((start, end))
}

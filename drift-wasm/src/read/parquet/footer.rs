//! A Parquet file's footer: checked before it is decoded, and once more afterwards.

use ::parquet::file::metadata::ParquetMetaDataReader;
use ::parquet::file::reader::ChunkReader;
use ::parquet::schema::types::SchemaDescPtr;

use crate::error::{Refusal, RefusalKind, Result};
use crate::options::ReadOptions;
use crate::read::parquet::metadata::{ColumnChunk, Metadata, RowGroup};
use crate::read::parquet::pages::malformed;
use crate::read::parquet::thrift::Fault;

/// Magic at both ends.
const MAGIC: &[u8] = b"PAR1";
/// Magic of a file whose footer is encrypted.
const ENCRYPTED: &[u8] = b"PARE";

/// Reads the footer of a file: its schema, and its row groups with a column chunk for each leaf.
pub fn read<R: ChunkReader>(reader: &R, options: &ReadOptions) -> Result<(SchemaDescPtr, Vec<RowGroup>)> {
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
        return Err(encrypted("an encrypted Parquet file"));
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
    let metadata =
        Metadata::read(&footer, options.limits.parquet_max_row_groups as u64).map_err(|fault| match fault {
            Fault::Encrypted => encrypted("an encrypted column"),
            Fault::Short | Fault::Malformed => malformed("a footer that is not well-formed", "a Parquet footer"),
        })?;
    check_counts(&metadata, options)?;
    let decoded = ParquetMetaDataReader::decode_metadata(&metadata.without_row_groups(&footer))
        .map_err(|error| malformed(format!("a footer that cannot be read ({error})"), "a Parquet footer"))?;
    let schema = decoded.file_metadata().schema_descr_ptr();
    check(&schema, &metadata.row_groups, length, options)?;
    Ok((schema, metadata.row_groups))
}

fn encrypted(found: &str) -> crate::error::Error {
    let mend = "write it without encryption, or decrypt it first";
    Refusal::new(RefusalKind::UnsupportedFormat, found, "one that can be read", mend).into()
}

fn truncated(length: u64) -> crate::error::Error {
    let found = format!("no `PAR1` at the end of its {length} bytes: the file is cut short");
    let mend = "copy it again, or wait until its writer has closed it";
    Refusal::new(RefusalKind::MalformedParquet, found, "a complete Parquet file", mend).into()
}

fn limit(found: String, max: usize, mend: &str) -> crate::error::Error {
    Refusal::new(RefusalKind::ParquetLimit, found, format!("at most {max}"), mend).into()
}

/// Holds lists to the limits before they are decoded, because that reserves memory for what they claim.
fn check_counts(counts: &Metadata, options: &ReadOptions) -> Result<()> {
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

fn check(schema: &SchemaDescPtr, row_groups: &[RowGroup], length: u64, options: &ReadOptions) -> Result<()> {
    let n_leaves = schema.num_columns();
    let limits = &options.limits;
    if n_leaves > limits.max_columns {
        let kind = RefusalKind::TooManyColumns;
        let expected = format!("at most {}", limits.max_columns);
        return Err(Refusal::new(kind, format!("{n_leaves} columns"), expected, "write fewer columns").into());
    }
    let mut n_rows = 0_u64;
    for row_group in row_groups {
        let n = u64::try_from(row_group.n_rows).ok().and_then(|n| n_rows.checked_add(n));
        n_rows = n.ok_or_else(|| malformed(format!("a row group of {} rows", row_group.n_rows), "a count"))?;
        if row_group.columns.len() != n_leaves {
            let found = format!("a row group of {} columns", row_group.columns.len());
            return Err(malformed(found, &format!("{n_leaves} as in the schema")));
        }
        for (index, column) in row_group.columns.iter().enumerate() {
            check_chunk(column, row_group.n_rows > 0, length)
                .map_err(|error| error.0.in_column(&schema.column(index).path().parts().join(".")))?;
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

fn check_chunk(column: &ColumnChunk, has_rows: bool, length: u64) -> Result<()> {
    if column.is_elsewhere {
        let kind = RefusalKind::UnsupportedFormat;
        let found = "a file that keeps its columns in other files";
        return Err(Refusal::new(kind, found, "one that holds its data", "give the data files").into());
    }
    if has_rows && chunk_range(column, length).is_none() {
        return Err(malformed("a column that lies outside the file", "one within it; is the file complete?"));
    }
    Ok(())
}

/// Where a column chunk begins and ends, when that is within a file of `length` bytes.
pub fn chunk_range(column: &ColumnChunk, length: u64) -> Option<(u64, u64)> {
    let data = column.data_page_at;
    // Some writers say 0 where there is no dictionary.
    let start = column.dictionary_page_at.filter(|at| *at > 0 && *at < data).unwrap_or(data);
    let start = u64::try_from(start).ok()?;
    let end = start.checked_add(u64::try_from(column.n_bytes).ok()?)?;
    (start >= 4 && end <= length - 8).then_some((start, end))
}

//! What a footer lists: row groups and their column chunks, of which a reader needs a few numbers each.
//!
//! The `parquet` crate reads the schema, from a footer without its row groups. It would keep a hundred values of each
//! chunk, by code so large that a browser compiles it for longer than it runs.

use std::ops::Range;

use super::thrift::{Fault, Thrift};

/// Some rows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowGroup {
    pub n_rows: i64,
    /// One for each leaf of the schema, in its order.
    pub columns: Vec<ColumnChunk>,
}

/// One column of a row group, as its writer describes it: nothing is checked yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ColumnChunk {
    /// By its number in the format.
    pub codec: i64,
    pub has_delta_texts: bool,
    pub data_page_at: i64,
    pub dictionary_page_at: Option<i64>,
    /// Of all its pages with their headers.
    pub n_bytes: i64,
    /// Whether its pages are in another file.
    pub is_elsewhere: bool,
}

/// A footer's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    pub n_schema_elements: u64,
    pub n_row_groups: u64,
    /// All of them; none when there are more than were asked for.
    pub row_groups: Vec<RowGroup>,
    /// Where the list of row groups stands in the footer.
    list: Range<usize>,
}

impl Metadata {
    /// Walks a footer from end to end. Row groups are kept when there are at most so many.
    pub fn read(footer: &[u8], most_row_groups: u64) -> Result<Self, Fault> {
        let (mut n_schema_elements, mut lists) = (0, None);
        Thrift::new(footer).each_field(|thrift, field| match (field.id, field.kind) {
            (2, 9) => {
                let (size, kind) = thrift.list()?;
                n_schema_elements = size;
                (0..size).try_for_each(|_| thrift.skip(kind))
            }
            (4, 9) if lists.is_none() => {
                let start = thrift.at();
                let (n_row_groups, kind) = thrift.list()?;
                let mut row_groups = Vec::new();
                for _ in 0..n_row_groups {
                    let row_group = row_group(thrift, kind)?;
                    if n_row_groups <= most_row_groups {
                        row_groups.push(row_group);
                    }
                }
                lists = Some((n_row_groups, row_groups, start..thrift.at()));
                Ok(())
            }
            (4, _) => Err(Fault::Malformed),
            (_, kind) => thrift.skip(kind),
        })?;
        let (n_row_groups, row_groups, list) = lists.ok_or(Fault::Malformed)?;
        Ok(Self { n_schema_elements, n_row_groups, row_groups, list })
    }

    /// The same footer with an empty list of row groups.
    pub fn without_row_groups(&self, footer: &[u8]) -> Vec<u8> {
        const NO_STRUCTS: &[u8] = &[0x0c];
        [&footer[..self.list.start], NO_STRUCTS, &footer[self.list.end..]].concat()
    }
}

fn row_group(thrift: &mut Thrift<'_>, kind: u8) -> Result<RowGroup, Fault> {
    let (mut columns, mut n_rows) = (Vec::new(), None);
    each_field_of(thrift, kind, |thrift, field| {
        match (field.id, field.kind) {
            (1, 9) => {
                let (size, kind) = thrift.list()?;
                for _ in 0..size {
                    columns.push(column_chunk(thrift, kind)?);
                }
            }
            (3, 6) => n_rows = Some(thrift.integer()?),
            (_, kind) => thrift.skip(kind)?,
        }
        Ok(())
    })?;
    Ok(RowGroup { n_rows: n_rows.ok_or(Fault::Malformed)?, columns })
}

/// What is required must be there: a chunk of no bytes would be kept in fifty.
fn column_chunk(thrift: &mut Thrift<'_>, kind: u8) -> Result<ColumnChunk, Fault> {
    let mut chunk = ColumnChunk::default();
    let mut has_metadata = false;
    each_field_of(thrift, kind, |thrift, field| {
        match (field.id, field.kind) {
            (3, 12) => {
                has_metadata = true;
                return column_metadata(thrift, &mut chunk);
            }
            (1, 8) => chunk.is_elsewhere = true,
            (8 | 9, _) => return Err(Fault::Encrypted),
            _ => {}
        }
        thrift.skip(field.kind)
    })?;
    if has_metadata { Ok(chunk) } else { Err(Fault::Malformed) }
}

fn column_metadata(thrift: &mut Thrift<'_>, chunk: &mut ColumnChunk) -> Result<(), Fault> {
    /// `DELTA_LENGTH_BYTE_ARRAY` and `DELTA_BYTE_ARRAY`.
    const DELTA_TEXTS: [i64; 2] = [6, 7];
    let (mut codec, mut n_bytes, mut data_page_at) = (None, None, None);
    thrift.each_field(|thrift, field| {
        match (field.id, field.kind) {
            (2, 9) => {
                let (size, kind) = thrift.list()?;
                for _ in 0..size {
                    if kind != 5 {
                        return Err(Fault::Malformed);
                    }
                    chunk.has_delta_texts |= DELTA_TEXTS.contains(&thrift.integer()?);
                }
            }
            (4, 5) => codec = Some(thrift.integer()?),
            (7, 6) => n_bytes = Some(thrift.integer()?),
            (9, 6) => data_page_at = Some(thrift.integer()?),
            (11, 6) => chunk.dictionary_page_at = Some(thrift.integer()?),
            (_, kind) => thrift.skip(kind)?,
        }
        Ok(())
    })?;
    chunk.codec = codec.ok_or(Fault::Malformed)?;
    chunk.n_bytes = n_bytes.ok_or(Fault::Malformed)?;
    chunk.data_page_at = data_page_at.ok_or(Fault::Malformed)?;
    Ok(())
}

/// The fields of an element of a list, which must be a struct.
fn each_field_of(
    thrift: &mut Thrift<'_>,
    kind: u8,
    visit: impl FnMut(&mut Thrift<'_>, super::thrift::Field) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if kind == 12 { thrift.each_field(visit) } else { Err(Fault::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A footer with one row group of one column chunk.
    fn read(chunk: &[u8]) -> Fault {
        // Field 4, a list of one struct; in it field 1, another.
        let footer = [&[0x49, 0x1c, 0x19, 0x1c], chunk].concat();
        Metadata::read(&footer, 1).expect_err("a chunk that cannot be read")
    }

    #[test]
    fn chunks_that_cannot_be_read_are_told_apart() {
        // Field 8 says how to decrypt, field 9 is metadata that only who has the key can read.
        assert_eq!(read(&[0x8c, 0, 0]), Fault::Encrypted);
        assert_eq!(read(&[0x98, 0, 0]), Fault::Encrypted);
        assert_eq!(read(&[0]), Fault::Malformed);
        // Field 3, metadata, without what is required.
        assert_eq!(read(&[0x3c, 0, 0]), Fault::Malformed);
        assert_eq!(read(&[0x3c]), Fault::Short);
    }
}

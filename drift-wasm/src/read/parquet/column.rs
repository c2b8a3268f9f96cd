//! One column chunk: its values, pushed into a column of a block.

use std::sync::Arc;

use ::parquet::column::reader::ColumnReaderImpl;
use ::parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96,
    Int96Type,
};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::ChunkReader;
use ::parquet::schema::types::ColumnDescPtr;

use crate::error::{Error, Result};
use crate::profile::{CellReader, ColumnBuilder};
use crate::read::parquet::kind::{self, Blob, Integer, Kind};
use crate::read::parquet::pages::{Chunk, Pages, malformed};
use crate::read::parquet::text::{TextCursor, check_length};

/// Values decoded at once: they stay in a core's own cache until they are counted.
const BATCH_ROWS: usize = 16_384;

/// Reads a column chunk from its first row on.
pub struct ColumnCursor<R> {
    reader: Reader<R>,
    levels: Vec<i16>,
    cells: CellReader,
    max_cell_bytes: usize,
}

enum Reader<R> {
    Boolean(Typed<BoolType>),
    Int32(Typed<Int32Type>, Integer),
    Int64(Typed<Int64Type>, Integer),
    Int96(Typed<Int96Type>),
    Float(Typed<FloatType>),
    Double(Typed<DoubleType>),
    Text(Box<TextCursor<R>>, Blob),
    /// Texts in an encoding that [`TextCursor`] does not know.
    Encoded(Typed<ByteArrayType>, Blob),
    Fixed(Typed<FixedLenByteArrayType>, Blob),
}

struct Typed<T: DataType> {
    reader: ColumnReaderImpl<T>,
    values: Vec<T::T>,
}

impl<T: DataType> Typed<T> {
    fn new<R: ChunkReader + 'static>(column: &ColumnDescPtr, pages: Pages<R>) -> Self {
        Self { reader: ColumnReaderImpl::new(column.clone(), Box::new(pages)), values: Vec::new() }
    }

    /// Reads `n_rows` rows in batches; nulls are pushed, values handed to `push`.
    fn read(
        &mut self,
        mut n_rows: usize,
        levels: &mut Vec<i16>,
        column: &mut ColumnBuilder,
        mut push: impl FnMut(&mut ColumnBuilder, &[T::T]) -> Result<()>,
    ) -> Result<()> {
        while n_rows > 0 {
            levels.clear();
            self.values.clear();
            let wanted = n_rows.min(BATCH_ROWS);
            let read = self.reader.read_records(wanted, Some(levels), None, &mut self.values);
            let (n_read, n_values, _) = read.map_err(refusal_of)?;
            if n_read == 0 {
                return Err(malformed("the end of a column before its last row", "all rows"));
            }
            column.push_nulls(n_read.saturating_sub(n_values) as u64);
            push(column, &self.values)?;
            n_rows = n_rows.saturating_sub(n_read);
        }
        Ok(())
    }
}

impl<R: ChunkReader + 'static> ColumnCursor<R> {
    /// A cursor at the first row. `is_plain` says that texts are stored plainly or by dictionary.
    pub fn new(
        reader: &Arc<R>,
        chunk: Chunk,
        column: &ColumnDescPtr,
        is_plain: bool,
        cells: CellReader,
        max_cell_bytes: usize,
    ) -> Self {
        let pages = Pages::new(reader.clone(), chunk);
        let reader = match kind::kind_of(column) {
            Kind::Boolean => Reader::Boolean(Typed::new(column, pages)),
            Kind::Int32(meaning) => Reader::Int32(Typed::new(column, pages), meaning),
            Kind::Int64(meaning) => Reader::Int64(Typed::new(column, pages), meaning),
            Kind::Int96 => Reader::Int96(Typed::new(column, pages)),
            Kind::Float => Reader::Float(Typed::new(column, pages)),
            Kind::Double => Reader::Double(Typed::new(column, pages)),
            Kind::Bytes(blob) if is_plain => {
                let max_definition = u32::try_from(column.max_def_level()).unwrap_or(0);
                Reader::Text(Box::new(TextCursor::new(pages, max_definition, max_cell_bytes)), blob)
            }
            Kind::Bytes(blob) => Reader::Encoded(Typed::new(column, pages), blob),
            Kind::Fixed(blob) => Reader::Fixed(Typed::new(column, pages), blob),
        };
        Self { reader, levels: Vec::new(), cells, max_cell_bytes }
    }

    /// Pushes the next `n_rows` rows into `column`.
    pub fn read(&mut self, n_rows: usize, column: &mut ColumnBuilder) -> Result<()> {
        let (levels, cells, max_cell_bytes) = (&mut self.levels, &self.cells, self.max_cell_bytes);
        match &mut self.reader {
            Reader::Boolean(typed) => typed.read(n_rows, levels, column, |column, values| {
                values.iter().for_each(|value| column.push_boolean(*value));
                Ok(())
            }),
            Reader::Int32(typed, meaning) => typed.read(n_rows, levels, column, |column, values| {
                let is_unsigned = *meaning == Integer::Unsigned;
                let widen = |value: &i32| if is_unsigned { i64::from(*value as u32) } else { i64::from(*value) };
                let meaning = if is_unsigned { Integer::Signed } else { *meaning };
                push_integers(column, values.iter().map(widen), meaning, cells);
                Ok(())
            }),
            Reader::Int64(typed, meaning) => typed.read(n_rows, levels, column, |column, values| {
                push_integers(column, values.iter().copied(), *meaning, cells);
                Ok(())
            }),
            Reader::Int96(typed) => typed.read(n_rows, levels, column, |column, values| {
                values.iter().for_each(|value| push_int96(column, value));
                Ok(())
            }),
            Reader::Float(typed) => typed.read(n_rows, levels, column, |column, values| {
                values.iter().for_each(|value| column.push_number(f64::from(*value)));
                Ok(())
            }),
            Reader::Double(typed) => typed.read(n_rows, levels, column, |column, values| {
                column.push_numbers(values);
                Ok(())
            }),
            Reader::Text(cursor, blob) => {
                let blob = *blob;
                cursor.read(n_rows, column, &mut |column, bytes, n| push_blob(column, bytes, n, blob))
            }
            Reader::Encoded(typed, blob) => typed.read(n_rows, levels, column, |column, values| {
                for value in values {
                    check_length(value.data().len(), max_cell_bytes)?;
                    push_blob(column, value.data(), 1, *blob);
                }
                Ok(())
            }),
            Reader::Fixed(typed, blob) => typed.read(n_rows, levels, column, |column, values| {
                for value in values {
                    check_length(value.data().len(), max_cell_bytes)?;
                    push_blob(column, value.data(), 1, *blob);
                }
                Ok(())
            }),
        }
    }
}

fn push_integers(column: &mut ColumnBuilder, values: impl Iterator<Item = i64>, meaning: Integer, cells: &CellReader) {
    match meaning {
        Integer::Signed => values.for_each(|value| column.push_integer(value)),
        Integer::Unsigned => values.for_each(|value| {
            if value >= 0 {
                column.push_integer(value);
            } else {
                column.push_cell((value as u64).to_string().as_bytes(), cells);
            }
        }),
        Integer::Decimal { scale } => {
            let power = kind::power_of_ten(scale);
            values.for_each(|value| column.push_number(value as f64 / power));
        }
        Integer::Date => values.for_each(|days| push_time(column, days.checked_mul(86_400_000_000), days)),
        Integer::Time(unit) => values.for_each(|value| push_time(column, kind::micros(value, unit), value)),
        Integer::TimeOfDay(unit) => values.for_each(|value| column.push_number(kind::seconds(value, unit))),
        Integer::Nothing => values.for_each(|_| column.push_null()),
    }
}

fn push_time(column: &mut ColumnBuilder, micros: Option<i64>, value: i64) {
    match micros {
        Some(micros) => column.push_timestamp(micros),
        None => column.push_invalid(value.to_string().as_bytes()),
    }
}

/// Nanoseconds of a day, and the day counted as astronomers do.
fn push_int96(column: &mut ColumnBuilder, value: &Int96) {
    const EPOCH_DAY: i64 = 2_440_588;
    let [low, high, day] = *value.data() else { return column.push_null() };
    let nanos = (u64::from(high) << 32 | u64::from(low)) as i64;
    let midnight = (i64::from(day) - EPOCH_DAY).checked_mul(86_400_000_000);
    let micros = midnight.and_then(|midnight| midnight.checked_add(nanos.div_euclid(1000)));
    push_time(column, micros, i64::from(day));
}

fn push_blob(column: &mut ColumnBuilder, bytes: &[u8], n: u64, blob: Blob) {
    match blob {
        Blob::Text if std::str::from_utf8(bytes).is_ok() => column.push_text_n(bytes, n),
        Blob::Text | Blob::Hex => column.push_text_n(kind::hex(bytes, false).as_bytes(), n),
        Blob::Uuid => column.push_text_n(kind::hex(bytes, true).as_bytes(), n),
        Blob::Decimal { scale } => {
            let number = kind::big_endian(bytes) / kind::power_of_ten(scale);
            (0..n).for_each(|_| column.push_number(number));
        }
        Blob::Half => {
            let bits = bytes.first_chunk().map_or(0, |bits| u16::from_le_bytes(*bits));
            (0..n).for_each(|_| column.push_number(kind::half(bits)));
        }
    }
}

/// A refusal of ours that went through the crate, or one for the crate's error.
fn refusal_of(error: ParquetError) -> Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<Error>() {
            Ok(error) => *error,
            Err(error) => malformed(error.to_string(), "a page as the Parquet format has it"),
        },
        other => malformed(other.to_string(), "a page as the Parquet format has it"),
    }
}

//! The pages of one column chunk: headers are read and held to the limits before anything is reserved for them.

use std::sync::Arc;

use ::parquet::basic::{Compression, Encoding, Type};
use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::ChunkReader;
use bytes::Bytes;

use crate::error::{Refusal, RefusalKind, Result};
use crate::read::parquet::codec;
use crate::read::parquet::thrift::{Fault, PageHeader, page_header};

/// Bytes that are read at once at least.
const WINDOW_BYTES: usize = 1 << 20;

/// Longest page header: statistics within may be long.
const MAX_HEADER_BYTES: usize = 8 << 20;

/// What is known of a column chunk before its first page.
#[derive(Debug, Clone, Copy)]
pub struct Chunk {
    /// Where its bytes begin and end in the file.
    pub start: u64,
    pub end: u64,
    pub codec: Compression,
    pub physical: Type,
    /// Bytes of one value of a fixed-length type.
    pub type_length: usize,
    pub n_rows: u64,
    pub max_page_bytes: usize,
}

/// Reads pages in order.
pub struct Pages<R> {
    reader: Arc<R>,
    chunk: Chunk,
    at: u64,
    n_rows_left: u64,
    has_dictionary: bool,
    window: Bytes,
    window_start: u64,
}

impl<R: ChunkReader> Pages<R> {
    pub fn new(reader: Arc<R>, chunk: Chunk) -> Self {
        Self {
            reader,
            chunk,
            at: chunk.start,
            n_rows_left: chunk.n_rows,
            has_dictionary: false,
            window: Bytes::new(),
            window_start: 0,
        }
    }

    /// The next page; `None` when all rows were seen.
    pub fn next_page(&mut self) -> Result<Option<Page>> {
        loop {
            if self.at >= self.chunk.end || self.n_rows_left == 0 {
                return Ok(None);
            }
            let header = self.header()?;
            self.at += header.n_bytes as u64;
            let (n_in, n_out) = self.sizes(&header)?;
            let body = self.bytes(n_in)?.slice(..n_in);
            self.at += n_in as u64;
            let page = match header.kind {
                0 => self.data_page(&header, body, n_out)?,
                2 => self.dictionary_page(&header, body, n_out)?,
                3 => self.data_page_v2(&header, body, n_out)?,
                _ => continue,
            };
            return Ok(Some(page));
        }
    }

    fn header(&mut self) -> Result<PageHeader> {
        let mut wanted = 256;
        loop {
            let bytes = self.bytes_up_to(wanted)?;
            let n_bytes = bytes.len();
            match page_header(&bytes) {
                Ok(header) => return Ok(header),
                Err(Fault::Short) if n_bytes >= wanted && wanted < MAX_HEADER_BYTES => wanted *= 8,
                Err(Fault::Short) => return Err(malformed("a page header that ends early", "a complete one")),
                Err(Fault::Malformed | Fault::Encrypted) => {
                    return Err(malformed("a page header that is none", "a page header"));
                }
            }
        }
    }

    /// Sizes of a page's bytes before and after decompression, when both can be true.
    fn sizes(&self, header: &PageHeader) -> Result<(usize, usize)> {
        let left = self.chunk.end.saturating_sub(self.at);
        let max = self.chunk.max_page_bytes;
        let n_out = usize::try_from(header.uncompressed_bytes).unwrap_or(usize::MAX);
        if n_out > max {
            let found = format!("a page that claims {} bytes", header.uncompressed_bytes);
            let mend = "write the file again with smaller pages";
            return Err(Refusal::new(RefusalKind::ParquetLimit, found, format!("at most {max}"), mend).into());
        }
        match usize::try_from(header.compressed_bytes) {
            Ok(n_in) if n_in as u64 <= left && n_in <= max.saturating_mul(2) => Ok((n_in, n_out)),
            _ => Err(malformed(
                format!("a page of {} bytes", header.compressed_bytes),
                &format!("no more than the {left} that are left of its column"),
            )),
        }
    }

    /// The number of values of a data page; a column without lists has one for each row.
    fn take_rows(&mut self, header: &PageHeader) -> Result<u32> {
        match u32::try_from(header.n_values) {
            Ok(n) if u64::from(n) <= self.n_rows_left => {
                self.n_rows_left -= u64::from(n);
                Ok(n)
            }
            _ => Err(malformed(
                format!("a page of {} values", header.n_values),
                &format!("at most the {} rows that are left", self.n_rows_left),
            )),
        }
    }

    fn data_page(&mut self, header: &PageHeader, body: Bytes, n_out: usize) -> Result<Page> {
        Ok(Page::DataPage {
            buf: self.decompress(body, n_out)?,
            num_values: self.take_rows(header)?,
            encoding: encoding(header.encoding)?,
            def_level_encoding: encoding(header.definition_encoding)?,
            rep_level_encoding: encoding(header.repetition_encoding)?,
            statistics: None,
        })
    }

    fn data_page_v2(&mut self, header: &PageHeader, body: Bytes, n_out: usize) -> Result<Page> {
        let num_values = self.take_rows(header)?;
        let size = |n: i64| u32::try_from(n).ok().filter(|n| *n as usize <= body.len().min(n_out));
        let (Some(definition), Some(repetition)) = (size(header.definition_bytes), size(header.repetition_bytes))
        else {
            return Err(malformed("levels that are longer than their page", "levels within the page"));
        };
        let n_levels = definition as usize + repetition as usize;
        let num_nulls = u32::try_from(header.n_nulls).ok().filter(|n| *n <= num_values);
        let (Some(num_nulls), true) = (num_nulls, n_levels <= body.len().min(n_out)) else {
            return Err(malformed("a page header that contradicts itself", "a true one"));
        };
        let buf = if !header.is_compressed || self.chunk.codec == Compression::UNCOMPRESSED {
            body
        } else if n_out == n_levels {
            body.slice(..n_levels)
        } else {
            let values = self.decompress(body.slice(n_levels..), n_out - n_levels)?;
            Bytes::from([&body[..n_levels], &values].concat())
        };
        Ok(Page::DataPageV2 {
            buf,
            num_values,
            encoding: encoding(header.encoding)?,
            num_nulls,
            num_rows: num_values,
            def_levels_byte_len: definition,
            rep_levels_byte_len: repetition,
            is_compressed: false,
            statistics: None,
        })
    }

    fn dictionary_page(&mut self, header: &PageHeader, body: Bytes, n_out: usize) -> Result<Page> {
        if std::mem::replace(&mut self.has_dictionary, true) {
            return Err(malformed("a second dictionary in a column", "one"));
        }
        let width = match self.chunk.physical {
            Type::BOOLEAN => return Err(malformed("a dictionary of truth values", "none")),
            Type::INT32 | Type::FLOAT | Type::BYTE_ARRAY => 4,
            Type::INT64 | Type::DOUBLE => 8,
            Type::INT96 => 12,
            Type::FIXED_LEN_BYTE_ARRAY => self.chunk.type_length.max(1),
        };
        let num_values = u32::try_from(header.n_values).ok().filter(|n| *n as usize <= n_out / width);
        let Some(num_values) = num_values else {
            return Err(malformed(
                format!("a dictionary of {} values in {n_out} bytes", header.n_values),
                "a size that can be true",
            ));
        };
        let encoding = encoding(header.encoding)?;
        Ok(Page::DictionaryPage { buf: self.decompress(body, n_out)?, num_values, encoding, is_sorted: false })
    }

    fn decompress(&self, body: Bytes, n_out: usize) -> Result<Bytes> {
        if self.chunk.codec == Compression::UNCOMPRESSED && body.len() == n_out {
            return Ok(body);
        }
        if n_out == 0 {
            return Ok(Bytes::new());
        }
        match codec::decompress(self.chunk.codec, &body, n_out) {
            Ok(bytes) => Ok(Bytes::from(bytes)),
            Err(found) => Err(malformed(format!("a page with {found}"), "a page that decompresses")),
        }
    }

    /// `n` bytes from the current place on, or what there is of the chunk.
    fn bytes_up_to(&mut self, n: usize) -> Result<Bytes> {
        let left = self.chunk.end.saturating_sub(self.at);
        self.bytes(n.min(usize::try_from(left).unwrap_or(usize::MAX)))
    }

    /// At least `n` bytes from the current place on; they are known to lie within the chunk.
    fn bytes(&mut self, n: usize) -> Result<Bytes> {
        let offset = self.at.checked_sub(self.window_start).and_then(|offset| usize::try_from(offset).ok());
        if let Some(offset) = offset
            && let Some(window) = self.window.len().checked_sub(offset)
            && window >= n
        {
            return Ok(self.window.slice(offset..));
        }
        let left = usize::try_from(self.chunk.end - self.at).unwrap_or(usize::MAX);
        self.window = self.reader.get_bytes(self.at, n.max(WINDOW_BYTES).min(left)).map_err(|error| {
            Refusal::new(RefusalKind::Io, format!("{error}"), "to read the file to its end", "is the file complete?")
        })?;
        self.window_start = self.at;
        if self.window.len() < n {
            Err(malformed("the end of the file within a page", "its end"))
        } else {
            Ok(self.window.clone())
        }
    }
}

/// A refusal of a broken file; name, row and column are added further out.
pub fn malformed(found: impl Into<String>, expected: &str) -> crate::error::Error {
    let mend = "copy the file again, or have its writer make it again";
    Refusal::new(RefusalKind::MalformedParquet, found, expected, mend).into()
}

fn encoding(code: i64) -> Result<Encoding> {
    Ok(match code {
        0 => Encoding::PLAIN,
        2 => Encoding::PLAIN_DICTIONARY,
        3 => Encoding::RLE,
        #[expect(deprecated, reason = "old files have levels in it")]
        4 => Encoding::BIT_PACKED,
        5 => Encoding::DELTA_BINARY_PACKED,
        6 => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        7 => Encoding::DELTA_BYTE_ARRAY,
        8 => Encoding::RLE_DICTIONARY,
        9 => Encoding::BYTE_STREAM_SPLIT,
        _ => return Err(malformed(format!("page encoding {code}"), "an encoding of the Parquet format")),
    })
}

impl<R: ChunkReader> Iterator for Pages<R> {
    type Item = ::parquet::errors::Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl<R: ChunkReader> PageReader for Pages<R> {
    fn get_next_page(&mut self) -> ::parquet::errors::Result<Option<Page>> {
        self.next_page().map_err(|error| ParquetError::External(Box::new(error)))
    }

    // Nothing is ever skipped.
    fn peek_next_page(&mut self) -> ::parquet::errors::Result<Option<PageMetadata>> {
        Ok(None)
    }

    fn skip_next_page(&mut self) -> ::parquet::errors::Result<()> {
        Ok(())
    }
}

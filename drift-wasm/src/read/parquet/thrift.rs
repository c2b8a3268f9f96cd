//! Just enough of Thrift's compact protocol to look at sizes before anything believes them.
//!
//! The specification: <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

/// Deepest nesting that Parquet's own structures have, and then some.
const MAX_DEPTH: usize = 24;

/// Why bytes are no Thrift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The bytes end within a value.
    Short,
    /// A type, size or depth that the protocol does not have.
    Malformed,
    /// A column that only who has its key can read.
    Encrypted,
}

/// Reads values one after the other.
pub struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A field of a struct: its number and its type.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub id: i16,
    pub kind: u8,
}

impl<'a> Thrift<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes read so far.
    pub fn at(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        let byte = *self.bytes.get(self.at).ok_or(Fault::Short)?;
        self.at += 1;
        Ok(byte)
    }

    fn advance(&mut self, n: u64) -> Result<(), Fault> {
        let left = (self.bytes.len() - self.at) as u64;
        if n > left {
            return Err(Fault::Short);
        }
        self.at += n as usize;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64, Fault> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Fault::Malformed)
    }

    /// An `i16`, `i32` or `i64`.
    pub fn integer(&mut self) -> Result<i64, Fault> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// The next field of a struct whose last one had the number `last`; `None` at its end.
    pub fn field(&mut self, last: i16) -> Result<Option<Field>, Fault> {
        let byte = self.byte()?;
        if byte == 0 {
            return Ok(None);
        }
        let id = match byte >> 4 {
            0 => i16::try_from(self.integer()?).map_err(|_| Fault::Malformed)?,
            delta => last.checked_add(i16::from(delta)).ok_or(Fault::Malformed)?,
        };
        Ok(Some(Field { id, kind: byte & 0xf }))
    }

    /// Walks the fields of a struct; `visit` reads the value of each.
    pub fn each_field(&mut self, mut visit: impl FnMut(&mut Self, Field) -> Result<(), Fault>) -> Result<(), Fault> {
        let mut last = 0;
        while let Some(field) = self.field(last)? {
            last = field.id;
            visit(self, field)?;
        }
        Ok(())
    }

    /// Size and element type of a list. Each element takes a byte at least, so no list is longer than what is left.
    pub fn list(&mut self) -> Result<(u64, u8), Fault> {
        let byte = self.byte()?;
        let size = if byte >> 4 == 15 { self.varint()? } else { u64::from(byte >> 4) };
        if size > (self.bytes.len() - self.at) as u64 {
            return Err(Fault::Malformed);
        }
        Ok((size, byte & 0xf))
    }

    /// Passes over a value of a field.
    pub fn skip(&mut self, kind: u8) -> Result<(), Fault> {
        self.skip_value(kind, MAX_DEPTH)
    }

    fn skip_value(&mut self, kind: u8, depth: usize) -> Result<(), Fault> {
        if depth == 0 {
            return Err(Fault::Malformed);
        }
        match kind {
            // A field's truth is in its type.
            1 | 2 => Ok(()),
            3 => self.advance(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.advance(8),
            8 => {
                let n = self.varint()?;
                self.advance(n)
            }
            9 | 10 => {
                let (size, kind) = self.list()?;
                for _ in 0..size {
                    // In a list a truth takes a byte.
                    if kind <= 2 { self.advance(1)? } else { self.skip_value(kind, depth - 1)? }
                }
                Ok(())
            }
            11 => {
                let size = self.varint()?;
                if size == 0 {
                    return Ok(());
                }
                let kinds = self.byte()?;
                for _ in 0..size {
                    for kind in [kinds >> 4, kinds & 0xf] {
                        if kind <= 2 { self.advance(1)? } else { self.skip_value(kind, depth - 1)? }
                    }
                }
                Ok(())
            }
            12 => {
                let mut last = 0;
                while let Some(field) = self.field(last)? {
                    last = field.id;
                    self.skip_value(field.kind, depth - 1)?;
                }
                Ok(())
            }
            13 => self.advance(16),
            _ => Err(Fault::Malformed),
        }
    }
}

/// What a page's header says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageHeader {
    /// Bytes of the header itself.
    pub n_bytes: usize,
    /// 0 data, 1 index, 2 dictionary, 3 data of version 2.
    pub kind: i64,
    pub uncompressed_bytes: i64,
    pub compressed_bytes: i64,
    pub n_values: i64,
    pub n_nulls: i64,
    pub encoding: i64,
    pub definition_encoding: i64,
    pub repetition_encoding: i64,
    pub definition_bytes: i64,
    pub repetition_bytes: i64,
    pub is_compressed: bool,
}

/// Reads a page's header from the beginning of `bytes`.
pub fn page_header(bytes: &[u8]) -> Result<PageHeader, Fault> {
    let mut thrift = Thrift::new(bytes);
    let mut header = PageHeader { kind: -1, is_compressed: true, ..PageHeader::default() };
    thrift.each_field(|thrift, field| {
        match (field.id, field.kind) {
            (1, 5) => header.kind = thrift.integer()?,
            (2, 5) => header.uncompressed_bytes = thrift.integer()?,
            (3, 5) => header.compressed_bytes = thrift.integer()?,
            (5, 12) => thrift.each_field(|thrift, field| {
                match (field.id, field.kind) {
                    (1, 5) => header.n_values = thrift.integer()?,
                    (2, 5) => header.encoding = thrift.integer()?,
                    (3, 5) => header.definition_encoding = thrift.integer()?,
                    (4, 5) => header.repetition_encoding = thrift.integer()?,
                    (_, kind) => thrift.skip(kind)?,
                }
                Ok(())
            })?,
            (7, 12) => thrift.each_field(|thrift, field| {
                match (field.id, field.kind) {
                    (1, 5) => header.n_values = thrift.integer()?,
                    (2, 5) => header.encoding = thrift.integer()?,
                    (_, kind) => thrift.skip(kind)?,
                }
                Ok(())
            })?,
            (8, 12) => thrift.each_field(|thrift, field| {
                match (field.id, field.kind) {
                    (1, 5) => header.n_values = thrift.integer()?,
                    (2, 5) => header.n_nulls = thrift.integer()?,
                    (4, 5) => header.encoding = thrift.integer()?,
                    (5, 5) => header.definition_bytes = thrift.integer()?,
                    (6, 5) => header.repetition_bytes = thrift.integer()?,
                    (7, 1 | 2) => header.is_compressed = field.kind == 1,
                    (_, kind) => thrift.skip(kind)?,
                }
                Ok(())
            })?,
            (_, kind) => thrift.skip(kind)?,
        }
        Ok(())
    })?;
    header.n_bytes = thrift.at();
    Ok(header)
}

//! Bytes on their way to blocks: hashed, counted, decompressed, recognised, cut.

use std::sync::Arc;

use crate::error::Result;
use crate::options::{InputFormat, ReadOptions};
use crate::read::csv::Block;
use crate::read::decompress::Decompressor;
use crate::read::sniff::{self, Compression};
use crate::read::text::{TextReader, TextTable};

/// Takes blocks in the order of the input.
pub(super) type Emit<'a> = &'a mut dyn FnMut(&Arc<TextTable>, Block) -> Result<()>;

/// Bytes by which any content is recognised.
const ENOUGH: usize = 8;

/// What the bytes behind any compression are.
enum Content {
    /// Not known yet.
    Head(Vec<u8>),
    Text(Box<TextReader>),
    /// A format that must be whole before it can be read.
    Whole(InputFormat, Vec<u8>),
}

impl Content {
    fn push(&mut self, bytes: &[u8], options: &Arc<ReadOptions>, emit: Emit<'_>) -> Result<()> {
        match self {
            Self::Text(reader) => reader.push(bytes, emit),
            Self::Whole(_, whole) => {
                whole.extend_from_slice(bytes);
                Ok(())
            }
            Self::Head(head) if head.is_empty() && bytes.len() >= ENOUGH => self.recognise(bytes, options, emit),
            Self::Head(head) => {
                head.extend_from_slice(bytes);
                if head.len() < ENOUGH {
                    return Ok(());
                }
                let head = std::mem::take(head);
                self.recognise(&head, options, emit)
            }
        }
    }

    /// Finds out what it is that begins with `head`.
    fn recognise(&mut self, head: &[u8], options: &Arc<ReadOptions>, emit: Emit<'_>) -> Result<()> {
        *self = match options.format.or_else(|| sniff::sniff(head).format) {
            Some(format @ (InputFormat::Parquet | InputFormat::Profile)) => Self::Whole(format, head.to_vec()),
            _ => {
                let mut reader = Box::new(TextReader::new(options.clone()));
                reader.push(head, emit)?;
                Self::Text(reader)
            }
        };
        Ok(())
    }
}

/// What is left when the source has been read.
pub(super) enum End {
    Text(Arc<TextTable>),
    Whole(InputFormat, Vec<u8>),
}

pub(super) struct Bytes {
    pub hash: String,
    pub n: u64,
}

/// A source that is pushed: its bytes are hashed, counted, decompressed and cut into blocks.
pub(super) struct Feed {
    pub options: Arc<ReadOptions>,
    /// In a box: it has two thousand bytes, and whoever holds a feed is moved.
    hasher: Box<blake3::Hasher>,
    n_bytes: u64,
    /// The first bytes, while they are too few to tell a compression by.
    head: Vec<u8>,
    decompressor: Option<Decompressor>,
    content: Content,
}

impl Feed {
    pub fn new(options: impl Into<Arc<ReadOptions>>) -> Self {
        Self {
            options: options.into(),
            hasher: Box::default(),
            n_bytes: 0,
            head: Vec::new(),
            decompressor: None,
            content: Content::Head(Vec::new()),
        }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8], emit: Emit<'_>) -> Result<()> {
        self.hasher.update(bytes);
        self.n_bytes += bytes.len() as u64;
        if self.decompressor.is_some() || (self.head.is_empty() && bytes.len() >= ENOUGH) {
            return self.push_recognised(bytes, emit);
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() < ENOUGH {
            return Ok(());
        }
        let head = std::mem::take(&mut self.head);
        self.push_recognised(&head, emit)
    }

    fn push_recognised(&mut self, bytes: &[u8], emit: Emit<'_>) -> Result<()> {
        let Self { options, content, .. } = self;
        let decompressor = self.decompressor.get_or_insert_with(|| {
            let compression = match options.format {
                Some(InputFormat::Parquet | InputFormat::Profile) => Compression::None,
                _ => sniff::compression(bytes),
            };
            Decompressor::new(compression, &options.limits)
        });
        decompressor.push(bytes, &mut |plain| content.push(plain, options, emit))
    }

    /// Memory of what was pushed and not handed on yet.
    pub fn held_bytes(&self) -> usize {
        match &self.content {
            Content::Head(head) => head.len(),
            Content::Text(reader) => reader.held_bytes(),
            Content::Whole(_, whole) => whole.len(),
        }
    }

    pub fn finish(mut self, emit: Emit<'_>) -> Result<(End, Bytes)> {
        let head = std::mem::take(&mut self.head);
        if !head.is_empty() {
            self.push_recognised(&head, emit)?;
        }
        let Self { options, mut content, decompressor, hasher, n_bytes, .. } = self;
        if let Some(decompressor) = decompressor {
            decompressor.finish(&mut |plain| content.push(plain, &options, emit))?;
        }
        if let Content::Head(head) = &mut content {
            let head = std::mem::take(head);
            content.recognise(&head, &options, emit)?;
        }
        let end = match content {
            Content::Text(reader) => End::Text(reader.finish(emit)?),
            Content::Whole(format, whole) => End::Whole(format, whole),
            Content::Head(_) => unreachable!("recognise leaves no head behind"),
        };
        Ok((end, Bytes { hash: hasher.finalize().to_hex().to_string(), n: n_bytes }))
    }
}

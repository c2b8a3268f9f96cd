//! A profile of bytes that are pushed, for callers that cannot be read from: browsers.

use std::sync::Arc;

use crate::error::Result;
use crate::profile::{Profile, ProfileBuilder};
use crate::read::csv::Block;
use crate::read::feed::Feed;
use crate::read::options::ReadOptions;
use crate::read::pipeline::{NoProgress, Run};
use crate::read::text::TextTable;

/// The profile of a source that is pushed piece by piece, by one thread: what [`profile_source`] gives.
pub struct PushReader {
    feed: Feed,
    builder: Option<ProfileBuilder>,
}

impl PushReader {
    /// A reader for an input read with these options.
    pub fn new(options: &ReadOptions) -> Result<Self> {
        options.check()?;
        Ok(Self { feed: Feed::new(options), builder: None })
    }

    /// Takes the next bytes, of which the first call must bring at least 8 if there are so many.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        let (options, builder) = (self.feed.options.clone(), &mut self.builder);
        self.feed
            .push(bytes, &mut |table, block| absorb_block(builder, table, block, &options))
            .map_err(|error| error.in_file(&options.name))
    }

    /// Rows read so far.
    pub fn n_rows(&self) -> u64 {
        self.builder.as_ref().map_or(0, ProfileBuilder::n_rows)
    }

    /// The profile, when all bytes were pushed.
    pub fn finish(self) -> Result<Profile> {
        let (options, mut builder) = (self.feed.options.clone(), self.builder);
        let run = Run { options: &options, progress: &NoProgress, n_threads: 1 };
        let read = || {
            let (end, bytes) =
                self.feed.finish(&mut |table, block| absorb_block(&mut builder, table, block, &options))?;
            run.conclude(builder, end, bytes)
        };
        read().map_err(|error| error.in_file(&options.name))
    }
}

fn absorb_block(
    builder: &mut Option<ProfileBuilder>,
    table: &Arc<TextTable>,
    block: Block,
    options: &ReadOptions,
) -> Result<()> {
    let profile = table.profile_block(&block)?;
    table.recycle(block);
    builder.get_or_insert_with(|| ProfileBuilder::new(table.columns(), options)).absorb(&profile)
}

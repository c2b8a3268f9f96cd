//! Rows that arrive together and happened at different times: one profile for each slot of time.

mod rows;

use std::collections::{BTreeMap, btree_map::Entry};
use std::sync::Arc;

use self::rows::{SlotRows, sort_rows};
use crate::cell::time;
use crate::error::Result;
use crate::options::{InputFormat, ReadOptions};
use crate::profile::{BlockProfile, Profile, ProfileBuilder};
use crate::read::csv::Block;
use crate::read::feed::{Bytes, End, Feed};
use crate::read::few::{FewRows, Part};
use crate::read::json;
use crate::read::text::{Rows, TextTable};

/// Says which slot a row belongs to.
pub trait SlotOf {
    /// The slot of a row, by the time in its time column; `None` when it has none that can be read.
    fn slot_of(&mut self, time: Option<i64>) -> i64;
}

impl<F: FnMut(Option<i64>) -> i64> SlotOf for F {
    fn slot_of(&mut self, time: Option<i64>) -> i64 {
        self(time)
    }
}

/// Bytes of rows up to which an input stays text.
const FEW_BYTES: usize = 16 << 10;

/// Profiles by slot of an input that is pushed piece by piece.
///
/// The slot of a row is any number that [`SlotOf`] makes of its time in microseconds since 1970 (UTC). Without a time
/// column it is asked once, for all rows.
pub struct SlotReader<F> {
    feed: Feed,
    slots: Slots<F>,
}

struct Slots<F> {
    options: Arc<ReadOptions>,
    time_column: Option<String>,
    slot_of: F,
    builders: BTreeMap<i64, ProfileBuilder>,
    /// The first block, if it is small: perhaps there is no other.
    first: Option<(Arc<TextTable>, Block)>,
    /// Memory of all builders, by estimate.
    held_bytes: usize,
    /// What finds rows in blocks; known with the first block.
    rows: Option<Rows>,
}

/// What an input became.
#[derive(Debug, Clone)]
pub struct Slotted {
    /// The rows of each slot that rows fell into; at least one.
    pub parts: BTreeMap<i64, Part>,
    /// What it was.
    pub format: InputFormat,
    /// BLAKE3 of the bytes, hex.
    pub input_hash: String,
    /// Bytes as they came.
    pub n_bytes: u64,
}

impl<F: SlotOf> SlotReader<F> {
    /// A reader for an input read with these options.
    pub fn new(options: ReadOptions, time_column: Option<String>, slot_of: F) -> Result<Self> {
        options.check()?;
        let options = Arc::new(options);
        let slots = Slots {
            options: options.clone(),
            time_column,
            slot_of,
            builders: BTreeMap::new(),
            first: None,
            held_bytes: 0,
            rows: None,
        };
        Ok(Self { feed: Feed::new(options), slots })
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        let Self { feed, slots } = self;
        feed.push(bytes, &mut |table, block| slots.absorb_block(table, block))
            .map_err(|error| error.in_file(&slots.options.name))
    }

    /// Memory of what was read so far, by estimate.
    pub fn held_bytes(&self) -> usize {
        self.feed.held_bytes() + self.slots.held_bytes
    }

    /// Slots that rows fell into so far.
    pub fn n_slots(&self) -> usize {
        self.slots.builders.len()
    }

    /// Reads an input that is here as a whole: what [`SlotReader::push`] and [`SlotReader::finish`] give.
    pub fn read_whole(mut self, bytes: &[u8]) -> Result<(Slotted, F)> {
        let slots = &mut self.slots;
        let lines = if bytes.len() <= FEW_BYTES { TextTable::of_lines(&slots.options, bytes) } else { None };
        let Some(table) = lines else {
            self.push(bytes)?;
            return self.finish();
        };
        let block = Block { bytes: bytes.to_vec(), first_row: 0, irregular: false };
        let bytes = Bytes { hash: blake3::hash(bytes).to_hex().to_string(), n: bytes.len() as u64 };
        let read = slots.few(&Arc::new(table), block, &bytes).map_err(|error| error.in_file(&slots.options.name));
        let (parts, format) = (read?, InputFormat::Ndjson);
        Ok((Slotted { parts, format, input_hash: bytes.hash, n_bytes: bytes.n }, self.slots.slot_of))
    }

    /// The rows by slot, when all bytes were pushed, and what told the slots.
    pub fn finish(self) -> Result<(Slotted, F)> {
        let Self { feed, mut slots } = self;
        let read = || {
            let (end, bytes) = feed.finish(&mut |table, block| slots.absorb_block(table, block))?;
            slots.conclude(end, bytes)
        };
        match read() {
            Ok(slotted) => Ok((slotted, slots.slot_of)),
            Err(error) => Err(error.in_file(&slots.options.name)),
        }
    }
}

impl<F: SlotOf> Slots<F> {
    fn absorb_block(&mut self, table: &Arc<TextTable>, block: Block) -> Result<()> {
        if self.builders.is_empty() {
            match self.first.take() {
                None if block.bytes.len() <= FEW_BYTES => {
                    self.first = Some((table.clone(), block));
                    return Ok(());
                }
                None => {}
                Some((table, first)) => self.absorb_rows(&table, first)?,
            }
        }
        self.absorb_rows(table, block)
    }

    fn absorb_rows(&mut self, table: &Arc<TextTable>, block: Block) -> Result<()> {
        for (slot, rows) in self.sorted(table, block) {
            let profile = table.profile_block(&rows.block)?;
            self.absorb(slot, table.columns(), &rows.located(profile))?;
            table.recycle(rows.block);
        }
        Ok(())
    }

    /// The rows of a block by slot.
    fn sorted(&mut self, table: &Arc<TextTable>, block: Block) -> Vec<(i64, SlotRows)> {
        let Some(column) = self.time_column.as_deref() else {
            return vec![(self.only_slot(), SlotRows::all(block))];
        };
        let pattern = self.options.parse.time_format.as_deref();
        let rows = self.rows.get_or_insert_with(|| table.rows(Some(column)));
        let found = rows.find(&block, |cell| time::of_cell(cell, pattern));
        let slot_of = &mut self.slot_of;
        let slots: Vec<i64> = found.iter().map(|(_, time)| slot_of.slot_of(*time)).collect();
        match slots.first() {
            Some(first) if slots.iter().all(|slot| slot == first) => vec![(*first, SlotRows::all(block))],
            _ => {
                let sorted = sort_rows(&block, &found, &slots);
                table.recycle(block);
                sorted.into_iter().collect()
            }
        }
    }

    fn only_slot(&mut self) -> i64 {
        let known = self.builders.first_key_value().map(|(slot, _)| *slot);
        known.unwrap_or_else(|| self.slot_of.slot_of(None))
    }

    fn absorb(&mut self, slot: i64, columns: &[String], block: &BlockProfile) -> Result<()> {
        let options = &self.options;
        let mut before = 0;
        let builder = match self.builders.entry(slot) {
            Entry::Vacant(free) => free.insert(ProfileBuilder::new(columns, options)),
            Entry::Occupied(taken) => {
                let builder = taken.into_mut();
                before = builder.held_bytes();
                builder
            }
        };
        builder.absorb(block)?;
        self.held_bytes = self.held_bytes - before + builder.held_bytes();
        options.limits.check_held(self.held_bytes)
    }

    fn conclude(&mut self, end: End, bytes: Bytes) -> Result<Slotted> {
        let format = match end {
            End::Text(table) => {
                if let Some((table, block)) = self.first.take() {
                    if table.has_lines() {
                        let parts = self.few(&table, block, &bytes)?;
                        return Ok(Slotted { parts, format: table.format, input_hash: bytes.hash, n_bytes: bytes.n });
                    }
                    self.absorb_rows(&table, block)?;
                }
                if self.builders.is_empty() {
                    let slot = self.only_slot();
                    self.builders.insert(slot, ProfileBuilder::new(table.columns(), &self.options));
                }
                for builder in self.builders.values_mut() {
                    builder.remark(table.remarks().iter().cloned());
                }
                table.format
            }
            End::Whole(InputFormat::Profile, whole) => {
                let profile = Profile { name: self.options.name.clone(), ..Profile::decode(&whole)? };
                let parts = BTreeMap::from([(self.only_slot(), Part::Profile(Box::new(profile)))]);
                let format = InputFormat::Profile;
                return Ok(Slotted { parts, format, input_hash: bytes.hash, n_bytes: bytes.n });
            }
            End::Whole(format, whole) => {
                self.columnar(whole)?;
                format
            }
        };
        let seal = |(slot, builder): (i64, ProfileBuilder)| {
            (slot, Part::Profile(Box::new(builder.finish(format, bytes.n, bytes.hash.clone(), 1))))
        };
        let parts = std::mem::take(&mut self.builders).into_iter().map(seal).collect();
        Ok(Slotted { parts, format, input_hash: bytes.hash, n_bytes: bytes.n })
    }

    /// The rows of an input of one small block, which stay text.
    fn few(&mut self, table: &Arc<TextTable>, block: Block, bytes: &Bytes) -> Result<BTreeMap<i64, Part>> {
        let mut parts = BTreeMap::new();
        for (slot, rows) in self.sorted(table, block) {
            let mut survey = json::survey_block(&rows.block, &self.options)?;
            rows.locate(rows.block.first_row + 1, &mut survey.findings.listed);
            let few = FewRows {
                table: table.clone(),
                n_rows: survey.n_rows,
                names: survey.names,
                findings: survey.findings,
                n_bytes: bytes.n,
                input_hash: bytes.hash.clone(),
                block: rows.block,
            };
            parts.insert(slot, Part::Few(few));
        }
        Ok(parts)
    }

    /// Row groups are the blocks. Each belongs to one slot: columns are read one after another, not rows.
    #[cfg(feature = "parquet")]
    fn columnar(&mut self, whole: Vec<u8>) -> Result<()> {
        use crate::error::{Refusal, RefusalKind};
        use crate::read::parquet::ParquetTable;

        let table = ParquetTable::open(&self.options.name, bytes::Bytes::from(whole), &self.options)?;
        let columns = table.columns().to_vec();
        if table.n_row_groups() == 0 {
            let slot = self.only_slot();
            self.builders.insert(slot, ProfileBuilder::new(&columns, &self.options));
        }
        for row_group in 0..table.n_row_groups() {
            table.profile_row_group(row_group, &mut |block| {
                let slot = match self.time_column.clone() {
                    None => self.only_slot(),
                    Some(column) => {
                        let (first, last) = self.span(&columns, &block, &column)?;
                        let (slot, last) = (self.slot_of.slot_of(first), self.slot_of.slot_of(last));
                        if slot != last {
                            let found = format!("row group {} with rows of several time slots", row_group + 1);
                            let mend = "write a row group for each slot, or send CSV or NDJSON";
                            let expected = "one slot for each row group";
                            return Err(Refusal::new(RefusalKind::ParquetLimit, found, expected, mend)
                                .in_column(&column)
                                .into());
                        }
                        slot
                    }
                };
                self.absorb(slot, &columns, &block)
            })?;
        }
        Ok(())
    }

    /// The first and the last time of a block.
    #[cfg(feature = "parquet")]
    fn span(&self, columns: &[String], block: &BlockProfile, column: &str) -> Result<(Option<i64>, Option<i64>)> {
        let mut alone = ProfileBuilder::new(columns, &self.options);
        alone.absorb(block)?;
        let profile = alone.finish(InputFormat::Parquet, 0, String::new(), 1);
        let times = profile.columns.iter().find(|found| found.name == column).map(|found| &found.times);
        let micros = |time: Option<f64>| time.map(|time| time as i64);
        Ok((micros(times.and_then(|times| times.min())), micros(times.and_then(|times| times.max()))))
    }

    #[cfg(not(feature = "parquet"))]
    fn columnar(&mut self, _whole: Vec<u8>) -> Result<()> {
        use crate::error::{Refusal, RefusalKind};

        let expected = "a format that this build reads";
        Err(Refusal::new(RefusalKind::UnsupportedFormat, "a columnar file", expected, "convert it to CSV").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn read(text: &str, time_column: Option<&str>) -> Slotted {
        let slot_of = |time: Option<i64>| time.map_or(-1, |time| time.div_euclid(HOUR));
        let mut reader =
            SlotReader::new(ReadOptions::new("t"), time_column.map(str::to_owned), slot_of).expect("sound");
        for piece in text.as_bytes().chunks(9) {
            reader.push(piece).expect("readable");
        }
        reader.finish().expect("readable").0
    }

    fn profile(slotted: &Slotted, slot: i64) -> Profile {
        slotted.parts[&slot].clone().into_profile().expect("read once already")
    }

    fn counts(slotted: &Slotted) -> Vec<(i64, u64)> {
        slotted.parts.iter().map(|(slot, part)| (*slot, part.n_rows())).collect()
    }

    #[test]
    fn rows_go_to_the_slots_of_their_times() {
        let text = "at,x\n1970-01-01T00:10:00Z,1\n1970-01-01 01:10,2\n\"1970-01-01T00:50:00Z\",3\n,4\n7200,5\n";
        let slotted = read(text, Some("at"));
        assert_eq!(counts(&slotted), [(-1, 1), (0, 2), (1, 1), (2, 1)]);
        assert_eq!(profile(&slotted, 0).columns[1].numbers.values(), [1.0, 3.0]);
        assert_eq!(profile(&slotted, 1).columns[1].numbers.values(), [2.0]);
    }

    #[test]
    fn json_rows_do_too() {
        let text = "{\"at\":\"1970-01-01T00:10:00Z\",\"x\":1}\n{\"x\":2,\"at\":3700}\nnonsense\n{\"x\":3}\n";
        let slotted = read(text, Some("at"));
        assert_eq!(counts(&slotted), [(-1, 1), (0, 1), (1, 1)]);
        assert_eq!(slotted.parts[&1].findings().n_rejected_rows, 1);
    }

    #[test]
    fn without_a_time_column_all_rows_share_a_slot() {
        let slotted = read("at,x\n1970-01-01T00:10:00Z,1\n1970-01-01 01:10,2\n", None);
        assert_eq!(counts(&slotted), [(-1, 2)]);
    }

    #[test]
    fn findings_keep_the_rows_of_the_input() {
        let text = "at,x,y\n600,1,2\n4200,5\n3000,3,4\n3060,3\n";
        let slotted = read(text, Some("at"));
        let rows =
            |slot: i64| slotted.parts[&slot].findings().listed.iter().map(|finding| finding.row).collect::<Vec<_>>();
        assert_eq!(rows(1), [3]);
        assert_eq!(rows(0), [5]);
    }

    #[test]
    fn a_slot_holds_what_a_file_of_its_rows_alone_would() {
        let all = read("at,x,c\n10,1,a\n3700,2,b\n20,3,a\n3800,4,\n", Some("at"));
        let alone =
            crate::read::profile_bytes("t", b"at,x,c\n10,1,a\n20,3,a\n", &ReadOptions::new("t")).expect("sound");
        let summary = |profile: &Profile| format!("{:?}", crate::compare::describe(profile));
        assert_eq!(summary(&profile(&all, 0)), summary(&alone));
    }

    #[rstest::rstest]
    #[case::lines("{\"x\":1}\n{\"x\":2,\"at\":\"1970-01-01T01:10:00Z\"}\n\n nonsense\n")]
    #[case::without_a_line_end("{\"x\":1}")]
    #[case::blank_first("\n{\"x\":1}")]
    #[case::marked("\u{feff}{\"x\":1}\n{\"x\":2}")]
    #[case::zeros("{\"x\":\"\0\"}\n")]
    #[case::an_object_over_lines("{\"data\":\n[{\"x\":1}]}")]
    #[case::a_list("[{\"x\":1}]")]
    #[case::delimited("at,x\n600,1\n")]
    #[case::a_bracket("{a,b\n1,2\n")]
    #[case::nothing("")]
    fn a_whole_input_is_what_its_pieces_are(#[case] text: &str) {
        for format in [None, Some(InputFormat::Ndjson), Some(InputFormat::Json)] {
            assert_read_alike(text.as_bytes(), format);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_read_alike_as_a_whole() {
        assert_read_alike(b"{\"x\":\"stra\xdfe\"}\n", None);
    }

    fn assert_read_alike(bytes: &[u8], format: Option<InputFormat>) {
        let slot_of = |time: Option<i64>| time.map_or(-1, |time| time.div_euclid(HOUR));
        let options = ReadOptions { format, ..ReadOptions::new("t") };
        let reader = || SlotReader::new(options.clone(), Some("at".to_owned()), slot_of).expect("sound");
        let mut pushed = reader();
        let pieces = bytes.chunks(3).try_for_each(|piece| pushed.push(piece)).and_then(|()| pushed.finish());
        // Buffers differ in nothing but their room.
        let text = |read: Result<(Slotted, _)>| format!("{:?}", read.map(|(slotted, _)| slotted));
        assert_eq!(text(reader().read_whole(bytes)), text(pieces), "{format:?}");
    }
}

//! Counts of distinct labels, bounded in memory.

use hashbrown::HashTable;

use crate::cell::number::first_eight;
use crate::profile::hll::HyperLogLog;

/// Labels longer than this are kept by their beginning and a hash, so that a table's memory is bounded.
const LONGEST_LABEL: usize = 160;

/// Distinct labels and their counts. Order of insertion is kept; nothing depends on the hash.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    arena: Vec<u8>,
    entries: Vec<Entry>,
    table: HashTable<u32>,
    hasher: foldhash::fast::FixedState,
    n_other: u64,
    count_error: u64,
    /// Distinct labels ever seen; begins with the first compaction.
    distinct: Option<Box<HyperLogLog>>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    key: Key,
    start: u32,
    length: u32,
    count: u64,
}

/// Tells labels apart without a look at their text, all but those longer than 16 bytes that share a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    /// The label itself when it is no longer than 16 bytes, else a hash, twice.
    words: [u64; 2],
    hash: u64,
}

impl Key {
    #[inline(always)]
    fn of(label: &[u8], hasher: &foldhash::fast::FixedState) -> Self {
        let Some(words) = words_of(label) else {
            use std::hash::{BuildHasher, Hasher};
            let mut state = hasher.build_hasher();
            state.write(label);
            let hash = state.finish();
            return Self { words: [hash, hash], hash };
        };
        Self { words, hash: mixed(words[0], words[1] ^ (label.len() as u64) << 56) }
    }
}

/// Spreads two words over a hash; the multiplications are of 64 bits, because WebAssembly has no wider ones.
/// Nothing depends on the hash but speed.
#[inline(always)]
fn mixed(a: u64, b: u64) -> u64 {
    let first = (a ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let both = (first ^ first >> 32 ^ b.rotate_left(23)).wrapping_mul(0x94d0_49bb_1331_11eb);
    both ^ both >> 31
}

/// A label of at most 16 bytes as two words, zeros after its end.
#[inline(always)]
fn words_of(label: &[u8]) -> Option<[u64; 2]> {
    let n = label.len();
    match (label.first_chunk::<8>(), label.last_chunk::<8>()) {
        (Some(first), Some(last)) if n <= 16 => {
            let last = if n == 8 { 0 } else { u64::from_le_bytes(*last) >> (8 * (16 - n)) };
            Some([u64::from_le_bytes(*first), last])
        }
        (Some(_), _) => None,
        (None, _) => Some([first_eight(label), 0]),
    }
}

impl Tokens {
    /// Counts `label` `n` times more.
    #[inline]
    pub fn add(&mut self, label: &[u8], n: u64) {
        if label.len() > LONGEST_LABEL {
            self.add_long(label, n);
        } else {
            let key = Key::of(label, &self.hasher);
            self.add_keyed(label, key, n);
        }
    }

    #[cold]
    fn add_long(&mut self, label: &[u8], n: u64) {
        let mut end = LONGEST_LABEL - 24;
        while end > 0 && label[end] & 0xc0 == 0x80 {
            end -= 1;
        }
        let hash = blake3::hash(label).to_hex();
        let short = [&label[..end], "…#".as_bytes(), &hash.as_bytes()[..16]].concat();
        let key = Key::of(&short, &self.hasher);
        self.add_keyed(&short, key, n);
    }

    #[inline]
    fn add_keyed(&mut self, label: &[u8], key: Key, n: u64) {
        let (arena, entries) = (&self.arena, &mut self.entries);
        let found = self.table.find(key.hash, |index| {
            let entry = &entries[*index as usize];
            entry.key.words == key.words
                && entry.length as usize == label.len()
                && (label.len() <= 16 || &arena[entry.start as usize..][..entry.length as usize] == label)
        });
        if let Some(index) = found {
            entries[*index as usize].count += n;
        } else {
            self.insert(label, key, n);
        }
    }

    #[inline(never)]
    fn insert(&mut self, label: &[u8], key: Key, n: u64) {
        let index = self.entries.len() as u32;
        self.entries.push(Entry { key, start: self.arena.len() as u32, length: label.len() as u32, count: n });
        self.arena.extend_from_slice(label);
        let entries = &self.entries;
        self.table.insert_unique(key.hash, index, |index| entries[*index as usize].key.hash);
        if let Some(distinct) = &mut self.distinct {
            distinct.add(label);
        }
    }

    /// Distinct labels held.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Memory, by estimate.
    pub fn held_bytes(&self) -> usize {
        // An entry has its place in the table too.
        self.arena.len() + self.entries.len() * (size_of::<Entry>() + 8)
    }

    /// Rows counted.
    pub fn n(&self) -> u64 {
        self.entries.iter().map(|entry| entry.count).sum::<u64>() + self.n_other
    }

    /// Labels with their counts, in the order of their first row.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.entries.iter().map(|entry| (&self.arena[entry.start as usize..][..entry.length as usize], entry.count))
    }

    /// Rows whose label is not held.
    pub fn n_other(&self) -> u64 {
        self.n_other
    }

    /// The most that a held count can be short.
    pub fn count_error(&self) -> u64 {
        self.count_error
    }

    /// Distinct labels seen: exact unless the table was ever compacted, then an estimate (±1.6 %).
    pub fn n_distinct(&self) -> u64 {
        let held = self.entries.len() as u64;
        self.distinct.as_ref().map_or(held, |distinct| distinct.estimate().max(held))
    }

    /// The estimator of distinct labels, when the table was ever compacted.
    pub fn distinct(&self) -> Option<&HyperLogLog> {
        self.distinct.as_deref()
    }

    /// A table from its parts, as they were encoded.
    pub fn from_parts<'a>(
        entries: impl Iterator<Item = (&'a [u8], u64)>,
        n_other: u64,
        count_error: u64,
        distinct: Option<HyperLogLog>,
    ) -> Self {
        let mut tokens = Self::default();
        for (label, n) in entries {
            tokens.add(label, n);
        }
        (tokens.n_other, tokens.count_error) = (n_other, count_error);
        tokens.distinct = distinct.map(Box::new);
        tokens
    }

    /// The table as it travels: all labels one after another, then the length and count of each.
    pub(crate) fn listed(&self) -> (&[u8], impl ExactSizeIterator<Item = (u32, u64)>) {
        (&self.arena, self.entries.iter().map(|entry| (entry.length, entry.count)))
    }

    /// What [`Tokens::listed`] gave, to be absorbed and not to be added to: it cannot find a label.
    /// `None` when the lengths are not those of the labels.
    pub(crate) fn from_listed(arena: &[u8], counts: impl Iterator<Item = (u32, u64)>) -> Option<Self> {
        let mut tokens = Self { arena: arena.to_vec(), ..Self::default() };
        let mut rest = arena;
        for (length, count) in counts {
            let (label, after) = rest.split_at_checked(length as usize)?;
            let start = (arena.len() - rest.len()) as u32;
            tokens.entries.push(Entry { key: Key::of(label, &tokens.hasher), start, length, count });
            rest = after;
        }
        rest.is_empty().then_some(tokens)
    }

    /// Adds all of `other`, then folds the rarest labels into "other" while more than `limit` are held.
    ///
    /// Deterministic: depends on the tables and the order of merging only. A count that is held is short by at most
    /// [`Tokens::count_error`] (as in Misra and Gries 1982, with batched eviction).
    pub fn absorb(&mut self, other: &Self, limit: usize) {
        let is_new = self.entries.is_empty() && self.n_other == 0 && self.distinct.is_none();
        // A list of labels without their table is looked through.
        let is_whole = other.table.len() == other.entries.len();
        if is_new && is_whole && other.entries.len() <= limit {
            let count_error = self.count_error + other.count_error;
            *self = Self { count_error, ..other.clone() };
            return;
        }
        if let Some(theirs) = &other.distinct {
            self.begin_estimating();
            if let Some(ours) = &mut self.distinct {
                ours.merge(theirs);
            }
        }
        for entry in &other.entries {
            let label = &other.arena[entry.start as usize..][..entry.length as usize];
            self.add_keyed(label, entry.key, entry.count);
        }
        self.n_other += other.n_other;
        self.count_error += other.count_error;
        if self.entries.len() > limit {
            self.compact(limit / 2);
        }
    }

    fn begin_estimating(&mut self) {
        if self.distinct.is_none() {
            let mut distinct = HyperLogLog::default();
            for (label, _) in self.iter() {
                distinct.add(label);
            }
            self.distinct = Some(Box::new(distinct));
        }
    }

    fn compact(&mut self, keep: usize) {
        self.begin_estimating();
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        let label = |index: usize| {
            let entry = &self.entries[index];
            &self.arena[entry.start as usize..][..entry.length as usize]
        };
        order.sort_unstable_by(|a, b| {
            self.entries[*b].count.cmp(&self.entries[*a].count).then_with(|| label(*a).cmp(label(*b)))
        });
        let (kept, dropped) = order.split_at(keep);
        let mut smaller = Self { distinct: None, ..Self::default() };
        for index in kept {
            let entry = self.entries[*index];
            smaller.insert(label(*index), entry.key, entry.count);
        }
        smaller.n_other = self.n_other + dropped.iter().map(|index| self.entries[*index].count).sum::<u64>();
        smaller.count_error = self.count_error + dropped.first().map_or(0, |index| self.entries[*index].count);
        smaller.distinct = self.distinct.take();
        *self = smaller;
    }
}

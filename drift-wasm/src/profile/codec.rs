//! Profile files: versioned, checksummed, safe to decode from a stranger.
//!
//! `DSPROF` · version (u16, little-endian) · length of the body (u64) · body (postcard) · BLAKE3 of all before it.

use std::borrow::Cow;

use serde::ser::{SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

use crate::error::{Error, Refusal, RefusalKind, Result};
use crate::finding::Findings;
use crate::options::InputFormat;
use crate::profile::column::{CellCounts, ColumnProfile};
use crate::profile::facts::{TextFacts, TimeFacts};
use crate::profile::hll::HyperLogLog;
use crate::profile::quantiles::Quantiles;
use crate::profile::sample::Sample;
use crate::profile::table::Profile;
use crate::profile::tokens::Tokens;
use crate::remark::{MAX_REMARKS, Remark};
use crate::schema::ColumnHint;

/// What a profile file begins with.
pub const MAGIC: &[u8; 6] = b"DSPROF";
/// Version of the file.
pub const VERSION: u16 = 5;
/// Values kept for each numeric column of a file: at most 64 KiB with their weights.
const FILE_VALUES: usize = 6_000;
/// Labels kept for each column of a file.
const FILE_LABELS: usize = 4_096;
/// Values hashed at once: their bytes stay in the nearest cache.
const HASHED_VALUES: usize = 1 << 10;
/// Rows, and characters or bytes, that no input has: below it, sums over any number of merged files stay within 64 bits.
const TOO_MANY: u64 = 1 << 48;
const HEADER_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = 32;

#[derive(Serialize, Deserialize)]
struct Body<'a> {
    name: String,
    format: InputFormat,
    n_rows: u64,
    n_bytes: u64,
    input_hash: String,
    findings: Findings,
    remarks: Cow<'a, [Remark]>,
    options: String,
    #[serde(borrow)]
    columns: Vec<ColumnBody<'a>>,
}

#[derive(Serialize, Deserialize)]
struct ColumnBody<'a> {
    name: Cow<'a, str>,
    /// JSON of the hint: postcard cannot skip absent fields.
    hint: Option<String>,
    counts: CellCounts,
    numbers: Cow<'a, Sample>,
    times: Cow<'a, Sample>,
    #[serde(borrow)]
    labels: Labels<'a>,
    n_other: u64,
    count_error: u64,
    distinct: Option<Cow<'a, [u8]>>,
    /// Absent in columns without a time; most of a small profile would be zeros otherwise.
    time_facts: Option<Cow<'a, TimeFacts>>,
    /// Absent in columns without a text.
    text_facts: Option<Cow<'a, TextFacts>>,
    odd: Cow<'a, [(u64, String)]>,
    category_limit: u64,
}

/// Labels with their counts: on their way out the table itself, on their way in as they stand in the file.
#[derive(Deserialize)]
#[serde(from = "Vec<(&'a [u8], u64)>")]
#[serde(bound(deserialize = "'de: 'a"))]
enum Labels<'a> {
    Table(Cow<'a, Tokens>),
    Read(Vec<(&'a [u8], u64)>),
}

impl<'a> From<Vec<(&'a [u8], u64)>> for Labels<'a> {
    fn from(labels: Vec<(&'a [u8], u64)>) -> Self {
        Self::Read(labels)
    }
}

impl Labels<'_> {
    fn iter(&self) -> Box<dyn Iterator<Item = (&[u8], u64)> + '_> {
        match self {
            Self::Table(tokens) => Box::new(tokens.iter()),
            Self::Read(read) => Box::new(read.iter().copied()),
        }
    }
}

impl Serialize for Labels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        /// One run of bytes, not one number after the other.
        struct Bytes<'a>(&'a [u8]);

        impl Serialize for Bytes<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_bytes(self.0)
            }
        }

        let n = match self {
            Self::Table(tokens) => tokens.len(),
            Self::Read(read) => read.len(),
        };
        let mut labels = serializer.serialize_seq(Some(n))?;
        self.iter().try_for_each(|(label, n)| labels.serialize_element(&(Bytes(label), n)))?;
        labels.end()
    }
}

/// Whether no count is so large that adding up or merging could overflow.
fn is_addable(body: &ColumnBody<'_>) -> bool {
    let counts = &body.counts;
    let kinds = [counts.n_nan, counts.n_empty, counts.n_leading_zero, counts.n_big_integer, counts.n_decoded];
    let (times, texts) = (body.time_facts.as_deref(), body.text_facts.as_deref());
    counts.n_rows < TOO_MANY
        && body.count_error < TOO_MANY
        && kinds.into_iter().chain([counts.n_float, counts.n_exponent]).all(|n| n <= counts.n_rows)
        && times.is_none_or(|times| {
            let facts = [times.n_month_first, times.n_month_proven];
            times.hours.iter().chain(&times.weekdays).chain(&facts).all(|n| *n <= counts.n_rows)
        })
        && texts.is_none_or(|texts| {
            texts.is_possible(counts.n_rows)
                && texts.alphabet.iter().chain([&texts.n_characters]).all(|n| *n < TOO_MANY)
        })
}

fn refuse(found: impl Into<String>) -> Error {
    Refusal::new(RefusalKind::MalformedProfile, found, "a profile made by `driftsiren profile`", "make it again").into()
}

impl Profile {
    /// The profile as a file. Numeric columns keep at most 6,000 values, others at most 4,096 labels: what was more is
    /// compacted, with its certified error.
    pub fn encode(&self) -> Vec<u8> {
        let mut file = Vec::with_capacity(HEADER_BYTES + self.body_bytes() + CHECKSUM_BYTES);
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&VERSION.to_le_bytes());
        // The length of the body, once it is known.
        file.extend_from_slice(&[0; size_of::<u64>()]);
        let body = self.body();
        let mut file =
            postcard::to_extend(&body, file).expect("a profile is plain data, and memory is not bounded here");
        let n_bytes = (file.len() - HEADER_BYTES) as u64;
        file[HEADER_BYTES - size_of::<u64>()..HEADER_BYTES].copy_from_slice(&n_bytes.to_le_bytes());
        let checksum = blake3::hash(&file);
        file.extend_from_slice(checksum.as_bytes());
        file
    }

    /// About how many bytes the body has: a file that grows bit by bit is copied again and again.
    fn body_bytes(&self) -> usize {
        /// Counts of a column, its name, and lengths of its lists.
        const OF_COLUMN: usize = 512;
        /// A label's length and count.
        const OF_LABEL: usize = 4;
        let of_column = |column: &ColumnProfile| {
            let n_values = [&column.numbers, &column.times].map(|sample| sample.values().len().min(FILE_VALUES));
            let (labels, counts) = column.tokens.listed();
            OF_COLUMN + n_values.iter().sum::<usize>() * size_of::<f64>() + labels.len() + counts.len() * OF_LABEL
        };
        self.columns.iter().map(of_column).sum()
    }

    fn body(&self) -> Body<'_> {
        let columns = self.columns.iter().map(encode_column).collect();
        let mut findings = self.findings.clone();
        // Postcard cannot skip absent fields, so the listed findings travel as they are only when they are complete.
        findings.listed.iter_mut().for_each(|finding| {
            finding.column.get_or_insert_with(String::new);
        });
        Body {
            name: self.name.clone(),
            format: self.format,
            n_rows: self.n_rows,
            n_bytes: self.n_bytes,
            input_hash: self.input_hash.clone(),
            findings,
            remarks: Cow::Borrowed(&self.remarks),
            options: self.options.clone(),
            columns,
        }
    }

    /// The profile in a file. Refused when it is damaged, cut short, of another version, or holds what no profile can.
    pub fn decode(file: &[u8]) -> Result<Self> {
        if !file.starts_with(MAGIC) {
            return Err(refuse("no profile"));
        }
        let header = file.get(..HEADER_BYTES).ok_or_else(|| refuse("a profile cut short"))?;
        let version = u16::from_le_bytes([header[6], header[7]]);
        if version != VERSION {
            return Err(refuse(format!("profile version {version}, this program reads {VERSION}")));
        }
        let length = header[8..].first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let whole = (HEADER_BYTES + CHECKSUM_BYTES) as u64;
        if length.checked_add(whole) != Some(file.len() as u64) {
            return Err(refuse(format!("{} bytes where its header says {}", file.len(), length.saturating_add(whole))));
        }
        let (signed, checksum) = file.split_at(file.len() - CHECKSUM_BYTES);
        if blake3::hash(signed).as_bytes() != checksum {
            return Err(refuse("a wrong checksum: the file is damaged"));
        }
        Self::from_body(&signed[HEADER_BYTES..])
    }

    fn from_body(body: &[u8]) -> Result<Self> {
        let body: Body<'_> = postcard::from_bytes(body).map_err(|error| refuse(error.to_string()))?;
        let mut findings = body.findings;
        let lenient = [findings.n_ragged_rows, findings.n_decoded_cells, findings.n_rejected_rows];
        if [body.n_rows, body.n_bytes].into_iter().chain(lenient).any(|n| n >= TOO_MANY) {
            return Err(refuse("counts beyond any input"));
        }
        if body.remarks.len() > MAX_REMARKS {
            return Err(refuse("more remarks than any input has"));
        }
        findings
            .listed
            .iter_mut()
            .for_each(|finding| finding.column = finding.column.take().filter(|name| !name.is_empty()));
        Ok(Self {
            columns: body.columns.into_iter().map(decode_column).collect::<Result<_>>()?,
            name: body.name,
            format: body.format,
            n_rows: body.n_rows,
            n_bytes: body.n_bytes,
            input_hash: body.input_hash,
            findings,
            remarks: body.remarks.into_owned(),
            options: body.options,
        })
    }

    /// BLAKE3 of everything that decides a comparison, hex. Does not depend on names of inputs.
    ///
    /// Numbers enter it by their XXH3 of 128 bits, which takes a fifth of the time: this tells whether two profiles hold
    /// the same, not whether somebody forged one. The hash of an input, which stands beside it in a receipt, does.
    pub fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.n_rows.to_le_bytes());
        for column in &self.columns {
            hash_column(&mut hasher, column);
        }
        hasher.finalize().to_hex().to_string()
    }
}

#[inline(never)]
fn hash_column(hasher: &mut blake3::Hasher, column: &ColumnProfile) {
    let text = |hasher: &mut blake3::Hasher, bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    text(hasher, column.name.as_bytes());
    let facts = serde_json::to_vec(&(&column.hint, &column.counts, &column.time_facts, &column.text_facts));
    text(hasher, &facts.expect("plain data serialises"));
    for sample in [&column.numbers, &column.times] {
        hasher.update(&hash_values(sample.values()).to_le_bytes());
        sample.weights().into_iter().flatten().for_each(|weight| {
            hasher.update(&weight.to_le_bytes());
        });
        hasher.update(&sample.n().to_le_bytes()).update(&sample.rank_error().to_le_bytes());
    }
    let mut labels: Vec<(&[u8], u64)> = column.tokens.iter().collect();
    labels.sort_unstable();
    let mut bytes = Vec::new();
    for (label, n) in labels {
        bytes.extend((label.len() as u64).to_le_bytes());
        bytes.extend(label);
        bytes.extend(n.to_le_bytes());
    }
    hasher.update(&bytes);
    hasher.update(&column.tokens.n_other().to_le_bytes());
}

fn hash_values(values: &[f64]) -> u128 {
    let mut hasher = XxHash3_128::new();
    for some in values.chunks(HASHED_VALUES) {
        let mut bytes = [[0; 8]; HASHED_VALUES];
        some.iter().zip(&mut bytes).for_each(|(value, bytes)| *bytes = value.to_le_bytes());
        hasher.write(bytes[..some.len()].as_flattened());
    }
    hasher.finish_128()
}

fn encode_column(column: &ColumnProfile) -> ColumnBody<'_> {
    let fit = |sample: &'_ Sample| {
        let mut smaller = Quantiles::new(FILE_VALUES);
        smaller.absorb(sample);
        smaller.seal()
    };
    let is_small = |sample: &Sample| sample.is_exact() && sample.values().len() <= FILE_VALUES;
    let fit = |sample| if is_small(sample) { Cow::Borrowed(sample) } else { Cow::Owned(fit(sample)) };
    let tokens = if column.tokens.len() <= FILE_LABELS {
        Cow::Borrowed(&column.tokens)
    } else {
        let mut fewer = Tokens::default();
        fewer.absorb(&column.tokens, FILE_LABELS);
        Cow::Owned(fewer)
    };
    let distinct = tokens.distinct().map(|distinct| Cow::Owned(distinct.registers().to_vec()));
    let (time_facts, text_facts) = (&column.time_facts, &column.text_facts);
    ColumnBody {
        name: Cow::Borrowed(&column.name),
        hint: column.hint.as_ref().map(|hint| serde_json::to_string(hint).expect("plain data serialises")),
        counts: column.counts,
        numbers: fit(&column.numbers),
        times: fit(&column.times),
        n_other: tokens.n_other(),
        count_error: tokens.count_error(),
        labels: Labels::Table(tokens),
        distinct,
        time_facts: (*time_facts != TimeFacts::default()).then_some(Cow::Borrowed(time_facts)),
        text_facts: (*text_facts != TextFacts::default()).then_some(Cow::Borrowed(text_facts)),
        odd: Cow::Borrowed(&column.odd),
        category_limit: column.category_limit as u64,
    }
}

fn decode_column(body: ColumnBody<'_>) -> Result<ColumnProfile> {
    let hint: Option<ColumnHint> = match &body.hint {
        Some(json) => Some(serde_json::from_str(json).map_err(|error| refuse(error.to_string()))?),
        None => None,
    };
    let distinct = match &body.distinct {
        Some(registers) => {
            Some(HyperLogLog::from_registers(registers).ok_or_else(|| refuse("an impossible distinct count"))?)
        }
        None => None,
    };
    let sum = body.labels.iter().try_fold(body.n_other, |sum, (_, n)| sum.checked_add(n));
    if sum.is_none() || body.odd.len() > 20 {
        return Err(refuse("impossible counts"));
    }
    if !body.numbers.is_possible() || !body.times.is_possible() {
        return Err(refuse("numbers out of order"));
    }
    let held = body.numbers.n().checked_add(body.times.n()).and_then(|n| n.checked_add(sum.unwrap_or(0)));
    let counts = body.counts;
    let odd = counts.n_null.checked_add(counts.n_pos_inf).and_then(|n| n.checked_add(counts.n_neg_inf));
    if held.zip(odd).and_then(|(held, odd)| held.checked_add(odd)) != Some(counts.n_rows) {
        return Err(refuse("counts that do not add up to the rows"));
    }
    if !is_addable(&body) {
        return Err(refuse("counts beyond any input"));
    }
    Ok(ColumnProfile {
        tokens: Tokens::from_parts(body.labels.iter(), body.n_other, body.count_error, distinct),
        name: body.name.into_owned(),
        hint,
        counts,
        numbers: body.numbers.into_owned(),
        times: body.times.into_owned(),
        time_facts: body.time_facts.map(Cow::into_owned).unwrap_or_default(),
        text_facts: body.text_facts.map(Cow::into_owned).unwrap_or_default(),
        odd: body.odd.into_owned(),
        category_limit: (body.category_limit as usize).clamp(64, 1 << 20),
    })
}

//! What an input is, by its content: names and extensions are never trusted.

use crate::error::{Error, Refusal, RefusalKind};
use crate::options::InputFormat;

/// How an input is compressed as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// gzip, of one or more members.
    Gzip,
    /// Zstandard, of one or more frames.
    Zstd,
}

/// What the first bytes of an input say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sniffed {
    /// Compression of the whole; when there is one, sniff again behind it for the format.
    pub compression: Compression,
    /// The format; `None` for text that is not JSON, and behind compression.
    pub format: Option<InputFormat>,
}

/// Members of a JSON object that may hold the rows: `{"rows": […]}`.
pub const ROW_KEYS: [&str; 3] = ["rows", "data", "records"];

/// Recognises compression and format in the first bytes of an input; a few KiB decide, 64 KiB are plenty.
///
/// Text in another encoding than UTF-8 is not looked into: decode it and call [`sniff_text`].
pub fn sniff(head: &[u8]) -> Sniffed {
    let compression = compression(head);
    let format = match head {
        _ if compression != Compression::None => None,
        [b'P', b'A', b'R', b'1' | b'E', ..] => Some(InputFormat::Parquet),
        _ if head.starts_with(crate::profile::MAGIC) => Some(InputFormat::Profile),
        _ => sniff_text(head),
    };
    Sniffed { compression, format }
}

/// How an input that begins so is compressed: a few bytes decide.
pub fn compression(head: &[u8]) -> Compression {
    match head {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        _ => Compression::None,
    }
}

/// Tells JSON and NDJSON from other text; `None` for the latter.
pub fn sniff_text(head: &[u8]) -> Option<InputFormat> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let after = || text[1..].trim_ascii_start().first();
    match text.first()? {
        // A CSV header may begin with a bracket too, but not with two.
        b'[' => matches!(after(), None | Some(b'{' | b'[' | b']')).then_some(InputFormat::Json),
        b'{' => matches!(after(), None | Some(b'"' | b'}')).then(|| sniff_object(text)),
        _ => None,
    }
}

/// Whether `text`, which begins an object, is a table in one object or the first line of many.
fn sniff_object(text: &[u8]) -> InputFormat {
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    let (mut string_start, mut last_string) = (0, &text[..0]);
    let (mut has_rows, mut has_line_end) = (false, false);
    for (index, byte) in text.iter().enumerate() {
        if quoted {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    quoted = false;
                    last_string = &text[string_start..index];
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => {
                quoted = true;
                string_start = index + 1;
            }
            b'[' if depth == 1 && ROW_KEYS.iter().any(|key| key.as_bytes() == last_string) => {
                has_rows |= matches!(text[index + 1..].trim_ascii_start().first(), None | Some(b'{' | b']'));
                depth += 1;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    let is_alone = text[index + 1..].trim_ascii().is_empty();
                    let is_table = has_line_end || (has_rows && is_alone);
                    return if is_table { InputFormat::Json } else { InputFormat::Ndjson };
                }
            }
            b'\n' => has_line_end = true,
            _ => {}
        }
    }
    if has_rows || has_line_end { InputFormat::Json } else { InputFormat::Ndjson }
}

/// First bytes of files that people drop by mistake: magic, what it is, what to do.
const KNOWN: [(&[u8], &str, &str); 29] = [
    (b"PK\x03\x04", "an Excel or zip file", "save the sheet as CSV, or unpack the archive"),
    (b"PK\x05\x06", "an empty zip file", "unpack the archive first"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel (.xls) or Office file", "save the sheet as CSV"),
    (b"ORC", "an ORC file", "convert it to Parquet, for example with pyarrow or DuckDB"),
    (b"Obj\x01", "an Avro file", "convert it to Parquet or NDJSON"),
    (b"ARROW1", "an Arrow or Feather file", "write it as Parquet: `pyarrow.parquet.write_table`"),
    (b"FEA1", "a Feather (version 1) file", "write it as Parquet: `pyarrow.parquet.write_table`"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "export the table to Parquet or CSV"),
    (b"\x93NUMPY", "a NumPy file", "write it as CSV or Parquet"),
    (b"\x80\x02}", "a Python pickle", "write the data frame with `to_parquet` or `to_csv`"),
    (b"\x80\x02c", "a Python pickle", "write the data frame with `to_parquet` or `to_csv`"),
    (b"\x80\x03", "a Python pickle", "write the data frame with `to_parquet` or `to_csv`"),
    (b"\x80\x04\x95", "a Python pickle", "write the data frame with `to_parquet` or `to_csv`"),
    (b"\x80\x05\x95", "a Python pickle", "write the data frame with `to_parquet` or `to_csv`"),
    (b"SQLite format 3\0", "an SQLite database", "export the table: `sqlite3 -header -csv file.db 'select …'`"),
    (b"%PDF-", "a PDF document", "export the table behind it as CSV"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", "give a table"),
    (b"\xff\xd8\xff", "a JPEG picture", "give a table"),
    (b"GIF8", "a GIF picture", "give a table"),
    (b"\x7fELF", "a program", "give a table"),
    (b"\0asm", "a WebAssembly module", "give a table"),
    (b"BZh", "a bzip2 file", "unpack it first, or compress with gzip or zstd"),
    (b"\xfd7zXZ\0", "an xz file", "unpack it first, or compress with gzip or zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack the archive first"),
    (b"\x04\x22\x4d\x18", "an lz4 file", "unpack it first, or compress with gzip or zstd"),
    (b"<stata_dta>", "a Stata file", "export it to CSV"),
    (b"$FL2", "an SPSS file", "export it to CSV"),
    (b"<!DOCTYPE", "a web page", "is this a login or error page instead of the download?"),
    (b"<html", "a web page", "is this a login or error page instead of the download?"),
];

/// Why an input that begins with `head` (behind any compression) cannot be a table, if that shows.
///
/// UTF-16 and UTF-32 text has zero bytes too, and is let through.
pub fn refuse_known(name: &str, head: &[u8]) -> Result<(), Error> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins = |magic: &[u8]| match text.get(..magic.len()) {
        Some(start) if magic.starts_with(b"<") => start.eq_ignore_ascii_case(magic),
        _ => head.starts_with(magic),
    };
    let is_tar = head.get(257..262) == Some(b"ustar");
    let known = KNOWN.iter().find(|(magic, ..)| begins(magic) && !is_header_text(magic, head));
    let (found, mend) = match known {
        Some((_, found, mend)) => (*found, *mend),
        None if is_tar => ("a tar archive", "unpack the archive first"),
        None if has_zeros(head) => {
            ("zero bytes: binary data", "export the data; for UTF-16 text give its encoding (`utf-16le`, `utf-16be`)")
        }
        None => return Ok(()),
    };
    let expected = "CSV, TSV, NDJSON, JSON, Parquet or a profile, plain or as .gz or .zst";
    Err(Refusal::new(RefusalKind::UnsupportedFormat, found, expected, mend).in_file(name).into())
}

/// Whether a magic of letters only may as well begin a header row: `ORC,price` is text.
fn is_header_text(magic: &[u8], head: &[u8]) -> bool {
    let letters = [b"ORC".as_slice(), b"BZh", b"GIF8", b"FEA1", b"$FL2", b"%PDF-", b"ARROW1"];
    let sample = &head[..head.len().min(512)];
    letters.contains(&magic)
        && magic != b"%PDF-"
        && sample.iter().all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// Whether `head` has zero bytes that are not those of UTF-16 or UTF-32 text.
fn has_zeros(head: &[u8]) -> bool {
    let sample = &head[..head.len().min(4096)];
    if !sample.contains(&0) || sample.starts_with(b"\xff\xfe") || sample.starts_with(b"\xfe\xff") {
        return false;
    }
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, many) = (zeros(0), zeros(1), sample.len() / 2 * 2 / 5);
    let is_utf_16 = sample.len() >= 4 && (even > many) != (odd > many);
    !is_utf_16
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::parquet(b"PAR1\x15\x04", Compression::None, Some(InputFormat::Parquet))]
    #[case::encrypted_parquet(b"PARE\x15\x04", Compression::None, Some(InputFormat::Parquet))]
    #[case::profile(b"DSPROF\x01", Compression::None, Some(InputFormat::Profile))]
    #[case::gzip(b"\x1f\x8b\x08\x00", Compression::Gzip, None)]
    #[case::zstd(b"\x28\xb5\x2f\xfd\x04", Compression::Zstd, None)]
    #[case::zstd_skippable(b"\x50\x2a\x4d\x18\x04\0\0\0", Compression::Zstd, None)]
    #[case::csv(b"a,b\n1,2\n", Compression::None, None)]
    #[case::empty(b"", Compression::None, None)]
    #[case::array(b" \n[\n {\"a\":1}]", Compression::None, Some(InputFormat::Json))]
    #[case::array_with_mark(b"\xef\xbb\xbf[{\"a\":1}]", Compression::None, Some(InputFormat::Json))]
    #[case::empty_array(b"[]", Compression::None, Some(InputFormat::Json))]
    #[case::bracketed_header(b"[id],[name]\n1,2\n", Compression::None, None)]
    #[case::lines(b"{\"a\":1}\n{\"a\":2}\n", Compression::None, Some(InputFormat::Ndjson))]
    #[case::one_line(b"{\"a\":1}", Compression::None, Some(InputFormat::Ndjson))]
    #[case::cut_line(b"{\"a\":\"12345", Compression::None, Some(InputFormat::Ndjson))]
    #[case::rows(b"{\"rows\":[{\"a\":1}]}", Compression::None, Some(InputFormat::Json))]
    #[case::cut_rows(b"{\"n\":1,\"data\": [ {\"a\":1},{\"a\"", Compression::None, Some(InputFormat::Json))]
    #[case::rows_as_a_column(b"{\"rows\":[{\"a\":1}]}\n{\"rows\":[]}", Compression::None, Some(InputFormat::Ndjson))]
    #[case::pretty(b"{\n  \"a\": 1\n}", Compression::None, Some(InputFormat::Json))]
    #[case::braces_in_text(b"{\"a\":\"}\\\"\\n{\"}\n{}", Compression::None, Some(InputFormat::Ndjson))]
    #[case::template(b"{{name}},b\n", Compression::None, None)]
    fn content_tells_compression_and_format(
        #[case] head: &[u8],
        #[case] compression: Compression,
        #[case] format: Option<InputFormat>,
    ) {
        assert_eq!(sniff(head), Sniffed { compression, format });
    }

    #[rstest]
    #[case(b"PK\x03\x04\x14\0\x06\0", "an Excel or zip file")]
    #[case(b"ORC\x82\xf4\x03", "an ORC file")]
    #[case(b"Obj\x01\x04", "an Avro file")]
    #[case(b"ARROW1\0\0", "an Arrow or Feather file")]
    #[case(b"\x89HDF\r\n\x1a\n\0", "an HDF5 file")]
    #[case(b"\x80\x04\x95\x10", "a Python pickle")]
    #[case(b"%PDF-1.7\n", "a PDF document")]
    #[case(b"\x89PNG\r\n\x1a\n\0\0", "a PNG picture")]
    #[case(b"\x7fELF\x02", "a program")]
    #[case(b"SQLite format 3\0\x10", "an SQLite database")]
    #[case(b"\n <!doctype html><html>", "a web page")]
    #[case(b"a,b\n1,\0\n2,3\n", "zero bytes: binary data")]
    fn a_file_of_another_kind_is_refused_by_its_name(#[case] head: &[u8], #[case] found: &str) {
        let error = refuse_known("data.csv", head).unwrap_err();
        assert_eq!(error.0.found, found);
        assert_eq!(error.0.kind, RefusalKind::UnsupportedFormat);
        assert_eq!(error.0.file.as_deref(), Some("data.csv"));
        assert!(!error.0.mend.is_empty());
    }

    #[rstest]
    #[case::utf_8(b"a,b\n1,2\n")]
    #[case::utf_16le_mark(b"\xff\xfea\0,\0b\0")]
    #[case::utf_16be_mark(b"\xfe\xff\0a\0,\0b")]
    #[case::utf_16le(b"a\0,\0b\0\n\x001\0,\x002\0")]
    #[case::utf_16be(b"\0a\0,\0b\0\n\x001\0,\x002")]
    #[case::latin_1(b"stra\xdfe,b\n")]
    #[case::header_like_magic(b"ORC,BZh\n1,2\n")]
    #[case::empty(b"")]
    fn text_in_any_encoding_is_let_through(#[case] head: &[u8]) {
        assert_eq!(refuse_known("data.csv", head), Ok(()));
    }
}

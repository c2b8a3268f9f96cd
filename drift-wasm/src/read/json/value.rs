//! JSON values within one line: where they end, and what they are.

use std::ops::Range;

use crate::cell::number::{self, Number};

/// One member's value; ranges are of the line, or of the reader's unescaped texts.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Boolean(bool),
    /// With its value where that took no more than reading the digits.
    Number(Range<usize>, Option<Number>),
    NotFinite(f64),
    Text(Range<usize>),
    Unescaped(Range<usize>),
    /// Of no column type: an array, an object too deep to flatten, a number beyond doubles.
    Invalid(Range<usize>),
}

/// What is wrong, and where in the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub at: usize,
    pub expected: &'static str,
    pub is_too_deep: bool,
}

impl Fault {
    pub fn new(at: usize, expected: &'static str) -> Self {
        Self { at, expected, is_too_deep: false }
    }
}

/// The first byte that is not blank, from `at`.
#[inline]
pub fn skip_blank(line: &[u8], mut at: usize) -> usize {
    while matches!(line.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

/// The end of the text whose first byte behind the quote is at `at` (the closing quote), and whether it has escapes.
#[inline]
pub fn text_end(line: &[u8], mut at: usize) -> Result<(usize, bool), Fault> {
    let mut is_escaped = false;
    loop {
        // Eight bytes at a time while there is no mark among them.
        while let Some(eight) = line.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let marks = marks(u64::from_le_bytes(*eight));
            at += marks.trailing_zeros() as usize / 8;
            if marks != 0 {
                break;
            }
        }
        match line.get(at) {
            Some(b'"') => return Ok((at, is_escaped)),
            Some(b'\\') => {
                is_escaped = true;
                at += 2;
            }
            Some(0..0x20) => return Err(Fault::new(at, "no control character in a text (write \\n as an escape)")),
            Some(_) => at += 1,
            None => return Err(Fault::new(line.len(), "`\"` at the end of a text")),
        }
    }
}

/// The high bit of the first byte, in little-endian order, that is a quote, a backslash or a control character; bits
/// above it mean nothing.
#[inline]
fn marks(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let equals = |byte: u8| {
        let zeros = word ^ (ONES * u64::from(byte));
        zeros.wrapping_sub(ONES) & !zeros
    };
    let is_control = word.wrapping_sub(ONES * 0x20) & !word;
    (equals(b'"') | equals(b'\\') | is_control) & (ONES << 7)
}

/// Undoes the escapes of a text, appending to `texts`. Half of a surrogate pair becomes U+FFFD.
pub fn unescape(line: &[u8], range: Range<usize>, texts: &mut Vec<u8>) -> Result<Range<usize>, Fault> {
    let start = texts.len();
    let mut at = range.start;
    while at < range.end {
        let byte = line[at];
        at += 1;
        if byte != b'\\' {
            texts.push(byte);
            continue;
        }
        let escape = line[at];
        at += 1;
        let character = match escape {
            b'"' | b'\\' | b'/' => escape,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let unit = hex4(line, at).ok_or(Fault::new(at, "four hexadecimal digits after \\u"))?;
                at += 4;
                let mut character = char::from_u32(unit);
                if (0xd800..0xdc00).contains(&unit)
                    && line[at..range.end].starts_with(b"\\u")
                    && let Some(low @ 0xdc00..0xe000) = hex4(line, at + 2)
                {
                    at += 6;
                    character = char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
                }
                let mut utf_8 = [0; 4];
                let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
                texts.extend_from_slice(character.encode_utf8(&mut utf_8).as_bytes());
                continue;
            }
            _ => return Err(Fault::new(at - 1, "an escape that JSON has")),
        };
        texts.push(character);
    }
    Ok(start..texts.len())
}

fn hex4(line: &[u8], at: usize) -> Option<u32> {
    let digits = line.get(at..at + 4)?;
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

/// A value that is neither text nor object: its cell, and where it ends.
pub fn scalar(line: &[u8], at: usize, is_strict: bool) -> Result<(Cell, usize), Fault> {
    let word = |text: &[u8], cell: Cell| {
        let end = at + text.len();
        let is_whole = line[at..].starts_with(text) && !line.get(end).is_some_and(u8::is_ascii_alphanumeric);
        if is_whole { Ok((cell, end)) } else { Err(Fault::new(at, "a value")) }
    };
    match line.get(at) {
        Some(b'n') => word(b"null", Cell::Null),
        Some(b't') => word(b"true", Cell::Boolean(true)),
        Some(b'f') => word(b"false", Cell::Boolean(false)),
        Some(b'N') if !is_strict => word(b"NaN", Cell::NotFinite(f64::NAN)),
        Some(b'I') if !is_strict => word(b"Infinity", Cell::NotFinite(f64::INFINITY)),
        Some(b'-') if !is_strict && line.get(at + 1) == Some(&b'I') => {
            word(b"-Infinity", Cell::NotFinite(f64::NEG_INFINITY))
        }
        Some(b'-' | b'0'..=b'9') => number(line, at),
        _ => Err(Fault::new(at, "a value")),
    }
}

#[inline]
fn number(line: &[u8], start: usize) -> Result<(Cell, usize), Fault> {
    match number::leading(&line[start..]) {
        Some((value, n)) => Ok((Cell::Number(start..start + n, Some(value)), start + n)),
        None => other_number(line, start),
    }
}

/// A number with an exponent, with very many digits, or with a mistake.
fn other_number(line: &[u8], start: usize) -> Result<(Cell, usize), Fault> {
    let digits = |mut at: usize| -> Result<usize, Fault> {
        let first = at;
        while line.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        if at > first { Ok(at) } else { Err(Fault::new(at, "a digit")) }
    };
    let first = start + usize::from(line[start] == b'-');
    let mut end = digits(first)?;
    if end > first + 1 && line[first] == b'0' {
        return Err(Fault::new(first, "a number without leading zeros"));
    }
    if line.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    let mut is_finite = end - start < 300;
    if matches!(line.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(line.get(end + 1), Some(b'+' | b'-')));
        end = digits(end + 1 + sign)?;
        is_finite = false;
    }
    let range = start..end;
    let beyond = !is_finite && !number::parse(&line[range.clone()]).is_some_and(is_double);
    Ok((if beyond { Cell::Invalid(range) } else { Cell::Number(range, None) }, end))
}

fn is_double(number: Number) -> bool {
    match number {
        Number::Integer(value) | Number::BigInteger(value) | Number::LeadingZero(value) | Number::Float(value) => {
            value.is_finite()
        }
        Number::NaN => false,
    }
}

/// Where the value at `at` ends; checks it on the way, to `depth` levels of nesting.
pub fn skip(line: &[u8], at: usize, depth: usize, is_strict: bool) -> Result<usize, Fault> {
    match line.get(at) {
        Some(b'"') => Ok(text_end(line, at + 1)?.0 + 1),
        Some(b'[' | b'{') if depth == 0 => Err(Fault { at, expected: "less nesting", is_too_deep: true }),
        Some(b'[') => {
            let mut at = skip_blank(line, at + 1);
            if line.get(at) == Some(&b']') {
                return Ok(at + 1);
            }
            loop {
                at = skip_blank(line, skip(line, at, depth - 1, is_strict)?);
                match line.get(at) {
                    Some(b',') => at = skip_blank(line, at + 1),
                    Some(b']') => return Ok(at + 1),
                    _ => return Err(Fault::new(at, "`,` or `]`")),
                }
            }
        }
        Some(b'{') => {
            let mut at = skip_blank(line, at + 1);
            if line.get(at) == Some(&b'}') {
                return Ok(at + 1);
            }
            loop {
                if line.get(at) != Some(&b'"') {
                    return Err(Fault::new(at, "a name in quotes"));
                }
                at = skip_blank(line, text_end(line, at + 1)?.0 + 1);
                if line.get(at) != Some(&b':') {
                    return Err(Fault::new(at, "`:`"));
                }
                at = skip_blank(line, skip(line, skip_blank(line, at + 1), depth - 1, is_strict)?);
                match line.get(at) {
                    Some(b',') => at = skip_blank(line, at + 1),
                    Some(b'}') => return Ok(at + 1),
                    _ => return Err(Fault::new(at, "`,` or `}`")),
                }
            }
        }
        _ => Ok(scalar(line, at, is_strict)?.1),
    }
}

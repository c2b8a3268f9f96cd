//! From an array of objects to one object a line.

use crate::error::{Refusal, RefusalKind, Result};
use crate::options::Limits;
use crate::read::sniff::ROW_KEYS;

/// Finds the elements of a JSON array, or of the array in `{"rows": […]}`, and writes each as a line.
///
/// Takes bytes in any pieces, holds none of them. Only the array's own structure is checked here; what is within the
/// elements is left to the reader of rows. Messages do not name the input: add it with [`crate::Error::in_file`].
pub struct ArraySplitter {
    place: Place,
    /// Open brackets, those around the array included.
    depth: usize,
    /// Depth within the array, outside its elements: 1, or 2 in a wrapper.
    array_depth: usize,
    is_quoted: bool,
    is_escaped: bool,
    /// The last text directly within the wrapper, as far as it may matter.
    key: Vec<u8>,
    /// Elements begun.
    n_elements: u64,
    element_bytes: usize,
    max_element_bytes: usize,
    max_depth: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    /// In `{…}` before its rows.
    Wrapper,
    /// Behind `[`, where an element or `]` may stand.
    First,
    /// Behind `,`.
    Next,
    /// In an object, array or text.
    Element,
    /// In a number or a word.
    Scalar,
    /// Behind an element.
    After,
    /// In `{…}` behind its rows.
    Rest,
    /// Behind everything.
    End,
}

impl ArraySplitter {
    /// A splitter of one document.
    pub fn new(limits: &Limits) -> Self {
        Self {
            place: Place::Start,
            depth: 0,
            array_depth: 1,
            is_quoted: false,
            is_escaped: false,
            key: Vec::new(),
            n_elements: 0,
            element_bytes: 0,
            max_element_bytes: limits.max_record_bytes,
            max_depth: limits.max_json_depth,
        }
    }

    /// Takes the next bytes and hands out lines, in pieces that need not be whole lines.
    pub fn push(&mut self, bytes: &[u8], emit: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut lines = Vec::with_capacity(bytes.len() + 16);
        let mut rest = bytes;
        while !rest.is_empty() {
            let n = match self.place {
                Place::Element => self.copy_element(rest, &mut lines)?,
                Place::Wrapper | Place::Rest => self.skip_in_wrapper(rest[0])?,
                Place::Start | Place::First | Place::Next | Place::Scalar | Place::After | Place::End => {
                    self.step(rest[0], &mut lines)?
                }
            };
            rest = &rest[n..];
        }
        if lines.is_empty() { Ok(()) } else { emit(&lines) }
    }

    /// Ends the document; one that is cut short is refused.
    pub fn finish(self) -> Result<()> {
        match self.place {
            Place::End => Ok(()),
            Place::Start => Err(Refusal::new(RefusalKind::Empty, "no text", "an array of objects", "").into()),
            Place::Wrapper | Place::Rest => Err(self.refuse("the end of the input within an object", "`}`")),
            Place::First | Place::Next | Place::Element | Place::Scalar | Place::After => {
                Err(self.refuse("the end of the input within the array", "`]`; is the file complete?"))
            }
        }
    }

    fn refuse(&self, found: impl Into<String>, expected: &str) -> crate::error::Error {
        let refusal = Refusal::new(
            RefusalKind::MalformedInput,
            found,
            expected,
            "give an array of objects, `{\"rows\": […]}`, or one object a line; with pandas `to_json(orient=\"records\")`",
        );
        let refusal = if self.n_elements > 0 { refusal.at_row(self.n_elements) } else { refusal };
        refusal.into()
    }

    /// One byte outside elements; returns the number of bytes used.
    fn step(&mut self, byte: u8, lines: &mut Vec<u8>) -> Result<usize> {
        if self.place == Place::Scalar {
            if !matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n') {
                self.grow(1)?;
                lines.push(byte);
                return Ok(1);
            }
            lines.push(b'\n');
            self.place = Place::After;
        }
        if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            return Ok(1);
        }
        let found =
            if byte == b'/' { "`/` (JSON has no comments)".to_owned() } else { format!("`{}`", byte.escape_ascii()) };
        match (self.place, byte) {
            (Place::Start, b'[') => (self.place, self.depth, self.array_depth) = (Place::First, 1, 1),
            (Place::Start, b'{') => (self.place, self.depth) = (Place::Wrapper, 1),
            // A byte order mark.
            (Place::Start, 0xef | 0xbb | 0xbf) => {}
            (Place::First | Place::After, b']') => {
                self.depth -= 1;
                self.place = if self.depth == 0 { Place::End } else { Place::Rest };
            }
            (Place::After, b',') => self.place = Place::Next,
            (Place::First | Place::Next, b'{' | b'[' | b'"') => {
                (self.place, self.element_bytes) = (Place::Element, 0);
                self.n_elements += 1;
                return Ok(0);
            }
            (Place::First | Place::Next, b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') => {
                (self.place, self.element_bytes) = (Place::Scalar, 0);
                self.n_elements += 1;
                return Ok(0);
            }
            (Place::Start, _) => return Err(self.refuse(found, "`[` or `{`")),
            (Place::Next, b']') => return Err(self.refuse("a comma before `]`", "another element")),
            (Place::First | Place::Next, _) => return Err(self.refuse(found, "an object")),
            (Place::After, _) => return Err(self.refuse(found, "`,` or `]` behind an element")),
            (Place::Wrapper | Place::Element | Place::Scalar | Place::Rest | Place::End, _) => {
                return Err(self.refuse(format!("{found} behind the end"), "one document"));
            }
        }
        Ok(1)
    }

    /// Copies an element as far as `bytes` go; returns the number of bytes used.
    fn copy_element(&mut self, bytes: &[u8], lines: &mut Vec<u8>) -> Result<usize> {
        let start = lines.len();
        let mut copied = 0;
        for (index, byte) in bytes.iter().enumerate() {
            if self.is_quoted {
                match byte {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => self.is_quoted = false,
                    b'\n' => {
                        // No line end may stand in a text: another control character leaves that to the reader of rows.
                        lines.extend_from_slice(&bytes[copied..index]);
                        lines.push(1);
                        copied = index + 1;
                    }
                    _ => continue,
                }
            } else {
                match byte {
                    b'"' => self.is_quoted = true,
                    b'{' | b'[' => self.deepen()?,
                    b'}' | b']' => self.depth -= 1,
                    b'\n' => {
                        lines.extend_from_slice(&bytes[copied..index]);
                        lines.push(b' ');
                        copied = index + 1;
                    }
                    _ => continue,
                }
            }
            if !self.is_quoted && self.depth == self.array_depth {
                lines.extend_from_slice(&bytes[copied..=index]);
                self.grow(lines.len() - start)?;
                lines.push(b'\n');
                self.place = Place::After;
                return Ok(index + 1);
            }
        }
        lines.extend_from_slice(&bytes[copied..]);
        self.grow(lines.len() - start)?;
        Ok(bytes.len())
    }

    fn deepen(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > self.array_depth + self.max_depth {
            let max = self.max_depth;
            let found = format!("JSON nested deeper than {max} levels");
            let refusal =
                Refusal::new(RefusalKind::JsonTooDeep, found, format!("at most {max}"), "leave the column out");
            return Err(refusal.at_row(self.n_elements).into());
        }
        Ok(())
    }

    fn grow(&mut self, n: usize) -> Result<()> {
        self.element_bytes += n;
        if self.element_bytes > self.max_element_bytes {
            let max = self.max_element_bytes;
            let found = format!("a row of more than {max} bytes");
            let refusal =
                Refusal::new(RefusalKind::RecordTooLong, found, format!("at most {max}"), "is a quote left open?");
            return Err(refusal.at_row(self.n_elements).into());
        }
        Ok(())
    }

    /// One byte of the object around the rows; returns the number of bytes used.
    fn skip_in_wrapper(&mut self, byte: u8) -> Result<usize> {
        if self.is_quoted {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.is_quoted = false,
                _ if self.key.len() < 16 => self.key.push(byte),
                _ => {}
            }
            return Ok(1);
        }
        match byte {
            b'"' => {
                self.is_quoted = true;
                self.key.clear();
            }
            b'[' if self.place == Place::Wrapper
                && self.depth == 1
                && ROW_KEYS.iter().any(|key| key.as_bytes() == self.key) =>
            {
                (self.depth, self.array_depth, self.place) = (2, 2, Place::First);
            }
            b'{' | b'[' => self.deepen()?,
            b'}' | b']' => {
                self.depth -= 1;
                if self.depth == 0 && self.place == Place::Wrapper {
                    let found = "an object without rows".to_owned();
                    return Err(self.refuse(found, "an array of objects named `rows`, `data` or `records` in it"));
                }
                if self.depth == 0 {
                    self.place = Place::End;
                }
            }
            _ => {}
        }
        Ok(1)
    }
}

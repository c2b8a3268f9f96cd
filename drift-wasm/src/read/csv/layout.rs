//! Text that departs from RFC 4180 on its way to the splitter: brought into its form, line by line.

use crate::read::csv::dialect::{DELIMITERS, NO_DELIMITER};
use crate::read::scan::Marks;

/// How a text departs from RFC 4180.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// What lines of comments begin with; empty when there are none.
    pub comment: Vec<u8>,
    /// Whether a backslash within quotes takes the meaning from the quote or backslash after it.
    pub has_escapes: bool,
    /// Blanks that end a cell, at least; 0 when a mark does. The cells get tabs between them.
    pub min_blanks: usize,
}

impl Layout {
    /// Whether the text is as RFC 4180 has it.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// `text`, which is the beginning of an input or all of it, in the form of RFC 4180.
    pub fn straighten(&self, text: &[u8], marks: Marks) -> Vec<u8> {
        let mut straightener = Straightener::new(self.clone(), marks);
        let mut out = Vec::with_capacity(text.len());
        straightener.push(text, &mut out);
        straightener.finish(&mut out);
        out
    }
}

/// Where the straightener stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the start of a line, behind so many bytes of the mark of comments.
    Line(usize),
    /// Within a comment.
    Comment,
    /// At the start of a cell.
    Cell,
    /// Within a cell without quotes, or behind the closing one.
    Bare,
    /// Within quotes.
    Quoted,
    /// Behind a quote within quotes: it closes, or doubles the next.
    Closing,
    /// Within quotes, behind a backslash.
    Escaped,
}

/// Brings a text, pushed piece by piece, into the form of RFC 4180. Lines keep their number: a comment becomes empty.
#[derive(Debug, Clone)]
pub(crate) struct Straightener {
    layout: Layout,
    marks: Marks,
    place: Place,
    /// Whether nothing of the line came yet but blanks.
    is_first: bool,
    /// Blanks since the last other byte.
    n_blanks: usize,
}

impl Straightener {
    /// A straightener at the beginning of a text.
    pub fn new(layout: Layout, marks: Marks) -> Self {
        Self { layout, marks, place: Place::Line(0), is_first: true, n_blanks: 0 }
    }

    /// Takes the next bytes, and puts what they become behind `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        out.reserve(bytes.len());
        bytes.iter().for_each(|byte| self.take(*byte, out));
    }

    /// Ends the text.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if let Place::Line(n) = self.place {
            out.extend_from_slice(&self.layout.comment[..n]);
        }
        if self.place == Place::Escaped {
            out.push(b'\\');
        }
    }

    fn take(&mut self, byte: u8, out: &mut Vec<u8>) {
        let Self { layout, marks, .. } = self;
        match self.place {
            Place::Line(n) if layout.comment.get(n) == Some(&byte) => {
                let is_whole = n + 1 == layout.comment.len();
                self.place = if is_whole { Place::Comment } else { Place::Line(n + 1) };
            }
            Place::Line(0) if layout.min_blanks > 0 && matches!(byte, b' ' | b'\t') => {}
            Place::Line(n) => {
                out.extend_from_slice(&layout.comment[..n]);
                self.place = if n == 0 { Place::Cell } else { Place::Bare };
                self.take(byte, out);
            }
            Place::Comment if byte != marks.newline => {}
            Place::Quoted if layout.has_escapes && byte == b'\\' => self.place = Place::Escaped,
            Place::Quoted => {
                self.place = if byte == marks.quote { Place::Closing } else { Place::Quoted };
                out.push(byte);
            }
            Place::Closing if byte == marks.quote => {
                self.place = Place::Quoted;
                out.push(byte);
            }
            Place::Escaped => {
                if byte == marks.quote {
                    out.push(byte);
                } else if byte != b'\\' {
                    out.push(b'\\');
                }
                out.push(byte);
                self.place = Place::Quoted;
            }
            Place::Comment | Place::Cell | Place::Bare | Place::Closing => self.take_outside(byte, out),
        }
    }

    /// Takes a byte outside quotes and comments.
    fn take_outside(&mut self, byte: u8, out: &mut Vec<u8>) {
        let Self { layout, marks, .. } = self;
        let has_blanks = layout.min_blanks > 0;
        if has_blanks && matches!(byte, b' ' | b'\t') {
            if self.place == Place::Closing {
                self.place = Place::Bare;
            }
            self.n_blanks += if byte == b'\t' { layout.min_blanks } else { 1 };
            return;
        }
        if byte == marks.newline || (has_blanks && byte == b'\r') {
            self.n_blanks = 0;
            if byte == marks.newline {
                (self.place, self.is_first) = (Place::Line(0), true);
            }
            out.push(byte);
            return;
        }
        if self.n_blanks > 0 {
            let ends_cell = self.n_blanks >= layout.min_blanks;
            match (self.is_first, ends_cell) {
                // Blanks before the first cell of a line only line it up.
                (true, _) => {}
                (false, true) => {
                    out.push(b'\t');
                    self.place = Place::Cell;
                }
                (false, false) => out.extend(std::iter::repeat_n(b' ', self.n_blanks)),
            }
            self.n_blanks = 0;
        }
        self.is_first = false;
        let opens = byte == marks.quote && self.place == Place::Cell;
        self.place = if opens {
            Place::Quoted
        } else if !has_blanks && ends_cell(byte, *marks) {
            Place::Cell
        } else {
            Place::Bare
        };
        out.push(byte);
    }
}

/// Whether a byte outside quotes ends a cell; before the delimiter is known, any that could be it.
fn ends_cell(byte: u8, marks: Marks) -> bool {
    byte == marks.delimiter || (marks.delimiter == NO_DELIMITER && DELIMITERS.contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const MARKS: Marks = Marks { delimiter: b',', newline: b'\n', quote: b'"' };

    fn layout(comment: &str, has_escapes: bool, min_blanks: usize) -> Layout {
        Layout { comment: comment.as_bytes().to_vec(), has_escapes, min_blanks }
    }

    #[rstest]
    #[case::comments("# a\n1,2\n#\n\"x\n# y\",3\n#z", layout("#", false, 0), "\n1,2\n\n\"x\n# y\",3\n")]
    #[case::comments_of_two("// a\n/b,2\n1,//\n/", layout("//", false, 0), "\n/b,2\n1,//\n/")]
    #[case::a_comment_with_a_quote("# \"a\n1,2\n", layout("#", false, 0), "\n1,2\n")]
    #[case::escapes(r#""a \"b\", c",\"d,"\\","x\n""#, layout("", true, 0), r#""a ""b"", c",\"d,"\","x\n""#)]
    #[case::doubled(r#""a ""b\"c"" d",1"#, layout("", true, 0), r#""a ""b""c"" d",1"#)]
    #[case::blanks("  a   b\r\n 1\t2  \n\n\"x  y\" 3\n", layout("", false, 1), "a\tb\r\n1\t2\n\n\"x  y\"\t3\n")]
    #[case::two_blanks("a b   c d\n  e  f\n", layout("", false, 2), "a b\tc d\ne\tf\n")]
    #[case::a_comment_before_blanks("  # a b\n 1 2\n", layout("#", false, 1), "\n1\t2\n")]
    fn text_gets_the_form_of_the_standard(#[case] text: &str, #[case] layout: Layout, #[case] expected: &str) {
        let marks = if layout.min_blanks > 0 { Marks { delimiter: b'\t', ..MARKS } } else { MARKS };
        let straight = layout.straighten(text.as_bytes(), marks);
        assert_eq!(String::from_utf8_lossy(&straight), expected);
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(
            text in proptest::collection::vec(prop_oneof![
                Just(b'#'), Just(b'/'), Just(b'\n'), Just(b'"'), Just(b'\\'), Just(b' '), Just(b','), any::<u8>()], 0..200),
            at in 0_usize..200,
            comment in prop_oneof![Just(""), Just("#"), Just("//")],
            has_escapes: bool,
            min_blanks in 0_usize..3,
        ) {
            let layout = layout(comment, has_escapes, min_blanks);
            let mut straightener = Straightener::new(layout.clone(), MARKS);
            let (first, second) = text.split_at(at.min(text.len()));
            let (mut out, mut rest) = (Vec::new(), Vec::new());
            straightener.push(first, &mut out);
            straightener.push(second, &mut rest);
            straightener.finish(&mut rest);
            out.extend(rest);
            prop_assert_eq!(&out, &layout.straighten(&text, MARKS));
            let lines = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count();
            prop_assert_eq!(lines(&out), lines(&text), "lines keep their numbers");
            if layout.is_plain() {
                prop_assert_eq!(out, text);
            }
        }
    }
}

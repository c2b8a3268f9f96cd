//! The shape of a text: letters as `A`, digits as `9`, everything else as it is: `AB-9999`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::profile::tokens::Tokens;

/// Shapes held of a column; beyond, the rarest are folded into `n_other`.
pub const SHAPE_LIMIT: usize = 256;
/// Letters in a row that are written out; more are `A…`.
const LETTERS: usize = 4;
/// Digits in a row that are written out; more are `9…`.
const DIGITS: usize = 20;
/// Runs of letters and digits without a mark between them from which on their order is chance: `X`.
const MIXED_RUNS: usize = 5;
/// Length from which a mixed run says its length: a hash or a token has one.
const TOKEN: usize = 8;
/// Longest shape, in bytes.
const LONGEST: usize = 64;
/// What a text of several words is: their number and order are chance.
const WORDS: &str = "A A…";

/// Lower-case and upper-case ASCII letters, digits, white space, punctuation, other characters, continuation bytes.
pub const N_CLASSES: usize = 7;
const LOWER: u8 = 0;
const UPPER: u8 = 1;
const DIGIT: u8 = 2;
const SPACE: u8 = 3;
const PUNCTUATION: u8 = 4;
const OTHER: u8 = 5;
const CONTINUATION: u8 = 6;

const CLASSES: [u8; 256] = {
    let mut classes = [PUNCTUATION; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            b' ' | b'\t' | b'\n' | b'\r' => SPACE,
            0x80..=0xbf => CONTINUATION,
            0xc0.. => OTHER,
            _ => PUNCTUATION,
        };
        byte += 1;
    }
    classes
};

/// Rows by shape.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shapes {
    /// Shape and rows, at most 256.
    pub counts: BTreeMap<String, u64>,
    /// Rows whose shape is not held: each such shape is rarer than one in 128.
    pub n_other: u64,
}

impl Shapes {
    /// Adds `n` rows of a shape.
    pub fn add(&mut self, shape: &str, n: u64) {
        if let Some(held) = self.counts.get_mut(shape) {
            *held += n;
        } else if n > 0 {
            self.counts.insert(shape.to_owned(), n);
        }
    }

    /// Adds the other's rows. Deterministic; exact while no more than 256 shapes were seen.
    pub fn merge(&mut self, other: &Self) {
        other.counts.iter().for_each(|(shape, n)| self.add(shape, *n));
        self.n_other += other.n_other;
        self.trim();
    }

    /// Whether every shape is held.
    pub fn is_exact(&self) -> bool {
        self.n_other == 0
    }

    /// Whether it is what [`Shapes::merge`] can have made of `n` rows.
    pub(crate) fn is_possible(&self, n: u64) -> bool {
        self.counts.len() <= SHAPE_LIMIT
            && self.counts.values().try_fold(self.n_other, |sum, n| sum.checked_add(*n)).is_some_and(|sum| sum <= n)
    }

    fn trim(&mut self) {
        if self.counts.len() <= SHAPE_LIMIT {
            return;
        }
        let mut order: Vec<(String, u64)> = std::mem::take(&mut self.counts).into_iter().collect();
        order.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let dropped = order.split_off(SHAPE_LIMIT / 2);
        self.n_other += dropped.iter().map(|(_, n)| n).sum::<u64>();
        self.counts = order.into_iter().collect();
    }
}

/// Counts shapes of many texts, most of which have the shape of the one before.
#[derive(Default)]
pub struct ShapeCounter {
    held: Tokens,
    last: Shape,
    n_last: u64,
    next: Shape,
}

impl ShapeCounter {
    /// Counts a text `n` times; its characters by class, and whether digits in it begin with a zero: `AB-0012`.
    #[inline]
    pub fn add(&mut self, text: &[u8], n: u64) -> ([u64; N_CLASSES], bool) {
        let found = self.next.set(text);
        if self.next.bytes() == self.last.bytes() {
            self.n_last += n;
        } else {
            self.flush();
            std::mem::swap(&mut self.last, &mut self.next);
            self.n_last = n;
        }
        found
    }

    fn flush(&mut self) {
        if self.n_last > 0 {
            self.held.add(self.last.bytes(), self.n_last);
            self.n_last = 0;
        }
    }

    /// The shapes.
    pub fn finish(mut self) -> Shapes {
        self.flush();
        let mut shapes = Shapes::default();
        for (shape, n) in self.held.iter() {
            shapes.add(&String::from_utf8_lossy(shape), n);
        }
        shapes.trim();
        shapes
    }
}

/// The shape of one text.
pub fn shape(text: &[u8]) -> String {
    let mut shape = Shape::default();
    shape.set(text);
    String::from_utf8_lossy(shape.bytes()).into_owned()
}

struct Shape {
    bytes: [u8; LONGEST],
    length: usize,
    is_full: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self { bytes: [0; LONGEST], length: 0, is_full: false }
    }
}

impl Shape {
    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn push(&mut self, text: &[u8]) {
        let ellipsis = "…".as_bytes();
        if self.is_full {
            return;
        }
        let is_full = self.length + text.len() + ellipsis.len() > LONGEST;
        let text = if is_full { ellipsis } else { text };
        self.bytes[self.length..self.length + text.len()].copy_from_slice(text);
        self.length += text.len();
        self.is_full = is_full;
    }

    fn push_run(&mut self, class: u8, length: usize) {
        let (written, longer, most): (&[u8], &str, usize) =
            if class == DIGIT { (b"99999999999999999999", "9…", DIGITS) } else { (b"AAAA", "A…", LETTERS) };
        self.push(if length <= most { &written[..length] } else { longer.as_bytes() });
    }

    /// Becomes the shape of `text`; its characters by class, and whether digits in it begin with a zero.
    fn set(&mut self, text: &[u8]) -> ([u64; N_CLASSES], bool) {
        (self.length, self.is_full) = (0, false);
        let mut classes = [0_u64; N_CLASSES];
        let (mut has_zero, mut n_gaps, mut at) = (false, 0, 0);
        while at < text.len() {
            let class = CLASSES[usize::from(text[at])];
            if class == SPACE {
                let end = end_of(text, at, |class| class == SPACE);
                classes[usize::from(SPACE)] += (end - at) as u64;
                n_gaps += u32::from(at > 0 && end < text.len());
                self.push(b" ");
                at = end;
            } else if class == PUNCTUATION {
                let end = at + text[at..].iter().take_while(|byte| **byte == text[at]).count();
                classes[usize::from(PUNCTUATION)] += (end - at) as u64;
                self.push(if text[at] < b' ' { b"?" } else { &text[at..=at] });
                if end - at > 1 {
                    self.push(if end - at == 2 { &text[at..=at] } else { "…".as_bytes() });
                }
                at = end;
            } else {
                at = self.set_word(text, at, &mut classes, &mut has_zero);
            }
        }
        if n_gaps >= 2 {
            (self.length, self.is_full) = (0, false);
            self.push(WORDS.as_bytes());
        }
        (classes, has_zero)
    }

    /// Letters and digits from `at` on; where they end.
    fn set_word(&mut self, text: &[u8], at: usize, classes: &mut [u64; N_CLASSES], has_zero: &mut bool) -> usize {
        let (mut runs, mut n_runs, mut end, mut n_characters) = ([(DIGIT, 0); MIXED_RUNS], 0, at, 0);
        let mut zero = false;
        while end < text.len() {
            let start = end;
            let is_digit = text[start].is_ascii_digit();
            let mut length = 0;
            while end < text.len() {
                let class = CLASSES[usize::from(text[end])];
                if (class == DIGIT) != is_digit || class == SPACE || class == PUNCTUATION {
                    break;
                }
                classes[usize::from(class)] += 1;
                length += usize::from(class != CONTINUATION);
                end += 1;
            }
            if end == start {
                break;
            }
            zero |= is_digit && length > 1 && text[start] == b'0';
            if n_runs < MIXED_RUNS {
                runs[n_runs] = (if is_digit { DIGIT } else { LOWER }, length);
            }
            n_runs += 1;
            n_characters += length;
        }
        if n_runs < MIXED_RUNS {
            *has_zero |= zero;
            runs[..n_runs].iter().for_each(|(class, length)| self.push_run(*class, *length));
        } else if n_characters < TOKEN {
            self.push(b"X");
        } else {
            self.push(format!("X{{{n_characters}}}").as_bytes());
        }
        end
    }
}

fn end_of(text: &[u8], at: usize, is_in: impl Fn(u8) -> bool) -> usize {
    at + text[at..].iter().take_while(|byte| is_in(CLASSES[usize::from(**byte)])).count()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", "")]
    #[case("AB-1234", "AA-9999")]
    #[case("01234", "99999")]
    #[case("1.23457E+15", "9.99999A+99")]
    #[case("Müller", "A…")]
    #[case("Jörg", "AAAA")]
    #[case("SW1A 1AA", "AA9A 9AA")]
    #[case("  AB ", " AA ")]
    #[case("one two", "AAA AAA")]
    #[case("the quick brown fox, 7 times", "A A…")]
    #[case("a3f9c2d1e5b60718", "X{16}")]
    #[case("a1b2c", "X")]
    #[case("--", "--")]
    #[case("-----", "-…")]
    #[case("123456789012345678901", "9…")]
    #[case(
        "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.a.b.c.d.e.f.g.h",
        "A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A.A…"
    )]
    fn letters_become_a_and_digits_nine(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(shape(text.as_bytes()), expected);
    }

    #[rstest]
    #[case("AB-0012", true)]
    #[case("AB-12", false)]
    #[case("0", false)]
    #[case("a0b0c0d0e00", false)]
    fn digits_that_begin_with_a_zero_are_seen(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(ShapeCounter::default().add(text.as_bytes(), 1).1, expected);
    }

    #[test]
    fn more_shapes_than_are_held_become_other_in_one_way() {
        let mut shapes = Shapes::default();
        for (a, b, c) in (0..20).flat_map(|a| (0..5).flat_map(move |b| (0..5).map(move |c| (a, b, c)))) {
            let text = format!("{}{}-{}", "9".repeat(a), "-A".repeat(b), "9".repeat(c));
            shapes.merge(&Shapes { counts: [(shape(text.as_bytes()), a as u64 + 1)].into(), n_other: 0 });
        }
        let n: u64 = shapes.counts.values().sum();
        assert!(shapes.counts.len() <= SHAPE_LIMIT && shapes.n_other > 0);
        assert_eq!(n + shapes.n_other, (0..20).map(|a| (a + 1) * 25).sum::<u64>());
        assert!(shapes.is_possible(n + shapes.n_other) && !shapes.is_possible(n));
    }
}

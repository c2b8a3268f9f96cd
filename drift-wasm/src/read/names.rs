//! Names of columns, one behind the other in one piece of memory: a row alone has twenty of them.

/// Names by number. Any bytes; whoever reads them as text gets U+FFFD for what is no UTF-8.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Names {
    /// None yet, with room for so many of usual length.
    pub fn with_capacity(n: usize) -> Self {
        const USUAL_LENGTH: usize = 16;
        Self { bytes: Vec::with_capacity(n * USUAL_LENGTH), ends: Vec::with_capacity(n) }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The name of this number, if there is one.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        Some(&self.bytes[start..end])
    }

    /// Takes one more.
    pub fn push(&mut self, name: &[u8]) {
        self.bytes.extend_from_slice(name);
        self.ends.push(self.bytes.len());
    }

    /// Keeps the first `n`.
    pub fn truncate(&mut self, n: usize) {
        self.ends.truncate(n);
        self.bytes.truncate(self.ends.last().copied().unwrap_or(0));
    }

    /// The names as text.
    pub fn into_text(self) -> TextNames {
        let Self { bytes, ends } = self;
        match String::from_utf8(bytes) {
            // Ends that cut a character belong to names that are no text by themselves.
            Ok(text) if ends.iter().all(|end| text.is_char_boundary(*end)) => TextNames { text, ends },
            Ok(text) => Self { bytes: text.into_bytes(), ends }.mended(),
            Err(error) => Self { bytes: error.into_bytes(), ends }.mended(),
        }
    }

    fn mended(&self) -> TextNames {
        let mut mended = TextNames::default();
        for name in (0..self.len()).filter_map(|index| self.get(index)) {
            mended.text.push_str(&String::from_utf8_lossy(name));
            mended.ends.push(mended.text.len());
        }
        mended
    }
}

/// Names that are text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextNames {
    text: String,
    ends: Vec<usize>,
}

impl TextNames {
    /// The names in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.text[start..*end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[&[u8]]) -> Names {
        let mut names = Names::with_capacity(2);
        all.iter().for_each(|name| names.push(name));
        names
    }

    #[test]
    fn names_are_found_by_number() {
        let mut names = names(&[b"a", b"", b"long"]);
        assert_eq!(
            [names.get(0), names.get(1), names.get(2), names.get(3)],
            [Some(&b"a"[..]), Some(b""), Some(b"long"), None]
        );
        names.truncate(2);
        names.push(b"b");
        assert_eq!((names.len(), names.get(2)), (3, Some(&b"b"[..])));
        assert_eq!(names.into_text().iter().collect::<Vec<_>>(), ["a", "", "b"]);
    }

    #[test]
    fn each_name_is_text_by_itself() {
        // Together they would be `é`; apart they are nothing.
        assert_eq!(names(&[b"a\xc3", b"\xa9"]).into_text().iter().collect::<Vec<_>>(), ["a\u{fffd}", "\u{fffd}"]);
        assert_eq!(names(&[b"\xff", "é".as_bytes()]).into_text().iter().collect::<Vec<_>>(), ["\u{fffd}", "é"]);
    }
}

//! A cell as text.

use std::borrow::Cow;

/// UTF-8, or Windows-1252 for bytes that are not.
pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
    }
}

/// A byte of Windows-1252, which differs from Latin-1 where that has control characters.
fn windows_1252(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => FROM_80[usize::from(byte) - 0x80],
        other => char::from(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_1252_is_that_of_the_standard() {
        for byte in 0..=255 {
            let bytes = [byte];
            let expected = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0;
            assert_eq!(String::from(windows_1252(byte)), expected, "byte {byte:#x}");
        }
    }
}

//! Encodings of text: found, named, decoded to UTF-8 piece by piece.
//!
//! Tables come with `encoding_rs`, and in a browser with the browser: both follow the WHATWG standard.

/// An encoding by its WHATWG name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(platform::Name);

impl Encoding {
    /// The encoding of a WHATWG label; `latin-1` and the like are known without their hyphens too.
    pub fn named(label: &str) -> Option<Self> {
        platform::named(label).or_else(|| platform::named(&label.replace(['-', '_'], ""))).map(Self)
    }

    /// Whether text in it is taken as it is.
    pub fn is_utf8(self) -> bool {
        platform::is_utf8(self.0)
    }

    /// By byte order mark, by zero bytes in every other place (UTF-16), by validity (UTF-8), else Windows-1252.
    pub fn sniff(head: &[u8]) -> Self {
        let name = match sniffed(head) {
            "utf-8" => platform::UTF_8,
            other => platform::named(other).expect("every platform has the encodings that are sniffed"),
        };
        Self(name)
    }
}

fn sniffed(head: &[u8]) -> &'static str {
    match head {
        [0xef, 0xbb, 0xbf, ..] => return "utf-8",
        [0xff, 0xfe, ..] => return "utf-16le",
        [0xfe, 0xff, ..] => return "utf-16be",
        _ => {}
    }
    let sample = &head[..head.len().min(4096) & !1];
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let many = sample.len() / 2 * 2 / 5;
    if sample.len() >= 4 && sample.contains(&0) {
        match (zeros(0) > many, zeros(1) > many) {
            (true, false) => return "utf-16be",
            (false, true) => return "utf-16le",
            _ => {}
        }
    }
    match std::str::from_utf8(head) {
        Ok(_) => "utf-8",
        // Cut within a character at the end of what is there.
        Err(error) if error.error_len().is_none() => "utf-8",
        Err(_) => "windows-1252",
    }
}

/// Turns a stream of one encoding into UTF-8; what cannot be decoded becomes U+FFFD. A byte order mark is dropped.
pub struct Decoder(platform::Decoder);

impl Decoder {
    /// A decoder at the start of a stream.
    pub fn new(encoding: Encoding) -> Self {
        Self(platform::Decoder::new(encoding.0))
    }

    /// The text of the next bytes, handed out in pieces; a character may be kept until it is complete, or `is_all`.
    pub fn decode<E>(
        &mut self,
        bytes: &[u8],
        is_all: bool,
        out: impl FnMut(&[u8], bool) -> Result<(), E>,
    ) -> Result<(), E> {
        self.0.decode(bytes, is_all, out)
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    pub use encoding_rs::UTF_8;

    pub type Name = &'static encoding_rs::Encoding;

    pub fn named(label: &str) -> Option<Name> {
        encoding_rs::Encoding::for_label(label.as_bytes())
    }

    pub fn is_utf8(name: Name) -> bool {
        name == UTF_8
    }

    pub struct Decoder(encoding_rs::Decoder);

    impl Decoder {
        pub fn new(name: Name) -> Self {
            Self(name.new_decoder_with_bom_removal())
        }

        pub fn decode<E>(
            &mut self,
            mut bytes: &[u8],
            is_all: bool,
            mut out: impl FnMut(&[u8], bool) -> Result<(), E>,
        ) -> Result<(), E> {
            let mut text = vec![0; 64 << 10];
            loop {
                let (result, n_read, n_written, _) = self.0.decode_to_utf8(bytes, &mut text, is_all);
                bytes = &bytes[n_read..];
                let is_end = result == encoding_rs::CoderResult::InputEmpty;
                out(&text[..n_written], is_all && is_end)?;
                if is_end {
                    return Ok(());
                }
            }
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        type TextDecoder;
        #[wasm_bindgen(constructor, catch)]
        fn new(label: &str) -> Result<TextDecoder, JsValue>;
        #[wasm_bindgen(method, getter)]
        fn encoding(this: &TextDecoder) -> String;
        #[wasm_bindgen(method)]
        fn decode(this: &TextDecoder, bytes: &[u8], options: &JsValue) -> String;
        #[wasm_bindgen(js_namespace = JSON)]
        fn parse(json: &str) -> JsValue;
    }

    /// The longest name that the standard has is 12 bytes long; zeros after the end.
    pub type Name = [u8; 16];

    pub const UTF_8: Name = *b"utf-8\0\0\0\0\0\0\0\0\0\0\0";

    fn text(name: &Name) -> &str {
        std::str::from_utf8(name).unwrap_or_default().trim_end_matches('\0')
    }

    pub fn named(label: &str) -> Option<Name> {
        let known = TextDecoder::new(label).ok()?.encoding();
        let mut name = [0; 16];
        name.get_mut(..known.len())?.copy_from_slice(known.as_bytes());
        Some(name)
    }

    pub fn is_utf8(name: Name) -> bool {
        name == UTF_8
    }

    pub struct Decoder {
        decoder: TextDecoder,
        stream: [JsValue; 2],
    }

    impl Decoder {
        pub fn new(name: Name) -> Self {
            let decoder =
                TextDecoder::new(text(&name)).unwrap_or_else(|_| unreachable!("the name is the platform's own"));
            Self { decoder, stream: [parse("{\"stream\":true}"), parse("{\"stream\":false}")] }
        }

        pub fn decode<E>(
            &mut self,
            bytes: &[u8],
            is_all: bool,
            mut out: impl FnMut(&[u8], bool) -> Result<(), E>,
        ) -> Result<(), E> {
            let text = self.decoder.decode(bytes, &self.stream[usize::from(is_all)]);
            out(text.as_bytes(), is_all)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_known_with_and_without_hyphens() {
        assert_eq!(Encoding::named("latin-1"), Encoding::named("windows-1252"));
        assert_eq!(Encoding::named("UTF8"), Encoding::named("utf-8"));
        assert_eq!(Encoding::named("klingon"), None);
    }
}

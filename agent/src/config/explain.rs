//! Turns what a deserializer says into what is wrong, where, and what was meant.

use std::path::Path;

use crate::exit::Failure;
use crate::suggest;

/// What a deserializer's message comes to.
pub struct Explained {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Vec<String>,
}

/// Rewrites a message of serde's in plain words, with a suggestion when a word was mistyped.
pub fn explain(message: &str) -> Explained {
    let message = message.trim();
    let quoted = backticked(message);
    for (start, what) in [("unknown field `", "key"), ("unknown variant `", "value")] {
        if !message.starts_with(start) {
            continue;
        }
        let Some((word, candidates)) = quoted.split_first() else {
            continue;
        };
        let mut help = Vec::new();
        help.extend(suggest::did_you_mean(word, candidates.iter().copied()));
        if !candidates.is_empty() {
            help.push(format!("expected {}", suggest::alternatives(candidates)));
        }
        return Explained { message: format!("unknown {what} `{word}`"), help };
    }
    let plain = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .map_or_else(|| message.to_owned(), |rest| format!("found {rest}"));
    let words = [
        ("expected f64", "expected a number"),
        ("expected u64", "expected a whole number of at least 0"),
        ("expected usize", "expected a whole number of at least 0"),
        ("expected a boolean", "expected true or false"),
        ("expected a character", "expected one character"),
    ];
    let plain = words.iter().fold(plain, |text, (from, to)| text.replace(from, to));
    Explained { message: plain.replace('\n', ", "), help: Vec::new() }
}

/// The failure of a TOML file: file, line and key.
pub fn toml_failure(path: &Path, text: &str, error: &toml::de::Error) -> Failure {
    let Explained { message, help } = explain(error.message());
    let place = error.span().map(|span| Place::at(text, span.start));
    let message = match place {
        None => format!("{}: {message}", path.display()),
        Some(Place { line, key: None }) => format!("{}, line {line}: {message}", path.display()),
        Some(Place { line, key: Some(key) }) => format!("{}, line {line}, `{key}`: {message}", path.display()),
    };
    help.into_iter().fold(Failure::usage(message), Failure::help)
}

/// The failure of a JSON file; serde_json tells the line itself.
pub fn json_failure(path: &Path, error: &serde_json::Error) -> Failure {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text);
    let Explained { message, help } = explain(message);
    let message = match error.line() {
        0 => format!("{}: {message}", path.display()),
        line => format!("{}, line {line}: {message}", path.display()),
    };
    help.into_iter().fold(Failure::usage(message), Failure::help)
}

/// Line and key of an offset in a TOML text.
struct Place {
    line: usize,
    key: Option<String>,
}

impl Place {
    fn at(text: &str, offset: usize) -> Self {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let line = before.matches('\n').count() + 1;
        let lines: Vec<&str> = text.lines().take(line).collect();
        let header = |line: &str| {
            let inner = line.trim().strip_prefix('[')?;
            inner.split(']').next().map(|name| name.trim_matches('[').trim().to_owned())
        };
        let key = lines.last().and_then(|line| {
            let name = line.split_once('=')?.0.trim();
            (!name.is_empty() && !name.starts_with(['#', '['])).then(|| name.to_owned())
        });
        let section = lines.iter().rev().find_map(|line| header(line));
        let key = match (section, key) {
            (Some(section), Some(key)) => Some(format!("{section}.{key}")),
            (section, key) => key.or(section),
        };
        Self { line, key }
    }
}

/// The words between backticks.
fn backticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_names_the_one_that_was_meant() {
        let explained = explain("unknown field `alhpa`, expected one of `preset`, `alpha`, `min_rows`");
        assert_eq!(explained.message, "unknown key `alhpa`");
        assert_eq!(explained.help[0], "did you mean `alpha`?");
        assert_eq!(explained.help[1], "expected `preset`, `alpha` or `min_rows`");
    }

    #[test]
    fn a_place_has_line_and_full_key() {
        let text = "[policy]\nalpha = 0.1\n\n[columns.age]\nfloor = 'x'\n";
        let place = Place::at(text, text.find("'x'").expect("it is there"));
        assert_eq!((place.line, place.key.as_deref()), (5, Some("columns.age.floor")));
        assert_eq!(Place::at(text, 1).key.as_deref(), Some("policy"));
        assert_eq!(Place::at("é", 1).line, 1);
    }
}

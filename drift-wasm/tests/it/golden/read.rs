//! A small CSV reader that follows the corpus's `parse` rules, apart from the engine's own.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use drift::profile::{Categories, Sample};
use serde_json::Value;

pub struct Parse {
    delimiter: char,
    latin1: bool,
    null_markers: Vec<String>,
    decimal: char,
    thousands: Option<char>,
    trim: bool,
}

impl Parse {
    pub fn of(golden: &Value) -> Self {
        let parse = &golden["parse"];
        let letter = |key: &str| parse[key].as_str().and_then(|text| text.chars().next());
        Self {
            delimiter: letter("delimiter").unwrap(),
            latin1: parse["encoding"] == "latin-1",
            null_markers: parse["null_markers"]
                .as_array()
                .unwrap()
                .iter()
                .map(|marker| marker.as_str().unwrap().to_owned())
                .collect(),
            decimal: letter("decimal").unwrap(),
            thousands: letter("thousands"),
            trim: parse["trim_numeric"] == true,
        }
    }

    pub fn table(&self, path: &Path) -> Vec<Vec<String>> {
        let mut bytes = fs::read(path).unwrap();
        if path.extension().is_some_and(|end| end == "gz") {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut plain).unwrap();
            bytes = plain;
        }
        let text = if self.latin1 {
            bytes.iter().map(|byte| char::from(*byte)).collect()
        } else {
            String::from_utf8_lossy(&bytes).into_owned()
        };
        self.rows(text.trim_start_matches('\u{feff}'))
    }

    fn rows(&self, text: &str) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
        let (mut quoted, mut any) = (false, false);
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            if quoted {
                if letter == '"' {
                    if letters.peek() == Some(&'"') {
                        letters.next();
                        cell.push('"');
                    } else {
                        quoted = false;
                    }
                } else {
                    cell.push(letter);
                }
            } else if letter == '"' && cell.is_empty() {
                (quoted, any) = (true, true);
            } else if letter == self.delimiter {
                row.push(std::mem::take(&mut cell));
                any = true;
            } else if letter == '\n' {
                if any || !cell.is_empty() {
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
                any = false;
            } else if letter != '\r' {
                cell.push(letter);
            }
        }
        if any || !cell.is_empty() {
            row.push(cell);
            rows.push(row);
        }
        rows
    }

    pub fn number(&self, cell: &str) -> Option<f64> {
        let cell = if self.trim { cell.trim() } else { cell };
        let mut text: String = cell.chars().filter(|letter| Some(*letter) != self.thousands).collect();
        if self.decimal != '.' {
            text = text.replace(self.decimal, ".");
        }
        text.parse().ok()
    }
}

/// The cells of one column that are not null.
pub fn cells<'a>(parse: &Parse, table: &'a [Vec<String>], index: usize) -> Vec<&'a str> {
    table
        .iter()
        .skip(1)
        .map(|row| row.get(index).map_or("", String::as_str))
        .filter(|cell| !parse.null_markers.iter().any(|marker| marker == cell))
        .collect()
}

pub fn sample(parse: &Parse, cells: &[&str]) -> Sample {
    Sample::exact(cells.iter().filter_map(|cell| parse.number(cell)).collect())
}

pub fn categories(cells: &[&str]) -> Categories {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for cell in cells {
        *counts.entry(cell).or_default() += 1;
    }
    Categories {
        n_distinct: counts.len() as u64,
        entries: counts.into_iter().map(|(label, n)| (label.to_owned(), n)).collect(),
        ..Categories::default()
    }
}

//! Drawn columns through the engine's own readers.

use std::fmt::Write as _;

use anyhow::Context;
use drift::profile::{BlockBuilder, Profile, ProfileBuilder};
use drift::read::{InputFormat, ReadOptions, profile_bytes};
use drift::schema::{ColumnHint, ColumnType};

use crate::population::Values;

/// Up to this many rows the columns are written as CSV and read back; above, they are handed over in blocks.
const CSV_ROWS: usize = 10_000;
/// Rows of a block.
const BLOCK_ROWS: usize = 1 << 16;

/// The profile of these columns, named `c0`, `c1` and so on.
///
/// Labels are declared categorical, as their spelling says nothing; numbers are left to the engine.
pub fn profile(name: &str, columns: &[Values]) -> anyhow::Result<Profile> {
    let names: Vec<String> = (0..columns.len()).map(|index| format!("c{index}")).collect();
    let mut options = ReadOptions::new(name);
    options.format = Some(InputFormat::Csv);
    let labels = names.iter().zip(columns).filter(|(_, values)| matches!(values, Values::Labels(_)));
    options.hints = labels
        .map(|(name, _)| ColumnHint {
            name: name.clone(),
            index: None,
            r#type: Some(ColumnType::Categorical),
            role: None,
        })
        .collect();
    let n_rows = columns.first().map_or(0, Values::len);
    if n_rows <= CSV_ROWS {
        let text = csv(&names, columns, n_rows);
        return profile_bytes(name, text.as_bytes(), &options).context("the engine refused simulated rows");
    }
    let mut builder = ProfileBuilder::new(&names, &options);
    for start in (0..n_rows).step_by(BLOCK_ROWS) {
        let end = (start + BLOCK_ROWS).min(n_rows);
        let mut block = BlockBuilder::new(&names, &options).starting_at(start as u64 + 2);
        for (index, values) in columns.iter().enumerate() {
            let column = block.column(index);
            match values {
                Values::Labels(values) => {
                    for label in &values[start..end] {
                        column.push_text(spelled(*label).as_bytes());
                    }
                }
                Values::Numbers(values, is_whole) => {
                    for value in &values[start..end] {
                        match (value.is_nan(), is_whole) {
                            (true, _) => column.push_null(),
                            (false, true) => column.push_integer(*value as i64),
                            (false, false) => column.push_number(*value),
                        }
                    }
                }
            }
        }
        block.end_rows((end - start) as u64);
        builder.absorb(&block.finish()).context("the engine refused simulated rows")?;
    }
    Ok(builder.finish(InputFormat::Csv, 0, String::new(), 1))
}

fn csv(names: &[String], columns: &[Values], n_rows: usize) -> String {
    let mut text = names.join(",");
    text.push('\n');
    for row in 0..n_rows {
        for (index, values) in columns.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            match values {
                Values::Labels(values) => text.push_str(&spelled(values[row])),
                // An empty cell is null; a lone one in quotes, because an empty line is no row.
                Values::Numbers(values, _) if values[row].is_nan() && columns.len() == 1 => text.push_str("\"\""),
                Values::Numbers(values, _) if values[row].is_nan() => {}
                Values::Numbers(values, _) => {
                    write!(text, "{}", values[row]).expect("text can always grow");
                }
            }
        }
        text.push('\n');
    }
    text
}

fn spelled(label: usize) -> String {
    format!("label {label}")
}

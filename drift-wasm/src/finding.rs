//! What was wrong in an input and read all the same.

use serde::{Deserialize, Serialize};

/// What was wrong in an input and read all the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Findings {
    /// Rows with fewer or more cells than the header.
    pub n_ragged_rows: u64,
    /// Cells that were not UTF-8 and were read as Windows-1252.
    pub n_decoded_cells: u64,
    /// Rows that could not be read at all and were left out.
    pub n_rejected_rows: u64,
    /// The first 20, in the order of rows.
    pub listed: Vec<Finding>,
}

/// One thing that was read leniently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Row, counted from 1 with the header as row 1.
    pub row: u64,
    /// Column name, when it is about one cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

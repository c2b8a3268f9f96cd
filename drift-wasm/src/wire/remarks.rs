//! What a receipt says that its sender should know, as sentences.

use crate::format::counted;
use crate::wire::{BatchFinding, Receipt, SchemaChange};

/// Most findings that a receipt lists.
pub const MOST_FINDINGS: usize = 20;

impl Receipt {
    /// Everything about the batch that is not as expected, a sentence each without a full stop; none when all is well.
    pub fn remarks(&self) -> Vec<String> {
        let rejected = (self.n_rows_rejected > 0).then(|| {
            format!(
                "{} could not be read and {} left out",
                counted(self.n_rows_rejected, "row"),
                was(self.n_rows_rejected)
            )
        });
        let empty = (self.n_rows_accepted == 0).then(|| "the batch has no rows".to_owned());
        let late = self.late.then(|| "some rows are late: they happened long before they arrived".to_owned());
        let more = (self.findings.len() >= MOST_FINDINGS)
            .then(|| format!("only the first {MOST_FINDINGS} findings are listed; there may be more"));
        let findings = self.findings.iter().map(BatchFinding::sentence);
        let changes = self.schema_changes.iter().map(SchemaChange::sentence);
        empty.into_iter().chain(rejected).chain(findings).chain(more).chain(changes).chain(late).collect()
    }
}

fn was(n: u64) -> &'static str {
    if n == 1 { "was" } else { "were" }
}

impl BatchFinding {
    /// Where it is and what it is.
    pub fn sentence(&self) -> String {
        let row = self.row.map(|row| format!("row {row}"));
        let column = self.column.as_ref().map(|column| format!("column `{column}`"));
        let place: Vec<String> = row.into_iter().chain(column).collect();
        if place.is_empty() { self.detail.clone() } else { format!("{}: {}", place.join(", "), self.detail) }
    }
}

impl SchemaChange {
    /// How the batch's columns differ from the dataset's.
    pub fn sentence(&self) -> String {
        match self {
            Self::New { column } => format!("column `{column}` is new"),
            Self::Missing { column } => format!("column `{column}` is missing"),
            Self::Retyped { column, from, to } => {
                format!("column `{column}` looks {} instead of {}", to.as_str(), from.as_str())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::ColumnType;

    fn receipt() -> Receipt {
        Receipt {
            batch_id: String::new(),
            dataset: "loans".to_owned(),
            received_at: String::new(),
            body_hash: String::new(),
            n_rows_accepted: 3,
            n_rows_rejected: 0,
            findings: Vec::new(),
            slots: Vec::new(),
            schema_changes: Vec::new(),
            late: false,
        }
    }

    fn finding(row: Option<u64>, column: Option<&str>) -> BatchFinding {
        BatchFinding { row, column: column.map(str::to_owned), detail: "found x, expected a number".to_owned() }
    }

    #[test]
    fn a_batch_that_is_as_expected_has_no_remarks() {
        assert_eq!(receipt().remarks(), [] as [&str; 0]);
    }

    #[test]
    fn everything_that_is_not_as_expected_is_a_sentence() {
        let column = "b".to_owned();
        let (from, to) = (ColumnType::Numeric, ColumnType::Text);
        let odd = Receipt {
            n_rows_accepted: 0,
            n_rows_rejected: 1,
            findings: vec![
                finding(Some(7), Some("b")),
                finding(Some(8), None),
                finding(None, Some("b")),
                finding(None, None),
            ],
            schema_changes: vec![
                SchemaChange::New { column: column.clone() },
                SchemaChange::Missing { column: column.clone() },
                SchemaChange::Retyped { column, from, to },
            ],
            late: true,
            ..receipt()
        };
        let expected = [
            "the batch has no rows",
            "1 row could not be read and was left out",
            "row 7, column `b`: found x, expected a number",
            "row 8: found x, expected a number",
            "column `b`: found x, expected a number",
            "found x, expected a number",
            "column `b` is new",
            "column `b` is missing",
            "column `b` looks text instead of numeric",
            "some rows are late: they happened long before they arrived",
        ];
        assert_eq!(odd.remarks(), expected);
    }

    #[test]
    fn a_list_that_was_cut_says_so() {
        let odd = Receipt { findings: vec![finding(None, None); MOST_FINDINGS], ..receipt() };
        assert_eq!(
            odd.remarks().last().map(String::as_str),
            Some("only the first 20 findings are listed; there may be more")
        );
    }
}

//! What was decided about an input while it was read, said so that a person can decide otherwise.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Remarks kept for each input.
pub const MAX_REMARKS: usize = 50;

/// Rows named by a remark.
pub const MAX_ROWS: usize = 5;

/// One decision about how an input is read.
///
/// Reads as one line: ``line 1 is above the header and is not read; if that is wrong: --skip-lines 0``.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// What was decided.
    pub kind: RemarkKind,
    /// The column that it is about; `None` when it is about the whole input.
    pub column: Option<String>,
    /// In words, one clause without a full stop.
    pub text: String,
    /// The setting that decides otherwise, if there is one.
    pub remedy: Option<Remedy>,
    /// The first rows that it is about, counted as in [`crate::finding::Finding`], at most [`MAX_ROWS`].
    pub rows: Vec<u64>,
}

/// A flag of the command line with its value. The page and the API know the same setting by the flag's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// With its dashes: `--no-header`.
    pub flag: String,
    /// `None` when it takes none.
    pub value: Option<String>,
}

/// What is decided about inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemarkKind {
    /// The first line names the delimiter (`sep=;`).
    SeparatorLine,
    /// Lines that begin with a mark of comments are not read.
    CommentLines,
    /// Lines above the header are not read.
    LinesAboveHeader,
    /// Two lines name the columns, or the second says their units.
    TwoHeaderLines,
    /// The first row is data: columns are numbered.
    NoHeader,
    /// Each row has one cell more than the header.
    ExtraCells,
    /// Columns are lined up with blanks.
    AlignedColumns,
    /// Quotes within cells are marked by a backslash.
    BackslashEscapes,
    /// Cells are quoted with `'`.
    SingleQuotes,
    /// Cells that stand for null, beside those that always do.
    NullMarkers,
    /// Texts that are numbers: with other marks, a currency, a sign.
    NumbersInText,
    /// Whether day or month comes first.
    DateOrder,
    /// Numbers that are times.
    Epoch,
    /// The lines are not cut into cells, although they hold delimiters.
    OneColumn,
}

impl Remark {
    /// A remark about a whole input, without a remedy.
    pub fn new(kind: RemarkKind, text: impl Into<String>) -> Self {
        Self { kind, column: None, text: text.into(), remedy: None, rows: Vec::new() }
    }

    /// Names the column.
    #[must_use]
    pub fn in_column(mut self, name: &str) -> Self {
        self.column = Some(name.to_owned());
        self
    }

    /// Names the setting that decides otherwise.
    #[must_use]
    pub fn remedy(mut self, flag: &str, value: Option<&str>) -> Self {
        self.remedy = Some(Remedy { flag: flag.to_owned(), value: value.map(str::to_owned) });
        self
    }

    /// Names the first rows that it is about; more than [`MAX_ROWS`] are left out.
    #[must_use]
    pub fn at_rows(mut self, rows: impl IntoIterator<Item = u64>) -> Self {
        self.rows = rows.into_iter().take(MAX_ROWS).collect();
        self
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(value) = &self.value else { return f.write_str(&self.flag) };
        let is_plain =
            !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:=/-+%".contains(&byte));
        if is_plain {
            write!(f, "{} {value}", self.flag)
        } else {
            write!(f, "{} '{}'", self.flag, value.replace('\'', "'\\''"))
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = &self.column {
            write!(f, "column `{column}`: ")?;
        }
        f.write_str(&self.text)?;
        match &self.remedy {
            Some(remedy) => write!(f, "; if that is wrong: {remedy}"),
            None => Ok(()),
        }
    }
}

/// Adds remarks that are not there yet, up to [`MAX_REMARKS`].
pub(crate) fn add(remarks: &mut Vec<Remark>, more: impl IntoIterator<Item = Remark>) {
    for remark in more {
        if remarks.len() < MAX_REMARKS && !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_reads_as_one_line_with_a_flag_that_a_shell_takes() {
        let remark = Remark::new(RemarkKind::CommentLines, "lines with `#` are not read").in_column("a");
        let with = |value: &str| remark.clone().remedy("--comment", Some(value)).to_string();
        assert_eq!(with("#"), "column `a`: lines with `#` are not read; if that is wrong: --comment '#'");
        assert!(with("1").ends_with("--comment 1"));
        assert!(with("").ends_with("--comment ''"));
        assert!(with("'").ends_with(r"--comment ''\'''"));
    }

    #[test]
    fn the_same_is_remarked_once() {
        let remark = |text: &str| Remark::new(RemarkKind::NoHeader, text).at_rows(0..99);
        let mut remarks = vec![remark("a")];
        add(&mut remarks, [remark("a"), remark("b")]);
        assert_eq!(remarks, [remark("a"), remark("b")]);
        assert_eq!(remarks[0].rows.len(), MAX_ROWS);
        add(&mut remarks, (0..99).map(|n| remark(&n.to_string())));
        assert_eq!(remarks.len(), MAX_REMARKS);
    }
}

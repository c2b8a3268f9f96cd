//! Stands in for the engine's facade until it lands: reads plain CSV, compares means and labels, roughly.
//!
//! Good enough to drive every flow of the command line; its numbers mean nothing.

/// Stands in for `drift::read`.
pub mod read {
    use std::fs::File;
    use std::io::Read;

    use drift::report::ColumnSummary;
    use drift::schema::{ColumnSchema, ColumnType, Role};
    use drift::{Refusal, RefusalKind};

    use super::profile::{Column, MAGIC, Profile};
    use crate::engine::ReadOptions;

    /// Told how far reading has come; may ask it to end.
    pub trait Progress: Sync {
        /// `n` more bytes were read.
        fn bytes(&self, _n: u64) {}
        /// `n` more rows were profiled.
        fn rows(&self, _n: u64) {}
        /// Whether to end with an error.
        fn is_cancelled(&self) -> bool {
            false
        }
    }

    /// The profile of a file.
    pub fn profile_file(file: File, options: &ReadOptions, n_threads: usize, progress: &dyn Progress) -> drift::Result<Profile> {
        profile_source(file, options, n_threads, progress)
    }

    /// The profile of a source.
    pub fn profile_source(
        mut source: impl Read + Send,
        options: &ReadOptions,
        _n_threads: usize,
        progress: &dyn Progress,
    ) -> drift::Result<Profile> {
        options.check()?;
        let refuse = |kind, found: String, expected: &str| -> drift::Result<Profile> {
            Err(Refusal::new(kind, found, expected, "").in_file(&options.name).into())
        };
        let mut bytes = Vec::new();
        if let Err(error) = source.read_to_end(&mut bytes) {
            return refuse(RefusalKind::Io, error.to_string(), "to read to the end");
        }
        progress.bytes(bytes.len() as u64);
        if bytes.is_empty() {
            return refuse(RefusalKind::Empty, "no bytes".into(), "a header and rows");
        }
        if bytes.starts_with(MAGIC) {
            return Profile::decode(&bytes).map_err(|error| error.in_file(&options.name));
        }
        if bytes.contains(&0) {
            return refuse(RefusalKind::UnsupportedFormat, "zero bytes".into(), "CSV, NDJSON, JSON or Parquet");
        }
        let text = String::from_utf8_lossy(&bytes);
        let mut lines = text.lines();
        let delimiter = options.parse.delimiter.unwrap_or(',');
        let header: Vec<&str> = lines.next().unwrap_or_default().split(delimiter).collect();
        let mut columns: Vec<Column> = header.iter().enumerate().map(|(index, name)| column(name, index)).collect();
        let mut n_rows = 0;
        for line in lines {
            n_rows += 1;
            let cells: Vec<&str> = line.split(delimiter).collect();
            if cells.len() != header.len() && options.strict {
                let found = format!("{} cells", cells.len());
                return refuse(RefusalKind::MalformedInput, found, &format!("{} cells", header.len()));
            }
            for (column, cell) in columns.iter_mut().zip(cells) {
                column.cells.push(cell.to_owned());
            }
        }
        for column in &mut columns {
            let is_number = column.cells.iter().all(|cell| cell.parse::<f64>().is_ok());
            column.schema.r#type = if is_number { ColumnType::Numeric } else { ColumnType::Categorical };
            column.schema.reason = "guessed by the stand-in".to_owned();
            if let Some(hint) = options.hint(&column.schema.name, column.schema.index) {
                column.schema.r#type = hint.r#type.unwrap_or(column.schema.r#type);
                column.schema.role = hint.role.unwrap_or_default();
            }
            column.summary.n_rows = n_rows;
            column.summary.n = n_rows;
        }
        progress.rows(n_rows);
        Ok(Profile { columns, n_rows, n_bytes: bytes.len() as u64, options: options.to_json(), name: options.name.clone() })
    }

    fn column(name: &str, index: usize) -> Column {
        let schema = ColumnSchema {
            name: name.to_owned(),
            index,
            r#type: ColumnType::Empty,
            reason: String::new(),
            role: Role::Feature,
        };
        Column { schema, cells: Vec::new(), summary: ColumnSummary::default() }
    }
}

/// Stands in for `drift::profile`.
pub mod profile {
    use drift::report::ColumnSummary;
    use drift::schema::ColumnSchema;
    use drift::{Refusal, RefusalKind};
    use serde::{Deserialize, Serialize};

    /// First bytes of the stand-in's profile file.
    pub const MAGIC: &[u8] = b"DSPF-stand-in\n";

    /// A summary that is no summary: it keeps every cell.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Profile {
        pub(super) columns: Vec<Column>,
        pub(super) n_rows: u64,
        pub(super) n_bytes: u64,
        pub(super) options: String,
        pub(super) name: String,
    }

    /// One column.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Column {
        pub(super) schema: ColumnSchema,
        pub(super) cells: Vec<String>,
        pub(super) summary: ColumnSummary,
    }

    impl Profile {
        /// The file's bytes.
        pub fn encode(&self) -> Vec<u8> {
            let mut bytes = MAGIC.to_vec();
            bytes.extend(serde_json::to_vec(self).unwrap_or_default());
            bytes
        }

        /// From a file's bytes.
        pub fn decode(bytes: &[u8]) -> drift::Result<Self> {
            let body = bytes.strip_prefix(MAGIC).unwrap_or_default();
            serde_json::from_slice(body).map_err(|error| {
                Refusal::new(RefusalKind::MalformedProfile, error.to_string(), "a profile of this version", "").into()
            })
        }

        /// Rows of both.
        pub fn merge(mut self, other: Self) -> drift::Result<Self> {
            let names = |profile: &Self| profile.columns.iter().map(|c| c.schema.name.clone()).collect::<Vec<_>>();
            if names(&self) != names(&other) {
                let found = format!("columns {:?}", names(&other));
                return Err(Refusal::new(RefusalKind::NotComparable, found, "the same columns in all profiles", "").into());
            }
            self.n_rows += other.n_rows;
            for (column, more) in self.columns.iter_mut().zip(other.columns) {
                column.cells.extend(more.cells);
                column.summary.n_rows += more.summary.n_rows;
                column.summary.n += more.summary.n;
            }
            Ok(self)
        }

        /// Rows.
        pub fn n_rows(&self) -> u64 {
            self.n_rows
        }

        /// Columns.
        pub fn summary(&self) -> Vec<(ColumnSchema, ColumnSummary)> {
            self.columns.iter().map(|column| (column.schema.clone(), column.summary.clone())).collect()
        }
    }
}

/// Stands in for `drift::compare`.
pub mod compare {
    use std::collections::BTreeMap;

    use drift::monitor::Policy;
    use drift::report::{ColumnReport, FORMAT, InputSummary, Receipt, Report, VerdictCounts};
    use drift::verdict::Verdict;
    use drift::{Refusal, RefusalKind};

    use super::profile::{Column, Profile};

    /// As in the engine.
    pub struct CompareOptions {
        /// Thresholds.
        pub policy: Policy,
        /// Every metric.
        pub all_metrics: bool,
        /// Globs to include.
        pub columns: Option<Vec<String>>,
        /// Globs to leave out.
        pub exclude: Vec<String>,
    }

    /// A rough report.
    pub fn compare(reference: &Profile, current: &Profile, options: &CompareOptions) -> drift::Result<Report> {
        let is_wanted = |name: &str| {
            let matches = |glob: &String| glob == name || glob.strip_suffix('*').is_some_and(|start| name.starts_with(start));
            options.columns.as_ref().is_none_or(|globs| globs.iter().any(matches)) && !options.exclude.iter().any(matches)
        };
        let mut columns = Vec::new();
        for column in reference.columns.iter().filter(|column| is_wanted(&column.schema.name)) {
            if let Some(other) = current.columns.iter().find(|other| other.schema.name == column.schema.name) {
                columns.push(judge(column, other, &options.policy));
            }
        }
        if columns.is_empty() {
            let refusal = Refusal::new(RefusalKind::NotComparable, "no column in common", "the same columns in both", "");
            return Err(refusal.into());
        }
        let count = |verdict| columns.iter().filter(|column| column.verdict == verdict).count() as u64;
        let counts = VerdictCounts {
            n_drifted: count(Verdict::Drifted),
            n_stable: count(Verdict::Stable),
            n_insufficient_data: count(Verdict::InsufficientData),
            ..VerdictCounts::default()
        };
        let verdict = if counts.n_drifted > 0 { Verdict::Drifted } else { Verdict::Stable };
        let digest = format!("{:x}", reference.n_bytes * 31 + current.n_bytes + counts.n_drifted * 1000);
        Ok(Report {
            format: FORMAT.to_owned(),
            verdict,
            sentence: format!("{} of {} columns drifted", counts.n_drifted, columns.len()),
            lead: None,
            severity: Some(0.1),
            counts,
            reference: input(reference),
            current: input(current),
            policy: options.policy.clone(),
            columns,
            schema_changes: Vec::new(),
            receipt: Receipt {
                engine: crate::engine::VERSION.to_owned(),
                reference_input: format!("{:x}", reference.n_bytes),
                current_input: format!("{:x}", current.n_bytes),
                options: reference.options.clone(),
                digest,
                ..Receipt::default()
            },
        })
    }

    fn input(profile: &Profile) -> InputSummary {
        InputSummary {
            name: profile.name.clone(),
            format: "csv".to_owned(),
            n_rows: profile.n_rows,
            n_columns: profile.columns.len() as u64,
            n_bytes: profile.n_bytes,
            findings: drift::report::Findings::default(),
        }
    }

    fn judge(reference: &Column, current: &Column, policy: &Policy) -> ColumnReport {
        let held_to = policy.for_column(&reference.schema.name, reference.schema.r#type);
        let effect = mean_code(reference) - mean_code(current);
        let verdict = match effect.abs() >= held_to.floors.values {
            _ if reference.summary.n_rows.min(current.summary.n_rows) < policy.min_rows => Verdict::InsufficientData,
            true => Verdict::Drifted,
            false => Verdict::Stable,
        };
        ColumnReport {
            name: reference.schema.name.clone(),
            index: reference.schema.index,
            r#type: reference.schema.r#type,
            type_reason: reference.schema.reason.clone(),
            role: reference.schema.role,
            verdict,
            severity: Some(0.1),
            why: format!("moved by {effect}"),
            what_changed: String::new(),
            cause: None,
            tests: Vec::new(),
            smallest_detectable: None,
            policy: held_to,
            metrics: BTreeMap::new(),
            reference: reference.summary.clone(),
            current: current.summary.clone(),
            contributions: Vec::new(),
            new_categories: Vec::new(),
            vanished_categories: Vec::new(),
            n_new_categories: 0,
            n_vanished_categories: 0,
            histogram: None,
            cumulative: None,
            evidently: None,
        }
    }

    fn mean_code(column: &Column) -> f64 {
        let code = |cell: &String| cell.parse::<f64>().unwrap_or_else(|_| cell.bytes().map(f64::from).sum());
        column.cells.iter().map(code).sum::<f64>() / column.cells.len().max(1) as f64
    }
}

/// Stands in for `drift::receipt`.
pub mod receipt {
    use drift::report::Report;

    /// A part that does not hold.
    pub struct Difference {
        /// Which.
        pub part: String,
        /// In the report.
        pub expected: String,
        /// Recomputed.
        pub found: String,
    }

    /// What differs.
    pub fn verify(report: &Report, recomputed: &Report) -> Vec<Difference> {
        let (a, b) = (&report.receipt, &recomputed.receipt);
        [
            ("reference input", &a.reference_input, &b.reference_input),
            ("current input", &a.current_input, &b.current_input),
            ("digest", &a.digest, &b.digest),
        ]
        .into_iter()
        .filter(|(_, expected, found)| expected != found)
        .map(|(part, expected, found)| Difference {
            part: part.to_owned(),
            expected: expected.clone(),
            found: found.clone(),
        })
        .collect()
    }
}

/// Stands in for `drift::render`.
pub mod render {
    use drift::report::Report;

    /// As in the engine.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[expect(missing_docs, reason = "goes away with the stand-in")]
    pub enum Format {
        Text,
        Json,
        Markdown,
        Html,
        Csv,
        Junit,
        Sarif,
        Github,
    }

    /// As in the engine.
    pub struct RenderOptions {
        /// Whether to colour.
        pub color: bool,
        /// Columns of the terminal.
        pub width: usize,
    }

    /// JSON, or a sentence.
    pub fn render(report: &Report, format: Format, options: &RenderOptions) -> String {
        match format {
            Format::Json => serde_json::to_string_pretty(report).unwrap_or_default() + "\n",
            Format::Text | Format::Markdown | Format::Html | Format::Csv | Format::Junit | Format::Sarif | Format::Github => {
                let mut text = format!("{}\n", report.sentence);
                if options.color {
                    text = format!("\u{1b}[1m{}\u{1b}[0m\n", report.sentence);
                }
                for column in &report.columns {
                    text += &format!("{:.1$}\n", format!("{} {}: {}", column.verdict.as_str(), column.name, column.why), options.width);
                }
                text
            }
        }
    }

    /// As in the engine.
    pub mod github {
        /// Markdown.
        pub fn summary(report: &drift::report::Report) -> String {
            format!("## {}\n", report.sentence)
        }
    }
}

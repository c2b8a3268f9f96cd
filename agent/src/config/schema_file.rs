//! The file given by `--schema`: column types and parse settings in JSON.

use std::path::Path;

use drift::read::ParseOptions;
use drift::schema::ColumnHint;
use serde::Deserialize;

use crate::config::explain::json_failure;
use crate::exit::{Failure, Outcome};

/// Column types and parse settings.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SchemaFile {
    /// Name and version of the document; not looked at.
    pub format: Option<String>,
    /// What the document calls itself; not looked at.
    pub id: Option<String>,
    /// How cells are read.
    pub parse: ParseOptions,
    /// Pattern of times, or `iso`.
    pub time_format: Option<String>,
    /// Columns with their types and roles.
    pub columns: Vec<ColumnHint>,
}

/// Reads a schema file.
pub fn read_schema_file(path: &Path) -> Outcome<SchemaFile> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read the schema {}", path.display())).caused_by(&error))?;
    let mut schema: SchemaFile = serde_json::from_str(&text).map_err(|error| json_failure(path, &error))?;
    if schema.time_format.is_some() {
        schema.parse.time_format = schema.time_format.take();
    }
    Ok(schema)
}

#[cfg(test)]
mod tests {
    use super::*;
    use drift::read::Ragged;
    use drift::schema::ColumnType;

    #[test]
    fn a_schema_of_the_conformance_corpus_is_read() {
        let text = r#"{"format": "driftsiren-golden-schema/1", "id": "x",
            "parse": {"encoding": "utf-8", "delimiter": "\t", "quote": "\"", "header": true, "null_markers": [""],
                      "decimal": ".", "thousands": null, "trim_numeric": false, "ragged": "error", "numeric_coerce": false},
            "time_format": null,
            "columns": [{"name": "a", "index": 0, "kind": "numeric"}, {"name": "a", "type": "text", "role": "id"}]}"#;
        let schema: SchemaFile = serde_json::from_str(text).expect("the corpus' shape is accepted");
        assert_eq!(schema.parse.ragged, Some(Ragged::Refuse));
        assert_eq!(schema.parse.delimiter, Some('\t'));
        assert_eq!(schema.columns[0].r#type, Some(ColumnType::Numeric));
    }
}

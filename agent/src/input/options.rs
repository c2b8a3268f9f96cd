//! How an input is read: flags over the schema file over configuration.

use std::num::NonZero;
use std::thread;

use drift::read::{NULL_MARKERS, ParseOptions, ReadOptions};
use drift::schema::ColumnHint;

use crate::config::{self, ConfigFile, Over};
use crate::exit::{Exit, Failure, Outcome};
use crate::flags::ReadFlags;

/// How inputs are read: flags over the schema file over configuration.
pub fn read_options(flags: &ReadFlags, config: &ConfigFile) -> Outcome<ReadOptions> {
    let schema = match &flags.schema {
        Some(path) => config::read_schema_file(path)?,
        None => config::SchemaFile::default(),
    };
    let parse = ParseOptions {
        encoding: flags.encoding.clone(),
        delimiter: flags.delimiter,
        quote: flags.quote,
        header: flags.no_header.then_some(false),
        skip_lines: flags.skip_lines,
        header_line: flags.header_line,
        comment: flags.comment.clone(),
        max_unreadable_rows: flags.max_unreadable_rows,
        max_invalid_cells: flags.max_invalid_cells,
        rename: (!flags.renames.is_empty()).then(|| flags.renames.iter().cloned().collect()),
        null_markers: null_markers(flags),
        decimal: flags.decimal,
        thousands: flags.thousands,
        ragged: flags.ragged,
        time_format: flags.time_format.clone(),
        ..ParseOptions::default()
    };
    let types = flags.types.iter().map(|(name, kind)| ColumnHint {
        name: name.clone(),
        index: None,
        r#type: Some(*kind),
        role: None,
    });
    let roles = flags.roles.iter().map(|(name, role)| ColumnHint {
        name: name.clone(),
        index: None,
        r#type: None,
        role: Some(*role),
    });
    let from_files = config::hints_over(schema.columns, config::hints(config));
    let mut options = ReadOptions::new("");
    options.format = flags.input_format.or(config.input.format);
    options.strict = flags.strict || config.input.strict.unwrap_or(false);
    options.parse = parse.over(schema.parse).over(config.parse.clone());
    options.hints = config::hints_over(types.chain(roles).collect(), from_files);
    if let Some(limit) = flags.exact_limit.or(config.input.exact_limit.map(|limit| limit.0)) {
        options.exact_limit = usize::try_from(limit)
            .map_err(|_| Failure::usage(format!("--exact-limit {limit} is more than this machine can count")))?;
    }
    options.check().map_err(|error| Failure { exit: Exit::Usage, ..Failure::from(error) })?;
    Ok(options)
}

/// Threads to read with: as asked, else as many as there are.
pub fn n_threads(flags: &ReadFlags) -> usize {
    flags.threads.map_or_else(|| thread::available_parallelism().map_or(1, NonZero::get), usize::from)
}

/// The markers that flags name: beside the usual ones, or instead of them. `None` when they name none.
fn null_markers(flags: &ReadFlags) -> Option<Vec<String>> {
    if !flags.only_null_markers.is_empty() {
        return Some(flags.only_null_markers.clone());
    }
    let usual = NULL_MARKERS.iter().map(|marker| (*marker).to_owned());
    (!flags.null_markers.is_empty()).then(|| usual.chain(flags.null_markers.iter().cloned()).collect())
}

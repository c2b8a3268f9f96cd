//! Reads reports that an earlier run wrote.

use drift::report::{FORMAT, Report};

use crate::exit::{Failure, Outcome};
use crate::input::Input;

/// Longest report that is read.
const LIMIT: u64 = 512 << 20;

/// Whether these first bytes are those of a report in JSON.
pub fn is_report(head: &[u8]) -> bool {
    let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let needle = b"driftsiren.report/";
    head.get(start) == Some(&b'{') && head.windows(needle.len()).any(|window| window == needle)
}

/// Reads a report of this version.
pub fn read(input: Input) -> Outcome<Report> {
    #[derive(serde::Deserialize)]
    struct Named {
        format: Option<String>,
    }
    let name = input.name.clone();
    let bytes = input.bytes(LIMIT)?;
    let failure = |what: String| {
        Failure::input(format!("`{name}`: {what}"))
            .help("write a report with `driftsiren check REF CUR -f json -o report.json`")
    };
    let named: Named =
        serde_json::from_slice(&bytes).map_err(|error| failure("not a report in JSON".to_owned()).caused_by(&error))?;
    match named.format.as_deref() {
        Some(FORMAT) => {}
        Some(other) => {
            return Err(failure(format!("a document of format `{other}`, expected `{FORMAT}`")));
        }
        None => {
            return Err(failure(format!("a document without a format, expected `{FORMAT}`")));
        }
    }
    serde_json::from_slice(&bytes).map_err(|error| failure("a damaged report".to_owned()).caused_by(&error))
}

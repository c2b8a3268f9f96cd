//! References: what later data is compared with.

use std::path::Path;

use drift::wire::ReferenceBody;
use ureq::http::Method;

use crate::exit::{Failure, Outcome};
use crate::output::write_stdout;
use crate::server::{Server, escaped};
use crate::suggest;
use crate::upload::Upload;

/// Prints a dataset's references, one per line.
pub fn list(server: &Server, dataset: &str) -> Outcome<()> {
    let lines: String = all(server, dataset)?.iter().map(line).collect();
    write_stdout(lines.as_bytes())
}

/// A file to be sent as a reference of this name.
pub fn pack(path: &Path, name: &str) -> Outcome<Upload> {
    let is_name = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
    if !is_name {
        return Err(Failure::usage(format!("`{name}` is not a valid name of a reference"))
            .help("use 1 to 64 lowercase letters, digits, `-` and `_`"));
    }
    Upload::of_rows(path)
}

/// Sends a file as a reference and prints its id.
pub fn add(server: &Server, dataset: &str, upload: &Upload, name: &str, is_to_be_active: bool) -> Outcome<()> {
    let path = format!("{dataset}/references?name={}", escaped(name));
    let kept: ReferenceBody = server.upload(&path, upload.n_bytes, None, upload.content()?)?;
    if is_to_be_active && !kept.is_active {
        activate_id(server, dataset, &kept.id)?;
    }
    write_stdout(format!("{}\n", kept.id).as_bytes())
}

/// Makes a reference, by name or id, the active one.
pub fn activate(server: &Server, dataset: &str, reference: &str) -> Outcome<()> {
    let references = all(server, dataset)?;
    let Some(found) = find(&references, reference) else {
        let names = references.iter().map(|reference| reference.name.as_str());
        let near = suggest::did_you_mean(reference, names).unwrap_or_default();
        return Err(Failure::server(format!("the dataset has no reference `{reference}`")).help(near));
    };
    activate_id(server, dataset, &found.id)
}

fn activate_id(server: &Server, dataset: &str, id: &str) -> Outcome<()> {
    Ok(server.act(Method::POST, &format!("{dataset}/references/{}/activate", escaped(id)))?)
}

fn all(server: &Server, dataset: &str) -> Outcome<Vec<ReferenceBody>> {
    Ok(server.list(&format!("{dataset}/references"))?)
}

/// A name wins over an id: a person may give one that looks like the other.
fn find<'a>(references: &'a [ReferenceBody], wanted: &str) -> Option<&'a ReferenceBody> {
    let by_name = references.iter().find(|reference| reference.name == wanted);
    by_name.or_else(|| references.iter().find(|reference| reference.id == wanted))
}

fn line(reference: &ReferenceBody) -> String {
    let ReferenceBody { id, name, n_rows, is_active, created_at, .. } = reference;
    let state = if *is_active { "active" } else { "-" };
    format!("{id}\t{name}\t{state}\t{n_rows}\t{created_at}\n")
}

//! Proof that the engine in a browser and the engine on the command line say the same:
//! the digests of their reports are equal on every pair of the golden values.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use super::Platform;
use crate::{
    native,
    program::{self, command},
    workspace,
};

/// What became of one pair: the digest of the report, or nothing when the files were refused.
type Outcomes = BTreeMap<String, Option<String>>;

/// One pair of files to compare.
struct Pair {
    id: String,
    reference: PathBuf,
    current: PathBuf,
    schema: PathBuf,
    must_be_refused: bool,
}

/// Loads the module for Node and asks for nothing.
pub fn load() -> anyhow::Result<()> {
    program::run(&mut node(&[]))
}

/// Compares every pair natively and in Node.
pub fn compare() -> anyhow::Result<()> {
    let corpus = workspace::root().join("conformance");
    if !corpus.join("golden").is_dir() {
        println!("  no golden values in this repository yet: the module is loaded, nothing compared");
        return load();
    }
    let pairs = pairs(&corpus)?;
    let in_node = digests_in_node(&pairs)?;
    let native = digests_of_native(&pairs)?;
    let differences: Vec<String> = pairs.iter().filter_map(|pair| difference(pair, &native, &in_node)).collect();
    ensure!(
        differences.is_empty(),
        "{} of {} pairs differ:\n  {}",
        differences.len(),
        pairs.len(),
        differences.join("\n  ")
    );
    println!("  {} pairs: native and wasm give the same digests", pairs.len());
    Ok(())
}

/// What is wrong with one pair, if anything.
fn difference(pair: &Pair, native: &Outcomes, in_node: &Outcomes) -> Option<String> {
    let id = &pair.id;
    match (native.get(id)?, in_node.get(id)) {
        (_, None) => Some(format!("{id}: no answer from wasm")),
        (Some(_), Some(Some(_))) if pair.must_be_refused => Some(format!("{id}: must be refused, was compared")),
        (one, Some(other)) if one == other => None,
        (one, Some(other)) => Some(format!("{id}: native {}, wasm {}", word(one), word(other))),
    }
}

fn word(outcome: &Option<String>) -> &str {
    outcome.as_deref().unwrap_or("refused")
}

fn pairs(corpus: &Path) -> anyhow::Result<Vec<Pair>> {
    let schemas = workspace::target_dir().join("wasm/schemas");
    fs::create_dir_all(&schemas)?;
    let mut golden: Vec<PathBuf> =
        fs::read_dir(corpus.join("golden"))?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    golden.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    golden.sort();
    ensure!(!golden.is_empty(), "{} holds no golden values", corpus.display());
    golden.iter().map(|path| pair(corpus, path, &schemas).with_context(|| path.display().to_string())).collect()
}

fn pair(corpus: &Path, golden: &Path, schemas: &Path) -> anyhow::Result<Pair> {
    let golden: Value = serde_json::from_slice(&fs::read(golden)?)?;
    let text = |value: &Value| value.as_str().map(str::to_owned).context("expected a text");
    let id = text(&golden["id"])?;
    let schema = schemas.join(format!("{id}.json"));
    fs::write(&schema, schema_of(&golden)?.to_string())?;
    Ok(Pair {
        reference: corpus.join(text(&golden["reference"]["path"])?),
        current: corpus.join(text(&golden["current"]["path"])?),
        must_be_refused: golden["expect"]["error"] == true,
        schema,
        id,
    })
}

/// The part of a golden file that says how to read the pair.
fn schema_of(golden: &Value) -> anyhow::Result<Value> {
    let columns = golden["columns"].as_array().context("no columns")?;
    let columns: Vec<Value> = columns
        .iter()
        .map(|column| json!({ "name": column["name"], "index": column["index"], "kind": column["kind"] }))
        .collect();
    Ok(json!({
        "format": "driftsiren-golden-schema/1",
        "id": golden["id"],
        "parse": golden["parse"],
        "time_format": golden["time_format"],
        "columns": columns,
    }))
}

fn node(arguments: &[&Path]) -> std::process::Command {
    let mut node = command("node");
    node.arg(workspace::root().join("end2end/wasm-digest.mjs")).arg(Platform::Node.folder()).args(arguments);
    node
}

fn digests_in_node(pairs: &[Pair]) -> anyhow::Result<Outcomes> {
    let list: Vec<Value> = pairs
        .iter()
        .map(|pair| {
            json!({
                "id": pair.id,
                "reference": pair.reference,
                "current": pair.current,
                "schema": pair.schema,
            })
        })
        .collect();
    let folder = workspace::target_dir().join("wasm");
    let (list_path, answer_path) = (folder.join("pairs.json"), folder.join("digests.json"));
    fs::write(&list_path, serde_json::to_vec(&list)?)?;
    program::run(&mut node(&[&list_path, &answer_path]))?;
    serde_json::from_slice(&fs::read(&answer_path)?).context("the answer of wasm-digest.mjs")
}

fn digests_of_native(pairs: &[Pair]) -> anyhow::Result<Outcomes> {
    native::everything()?;
    let path = native::command_line();
    pairs.iter().map(|pair| Ok((pair.id.clone(), native_digest(&path, pair)?))).collect()
}

fn native_digest(driftsiren: &Path, pair: &Pair) -> anyhow::Result<Option<String>> {
    let output = command(driftsiren)
        .arg("check")
        .args([&pair.reference, &pair.current])
        .arg("--schema")
        .arg(&pair.schema)
        .args(["--all-metrics", "--fail-on", "never", "--format", "json"])
        .output()
        .context("cannot start driftsiren")?;
    match output.status.code() {
        Some(0) => digest_of(&output.stdout).with_context(|| pair.id.clone()).map(Some),
        // Input unreadable or not comparable.
        Some(3) => Ok(None),
        _ => {
            let message = String::from_utf8_lossy(&output.stderr);
            bail!("{}: driftsiren failed ({}): {message}", pair.id, output.status)
        }
    }
}

fn digest_of(report: &[u8]) -> anyhow::Result<String> {
    let report: Value = serde_json::from_slice(report)?;
    let digest = report["receipt"]["digest"].as_str();
    digest.map(str::to_owned).context("the report has no `receipt.digest`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(digest: Option<&str>) -> Outcomes {
        BTreeMap::from([("pair".to_owned(), digest.map(str::to_owned))])
    }

    fn found(must_be_refused: bool, native: Option<&str>, in_node: Option<&str>) -> Option<String> {
        let pair = Pair {
            id: "pair".to_owned(),
            reference: PathBuf::new(),
            current: PathBuf::new(),
            schema: PathBuf::new(),
            must_be_refused,
        };
        difference(&pair, &outcomes(native), &outcomes(in_node))
    }

    #[test]
    fn equal_digests_and_equal_refusals_pass() {
        assert_eq!(found(false, Some("a"), Some("a")), None);
        assert_eq!(found(false, None, None), None);
        assert_eq!(found(true, None, None), None);
    }

    #[test]
    fn a_planted_difference_is_found() {
        assert!(found(false, Some("a"), Some("b")).is_some());
        assert!(found(false, Some("a"), None).is_some());
        assert!(found(false, None, Some("a")).is_some());
    }

    #[test]
    fn a_broken_file_that_both_compare_is_found() {
        assert!(found(true, Some("a"), Some("a")).is_some());
    }

    #[test]
    fn a_schema_holds_names_kinds_and_how_to_read() {
        let golden = json!({
            "id": "pair", "parse": { "delimiter": ";" }, "time_format": null, "notes": "left out",
            "columns": [{ "name": "x", "index": 0, "kind": "numeric", "metrics": {} }],
        });
        let expected = json!({
            "format": "driftsiren-golden-schema/1",
            "id": "pair", "parse": { "delimiter": ";" }, "time_format": null,
            "columns": [{ "name": "x", "index": 0, "kind": "numeric" }],
        });
        assert_eq!(schema_of(&golden).expect("a sound golden file"), expected);
    }
}

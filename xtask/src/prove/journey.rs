//! What a first user does, with the programs that users have.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::ensure;
use serde_json::Value;

use super::client::{Agent, call};
use crate::{server::Server, workspace};

/// Files pushed as rows and as profiles, and seen on the dataset's page.
pub fn prove(home: &Path, database: &str) -> anyhow::Result<String> {
    let server = Server::start_on("127.0.0.1:0", database, 60)?;
    let (agent, cookie) = Agent::of_new_owner(home, &server.url)?;
    let mut n_rows = 0;
    let files = real_files()?;
    for (name, file) in &files {
        let file = file.to_string_lossy();
        let dataset = name.as_str();
        for more in [&[][..], &["--profile-only"][..]] {
            let arguments = [&["push", &file, "--dataset", dataset, "--create"], more].concat();
            let done = agent.command(&arguments).stderr(Stdio::piped()).output()?;
            ensure!(done.status.success(), "push {file}: {}", String::from_utf8_lossy(&done.stderr));
        }
        let (_, batches) = call(
            &server.url,
            &format!("GET /api/v1/orgs/acme/datasets/{dataset}/batches"),
            &[("cookie", &cookie)],
            None,
        )?;
        let batches: Value = serde_json::from_str(&batches)?;
        let counts: Vec<u64> =
            batches["data"].as_array().into_iter().flatten().filter_map(|b| b["n_rows_accepted"].as_u64()).collect();
        ensure!(counts.len() == 2 && counts[0] == counts[1], "{dataset}: rows and profile differ: {counts:?}");
        n_rows += counts[0];
        let keep = ["dataset", "reference", dataset, &file, "--name", "as-it-was", "--url", &server.url];
        let done = agent.command(&keep).stderr(Stdio::piped()).output()?;
        ensure!(done.status.success(), "reference {file}: {}", String::from_utf8_lossy(&done.stderr));
        let (_, page) = call(&server.url, &format!("GET /orgs/acme/datasets/{dataset}"), &[("cookie", &cookie)], None)?;
        // Thousands are told apart by commas.
        let is_there = page.replace(',', "").contains(&format!("{} rows", counts[0]));
        ensure!(is_there, "the batch of {dataset} is not on its page");
        ensure!(page.contains("as-it-was"), "the reference of {dataset} is not on its page");
    }
    Ok(format!("{} real files, {n_rows} rows pushed, as rows and as profiles", files.len()))
}

/// Real data of the corpus that is small enough to be quick.
fn real_files() -> anyhow::Result<Vec<(String, PathBuf)>> {
    const LARGEST: u64 = 4 << 20;
    const MOST: usize = 8;
    let mut found = Vec::new();
    for entry in fs::read_dir(workspace::root().join("conformance/data"))? {
        let folder = entry?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for file in fs::read_dir(&folder)? {
            let file = file?.path();
            let is_current = file.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with("cur"));
            let size = fs::metadata(&file)?.len();
            if is_current && !name.starts_with("edge_") && !name.starts_with("syn") && (1..LARGEST).contains(&size) {
                found.push((name.clone(), file));
            }
        }
    }
    found.sort();
    found.truncate(MOST);
    ensure!(!found.is_empty(), "the corpus under conformance/data has no real pair");
    Ok(found)
}

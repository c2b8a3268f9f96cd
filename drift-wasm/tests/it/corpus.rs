//! Everything the fuzzer has found worth keeping, through the entry points it calls.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/entry/csv.rs"]
mod csv;
#[path = "../../fuzz/entry/json.rs"]
mod json;
#[path = "../../fuzz/entry/parquet.rs"]
mod parquet;
#[path = "../../fuzz/entry/profile.rs"]
mod profile;

#[rstest::rstest]
#[case::csv("csv", csv::run)]
#[case::json("json", json::run)]
#[case::parquet("parquet", parquet::run)]
#[case::profile("profile", profile::run)]
fn the_corpus_breaks_no_promise(#[case] target: &str, #[case] run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut n_inputs = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        // Shown when the input after it panics.
        println!("{}", path.display());
        run(&fs::read(&path).unwrap());
        n_inputs += 1;
    }
    assert!(n_inputs > 0, "{} is empty", folder.display());
}

/// A corpus of another version's profiles would be refused at the door, and nothing behind it be tried.
#[test]
fn seeds_of_profiles_are_profiles() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/profile");
    for name in ["csv_plain.csv.dsprof", "csv_tabs.tsv.dsprof"] {
        let decoded = drift::profile::Profile::decode(&fs::read(folder.join(name)).unwrap());
        assert!(decoded.is_ok(), "{name}: {:?}; make it again with `driftsiren profile`", decoded.err());
    }
}

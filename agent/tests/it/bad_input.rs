//! What nobody meant to give: each is refused with what was found, where, and what to do, with exit code 3, soon and in
//! bounded memory.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rstest::rstest;

use crate::world::{Ran, World};

/// A small, sound Parquet file whose first column is `bool`, uncompressed.
fn parquet() -> Vec<u8> {
    let fixtures: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../drift-wasm/tests/fixtures/parquet");
    std::fs::read(fixtures.join("codec_none.parquet")).unwrap()
}

/// A number as Parquet's headers spell it: zigzag, seven bits a byte.
fn varint(value: u64) -> Vec<u8> {
    let mut rest = value << 1;
    let mut bytes = Vec::new();
    while rest > 127 {
        bytes.push(rest as u8 & 127 | 128);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

/// The file with the sizes that its first page header claims, before and after compression, replaced by 2 GB.
fn with_a_page_of_2_gb() -> Vec<u8> {
    let sound = parquet();
    // `PAR1`, then field 1 (the kind of page: 1 byte), fields 2 and 3 (the sizes), each after the byte 0x15.
    assert_eq!((sound[4], sound[6]), (0x15, 0x15));
    let after = |start: usize| start + sound[start..].iter().position(|byte| *byte < 128).unwrap() + 1;
    let second = after(7);
    assert_eq!(sound[second], 0x15);
    let rest = after(second + 1);
    let claim = varint(2_000_000_000);
    [&sound[..7], &claim, &[0x15], &claim, &sound[rest..]].concat()
}

/// The file with a footer that claims 2 GB.
fn with_a_footer_of_2_gb() -> Vec<u8> {
    let mut file = parquet();
    let at = file.len() - 8;
    file[at..at + 4].copy_from_slice(&2_000_000_000_u32.to_le_bytes());
    file
}

#[rstest]
#[case::empty("empty.csv", &[], &["empty.csv", "no text", "a header and rows", "help: is this the right file?"])]
#[case::binary("data.bin", &[0, 159, 146, 150, 7, 0, 1], &["data.bin", "binary data", "expected CSV", "help: export the data"])]
#[case::cut_parquet("cut.parquet", &parquet()[..9000], &["cut.parquet", "9000 bytes", "cut short", "help: copy it again"])]
#[case::beheaded_parquet("tail.parquet", &parquet()[4..], &["tail.parquet", "expected"])]
#[case::page("page.parquet", &with_a_page_of_2_gb(), &["page.parquet", "`bool`", "claims 2000000000 bytes", "at most", "help: "])]
#[case::footer("footer.parquet", &with_a_footer_of_2_gb(), &["footer.parquet", "a footer of 2000000000 bytes", "within the file"])]
#[case::other_columns("other.csv", b"x,y\n1,2\n", &["no column in common", "age, income, region", "x, y", "help: check the header"])]
fn a_bad_file_is_refused_on_either_side(#[case] name: &str, #[case] bytes: &[u8], #[case] parts: &[&str]) {
    let world = World::new();
    std::fs::write(world.path(name), bytes).unwrap();
    // Columns are named in the order of the sides, so one direction is enough where the message holds both.
    let sides = if name == "other.csv" { vec![["ref.csv", name]] } else { vec![["ref.csv", name], [name, "ref.csv"]] };
    for [reference, current] in sides {
        let ran = world.run(&["check", reference, current]).ends_with(3).says("error: ");
        let ran = parts.iter().fold(ran, |ran, part| ran.says(part));
        assert_eq!(ran.stdout, "", "a refused input has no report");
    }
}

#[test]
fn a_directory_is_refused_with_what_to_do() {
    let world = World::new();
    world.write("folder/in.csv", "a\n1\n");
    world
        .run(&["check", "folder", "cur.csv"])
        .ends_with(3)
        .says("`folder` is a directory, expected a file")
        .says("merge");
    world.run(&["profile", "folder", "-o", "out.dsprof"]).ends_with(3).says("is a directory");
}

/// More than the longest record that is taken, and what two threads and the allocator need beside it.
#[cfg(target_os = "linux")]
const MOST_KILOBYTES: u32 = 600_000;

/// Runs `check ref.csv -` without more address space than that, and pipes `start` and a gigabyte of `x` to it.
#[cfg(target_os = "linux")]
fn run_on_a_gigabyte(world: &World, start: &str, flags: &str) -> (Ran, u64) {
    let check = format!("ulimit -v {MOST_KILOBYTES}; exec \"$0\" check ref.csv - {flags}");
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", &check, env!("CARGO_BIN_EXE_driftsiren")]).current_dir(world.path("")).env_clear();
    command.env("HOME", world.path("home")).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let chunk = vec![b'x'; 1 << 20];
    let mut n_taken = 0;
    let mut bytes = start.as_bytes();
    // A refusal closes the pipe; what is written after that fails, and is not wanted.
    while n_taken < 1 << 30 && stdin.write_all(bytes).is_ok() {
        n_taken += bytes.len() as u64;
        bytes = &chunk;
    }
    drop(stdin);
    (Ran::from(child.wait_with_output().unwrap()), n_taken)
}

#[cfg(target_os = "linux")]
#[rstest]
#[case::csv("a,b\n1,2\n", "--threads 1", &["stdin, row ", "a record of more than", "a quote left open"])]
#[case::open_quote("a,b\n1,\"", "--threads 2", &["stdin, row ", "a record of more than", "a quote left open"])]
#[case::header("", "--threads 1", &["stdin", "a first row of more than", "a header row"])]
#[case::ndjson("{\"a\": 1}\n{\"a\": \"", "--threads 2", &["stdin, row ", "more than"])]
#[case::json_array("[{\"a\": \"", "--threads 1", &["stdin, row 1", "a row of more than", "a quote left open"])]
fn a_line_of_a_gigabyte_is_refused_in_bounded_memory_before_its_end(
    #[case] start: &str,
    #[case] flags: &str,
    #[case] parts: &[&str],
) {
    let (ran, n_taken) = run_on_a_gigabyte(&World::new(), start, flags);
    let ran = ran.ends_with(3).says("error: ").says("help: ");
    parts.iter().fold(ran, |ran, part| ran.says(part));
    assert!(n_taken < 1 << 28, "{n_taken} bytes were taken before the refusal");
}

#[rstest]
#[case::threads(&["check", "ref.csv", "cur.csv", "--threads", "two"], "--threads")]
#[case::unknown_command(&["chekc", "ref.csv", "cur.csv"], "'check'")]
#[case::flag_without_value(&["check", "ref.csv", "cur.csv", "--policy"], "--policy")]
#[case::input_format(&["check", "ref.csv", "cur.csv", "--input-format", "xlsx"], "xlsx")]
#[case::three_inputs(&["check", "ref.csv", "cur.csv", "more.csv"], "more.csv")]
fn wrong_flags_end_with_2_and_name_the_flag(#[case] arguments: &[&str], #[case] message: &str) {
    let ran = World::new().run(arguments).ends_with(2).says(message).says("error: ");
    assert_eq!(ran.stdout, "");
}

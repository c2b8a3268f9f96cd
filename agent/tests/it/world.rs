//! A folder of its own for each test, and the binary run in it without the developer's environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A temporary folder with a home and two inputs: `ref.csv` and the drifted `cur.csv`.
pub struct World {
    folder: TempDir,
}

/// What a run left behind.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    pub fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        world.write("ref.csv", &csv(300, 0));
        world.write("cur.csv", &csv(300, 40));
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// Names in the folder, to see that nothing was left behind.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The binary in `folder` of this world.
    pub fn command_in(&self, folder: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftsiren"));
        command.args(arguments).current_dir(self.path(folder)).env_clear();
        command.env("HOME", self.path("home")).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command_in("", arguments))
    }

    pub fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        Ran::of(self.command_in("", arguments).envs(variables.iter().copied()))
    }

    pub fn run_on(&self, stdin: &Path, arguments: &[&str]) -> Ran {
        Ran::of(self.command_in("", arguments).stdin(std::fs::File::open(stdin).unwrap()))
    }
}

impl Ran {
    pub fn of(command: &mut Command) -> Self {
        Self::from(command.output().unwrap())
    }

    #[track_caller]
    pub fn from(output: Output) -> Self {
        let ran = Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        assert!(!ran.stderr.contains("panicked") && !ran.stderr.contains("a bug in driftsiren"), "{}", ran.stderr);
        ran
    }

    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "expected {text:?} in: {}", self.stderr);
        self
    }

    #[track_caller]
    pub fn report(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

/// Rows of an `age` around 40 plus `shift`, an `income` and a `region`.
pub fn csv(n_rows: u32, shift: u32) -> String {
    let mut text = String::from("age,income,region\n");
    for row in 0..n_rows {
        let (age, income) = (20 + shift + row * 7 % 41, 1_000 + row * 37 % 997);
        let region = ["north", "south", "west"][(row % 3) as usize];
        text.push_str(&format!("{age},{income}.5,{region}\n"));
    }
    text
}

//! `cargo xtask conformance`: the command line against the golden values.

mod compare;
mod corpus;
mod mapping;
mod tally;
mod tool;

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::{Context, bail};
use clap::Args;

use crate::{native, workspace};

use compare::Tolerances;
use corpus::Pair;
use mapping::{Mapping, Run};
use tally::{Reports, Tally};
use tool::{Answer, Prepared, Scratch};

const N_THREADS: usize = 2;
const N_SHOWN: usize = 50;
/// What the program exits with when it cannot read an input.
const UNREADABLE: i32 = 3;

/// What to compare.
#[derive(Args)]
pub struct Options {
    /// A corpus: a folder with `golden`, `data` and `tolerances.json`; the repository's own unless given
    #[arg(value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// Failures to list
    #[arg(long, value_name = "N", default_value_t = N_SHOWN)]
    show: usize,
    /// The program to ask; this repository's, freshly built, unless given
    #[arg(long, value_name = "PATH")]
    bin: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { corpus: None, show: N_SHOWN, bin: None }
    }
}

/// What the program said of a pair.
struct Heard {
    default: Answer,
    evidently: Option<Answer>,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let own = workspace::root().join("conformance");
    let folder = found(options.corpus.as_deref().unwrap_or(&own))?;
    let pairs = corpus::read(&folder)?;
    let tolerances = [&folder, &own]
        .map(|folder| folder.join("tolerances.json"))
        .into_iter()
        .find(|path| path.is_file())
        .context("there is no tolerances.json")?;
    let tolerances = Tolerances::read(&tolerances)?;
    // Always our own: it is about what our reports look like.
    let mapping = Mapping::read(&own.join("mapping.json"))?;
    let program = match &options.bin {
        Some(path) => found(path)?,
        None => built()?,
    };
    println!("{} pairs of {}", pairs.len(), folder.display());
    let heard = ask(&folder, &pairs, &program)?;
    let mut tally = Tally::default();
    for (pair, heard) in pairs.iter().zip(heard) {
        judge(&mut tally, pair, heard, &mapping, &tolerances);
    }
    if !tally.print(options.show) {
        bail!("the golden values are not reproduced");
    }
    Ok(())
}

fn found(path: &Path) -> anyhow::Result<PathBuf> {
    path.canonicalize().with_context(|| format!("cannot find {}", path.display()))
}

fn built() -> anyhow::Result<PathBuf> {
    native::everything()?;
    found(&native::command_line())
}

/// Asks the program about every pair, several at a time; the answers come in the order of the pairs.
fn ask(folder: &Path, pairs: &[Pair], program: &Path) -> anyhow::Result<Vec<Heard>> {
    let scratch = Scratch::new("conformance")?;
    let next = AtomicUsize::new(0);
    let heard = Mutex::new(Vec::new());
    thread::scope(|scope| {
        let work = || -> anyhow::Result<()> {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(pair) = pairs.get(index) else {
                    return Ok(());
                };
                let work = scratch.folder(&index.to_string())?;
                let answers = ask_about(folder, pair, program, work)
                    .with_context(|| format!("cannot compare the pair {}", pair.id))?;
                let mut heard = heard.lock().expect("no thread panics while it holds this");
                heard.push((index, answers));
            }
        };
        let threads: Vec<_> = (0..N_THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("threads end by themselves"))
    })?;
    let mut heard = heard.into_inner().expect("all threads have ended");
    heard.sort_by_key(|(index, _)| *index);
    Ok(heard.into_iter().map(|(_, answers)| answers).collect())
}

fn ask_about(folder: &Path, pair: &Pair, program: &Path, work: PathBuf) -> anyhow::Result<Heard> {
    let prepared = Prepared::new(folder, pair, work)?;
    let default = prepared.check(program, Run::Default)?;
    let evidently = if default.code == Some(0) { Some(prepared.check(program, Run::Evidently)?) } else { None };
    Ok(Heard { default, evidently })
}

fn judge(tally: &mut Tally, pair: &Pair, heard: Heard, mapping: &Mapping, tolerances: &Tolerances) {
    if pair.expect.error {
        let answer = &heard.default;
        let is_right = answer.code == Some(UNREADABLE) && answer.is_orderly() && !answer.message.is_empty();
        let wrong = (!is_right).then(|| format!("expected exit {UNREADABLE} and a message, got {}", answer.shown()));
        tally.expected(&pair.id, "error", wrong);
        return;
    }
    for answer in [Some(&heard.default), heard.evidently.as_ref()].into_iter().flatten() {
        if answer.code == Some(0) && answer.report.is_some() {
            continue;
        }
        if pair.may_be_refused() && answer.is_orderly() {
            tally.refused(&pair.id, answer.shown());
        } else {
            tally.expected(&pair.id, "report", Some(answer.shown()));
        }
        return;
    }
    if let Some(default) = heard.default.report {
        let reports = Reports { default, evidently: heard.evidently.and_then(|answer| answer.report) };
        tally.add(pair, &reports, mapping, tolerances);
    }
}

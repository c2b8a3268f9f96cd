//! What browsers load: the pages and the engine as modules, the workers' scripts, the samples; in one folder.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use brotli::CompressorWriter;
use clap::Args;

use crate::{
    requirement::Area,
    setup,
    wasm::{Effort, Module, Platform, build},
    workspace,
};

/// How to build it.
#[derive(Args)]
#[group(skip)]
pub struct Options {
    /// Build the browser's part quickly: larger and slower, for work on the pages
    #[arg(long)]
    quick: bool,
}

impl Options {
    pub fn effort(&self) -> Effort {
        if self.quick { Effort::Quick } else { Effort::Small }
    }
}

/// Files that are as small as they get.
const COMPRESSED: [&str; 4] = ["gz", "png", "br", "parquet"];

/// Where the folder lies.
pub fn folder() -> PathBuf {
    workspace::target_dir().join("site")
}

/// Builds the modules and gathers everything.
pub fn make(effort: Effort) -> anyhow::Result<()> {
    setup::ensure(&[Area::Build, Area::Wasm])?;
    if effort == Effort::Small {
        setup::ensure(&[Area::Node])?;
    }
    build::for_browsers(true)?;
    build::module(Module::Pages, Platform::Web, effort)?;
    let folder = folder();
    let _ = fs::remove_dir_all(&folder);
    copy(&Platform::Web.folder(), &folder)?;
    copy(&workspace::root().join("public"), &folder)?;
    // The workers' scripts load their modules from beside them.
    copy(&folder.join("engine"), &folder)?;
    fs::remove_dir_all(folder.join("engine"))?;
    if effort == Effort::Small {
        compress(&folder)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let (from, to) =
            (entry.as_ref().map(fs::DirEntry::path), entry.as_ref().map(|entry| to.join(entry.file_name())));
        let (Ok(from), Ok(to)) = (from, to) else { continue };
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(&from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
        }
    }
    Ok(())
}

/// Writes a `.br` beside each file that gets smaller.
fn compress(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            compress(&path)?;
            continue;
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if COMPRESSED.contains(&extension.as_str()) {
            continue;
        }
        let bytes = fs::read(&path)?;
        let mut out = Vec::new();
        CompressorWriter::new(&mut out, 64 * 1024, 11, 22).write_all(&bytes)?;
        if out.len() < bytes.len() {
            fs::write(path.with_extension(format!("{extension}.br")), &out)?;
            println!(
                "  {:>9} → {:>8} bytes  {}",
                bytes.len(),
                out.len(),
                path.file_name().unwrap_or_default().display()
            );
        }
    }
    Ok(())
}

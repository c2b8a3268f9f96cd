//! `cargo xtask wasm`: the engine as a module for browsers and for Node; the pages for browsers.

pub mod build;
pub mod digest;

use std::path::PathBuf;

use clap::Args;

use crate::{requirement::Area, setup, workspace};

/// What to build.
#[derive(Args)]
pub struct Options {
    /// Only the module for Node, which tests use
    #[arg(long)]
    pub node_only: bool,
    /// Also the module that reads Parquet, several times as large and slow to compile
    #[arg(long)]
    pub parquet: bool,
    /// Then compare with the native engine, on every pair of the golden values
    #[arg(long)]
    pub compare: bool,
}

/// What is built. Browsers load the larger modules only when they need them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    /// Reads text; loaded with the page.
    Reader,
    /// Reads Parquet and zstd too, and cuts inputs in two; twice as large.
    ReaderWithParquet,
    /// Compares, judges and draws.
    Session,
    /// Everything but Parquet in one, for Node.
    Whole,
    /// The pages, as the browser takes them over.
    Pages,
}

/// How the pages are made: for people who use them, or for one who builds them ten times an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    Small,
    Quick,
}

impl Module {
    /// The name of its files.
    fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::ReaderWithParquet => "reader_parquet",
            Self::Session => "session",
            Self::Whole => "drift",
            Self::Pages => "pages",
        }
    }

    fn package(self) -> &'static str {
        if self == Self::Pages { "driftsiren-app" } else { "drift-wasm" }
    }

    /// The name of what the compiler writes.
    fn library(self) -> &'static str {
        if self == Self::Pages { "driftsiren_app" } else { "drift" }
    }

    fn profile(self, effort: Effort) -> &'static str {
        match (self, effort) {
            (Self::Pages, Effort::Small) => "pages",
            (Self::Pages, Effort::Quick) => "pages-quick",
            (Self::Reader | Self::ReaderWithParquet | Self::Session | Self::Whole, _) => "wasm",
        }
    }

    /// What the compiler is told besides.
    fn flags(self) -> &'static [&'static str] {
        // As `.cargo/config.toml` has it for the server.
        if self == Self::Pages { &["--cfg=erase_components"] } else { &[] }
    }

    fn features(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::ReaderWithParquet => "reader,parquet,split",
            Self::Session => "session",
            Self::Whole => "reader,session,patterns,zstd",
            Self::Pages => "hydrate",
        }
    }
}

/// Where a module is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    Node,
    Web,
}

impl Platform {
    fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Web => "web",
        }
    }

    /// Where its module is written.
    pub fn folder(self) -> PathBuf {
        workspace::target_dir().join("wasm").join(self.name())
    }
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    setup::ensure(&[Area::Build, Area::Node, Area::Wasm])?;
    build::module(Module::Whole, Platform::Node, Effort::Small)?;
    if !options.node_only {
        build::for_browsers(options.parquet)?;
    }
    if options.compare { digest::compare() } else { digest::load() }
}

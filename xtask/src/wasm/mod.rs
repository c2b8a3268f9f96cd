//! `cargo xtask wasm`: the engine as a module for browsers and for Node.

pub mod build;
pub mod digest;
pub mod standard_library;

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

/// What is built. Browsers load the larger module only for files that need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    Engine,
    EngineWithParquet,
    /// The pages, as the browser takes them over.
    Pages,
}

/// How a module is made: for people who use it, or for one who builds it ten times an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    Small,
    Quick,
}

impl Module {
    /// The name of its files.
    fn name(self) -> &'static str {
        match self {
            Self::Engine => "drift",
            Self::EngineWithParquet => "drift_parquet",
            Self::Pages => "pages",
        }
    }

    fn package(self) -> &'static str {
        match self {
            Self::Engine | Self::EngineWithParquet => "drift-wasm",
            Self::Pages => "driftsiren-app",
        }
    }

    /// The name of what the compiler writes.
    fn library(self) -> &'static str {
        match self {
            Self::Engine | Self::EngineWithParquet => "drift",
            Self::Pages => "driftsiren_app",
        }
    }

    fn profile(self, effort: Effort) -> &'static str {
        match (self, effort) {
            (Self::Engine | Self::EngineWithParquet, _) => "wasm",
            (Self::Pages, Effort::Small) => "pages",
            (Self::Pages, Effort::Quick) => "pages-quick",
        }
    }

    fn features(self) -> &'static [&'static str] {
        match self {
            Self::Engine => &["--no-default-features", "--features", "worker"],
            Self::EngineWithParquet => &["--no-default-features", "--features", "worker,parquet"],
            Self::Pages => &["--no-default-features", "--features", "hydrate"],
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
    let platforms: &[Platform] = if options.node_only { &[Platform::Node] } else { &[Platform::Node, Platform::Web] };
    build::module(Module::Engine, platforms, Effort::Small)?;
    if options.parquet {
        build::module(Module::EngineWithParquet, platforms, Effort::Small)?;
    }
    if options.compare { digest::compare() } else { digest::load() }
}

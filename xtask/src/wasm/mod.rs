//! `cargo xtask wasm`: the engine as a module for browsers and for Node.

mod build;
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
    /// Then compare with the native engine, on every pair of the golden values
    #[arg(long)]
    pub compare: bool,
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
    setup::ensure(&[Area::Build, Area::Wasm])?;
    let platforms: &[Platform] = if options.node_only {
        &[Platform::Node]
    } else {
        &[Platform::Node, Platform::Web]
    };
    build::engine(platforms)?;
    if options.compare {
        digest::compare()
    } else {
        digest::load()
    }
}

//! Compiling the engine and the pages for wasm32, then making what JavaScript loads.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;

use super::{Effort, Module, Platform};
use crate::{
    program::{cargo, command, find, run},
    standard_library, workspace,
};

/// Every feature that compilers use and every browser since 2023 has. `--all-features` would also
/// switch on proposals that no browser reads.
const OPTIMIZER: [&str; 9] = [
    "--strip-debug",
    "--strip-producers",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-simd",
];

/// Does not put large functions into their only caller. A browser compiles a hot function a second time, as a whole and
/// while it is wanted: of a comparison in one piece that took longer than the comparison.
const KEEP_APART: &str = "--one-caller-inline-max-function-size=150";

/// Builds the engine's modules that browsers load.
pub fn for_browsers(with_parquet: bool) -> anyhow::Result<()> {
    module(Module::Reader, Platform::Web, Effort::Small)?;
    module(Module::Session, Platform::Web, Effort::Small)?;
    if with_parquet {
        module(Module::ReaderWithParquet, Platform::Web, Effort::Small)?;
    }
    Ok(())
}

/// Builds a module for a platform.
pub fn module(module: Module, platform: Platform, effort: Effort) -> anyhow::Result<()> {
    let compiled = compile(module, effort)?;
    // What was made from the very same compiled module, in the same way, need not be made again.
    let stamp = workspace::target_dir().join("wasm").join(format!("{}-{}.stamp", module.name(), platform.name()));
    build_bindgen()?;
    let optimizer = format!("{:?} {OPTIMIZER:?}", level(module));
    let made_from = identity(&compiled, module.profile(effort))? + &identity(&bindgen(), "bindgen")? + &optimizer;
    let result = platform.folder().join(format!("{}_bg.wasm", module.name()));
    if result.is_file() && fs::read_to_string(&stamp).is_ok_and(|stamped| stamped == made_from) {
        return Ok(());
    }
    bind(module, &compiled, platform)?;
    if platform == Platform::Web && effort == Effort::Small {
        optimize(module, platform)?;
    }
    fs::write(&stamp, made_from).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Tells one compiled module from another.
fn identity(compiled: &Path, profile: &str) -> anyhow::Result<String> {
    let file = fs::metadata(compiled).with_context(|| format!("cannot read {}", compiled.display()))?;
    Ok(format!("{profile} {} {:?}\n", file.len(), file.modified()?))
}

/// Compiles a module; returns where it lies.
fn compile(module: Module, effort: Effort) -> anyhow::Result<PathBuf> {
    let library = standard_library::find().context("the wasm32 standard library is missing")?;
    // A folder of its own: another compiler may build here than builds everything else, and what two modules of one
    // package are compiled to has the same name, so that each would be compiled anew after the other.
    let target_dir = workspace::target_dir().join("wasm-build").join(module.name());
    let mut build = library.cargo(module.flags());
    build
        .args(["build", "--package", module.package(), "--lib", "--profile", module.profile(effort)])
        .args(["--target", standard_library::TARGET])
        .args(["--no-default-features", "--features", module.features()])
        .env("CARGO_TARGET_DIR", &target_dir);
    with_c_compiler(&mut build);
    run(&mut build)?;
    let folder = target_dir.join(standard_library::TARGET).join(module.profile(effort));
    Ok(folder.join(module.library()).with_extension("wasm"))
}

/// Names a C compiler for wasm32 where there is one; crates with C inside need it.
fn with_c_compiler(build: &mut std::process::Command) {
    const CLANG: [&str; 4] = ["clang", "clang-22", "clang-19", "clang-16"];
    const AR: [&str; 4] = ["llvm-ar", "llvm-ar-22", "llvm-ar-19", "llvm-ar-16"];
    let first = |names: [&'static str; 4]| names.into_iter().find(|name| find(name).is_some());
    if let (Some(clang), Some(ar)) = (first(CLANG), first(AR)) {
        build.env("CC_wasm32_unknown_unknown", clang).env("AR_wasm32_unknown_unknown", ar);
    }
}

fn build_bindgen() -> anyhow::Result<()> {
    run(&mut cargo(&["build", "--package", "xtask", "--features", "bindgen", "--bin", "bindgen"]))
}

fn bindgen() -> PathBuf {
    workspace::target_dir().join("debug/bindgen")
}

fn bind(module: Module, compiled: &Path, platform: Platform) -> anyhow::Result<()> {
    let folder = platform.folder();
    fs::create_dir_all(&folder)?;
    let arguments: [&OsStr; 4] =
        [compiled.as_os_str(), module.name().as_ref(), platform.name().as_ref(), folder.as_ref()];
    run(command(bindgen()).args(arguments))?;
    if platform == Platform::Node {
        // The loader is CommonJS, whatever the folders above say.
        fs::write(folder.join("package.json"), "{ \"type\": \"commonjs\" }\n")?;
    }
    Ok(())
}

/// Makes the module smaller; without the optimizer it stays as it is, and works all the same.
fn optimize(module: Module, platform: Platform) -> anyhow::Result<()> {
    let wasm_opt = workspace::root().join("xtask/npm/node_modules/.bin/wasm-opt");
    if !wasm_opt.exists() {
        println!("  wasm-opt is not installed: the module for browsers stays larger than it need be");
        return Ok(());
    }
    let file = platform.folder().join(format!("{}_bg.wasm", module.name()));
    let n_bytes = |path: &Path| fs::metadata(path).map(|file| file.len());
    let before = n_bytes(&file)?;
    run(command(wasm_opt).args(level(module)).args(OPTIMIZER).arg(&file).arg("-o").arg(&file))?;
    println!("  {} for browsers: {before} → {} bytes", module.name(), n_bytes(&file)?);
    Ok(())
}

/// How hard the optimizer tries. The engine must be fast; of the pages every byte that travels is waited for. What `-Oz`
/// folds together is smaller on the disk by a seventh, but larger by a twentieth when it is compressed.
fn level(module: Module) -> &'static [&'static str] {
    if module == Module::Pages { &["-O1"] } else { &["-O3", KEEP_APART] }
}

//! `bindgen MODULE.wasm NAME (node|web) OUT_DIR`: writes the module and the JavaScript that loads it.
//!
//! A program of its own, so that only those who build for the browser compile the library behind it.

use anyhow::{Context, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, name, target, out_dir] = arguments.as_slice() else {
        bail!("usage: bindgen MODULE.wasm NAME (node|web) OUT_DIR");
    };
    let mut bindgen = Bindgen::new();
    match target.as_str() {
        "node" => bindgen.nodejs(true)?,
        "web" => bindgen.web(true)?,
        other => bail!("target `{other}` is not one of node, web"),
    };
    bindgen
        .input_path(module)
        .out_name(name)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The loader finds its module beside itself, so pages need not pass an address.
        .omit_default_module_path(false)
        .generate(out_dir)
        .with_context(|| format!("cannot turn `{module}` into a module for {target}"))
}

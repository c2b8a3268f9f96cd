//! `bindgen MODULE.wasm NAME (node|web) OUT_DIR`: writes the module and the JavaScript that loads it.
//!
//! A program of its own, so that only those who build for the browser compile the library behind it.

use anyhow::{Context, bail};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module, ModuleConfig};
use wasm_bindgen_cli_support::Bindgen;

/// The end of the names of functions that no page calls, and that the compiler must keep because views are held by
/// tables of functions: taking over a page piece by piece, which only lazily loaded pages do. The functions within
/// them are not named so on purpose: the compiler may have made them one with functions that are called.
const NEVER_CALLED: &str = "hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$17h";
/// What follows there: a hash and an `E`.
const HASH_LENGTH: usize = 17;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, name, target, out_dir] = arguments.as_slice() else {
        bail!("usage: bindgen MODULE.wasm NAME (node|web) OUT_DIR");
    };
    let mut parsed = ModuleConfig::new()
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse_file(module)
        .with_context(|| format!("cannot read `{module}`"))?;
    empty_never_called(&mut parsed);
    let mut bindgen = Bindgen::new();
    match target.as_str() {
        "node" => bindgen.nodejs(true)?,
        "web" => bindgen.web(true)?,
        other => bail!("target `{other}` is not one of node, web"),
    };
    bindgen
        .input_module(name, parsed)
        .out_name(name)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The loader finds its module beside itself, so pages need not pass an address.
        .omit_default_module_path(false)
        .generate(out_dir)
        .with_context(|| format!("cannot turn `{module}` into a module for {target}"))
}

/// Makes a trap of what is never called; what only it called is then dropped by the optimizer.
fn empty_never_called(module: &mut Module) {
    let is_never_called = |name: Option<&str>| {
        name.is_some_and(|name| {
            name.len().checked_sub(HASH_LENGTH).is_some_and(|end| name[..end].ends_with(NEVER_CALLED))
        })
    };
    let ids: Vec<FunctionId> = module
        .funcs
        .iter_local()
        .filter(|(id, _)| is_never_called(module.funcs.get(*id).name.as_deref()))
        .map(|(id, _)| id)
        .collect();
    for id in ids {
        let (parameters, results) = module.types.params_results(module.funcs.get(id).ty());
        let (parameters, results) = (parameters.to_vec(), results.to_vec());
        let arguments = parameters.iter().map(|parameter| module.locals.add(*parameter)).collect();
        let mut trap = FunctionBuilder::new(&mut module.types, &parameters, &results);
        trap.func_body().unreachable();
        module.funcs.get_mut(id).kind = FunctionKind::Local(trap.local_func(arguments));
    }
}

// node wasm-digest.mjs MODULE_FOLDER [PAIRS.json ANSWER.json]
//
// Loads the engine's module as Node sees it. With a list of pairs it compares each one and writes
// {id: digest}, with null where the engine refuses the files; `cargo xtask wasm --compare` holds
// that against the native engine.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";

const [folder, pairsPath, answerPath] = process.argv.slice(2);
const engine = createRequire(import.meta.url)(join(resolve(folder), "drift.js"));
console.log(`  the module loads in Node ${process.version}: ${Object.keys(engine).sort().join(", ") || "no exports yet"}`);

function digest({ reference, current, schema }) {
  const options = { schema: JSON.parse(readFileSync(schema, "utf8")), all_metrics: true };
  let report;
  try {
    report = engine.check_files(
      readFileSync(reference),
      basename(reference),
      readFileSync(current),
      basename(current),
      JSON.stringify(options),
    );
  } catch (error) {
    // A trap is a bug of the engine; a refusal is an answer.
    if (error instanceof WebAssembly.RuntimeError) throw error;
    return null;
  }
  const found = JSON.parse(report).receipt?.digest;
  if (typeof found !== "string") throw new Error("the report has no `receipt.digest`");
  return found;
}

if (pairsPath) {
  const pairs = JSON.parse(readFileSync(pairsPath, "utf8"));
  const answer = {};
  for (const pair of pairs) {
    try {
      answer[pair.id] = digest(pair);
    } catch (error) {
      throw new Error(`${pair.id}: ${error.message}`, { cause: error });
    }
  }
  writeFileSync(answerPath, JSON.stringify(answer, null, 1));
}

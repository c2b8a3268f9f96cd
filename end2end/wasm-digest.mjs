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

function digest(pair) {
  const settings = JSON.stringify({ schema: JSON.parse(readFileSync(pair.schema, "utf8")), all_metrics: true });
  const whole = answer(() => engine.check_files(...inputs(pair).flatMap(({ bytes, name }) => [bytes, name]), settings));
  const inPieces = answer(() => checkInPieces(inputs(pair), settings));
  if (whole !== inPieces) throw new Error(`whole files give ${whole}, pieces ${inPieces}`);
  return whole;
}

const inputs = ({ reference, current }) =>
  [reference, current].map((path) => ({ bytes: readFileSync(path), name: basename(path) }));

// As the browser's workers do it: bytes in pieces, blocks profiled by their reader and by a helper in turn, the session.
function checkInPieces(sides, settings) {
  const arrivals = new engine.Arrivals(...sides.map(({ name }) => name), settings);
  sides.forEach(({ bytes, name }, side) => {
    const options = arrivals.options(side);
    const reader = new engine.Reader(name, options, bytes.length);
    let n_blocks = 0;
    const passOn = () => {
      while (reader.waiting > 0) {
        const helped = n_blocks++ % 2 === 0;
        const block = helped ? new engine.Helper(name, options, reader.table()).profile(reader.block()) : reader.profile();
        for (let n = block.next(); n > 0; n = block.next()) {
          const piece = new Uint8Array(n);
          block.copyTo(piece);
          arrivals.take(side, piece);
        }
      }
    };
    for (let at = 0, length = 977; at < bytes.length; at += length, length = (length * 31) % 65_521) {
      reader.push(bytes.subarray(at, at + length));
      passOn();
    }
    const ending = reader.finish();
    passOn();
    arrivals.end(side, ending);
  });
  return new engine.Session(arrivals, settings).json();
}

function answer(check) {
  let report;
  try {
    report = check();
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

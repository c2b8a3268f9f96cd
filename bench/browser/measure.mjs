// node measure.mjs ENGINE REFERENCE CURRENT
//
// Opens the browser, hands two files to one engine, and prints what it took until the answer as one line of JSON:
// {seconds, cpu_seconds, idle_mb, growth_mb, browser, result}. `cargo xtask bench browser` calls it.
//
// CHROMIUM is the browser, MODULES a node_modules folder with what package.json names, SITE the address of our page,
// PROFILE a folder for the browser, which must be new.
import { createReadStream, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize, resolve } from "node:path";
import { flags } from "./flags.mjs";
import { cpuSeconds, megabytes } from "./tree.mjs";

const [engine, reference, current] = process.argv.slice(2);
const { CHROMIUM, MODULES, SITE, PROFILE } = process.env;
const modules = createRequire(join(resolve(MODULES), "_"));
const { chromium } = modules("playwright-core");
const { build, stop } = modules("esbuild");

const SAMPLE_MS = 200;
const PATIENCE_MS = 15 * 60_000;
const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };
async function script() {
  const entry = join(import.meta.dirname, `${engine}.mjs`);
  const options = { bundle: true, format: "iife", logLevel: "error", minify: true, nodePaths: [MODULES], write: false };
  const { outputFiles } = await build({ entryPoints: [entry], ...options });
  // Its process must not be counted with the browser's.
  await stop();
  return outputFiles[0].text;
}

/** A page for the engines of others, and what they load. */
async function serve(bundle) {
  const page = '<!doctype html><meta charset="utf-8"><title>bench</title><script src="/engine.js"></script>';
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const type = TYPES[extname(pathname)] ?? "text/html";
    response.setHeader("Content-Type", type);
    if (pathname === "/") return response.end(page);
    if (pathname === "/engine.js") return response.end(bundle);
    if (!pathname.startsWith("/modules/")) return response.writeHead(404).end();
    const file = createReadStream(join(MODULES, normalize(pathname.slice("/modules".length))));
    file.on("error", () => response.writeHead(404).end());
    file.pipe(response);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

async function open(context, bundle, address) {
  const page = context.pages()[0] ?? (await context.newPage());
  page.on("pageerror", (error) => console.error(String(error)));
  await page.goto(address);
  if (engine === "driftsiren") {
    await page.locator("html[data-ready]").waitFor({ state: "attached" });
    await page.evaluate(bundle);
  }
  // Files chosen in the page are read from the disk, as dropped ones are.
  await page.evaluate(() => {
    for (const id of ["bench-reference", "bench-current"]) {
      document.body.append(Object.assign(document.createElement("input"), { type: "file", id, hidden: true }));
    }
  });
  await page.locator("#bench-reference").setInputFiles(reference);
  await page.locator("#bench-current").setInputFiles(current);
  return page;
}

/** Waits until the page has nothing to do any more: its memory stands still. */
async function settled() {
  let before = megabytes(process.pid);
  for (let tries = 0; tries < 25; tries++) {
    await new Promise((later) => setTimeout(later, 2 * SAMPLE_MS));
    const now = megabytes(process.pid);
    if (Math.abs(now - before) < 1) return now;
    before = now;
  }
  return before;
}

/** In the page: from the drop until the answer is on the screen. */
async function run() {
  const file = (id) => document.getElementById(id).files[0];
  const startedAt = performance.now();
  const result = await window.detect(file("bench-reference"), file("bench-current"));
  await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
  return { seconds: (performance.now() - startedAt) / 1000, result };
}

async function measure(page) {
  const idle = await settled();
  let peak = idle;
  const sample = () => (peak = Math.max(peak, megabytes(process.pid)));
  const sampling = setInterval(sample, SAMPLE_MS);
  const before = cpuSeconds(process.pid);
  const crash = new Promise((_, reject) => page.on("crash", () => reject(new Error("the page crashed"))));
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("no answer in time")), PATIENCE_MS).unref());
  try {
    const { seconds, result } = await Promise.race([page.evaluate(run), crash, late]);
    const cpu = cpuSeconds(process.pid) - before;
    sample();
    return { seconds, cpu_seconds: cpu, idle_mb: idle, growth_mb: peak - idle, result };
  } finally {
    clearInterval(sampling);
  }
}

const bundle = await script();
const server = engine === "driftsiren" ? { address: SITE, close() {} } : await serve(bundle);
const context = await chromium.launchPersistentContext(PROFILE, { executablePath: CHROMIUM, headless: true, args: flags });
try {
  const page = await open(context, bundle, server.address);
  const measured = await measure(page);
  const [, browser] = /Chrome\/(\S+)/.exec(await page.evaluate(() => navigator.userAgent)) ?? [];
  console.log(JSON.stringify({ ...measured, browser }));
} finally {
  await context.close();
  server.close();
}

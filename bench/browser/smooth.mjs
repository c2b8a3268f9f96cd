// node smooth.mjs REFERENCE CURRENT
//
// Whether our page answers while it works: the longest that its main thread was busy at a stretch, how long a judgement
// anew takes until the table says so, and how frames follow each other while a report of 2,000 columns is scrolled
// through. Prints one line of JSON, in milliseconds; a stretch of less than 50 counts as 0. `cargo xtask bench browser` calls it, with the variables of measure.mjs.
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { flags } from "./flags.mjs";

const files = process.argv.slice(2);
const { CHROMIUM, MODULES, SITE, PROFILE } = process.env;
const { chromium } = createRequire(join(resolve(MODULES), "_"))("playwright-core");

const PATIENCE_MS = 5 * 60_000;
const N_COLUMNS = 2_000;
const N_ROWS = 100;

/** In the page, before its own scripts: notes every task of 50 ms and more. */
function watch() {
  window.longTasks = [];
  const note = (list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration));
  new PerformanceObserver(note).observe({ type: "longtask", buffered: true });
}

const busiest = (page) => page.evaluate(() => Math.max(0, ...window.longTasks.splice(0)));

/** In the page: moves the floor as a hand does, and waits each time until the report says something else. */
async function judgeAnew() {
  const floor = document.querySelector("input[type=range]");
  const times = [];
  for (let step = 0; step < 20; step++) {
    const startedAt = performance.now();
    const changed = new Promise((seen) => {
      const watch = new MutationObserver(() => (watch.disconnect(), seen()));
      watch.observe(document.querySelector(".column-table"), { characterData: true, childList: true, subtree: true });
    });
    floor.value = String(0.02 + 0.02 * (step % 10));
    floor.dispatchEvent(new Event("input", { bubbles: true }));
    await changed;
    times.push(performance.now() - startedAt);
    await new Promise((later) => setTimeout(later, 200));
  }
  return times.sort((a, b) => a - b);
}

/** In the page: drops two files of many columns, of which each third moved. */
function dropWide([nColumns, nRows]) {
  const names = Array.from({ length: nColumns }, (_, at) => `column_${at}`).join(",");
  const rows = (by) =>
    Array.from({ length: nRows }, (_, row) =>
      Array.from({ length: nColumns }, (_, at) => ((row * 37 + at * 11) % 101) + (at % 3 ? 0 : by)).join(","),
    );
  const transfer = new DataTransfer();
  for (const by of [0, 60]) transfer.items.add(new File([[names, ...rows(by)].join("\n")], `wide-${by}.csv`));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}

/** In the page: scrolls to its end, a part of the window each frame. */
async function scroll() {
  const gaps = [];
  let last = await new Promise(requestAnimationFrame);
  for (let at = 0; at < document.documentElement.scrollHeight && gaps.length < 600; at += 120) {
    window.scrollTo(0, at);
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - last);
    last = now;
  }
  return gaps.sort((a, b) => a - b);
}

const share = (sorted, part) => sorted[Math.floor((sorted.length - 1) * part)];

async function arrive(page) {
  await page.goto(SITE);
  await page.locator("html[data-ready]").waitFor({ state: "attached" });
  await busiest(page);
}

/** Waits for the report, and a second for what is drawn after it. */
async function answered(page) {
  await page.locator(".report h1").waitFor();
  await page.waitForTimeout(1000);
  return busiest(page);
}

const context = await chromium.launchPersistentContext(PROFILE, { executablePath: CHROMIUM, headless: true, args: flags });
try {
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(PATIENCE_MS);
  await page.addInitScript(watch);
  await arrive(page);
  await page.locator(".slot[data-side=reference] input[type=file]").setInputFiles(files[0]);
  await page.locator(".slot[data-side=current] input[type=file]").setInputFiles(files[1]);
  const comparing = await answered(page);
  const judged = share(await page.evaluate(judgeAnew), 0.5);
  const judging = await busiest(page);
  await arrive(page);
  await page.evaluate(dropWide, [N_COLUMNS, N_ROWS]);
  const wide = { comparing: await answered(page) };
  const frames = await page.evaluate(scroll);
  Object.assign(wide, { frame: share(frames, 0.95), scrolling: await busiest(page) });
  Object.assign(wide, { judged: share(await page.evaluate(judgeAnew), 0.5), judging: await busiest(page) });
  console.log(JSON.stringify({ comparing, judged, judging, wide }));
} finally {
  await context.close();
}

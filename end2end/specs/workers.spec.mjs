// What happens in the workers: many share the work, and one that fails takes nothing with it.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { download, drop, open, verdict } from "../page.mjs";

const rows = (n, of) => ["value,kind,at", ...Array.from({ length: n }, (_, at) => of(at))].join("\n") + "\n";
const CALM = { name: "before.csv", text: rows(400, (at) => `${at % 97},${"abc"[at % 3]},2026-01-05`) };
const MOVED = { name: "after.csv", text: rows(400, (at) => `${(at % 97) + 40},${"abd"[at % 3]},2026-01-05`) };
const CORES = 6;

test("several workers share two large files and say what the command line says", async ({ page }, info) => {
  test.slow();
  await page.addInitScript((n) => Object.defineProperty(navigator, "hardwareConcurrency", { get: () => n }), CORES);
  await open(page);
  // Some blocks each; the last rows are shorter than the header.
  const files = ["one.csv", "two.csv"].map((name, side) => {
    const path = info.outputPath(name);
    const row = (at) => `${(at * 7919) % 10_007}.${at % 10},"label, ${(at + side) % 1_013}",2026-01-0${1 + (at % 9)}`;
    writeFileSync(path, rows(500_000, row) + "1,2\n");
    return path;
  });
  let most = 0;
  page.on("worker", () => (most = Math.max(most, page.workers().length)));
  await page.locator(".slot[data-side=reference] input[type=file]").setInputFiles(files[0]);
  await page.locator(".slot[data-side=current] input[type=file]").setInputFiles(files[1]);
  await expect(page.locator(".report h1")).toBeVisible({ timeout: 60_000 });
  // The readers, and the session; those of a rehearsal that was cut short may be seen a little longer.
  expect(most).toBeGreaterThanOrEqual(CORES + 1);
  await page.getByText("Export", { exact: true }).click();
  const json = JSON.parse((await download(page, () => page.getByRole("button", { name: /^JSON/ }).click())).text);
  const settings = ["--format", "json", "--fail-on", "never"];
  const ours = execFileSync(process.env.DRIFTSIREN_AGENT, ["check", ...files, ...settings], { encoding: "utf8" });
  expect(json.receipt.digest).toBe(JSON.parse(ours).receipt.digest);
});

test("files that need more memory than there is are told, and the next drop works", async ({ playwright, launchOptions, baseURL }) => {
  // As on a small machine: 32 MB for each module.
  const args = [...launchOptions.args, "--js-flags=--wasm-max-mem-pages=512"];
  const browser = await playwright.chromium.launch({ ...launchOptions, args });
  try {
    const page = await browser.newPage({ baseURL });
    await open(page);
    await page.evaluate(() => {
      const rows = Array.from({ length: 400_000 }, (_, at) => `${Math.sqrt(at)},a label of its own ${at}`).join("\n");
      const transfer = new DataTransfer();
      for (const name of ["big-1.csv", "big-2.csv"]) transfer.items.add(new File(["value,label\n", rows], name));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    });
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("The files need more memory than this tab has");
    await expect(page.getByText("driftsiren check big-1.csv big-2.csv")).toBeVisible();
    await drop(page, [CALM, MOVED]);
    expect(await verdict(page)).toBe("2 of 3 columns drifted; 1 of 3 was not compared");
  } finally {
    await browser.close();
  }
});

test.describe("a worker that hangs", () => {
  test.use({ serviceWorkers: "block" });

  test("is ended and told, and the next drop works", async ({ page }) => {
    await page.clock.install();
    await page.route("**/text-worker.js", async (route) => {
      const body = `
        import * as reader from "./reader.js";
        import { serveReader } from "./reader-worker.js";
        class Reader extends reader.Reader { finish() { for (;;); } }
        serveReader({ ...reader, Reader });`;
      await route.fulfill({ response: await route.fetch(), body });
    });
    await open(page);
    await drop(page, [CALM, MOVED]);
    // All bytes were taken, and nothing more will be heard.
    await expect(page.getByText(/^100\s%/)).toHaveCount(2);
    await page.clock.fastForward("02:00");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("The comparison stopped answering");
    await expect(page.getByRole("alert").first()).toContainText("no sign of life");
    await page.unroute("**/text-worker.js");
    await drop(page, [CALM, MOVED]);
    expect(await verdict(page)).toBe("2 of 3 columns drifted; 1 of 3 was not compared");
  });
});

test("the worker that reads CSV is small", async ({ page, baseURL }, info) => {
  test.skip(info.project.name !== "wide-light", "once is enough");
  await open(page);
  const folder = await page.locator("meta[name=engine]").getAttribute("content");
  let n_bytes = 0;
  for (const name of ["text-worker.js", "reader-worker.js", "answer.js", "reader.js", "reader_bg.wasm"]) {
    const response = await page.request.get(`${baseURL}${folder}/${name}`, { headers: { "Accept-Encoding": "br" } });
    expect(response.headers()["content-encoding"], name).toBe("br");
    n_bytes += +response.headers()["content-length"];
  }
  console.log(`CSV worker: ${n_bytes} bytes over the network`);
  expect(n_bytes).toBeLessThanOrEqual(150_000);
});

// Somebody has two files and wants to know.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { FLIGHTS, PENGUINS, download, drop, faults, open, pair, screenshot, verdict, watch } from "../page.mjs";

const rows = (n, of) => ["value,kind", ...Array.from({ length: n }, (_, at) => of(at))].join("\n");
const CALM = { name: "before.csv", text: rows(400, (at) => `${at % 97},${"abc"[at % 3]}`) };
const MOVED = { name: "after.csv", text: rows(400, (at) => `${(at % 97) + 40},${"abd"[at % 3]}`) };

test("two files dropped at once give a verdict, and nothing is complained about", { tag: "@looks" }, async ({ page, baseURL }, info) => {
  const complaints = watch(page, baseURL);
  await open(page);
  await drop(page, FLIGHTS);
  expect(await verdict(page)).toMatch(/^\d+ of 12 columns drifted/);
  await expect(page.locator(".inputs")).toContainText("9,002 rows");
  await expect(page.locator(".column-row").first().locator(".mini > svg")).toBeVisible();
  await screenshot(page, info, "report", { fullPage: true });
  expect(await faults(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

test("a row opens in place with its evidence", { tag: "@looks" }, async ({ page, baseURL }, info) => {
  const complaints = watch(page, baseURL);
  await open(page);
  await drop(page, FLIGHTS);
  await verdict(page);
  await page.getByRole("button", { name: /dep_delay/ }).click();
  const panel = page.locator(".column-panel");
  await expect(panel.getByText("Could have seen")).toBeVisible();
  await expect(panel.getByRole("img", { name: /Distribution/ })).toBeVisible();
  await screenshot(page, info, "report-open", { fullPage: true });
  expect(await faults(page)).toEqual([]);
  if (!info.project.name.startsWith("phone")) {
    await panel.locator("figure.dist svg.ch").hover();
    await expect(panel.locator(".tooltip")).toContainText("reference");
  }
  await panel.getByText(/^All \d+ metrics/).click();
  await expect(panel.getByRole("link", { name: "wasserstein", exact: true })).toHaveAttribute("href", "/docs/metrics/wasserstein");
  expect(complaints).toEqual([]);
});

test("files chosen one by one, swapped, are compared", async ({ page }) => {
  await open(page);
  await page.locator(".slot[data-side=current] input[type=file]").setInputFiles(PENGUINS[0]);
  await expect(page.locator(".slot[data-side=current] code")).toHaveText("ref.csv");
  await page.getByRole("button", { name: "Swap reference and current" }).click();
  await expect(page.locator(".slot[data-side=reference] code")).toHaveText("ref.csv");
  await page.locator(".slot[data-side=current] input[type=file]").setInputFiles(PENGUINS[1]);
  await verdict(page);
  await expect(page.locator(".inputs b").first()).toHaveText("ref.csv");
});

test("Parquet is read, by a module of its own", async ({ page }) => {
  await open(page);
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  const file = (name) => ({ name, mimeType: "application/octet-stream", buffer: readFileSync(parquet) });
  const parquet = new URL("../../drift-wasm/fuzz/corpus/parquet/page_v2.parquet", import.meta.url);
  await page.locator(".slot[data-side=reference] input[type=file]").setInputFiles(file("a.parquet"));
  await page.locator(".slot[data-side=current] input[type=file]").setInputFiles(file("b.parquet"));
  await verdict(page);
  expect(asked.some((url) => url.includes("reader_parquet"))).toBe(true);
});

test("pasted rows are compared", { tag: "@looks" }, async ({ page }, info) => {
  await open(page);
  for (const [side, { text }] of [["reference", CALM], ["current", MOVED]]) {
    await page.getByRole("button", { name: `Paste ${side}` }).click();
    if (side === "reference") {
      await page.getByRole("button", { name: "Use these rows" }).click();
      await expect(page.getByText("Paste some rows first")).toBeVisible();
      await screenshot(page, info, "paste");
      expect(await faults(page)).toEqual([]);
    }
    await page.getByLabel(/^CSV, TSV/).fill(text);
    await page.getByRole("button", { name: "Use these rows" }).click();
  }
  expect(await verdict(page)).toBe("2 of 2 columns drifted");
});

test("one file is split by rows, and by time", { tag: "@looks" }, async ({ page }, info) => {
  const at = (day) => new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
  const text = ["day,value", ...Array.from({ length: 300 }, (_, day) => `${at(day)},${day < 150 ? day % 10 : 40 + (day % 10)}`)].join("\n");
  const open_dialog = async () => {
    await page.getByRole("button", { name: "Split one file…" }).click();
    await page.getByLabel("Choose the file").setInputFiles({ name: "days.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await expect(page.getByText("days.csv: 300 rows")).toBeVisible();
  };
  await open(page);
  await open_dialog();
  expect(await faults(page)).toEqual([]);
  await screenshot(page, info, "split");
  await page.getByRole("button", { name: "Compare the two parts" }).click();
  await verdict(page);
  await expect(page.locator(".inputs b")).toHaveText(["days.csv, first rows", "days.csv, other rows"]);
  await expect(page.locator(".inputs")).toContainText("150 rows");
  await page.getByRole("button", { name: "New comparison" }).click();
  await open_dialog();
  await page.getByLabel("Cut by").selectOption({ label: "time in day" });
  await page.getByLabel("Current begins at").fill("2024-01-31T00:00:00");
  await page.getByRole("button", { name: "Compare the two parts" }).click();
  await verdict(page);
  await expect(page.locator(".inputs")).toContainText("30 rows");
  await expect(page.locator(".inputs")).toContainText("270 rows");
});

test("the sample is one click away", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "Try flights, January and July" }).click();
  expect(await verdict(page)).toMatch(/columns drifted/);
});

const BAD = [
  ["an empty file", { name: "empty.csv", text: "" }, /empty/i],
  ["a picture", { name: "cat.png", text: "\u0089PNG\r\n\u001a\n\0\0\0\rIHDR\0\0" }, /cat\.png/],
  ["broken JSON", { name: "half.json", text: '[{"a": 1}, {"a": ' }, /half\.json/],
  ["no column in common", { name: "other.csv", text: "x,y\n1,2\n3,4\n" }, /column/],
];
for (const [what, file, message] of BAD) {
  test(`${what} is refused with what to do, and the next drop works`, { tag: "@looks" }, async ({ page }, info) => {
    await open(page);
    await drop(page, [CALM, file]);
    await expect(page.getByRole("alert").first()).toContainText(message);
    await screenshot(page, info, `refused-${file.name.split(".")[0]}`);
    await drop(page, [CALM, MOVED]);
    expect(await verdict(page)).toBe("2 of 2 columns drifted");
  });
}

test.describe("work that goes on and on", () => {
  test.use({ serviceWorkers: "block" });

  test("cancel ends it at once and keeps the page", async ({ page }, info) => {
    // The second half of each file never comes.
    await page.route("**/text-worker.js", async (route) => {
      const body = `
        import * as reader from "./reader.js";
        import { serveReader } from "./reader-worker.js";
        Blob.prototype.stream = function () {
          const begin = async (stream) => stream.enqueue(await this.slice(0, this.size / 2).bytes());
          return new ReadableStream({ type: "bytes", start: begin });
        };
        // A second between any two looks at the clock: every step is told.
        let now = 0;
        performance.now = () => (now += 1000);
        serveReader(reader);`;
      await route.fulfill({ response: await route.fetch(), body });
    });
    await open(page);
    const big = rows(600_000, (at) => `${at % 9973},${"abc"[at % 3]}`);
    // A file of its own in the page: too large to travel with an event.
    await page.evaluate((text) => {
      const transfer = new DataTransfer();
      for (const name of ["big-1.csv", "big-2.csv"]) transfer.items.add(new File([text, "\n", text, "\n", text], name));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, big);
    await expect(page.getByText(/^50\s%/)).toHaveCount(2);
    await screenshot(page, info, "working");
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Has your data changed?");
    await expect(page.locator(".slot[data-side=reference] code")).toHaveText("big-1.csv");
    await page.unroute("**/text-worker.js");
    await drop(page, [CALM, MOVED]);
    expect(await verdict(page)).toBe("2 of 2 columns drifted");
  });
});

test("a policy, the floor, a type and a method judge again without reading", async ({ page }) => {
  await open(page);
  await drop(page, FLIGHTS);
  const before = await verdict(page);
  await page.getByLabel("Floor").fill("0.5");
  await expect(page.locator(".report h1")).not.toHaveText(before);
  await page.getByLabel("Policy").selectOption("strict");
  await expect(page.locator(".footnote")).toContainText("Policy strict");
  await page.getByRole("searchbox").fill("hour");
  await page.getByRole("button", { name: /hour$/ }).last().click();
  await page.getByLabel("Seen as").selectOption("categorical");
  await expect(page.locator(".column-row[data-open] .effect-name")).toHaveText("TVD");
  await page.getByLabel("Method").selectOption("psi");
  await expect(page.locator(".column-row[data-open] .effect-name")).toHaveText("PSI");
});

test("search, filters and order stand in the address", async ({ page }) => {
  await open(page);
  await drop(page, FLIGHTS);
  await verdict(page);
  await page.getByRole("searchbox").fill("delay");
  await expect(page.locator(".column-row")).toHaveCount(2);
  await page.getByLabel("Order").selectOption("name");
  await expect(page).toHaveURL(/find=delay.*sort=name|sort=name.*find=delay/);
  await page.getByRole("combobox", { name: "Verdict" }).selectOption("error");
  await expect(page.getByText("No column matches.")).toBeVisible();
  await page.getByRole("button", { name: "Show all columns" }).click();
  await expect(page.locator(".column-row")).toHaveCount(12);
});

test("exports say the same as the command line", async ({ page }) => {
  await open(page);
  await drop(page, PENGUINS);
  await verdict(page);
  const save = async (format) => {
    await page.getByText("Export", { exact: true }).click();
    return download(page, () => page.getByRole("button", { name: new RegExp(`^${format}`) }).click());
  };
  const json = JSON.parse((await save("JSON")).text);
  expect(json.format).toBe("driftsiren.report/1");
  const agent = process.env.DRIFTSIREN_AGENT;
  const check = () => execFileSync(agent, ["check", ...PENGUINS, "--format", "json"], { encoding: "utf8" });
  let ours;
  try {
    ours = check();
  } catch (error) {
    // Exit 1 says that data drifted; the report is there all the same.
    ours = error.stdout;
  }
  expect(json.receipt.digest).toBe(JSON.parse(ours).receipt.digest);
  const html = (await save("HTML")).text;
  expect(html).toContain(json.sentence);
  expect(html.length).toBeLessThan(300_000);
  expect((await save("CSV")).text).toContain("bill_length_mm");
  expect((await save("Markdown")).text).toContain("bill_length_mm");
});

test("a saved report opens again", async ({ page }) => {
  await open(page);
  await drop(page, FLIGHTS);
  const sentence = await verdict(page);
  await page.getByText("Export", { exact: true }).click();
  const saved = await download(page, () => page.getByRole("button", { name: /^JSON/ }).click());
  await page.getByRole("button", { name: "New comparison" }).click();
  await page.getByText("Open report").locator("input").setInputFiles({ name: saved.name, mimeType: "application/json", buffer: saved.bytes });
  expect(await verdict(page)).toBe(sentence);
  await expect(page.getByText("A saved report")).toBeVisible();
  await expect(page.getByLabel("Policy")).toBeDisabled();
  await page.locator(".row-toggle").first().click();
  await expect(page.locator(".column-panel .strip")).toBeVisible();
});

test("a chart is saved as SVG and as PNG", async ({ page }, info) => {
  await open(page);
  await drop(page, FLIGHTS);
  await verdict(page);
  await page.getByRole("button", { name: /dep_delay/ }).click();
  const figure = page.locator("figure.dist");
  const svg = await download(page, () => figure.getByRole("button", { name: "SVG" }).click());
  expect(svg.name).toBe("dep_delay-distribution.svg");
  expect(svg.text).toContain('xmlns="http://www.w3.org/2000/svg"');
  expect(svg.text).not.toContain("var(");
  const png = await download(page, () => figure.getByRole("button", { name: "PNG" }).click());
  expect(png.bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(png.bytes.length).toBeGreaterThan(3_000);
});

test("a link carries a summary and no label unless asked", { tag: "@looks" }, async ({ page, context }, info) => {
  await open(page);
  await drop(page, PENGUINS);
  const sentence = await verdict(page);
  await page.getByRole("button", { name: "Share link" }).click();
  const field = page.getByLabel("Link", { exact: true });
  await expect(field).toHaveValue(/#report=1\./);
  await screenshot(page, info, "share");
  expect(await faults(page)).toEqual([]);
  const link = await field.inputValue();
  expect(link.length).toBeLessThan(17_000);
  const other = await context.newPage();
  await other.goto(link);
  expect(await verdict(other)).toBe(sentence);
  await expect(other.getByText("A summary from a link")).toBeVisible();
  expect(await other.content()).not.toContain("Adelie");
  await page.getByLabel("With the labels of categories").check();
  await expect(field).not.toHaveValue(link);
});

test("a cut link says so", async ({ page }) => {
  await open(page, "/#report=1.AAAA");
  await expect(page.getByRole("status")).toContainText("cannot be read");
});

test("the same comparison is copied for elsewhere", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page);
  await drop(page, [CALM, MOVED]);
  await verdict(page);
  await page.getByLabel("Policy").selectOption("psi");
  await page.getByText("Copy as CI").click();
  await page.getByRole("button", { name: /^Command line/ }).click();
  await expect(page.getByRole("status")).toHaveText("Copied.");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("driftsiren check before.csv after.csv --policy psi");
  await page.getByText("Copy as CI").click();
  await page.getByRole("button", { name: /^curl/ }).click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toBe(
      [
        'curl --fail-with-body --header "Authorization: Bearer $DRIFTSIREN_API_KEY"',
        `--form-string 'settings={"preset":"psi"}'`,
        `--form 'reference=@"before.csv"'`,
        `--form 'current=@"after.csv"'`,
        `${new URL(page.url()).origin}/api/v1/check`,
      ].join(" \\\n  "),
    );
});

test("with the keyboard alone", async ({ page }, info) => {
  test.skip(info.project.name.startsWith("phone"), "phones have none");
  await open(page);
  await page.getByRole("button", { name: "Try flights, January and July" }).focus();
  await page.keyboard.press("Enter");
  await verdict(page);
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.keyboard.press("Tab");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await expect(page.locator(".row-toggle").nth(1)).toBeFocused();
  await page.keyboard.press("e");
  await expect(page.locator(".column-panel")).toBeVisible();
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await expect(page.locator(".column-panel")).toHaveCount(2);
});

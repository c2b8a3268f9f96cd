// What several journeys share: watching the browser, waiting for the page, dropping files.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "@playwright/test";
import axe from "axe-core";

const DATA = join(import.meta.dirname, "../conformance/data");

/** A file of the golden pairs. */
export const pair = (id, side) => join(DATA, id, side);

export const FLIGHTS = [pair("nyc_flights_jan_jul", "ref.csv.gz"), pair("nyc_flights_jan_jul", "cur.csv.gz")];
export const PENGUINS = [pair("penguins_2007_2009", "ref.csv"), pair("penguins_2007_2009", "cur.csv")];

/** Collects what the browser complains about, what breaks the content policy, and what is asked of other hosts. */
export function watch(page, baseURL) {
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(baseURL) && !/^(blob|data):/.test(request.url())) {
      complaints.push(`asked elsewhere: ${request.url()}`);
    }
  });
  return complaints;
}

/** Opens an address and waits until the page answers to clicks. */
export async function open(page, address = "/") {
  await page.goto(address);
  await expect(page.locator("html[data-ready]")).toBeAttached();
}

/** Drops files on the window, or on the element of a selector, as a person does with the mouse. */
export async function drop(page, paths, selector = "body") {
  const files = paths.map((path) =>
    typeof path === "string"
      ? { name: `${basename(join(path, ".."))}-${basename(path)}`, bytes: readFileSync(path).toString("base64") }
      : { name: path.name, bytes: Buffer.from(path.text).toString("base64") },
  );
  const transfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const { name, bytes } of files) {
      transfer.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name));
    }
    return transfer;
  }, files);
  await page.locator(selector).first().dispatchEvent("dragover", { dataTransfer: transfer });
  await page.locator(selector).first().dispatchEvent("drop", { dataTransfer: transfer });
}

/** Waits for the report's sentence. */
export async function verdict(page) {
  await expect(page.locator(".report h1")).toBeVisible();
  return page.locator(".report h1").innerText();
}

/** Faults of accessibility that axe finds. */
export async function faults(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html.slice(0, 160))]);
}

export async function screenshot(page, info, name, options = {}) {
  await page.screenshot({ path: `screenshots/${name}-${info.project.name}.png`, animations: "disabled", ...options });
}

/** The bytes of a download that an action starts. */
export async function download(page, action) {
  const [saved] = await Promise.all([page.waitForEvent("download"), action()]);
  return { name: saved.suggestedFilename(), text: readFileSync(await saved.path(), "utf8"), bytes: readFileSync(await saved.path()) };
}

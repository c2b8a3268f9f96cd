// "They never leave this tab", and it works where there is no network at all.
import { expect, test } from "@playwright/test";
import { FLIGHTS, PENGUINS, drop, open, verdict, watch } from "../page.mjs";

test("a comparison sends nothing", async ({ page, baseURL, context }) => {
  await open(page);
  await drop(page, PENGUINS);
  await verdict(page);
  await page.getByRole("button", { name: "New comparison" }).click();
  const sent = [];
  page.on("request", (request) => {
    // What the browser keeps for ever is not asked for again; everything else would be a request.
    if (!/\/assets\/[0-9a-f]{16}\//.test(request.url()) || request.method() !== "GET") sent.push(request.url());
  });
  await drop(page, FLIGHTS);
  await verdict(page);
  await page.locator(".row-toggle").first().click();
  await expect(page.locator(".column-panel .strip")).toBeVisible();
  expect(sent).toEqual([]);
});

test("workers are forbidden to connect", async ({ page, baseURL }) => {
  await open(page);
  const folder = await page.locator("meta[name=engine]").getAttribute("content");
  for (const script of ["text-worker.js", "parquet-worker.js", "session-worker.js"]) {
    const response = await page.request.get(`${baseURL}${folder}/${script}`);
    expect(response.status(), script).toBe(200);
    expect(response.headers()["content-security-policy"], script).toContain("connect-src 'none'");
  }
});

test("after the first visit it works with the network off", async ({ page, context, baseURL }) => {
  await open(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await context.setOffline(true);
  const complaints = watch(page, baseURL);
  await page.reload();
  await expect(page.locator("html[data-ready]")).toBeAttached();
  await drop(page, FLIGHTS);
  await verdict(page);
  await page.locator(".row-toggle").first().click();
  await expect(page.locator(".column-panel .strip")).toBeVisible();
  expect(complaints).toEqual([]);
});

test("the page can be installed", async ({ page, baseURL }) => {
  await open(page);
  const manifest = await (await page.request.get(`${baseURL}/manifest.webmanifest`)).json();
  expect(manifest.start_url).toBe("/");
  for (const { src } of manifest.icons) expect((await page.request.get(baseURL + src)).status()).toBe(200);
});

test("the first page is small", async ({ page }, info) => {
  test.skip(info.project.name !== "wide-light", "once is enough");
  let n_bytes = 0;
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  client.on("Network.loadingFinished", ({ encodedDataLength }) => (n_bytes += encodedDataLength));
  await open(page);
  console.log(`first page: ${n_bytes} bytes over the network`);
  expect(n_bytes).toBeLessThanOrEqual(350_000);
});

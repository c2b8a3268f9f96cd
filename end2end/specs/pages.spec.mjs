// A newcomer looks around: every address, in every theme, at every width, with and without JavaScript.
import { expect, test } from "@playwright/test";
import { faults, open, screenshot, watch } from "../page.mjs";

const ADDRESSES = ["/", "/docs", "/docs/verdicts", "/docs/privacy", "/docs/metrics/ks", "/no/such/page"];

test("the front page says what it is for, without a complaint of the browser", { tag: "@looks" }, async ({ page, baseURL }, info) => {
  const complaints = watch(page, baseURL);
  await open(page);
  await expect(page).toHaveTitle("Has your data changed? · DriftSiren");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Has your data changed?");
  await expect(page.getByText("They never leave this tab.")).toBeVisible();
  await screenshot(page, info, "front-page", { fullPage: true });
  expect(complaints).toEqual([]);
});

for (const address of ADDRESSES) {
  test(`${address} is accessible and never wider than the window`, { tag: "@looks" }, async ({ page, baseURL }, info) => {
    const complaints = watch(page, baseURL);
    const response = await page.goto(address);
    expect(response.status()).toBe(address === "/no/such/page" ? 404 : 200);
    expect(await faults(page)).toEqual([]);
    for (const width of [page.viewportSize().width, 700, 360]) {
      await page.setViewportSize({ width, height: 800 });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `at ${width} px`).toBe(0);
    }
    await page.setViewportSize(info.project.use.viewport);
    const name = address.replaceAll("/", "-").slice(1) || "front";
    await screenshot(page, info, `page-${name}`, { fullPage: true });
    // A missing page is a failed request to the browser's console, and that is right.
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
  });
}

test("the keyboard reaches the content first, then the way home", async ({ page }) => {
  await open(page);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "DriftSiren" })).toBeFocused();
});

test("an unknown address leads back", async ({ page }) => {
  await page.goto("/no/such/page");
  await page.getByRole("link", { name: "Go to Analyze" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Has your data changed?");
});

test("a chosen theme holds from the first byte of the next page", async ({ page, baseURL }) => {
  await open(page);
  const theme = page.getByRole("button", { name: /^Theme: auto/ });
  await theme.click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await page.getByRole("button", { name: /^Theme: light/ }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  const html = await (await page.request.get(`${baseURL}/docs`)).text();
  expect(html).toContain('data-theme="dark"');
  await page.goto("/docs");
  await expect(page.locator("html")).toHaveCSS("color-scheme", "dark");
});

test("every metric of the engine has its page", async ({ page }) => {
  await page.goto("/docs");
  const links = await page.locator(".reading-text a[href^='/docs/metrics/']").evaluateAll((all) => all.map((a) => a.href));
  expect(links.length).toBeGreaterThan(20);
  for (const link of links) {
    const response = await page.request.get(link);
    expect(response.status(), link).toBe(200);
    expect(await response.text(), link).toContain("When not to trust it");
  }
});

test.describe("with JavaScript off", () => {
  test.use({ javaScriptEnabled: false });

  test("the page says what it needs, and the theme can be chosen", async ({ page }) => {
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Has your data changed?");
    await expect(page.getByText("This page reads files with JavaScript, which is off")).toBeVisible();
    await expect(page.getByText("driftsiren check reference.csv current.csv")).toBeVisible();
    await page.getByRole("button", { name: /^Theme/ }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
    await page.goto("/docs/verdicts");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("How to read a verdict");
  });
});

// A newcomer opens the front page.
import { expect, test } from "@playwright/test";
import axe from "axe-core";

/** Collects what the browser complains about, and what it asks other hosts for. */
function watch(page, baseURL) {
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(baseURL)) complaints.push(`asked elsewhere: ${request.url()}`);
  });
  return complaints;
}

test("the front page says what it is for, without a complaint of the browser", async ({ page, baseURL }, info) => {
  const complaints = watch(page, baseURL);
  await page.goto("/", { waitUntil: "networkidle" });
  await expect(page).toHaveTitle("Has your data changed? · DriftSiren");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Has your data changed?");
  await expect(page.getByText("driftsiren check reference.csv current.csv")).toBeVisible();
  await page.screenshot({ path: `screenshots/front-page-${info.project.name}.png`, fullPage: true });
  expect(complaints).toEqual([]);
});

test("nothing is wider than the window, down to 360 pixels", async ({ page }) => {
  for (const width of [page.viewportSize().width, 700, 360]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto("/");
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `at ${width} px`).toBe(0);
  }
});

for (const path of ["/", "/no/such/page"]) {
  test(`${path} has no accessibility fault that axe can find`, async ({ page }) => {
    await page.goto(path);
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => window.axe.run());
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
}

test("the keyboard reaches the content first, then the way home", async ({ page }) => {
  await page.goto("/");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "DriftSiren" })).toBeFocused();
});

test("an unknown address says so and leads back", async ({ page }, info) => {
  const response = await page.goto("/no/such/page");
  expect(response.status()).toBe(404);
  await page.screenshot({ path: `screenshots/not-found-${info.project.name}.png` });
  await page.getByRole("link", { name: "Go to Analyze" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Has your data changed?");
});

test.describe("with JavaScript off", () => {
  test.use({ javaScriptEnabled: false });

  test("the front page reads the same", async ({ page }) => {
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Has your data changed?");
    await expect(page.getByRole("heading", { level: 2 })).toHaveText([
      "Compare two files now",
      "Or drop them here",
      "See what moved",
      "Verdicts that hold",
      "Same answer in CI",
    ]);
  });
});

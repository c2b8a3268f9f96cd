// A team moves in: the owner makes an org and a key, a program pushes rows, a colleague joins by a link.
// These pages are plain forms: the colleague walks with JavaScript off.
import { execFileSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import { faults, pair, screenshot, watch } from "../page.mjs";

const OWNER = { email: "ada@example.org", name: "Ada Lovelace", password: "a long enough password" };
const ROWS = [pair("nyc_flights_jan_jul", "ref.csv.gz"), pair("nyc_flights_jan_jul", "cur.csv.gz")];

/** What anyone must be able to read, on any screen. */
async function look(page, info, name) {
  expect(await faults(page), name).toEqual([]);
  // A label leads to the first element of an id.
  const ids = await page.evaluate(() => [...document.querySelectorAll("[id]")].map(({ id }) => id));
  expect(ids.filter((id, at) => ids.indexOf(id) !== at), name).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, `${name} is wider than the window`).toBe(0);
  await screenshot(page, info, `console-${name}`, { fullPage: true });
}

async function fill(page, fields, button) {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole("button", { name: button }).click();
}

test.beforeAll(async ({ playwright, baseURL }) => {
  // Whichever project comes first makes the owner; to the others the server says that there is one.
  const request = await playwright.request.newContext({ baseURL });
  const answer = await request.post("/api/v1/setup", { data: { ...OWNER, org_name: "First" } });
  expect([201, 404]).toContain(answer.status());
  await request.dispose();
});

test("a team moves in", { tag: "@looks" }, async ({ page, browser, baseURL }, info) => {
  test.setTimeout(180_000);
  const complaints = watch(page, baseURL);
  await page.goto("/login");
  await look(page, info, "login");
  await fill(page, { Email: OWNER.email, Password: "not the password" }, "Log in");
  await expect(page.getByRole("alert")).toBeVisible();
  await look(page, info, "login-refused");
  await fill(page, { Email: OWNER.email, Password: OWNER.password }, "Log in");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your orgs");
  await look(page, info, "orgs");

  const mark = crypto.randomUUID().slice(0, 8);
  const org = `Team ${mark}`;
  await fill(page, { Name: org }, "Create org");
  await page.goto("/orgs");
  await page.getByRole("link", { name: org }).click();
  await expect(page.getByText("No dataset yet.")).toBeVisible();
  await look(page, info, "datasets-none");

  await page.getByRole("link", { name: "Keys" }).click();
  await page.getByLabel("Read datasets and batches").check();
  await page.getByLabel("Make and change datasets").check();
  await fill(page, { Name: "nightly job" }, "Create key");
  const key = await page.locator(".secret code").innerText();
  await look(page, info, "keys");
  for (const rows of ROWS) {
    const args = ["push", rows, "--dataset", "flights", "--create", "--url", baseURL];
    execFileSync(process.env.DRIFTSIREN_AGENT, args, { env: { ...process.env, DRIFTSIREN_API_KEY: key } });
  }
  await page.getByRole("link", { name: "Keys" }).click();
  await expect(page.locator(".secret")).toHaveCount(0);
  await expect(page.getByText("never used")).toHaveCount(0);

  await page.getByRole("link", { name: "Datasets" }).click();
  await look(page, info, "datasets");
  await page.getByRole("link", { name: "flights" }).click();
  await expect(page.getByText("9,002 rows", { exact: true })).toBeVisible();
  await expect(page.getByText("9,809 rows", { exact: true })).toBeVisible();
  await expect(page.getByRole("cell", { name: "dep_delay" })).toBeVisible();
  await page.getByLabel("Type of flight", { exact: true }).selectOption("id");
  await page.getByRole("button", { name: "Change types" }).click();
  await expect(page.getByText("somebody decided so")).toHaveCount(1);
  await page.getByLabel("File").setInputFiles(ROWS[0]);
  await fill(page, { "Name of a new reference": "january" }, "Add reference");
  await expect(page.getByRole("row", { name: /^january 9,002 rows/ })).toBeVisible();
  await look(page, info, "dataset");

  await page.getByRole("link", { name: "People" }).click();
  const colleague = `bob.${mark}@example.org`;
  const invite = page.locator("form").filter({ hasText: "Make a link" });
  await invite.getByLabel("Role").selectOption("viewer");
  await fill(page, { Email: colleague }, "Make a link");
  const link = await page.locator(".secret code").innerText();
  await look(page, info, "people");
  const other = await browser.newContext({ ...info.project.use, javaScriptEnabled: false });
  const guest = await other.newPage();
  await guest.goto(link);
  await fill(guest, { "Your name": "Bob", Password: "another long password" }, "Join");
  await guest.goto("/orgs");
  await guest.getByRole("link", { name: org }).click();
  // Who may only look finds nothing to press.
  await expect(guest.getByRole("button", { name: "Create dataset" })).toHaveCount(0);
  await expect(guest.getByRole("navigation", { name: "Org" }).getByRole("link")).toHaveText([org, "Datasets", "People"]);
  await guest.getByRole("link", { name: "flights" }).click();
  await expect(guest.getByText("9,809 rows", { exact: true })).toBeVisible();
  await expect(guest.getByRole("row", { name: /^january 9,002 rows/ })).toBeVisible();
  await expect(guest.getByRole("button", { name: /Change types|Add reference|Activate/ })).toHaveCount(0);
  await screenshot(guest, info, "console-dataset-viewer", { fullPage: true });
  // A link works once.
  await guest.goto(link);
  await expect(guest.getByRole("button", { name: "Join" })).toHaveCount(0);
  await other.close();

  await page.getByRole("link", { name: "Audit" }).click();
  await expect(page.getByRole("cell", { name: "key.create" })).toBeVisible();
  await look(page, info, "audit");
  await page.getByRole("link", { name: OWNER.name }).click();
  await expect(page.getByText("this browser")).toBeVisible();
  await look(page, info, "account");
  await page.getByRole("button", { name: "Log out" }).first().click();
  await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
  await page.goto("/orgs");
  await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
  expect(complaints.filter((text) => !/401|422/.test(text))).toEqual([]);
});

test("an org that one does not belong to is not there", async ({ page }) => {
  await page.goto("/login");
  await fill(page, { Email: OWNER.email, Password: OWNER.password }, "Log in");
  const answer = await page.goto("/orgs/nobody-has-this");
  expect(answer.status()).toBe(404);
});

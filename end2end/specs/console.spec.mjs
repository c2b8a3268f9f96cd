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
  await expect(page.getByRole("heading", { name: "No dataset yet" })).toBeVisible();
  // What the command needs is what the page of keys calls it.
  await expect(page.getByText("with the scopes ingest (to send rows) and manage")).toBeVisible();
  await look(page, info, "datasets-none");

  await page.getByRole("link", { name: "Keys" }).click();
  await page.getByLabel("Read datasets and batches").check();
  await page.getByLabel("Create and change datasets").check();
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
  await expect(page.getByText("set by a member")).toHaveCount(1);
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
  await expect(guest.getByRole("navigation", { name: "Org" }).getByRole("link")).toHaveText([
    new RegExp(org),
    "Datasets",
    "People",
    "Usage",
  ]);
  await guest.getByRole("link", { name: "flights" }).click();
  await expect(guest.getByText("9,809 rows", { exact: true })).toBeVisible();
  await expect(guest.getByRole("row", { name: /^january 9,002 rows/ })).toBeVisible();
  await expect(guest.getByRole("button", { name: /Change types|Add reference|Activate/ })).toHaveCount(0);
  await screenshot(guest, info, "console-dataset-viewer", { fullPage: true });
  // A link works once.
  await guest.goto(link);
  await expect(guest.getByRole("button", { name: "Join" })).toHaveCount(0);
  await other.close();

  await page.getByRole("link", { name: "Usage" }).click();
  await expect(page.getByRole("row", { name: /^flights 2 batches 18,811 rows/ })).toBeVisible();
  await look(page, info, "usage");
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

/** Logs in and makes an org of its own; returns its address. */
async function newOrg(page, name) {
  await page.goto("/login");
  await fill(page, { Email: OWNER.email, Password: OWNER.password }, "Log in");
  await fill(page, { Name: name }, "Create org");
  await page.getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { name: "No dataset yet" })).toBeVisible();
  return new URL(page.url()).pathname;
}

test("what cannot be undone asks first, and what is refused says why", async ({ browser, baseURL }, info) => {
  // Scripts are off, but where axe looks at the pages.
  const plain = await browser.newContext({ ...info.project.use, javaScriptEnabled: false });
  const page = await plain.newPage();
  const org = await newOrg(page, `Careful ${crypto.randomUUID().slice(0, 8)}`);
  const confirm = async (label, answer) => {
    await expect(page.getByRole("button", { name: answer })).toBeHidden();
    await page.locator("summary", { hasText: label }).click();
    await page.getByRole("button", { name: answer }).click();
  };
  await page.goto(`${org}/people`);
  await confirm("Leave", "Leave org");
  await expect(page.getByRole("alert")).toContainText("This is the last owner");
  await expect(page.getByRole("alert")).toContainText("Request");
  await screenshot(page, info, "console-people-refused", { fullPage: true });

  await page.goto(`${org}/keys`);
  await page.getByLabel("Last day").fill("2031-05-31");
  await fill(page, { Name: "nightly job" }, "Create key");
  const first = await page.locator(".secret code").innerText();
  // Nothing here would copy it without scripts.
  await expect(page.getByRole("button", { name: "Copy" })).toBeHidden();
  await page.goto(`${org}/keys`);
  await expect(page.getByRole("cell", { name: "2031-05-31 23:59" })).toBeVisible();
  await confirm("Rotate", "Rotate key");
  expect(await page.locator(".secret code").innerText()).not.toBe(first);
  await page.goto(`${org}/keys`);
  await confirm("Revoke", "Revoke key");
  await expect(page.getByText("revoked", { exact: true })).toBeVisible();

  await page.goto(org);
  await page.getByLabel("Slot").selectOption("1 day");
  await fill(page, { Name: "loans", "Time zone": "Europe/Berlin" }, "Create dataset");
  await page.getByRole("link", { name: "loans" }).click();
  await expect(page.getByText("in slots of 1 day")).toBeVisible();
  await expect(page.getByText("Europe/Berlin")).toBeVisible();
  await fill(page, { "Time column optional": "paid_at" }, "Change settings");
  await expect(page.locator("dd", { hasText: "paid_at" })).toBeVisible();
  await expect(page.getByRole("status")).toHaveText("Settings saved.");
  expect(new URL(page.url()).hash).toBe("#settings");
  await page.locator("summary", { hasText: "Delete" }).click();
  await fill(page, { "Name of the dataset": "loan" }, "Delete dataset");
  await expect(page.locator(".field-error")).toContainText("Type `loans` to confirm");
  await fill(page, { "Name of the dataset": "loans" }, "Delete dataset");
  await expect(page.getByRole("heading", { name: "No dataset yet" })).toBeVisible();
  const cookies = await plain.cookies();
  await plain.close();

  const other = await browser.newContext(info.project.use);
  await other.addCookies(cookies);
  const seen = await other.newPage();
  await seen.goto(`${baseURL}${org}/people`);
  await seen.locator("summary", { hasText: "Leave" }).click();
  await look(seen, info, "people-leave");
  await seen.getByRole("button", { name: "Leave org" }).click();
  await look(seen, info, "people-leave-refused");
  await other.close();
});

test("a key is copied, and a list goes on beyond its first page", async ({ page, context }, info) => {
  const org = await newOrg(page, `Many ${crypto.randomUUID().slice(0, 8)}`);
  await page.goto(`${org}/keys`);
  await page.getByLabel("Create and change datasets").check();
  await fill(page, { Name: "nightly job" }, "Create key");
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const key = await page.evaluate(() => navigator.clipboard.readText());
  // Reloading sends nothing again, and a secret is shown once.
  await page.reload();
  await expect(page.locator(".secret")).toHaveCount(0);
  await expect(page.getByRole("row", { name: /nightly job/ })).toHaveCount(1);
  for (let n = 0; n < 51; n += 1) {
    const name = `feed_${String(n).padStart(2, "0")}`;
    const headers = { authorization: `Bearer ${key}` };
    const answer = await page.request.post(`/api/v1${org}/datasets`, { data: { name }, headers });
    expect(answer.status()).toBe(201);
  }
  await page.goto(org);
  await expect(page.getByRole("link", { name: "feed_50" })).toHaveCount(0);
  await look(page, info, "datasets-first");
  await page.getByRole("link", { name: "More" }).click();
  await expect(page.getByRole("link", { name: "feed_50" })).toBeVisible();
  await look(page, info, "datasets-last");
  await page.getByRole("link", { name: "Back to the first" }).click();
  await expect(page.getByRole("link", { name: "feed_00" })).toBeVisible();
});

test("forms work over plain HTTP to another machine", async ({ playwright, baseURL }, info) => {
  // Browsers trust no plain HTTP but that of this very machine: they send no `Sec-Fetch-Site`, and offer no clipboard.
  const { launchOptions } = info.project.use;
  const args = [...launchOptions.args, "--host-resolver-rules=MAP drift.test 127.0.0.1"];
  const browser = await playwright.chromium.launch({ ...launchOptions, args });
  const page = await browser.newPage({ baseURL: `http://drift.test:${new URL(baseURL).port}` });
  expect(await (await page.goto("/login")).request().allHeaders()).not.toHaveProperty("sec-fetch-site");
  const org = await newOrg(page, `Far ${crypto.randomUUID().slice(0, 8)}`);
  await page.goto(`${org}/keys`);
  await fill(page, { Name: "nightly job" }, "Create key");
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  await browser.close();
});

test("an org that one does not belong to is not there", async ({ page }) => {
  await page.goto("/login");
  await fill(page, { Email: OWNER.email, Password: OWNER.password }, "Log in");
  const answer = await page.goto("/orgs/nobody-has-this");
  expect(answer.status()).toBe(404);
  await page.getByRole("link", { name: "Go to your orgs" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your orgs");
});

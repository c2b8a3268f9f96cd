// The pages as people meet them: a wide window and a phone, light and dark.
// `cargo xtask test --only e2e` starts the server and says where it is.
import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const baseURL = process.env.DRIFTSIREN_URL;
if (!baseURL) {
  throw new Error("DRIFTSIREN_URL is not set; run `cargo xtask test --only e2e`");
}

// The system's browser: nothing is downloaded.
const executablePath = process.env.DRIFTSIREN_CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(executablePath)) {
  throw new Error(`no browser at ${executablePath}; run \`cargo xtask setup\` or set DRIFTSIREN_CHROMIUM`);
}

const quiet = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
// Chromium refuses its sandbox to root, who runs tests in containers.
const isRoot = process.getuid?.() === 0;

const wide = { viewport: { width: 1280, height: 820 } };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

// Tests about how a page looks, and whether everyone can read it.
const LOOKS = /@looks/;

export default defineConfig({
  testDir: "specs",
  outputDir: "test-results",
  // Bounds for what will never come, not promises: a busy machine may be several times slower.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  workers: 2,
  reporter: "list",
  use: {
    baseURL,
    browserName: "chromium",
    launchOptions: { executablePath, args: isRoot ? ["--no-sandbox", ...quiet] : quiet },
  },
  // Every page is looked at in all four; a journey is walked once in a wide window and once on a phone.
  projects: [
    { name: "wide-light", use: { ...wide, colorScheme: "light" } },
    { name: "wide-dark", use: { ...wide, colorScheme: "dark" }, grep: LOOKS },
    { name: "phone-light", use: { ...phone, colorScheme: "light" }, grep: LOOKS },
    { name: "phone-dark", use: { ...phone, colorScheme: "dark" } },
  ],
});

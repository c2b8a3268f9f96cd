// How the browser is started: quiet, and as root without its sandbox, which it refuses to root.
const QUIET = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-dev-shm-usage",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
];
export const flags = process.getuid?.() === 0 ? ["--no-sandbox", ...QUIET] : QUIET;

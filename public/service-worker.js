// Keeps the page and what it loads, so that it works with the network off. The server puts the lists before this:
// VERSION, STYLE, FIRST (needed for a first comparison) and LATER (large, kept when there is time).
// It never touches /api: what is asked there is answered by the server or not at all.

const CACHE = `driftsiren-${VERSION}`;
const PAGE = "/";
const SMALL = ["/favicon.svg", "/manifest.webmanifest"];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll([PAGE, STYLE, ...SMALL, ...FIRST])).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("driftsiren-") && name !== CACHE) await caches.delete(name);
      }
      await self.clients.claim();
      const cache = await caches.open(CACHE);
      // One at a time, and an old copy is better than none: a missing file is asked for when it is needed.
      for (const url of LATER) {
        if (!(await cache.match(url))) await cache.add(url).catch(() => {});
      }
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || url.pathname.startsWith("/api")) return;
  if (request.mode === "navigate") {
    if (url.pathname === PAGE) event.respondWith(freshOrKept(request));
    return;
  }
  if (url.pathname.startsWith("/assets/") || url.pathname === STYLE || SMALL.includes(url.pathname)) {
    event.respondWith(caches.match(request, { ignoreSearch: true }).then((kept) => kept ?? fetch(request)));
  }
});

// The page as the server renders it now; the kept one when there is no network.
async function freshOrKept(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

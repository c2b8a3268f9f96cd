// Reads one input: bytes in slices, blocks of rows profiled on the way, the profile handed out column by column.
import { serve } from "./answer.js";

const SLICE = 4 << 20;

/** Calls `take` with the bytes of a blob, slice by slice, and tells how far it is. */
async function eachSlice(blob, take, tell) {
  const slice = (at) => blob.slice(at, at + SLICE).arrayBuffer();
  let next = slice(0);
  for (let at = 0; at < blob.size; at += SLICE) {
    const bytes = new Uint8Array(await next);
    // The next slice is fetched while this one is read.
    next = at + SLICE < blob.size ? slice(at + SLICE) : undefined;
    const rows = take(bytes) ?? 0;
    tell({ bytes: at + bytes.length, rows });
  }
}

/** Serves one build of the reader: the small one, or the one with Parquet. */
export function serveReader({ initSync, Reader, Splitter }) {
  let wasm;
  let parts;
  serve(
    {
      start: (module) => void (wasm = initSync({ module })),
      async read({ name, blob, settings }, tell) {
        const reader = new Reader(name, settings);
        await eachSlice(blob, (bytes) => reader.push(bytes), tell);
        parts = reader.finish();
        return parts.head();
      },
      column: () => parts.next() ?? null,
      // The two below are of the large build alone.
      async survey({ name, blob }, tell) {
        const reader = new Reader(name, "");
        await eachSlice(blob, (bytes) => reader.push(bytes), tell);
        return reader.survey();
      },
      async split({ name, blob, column, at }, tell) {
        const splitter = column === undefined ? Splitter.atRow(name, "", at) : Splitter.atTime(name, "", column, at);
        const halves = [[], []];
        const take = (from) => halves.forEach((half, side) => half.push(from.take(side)));
        await eachSlice(blob, (bytes) => void (splitter.push(bytes), take(splitter)), tell);
        take(splitter.finish());
        // Blobs are the browser's, which keeps large ones on disk.
        return halves.map((half) => new Blob(half));
      },
    },
    () => wasm?.memory.buffer.byteLength ?? 0,
  );
}

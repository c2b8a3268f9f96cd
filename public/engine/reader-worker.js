// Reads one input: bytes in slices, blocks of rows profiled on the way, the profile handed out column by column.
import { serve } from "./answer.js";

const SLICE = 4 << 20;

/** Serves one build of the reader: the small one, or the one with Parquet. */
export function serveReader({ initSync, Reader }) {
  let wasm;
  let parts;
  serve(
    {
      start: (module) => void (wasm = initSync({ module })),
      async read({ name, blob, settings }, tell) {
        const reader = new Reader(name, settings);
        const slice = (at) => blob.slice(at, at + SLICE).arrayBuffer();
        let next = slice(0);
        let rows = 0;
        for (let at = 0; at < blob.size; at += SLICE) {
          const bytes = new Uint8Array(await next);
          // The next slice is fetched while this one is read.
          next = at + SLICE < blob.size ? slice(at + SLICE) : undefined;
          rows = reader.push(bytes);
          tell({ bytes: at + bytes.length, rows });
        }
        parts = reader.finish();
        return parts.head();
      },
      column: () => parts.next() ?? null,
    },
    () => wasm?.memory.buffer.byteLength ?? 0,
  );
}

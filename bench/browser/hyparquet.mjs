// hyparquet in a worker: ranges of the file as they are needed, whole columns, plain JavaScript for the statistics.
import { parquetMetadataAsync, parquetRead } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { LABELS, NUMBERS } from "./columns.mjs";
import { Numbers, compare } from "./statistics.mjs";

async function read(blob) {
  const file = { byteLength: blob.size, slice: (start, end) => blob.slice(start, end).arrayBuffer() };
  const metadata = await parquetMetadataAsync(file);
  const table = new Map();
  for (const name of [...NUMBERS, ...LABELS]) {
    const column = NUMBERS.includes(name) ? new Numbers() : new Map();
    // One column at a time, so that the values of a row group are let go before the next.
    await parquetRead({
      file,
      metadata,
      compressors,
      columns: [name],
      onChunk: ({ columnData }) => (column instanceof Map ? count(column, columnData) : collect(column, columnData)),
    });
    table.set(name, column);
  }
  return table;
}

function collect(column, values) {
  for (const value of values) if (value !== null && value !== undefined) column.push(Number(value));
}

function count(column, values) {
  for (const value of values) column.set(value, (column.get(value) ?? 0) + 1);
}

if (typeof window === "undefined") {
  self.onmessage = async ({ data: { reference, current } }) => {
    const tables = [await read(reference), await read(current)];
    self.postMessage(compare(...tables));
  };
} else {
  window.detect = (reference, current) =>
    new Promise((resolve, reject) => {
      const worker = new Worker("/engine.js");
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage({ reference, current });
    });
}

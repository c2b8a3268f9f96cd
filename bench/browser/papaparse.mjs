// PapaParse in a worker: rows as arrays in chunks, typed columns, plain JavaScript for the statistics.
import Papa from "papaparse";
import { LABELS, NUMBERS } from "./columns.mjs";
import { Numbers, compare } from "./statistics.mjs";

const CHUNK = 8 << 20;

function read(file) {
  return new Promise((resolve, reject) => {
    const table = new Map();
    let columns;
    Papa.parse(file, {
      chunkSize: CHUNK,
      skipEmptyLines: true,
      error: reject,
      complete: () => resolve(table),
      chunk({ data }) {
        let first = 0;
        if (!columns) {
          columns = data[0].map((name) => {
            const column = NUMBERS.includes(name) ? new Numbers() : LABELS.includes(name) ? new Map() : undefined;
            if (column) table.set(name, column);
            return column;
          });
          first = 1;
        }
        for (let row = first; row < data.length; row++) {
          const cells = data[row];
          for (let at = 0; at < columns.length; at++) {
            const column = columns[at];
            const cell = cells[at];
            if (column instanceof Map) column.set(cell, (column.get(cell) ?? 0) + 1);
            else if (column && cell !== "") column.push(+cell);
          }
        }
      },
    });
  });
}

if (typeof window === "undefined") {
  self.onmessage = async ({ data: { reference, current } }) => {
    const tables = [await read(reference), await read(current)];
    self.postMessage(compare(...tables));
  };
} else {
  window.detect = (reference, current) => inWorker({ reference, current });
}

function inWorker(message) {
  return new Promise((resolve, reject) => {
    const worker = new Worker("/engine.js");
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(message);
  });
}

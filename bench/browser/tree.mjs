// CPU seconds and memory of all processes below one, as Linux counts them.
import { readFileSync, readdirSync } from "node:fs";

/** Clock ticks of /proc in a second; the same on every Linux that Node runs on. */
const TICKS = 100;

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process ended meanwhile.
    return "";
  }
}

function processes() {
  const found = new Map();
  for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const stat = read(`/proc/${id}/stat`);
    // The name stands in brackets and may hold anything.
    const [, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (parent) found.set(+id, { parent: +parent, ticks: rest.slice(9, 13).reduce((sum, part) => sum + +part, 0) });
  }
  return found;
}

function below(root) {
  const all = processes();
  const isBelow = (id) => {
    for (let at = all.get(id)?.parent; at; at = all.get(at)?.parent) if (at === root) return true;
    return false;
  };
  return [...all].filter(([id]) => isBelow(id));
}

/** Processes that ended count as long as their parent is there, which waited for them. */
export const cpuSeconds = (root) => below(root).reduce((sum, [, { ticks }]) => sum + ticks, 0) / TICKS;

/** Megabytes (10^6 bytes); what processes share is counted once (PSS). */
export function megabytes(root) {
  return below(root).reduce((sum, [id]) => {
    const kilobytes = /^Pss:\s+(\d+)/m.exec(read(`/proc/${id}/smaps_rollup`));
    return sum + (kilobytes ? +kilobytes[1] * 1.024e-3 : 0);
  }, 0);
}

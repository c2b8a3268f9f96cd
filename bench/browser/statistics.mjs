// What a careful programmer computes in plain JavaScript: PSI by deciles, Jensen-Shannon, Kolmogorov-Smirnov and
// Wasserstein for numbers; PSI, Jensen-Shannon and chi-square for labels.

const SMALLEST_SHARE = 1e-4;

function populationStability(p, q) {
  return p.reduce((sum, share, at) => {
    const [a, b] = [Math.max(share, SMALLEST_SHARE), Math.max(q[at], SMALLEST_SHARE)];
    return sum + (b - a) * Math.log(b / a);
  }, 0);
}

function jensenShannon(p, q) {
  const part = (share, middle) => (share > 0 ? share * Math.log2(share / middle) : 0);
  const sum = p.reduce((sum, share, at) => {
    const middle = (share + q[at]) / 2;
    return sum + part(share, middle) + part(q[at], middle);
  }, 0);
  return Math.sqrt(Math.max(sum / 2, 0));
}

/** How many of the sorted values are at most `limit`. */
function countUpTo(sorted, limit) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function deciles(sorted) {
  const edges = [];
  for (let tenth = 1; tenth < 10; tenth++) {
    const position = (tenth / 10) * (sorted.length - 1);
    const below = Math.floor(position);
    const above = Math.min(below + 1, sorted.length - 1);
    const edge = sorted[below] + (sorted[above] - sorted[below]) * (position - below);
    if (edge !== edges.at(-1)) edges.push(edge);
  }
  return edges;
}

function shares(sorted, edges) {
  const counts = [...edges.map((edge) => countUpTo(sorted, edge)), sorted.length];
  return counts.map((count, at) => (count - (counts[at - 1] ?? 0)) / sorted.length);
}

/** Measures of two `Float64Array`s without NaN; they are sorted in place. */
export function ofNumbers(reference, current) {
  reference.sort();
  current.sort();
  const edges = deciles(reference);
  const [p, q] = [shares(reference, edges), shares(current, edges)];
  const [n, m] = [reference.length, current.length];
  let [i, j, distance, largest, area, before] = [0, 0, 0, 0, 0, NaN];
  while (i < n || j < m) {
    const value = j >= m || (i < n && reference[i] <= current[j]) ? reference[i] : current[j];
    if (!Number.isNaN(before)) area += distance * (value - before);
    while (i < n && reference[i] === value) i++;
    while (j < m && current[j] === value) j++;
    distance = Math.abs(i / n - j / m);
    if (distance > largest) largest = distance;
    before = value;
  }
  return { psi: populationStability(p, q), js: jensenShannon(p, q), ks: largest, wasserstein: area };
}

/** Measures of two `Map`s of label to count. */
export function ofLabels(reference, current) {
  const total = (counts) => [...counts.values()].reduce((sum, count) => sum + count, 0);
  const [n, m] = [total(reference), total(current)];
  const labels = new Set([...reference.keys(), ...current.keys()]);
  const [p, q] = [[], []];
  let chi2 = 0;
  for (const label of labels) {
    const [a, b] = [reference.get(label) ?? 0, current.get(label) ?? 0];
    const [wantedA, wantedB] = [((a + b) * n) / (n + m), ((a + b) * m) / (n + m)];
    chi2 += (a - wantedA) ** 2 / wantedA + (b - wantedB) ** 2 / wantedB;
    p.push(a / n);
    q.push(b / m);
  }
  return { psi: populationStability(p, q), js: jensenShannon(p, q), chi2, dof: labels.size - 1 };
}

/** Numbers as they arrive: a typed array that doubles. */
export class Numbers {
  values = new Float64Array(1 << 16);
  n = 0;

  push(value) {
    if (this.n === this.values.length) this.grow(this.n * 2);
    this.values[this.n++] = value;
  }

  grow(capacity) {
    const larger = new Float64Array(capacity);
    larger.set(this.values.subarray(0, this.n));
    this.values = larger;
  }

  all() {
    return this.values.subarray(0, this.n);
  }
}

/** Compares two tables: `Map`s of column name to `Numbers` or to a `Map` of label to count. */
export function compare(reference, current) {
  const result = {};
  for (const [name, ours] of reference) {
    const theirs = current.get(name);
    if (theirs) result[name] = ours instanceof Map ? ofLabels(ours, theirs) : ofNumbers(ours.all(), theirs.all());
  }
  return result;
}

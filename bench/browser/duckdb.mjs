// DuckDB-Wasm: the files as handles, a table each, then PSI, Kolmogorov-Smirnov and chi-square in SQL.
import * as duckdb from "@duckdb/duckdb-wasm";
import { LABELS, NUMBERS } from "./columns.mjs";

const DIST = "/modules/@duckdb/duckdb-wasm/dist";
const SMALLEST_SHARE = 1e-4;

async function open() {
  const worker = new Worker(`${DIST}/duckdb-browser-eh.worker.js`);
  const database = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), worker);
  await database.instantiate(`${DIST}/duckdb-eh.wasm`);
  return database;
}

const psi = `sum((q - p) * ln(q / p))`;
const held = (share) => `greatest(${share}, ${SMALLEST_SHARE})`;

const stabilityOf = (column, edges) => {
  const bin = `case ${edges.map((edge, at) => `when ${column} <= ${edge} then ${at}`).join(" ")} else ${edges.length} end`;
  const counted = (side) => `(select ${bin} as bin, count(*) as n from ${side} where ${column} is not null group by 1)`;
  return `with a as ${counted("reference")}, b as ${counted("current")},
    shares as (select ${held("coalesce(a.n, 0) / (select sum(n) from a)")} as p,
                      ${held("coalesce(b.n, 0) / (select sum(n) from b)")} as q
               from a full join b using (bin))
    select ${psi} psi from shares`;
};

const distanceOf = (column) => `with both_sides as (
    select x, sum(a) a, sum(b) b from (
      select ${column} as x, 1 as a, 0 as b from reference where ${column} is not null
      union all select ${column}, 0, 1 from current where ${column} is not null) group by x),
  cumulative as (
    select sum(a) over ascending / (select sum(a) from both_sides) f,
           sum(b) over ascending / (select sum(b) from both_sides) g
    from both_sides window ascending as (order by x rows unbounded preceding))
  select max(abs(f - g)) ks from cumulative`;

const labelsOf = (column) => {
  const counted = (side) => `(select ${column} as label, count(*) as n from ${side} group by 1)`;
  return `with counts as (
    select coalesce(a.n, 0)::double a, coalesce(b.n, 0)::double b
    from ${counted("reference")} a full join ${counted("current")} b on a.label is not distinct from b.label),
  totals as (select sum(a) n, sum(b) m from counts),
  shares as (select a, b, n, m, (a + b) * n / (n + m) x, (a + b) * m / (n + m) y,
                    ${held("a / n")} p, ${held("b / m")} q from counts, totals)
  select ${psi} psi, sum((a - x) ** 2 / x + (b - y) ** 2 / y) chi2, count(*) - 1 dof from shares`;
};

window.detect = async (reference, current) => {
  const database = await open();
  const connection = await database.connect();
  const rows = async (sql) => (await connection.query(sql)).toArray();
  const format = reference.name.endsWith(".parquet") ? "parquet" : "csv";
  for (const [side, file] of [["reference", reference], ["current", current]]) {
    const name = `${side}.${format}`;
    await database.registerFileHandle(name, file, duckdb.DuckDBDataProtocol.BROWSER_FILEREADER, true);
    await rows(`create table ${side} as from read_${format}('${name}')`);
  }
  const result = {};
  for (const column of NUMBERS) {
    const tenths = "[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]";
    const [{ edges }] = await rows(`select quantile_cont(${column}::double, ${tenths}) edges from reference`);
    const distinct = [...new Set([...edges].map(Number))].sort((a, b) => a - b);
    const [{ psi }] = await rows(stabilityOf(column, distinct));
    const [{ ks }] = await rows(distanceOf(column));
    result[column] = { psi, ks };
  }
  for (const column of LABELS) {
    const [{ psi, chi2, dof }] = await rows(labelsOf(column));
    result[column] = { psi, chi2, dof: Number(dof) };
  }
  return result;
};

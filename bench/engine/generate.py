"""Two tables of one shape, the second drifted in about half of its columns: what `cargo xtask bench engine` reads.

    generate.py ROWS FOLDER FORMAT...

writes FOLDER/ROWS_reference.FORMAT and FOLDER/ROWS_current.FORMAT (csv or parquet). Blocks of 100,000 rows have their
own seeds: the same arguments give the same files, and a small table is the beginning of a large one.
"""

import sys
from pathlib import Path

import numpy as np
import polars as pl

BLOCK = 100_000
SEED = 20_131


def zipf(n_labels, exponent):
    weights = np.arange(1, n_labels + 1, dtype=float) ** -exponent
    return weights / weights.sum()


def with_nulls(random, values, share):
    return pl.Series(values).set(pl.Series(random.random(len(values)) < share), None)


def labels(random, n, names, shares):
    cumulative = np.cumsum(shares) / np.sum(shares)
    index = np.searchsorted(cumulative, random.random(n), side="right").clip(0, len(names) - 1)
    return pl.Series(names, dtype=pl.String).gather(pl.Series(index.astype(np.uint32)))


def block(n, is_current, number):
    """`n` rows; what differs in the current table is the second of each pair."""
    random = np.random.default_rng([SEED, int(is_current), number])

    def drifting(before, after):
        return after if is_current else before

    def numbers(values, decimals):
        return np.round(values, decimals)

    mode = random.random(n) < drifting(0.30, 0.45)
    spend = numbers(random.exponential(25.0, n), 2)
    spend[random.random(n) < drifting(0.60, 0.48)] = 0.0
    region_shares = np.linspace(2.0, 1.0, 20)
    if is_current:
        region_shares[[0, 15]] = region_shares[[15, 0]]
    sku_names = [f"sku-{i:04}" for i in range(200)] + [f"sku-new-{i}" for i in range(5)]
    sku_shares = np.repeat([1.0, drifting(0.0, 0.8)], [200, 5])
    month = np.datetime64(drifting("2026-01-01", "2026-02-01"), "us")
    return pl.DataFrame(
        {
            "normal": numbers(random.normal(0.0, 1.0, n), 6),
            "normal_shifted": numbers(random.normal(drifting(100.0, 105.0), 20.0, n), 4),
            "price": numbers(random.lognormal(3.0, 0.8, n) * drifting(1.0, 1.1), 2),
            "exponential": random.exponential(3.0, n),
            "uniform": numbers(random.uniform(-1000.0, 1000.0, n), 3),
            "gamma": numbers(random.gamma(drifting(2.0, 2.3), 1.5, n), 5),
            "two_modes": numbers(np.where(mode, random.normal(6.0, 0.7, n), random.normal(-1.0, 1.2, n)), 4),
            "heavy_tails": random.standard_t(3.0, n),
            "count": random.poisson(drifting(4.0, 4.6), n),
            "wide_integer": random.integers(0, 1_000_000_000, n),
            "often_null": with_nulls(random, numbers(random.normal(50.0, 12.0, n), 2), drifting(0.20, 0.32)),
            "often_zero": with_nulls(random, spend, 0.01),
            "two_labels": labels(random, n, ["yes", "no"], drifting([0.50, 0.50], [0.44, 0.56])),
            "five_labels": labels(random, n, ["bronze", "silver", "gold", "platinum", "none"], [0.4, 0.3, 0.15, 0.05, 0.1]),
            "quoted_labels": labels(random, n, [f"Region {i:02}, North" for i in range(20)], region_shares),
            "new_labels": with_nulls(random, labels(random, n, sku_names, sku_shares), drifting(0.03, 0.06)),
            "thousands_of_labels": labels(random, n, [f"city_{i:05}" for i in range(2_000)], zipf(2_000, 1.1)),
            "many_labels": labels(
                random, n, [f"user-agent/{i:05x}" for i in range(10_000)], zipf(10_000, drifting(1.10, 1.02))
            ),
            "flag": random.random(n) < drifting(0.10, 0.14),
            "time": month + random.integers(0, 28 * 86_400, n).astype("timedelta64[s]"),
        }
    )


def main():
    n_rows, folder, formats = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    folder.mkdir(parents=True, exist_ok=True)
    for is_current in (False, True):
        blocks = [
            block(BLOCK, is_current, number).head(n_rows - number * BLOCK) for number in range(-(-n_rows // BLOCK))
        ]
        table = pl.concat(blocks, rechunk=True)
        stem = folder / f"{n_rows}_{'current' if is_current else 'reference'}"
        if "csv" in formats:
            table.write_csv(f"{stem}.csv", datetime_format="%Y-%m-%dT%H:%M:%S")
        if "parquet" in formats:
            table.write_parquet(f"{stem}.parquet", compression="snappy", row_group_size=131_072)


if __name__ == "__main__":
    main()

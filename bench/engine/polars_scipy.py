"""What an expert writes by hand: polars reads, sorts and counts, NumPy and SciPy compare.

    polars_scipy.py REFERENCE CURRENT

For numbers: PSI over tenths of the reference, Kolmogorov-Smirnov with its p-value, Jensen-Shannon, Wasserstein-1,
moments. For labels: chi-square with its p-value, PSI, Jensen-Shannon. The tricks that make it quick are kept: sorted
once by polars, one stable sort of two sorted runs, no data frame in the middle.
"""

import sys

import numpy as np
import polars as pl
from scipy.special import chdtrc, kolmogorov


def psi(p, q):
    p, q = np.maximum(p, 1e-4), np.maximum(q, 1e-4)
    return float(((q - p) * np.log(q / p)).sum())


def jensen_shannon(p, q):
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(side > 0, side * np.log2(side / middle), 0).sum() for side in (p, q)]
    return float(np.sqrt(max(sum(parts) / 2, 0)))


def numbers(reference, current):
    nulls = [side.null_count() / len(side) for side in (reference, current)]
    x, y = (side.drop_nulls().cast(pl.Float64).sort().to_numpy() for side in (reference, current))
    n, m = len(x), len(y)
    position = np.linspace(0.1, 0.9, 9) * (n - 1)
    below = position.astype(np.int64)
    tenths = np.unique(x[below] + (x[np.minimum(below + 1, n - 1)] - x[below]) * (position - below))
    p, q = (
        np.diff(np.concatenate([[0], np.searchsorted(side, tenths, side="right"), [len(side)]])) / len(side)
        for side in (x, y)
    )
    pooled = np.concatenate([x, y])
    order = pooled.argsort(kind="stable")
    from_x = order < n
    step = np.diff(pooled[order])
    n_x = np.cumsum(from_x)
    gap = np.abs(n_x / n - (np.arange(1, n + m + 1) - n_x) / m)
    is_last = np.append(step != 0, True)
    distance = float(np.max(gap, where=is_last, initial=0.0))
    return {
        "nulls": nulls,
        "psi": psi(p, q),
        "ks": distance,
        "ks_p": float(kolmogorov(distance * np.sqrt(n * m / (n + m)))),
        "jensen_shannon": jensen_shannon(p, q),
        "wasserstein": float((gap[:-1] * step).sum()),
        "moments": [(float(side.mean()), float(side.std()), float(side[0]), float(side[-1])) for side in (x, y)],
    }


def labels(reference, current):
    left, right = (side.rename("label").value_counts(name="n") for side in (reference, current))
    joined = left.join(right, on="label", how="full", nulls_equal=True, coalesce=True)
    table = joined.select(pl.col("n", "n_right").fill_null(0)).to_numpy().astype(float)
    rows = table.sum(0)
    p, q = table[:, 0] / rows[0], table[:, 1] / rows[1]
    expected = table.sum(1, keepdims=True) * rows / rows.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return {
        "distinct": [left.height, right.height],
        "chi_square": statistic,
        "chi_square_p": float(chdtrc(len(table) - 1, statistic)),
        "psi": psi(p, q),
        "jensen_shannon": jensen_shannon(p, q),
    }


def main():
    read = pl.read_parquet if sys.argv[1].endswith("parquet") else pl.read_csv
    reference, current = read(sys.argv[1]), read(sys.argv[2])
    for name, kind in reference.schema.items():
        if kind.is_numeric():
            print(name, numbers(reference[name], current[name]))
        elif name != "time":
            print(name, labels(reference[name], current[name]))


if __name__ == "__main__":
    main()

"""SMOTENC on a table of numbers and categories: time, and peak resident memory of the whole process.

    python benchmarks/bench_smotenc.py [--rows 1000000 --rare 50000]

10 columns of numbers and 20 of 50 categories each, a float32 array. One run in a fresh process, so that the
peak counts all: Python, the imports, the table, the result.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from common import machine_info, resident, write_result

from torchsmote import SMOTENC

NUMBERS, CATEGORIES, VALUES = 10, 20, 50


def table(n: int, n_rare: int) -> tuple[np.ndarray, np.ndarray]:
    """The rare class is shifted, and prefers some categories. Column by column: no copy besides."""
    rng = np.random.default_rng(0)
    y = np.zeros(n, dtype=np.int64)
    y[rng.choice(n, n_rare, replace=False)] = 1
    X = np.empty((n, NUMBERS + CATEGORIES), dtype=np.float32)
    for j in range(NUMBERS):
        X[:, j] = rng.standard_normal(n, dtype=np.float32) + 0.5 * y * (j < 3)
    for j in range(NUMBERS, NUMBERS + CATEGORIES):
        X[:, j] = np.where(rng.random(n) < 0.3 * y, j % VALUES, rng.integers(0, VALUES, n))
    return X, y


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rare", type=int, default=50_000)
    arguments = parser.parse_args()
    X, y = table(arguments.rows, arguments.rare)
    before = resident("VmHWM")
    sampler = SMOTENC(list(range(NUMBERS, NUMBERS + CATEGORIES)), random_state=0)
    start = time.perf_counter()
    rows, labels = sampler.fit_resample(X, y)
    seconds = time.perf_counter() - start
    peak = resident("VmHWM")
    assert len(rows) == len(labels) == 2 * (arguments.rows - arguments.rare)
    result = {
        "table": f"{arguments.rows:,} x ({NUMBERS} numbers + {CATEGORIES} categorical of {VALUES}), float32",
        "rare": arguments.rare,
        "seconds": seconds,
        "peak_MiB": peak / 2**20,
        "peak_before_MiB": before / 2**20,
        "input_MiB": X.nbytes / 2**20,
        "output_MiB": rows.nbytes / 2**20,
    }
    print(
        f"{result['table']}, {arguments.rare:,} rare: {seconds:.1f} s, peak {result['peak_MiB']:,.0f} MiB "
        f"of the whole process ({result['peak_before_MiB']:,.0f} MiB before, of these the table "
        f"{result['input_MiB']:,.0f}; the result has {result['output_MiB']:,.0f})"
    )
    write_result("smotenc", {"machine": machine_info(), **result})


if __name__ == "__main__":
    main()

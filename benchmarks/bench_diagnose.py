"""diagnose on large tables: seconds, and peak resident memory of the whole process.

    python benchmarks/bench_diagnose.py [--rows 1000000]

Each table in a fresh process, so that the peak counts all: Python, the imports, the table, the diagnosis.
1,000,000 x 30 in float32 and float64, two clouds that overlap, 1 % and 20 % minority; and KDD04, 145,751 x 74
(downloaded once). The limits are 60 s and 1 GiB on two cores, for 1,000,000 x 30.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

import numpy as np
from common import in_new_process, machine_info, resident, write_result

from torchsmote import diagnose, fetch_kdd04

D, BLOCK = 30, 1 << 16
SECONDS, GIB = 60, 1
TABLES: dict[str, tuple[str, float] | None] = {
    "float32, 1 % minority": ("float32", 0.01),
    "float64, 1 % minority": ("float64", 0.01),
    "float32, 20 % minority": ("float32", 0.2),
    "KDD04": None,
}


def clouds(n: int, dtype: str, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Two clouds that overlap, made in blocks: no copy besides."""
    rng = np.random.default_rng(0)
    X, y = np.empty((n, D), dtype), np.empty(n, np.int8)
    for start in range(0, n, BLOCK):
        part = slice(start, min(start + BLOCK, n))
        y[part] = rng.random(part.stop - start) < share
        X[part] = rng.standard_normal((part.stop - start, D), dtype=np.float32)
        X[part, :4] += 1.5 * y[part, None]
    return X, y


def run(name: str, n: int) -> dict[str, Any]:
    made = TABLES[name]
    if made is None:
        kdd = fetch_kdd04()
        X, y = kdd.data, kdd.target
    else:
        X, y = clouds(n, *made)
    before = resident("VmHWM")
    start, cpu = time.perf_counter(), time.process_time()
    diagnosis = diagnose(X, y)
    return {
        "table": f"{X.shape[0]:,} x {X.shape[1]}, {X.dtype}",
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu,
        "peak_gib": resident("VmHWM") / 2**30,
        "peak_before_gib": before / 2**30,
        "input_gib": X.nbytes / 2**30,
        "findings": [finding.name for finding in diagnosis.findings],
        "recommendation": diagnosis.recommendation.message,
    }


def main(n: int) -> None:
    results = {}
    for name in TABLES:
        found = json.loads(in_new_process(__file__, "--table", name, "--rows", str(n)))
        results[name] = found
        print(
            f"{name}: {found['table']}: {found['seconds']:.1f} s ({found['cpu_seconds']:.1f} s of CPU), peak "
            f"{found['peak_gib']:.2f} GiB, of which before {found['peak_before_gib']:.2f}",
            flush=True,
        )
    write_result("diagnose", {"machine": machine_info(), "limits": [SECONDS, GIB], "tables": results})
    sys.exit(any(own["seconds"] > SECONDS or own["peak_gib"] > GIB for own in results.values()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--table", default=None, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.table is None:
        main(words.rows)
    else:
        print(json.dumps(run(words.table, words.rows)))

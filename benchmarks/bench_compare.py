"""How long a whole comparison takes: 8 methods on 5 x 2 folds, with the default network.

    python benchmarks/bench_compare.py [--rows 10000] [--columns 30] [--repeats 2] [--jobs 2]

Two Gaussian clouds, 5 % minority, float32. The methods are the standing five, SMOTE, BorderlineSMOTE and
ADASYN; the tuned threshold trains four times in each fold, three of them on inner folds. Time starts before
the worker processes do. Seconds of a method are the mean over its fits, each on one thread.
"""

from __future__ import annotations

import argparse
import os
import time
from statistics import mean
from typing import Any

from common import machine_info, write_result

from torchsmote import compare, make_imbalanced

METHODS = ["SMOTE", "BorderlineSMOTE", "ADASYN"]


def run(rows: int, columns: int, repeats: int, jobs: int) -> dict[str, Any]:
    table = make_imbalanced(rows, columns, weights=[0.95, 0.05])
    load, start = os.getloadavg()[0], time.perf_counter()
    found = compare(table.data, table.target, methods=METHODS, n_repeats=repeats, n_jobs=jobs, progress=False)
    seconds = time.perf_counter() - start
    print(found)
    return {
        "rows": rows,
        "columns": columns,
        "folds": f"5 x {repeats}",
        "jobs": jobs,
        "fits": len(found.fits),
        "load_before": round(load, 2),
        "seconds": round(seconds, 1),
        "seconds_per_fit": {
            method: round(mean(fit.seconds for fit in found.fits if fit.method == method), 2)
            for method in found.methods
        },
        "verdict": found.verdict,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    row = run(arguments.rows, arguments.columns, arguments.repeats, arguments.jobs)
    print(f"\n{row['fits']} fits in {row['seconds']} s, {row['jobs']} processes, load {row['load_before']}")
    write_result("compare", {"machine": machine_info(), **row})


if __name__ == "__main__":
    main()

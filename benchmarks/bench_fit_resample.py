"""fit_resample beside imbalanced-learn: time as a ratio in one process, and peak memory.

    python benchmarks/bench_fit_resample.py [--repeats 7]

float32 tables; both sides get the same arrays, threads and seed. Memory is measured in a process of its own,
where nothing freed earlier serves again: the peak of resident memory during the call, less what was there
before, the output, and one float32 copy of the rows searched.
"""

from __future__ import annotations

import argparse
from functools import partial
from statistics import median

import imblearn.over_sampling as peer
import numpy as np
from common import in_new_process, machine_info, measure, peak_bytes, write_result

import torchsmote.over_sampling as ours
from torchsmote.datasets import fetch_kdd04

METHODS = ("SMOTE", "BorderlineSMOTE", "ADASYN")


def gaussian(n: int, d: int, n_rare: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = np.zeros(n, dtype=np.int64)
    y[rng.choice(n, n_rare, replace=False)] = 1
    X = rng.standard_normal((n, d), dtype=np.float32)
    X[y == 1, : d // 4] += 0.5
    return X, y


def kdd04() -> tuple[np.ndarray, np.ndarray]:
    table = fetch_kdd04()
    X = table.data.astype(np.float32)
    return ((X - X.mean(0)) / X.std(0)).astype(np.float32), table.target


TABLES = {
    "50,000 x 64, 10,000 rare": lambda: gaussian(50_000, 64, 10_000),
    "100,000 x 30, 5,000 rare": lambda: gaussian(100_000, 30, 5_000),
    "KDD04, 145,751 x 74, 1,296 rare": kdd04,
}


def extra_memory(method: str, name: str) -> float:
    """MiB beyond input, output and one copy of the rows searched, in this process."""
    sampler = getattr(ours, method)(random_state=0)
    sampler.fit_resample(*gaussian(2000, 8, 200))  # libraries load and threads start
    X, y = TABLES[name]()
    peak, (rows, labels) = peak_bytes(partial(sampler.fit_resample, X, y))
    searched = X[y == 1] if method == "SMOTE" else X
    return (peak - rows.nbytes - labels.nbytes - searched.size * 4) / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument(
        "--memory-of", nargs=2, metavar=("METHOD", "TABLE"), help="print its extra MiB, no more"
    )
    arguments = parser.parse_args()
    if arguments.memory_of:
        print(extra_memory(*arguments.memory_of))
        return
    repeats = arguments.repeats
    rows = []
    for name, load in TABLES.items():
        X, y = load()
        for method in METHODS:
            extra = float(in_new_process(__file__, "--memory-of", method, name))
            calls = {
                side: partial(getattr(module, method)(random_state=0).fit_resample, X, y)
                for side, module in (("torchsmote", ours), ("imbalanced-learn", peer))
            }
            times = {side: median(values) for side, values in measure(calls, repeats).items()}
            row = {
                "table": name,
                "method": method,
                "ms": 1e3 * times["torchsmote"],
                "imblearn_ms": 1e3 * times["imbalanced-learn"],
                "ratio": times["imbalanced-learn"] / times["torchsmote"],
                "extra_MiB": extra,
            }
            rows.append(row)
            print(
                f"{name:34} {method:16} {row['ms']:8.0f} ms  imblearn {row['imblearn_ms']:8.0f} ms  "
                f"{row['ratio']:5.2f}x  extra {extra:6.1f} MiB",
                flush=True,
            )
    write_result("fit_resample", {"machine": machine_info(), "repeats": repeats, "rows": rows})


if __name__ == "__main__":
    main()

"""Every resampler that imbalanced-learn has too, ours beside its own: time, and peak memory.

    python benchmarks/bench_resamplers.py [--repeats 5] [--only SMOTEENN TomekLinks ...]

50,000 x 32 float32 with 10 % minority; for SMOTENC 8 of the columns hold categories, for SMOTEN all; and
SMOTETomek on 30,000 x 63. CondensedNearestNeighbour gets 2,000 rows: more would take imbalanced-learn hours.

Both sides get the same arrays, threads, arguments and seed, and run in turn in one process; the classes that
take imbalanced-learn minutes run once. Memory is measured in a process of its own for each side: the peak of
resident memory during the call, less what was there before; so the result, which both return, is in it.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from inspect import signature
from statistics import median
from typing import Any

import numpy as np
from bench_fit_resample import gaussian
from common import RESULTS, in_new_process, machine_info, measure, peak_bytes, write_result

SIDES = {"torchsmote": "torchsmote", "imbalanced-learn": "imblearn"}
N_CATEGORICAL, N_CATEGORIES = 8, 10

Table = tuple[np.ndarray, np.ndarray]


def categories(X: np.ndarray) -> np.ndarray:
    """Codes 0 to 9 in place of values, as equally filled as those of normal numbers are."""
    edges = np.quantile(X[:, -1], np.linspace(0, 1, N_CATEGORIES + 1)[1:-1])
    return np.searchsorted(edges, X).astype(X.dtype)


def mixed(n: int, d: int, n_rare: int) -> Table:
    X, y = gaussian(n, d, n_rare)
    X[:, -N_CATEGORICAL:] = categories(X[:, -N_CATEGORICAL:])
    return X, y


def categorical(n: int, d: int, n_rare: int) -> Table:
    X, y = gaussian(n, d, n_rare)
    return categories(X).astype(np.int64), y


@dataclass(frozen=True)
class Case:
    """A class, its arguments, and the table it gets."""

    method: str
    package: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    table: Callable[[int, int, int], Table] = gaussian
    n: int = 50_000
    d: int = 32
    slow: bool = False

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value}" for name, value in self.arguments.items() if name == "version")
        other = "" if self.n == Case.n else f", {self.n:,} x {self.d}"
        return self.method + (f" {said}" if said else "") + other

    def exists(self) -> bool:
        return hasattr(import_module(f"torchsmote.{self.package}"), self.method)

    def call(self, side: str, n: int | None = None) -> Callable[[], Any]:
        """The call to measure; ``n`` rows in place of all, to load libraries and start threads."""
        cls = getattr(import_module(f"{SIDES[side]}.{self.package}"), self.method)
        seed = {"random_state": 0} if "random_state" in signature(cls).parameters else {}
        X, y = self.table(n or self.n, self.d, (n or self.n) // 10)
        return partial(cls(**seed, **self.arguments).fit_resample, X, y)


OVER, UNDER, COMBINE = "over_sampling", "under_sampling", "combine"
CASES = [
    Case("RandomOverSampler", OVER),
    Case("SMOTE", OVER),
    Case("BorderlineSMOTE", OVER),
    Case("ADASYN", OVER),
    Case("KMeansSMOTE", OVER, {"cluster_balance_threshold": 0.05}),
    Case("SVMSMOTE", OVER, slow=True),
    Case("SMOTENC", OVER, {"categorical_features": list(range(32 - N_CATEGORICAL, 32))}, mixed),
    Case("SMOTEN", OVER, table=categorical),
    Case("RandomUnderSampler", UNDER),
    Case("TomekLinks", UNDER),
    Case("EditedNearestNeighbours", UNDER),
    Case("RepeatedEditedNearestNeighbours", UNDER),
    Case("AllKNN", UNDER),
    *(Case("NearMiss", UNDER, {"version": version}) for version in (1, 2, 3)),
    Case("NeighbourhoodCleaningRule", UNDER),
    Case("OneSidedSelection", UNDER),
    Case("InstanceHardnessThreshold", UNDER, slow=True),
    Case("CondensedNearestNeighbour", UNDER, n=2_000, slow=True),
    Case("ClusterCentroids", UNDER, slow=True),
    Case("SMOTEENN", COMBINE),
    Case("SMOTETomek", COMBINE),
    Case("SMOTETomek", COMBINE, n=30_000, d=63),
]


def memory(side: str, case: Case) -> tuple[float, int]:
    """Peak in MiB, and the rows that came out, in this process."""
    case.call(side, min(2000, case.n // 4))()
    peak, (rows, _) = peak_bytes(case.call(side))
    return peak / 2**20, len(rows)


def compare(case: Case, repeats: int) -> dict[str, Any]:
    row: dict[str, Any] = {"case": str(case), "repeats": 1 if case.slow else repeats}
    times = measure({side: case.call(side) for side in SIDES}, row["repeats"], warm_up=not case.slow)
    for side in SIDES:
        peak, rows = in_new_process(__file__, "--memory-of", side, str(case)).split()
        row[side] = {"seconds": median(times[side]), "peak_MiB": float(peak), "rows": int(rows)}
    row["ratio"] = row["imbalanced-learn"]["seconds"] / row["torchsmote"]["seconds"]
    row["commit"] = machine_info()["commit"]
    return row


def line(row: Mapping[str, Any]) -> str:
    ours, peer = (row[side] for side in SIDES)
    same = "" if ours["rows"] == peer["rows"] else f"  {ours['rows']:,} and {peer['rows']:,} rows"
    return (
        f"{row['case']:34} {ours['seconds']:8.3f} s  imblearn {peer['seconds']:8.3f} s  {row['ratio']:6.2f}x"
        f"  peak {ours['peak_MiB']:6.0f} MiB, imblearn {peer['peak_MiB']:6.0f} MiB{same}"
    )


def save(rows: list[dict[str, Any]]) -> None:
    """Write all cases; those that did not run now keep their rows, each with its commit."""
    path = RESULTS / "resamplers.json"
    known = {row["case"]: row for row in json.loads(path.read_text())["rows"]} if path.exists() else {}
    known |= {row["case"]: row for row in rows}
    ordered = [known[str(case)] for case in CASES if str(case) in known]
    write_result("resamplers", {"machine": machine_info(), "rows": ordered})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=sorted({case.method for case in CASES}))
    parser.add_argument("--memory-of", nargs=2, metavar=("SIDE", "CASE"), help="print MiB and rows, no more")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # whole numbers, and their like
    if arguments.memory_of:
        side, name = arguments.memory_of
        print(*memory(side, next(case for case in CASES if str(case) == name)))
        return
    rows = []
    for case in CASES:
        if case.exists() and (not arguments.only or case.method in arguments.only):
            rows.append(compare(case, arguments.repeats))
            print(line(rows[-1]), flush=True)
            save(rows)


if __name__ == "__main__":
    main()

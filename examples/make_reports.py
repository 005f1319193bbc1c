"""Diagnose a table, compare methods on it, and write both as HTML pages to look at.

    python examples/make_reports.py                    # digits, 15 to 1, about a minute
    python examples/make_reports.py kdd04 --out pages  # a tenth of KDD04's groups; a few minutes, downloads

Writes DATA_diagnosis.html and DATA_comparison.html, each one file that needs no network, and prints the
recommendation and the verdict. docs/report.md shows these pages, and says how to read them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from torchsmote import compare, diagnose
from torchsmote.datasets import fetch_kdd04, load_digits_imbalanced


def tenth(bunch: dict, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of a tenth of the groups: rows of one group belong to one protein, and stay together."""
    groups = np.unique(bunch["groups"])
    chosen = np.random.default_rng(seed).permutation(groups)[: len(groups) // 10]
    rows = np.isin(bunch["groups"], chosen)
    return bunch["data"][rows], bunch["target"][rows], bunch["groups"][rows]


def main() -> None:
    """Read the arguments and write both pages."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", nargs="?", choices=["digits", "kdd04"], default="digits")
    parser.add_argument("--out", type=Path, default=Path("reports"), help="folder of the pages")
    parser.add_argument("--quick", action="store_true", help="to see a page, not to conclude")
    options = parser.parse_args()

    if options.data == "digits":
        bunch = load_digits_imbalanced(15, seed=0)
        X, y, groups = bunch["data"], bunch["target"], None
    else:
        X, y, groups = tenth(fetch_kdd04(), seed=0)
    diagnosis = diagnose(X, y)
    print(diagnosis.recommendation.message)
    print(diagnosis.report(options.out / f"{options.data}_diagnosis.html"))

    how = {"methods": ["SMOTE", "BorderlineSMOTE", "ADASYN"]}
    if options.quick:
        how = {"model": LogisticRegression(max_iter=1000), "n_splits": 3, "n_repeats": 1}
    comparison = compare(X, y, groups=groups, **how)
    print(comparison.verdict)
    print(comparison.report(options.out / f"{options.data}_comparison.html"))


if __name__ == "__main__":
    main()

"""Does over-sampling help on this table? Every method on the same folds, a verdict, and a page to read.

    python examples/does_it_help.py
    python examples/does_it_help.py --jobs 2 --resume fits.jsonl --out does_it_help.html

The table: scikit-learn's handwritten digits, made long-tailed; the three rarest (7, 8, 9) are the class to
find. The methods: the five that always take part, SMOTE and BorderlineSMOTE. The model: logistic regression,
on 5 folds x 2. It prints the verdict with the figures behind it, and the verdict of one more metric of the
same fits: is the answer another where decisions are judged (F1) instead of the order of probabilities
(PR-AUC)? The page has curves, intervals, confusion matrices and pictures of the synthetic rows.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from torchsmote import compare, load_digits_imbalanced


def main() -> int:
    """Compare, print, write the page."""
    parser = argparse.ArgumentParser(description="Does over-sampling help on the digits?")
    parser.add_argument("--jobs", type=int, default=1, help="processes; the figures do not depend on it")
    parser.add_argument("--resume", type=Path, help="file of finished fits, to go on from")
    parser.add_argument("--out", type=Path, help="HTML page to write")
    words = parser.parse_args()

    digits = load_digits_imbalanced(10)
    rare = np.where(digits.target >= 7, "7 to 9", "0 to 6")
    found = compare(
        digits.data,
        rare,
        methods=["SMOTE", "BorderlineSMOTE"],
        model=LogisticRegression(C=0.1, max_iter=1000),
        n_jobs=words.jobs,
        resume=words.resume,
    )
    print(found)
    print(f"\nBy decisions: {found.verdict_for('f1')}")
    if words.out:
        print(f"\nWritten: {found.report(words.out)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

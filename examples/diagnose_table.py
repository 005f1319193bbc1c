"""Before anything is resampled: what a table is like, and whether over-sampling is worth a try.

python examples/diagnose_table.py          # the digit 9 among the others, 2 % of the rows
python examples/diagnose_table.py kdd04    # 145,751 x 74, downloaded once (22 MB)

It prints the diagnosis, what a split by rows leaks once some rows are there twice, and the rows that the
advised code makes. ``diagnosis.report("diagnosis.html")`` writes the same as a page, with pictures.
"""

from __future__ import annotations

import sys

import numpy as np

from torchsmote import diagnose, fetch_kdd04, load_digits_imbalanced
from torchsmote.datasets import split_by_group

if sys.argv[1:] == ["kdd04"]:
    table = fetch_kdd04()
    X, y = table.data, table.target
else:
    table = load_digits_imbalanced(imbalance_ratio=10)
    X, y = table.data, (table.target == 9).astype(int)
diagnosis = diagnose(X, y)
print(diagnosis)

X_twice, y_twice = np.concatenate([X, X[:50]]), np.concatenate([y, y[:50]])
split = split_by_group(y_twice)
leaking = diagnose(X_twice, y_twice, split=(split.train, split.test))
print("\nWith 50 rows twice, a split by rows leaks:")
print(next(finding.message for finding in leaking.findings if finding.name == "leakage"))

names = {"X": X, "y": y}
exec(diagnosis.recommendation.code, names)  # it is meant to be pasted, with X and y the training part
if diagnosis.recommendation.resample:
    before, after = (np.bincount(labels).tolist() for labels in (y, names["y_new"]))
    print(f"\nThe advised code makes {after} of {before} rows")

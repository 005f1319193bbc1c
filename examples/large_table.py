"""Tables in files: Parquet read block by block, a memory map read at random, a Dask frame resampled lazily.

python examples/large_table.py

The digits stand in for a table that is larger than memory. It prints what each way reads, and that Dask gives
the rows of the in-memory path.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import dask.dataframe
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import torch
from torch.utils.data import TensorDataset

from torchsmote import SMOTE, ArrowRows, SMOTEDataset, TensorLoader, knn, load_digits_imbalanced

digits = load_digits_imbalanced(imbalance_ratio=20)
frame = pd.DataFrame(digits.data.astype("float32") / 16, columns=[f"pixel{place}" for place in range(64)])
names = list(frame.columns)
frame["digit"] = digits.target

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "digits.parquet")
    pyarrow.parquet.write_table(pa.Table.from_pandas(frame), path, row_group_size=100)

    rows = ArrowRows(path, features=names, target="digit")
    print(f"{path.name}: {len(rows)} rows, {rows.shape[1]} features, read in row groups")
    nearest = knn(rows, k=1, exclude_self=True).indices[:, 0]
    share = (rows.targets[nearest] == rows.targets).float().mean()
    print(f"of {share:.1%} of the images, the nearest other one shows the same digit")

    # Parquet has no access to single rows: for a shuffled epoch it is written once to a file that has.
    X = rows.to_memmap(Path(folder, "digits.npy"))
    data = SMOTEDataset(TensorDataset(X, rows.targets), seed=0)
    count = sum(len(labels) for _, labels in TensorLoader(data, batch_size=64))
    print(f"one epoch from digits.npy: {data.n_real} real rows, {count - data.n_real} synthetic ones")

    table = dask.dataframe.read_parquet(path, split_row_groups=2)
    X_new, y_new = SMOTE(random_state=0).fit_resample(table[names], table["digit"])
    print(
        f"Dask: {table.npartitions} partitions before, {X_new.npartitions} after, nothing synthetic made yet"
    )
    wanted, labels = SMOTE(random_state=0).fit_resample(frame[names], frame["digit"])
    same = X_new.compute().equals(wanted) and y_new.compute().equals(labels)
    print(f"{len(wanted)} rows, equal to those in memory: {same}")
    del data, X, rows  # files that are mapped cannot be removed on every system

print(f"torch {torch.__version__.partition('+')[0]}, pyarrow {pa.__version__}")

"""A table larger than the memory that is used: 20,000,000 x 32 float32 in a file, fitted and read once.

    python benchmarks/bench_large.py [--rows 20000000] [--folder FOLDER]

The table is made in blocks, 1 % minority, in FOLDER (or a temporary one: 2.6 GB). Each figure is taken in a
process of its own; its memory is the peak of RssAnon + RssShmem in /proc/self/status, read every 20 ms: what
the process itself holds, without pages of the file that the system may drop at any time.

- ``epoch``: SMOTEDataset over a TensorDataset of the mapped file, and one whole epoch of TensorLoader.
- ``borderline``: BorderlineSMOTE().recipe on the first 1,000,000 rows, searched block by block.
- ``parquet``: the same rows from Parquet, shuffled, and what converting them brings.
- ``dask``: fit_resample of a Dask frame of the same rows, beside a pandas one; the results are compared.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import dask.dataframe
import numpy as np
import pandas as pd
import pyarrow.parquet
import torch
from common import in_new_process, machine_info, write_result
from torch import Tensor
from torch.utils.data import TensorDataset

from torchsmote import (
    ADASYN,
    SMOTE,
    ArrowRows,
    BorderlineSMOTE,
    RandomOverSampler,
    SMOTEDataset,
    TensorLoader,
)

D, SHARE, BATCH, BLOCK = 32, 0.01, 4096, 1 << 18
FEWER = 1_000_000  # rows of what would take hours on all
LIMIT = 1.5  # GiB


def make_table(folder: Path, n: int) -> None:
    """Two clouds that overlap, and their labels, written block by block."""
    X = np.lib.format.open_memmap(folder / "X.npy", "w+", np.float32, (n, D))
    y = np.lib.format.open_memmap(folder / "y.npy", "w+", np.int8, (n,))
    rng = np.random.default_rng(0)
    for start in range(0, n, BLOCK):
        part = slice(start, min(start + BLOCK, n))
        y[part] = rng.random(part.stop - start) < SHARE
        X[part] = rng.standard_normal((part.stop - start, D), dtype=np.float32)
        X[part, :4] += y[part, None]
    X.flush()
    y.flush()


def mapped(folder: Path, n: int | None = None) -> tuple[Tensor, Tensor]:
    """The first n rows and labels as tensors over the mapped files."""
    arrays = (np.load(folder / name, mmap_mode="c") for name in ("X.npy", "y.npy"))
    X, y = (torch.from_numpy(array[:n]) for array in arrays)
    return X, y


def held() -> int:
    """Bytes of this process that are in no file."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon", "RssShmem")))


class Peak:
    """The most that was held while a block of code ran, with what was held before."""

    def __enter__(self) -> Peak:
        self.before = self.most = held()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self.most = max(self.most, held())


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def epoch(folder: Path) -> dict[str, Any]:
    with Peak() as peak:
        seconds, data = timed(lambda: SMOTEDataset(TensorDataset(*mapped(folder)), SMOTE(), seed=0))
        after_fit = peak.most
        loader = TensorLoader(data, batch_size=BATCH, seed=0)
        reading, rows = timed(lambda: sum(len(labels) for _, labels in loader))
    return {
        "rows": data.n_real,
        "minority": int(data.recipe.rows.numel()),
        "rows_of_the_epoch": rows,
        "fit_s": seconds,
        "epoch_s": reading,
        "rows_per_s": rows / reading,
        "held_before_gib": peak.before / 2**30,
        "held_in_fit_gib": after_fit / 2**30,
        "held_gib": peak.most / 2**30,
    }


def borderline(folder: Path) -> dict[str, Any]:
    X, y = mapped(folder, FEWER)
    queries = int((y == 1).sum())
    with Peak() as peak:
        seconds, recipe = timed(lambda: BorderlineSMOTE().recipe(X, y))
    return {
        "rows": len(X),
        "queries": queries,
        "in_danger": len(recipe.rows),
        "fit_s": seconds,
        "pairs_per_s": queries * len(X) / seconds,
        "held_before_gib": peak.before / 2**30,
        "held_gib": peak.most / 2**30,
    }


def parquet(folder: Path) -> dict[str, Any]:
    """The first rows in Parquet: fitted, then read shuffled as Parquet, as Arrow and as a memmap."""
    X, y = mapped(folder, FEWER)
    columns = {f"x{place}": values.numpy() for place, values in enumerate(X.t())}
    table = pyarrow.table({**columns, "y": y.numpy()})
    pyarrow.parquet.write_table(table, folder / "rows.parquet", row_group_size=1 << 16)
    with pyarrow.ipc.new_file(str(folder / "rows.arrow"), table.schema) as writer:
        writer.write_table(table, max_chunksize=1 << 16)
    del table
    rows = ArrowRows(folder / "rows.parquet", target="y", cache_bytes=32 << 20)  # a quarter of the table
    arrow = ArrowRows(folder / "rows.arrow", target="y")
    found: dict[str, Any] = {"rows": len(rows)}
    with Peak() as peak:
        found["fit_s"], data = timed(lambda: SMOTEDataset(rows, SMOTE(), seed=0))
        found["parquet_rows_per_s"] = speed(data, batches=8)
        found["to_memmap_s"], X = timed(lambda: rows.to_memmap(folder / "rows.npy"))
    found["held_before_gib"], found["held_gib"] = peak.before / 2**30, peak.most / 2**30
    found["arrow_rows_per_s"] = speed(SMOTEDataset(arrow, SMOTE(), recipe=data.recipe, seed=0))
    found["memmap_rows_per_s"] = speed(SMOTEDataset(TensorDataset(X, y), SMOTE(), recipe=data.recipe, seed=0))
    return found


def speed(data: SMOTEDataset, batches: int | None = None) -> float:
    """Rows a second of a shuffled epoch, or of its first batches."""
    loader = TensorLoader(data, batch_size=BATCH, seed=0)
    seconds, rows = timed(lambda: sum(len(labels) for _, labels in islice(loader, batches)))
    return rows / seconds


def dask_frame(folder: Path) -> dict[str, Any]:
    """fit_resample of a frame of the first rows, by Dask in 16 partitions and in memory."""
    X, y = mapped(folder, FEWER)
    frame = pd.DataFrame(X.numpy(), columns=[f"x{place}" for place in range(D)])
    labels = pd.Series(y.numpy(), name="y")
    given, given_labels = (dask.dataframe.from_pandas(one, npartitions=16) for one in (frame, labels))
    found: dict[str, Any] = {"rows": len(frame), "partitions": 16}
    methods = {"smote": SMOTE, "random": RandomOverSampler}
    methods |= {"borderline": BorderlineSMOTE, "adasyn": ADASYN}
    for name, method in methods.items():
        sampler = method(random_state=0)
        found[f"{name}_fit_s"], (X_new, y_new) = timed(
            lambda sampler=sampler: sampler.fit_resample(given, given_labels)
        )
        found[f"{name}_compute_s"], made = timed(lambda X=X_new, y=y_new: dask.compute(X, y))
        found[f"{name}_memory_s"], wanted = timed(
            lambda method=method: method(random_state=0).fit_resample(frame, labels)
        )
        assert all(one.equals(other) for one, other in zip(made, wanted, strict=True))
    return found


PARTS = {"epoch": epoch, "borderline": borderline, "parquet": parquet, "dask": dask_frame}


def run(name: str, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(in_new_process(__file__, "--part", name, "--folder", str(folder)))
    for key, value in found.items():
        print(
            f"{name}: {key} {value:.4g}" if isinstance(value, float) else f"{name}: {key} {value}", flush=True
        )
    return found


def main(n: int, folder: Path) -> None:
    seconds, _ = timed(lambda: make_table(folder, n))
    print(f"{n:,} x {D} float32 written in {seconds:.0f} s", flush=True)
    results = {name: run(name, folder) for name in PARTS}
    write_result("large", {"machine": machine_info(), "batch": BATCH, "limit_gib": LIMIT, **results})
    most = results["epoch"]["held_gib"]
    print(f"held at most {most:.2f} GiB of {LIMIT}")
    sys.exit(most > LIMIT)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--folder", default=None)
    parser.add_argument("--part", default=None, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.part is not None:
        print(json.dumps(PARTS[words.part](Path(words.folder))))
    elif words.folder is not None:
        Path(words.folder).mkdir(parents=True, exist_ok=True)
        main(words.rows, Path(words.folder))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(words.rows, Path(made))

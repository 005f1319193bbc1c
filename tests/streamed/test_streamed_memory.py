"""What is held while a table in a file is searched, fitted and read: measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

N, D, RARE = 1_000_000, 32, 10_000  # 128 MB
MIB = 1 << 20

_WATCHED = """
import json, sys, threading
import numpy as np, torch
from torch.utils.data import TensorDataset
from torchsmote import SMOTE, ArrowRows, SMOTEDataset, TensorLoader, knn

def held():
    with open("/proc/self/status") as status:
        return sum(int(line.split()[1]) for line in status if line.startswith(("RssAnon", "RssShmem"))) << 10

def grown(call):
    global most
    before = most = held()
    stop = threading.Event()
    def watch():
        global most
        while not stop.wait(0.005):
            most = max(most, held())
    thread = threading.Thread(target=watch)
    thread.start()
    result = call()
    stop.set()
    thread.join()
    return most - before, result

folder = sys.argv[1]
X = np.load(folder + "/X.npy", mmap_mode="c")
y = torch.from_numpy(np.load(folder + "/y.npy", mmap_mode="c"))
knn(X[:10], X[:5000], 3)  # what is set up once
rows = ArrowRows(folder + "/rows.parquet", target="y", cache_bytes=16 << 20)
rows[0]
found = {}
found["search"], near = grown(lambda: knn(X[:50], X, 3))
found["search of parquet"], there = grown(lambda: knn(torch.from_numpy(X[:50]), rows, 3))
assert near.indices.equal(there.indices)
to_a_fifth = SMOTE(sampling_strategy=0.2)
found["fit"], data = grown(lambda: SMOTEDataset(TensorDataset(torch.from_numpy(X), y), to_a_fifth, seed=0))
found["epoch"], count = grown(lambda: sum(len(own) for _, own in TensorLoader(data, 4096)))
assert count == len(data)
found["fit of parquet"], recipe = grown(lambda: to_a_fifth.recipe(rows, y))
assert recipe.table.equal(data.recipe.table)
print(json.dumps(found))
"""

# What docs/larger_than_memory.md states, in bytes, with room for the allocator in each.
BOUNDS = {
    "search": 96 * MIB,
    "search of parquet": 96 * MIB,
    "fit": 16 * N + 48 * MIB,
    "epoch": 5 * N + 48 * MIB,  # 4 bytes for each of 1.19 N rows
    "fit of parquet": 16 * N + 64 * MIB,
}


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    rng = np.random.default_rng(0)
    X = np.lib.format.open_memmap(folder / "X.npy", "w+", np.float32, (N, D))
    for start in range(0, N, 100_000):
        X[start : start + 100_000] = rng.standard_normal((100_000, D), dtype=np.float32)
    y = np.zeros(N, np.int8)
    y[rng.permutation(N)[:RARE]] = 1
    np.save(folder / "y.npy", y)
    table = pa.table({**{f"x{j}": X[:, j] for j in range(D)}, "y": y})
    pyarrow.parquet.write_table(table, folder / "rows.parquet", row_group_size=1 << 15, compression="none")
    command = [sys.executable, "-c", _WATCHED, str(folder)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("what", BOUNDS)
def test_what_is_held_stays_within_what_is_stated(grown, what):
    assert grown[what] < BOUNDS[what], f"{grown[what] / MIB:.0f} MiB"

"""Tables too large for a copy: searched block by block, the same bits, and in memory that does not grow."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from neighbors_reference import tables

from torchsmote.neighbors import best, knn, neighbors_among

_HELD = """
import json, sys, threading
import numpy as np, torch
from torchsmote.neighbors import knn

def held():
    with open("/proc/self/status") as status:
        return sum(int(line.split()[1]) for line in status if line.startswith(("RssAnon", "RssShmem"))) << 10

X = np.load(sys.argv[1], mmap_mode="r")
knn(X[:10], X[:5000], 3)  # what is set up once
before = most = held()
stop = threading.Event()
def watch():
    global most
    while not stop.wait(0.005):
        most = max(most, held())
thread = threading.Thread(target=watch)
thread.start()
found = knn(X[:50], X, 3)
stop.set()
thread.join()
print(json.dumps([most - before, found.indices[:, 0].tolist()]))
"""


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(best, "_BLOCK", 40)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16], ids=str)
@pytest.mark.parametrize("name", ["gaussian", "whole", "scales"])
def test_a_search_cut_into_blocks_has_the_same_bits(name, dtype, metric, small_blocks, monkeypatch):
    x = tables(90, 3)[name].to(dtype)
    rows = torch.arange(0, 90, 2)
    labels = np.arange(90) % 3
    got = [
        knn(x[:30], x, 4, metric=metric),
        knn(x, k=4, exclude_self=True, metric=metric),
        knn(x, k=40, relation="different", query_labels=labels, metric=metric),
        neighbors_among(x, 5, queries=rows, references=rows, metric=metric),
    ]
    monkeypatch.setattr(best, "_BLOCK", 1 << 23)
    wanted = [
        knn(x[:30], x, 4, metric=metric),
        knn(x, k=4, exclude_self=True, metric=metric),
        knn(x, k=40, relation="different", query_labels=labels, metric=metric),
        neighbors_among(x, 5, queries=rows, references=rows, metric=metric),
    ]
    for one, other in zip(got, wanted, strict=True):
        assert torch.equal(one.indices, other.indices)
        assert torch.equal(one.distances, other.distances)


def test_categories_are_cut_with_their_rows(small_blocks, monkeypatch):
    x, codes = tables(90, 3)["gaussian"], torch.arange(90, dtype=torch.int32)[:, None] % 4
    got = neighbors_among(x, 5, codes=codes, mismatch=0.7)
    monkeypatch.setattr(best, "_BLOCK", 1 << 23)
    assert torch.equal(got.indices, neighbors_among(x, 5, codes=codes, mismatch=0.7).indices)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_memory_map_is_searched_in_a_fraction_of_its_size(tmp_path):
    n, d = 1_000_000, 32  # 128 MB
    X = np.lib.format.open_memmap(tmp_path / "X.npy", "w+", np.float32, (n, d))
    block = np.random.default_rng(0).standard_normal((100_000, d), dtype=np.float32)
    for start in range(0, n, len(block)):
        X[start : start + len(block)] = block + start
    X.flush()
    command = [sys.executable, "-c", _HELD, str(tmp_path / "X.npy")]
    grown, nearest = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    assert nearest == list(range(50))
    # One block of 32 MiB, the minima of its groups and tiles of scores, and room for the allocator.
    assert grown < 80 << 20, f"{grown / 2**20:.0f} MiB"

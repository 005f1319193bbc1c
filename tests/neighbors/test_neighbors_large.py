"""Tables too large for a copy: searched block by block, the same bits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from neighbors_reference import tables

from torchsmote.neighbors import best, knn, neighbors_among


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

"""Tables too large for a copy: searched block by block, the same bits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from neighbors_reference import tables

from torchsmote.neighbors import best, knn, minima, neighbors_among, search


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


def test_rows_searched_in_themselves_stay_whole_where_that_halves_the_products(small_blocks, monkeypatch):
    x, cut = tables(90, 3)["gaussian"], []

    def watched(asked, blocks, k, **options):
        cut.append(len(asked))
        return in_blocks(asked, blocks, k, **options)

    in_blocks = best.nearest_in_blocks
    monkeypatch.setattr(best, "nearest_in_blocks", watched)
    wanted = knn(x, k=4, exclude_self=True)
    assert cut == [90]
    monkeypatch.setattr(minima, "_SYMMETRIC", (90, 3))
    got = knn(x, k=4, exclude_self=True)
    assert cut == [90]
    assert torch.equal(got.indices, wanted.indices)
    assert torch.equal(got.distances, wanted.distances)
    knn(x[:30], x, k=4)  # of others, no product serves two rows
    monkeypatch.setattr(best, "_WHOLE", 269)
    knn(x, k=4, exclude_self=True)  # its copy would be too large
    assert cut == [90, 30, 90]


def test_pairs_of_many_classes_are_not_held_at_once(monkeypatch):
    made = []

    def watched(*arguments):
        for pair in class_pairs(*arguments):
            made.append("pair")
            yield pair

    def looked_up(*arguments):
        made.append("search")
        return of_rows(*arguments)

    class_pairs, of_rows = search.class_pairs, search.search
    monkeypatch.setattr(search, "class_pairs", watched)
    monkeypatch.setattr(search, "search", looked_up)
    knn(tables(90, 3)["gaussian"], k=2, relation="different", query_labels=np.arange(90) % 3)
    assert made == ["pair", "search"] * 3

"""A search of reference rows that come block by block gives the bits of a search of all at once."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from neighbors_reference import tables

from torchsmote.neighbors import knn
from torchsmote.neighbors.best import Best, Block, nearest_in_blocks
from torchsmote.neighbors.rows import Rows
from torchsmote.neighbors.scaling import Extent, comparable, true_distances

NAMES = sorted(tables(1, 1))


def blockwise(query, reference, k, cuts, order, metric, own=None):
    """Neighbours from blocks ``reference[cuts[i]:cuts[i + 1]]``, given in some order."""
    parts = [reference[a:b] for a, b in zip([0, *cuts], [*cuts, len(reference)], strict=True)]
    extent = Extent.of(query, "query")
    for part in parts:
        if len(part):
            extent |= Extent.of(part, "reference")
    asked, scale = comparable(query, metric, extent, "query")
    blocks, first = [], 0
    for part in parts:
        blocks.append(Block(comparable(part, metric, extent, "reference")[0], first))
        first += len(part)
    best = nearest_in_blocks(asked, [blocks[i % len(blocks)] for i in order(len(blocks))], k, own=own)
    return true_distances(best.squared, metric, scale).to(query.dtype), best.indices


@settings(max_examples=25)
@given(
    name=st.sampled_from(NAMES),
    dtype=st.sampled_from([torch.float32, torch.float64, torch.bfloat16]),
    metric=st.sampled_from(["euclidean", "cosine"]),
    k=st.integers(1, 12),
    cuts=st.lists(st.integers(0, 90), max_size=4).map(sorted),
    backwards=st.booleans(),
)
def test_blocks_in_any_order_give_the_same_bits(name, dtype, metric, k, cuts, backwards):
    x = tables(90, 3)[name].to(dtype)
    wanted = knn(x[:30], x, k, metric=metric)

    def order(count):
        return range(count)[:: -1 if backwards else 1]

    distances, indices = blockwise(x[:30], x, k, cuts, order, metric)
    assert torch.equal(indices, wanted.indices)
    assert torch.equal(distances, wanted.distances)


@pytest.mark.parametrize("name", NAMES)
def test_each_row_leaves_itself_out_but_not_its_twins(name, device):
    x = tables(90, 3)[name].to(device)
    wanted = knn(x, k=100, exclude_self=True)
    own = torch.arange(90, device=device)
    distances, indices = blockwise(x, x, 100, [13, 50, 50], range, "euclidean", own)
    assert torch.equal(indices, wanted.indices)
    assert torch.equal(distances, wanted.distances)
    assert (indices[:, -1] == -1).all()


def test_no_block_leaves_nothing_found():
    best = Best.of_none(2, 3, torch.device("cpu"))
    assert (best.indices == -1).all()
    assert best.squared.isinf().all()


def test_the_place_of_a_row_that_leaves_itself_out_is_empty():
    rows = Rows(torch.tensor([[0.0], [1.0], [3.0]]))
    blocks = [Block(Rows(rows.table[:2]), 0), Block(Rows(rows.table[2:]), 2)]
    best = nearest_in_blocks(rows, blocks, 3, own=torch.arange(3))
    assert best.indices.tolist() == [[1, 2, -1], [0, 2, -1], [1, 0, -1]]
    assert best.squared[:, 2].isinf().all()

"""The proof: rows that float32 cannot decide are found out and searched again, and only those."""

from __future__ import annotations

import math

import pytest
import torch
from neighbors_reference import brute_force, tables

from torchsmote.neighbors import bounds, engine, faiss, grouped, kdtree, knn
from torchsmote.neighbors.exact import best_of_pairs
from torchsmote.neighbors.grid import Tiles
from torchsmote.neighbors.rows import Problem, Rows
from torchsmote.neighbors.scaling import scaled_rows


@pytest.fixture
def settled(monkeypatch):
    """How many queries had to be searched again, search by search."""
    counts = []

    def spy(problem, queries, kth):
        counts.append(len(queries))
        return original(problem, queries, kth)

    original = engine.settle
    monkeypatch.setattr(engine, "settle", spy)
    return counts


def near_ties(n, d):
    """Rows on two shells around the first row, 1e-9 apart: float32 cannot tell which is the inner one."""
    generator = torch.Generator().manual_seed(5)
    direction = torch.randn(n, d, dtype=torch.float64, generator=generator)
    radius = 1.0 + 1e-9 * torch.randperm(n, generator=generator).double()
    return torch.nn.functional.normalize(direction) * radius[:, None]


@pytest.mark.parametrize("backend", ["torch", "faiss"])
def test_near_ties_take_the_fall_back(backend, settled):
    rows, center = near_ties(2000, 8), torch.zeros(1, 8, dtype=torch.float64)
    found = knn(center, rows, 10, backend=backend)
    assert settled == [1]
    assert torch.equal(found.indices, brute_force(center, rows, 10)[1])


def test_without_the_fall_back_near_ties_go_wrong(monkeypatch):
    """So the test above can fail."""
    monkeypatch.setattr(engine, "is_proven", lambda kth, bound, d: torch.ones_like(kth, dtype=torch.bool))
    rows, center = near_ties(2000, 8), torch.zeros(1, 8, dtype=torch.float64)
    assert not torch.equal(knn(center, rows, 10).indices, brute_force(center, rows, 10)[1])


def test_plain_data_need_no_fall_back(settled):
    x = tables(3000, 10)["gaussian"]
    knn(x, k=5)
    assert sum(settled) <= 3


def test_whole_numbers_need_no_fall_back(settled):
    x = tables(3000, 6)["whole"]  # 729 different rows, full of ties
    found = knn(x, k=7, backend="torch")
    assert settled == []
    assert torch.equal(found.indices, brute_force(x, x, 7)[1])


def test_large_whole_numbers_are_not_taken_for_exact():
    x = tables(400, 6)["whole"] * 3001
    assert torch.equal(knn(x, k=7, backend="torch").indices, brute_force(x, x, 7)[1])


@pytest.mark.parametrize("name", [name for name in tables(1, 1) if name not in ("huge", "tiny")])
@pytest.mark.parametrize(
    ("backend", "symmetric"), [(grouped, False), (grouped, True), (faiss, None), (kdtree, None)]
)
def test_bounds_hold(name, backend, symmetric):
    """No row outside the candidates is nearer than the bound says."""
    rows = Rows(tables(700, 9)[name])
    problem = Problem.of(rows, rows, 4)
    table = rows.table.double()
    tiles = Tiles(queries=128, group=4, symmetric=symmetric)
    for part, found, bound in backend.candidates(problem, tiles):
        squared = torch.stack([(table - row).square().sum(1) for row in table[part]])
        squared.scatter_(1, found.clamp_min(0), math.inf)
        nearest_left_out = squared.min(1)[0]
        exact_scores = bound == math.inf  # selection itself settled ties: no candidate is beaten
        assert (nearest_left_out[~exact_scores] >= bound[~exact_scores] * (1 - 1e-12)).all()


def test_a_tie_with_the_bound_is_no_proof():
    kth = torch.tensor([1.0, 1.0, 1.0], dtype=torch.float64)
    bound = torch.tensor([1.0, 1.1, math.inf], dtype=torch.float64)
    assert bounds.is_proven(kth, bound, 10).tolist() == [False, True, True]


@pytest.mark.parametrize("precision", ["high", "medium"])
def test_bound_follows_the_precision_of_products(precision, monkeypatch):
    """A caller may let products round their input to TF32 or bfloat16: the bound must widen."""
    usual = bounds.Precision.of_products(30, torch.device("cpu")).relative
    monkeypatch.setattr(torch, "get_float32_matmul_precision", lambda: precision)
    assert bounds.Precision.of_products(30, torch.device("cpu")).relative > 50 * usual
    x = tables(300, 5)["gaussian"]
    assert torch.equal(knn(x, k=4, backend="torch").indices, brute_force(x, x, 4)[1])


def test_stable_smallest_prefers_the_smaller_column():
    values = torch.tensor([[2.0, 1.0, 1.0, 0.0, 1.0], [5.0, 5.0, 5.0, 5.0, 5.0]])
    assert grouped.stable_smallest(values, 3).sort(1)[0].tolist() == [[1, 2, 3], [0, 1, 2]]


def test_best_of_pairs_orders_by_query_distance_position():
    query = torch.tensor([1, 0, 0, 1, 0])
    position = torch.tensor([4, 9, 2, 3, 5])
    squared = torch.tensor([1.0, 2.0, 2.0, 1.0, 0.0], dtype=torch.float64)
    assert best_of_pairs(query, position, squared, 2).tolist() == [4, 2, 3, 0]


@pytest.mark.parametrize("copies", [2, 500, 4000])
def test_many_copies_stay_cheap_and_stable(copies):
    base = torch.randn(4000 // copies, 12, generator=torch.Generator().manual_seed(2))
    x = base.repeat(copies, 1)
    found = knn(x, k=6, exclude_self=True)
    allowed = ~torch.eye(len(x), dtype=torch.bool)
    rows = torch.tensor([0, 1, 17, 3999])
    assert torch.equal(found.indices[rows], brute_force(x[rows], x, 6, allowed=allowed[rows])[1])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_far_outlier_sends_no_other_row_to_the_fall_back(dtype, settled):
    """Neither centre nor scale follow it, so float32 still tells the others apart."""
    x = tables(3000, 10)["gaussian"].to(dtype)
    x[5, 0] = 1e30
    found = knn(x, k=5, backend="torch")
    assert sum(settled) <= 4
    some = torch.arange(0, 3000, 50)
    assert torch.equal(found.indices[some], brute_force(x[some], x, 5)[1])


@pytest.mark.parametrize("backend", [grouped, faiss, kdtree])
def test_bounds_hold_for_rows_cut_and_shrunk(backend):
    x = tables(700, 9)["gaussian"].double()
    x[::50] *= 1e120
    (rows, _), k = scaled_rows(x, float(x.abs().max()), 1e-9), 4
    problem = Problem.of(rows, rows, k)
    table = rows.take(slice(0, 700))
    for part, found, bound in backend.candidates(problem, Tiles(queries=128, group=4)):
        squared = torch.stack([(table - row).square().sum(1) for row in table[part]])
        squared.scatter_(1, found.clamp_min(0), math.inf)
        assert (squared.min(1)[0] >= bound * (1 - 1e-12)).all()
        assert (bound > 0).any()

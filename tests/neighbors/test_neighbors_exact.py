"""Every backend returns the float64 brute-force answer, ties included, on tables that are hard on purpose."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from neighbors_reference import brute_force, tables

from torchsmote.neighbors import available_backends, engine, knn, neighbors_among
from torchsmote.neighbors.grid import Tiles
from torchsmote.neighbors.rows import Problem, Rows

NAMES = tuple(tables(1, 1))
BACKENDS = tuple(name for name, reason in available_backends().items() if reason is None)
SIZES = {"usual": (331, 7, 5), "one column": (60, 1, 59), "wide": (65, 1024, 3), "one row": (1, 3, 1)}


def assert_same(found, expected, rtol):
    distances, indices = expected
    assert torch.equal(found.indices.cpu(), indices)
    torch.testing.assert_close(found.distances.cpu().double(), distances, rtol=rtol, atol=0.0)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", NAMES)
def test_self_search_equals_brute_force(name, size, metric, backend):
    n, d, k = SIZES[size]
    x = tables(n, d)[name]
    for dtype, rtol in ((torch.float32, 2e-7), (torch.float64, 1e-14)):
        found = knn(x.to(dtype), k=k, metric=metric, backend=backend)
        assert found.distances.dtype == dtype
        assert_same(found, brute_force(x, x, k, metric), rtol)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_half_precision_is_searched_without_loss(dtype, metric, device):
    x = (torch.randn(200, 9, generator=torch.Generator().manual_seed(3)) + 50).to(dtype)
    found = knn(x.to(device), k=6, metric=metric)
    distances, indices = brute_force(x, x, 6, metric)
    assert torch.equal(found.indices.cpu(), indices)
    assert torch.equal(found.distances.cpu(), distances.to(dtype))  # rounded once, to nearest


@pytest.mark.parametrize("k", [1, 30, 499, 500, 700])
@pytest.mark.parametrize("name", ["gaussian", "duplicates", "whole"])
def test_any_k(name, k, device):
    x = tables(500, 4)[name]
    assert_same(knn(x.to(device), k=k), brute_force(x, x, k), 2e-7)


@pytest.mark.parametrize("name", NAMES)
def test_float64_tables_use_their_low_bits(name):
    x = tables(150, 5)[name].double()
    x = x * (1 + 1e-12 * torch.arange(150)[:, None] % 7)
    assert_same(knn(x, k=6), brute_force(x, x, 6), 1e-13)


@pytest.mark.parametrize("scale", [1e-170, 1e170])
def test_float64_range(scale):
    x = torch.randn(80, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    plain, scaled = knn(x, k=4), knn(x * scale, k=4)
    assert torch.equal(plain.indices, scaled.indices)
    torch.testing.assert_close(scaled.distances, plain.distances * scale, rtol=1e-13, atol=0.0)
    assert torch.equal(knn(x * scale, k=4, metric="cosine").indices, knn(x, k=4, metric="cosine").indices)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("extreme", [1e20, -1e100, 1e200, 1e290, 1e-200, 1e-290])
@pytest.mark.parametrize("d", [1, 5])
def test_an_extreme_value_leaves_the_others_their_neighbors(backend, extreme, d):
    """The rest keep the neighbours that they have without it."""
    x = torch.randn(300, d, dtype=torch.float64, generator=torch.Generator().manual_seed(6))
    if abs(extreme) < 1:  # all but one are tiny, the one is 1
        x, extreme = x * extreme, 1.0
    size = 2.0 ** x.abs().max().log2().round()
    distances, indices = brute_force(x / size, x / size, 4)
    spoiled = torch.cat((x, torch.full((1, d), extreme, dtype=torch.float64)))
    found = knn(spoiled, k=4, backend=backend)
    assert torch.equal(found.indices[:300], indices)
    torch.testing.assert_close(found.distances[:300], distances * size, rtol=1e-13, atol=0.0)
    assert found.indices[300, 0] == 300
    assert torch.isfinite(found.distances).all()


def test_an_extreme_value_in_one_column_equals_scikit_learn():
    x = torch.tensor([[0.0], [1.0], [3.0], [3.5], [1e200]], dtype=torch.float64)
    for backend in BACKENDS:
        found = knn(x, k=1, exclude_self=True, backend=backend)
        assert found.indices.flatten().tolist() == [1, 0, 3, 2, 0]
        assert found.distances.flatten().tolist() == [1.0, 1.0, 0.5, 0.5, 1e200]


def test_float64_from_the_smallest_to_the_largest_value():
    x = torch.tensor([5e-324, 0.0, 1e308, -1e308, 2e307], dtype=torch.float64)[:, None]
    assert knn(x, k=1, exclude_self=True).indices.flatten().tolist() == [1, 0, 4, 0, 0]
    assert knn(x[:2], k=1, exclude_self=True).distances.flatten().tolist() == [5e-324, 5e-324]


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_cosine_sees_rows_of_any_size(backend):
    x = torch.randn(200, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
    size = 2.0 ** torch.linspace(-1000, 1000, 200, dtype=torch.float64).round().roll(71)
    plain = knn(x, k=5, metric="cosine", backend=backend)
    scaled = knn(x * size[:, None], k=5, metric="cosine", backend=backend)
    assert torch.equal(plain.indices, scaled.indices)
    assert torch.equal(plain.distances, scaled.distances)
    tiny = torch.tensor([[1e-200, 0.0], [1.0, 1.0], [5e-324, 0.0]], dtype=torch.float64)
    found = knn(tiny, k=2, metric="cosine", backend=backend)
    assert found.indices.tolist() == [[0, 2], [1, 0], [0, 2]]
    assert found.distances[0].tolist() == [0.0, 0.0]


# "huge" and "tiny" are scaled before the search, in knn
@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("huge", "tiny")])
@pytest.mark.parametrize("group", [1, 2, 8, 64])
def test_tiles_do_not_change_the_result(name, group):
    rows = Rows(tables(600, 6)[name])
    problem = Problem.of(rows, rows, 5)
    usual = engine.nearest(problem)
    for symmetric in (False, True):  # with half of the products, each used twice, or all of them
        tiles = Tiles(queries=37, scores=37 * 64, group=group, symmetric=symmetric)
        small = engine.nearest(problem, "torch", tiles)
        for one, other in zip(usual, small, strict=True):
            assert torch.equal(one, other)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_property_small_tables_with_ties(data):
    n, q, d = (data.draw(st.integers(1, high)) for high in (40, 12, 4))
    k = data.draw(st.integers(1, 45))
    values = st.sampled_from([-1.0, 0.0, 0.1, 0.30000001192092896, 1.0, 1.0000001192092896, 1000.0])
    rows = st.lists(st.lists(values, min_size=d, max_size=d), min_size=n + q, max_size=n + q)
    table = torch.tensor(data.draw(rows), dtype=data.draw(st.sampled_from([torch.float32, torch.float64])))
    for backend in BACKENDS:
        assert_same(knn(table[n:], table[:n], k, backend=backend), brute_force(table[n:], table[:n], k), 2e-7)


@pytest.mark.parametrize("relation", ["any", "same", "different"])
@pytest.mark.parametrize("exclude_self", [False, True])
@pytest.mark.parametrize("name", ["gaussian", "duplicates", "equal", "whole", "decimals"])
def test_relations(name, exclude_self, relation, device):
    x = tables(300, 5)[name]
    labels = torch.tensor([3, -1, -1, 7])[(torch.arange(300) * torch.arange(300)) % 4]
    labels[:3] = 100  # a class of three, fewer than k
    equal = labels[:, None] == labels
    allowed = {"any": torch.ones_like(equal), "same": equal, "different": ~equal}[relation]
    allowed = allowed & ~torch.eye(300, dtype=torch.bool) if exclude_self else allowed
    expected = brute_force(x, x, 5, allowed=allowed)
    found = knn(x.to(device), k=5, relation=relation, query_labels=labels, exclude_self=exclude_self)
    assert_same(found, expected, 2e-7)
    if relation == "same":
        assert (found.indices[:3, 3:] == -1).all()


@pytest.mark.parametrize("relation", ["same", "different"])
def test_relations_between_two_tables(relation):
    x = tables(120, 4)["gaussian"]
    query, reference = x[:50], x[50:]
    ours, theirs = [["b", "a", "z"][i % 3] for i in range(50)], [["a", "b"][i % 2] for i in range(70)]
    equal = torch.tensor([[a == b for b in theirs] for a in ours])
    found = knn(query, reference, 4, relation=relation, query_labels=ours, reference_labels=theirs)
    assert_same(found, brute_force(query, reference, 4, allowed=equal == (relation == "same")), 2e-7)


@pytest.mark.parametrize("name", ["gaussian", "duplicates", "equal", "whole"])
@pytest.mark.parametrize("which", ["class in itself", "class in all", "overlap", "all"])
def test_neighbors_among(name, which, device):
    x = tables(260, 6)[name]
    some, part = torch.arange(5, 105, 2), torch.tensor([200, 7, 9, 30, 31])
    queries, references = {
        "class in itself": (some, some),
        "class in all": (some, None),
        "overlap": (some, part.sort()[0]),
        "all": (None, None),
    }[which]
    rows = torch.arange(260)
    q, r = (rows if index is None else index for index in (queries, references))
    distances, positions = brute_force(x[q], x[r], 7, allowed=q[:, None] != r)
    indices = torch.where(positions < 0, -1, r[positions.clamp_min(0)])
    on_device = (None if index is None else index.to(device) for index in (queries, references))
    asked, seen = on_device
    assert_same(neighbors_among(x.to(device), 7, queries=asked, references=seen), (distances, indices), 2e-7)


def test_large_and_wide_self_search_uses_each_product_twice(monkeypatch):
    """The rule turns to it by itself; every pair is multiplied once, so half of the tiles are left."""
    x = torch.randn(4200, 130, generator=torch.Generator().manual_seed(8))
    products = []
    original = torch.addmm
    monkeypatch.setattr(torch, "addmm", lambda *a, **names: products.append(1) or original(*a, **names))
    found = knn(x, k=4, backend="torch")
    assert len(products) == 6 * 7 // 2
    some = torch.arange(0, 4200, 97)
    distances, indices = brute_force(x[some], x, 4)
    assert torch.equal(found.indices[some], indices)
    torch.testing.assert_close(found.distances[some].double(), distances, rtol=2e-7, atol=0.0)

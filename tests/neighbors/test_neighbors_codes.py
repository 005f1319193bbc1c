"""Neighbours among rows of numbers and categories, against all float64 distances."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from torchsmote.neighbors import neighbors_among


def slow(X, codes, mismatch, k):
    """Squared distances summed in float64; ties to the smaller index."""
    differing = (codes[:, None] != codes[None]).sum(-1).double()
    squared = (X.double()[:, None] - X.double()[None]).square().sum(-1) + differing * mismatch**2
    squared.fill_diagonal_(torch.inf)
    squared, indices = squared.sort(dim=1, stable=True)
    return squared[:, :k].sqrt(), indices[:, :k]


def table(n, d, c, values, seed, device="cpu"):
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n, d, generator=generator, dtype=torch.float64)
    codes = torch.randint(0, values, (n, c), generator=generator) + torch.arange(c) * values
    return X.to(device), codes.to(device, torch.int32)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("d", "c", "values"), [(10, 20, 50), (3, 4, 2), (1, 1, 700), (2, 3, 3)])
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_nearest_by_numbers_and_categories(dtype, d, c, values, offset, device):
    X, codes = table(1300, d, c, values, seed=d, device=device)
    X = (X + offset).to(dtype)
    found = neighbors_among(X, 5, codes=codes, mismatch=0.8)
    distances, indices = slow(X, codes, 0.8, 5)
    assert torch.equal(found.indices, indices)
    torch.testing.assert_close(found.distances.double(), distances, rtol=1e-6, atol=1e-9)


@settings(max_examples=40)
@given(
    st.integers(2, 90),
    st.integers(1, 4),
    st.integers(1, 5),
    st.integers(1, 4),
    st.sampled_from([2.0**-40, 1.0, 2.0**100]),
    st.integers(0, 2**31),
)
def test_ties_go_to_the_smaller_index(n, d, c, values, scale, seed):
    """Whole numbers and a mismatch of 2: every sum is exact, and most distances tie."""
    X, codes = table(n, d, c, values, seed)
    X, k = X.round(), min(5, n - 1)
    distances, indices = slow(X, codes, 2.0, k)
    found = neighbors_among(X * scale, k, codes=codes, mismatch=2.0 * scale)
    assert torch.equal(found.indices, indices)
    torch.testing.assert_close(found.distances, distances * scale)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_squares_neither_overflow_nor_vanish(scale):
    X, codes = table(400, 3, 4, 5, seed=0)
    _, indices = slow(X, codes, 1.5, 4)
    assert torch.equal(neighbors_among(X * scale, 4, codes=codes, mismatch=1.5 * scale).indices, indices)


def test_some_rows_of_a_table_and_no_mismatch(device):
    X, codes = table(500, 3, 4, 5, seed=1, device=device)
    rows = torch.arange(0, 500, 3, device=device)
    found = neighbors_among(X, 3, queries=rows, references=rows, codes=codes, mismatch=0.7)
    _, indices = slow(X[rows], codes[rows], 0.7, 3)
    assert torch.equal(found.indices, rows[indices])
    without = neighbors_among(X, 3, codes=codes, mismatch=0.0)
    assert torch.equal(without.indices, neighbors_among(X, 3).indices)


@pytest.mark.parametrize("backend", ["faiss", "kdtree"])
def test_backends_that_compare_numbers_alone_say_so(backend):
    X, codes = table(50, 3, 2, 4, seed=0)
    with pytest.raises(ValueError, match=f"'{backend}' is not usable: .*categories; pass backend='auto'"):
        neighbors_among(X, 3, codes=codes, mismatch=1.0, backend=backend)

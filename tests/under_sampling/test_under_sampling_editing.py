"""Editing against a fresh float64 search for each pass; Tomek links by their definition."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from torchsmote import (
    AllKNN,
    DataWarning,
    EditedNearestNeighbours,
    NothingSampledWarning,
    RepeatedEditedNearestNeighbours,
    TomekLinks,
)
from torchsmote.under_sampling.editing import contradicted
from torchsmote.under_sampling.tomek import in_links


def order_of(X):
    """Other rows of each row by (distance, index), all of them."""
    distances = ((X[:, None].astype(np.float64) - X[None].astype(np.float64)) ** 2).sum(-1)
    np.fill_diagonal(distances, -1.0)
    return np.argsort(distances, axis=1, kind="stable")[:, 1:]


def edited(X, y, rows, classes, k, kind):
    order = order_of(X[rows])
    labels = y[rows]
    kept = []
    for place, row in enumerate(rows):
        votes = labels[order[place, :k]]
        mode = np.bincount(votes).argmax()
        if y[row] not in classes or ((votes == y[row]).all() if kind == "all" else mode == y[row]):
            kept.append(row)
    return np.array(kept, dtype=int)


tables = st.integers(0, 10_000).flatmap(
    lambda seed: st.tuples(
        st.just(seed), st.integers(12, 60), st.integers(1, 3), st.sampled_from(["all", "mode"])
    )
)


def grid_table(seed, n, d):
    """Whole numbers: many exact ties."""
    rng = np.random.RandomState(seed)
    y = rng.permutation(np.arange(n) % 5 // 3)
    return rng.randint(0, 6, (n, d)).astype(np.float32), y


@pytest.mark.filterwarnings("ignore::torchsmote.TorchSMOTEWarning")
@settings(max_examples=60)
@given(tables)
def test_growing_k_with_one_search_is_a_fresh_search_each_time(case):
    seed, n, d, kind = case
    X, y = grid_table(seed, n, d)
    sampler = AllKNN(n_neighbors=4, kind_sel=kind, allow_minority=True, sampling_strategy=[0, 1])
    rows = np.arange(n)
    for k in range(1, 5):
        if len(rows) <= k:
            with pytest.raises(ValueError, match=r"AllKNN: \d of \d+ rows are left but n_neighbors=\d needs"):
                sampler.fit_resample(X, y)
            return
        rows = edited(X, y, rows, (0, 1), k, kind)
        if len(set(y[rows])) < 2:
            break
    sampler.fit_resample(X, y)
    np.testing.assert_array_equal(np.sort(sampler.sample_indices_), rows)


@pytest.mark.filterwarnings("ignore::torchsmote.TorchSMOTEWarning")
@settings(max_examples=60)
@given(tables)
def test_repeated_passes_with_one_search_are_fresh_searches(case):
    seed, n, d, kind = case
    X, y = grid_table(seed, n, d)
    least = int((y == 1).sum())
    sampler = RepeatedEditedNearestNeighbours(sampling_strategy=[0], n_neighbors=2, kind_sel=kind)
    sampler.fit_resample(X, y)
    rows, passes = np.arange(n), 0
    while True:
        before, rows = rows, edited(X, y, rows, (0,), 2, kind)
        passes += 1
        if len(rows) == len(before) or (y[rows] == 0).sum() < least:
            break
    np.testing.assert_array_equal(np.sort(sampler.sample_indices_), rows)
    assert sampler.n_iter_ == passes


@pytest.mark.filterwarnings("ignore::torchsmote.TorchSMOTEWarning")
@given(tables)
def test_what_is_left_is_a_fixed_point(case):
    seed, n, d, kind = case
    X, y = grid_table(seed, n, d)
    renn = RepeatedEditedNearestNeighbours(sampling_strategy=[0], n_neighbors=2, kind_sel=kind)
    rows, labels = renn.fit_resample(X, y)
    if len(rows) > 3 and renn.n_iter_ > 1 and (labels == 0).sum() >= (y == 1).sum():
        again = EditedNearestNeighbours(sampling_strategy=[0], n_neighbors=2, kind_sel=kind).fit_resample(
            rows, labels
        )[0]
        np.testing.assert_array_equal(again, rows)


@given(tables)
def test_links_by_their_definition(case):
    seed, n, d, _ = case
    X, y = grid_table(seed, n, d)
    y[: n // 2] = 0
    nearest = order_of(X)[:, 0]
    expected = [nearest[nearest[row]] == row and y[nearest[row]] != y[row] for row in range(n)]
    found = in_links(torch.tensor(X), torch.tensor(y))
    assert found.tolist() == expected


@pytest.mark.parametrize("share", [0.5, 0.9, 0.97])
def test_links_by_parts_are_the_links_of_the_whole(share, device):
    rng = np.random.RandomState(1)
    X = torch.tensor(rng.randn(500, 3), device=device)
    y = torch.tensor((rng.rand(500) > share) * rng.randint(1, 4, 500), device=device)
    y[0] = 1
    nearest = order_of(X.cpu().numpy())[:, 0]
    labels = y.cpu().numpy()
    expected = (nearest[nearest] == np.arange(500)) & (labels[nearest] != labels)
    assert in_links(X, y).cpu().tolist() == expected.tolist()
    assert expected.any()


def test_a_tie_of_votes_goes_to_the_first_class():
    votes = torch.tensor([[0, 1, 1, 0], [2, 1, 1, 2]])
    assert contradicted(torch.tensor([0, 2]), votes, "mode").tolist() == [False, True]


def test_the_textbook_link():
    X = torch.tensor([[0.0], [1.0], [2.0], [2.4], [9.0]])
    y = torch.tensor([0, 0, 0, 1, 1])
    both = TomekLinks(sampling_strategy="all")
    assert both.fit_resample(X, y)[0].flatten().tolist() == [0.0, 1.0, 9.0]
    assert both.sample_indices_.tolist() == [0, 1, 4]


SEPARATE = (
    np.array([[0.0], [1.0], [2.1], [3.3], [50.0], [51.0], [52.1], [53.2]]),
    np.array(["a"] * 4 + ["b"] * 4),
)
CLEANERS = [TomekLinks, EditedNearestNeighbours, RepeatedEditedNearestNeighbours, AllKNN]


@pytest.mark.parametrize("method", CLEANERS)
def test_nothing_to_remove_is_said(method):
    X, y = SEPARATE
    sampler = method(sampling_strategy=["a"])
    with pytest.warns(NothingSampledWarning, match=rf"{method.__name__}: no row of \['a'\] had to go"):
        rows, labels = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(rows, X)
    np.testing.assert_array_equal(labels, y)


@pytest.mark.parametrize("method", CLEANERS[1:])
def test_a_class_cleaned_away_is_said(method):
    X = np.array([[0.0], [10.0], [20.0], [0.5], [1.0], [10.5], [11.0], [20.5], [21.0]])
    y = np.array(["rare"] * 3 + ["usual"] * 6)
    with pytest.warns(
        DataWarning, match=r"class 'rare' is cleaned away: none of its 3 rows.*sampling_strategy"
    ):
        _, labels = method(sampling_strategy=["rare"], n_neighbors=2).fit_resample(X, y)
    assert labels.tolist() == ["usual"] * 6


@pytest.mark.parametrize("method", CLEANERS[1:])
def test_fewer_rows_than_neighbors(method):
    X, y = SEPARATE
    with pytest.raises(
        ValueError, match=rf"{method.__name__}: .*8 rows but n_neighbors=8 needs 9; lower .* to 7"
    ):
        method(n_neighbors=8, sampling_strategy="all").fit_resample(X, y)


def test_the_neighbors_are_searched_once_where_none_is_lost(monkeypatch):
    import torchsmote.over_sampling.neighbor_search as module

    searched = []
    search = module.neighbors_among

    def counting(rows, k, *, queries=None, **options):
        searched.append(len(rows) if queries is None else len(queries))
        return search(rows, k, queries=queries, **options)

    monkeypatch.setattr(module, "neighbors_among", counting)
    rng = np.random.RandomState(0)
    y = (rng.rand(2000) < 0.1).astype(int)
    X = rng.randn(2000, 4) + 1.5 * y[:, None]
    RepeatedEditedNearestNeighbours().fit_resample(X, y)
    assert searched[0] == (y == 0).sum()
    assert sum(searched[1:]) < 0.1 * searched[0]

"""Datasets of data that grow: the recipe of a fit from the beginning, for the work of the new rows alone."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.data import TensorDataset

from torchsmote import (
    ADASYN,
    EOS,
    SMOTE,
    SMOTENC,
    BatchedFeatures,
    BorderlineSMOTE,
    IncrementalNeighbors,
    KMeansSMOTE,
    LeeSMOTE,
    RandomOverSampler,
    SafeLevelSMOTE,
    SMOTEDataset,
    SMOTESampler,
)
from torchsmote.over_sampling import growing_search
from torchsmote.over_sampling.neighbor_search import NeighborSearch

METHODS = [
    SMOTE(k_neighbors=3),
    BorderlineSMOTE(k_neighbors=3, m_neighbors=5),
    ADASYN(n_neighbors=4),
    EOS(k_neighbors=5),
    SafeLevelSMOTE(k_neighbors=3),
    LeeSMOTE(k_neighbors=3),
    RandomOverSampler(),
]


def table(seed, n, whole, dtype, scale):
    """Two classes that overlap; whole numbers tie often, and rows repeat."""
    generator = torch.Generator().manual_seed(seed)
    y = (torch.rand(n, generator=generator) < 0.3).long()
    y[:10] = torch.tensor([0, 1] * 5)
    X = torch.randn(n, 3, generator=generator) + 0.5 * y[:, None]
    return ((X * 2).round() if whole else X).to(dtype) * scale, y


def equal(one, other):
    names = ("rows", "table", "valid", "weights", "repeats", "enemies", "spans")
    values = [(getattr(one, name), getattr(other, name)) for name in names]
    return one.parts == other.parts and all((a is None and b is None) or torch.equal(a, b) for a, b in values)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
@settings(max_examples=8)
@given(
    seed=st.integers(0, 99),
    sizes=st.lists(st.integers(30, 90), min_size=2, max_size=4).map(sorted),
    whole=st.booleans(),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    scale=st.sampled_from([1.0, 1e-30, 1e30]),
)
def test_the_recipe_is_that_of_a_fit_from_the_beginning(method, seed, sizes, whole, dtype, scale):
    X, y = table(seed, 90, whole, dtype, scale)
    growing = IncrementalNeighbors(method, seed=3)
    for n in sizes:
        wrapped = TensorDataset(X[:n], y[:n])
        try:
            want = SMOTEDataset(wrapped, method, seed=3)
        except ValueError as error:  # such as a class without a border
            with pytest.raises(ValueError, match=str(error)[:20]):
                growing.dataset(wrapped)
            return
        got = growing.dataset(wrapped)
        assert equal(got.recipe, want.recipe)
        index = len(want) + len(want) - 1
        assert torch.equal(got[index][0], want[index][0])


def test_a_method_with_clusters(device):
    X, y = table(0, 120, False, torch.float32, 1.0)
    method = KMeansSMOTE(k_neighbors=2, cluster_balance_threshold=0.0, device=device)
    growing = IncrementalNeighbors(method)
    for n in (60, 120):
        want = SMOTEDataset(TensorDataset(X[:n], y[:n]), method)
        assert equal(growing.dataset(TensorDataset(X[:n], y[:n])).recipe, want.recipe)


def test_categories_that_count_are_searched_in_full():
    X, y = table(0, 80, False, torch.float32, 1.0)
    codes = (X[:, :1] > 0).long()
    rows = torch.cat((X, codes.float()), 1)
    method = SMOTENC([3], k_neighbors=3)
    growing = IncrementalNeighbors(method, features=lambda item: item[0], categorical=[1])
    for n in (50, 80):
        wrapped = TensorDataset(rows[:n], codes[:n], y[:n])
        want = SMOTEDataset(wrapped, method, features=rows[:n], categorical=[1])
        assert equal(growing.dataset(wrapped).recipe, want.recipe)


def test_only_new_rows_are_embedded_and_searched_in_full(monkeypatch):
    X, y = table(1, 90, False, torch.float32, 1.0)
    embedded, asked, compared = [], [], []
    whole, block = NeighborSearch.found, growing_search.Best.search
    monkeypatch.setattr(
        NeighborSearch,
        "found",
        lambda self, k, queries, references: (
            asked.append(queries.tolist()) or whole(self, k, queries, references)
        ),
    )
    monkeypatch.setattr(
        growing_search.Best,
        "search",
        lambda self, rows, part, **given: (
            compared.append((len(rows), len(part.rows))) or block(self, rows, part, **given)
        ),
    )

    def encode(batch):
        embedded.append(len(batch))
        return batch * 2

    growing = IncrementalNeighbors(SMOTE(k_neighbors=3), features=BatchedFeatures(encode, progress=False))
    growing.dataset(TensorDataset(X[:70], y[:70]))
    rare = (y == 1).nonzero()[:, 0]
    old, new = rare[rare < 70].tolist(), rare[rare >= 70].tolist()
    assert (embedded, asked, compared) == ([70], [old], [])
    asked.clear()
    data = growing.dataset(TensorDataset(X, y))
    assert (embedded, asked, compared) == ([70, 20], [new], [(len(old), len(new))])
    assert equal(data.recipe, SMOTEDataset(TensorDataset(X, y), SMOTE(k_neighbors=3)).recipe)
    again = growing.dataset(TensorDataset(X, y))
    assert embedded == [70, 20]
    assert equal(again.recipe, data.recipe)


def test_items_and_a_module():
    X, y = table(2, 80, False, torch.float32, 1.0)
    items = [(x, int(label)) for x, label in zip(X, y, strict=True)]
    growing = IncrementalNeighbors(
        SMOTE(k_neighbors=3), features=nn.Flatten(), soft_labels=True, num_classes=2
    )
    for n in (40, 80):
        data = growing.dataset(items[:n])
        want = SMOTEDataset(TensorDataset(X[:n], y[:n]), SMOTE(k_neighbors=3))
        assert equal(data.recipe, want.recipe)
        assert len(list(SMOTESampler(data))) == len(want)
        assert data[n][1].sum() == 1


def test_a_class_that_comes_later():
    X, y = table(3, 90, False, torch.float32, 1.0)
    y[70:] = 2
    growing = IncrementalNeighbors(SMOTE(k_neighbors=3))
    for n in (70, 90):
        want = SMOTEDataset(TensorDataset(X[:n], y[:n]), SMOTE(k_neighbors=3))
        assert equal(growing.dataset(TensorDataset(X[:n], y[:n])).recipe, want.recipe)


@pytest.mark.filterwarnings("ignore:SMOTE. class 1 has:torchsmote.exceptions.FewSamplesWarning")
def test_a_class_whose_k_grows_with_it():
    X, y = table(6, 60, False, torch.float32, 1.0)
    y[:] = torch.arange(60) % 10 == 0
    method = SMOTE(few_samples="shrink")
    growing = IncrementalNeighbors(method)
    for n, k in ((25, 2), (45, 4), (60, 5)):
        want = SMOTEDataset(TensorDataset(X[:n], y[:n]), method)
        got = growing.dataset(TensorDataset(X[:n], y[:n]))
        assert got.recipe.table.shape[1] == k
        assert equal(got.recipe, want.recipe)


def test_what_did_not_only_grow_is_refused():
    X, y = table(4, 60, False, torch.float32, 1.0)
    growing = IncrementalNeighbors(SMOTE(k_neighbors=3))
    growing.dataset(TensorDataset(X, y))
    with pytest.raises(ValueError, match=r"50 items.*60"):
        growing.dataset(TensorDataset(X[:50], y[:50]))
    with pytest.raises(ValueError, match=r"first 60 is another"):
        growing.dataset(TensorDataset(X + 1, y))
    for features in (X, X.numpy(), "pixels"):
        with pytest.raises(TypeError, match="features"):
            IncrementalNeighbors(features=features)
    for name in ("recipe", "targets", "features_cache"):
        with pytest.raises(TypeError, match=f"no `{name}`"):
            IncrementalNeighbors(**{name: None})
    assert growing.dataset(TensorDataset(X, y)).n_real == 60


def test_a_value_that_changes_what_rows_are_divided_by():
    # Beside 1e180 the squares of the others vanish in float64: so they tie, and the index decides.
    X, y = table(5, 60, False, torch.float64, 1e-200)
    X[-1] = 1e180
    growing = IncrementalNeighbors(SMOTE(k_neighbors=3))
    for n in (40, 60):
        want = SMOTEDataset(TensorDataset(X[:n], y[:n]), SMOTE(k_neighbors=3))
        assert equal(growing.dataset(TensorDataset(X[:n], y[:n])).recipe, want.recipe)
